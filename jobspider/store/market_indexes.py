"""The rows of market indexes: written a page at a time with the page's ledger row, read back as of a date.

A list is what one crawl has read of an index: rows of two moments do not make one. So the rows of a crawl are kept all,
or, where all its pages were read and say nothing new, not at all.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from jobspider.model import TOP_SKILLS_LIST, Capture, FetchStatus, JobType, Market, MarketPage, MarketRow, PlannedPage
from jobspider.pages.market_lists import contains_rows, is_last_page
from jobspider.site import urls
from jobspider.store import timestamps
from jobspider.store.captures import store_capture
from jobspider.store.content_rows import to_decimal
from jobspider.store.crawl_writer import FetchResult, set_fetch_result
from jobspider.store.database import Database

_LIST: Final = "(job_type, region, window_months) = (?, ?, ?)"
_COLUMNS: Final = "name, url, rank, rank_change, median, median_change, vacancies, share, live_jobs"
_CRAWLS: Final = f"""
SELECT id FROM crawls
WHERE EXISTS (SELECT 1 FROM market_rows WHERE crawl_id = crawls.id AND {_LIST} AND as_of = ?) ORDER BY id DESC
"""  # noqa: S608 - put together from a constant; nothing comes from outside
_ROWS: Final = f"""
SELECT {_COLUMNS} FROM market_rows WHERE crawl_id = ? AND {_LIST} AND as_of = ? ORDER BY rank, name
"""  # noqa: S608 - likewise
_END: Final = "UPDATE fetches SET status = ? WHERE (crawl_id, url) = (?, ?)"


class MarketIndexStore:
    """Market indexes in an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store_page(
        self,
        crawl_id: int,
        url: str,
        page: MarketPage,
        capture: Capture,
        http_status: int,
        following: Sequence[PlannedPage] = (),
    ) -> FetchStatus:
        """Store a page that was read and audited, plan those that follow it, and return where it ended.

        ``STORED``: its rows are new. ``UNCHANGED``: they stand in the newest whole list as of this date, but for their
        live jobs; where a later page of the index brings something new, it becomes ``STORED`` with that one.
        ``STALE``: rows as of a later date are there already; only the ledger learns of these.

        Raises:
            ValueError: The page was not planned or has ended before.
        """
        key = _key(page.market)
        as_of = page.as_of.isoformat()
        with self._database.immediate() as connection:
            ((newest,),) = connection.execute(f"SELECT max(as_of) FROM market_rows WHERE {_LIST}", key)  # noqa: S608 - a constant
            known = self._complete_list(page.market, page.as_of) or {}
            status, reason = FetchStatus.STORED, ""
            if newest is not None and as_of < newest:
                status, reason = FetchStatus.STALE, f"as of {as_of}; rows as of {newest} are stored"
            else:
                connection.executemany(
                    f"INSERT INTO market_rows (crawl_id, job_type, region, window_months, as_of, {_COLUMNS})"  # noqa: S608 - a constant
                    f" VALUES (?, ?, ?, ?, ?{', ?' * 9})",
                    [(crawl_id, *key, as_of, *_row(row)) for row in page.rows],
                )
                if contains_rows(page.rows, known):
                    status = FetchStatus.UNCHANGED
            set_fetch_result(
                connection, crawl_id, url, FetchResult(status, reason, http_status, capture.fetched_at, capture.sha256)
            )
            store_capture(connection, capture)
            connection.executemany(
                "INSERT INTO fetches (crawl_id, url, status) VALUES (?, ?, 'planned')",
                [(crawl_id, each.url) for each in following],
            )
            connection.execute(
                "UPDATE crawls SET pages_planned = pages_planned + ? WHERE id = ?", (len(following), crawl_id)
            )
            return self._finish_list(connection, crawl_id, page, known) or status

    def dates(self, market: Market) -> tuple[date, ...]:
        """Return the dates as of which an index is stored, the newest first; the market's page does not matter."""
        rows = self._database.rows(
            f"SELECT DISTINCT as_of FROM market_rows WHERE {_LIST} ORDER BY as_of DESC",  # noqa: S608 - a constant
            _key(market),
        )
        return tuple(date.fromisoformat(as_of) for (as_of,) in rows)

    def stored_dates(self) -> tuple[tuple[Market, date], ...]:
        """Return every index and date as of which it is stored, in that order; an index is named by its first page."""
        rows = self._database.rows(
            "SELECT DISTINCT job_type, region, window_months, as_of FROM market_rows ORDER BY 1, 2, 3, 4"
        )
        return tuple(
            (Market(JobType(job_type), region, window_months), date.fromisoformat(as_of))
            for job_type, region, window_months, as_of in rows
        )

    def rows(self, market: Market, as_of: date) -> dict[str, MarketRow]:
        """Return the rows of an index as of a date by their names, the most sought first: those of one list.

        It is the newest whose pages were all read; where there is none, as much as was read of the newest.
        """
        found = self._complete_list(market, as_of)
        if found is None:
            found = next((self._rows_of(crawl_id, market, as_of) for crawl_id in self._crawls(market, as_of)), {})
        return found

    def terms_in_category(self, category: str) -> frozenset[str]:
        """Return the terms that stored pages list under a category, or whose own page names it; all in lower case.

        Case does not matter.
        """
        rows = self._database.rows(
            "SELECT lower(name) FROM skill_names WHERE lower(list) = lower(:category)"
            " UNION SELECT lower(term_name) FROM subjects WHERE lower(category) = lower(:category)",
            {"category": category},
        )
        return frozenset(name for (name,) in rows if name)

    def categories(self) -> tuple[str, ...]:
        """Return every category that a stored page names."""
        rows = self._database.rows(
            "SELECT DISTINCT list FROM skill_names WHERE list <> ?"
            " UNION SELECT category FROM subjects WHERE category IS NOT NULL ORDER BY 1",
            (TOP_SKILLS_LIST,),
        )
        return tuple(name for (name,) in rows)

    def read_since(self, moment: datetime) -> tuple[dict[Market, str], ...]:
        """Return the pages of each index of which the newest crawl begun since ``moment`` has read all it meant to.

        One that was interrupted before it came to an index says nothing of it. A page leads to the digest of its
        capture.
        """
        rows = self._database.rows(
            "SELECT crawl_id, url, status, sha256 FROM fetches JOIN crawls ON crawls.id = crawl_id"
            " WHERE started_at >= ? AND subject_id IS NULL",
            (timestamps.to_text(moment),),
        )
        crawls: dict[Market, dict[int, dict[Market, tuple[FetchStatus, str]]]] = defaultdict(lambda: defaultdict(dict))
        for crawl_id, url, status, sha256 in rows:
            page = urls.parse_market_url(url)
            crawls[replace(page, page=1)][crawl_id][page] = FetchStatus(status), sha256
        newest = []
        for readings in crawls.values():
            asked = [each for each in readings if {end for end, _ in readings[each].values()} != {FetchStatus.PLANNED}]
            if asked:
                newest.append(readings[max(asked)])
        return tuple(
            {page: sha256 for page, (_, sha256) in pages.items()}
            for pages in newest
            if all(end.is_success for end, _ in pages.values())
        )

    def _crawls(self, market: Market, as_of: date) -> tuple[int, ...]:
        """Return the crawls that have left rows of an index as of a date, the newest first."""
        return tuple(crawl_id for (crawl_id,) in self._database.rows(_CRAWLS, (*_key(market), as_of.isoformat())))

    def _rows_of(self, crawl_id: int, market: Market, as_of: date) -> dict[str, MarketRow]:
        found = self._database.rows(_ROWS, (crawl_id, *_key(market), as_of.isoformat()))
        return {row[0]: _market_row(row) for row in found}

    def _statuses(self, crawl_id: int, market: Market) -> dict[str, FetchStatus]:
        """Return where a crawl's pages of an index ended, by their addresses."""
        rows = self._database.rows(
            "SELECT url, status FROM fetches WHERE crawl_id = ? AND subject_id IS NULL", (crawl_id,)
        )
        index = replace(market, page=1)
        return {url: FetchStatus(status) for url, status in rows if _index_of(url) == index}

    def _complete_list(self, market: Market, as_of: date) -> dict[str, MarketRow] | None:
        """Return the newest list of an index as of a date whose pages were all read, or ``None`` if there is none."""
        crawls = self._crawls(market, as_of)
        for place, crawl_id in enumerate(crawls):
            ends = set(self._statuses(crawl_id, market).values())
            if ends == {FetchStatus.STORED}:
                return self._rows_of(crawl_id, market, as_of)
            # The first versions kept of a list only the pages that were new; the other rows stand with earlier crawls.
            # Which page a row stood on is not known, so they make up the list only where no term was read twice.
            if ends == {FetchStatus.STORED, FetchStatus.UNCHANGED}:
                parts = [self._rows_of(each, market, as_of) for each in crawls[place:]]
                rows = sorted((row for part in parts for row in part.values()), key=lambda row: (row.rank, row.name))
                listed = {row.name: row for row in rows}
                if len(listed) == len(rows):
                    return listed
        return None

    def _finish_list(
        self, connection: sqlite3.Connection, crawl_id: int, page: MarketPage, known: Mapping[str, MarketRow]
    ) -> FetchStatus | None:
        """Once all pages of an index were read, keep the list whole if it says anything new, else nothing of it.

        Returns:
            Where its pages have ended, or ``None`` while some are left or where one was not read.
        """
        ends = self._statuses(crawl_id, page.market)
        if not all(end.is_success for end in ends.values()):
            return None
        read = self._rows_of(crawl_id, page.market, page.as_of)
        if contains_rows(read.values(), known, from_the_top=True, to_the_end=is_last_page(page)):
            status = FetchStatus.UNCHANGED
            connection.execute(
                f"DELETE FROM market_rows WHERE crawl_id = ? AND {_LIST}",  # noqa: S608 - a constant
                (crawl_id, *_key(page.market)),
            )
        else:
            status = FetchStatus.STORED
        connection.executemany(_END, [(status.value, crawl_id, url) for url, end in ends.items() if end is not status])
        return status


@lru_cache(maxsize=4096)
def _index_of(url: str) -> Market:
    """Return an index by the address of one of its pages."""
    return replace(urls.parse_market_url(url), page=1)


def _key(market: Market) -> tuple[str, str, int]:
    return market.job_type.value, market.region, market.window_months


def _row(row: MarketRow) -> tuple[Any, ...]:
    median, change, share = (
        None if each is None else float(each) for each in (row.median, row.median_change, row.share)
    )
    return row.name, row.url, row.rank, row.rank_change, median, change, row.vacancies, share, row.live_jobs


def _market_row(row: tuple[Any, ...]) -> MarketRow:
    name, url, rank, rank_change, median, median_change, vacancies, share, live_jobs = row
    return MarketRow(
        name,
        url,
        rank,
        rank_change,
        to_decimal(median),
        to_decimal(median_change),
        vacancies,
        to_decimal(share),
        live_jobs,
    )
