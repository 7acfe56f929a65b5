"""What several pages of a market index say together: whether rows were lost between them, and what moved.

The site numbers its rows anew when it recalculates; whoever pages at that moment sees some twice and others never
(observed in 2025).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from jobspider.model import AuditFinding, MarketPage, MarketRow
from jobspider.pages.market_index import ROWS_PER_PAGE

if TYPE_CHECKING:
    from datetime import date

MoverMetric = Literal["rank", "median", "vacancies"]


class MarketListAudit:
    """The pages of one index in the order in which they are read."""

    def __init__(self) -> None:
        self._page_of: dict[str, int] = {}
        self._total: int | None = None
        self._as_of: date | None = None
        self._read: set[int] = set()

    def add(self, page: MarketPage) -> tuple[AuditFinding, ...]:
        """Take the next page in, and return what shows that rows were lost before it; such a page is not taken in."""
        findings = tuple(self._findings(page))
        if not findings:
            self._page_of |= {row.name: page.market.page for row in page.rows}
            self._as_of, self._total = page.as_of, page.total
            self._read.add(page.market.page)
        return findings

    def _findings(self, page: MarketPage) -> Iterable[AuditFinding]:
        if self._as_of is not None and page.as_of != self._as_of:
            yield AuditFinding("index_paging", f"rows as of {self._as_of}, like the page before", f"as of {page.as_of}")
        if None not in (self._total, page.total) and page.total != self._total:
            yield AuditFinding("index_paging", f"{self._total} rows in all, like the page before", f"{page.total}")
        again = [row.name for row in page.rows if row.name in self._page_of]
        if again:
            where = f"{again[0]!r} again, {len(again)} in all"
            yield AuditFinding("index_paging", f"no row of page {self._page_of[again[0]]}", where)
        is_last = self._read == set(range(1, page.market.page)) and page.market.page == page.pages
        seen = len(self._page_of) + len(page.rows)
        if is_last and not again and page.total is not None and seen != page.total:
            yield AuditFinding("index_paging", f"{page.total} rows in all, as printed", f"{seen}")


def next_page_numbers(page: MarketPage, wanted: int) -> range:
    """Return the numbers of the pages that are to be read after this one.

    Args:
        page: The page that was read.
        wanted: How many pages of the index are, at most.
    """
    number = page.market.page
    if page.pages is None:
        has_more = number < wanted and len(page.rows) >= ROWS_PER_PAGE
        return range(number + 1, number + 1 + has_more)
    # The first page tells of all the others at once.
    return range(2, min(wanted, page.pages) + 1) if number == 1 else range(0)


def is_last_page(page: MarketPage) -> bool:
    """Tell whether an index ends with a page, as far as the page lets one know."""
    return len(page.rows) < ROWS_PER_PAGE if page.pages is None else page.market.page >= page.pages


def contains_rows(
    rows: Iterable[MarketRow],
    known: Mapping[str, MarketRow],
    *,
    from_the_top: bool = False,
    to_the_end: bool = False,
) -> bool:
    """Tell whether a list says all that some rows say, whatever their live jobs.

    Args:
        rows: What was read.
        known: The list.
        from_the_top: The rows are the first of their list, so one of ``known`` that they pass over has left it. Equal
            ranks stand in any order: of the last one it cannot be said.
        to_the_end: With ``from_the_top``: they are the whole list.
    """
    read = {row.name: row for row in rows}
    if any(name not in known or _figures(row) != _figures(known[name]) for name, row in read.items()):
        return False
    if not from_the_top:
        return True
    last = max((row.rank for row in read.values()), default=0)
    return all(name in read or (row.rank >= last and not to_the_end) for name, row in known.items())


def _figures(row: MarketRow) -> MarketRow:
    return row._replace(live_jobs=None)


@dataclass(frozen=True, slots=True)
class Mover:
    """A term at two dates. ``size`` is what it moved: places (positive is up), percent of the median, or ads."""

    old: MarketRow
    new: MarketRow
    size: Decimal


def find_movers(old: Mapping[str, MarketRow], new: Mapping[str, MarketRow], by: MoverMetric) -> tuple[Mover, ...]:
    """Return the terms of both dates that moved, the largest move first; equal ones in the order of the new ranks."""
    moves = [
        Mover(old[name], row, size)
        for name, row in new.items()
        if name in old and (size := _size(old[name], row, by)) is not None and size
    ]
    return tuple(sorted(moves, key=lambda move: (-abs(move.size), move.new.rank, move.new.name)))


def _size(old: MarketRow, new: MarketRow, by: MoverMetric) -> Decimal | None:
    if by == "rank":
        return Decimal(old.rank - new.rank)
    if by == "vacancies":
        return Decimal(new.vacancies - old.vacancies)
    if old.median is None or new.median is None or not old.median:
        return None
    return (new.median / old.median - 1) * 100
