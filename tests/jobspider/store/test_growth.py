"""What an unchanged page costs, measured in the file's own bytes."""

from pathlib import Path

from jobspider.model import FetchStatus
from jobspider.store.database import Database
from jobspider.store.writer import Writer
from tests.jobspider.store.samples import DAY, MONDAY, MORNING, crawl, page

DAYS = 500
MOST_BYTES = 200


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
