"""Other markup for the same page: text to text. What a reader sees stays the same, but for white space."""

import re
from collections.abc import Callable
from typing import Final

_CLASS_OR_ID: Final = re.compile(r"""\s(?:class|id)=(?:"[^"]*"|'[^']*')""")
_BREAK: Final = re.compile(r"\s*\n\s*|(?<=>)(?=<)")
_ORDINAL: Final = re.compile(r"\b(\d+)(st|nd|rd|th)(?= Percentile)")


def strip_classes_and_ids(html: str) -> str:
    """Take every class and id away."""
    return _CLASS_OR_ID.sub("", html)


def reindent(html: str) -> str:
    """Put every tag that follows another on a line of its own, as a formatter does."""
    return _BREAK.sub("\n      ", html)


def wrap_tables_in_tables(html: str) -> str:
    """Set every table in a layout table of one cell."""
    return html.replace("<table", "<table><tr><td><table").replace("</table>", "</table></td></tr></table>")


def sup_in_labels(html: str) -> str:
    """Write ``10<sup>th</sup> Percentile``, as the site did in 2022."""
    return _ORDINAL.sub(r"\1<sup>\2</sup>", html)


TRANSFORMATIONS: Final[tuple[Callable[[str], str], ...]] = (
    strip_classes_and_ids,
    reindent,
    wrap_tables_in_tables,
    sup_in_labels,
)
