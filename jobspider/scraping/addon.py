"""Scrapy add-on: derive Scrapy's settings from the crawl context.

These settings take precedence over the command line, so that ``-s`` cannot disable the crawling rules. ``settings.py``
sets none of the same keys.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from scrapy.settings import SETTINGS_PRIORITIES

from jobspider import __version__
from jobspider.config import CrawlConfig
from jobspider.errors import StoreError
from jobspider.model import PlannedPage
from jobspider.store.database import Database

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

RUN_SETTING: Final = "JOBSPIDER_RUN"

_ABOVE_CMDLINE_PRIORITY: Final = SETTINGS_PRIORITIES["cmdline"] + 10
_MAX_BYTES: Final = 10 * 1024 * 1024
"""A role page has about 110 KB (2020); a response a hundred times as large is not one."""
_MAX_RETRIES: Final = 2
_MAX_REDIRECTS: Final = 4


@dataclass(eq=False)
class StopSignal:
    """Whether a signal has requested the end of a crawl.

    ``end`` is called with the number of each signal once it is set; an earlier signal is only recorded.
    """

    is_asked: bool = False
    end: Callable[[int], object] | None = None


@dataclass(eq=False)
class CrawlContext:
    """State that a crawl shares with Scrapy components. ``clock`` returns the current time in UTC.

    ``pending`` are the pages of the plan that were not requested yet; a first page of an index adds the following ones.
    ``already_read`` counts planned pages that were read earlier today and are not requested again.
    ``retry_after_until`` is the time in UTC until which the site asked an earlier crawl to wait. ``jitter`` is the
    source of randomness for the back-off. Results: ``close_reason`` is Scrapy's reason for closing the spider, ``None``
    if it was never opened; ``store_failure`` is the error after which nothing more could be stored.
    """

    config: CrawlConfig
    database: Database
    crawl_id: int
    token: str
    plan: tuple[PlannedPage, ...]
    clock: Callable[[], datetime]
    already_read: int = 0
    retry_after_until: datetime | None = None
    jitter: random.Random = field(default_factory=random.SystemRandom)
    close_reason: str | None = None
    interruption: StopSignal = field(default_factory=StopSignal)
    store_failure: StoreError | None = None
    pending: deque[PlannedPage] = field(init=False)

    def __post_init__(self) -> None:
        self.pending = deque(self.plan)

    @property
    def is_interrupted(self) -> bool:
        """Whether a signal has requested the end of the crawl."""
        return self.interruption.is_asked

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: Scrapy deep-copies its settings, and a database connection cannot be copied."""
        return self


def context_of(crawler: "Crawler") -> CrawlContext:
    """Return the context of the crawl that a crawler runs.

    Raises:
        RuntimeError: The crawler was not started by a command of this project.
    """
    context = crawler.settings.get(RUN_SETTING)
    if not isinstance(context, CrawlContext):
        raise RuntimeError("a crawl is started with 'scrapy crawl' or 'jobspider crawl', which plan and judge it")  # noqa: TRY004 - not a caller's type error
    return context


class JobspiderAddon:
    """Converts the configuration to Scrapy settings: crawling rules, cache, limits."""

    def __init__(self, run: CrawlContext) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the add-on for a crawler."""
        return cls(context_of(crawler))

    def update_settings(self, settings: "BaseSettings") -> None:
        """Set the settings that depend on the configuration."""
        config = self.run.config
        for key, value in {
            "USER_AGENT": f"jobspider/{__version__} (+mailto:{config.site.contact})",
            # The minimum; RateLimitMiddleware waits longer if robots.txt or a response demands it.
            "DOWNLOAD_DELAY": config.crawl.delay_seconds,
            "DOWNLOAD_DELAY_JITTER": 0,
            # The limit per domain would still allow several start requests at once.
            "CONCURRENT_REQUESTS": 1,
            # A page yields one item; by default Scrapy starts a hundred workers.
            "CONCURRENT_ITEMS": 1,
            "ROBOTSTXT_OBEY": True,
            # Match the rules against the user agent that is sent.
            "ROBOTSTXT_USER_AGENT": None,
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            "DOWNLOAD_MAXSIZE": _MAX_BYTES,
            "DOWNLOAD_WARNSIZE": 0,
            "DOWNLOAD_TIMEOUT": config.crawl.page_timeout_seconds,
            "CLOSESPIDER_TIMEOUT": config.crawl.timeout_minutes * 60,
            # Scrapy's middleware ignores Retry-After; RetryMiddleware replaces it.
            "RETRY_ENABLED": False,
            "RETRY_TIMES": _MAX_RETRIES,
            "RETRY_HTTP_CODES": [408, 429, 500, 502, 503, 504],
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_POLICY": "jobspider.scraping.http_cache.RevalidatePolicy",
            "HTTPCACHE_STORAGE": "jobspider.scraping.http_cache.FileCacheStorage",
            "HTTPCACHE_DIR": str(config.database_path.with_name("httpcache").absolute()),
            "HTTPCACHE_EXPIRATION_SECS": config.store.keep_pages_days * 24 * 60 * 60,
            "REDIRECT_MAX_TIMES": _MAX_REDIRECTS,
            # Challenge pages use meta refresh; they must be recognised, not followed.
            "METAREFRESH_ENABLED": False,
            "COOKIES_ENABLED": False,
            "REFERRER_POLICY": "no-referrer",
        }.items():
            settings.set(key, value, priority=_ABOVE_CMDLINE_PRIORITY)
