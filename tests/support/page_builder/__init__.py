"""Rebuild pages of the site from their figures: the one source of the HTML under ``fixtures/``.

``python -m tests.support.page_builder`` writes every committed page anew from the data beside it.
"""

from tests.support.page_builder.document import Document, dump_document, load_document
from tests.support.page_builder.label_wordings import AUTUMN_2025, SPRING_2025, WORDINGS, Wording
from tests.support.page_builder.role_page import build_page

__all__ = [
    "AUTUMN_2025",
    "SPRING_2025",
    "WORDINGS",
    "Document",
    "Wording",
    "build_page",
    "dump_document",
    "load_document",
]
