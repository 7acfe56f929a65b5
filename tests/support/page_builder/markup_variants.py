"""Other markup for the same page: text to text. What a reader sees stays the same, but for white space."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_CLASS_OR_ID: Final = re.compile(r"""\s(?:class|id)=(?:"[^"]*"|'[^']*')""")
_BREAK: Final = re.compile(r"\s*\n\s*|(?<=>)(?=<)")
_ARROW: Final = re.compile(r'<span class="rankChg [a-zA-Z]+" title="([^"]+)"></span>')
_FIRST_CELL: Final = re.compile(r"<tr([^>]*)>(\s*)<td>([^<]*)</td>")
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


def words_in_rank_changes(html: str) -> str:
    """Say a rank change in words before its figure, as the site has done since April 2026: ``Up 4 places+4``."""
    return _ARROW.sub(r"<span>\1</span>", html)


def names_as_headers(html: str) -> str:
    """Let the first cell of every row of figures be a ``th``."""
    return _FIRST_CELL.sub(r"<tr\1>\2<th scope=row>\3</th>", html)


def of_2026(html: str) -> str:
    """Bring together what is known of the markup of 2022 to 2026."""
    return sup_in_labels(words_in_rank_changes(names_as_headers(html)))


MARKUPS: Final[Mapping[str, Callable[[str], str]]] = {
    "2020": str,
    "bare": strip_classes_and_ids,
    "re-indented": reindent,
    "nested": wrap_tables_in_tables,
    "2022": sup_in_labels,
    "2026": of_2026,
}
"""The ways to mark up one page that the tests know, by name."""

TRANSFORMATIONS: Final[tuple[Callable[[str], str], ...]] = (
    strip_classes_and_ids,
    reindent,
    wrap_tables_in_tables,
    sup_in_labels,
)
