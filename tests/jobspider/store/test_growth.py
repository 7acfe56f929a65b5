"""What an unchanged page costs, measured in the file's own bytes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from jobspider.model import Capture, FetchStatus, Figures, PlannedPage
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.replay import load_site
from jobspider.store.database import Database
from jobspider.store.writer import Writer
from tests.demodata import BUNDLED, SITE
from tests.jobspider.store.samples import DAY, MONDAY, MORNING, crawl, page

DAYS = 500
MOST_BYTES = 200
MOST_BYTES_OF_A_CHANGED_PAGE = 9 * 1024


def size_after(path: Path, days: int, newest_step: int) -> int:
    """Return the size of a database after so many crawls of one page whose as-of date moves on by so many days."""
    with Database.open(path) as database:
        # The measure is bytes, not safety: the many small syncs are left out.
        database.connection.execute("PRAGMA synchronous = OFF")
        writer = Writer(database)
        for day in range(days):
            status = crawl(writer, page(MONDAY + DAY * day * newest_step), f"day {day}", MORNING + DAY * day)
            assert status is (FetchStatus.UNCHANGED if day else FetchStatus.STORED)
        ((pages,),) = database.rows("PRAGMA page_count")
        ((page_size,),) = database.rows("PRAGMA page_size")
    return int(pages * page_size)


def test_an_unchanged_page_costs_at_most_200_bytes_beside_its_ledger(tmp_path: Path) -> None:
    # Read again with the same as-of date, a page costs its crawl and its ledger row; with a newer one, a snapshot too.
    ledger_only = size_after(tmp_path / "ledger.db", DAYS, newest_step=0)
    with_snapshots = size_after(tmp_path / "snapshots.db", DAYS, newest_step=1)
    assert 0 < (with_snapshots - ledger_only) / DAYS <= MOST_BYTES


FULLEST = ["/jobs/north%20west/backend%20developer.do", "/jobs/uk/backend%20developer.do"]


@pytest.mark.parametrize("address", FULLEST)
def test_a_changed_page_costs_at_most_9_kb_without_its_raw_page(tmp_path: Path, address: str) -> None:
    days = 60
    saved = load_site(BUNDLED / "2025-11-23").find(address)
    assert saved is not None
    url = SITE + address
    read = read_page(saved.body, url)
    with Database.open(tmp_path / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")
        writer = Writer(database)
        sizes = []
        for day in range(days):
            (key, *_) = [key for key in read.content.term.rows if key[1] == "median"]
            figures = Figures({**read.content.term.rows, key: (Decimal(60_000 + day), None, None)})
            what = replace(read, as_of=read.as_of + timedelta(days=day), content=replace(read.content, term=figures))
            crawl_id = writer.begin_crawl(f"{day}", "roles", MORNING, "0.1.0", [PlannedPage(url, read.subject)])
            capture = Capture(url, b"%d" % day, sha256(b"%d" % day).hexdigest(), MORNING)
            assert writer.store_page(crawl_id, url, what, capture, PARSER_VERSION, 200) is FetchStatus.STORED
            sizes.append(database.rows("PRAGMA page_count")[0][0] * 4096)
    assert 0 < (sizes[-1] - sizes[9]) / (days - 10) <= MOST_BYTES_OF_A_CHANGED_PAGE
