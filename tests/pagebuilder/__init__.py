"""Rebuild pages of the site from their figures: the one source of the HTML under ``fixtures/``.

``python -m tests.pagebuilder`` writes every committed page anew from the data beside it.
"""

from tests.pagebuilder.document import Document, dump_document, load_document
from tests.pagebuilder.page import build_page
from tests.pagebuilder.wording import AUTUMN_2025, SPRING_2025, WORDINGS, Wording

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
