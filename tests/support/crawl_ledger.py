"""What the database says of a crawl, for tests."""

from pathlib import Path

from jobspider.model import CrawlRecord, LedgerRow
from jobspider.store.database import Database
from jobspider.store.reader import Reader


def outcome(folder: Path) -> CrawlRecord:
    """Return the last crawl of the database in a folder, whole or not; each of its pages has one status."""
    with Database.open(folder / "jobspider.db", read_only=True) as database:
        ((token,),) = database.rows("SELECT token FROM crawls ORDER BY id DESC LIMIT 1")
        found = Reader(database).crawl(token)
    assert found is not None
    assert sum(found.counts.values()) == len(found.ledger)
    return found


def row_of(found: CrawlRecord, address: str) -> LedgerRow:
    """Return the ledger row of the page at an address of the site."""
    (row,) = (row for row in found.ledger if row.url.endswith(address))
    return row
