"""The rows of market indexes: written a page at a time with the page's ledger row, read back as of a date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from jobspider import addresses
from jobspider.model import TOP_LIST, Capture, FetchStatus, JobType, Market, MarketPage, MarketRow, PlannedPage
from jobspider.store import times
from jobspider.store.captures import keep_capture
from jobspider.store.database import Database
from jobspider.store.rows import decimal_of
from jobspider.store.writer import End, settle

_LIST: Final = "(job_type, region, window_months) = (?, ?, ?)"
_COLUMNS: Final = "name, url, rank, rank_change, median, median_change, vacancies, share, live_jobs"
# Where an index was read twice as of one date, what was read last.
_ROWS: Final = f"""
SELECT {_COLUMNS} FROM (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY crawl_id DESC) AS age
    FROM market_rows WHERE {_LIST} AND as_of = ?)
WHERE age = 1 ORDER BY rank, name
"""  # noqa: S608 - put together from constants; nothing comes from outside


class Markets:
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

        ``STORED``: its rows are new. ``UNCHANGED``: they were all read before as of this date, but for their live jobs.
        ``STALE``: rows as of a later date are there already; only the ledger learns of these.

        Raises:
            ValueError: The page was not planned or has ended before.
        """
        key = _key(page.market)
        as_of = page.as_of.isoformat()
        with self._database.immediate() as connection:
            ((newest,),) = connection.execute(f"SELECT max(as_of) FROM market_rows WHERE {_LIST}", key)  # noqa: S608 - a constant
            known = {row[0]: row[:-1] for row in connection.execute(_ROWS, (*key, as_of))}
            rows = [_row(row) for row in page.rows]
            status, reason = FetchStatus.STORED, ""
            if newest is not None and as_of < newest:
                status, reason = FetchStatus.STALE, f"as of {as_of}; rows as of {newest} are stored"
            elif all(known.get(row[0]) == row[:-1] for row in rows):
                status = FetchStatus.UNCHANGED
            else:
                connection.executemany(
                    f"INSERT INTO market_rows (crawl_id, job_type, region, window_months, as_of, {_COLUMNS})"  # noqa: S608 - a constant
                    f" VALUES (?, ?, ?, ?, ?{', ?' * 9})",
                    [(crawl_id, *key, as_of, *row) for row in rows],
                )
            settle(connection, crawl_id, url, End(status, reason, http_status, capture.fetched_at, capture.sha256))
            keep_capture(connection, capture)
            connection.executemany(
                "INSERT INTO fetches (crawl_id, url, status) VALUES (?, ?, 'planned')",
                [(crawl_id, each.url) for each in following],
            )
            connection.execute(
                "UPDATE crawls SET pages_planned = pages_planned + ? WHERE id = ?", (len(following), crawl_id)
            )
        return status

    def dates(self, market: Market) -> tuple[date, ...]:
        """Return the dates as of which an index is stored, the newest first; the market's page does not matter."""
        rows = self._database.rows(
            f"SELECT DISTINCT as_of FROM market_rows WHERE {_LIST} ORDER BY as_of DESC",  # noqa: S608 - a constant
            _key(market),
        )
        return tuple(date.fromisoformat(as_of) for (as_of,) in rows)

    def readings(self) -> tuple[tuple[Market, date], ...]:
        """Return every index and date as of which it is stored, in that order; an index is named by its first page."""
        rows = self._database.rows(
            "SELECT DISTINCT job_type, region, window_months, as_of FROM market_rows ORDER BY 1, 2, 3, 4"
        )
        return tuple(
            (Market(JobType(job_type), region, window_months), date.fromisoformat(as_of))
            for job_type, region, window_months, as_of in rows
        )

    def rows(self, market: Market, as_of: date) -> dict[str, MarketRow]:
        """Return the rows of an index as of a date by their names, the most sought first."""
        found = self._database.rows(_ROWS, (*_key(market), as_of.isoformat()))
        return {row[0]: _market_row(row) for row in found}

    def names_in(self, category: str) -> frozenset[str]:
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
            (TOP_LIST,),
        )
        return tuple(name for (name,) in rows)

    def read_since(self, moment: datetime) -> tuple[dict[Market, str], ...]:
        """Return the pages of each index of which a crawl begun since ``moment`` has read all that it meant to.

        A page leads to the digest of its capture.
        """
        rows = self._database.rows(
            "SELECT crawl_id, url, status, sha256 FROM fetches JOIN crawls ON crawls.id = crawl_id"
            " WHERE started_at >= ? AND subject_id IS NULL",
            (times.to_text(moment),),
        )
        read: dict[tuple[int, Market], dict[Market, str]] = defaultdict(dict)
        broken: set[tuple[int, Market]] = set()
        for crawl_id, url, status, sha256 in rows:
            page = addresses.market_of(url)
            index = (crawl_id, replace(page, page=1))
            read[index][page] = sha256
            if not FetchStatus(status).was_read:
                broken.add(index)
        return tuple(pages for index, pages in read.items() if index not in broken)


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
        decimal_of(median),
        decimal_of(median_change),
        vacancies,
        decimal_of(share),
        live_jobs,
    )
