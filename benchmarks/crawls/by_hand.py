"""Reading and storing by themselves: each page is stored when it has been read, and there is no crawl around it.

A thousand pages that are read and then stored cost an eighth less, for the processor's caches hold one program at a
time; no crawl can have that, where pages come one by one.
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from benchmarks.crawls.alone import COUNT
from jobspider import pages
from jobspider.model import Capture, PlannedPage
from jobspider.site.urls import make_subject, subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support import large_site

_NOW = datetime(2025, 11, 24, tzinfo=UTC)


class ByHand:
    """Reads and stores the pages of a site, in an open database."""

    def __init__(self, database: Database, count: int) -> None:
        subjects = [make_subject("permanent", large_site.REGION, large_site.term(number)) for number in range(count)]
        self._plan = [PlannedPage(subject_url(of), of) for of in subjects]
        self._writer = Writer(database)
        self._crawl_id = self._writer.begin_crawl("by hand", "roles", _NOW, "0", self._plan)

    def keep(self, number: int, body: bytes) -> None:
        """Read the page with this number, and store it."""
        url = self._plan[number].url
        page = pages.accept(pages.read_page(body, url))
        capture = Capture(url, body, sha256(body).hexdigest(), _NOW)
        self._writer.store_page(self._crawl_id, url, page, capture, pages.PARSER_VERSION, 200)


def main() -> None:
    """Read and store every page that the configuration here watches."""
    with Database.open(Path("jobspider.db")) as database:
        by_hand = ByHand(database, COUNT)
        for number in range(COUNT):
            by_hand.keep(number, large_site.body(number))


if __name__ == "__main__":
    main()
