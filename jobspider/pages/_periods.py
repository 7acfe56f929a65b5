"""Parse the dates on a page: "6 months to 13 Oct 2025", "Same period 2024"."""

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
    """A period of some months and its end date."""

    months: int
    ends: date


class Period(NamedTuple):
    """The header row of table 1, the blocks before it, and the windows of its three columns."""

    above: Sequence[Block]
    row: Row
    window: Window
    years: tuple[int, int, int]


def is_header(row: Row) -> bool:
    """Return whether a row is the header of a statistics table: "6 months to 13 Oct 2025" in the second cell."""
    return _WINDOW.fullmatch(row.cells[1]) is not None


def find_window(text: str) -> Window | None:
    """Return the first window in a text, or ``None``.

    Raises:
        PageContentError: The date of the window does not exist.
    """
    match = _WINDOW.search(text)
    return _window(match) if match else None


def find_period(outline: Outline) -> Period | None:
    """Return the header of table 1, or ``None`` if the page has none.

    Raises:
        PageContentError: There are several, or the header has an unknown format.
    """
    headers = [row for row in outline.rows if is_header(row)]
    if not headers:
        return None
    if len(headers) > 1:
        raise PageContentError("one table with a header like '6 months to 13 Oct 2025'", f"{len(headers)} of them")
    (row,) = headers
    match = _WINDOW.fullmatch(row.cells[1])
    earlier = [_SAME_PERIOD.fullmatch(cell) for cell in row.cells[2:]]
    if len(row.cells) != _COLUMNS or not match or not all(earlier):
        raise PageContentError("the columns '6 months to ...', 'Same period ...', 'Same period ...'", quote(row.cells))
    window = _window(match)
    now, last, before_last = window.ends.year, *(int(year[1]) for year in earlier if year)
    if (last, before_last) != (now - 1, now - 2):
        raise PageContentError(f"the same period {now - 1} and {now - 2}", quote(row.cells))
    return Period(outline.blocks_before(row), row, window, (now, last, before_last))


def _window(match: re.Match[str]) -> Window:
    name = match[3].lower()
    months = _MONTHS if len(name) == len(_MONTHS[0]) else _FULL_MONTHS
    try:
        return Window(int(match[1]), date(int(match[4]), months.index(name) + 1, int(match[2])))
    except ValueError as error:
        raise PageContentError("a date like 13 Oct 2025", quote(match[0])) from error
