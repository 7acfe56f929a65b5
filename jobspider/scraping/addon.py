"""The one door between a crawl's conduct and Scrapy: a run goes in, settings come out.

What is set here wins over the command line too: no ``-s`` switches a manner off. ``settings.py`` has none of its keys.
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

_ABOVE_THE_COMMAND_LINE: Final = SETTINGS_PRIORITIES["cmdline"] + 10
_MOST_BYTES: Final = 10 * 1024 * 1024
"""A role page is about 110 KB (2020); what is a hundred times larger is no role page."""
_MOST_RETRIES: Final = 2
_MOST_REDIRECTS: Final = 4


@dataclass(eq=False)
class StopSignal:
    """Whether a signal has asked a crawl to end.

    ``end`` is called with each signal from the moment on when there is something to end; one that came earlier has only
    been noted.
    """

    is_asked: bool = False
    end: Callable[[int], object] | None = None


@dataclass(eq=False)
class CrawlContext:
    """What the conduct of a crawl hands to its edges. ``clock`` returns the present in UTC.

    ``pending`` holds what of the plan is still to be asked, and grows where a page says how many follow it.
    ``read_before`` counts the pages of the plan as configured that were read earlier today and are not asked again;
    ``alone_until`` is a moment in UTC before which the site has asked an earlier crawl to ask for nothing, if it has;
    ``jitter`` is where back-off takes its chance from. What comes back: ``close_reason``, Scrapy's word for why the
    spider was closed, ``None`` if it was never opened; ``is_interrupted``, whether a signal has asked it to end; and
    ``store_failure``, why nothing more could be kept, ``None`` if all was.
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
        """Whether a signal has asked the crawl to end."""
        return self.interruption.is_asked

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: Scrapy copies its settings deeply, and a database handle cannot be doubled."""
        return self


def context_of(crawler: "Crawler") -> CrawlContext:
    """Return the run that a crawler was started for.

    Raises:
        RuntimeError: It was started by other means than this project's commands.
    """
    run = crawler.settings.get(RUN_SETTING)
    if not isinstance(run, CrawlContext):
        raise RuntimeError("a crawl is started with 'scrapy crawl' or 'jobspider crawl', which plan and judge it")  # noqa: TRY004 - not a caller's type error
    return run


class JobspiderAddon:
    """Turns the configuration into Scrapy's settings: the manners, the cache, the bounds."""

    def __init__(self, run: CrawlContext) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build the add-on for a crawler's run."""
        return cls(context_of(crawler))

    def update_settings(self, settings: "BaseSettings") -> None:
        """Write the settings that follow from the configuration."""
        config = self.run.config
        for key, value in {
            "USER_AGENT": f"jobspider/{__version__} (+mailto:{config.site.contact})",
            # The floor; `politeness.Pace` waits longer where robots.txt or an answer asks for it.
            "DOWNLOAD_DELAY": config.crawl.delay_seconds,
            "DOWNLOAD_DELAY_JITTER": 0,
            # The per-domain limit alone lets the start requests queue up in flight; this one does not.
            "CONCURRENT_REQUESTS": 1,
            # A page gives one item; Scrapy would start a hundred workers for it.
            "CONCURRENT_ITEMS": 1,
            "ROBOTSTXT_OBEY": True,
            # Rules are read in the name that the request is sent in.
            "ROBOTSTXT_USER_AGENT": None,
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            "DOWNLOAD_MAXSIZE": _MOST_BYTES,
            "DOWNLOAD_WARNSIZE": 0,
            "DOWNLOAD_TIMEOUT": config.crawl.page_timeout_seconds,
            "CLOSESPIDER_TIMEOUT": config.crawl.timeout_minutes * 60,
            # Scrapy's own asks again at once, whatever Retry-After says; `politeness.Retry` stands in its place.
            "RETRY_ENABLED": False,
            "RETRY_TIMES": _MOST_RETRIES,
            "RETRY_HTTP_CODES": [408, 429, 500, 502, 503, 504],
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_POLICY": "jobspider.scraping.http_cache.RevalidatePolicy",
            "HTTPCACHE_STORAGE": "jobspider.scraping.http_cache.FileCacheStorage",
            "HTTPCACHE_DIR": str(config.database_path.with_name("httpcache").absolute()),
            "HTTPCACHE_EXPIRATION_SECS": config.store.keep_pages_days * 24 * 60 * 60,
            "REDIRECT_MAX_TIMES": _MOST_REDIRECTS,
            # A challenge sends its visitor on so; it is an answer to be judged, not a way to go.
            "METAREFRESH_ENABLED": False,
            "COOKIES_ENABLED": False,
            "REFERRER_POLICY": "no-referrer",
        }.items():
            settings.set(key, value, priority=_ABOVE_THE_COMMAND_LINE)
