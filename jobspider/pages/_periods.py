"""The dates that a page prints: "6 months to 13 Oct 2025", "Same period 2024"."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from jobspider.pages._parse_errors import PageContentError, quote
from jobspider.pages.html.outline import Block, Outline, Row

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_WINDOW: Final = re.compile(
    r"\b([0-9]{1,2}) months (?:leading (?:up )?)?to ([0-9]{1,2}) ([a-z]+) ([0-9]{4})\b", re.IGNORECASE
)
_SAME_PERIOD: Final = re.compile(r"same period ([0-9]{4})", re.IGNORECASE)
_COLUMNS: Final = 4  # the label and three windows


class Window(NamedTuple):
    """A number of months and the date on which they end."""

    months: int
    ends: date


class Period(NamedTuple):
    """Table 1's header row, what stands above it, and the three windows of its columns."""

    above: Sequence[Block]
    row: Row
    window: Window
    years: tuple[int, int, int]


def is_header(row: Row) -> bool:
    """Tell whether a row heads columns of figures: its second cell is like "6 months to 13 Oct 2025"."""
    return _WINDOW.fullmatch(row.cells[1]) is not None


def window_in(text: str) -> Window | None:
    """Return the first window that a text names, or ``None`` if it names none.

    Raises:
        UnexpectedError: It names one whose date does not exist.
    """
    found = _WINDOW.search(text)
    return _window(found) if found else None


def find_period(outline: Outline) -> Period | None:
    """Return table 1's header row, or ``None`` if the page has none.

    Raises:
        UnexpectedError: There is more than one, or it is not as known.
    """
    headers = [row for row in outline.rows if is_header(row)]
    if not headers:
        return None
    if len(headers) > 1:
        raise PageContentError("one table with a header like '6 months to 13 Oct 2025'", f"{len(headers)} of them")
    (row,) = headers
    found = _WINDOW.fullmatch(row.cells[1])
    earlier = [_SAME_PERIOD.fullmatch(cell) for cell in row.cells[2:]]
    if len(row.cells) != _COLUMNS or not found or not all(earlier):
        raise PageContentError("the columns '6 months to ...', 'Same period ...', 'Same period ...'", quote(row.cells))
    window = _window(found)
    now, one, two = window.ends.year, *(int(year[1]) for year in earlier if year)
    if (one, two) != (now - 1, now - 2):
        raise PageContentError(f"the same period {now - 1} and {now - 2}", quote(row.cells))
    return Period(outline.blocks_before(row), row, window, (now, one, two))


def _window(found: re.Match[str]) -> Window:
    name = found[3].lower()
    months = _MONTHS if len(name) == len(_MONTHS[0]) else _FULL_MONTHS
    try:
        return Window(int(found[1]), date(int(found[4]), months.index(name) + 1, int(found[2])))
    except ValueError as error:
        raise PageContentError("a date like 13 Oct 2025", quote(found[0])) from error
