"""Compare pages of a market index: detect rows lost between pages, and find terms that moved between two dates.

The site renumbers the rows when it recalculates. A crawl at that moment gets some rows twice and misses others
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
    """Audits the pages of one index, in the order in which they are parsed."""

    def __init__(self) -> None:
        self._page_numbers: dict[str, int] = {}
        self._total: int | None = None
        self._as_of: date | None = None
        self._numbers: set[int] = set()

    def add(self, page: MarketPage) -> tuple[AuditFinding, ...]:
        """Add the next page. If rows were lost before it, return the findings and do not add the page."""
        findings = tuple(self._findings(page))
        if not findings:
            self._page_numbers |= {row.name: page.market.page for row in page.rows}
            self._as_of, self._total = page.as_of, page.total
            self._numbers.add(page.market.page)
        return findings

    def _findings(self, page: MarketPage) -> Iterable[AuditFinding]:
        if self._as_of is not None and page.as_of != self._as_of:
            yield AuditFinding("index_paging", f"rows as of {self._as_of}, like the page before", f"as of {page.as_of}")
        if None not in (self._total, page.total) and page.total != self._total:
            yield AuditFinding("index_paging", f"{self._total} rows in all, like the page before", f"{page.total}")
        repeated = [row.name for row in page.rows if row.name in self._page_numbers]
        if repeated:
            where = f"{repeated[0]!r} again, {len(repeated)} in all"
            yield AuditFinding("index_paging", f"no row of page {self._page_numbers[repeated[0]]}", where)
        is_last = self._numbers == set(range(1, page.market.page)) and page.market.page == page.pages
        total = len(self._page_numbers) + len(page.rows)
        if is_last and not repeated and page.total is not None and total != page.total:
            yield AuditFinding("index_paging", f"{page.total} rows in all, as printed", f"{total}")


def next_page_numbers(page: MarketPage, wanted: int) -> range:
    """Return the numbers of the pages to fetch after this one.

    Args:
        page: The parsed page.
        wanted: The maximum number of pages of the index.
    """
    number = page.market.page
    if page.pages is None:
        has_more = number < wanted and len(page.rows) >= ROWS_PER_PAGE
        return range(number + 1, number + 1 + has_more)
    # The first page schedules all other pages.
    return range(2, min(wanted, page.pages) + 1) if number == 1 else range(0)


def is_last_page(page: MarketPage) -> bool:
    """Return whether the page is the last of its index, as far as the page shows it."""
    return len(page.rows) < ROWS_PER_PAGE if page.pages is None else page.market.page >= page.pages


def contains_rows(
    rows: Iterable[MarketRow],
    known: Mapping[str, MarketRow],
    *,
    from_the_top: bool = False,
    to_the_end: bool = False,
) -> bool:
    """Return whether a stored list contains all new rows with equal figures. Live jobs are ignored.

    Args:
        rows: The new rows.
        known: The stored list by name.
        from_the_top: The new rows start at the top of the list, so a stored row that is missing among them has left the
            list. Rows of equal rank have no fixed order, so this does not apply to the last rank.
        to_the_end: With ``from_the_top``: the new rows are the complete list.
    """
    new = {row.name: row for row in rows}
    if any(name not in known or _figures(row) != _figures(known[name]) for name, row in new.items()):
        return False
    if not from_the_top:
        return True
    last = max((row.rank for row in new.values()), default=0)
    return all(name in new or (row.rank >= last and not to_the_end) for name, row in known.items())


def _figures(row: MarketRow) -> MarketRow:
    return row._replace(live_jobs=None)


@dataclass(frozen=True, slots=True)
class Mover:
    """A term at two dates. ``size`` is its change: places (positive is up), percent of the median, or ads."""

    old: MarketRow
    new: MarketRow
    size: Decimal


def find_movers(old: Mapping[str, MarketRow], new: Mapping[str, MarketRow], by: MoverMetric) -> tuple[Mover, ...]:
    """Return the terms of both dates that changed, sorted by size of the change, then by new rank."""
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
