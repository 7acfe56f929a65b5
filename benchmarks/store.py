"""What storing a page costs beside raw SQL, and what an unchanged page costs in bytes: ``python benchmarks/store.py``.

The reference writes the very rows that ``store_page`` left, ready made, with ``executemany`` in one transaction a page,
under the same pragmas. Both are timed within one run, so their ratio depends little on the machine. For the ratio the
raw page is a few bytes, so that it compares rows with rows; what compressing a whole page adds is told by itself.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from jobspider.model import Basis, Capture, CrawlVerdict, Figures, PlannedPage, RolePage
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.writer import Writer

CASE = Path(__file__).parents[1] / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23"
URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
FIRST = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)
DAYS = 200
MOST_TIMES_RAW = 2.0
TABLES = ("contents", "figures", "locations", "skills", "snapshots", "live_jobs", "captures")


def days(page: RolePage, body: bytes) -> Iterator[tuple[RolePage, Capture]]:
    """Yield a page and its bytes day by day; each day has another median and other bytes."""
    for day in range(DAYS):
        rows = {**page.content.term.rows, (Basis.ANNUAL, "median"): (Decimal(60_000 + day), None, None)}
        content = replace(page.content, term=Figures(rows))
        bytes_of_day = body + b"<!-- %d -->" % day
        fetched_at = FIRST + timedelta(days=day)
        yield (
            replace(page, as_of=page.as_of + timedelta(days=day), content=content),
            Capture(URL, bytes_of_day, sha256(bytes_of_day).hexdigest(), fetched_at),
        )


def stored(database: Database, page: RolePage, body: bytes) -> list[float]:
    """Store every day's page and return the seconds that each took."""
    writer = Writer(database)
    seconds = []
    for number, (what, capture) in enumerate(days(page, body)):
        crawl_id = writer.begin_crawl(str(number), "roles", capture.fetched_at, "0", [PlannedPage(URL, page.subject)])
        began = perf_counter()
        writer.store_page(crawl_id, URL, what, capture, PARSER_VERSION, 200)
        seconds.append(perf_counter() - began)
        writer.finish_crawl(crawl_id, capture.fetched_at, CrawlVerdict.COMPLETE)
    return seconds


def rows_by_day(database: Database) -> list[dict[str, list[tuple[Any, ...]]]]:
    """Return what the store holds, by day and table."""
    found = []
    for snapshot_id, content_id, capture in database.rows("SELECT id, content_id, sha256 FROM snapshots ORDER BY id"):
        keys = {"contents": ("id", content_id), "captures": ("sha256", capture), "snapshots": ("id", snapshot_id)}
        keys["live_jobs"] = ("snapshot_id", snapshot_id)
        tables = {table: keys.get(table, ("content_id", content_id)) for table in TABLES}
        found.append(
            {
                table: database.rows(f"SELECT * FROM {table} WHERE {column} = ?", (value,))  # noqa: S608 - from above
                for table, (column, value) in tables.items()
            }
        )
    return found


def written_raw(source: Database, target: Database) -> list[float]:
    """Write every day's rows into a second database, and return the seconds that each day took."""
    connection = target.connection
    for table in ("subjects", "crawls"):
        _write(target, table, source.rows(f"SELECT * FROM {table}"))  # noqa: S608 - from above
    _write(
        target, "fetches", source.rows("SELECT crawl_id, url, subject_id, 'planned', NULL, '', NULL, NULL FROM fetches")
    )
    ends = source.rows("SELECT status, http_status, fetched_at, sha256, crawl_id, url FROM fetches ORDER BY crawl_id")
    seconds = []
    for tables, end in zip(rows_by_day(source), ends, strict=True):
        began = perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in tables.items():
            _write(target, table, rows)
        connection.executemany(
            "UPDATE fetches SET status = ?, http_status = ?, fetched_at = ?, sha256 = ? WHERE crawl_id = ? AND url = ?",
            [end],
        )
        connection.execute("COMMIT")
        seconds.append(perf_counter() - began)
    return seconds


def _write(database: Database, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        database.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - from above


def read_back(database: Database) -> float:
    """Read every snapshot, and return the seconds that one took."""
    reader = Reader(database)
    began = perf_counter()
    for snapshot_id in range(1, DAYS + 1):
        reader.snapshot(snapshot_id)
    return (perf_counter() - began) / DAYS


def main() -> int:
    """Print the figures, and return 1 if the budget is overrun."""
    body = (CASE / "page.html").read_bytes()
    page = read_page(body, URL)
    with (
        TemporaryDirectory() as folder,
        Database.open(Path(folder) / "rows.db") as rows,
        Database.open(Path(folder) / "raw.db") as raw,
        Database.open(Path(folder) / "pages.db") as pages,
    ):
        with_rows = median(stored(rows, page, b"<html>"))
        reference = median(written_raw(rows, raw))
        with_page = median(stored(pages, page, body))
        read = read_back(pages)
        ((written,),) = rows.rows("SELECT (SELECT count(*) FROM skills) + (SELECT count(*) FROM figures)")
    ratio = with_rows / reference
    print(f"{DAYS} days of a page of {len(body):,} bytes and {written // DAYS} figures and skills; medians a page")
    print(f"raw executemany                  {reference * 1000:6.2f} ms")
    print(f"store_page, rows only            {with_rows * 1000:6.2f} ms = {ratio:.2f} x raw (budget {MOST_TIMES_RAW})")
    print(f"store_page, with the raw page    {with_page * 1000:6.2f} ms")
    print(f"read a snapshot back             {read * 1000:6.2f} ms")
    return int(ratio > MOST_TIMES_RAW)


if __name__ == "__main__":
    sys.exit(main())
