"""The one door between a crawl's conduct and Scrapy: a run goes in, settings come out.

Scrapy lets project settings win over an add-on's, so every key set here is left out of ``settings.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from jobspider import __version__
from jobspider.config import CrawlConfig
from jobspider.model import PlannedPage
from jobspider.store.database import Database

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

RUN_SETTING: Final = "JOBSPIDER_RUN"

_MOST_BYTES: Final = 10 * 1024 * 1024
"""A role page is about 110 KB (2020); what is a hundred times larger is no role page."""
_TIMEOUT_SECONDS: Final = 30
_MOST_RETRIES: Final = 2


@dataclass(eq=False)
class Run:
    """What the conduct of a crawl hands to its edges. ``clock`` returns the present in UTC.

    ``close_reason`` is the one thing that comes back: Scrapy's word for why the spider was closed.
    """

    config: CrawlConfig
    database: Database
    crawl_id: int
    token: str
    plan: tuple[PlannedPage, ...]
    clock: Callable[[], datetime]
    close_reason: str = "never started"

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: Scrapy copies its settings deeply, and a database handle cannot be doubled."""
        return self


def run_of(crawler: "Crawler") -> Run:
    """Return the run that a crawler was started for.

    Raises:
        RuntimeError: It was started by other means than this project's commands.
    """
    run = crawler.settings.get(RUN_SETTING)
    if not isinstance(run, Run):
        raise RuntimeError("a crawl is started with 'scrapy crawl' or 'jobspider crawl', which plan and judge it")  # noqa: TRY004 - not a caller's type error
    return run


class JobspiderAddon:
    """Turns the configuration into Scrapy's settings: the manners, the cache, the bounds."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build the add-on for a crawler's run."""
        return cls(run_of(crawler))

    def update_settings(self, settings: "BaseSettings") -> None:
        """Write the settings that follow from the configuration."""
        config = self.run.config
        for key, value in {
            "USER_AGENT": f"jobspider/{__version__} (+mailto:{config.site.contact})",
            "DOWNLOAD_DELAY": config.crawl.delay_seconds,
            "DOWNLOAD_DELAY_JITTER": 0,
            # The per-domain limit alone lets the start requests queue up in flight; this one does not.
            "CONCURRENT_REQUESTS": 1,
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            "DOWNLOAD_MAXSIZE": _MOST_BYTES,
            "DOWNLOAD_WARNSIZE": 0,
            "DOWNLOAD_TIMEOUT": _TIMEOUT_SECONDS,
            "CLOSESPIDER_TIMEOUT": config.crawl.timeout_minutes * 60,
            "RETRY_TIMES": _MOST_RETRIES,
            # 429 is no fault to try again at once but a wish to be left alone; the pipeline stops the crawl.
            "RETRY_HTTP_CODES": [408, 500, 502, 503, 504],
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
            "HTTPCACHE_DIR": str(config.database_path.with_name("httpcache").absolute()),
            "COOKIES_ENABLED": False,
            "REFERRER_POLICY": "no-referrer",
        }.items():
            settings.set(key, value, priority="addon")
