"""What a service lives among where no real crawl is needed: a clock that is set, and pages read in this process."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from alerts.service.context import House
from alerts.service.crawl_process import Spider
from jobspider import pages
from jobspider.crawl import Order, Wanted, finish, new_token, running
from jobspider.model import Capture, CrawlOutcome, FetchStatus
from jobspider.store.crawl_writer import Writer
from jobspider.urls import SITE
from tests.support.soak.pages import page, watches

WATCHES: Final = watches(SITE)
PLENTY: Final = 10**12


@dataclass
class World:
    """The clock, the site and the machine."""

    folder: Path
    now: datetime
    is_site_down: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(8))  # noqa: S311 - chance that can be repeated

    def clock(self) -> datetime:
        """Return the present."""
        return self.now

    def free_bytes(self, path: Path) -> int:
        """Return how much space is left."""
        del path
        return PLENTY

    def crawl(self, house: House, spider: Spider, **asked: str) -> CrawlOutcome:
        """Crawl in this process, as the child would; or a page that is asked for by name, as a person would."""
        del spider
        wanted = Wanted.EVERYTHING if asked else Wanted.CONTINUED
        with running(house.config, Order(new_token(), arguments=asked, wanted=wanted), self.clock) as run:
            writer = Writer(run.database)
            for planned in run.pending:
                assert planned.subject is not None
                if self.is_site_down:
                    status = FetchStatus.FETCH_FAILED
                    writer.record_failure(run.crawl_id, planned.url, status, "no answer", None, self.now)
                    continue
                body = page(planned.subject, self.now.date())
                capture = Capture(planned.url, body, sha256(body).hexdigest(), self.now)
                read = pages.accept(pages.read_page(body, planned.url))
                writer.store_page(run.crawl_id, planned.url, read, capture, pages.PARSER_VERSION, 200)
            return finish(run)
