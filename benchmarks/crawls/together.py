"""Scrapy alone, reading and storing in one program: a spider that keeps what it fetches, and no conduct around it."""

from pathlib import Path
from typing import Any

from scrapy.http import Response

from benchmarks.crawls import alone
from benchmarks.crawls.by_hand import ByHand
from jobspider.store.database import Database
from tests.support import large_site


class Together(alone.Alone):
    """Reads and stores each page in its callback."""

    name = "together"
    by_hand: ByHand

    def parse(self, response: Response, **_: Any) -> None:
        """Keep it."""
        number = large_site.number_of(response.url)
        assert number is not None, "nothing else was asked for"
        self.by_hand.keep(number, response.body)


if __name__ == "__main__":
    with Database.open(Path("jobspider.db")) as database:
        Together.by_hand = ByHand(database, alone.COUNT)
        alone.crawl(Together)
