"""What a service lives among where no real crawl is needed: a clock that is set, and pages read in this process."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from alerts.service.context import ServiceContext
from alerts.service.crawl_process import Spider
from jobspider import pages
from jobspider.crawl import CrawlRequest, CrawlScope, crawl_context, finish_crawl, new_token
from jobspider.model import Capture, CrawlRecord, FetchStatus
from jobspider.site.urls import SITE
from jobspider.store.crawl_writer import Writer
from tests.support.soak.pages import page, watches

WATCHES: Final = watches(SITE)
PLENTY: Final = 10**12


@dataclass
class FakeService:
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

    def crawl(self, context: ServiceContext, spider: Spider, **asked: str) -> CrawlRecord:
        """Crawl in this process, as the child would; or a page that is asked for by name, as a person would."""
        del spider
        wanted = CrawlScope.EVERYTHING if asked else CrawlScope.RESUME_INTERRUPTED
        with crawl_context(
            context.config, CrawlRequest(new_token(), arguments=asked, wanted=wanted), self.clock
        ) as run:
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
            return finish_crawl(run)
