"""What storing a page costs beside raw SQL: ``python benchmarks/store.py``; the sizes are told by ``sizes.py``.

The reference writes the very rows that ``store_page`` left, ready made, with ``executemany`` in one transaction a page,
under the same pragmas; names of skills, which come once and stay, are there before. Both are timed within one run, so
their ratio depends little on the machine. For the ratio the raw page is a few bytes: it compares rows with rows. What
compressing a whole page adds is told by itself.
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

from jobspider.model import Basis, Capture, CrawlResult, Figures, PlannedPage, RolePage
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader

CASE = Path(__file__).parents[1] / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23"
URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
FIRST = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)
DAYS = 200
MOST_TIMES_RAW = 2.0
TABLES = ("contents", "figures", "locations", "skill_shares", "snapshots", "live_jobs", "captures")


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


def stored(database: Database, page: RolePage, body: bytes) -> Iterator[float]:
    """Store day by day, and yield the seconds that each page took."""
    writer = Writer(database)
    for number, (what, capture) in enumerate(days(page, body)):
        crawl_id = writer.begin_crawl(str(number), "roles", capture.fetched_at, "0", [PlannedPage(URL, page.subject)])
        began = perf_counter()
        writer.store_page(crawl_id, URL, what, capture, PARSER_VERSION, 200)
        seconds = perf_counter() - began
        writer.finish_crawl(crawl_id, capture.fetched_at, CrawlResult.COMPLETE)
        yield seconds


def written_raw(source: Database, target: Database) -> float:
    """Write the rows of the source's newest day into a second database, and return the seconds that it took."""
    connection = target.connection
    snapshot_id, content_id, sha256_of, crawl_id = source.rows(
        "SELECT id, content_id, sha256, crawl_id FROM snapshots ORDER BY id DESC LIMIT 1"
    )[0]
    for table, column, known in (("subjects", "id", 1), ("crawls", "id", crawl_id), ("skill_names", "1", 1)):
        if table == "crawls" or not target.rows(f"SELECT 1 FROM {table}"):  # noqa: S608 - from above
            _write(target, table, source.rows(f"SELECT * FROM {table} WHERE {column} = ?", (known,)))  # noqa: S608 - likewise
    planned = "SELECT crawl_id, url, subject_id, 'planned', NULL, '', NULL, NULL FROM fetches WHERE crawl_id = ?"
    _write(target, "fetches", source.rows(planned, (crawl_id,)))
    end = source.rows(
        "SELECT status, http_status, fetched_at, sha256, crawl_id, url FROM fetches WHERE crawl_id = ?", (crawl_id,)
    )
    keys: dict[str, tuple[str, object]] = {
        "contents": ("id", content_id),
        "captures": ("sha256", sha256_of),
        "snapshots": ("id", snapshot_id),
        "live_jobs": ("snapshot_id", snapshot_id),
    }
    tables = {table: keys.get(table, ("content_id", content_id)) for table in TABLES}
    rows = {
        table: source.rows(f"SELECT * FROM {table} WHERE {column} = ?", (value,))  # noqa: S608 - likewise
        for table, (column, value) in tables.items()
    }
    began = perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        _write(target, table, rows[table])
    connection.executemany(
        "UPDATE fetches SET status = ?, http_status = ?, fetched_at = ?, sha256 = ? WHERE crawl_id = ? AND url = ?", end
    )
    connection.execute("COMMIT")
    return perf_counter() - began


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
        # In turn, so that a busy moment of the disk meets both.
        pairs = [(seconds, written_raw(rows, raw)) for seconds in stored(rows, page, b"<html>")]
        with_rows, reference = map(median, zip(*pairs, strict=True))
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
