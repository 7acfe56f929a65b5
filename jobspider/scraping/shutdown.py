"""SIGTERM and SIGINT end a crawl within seconds, whatever it is waiting for, and whether or not it has begun to ask."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider

from jobspider.scraping.addon import StopSignal, context_of
from jobspider.scraping.middlewares import RateLimitMiddleware, middleware_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_GRACE_SECONDS: Final = 3.0
"""How long an answer that is on its way may take to arrive and be stored; a crawl must end within five."""

_log = logging.getLogger(__name__)


@contextmanager
def handle_stop_signals() -> Iterator[StopSignal]:
    """Take SIGTERM and SIGINT as a crawl's interruption while inside, and leave them as they were.

    One handler for all of a crawl: between two that follow each other a signal could be taken for something else. After
    an interruption it stays: the process is on its way out, and a second Ctrl-C is not to break into its closing words.
    """
    interruption = StopSignal()

    def asked(number: int, frame: FrameType | None) -> None:
        del frame
        interruption.is_asked = True
        if interruption.end is not None:
            interruption.end(number)

    before = {number: signal.signal(number, asked) for number in _ENDING}
    try:
        yield interruption
    finally:
        if not interruption.is_asked:
            for number, handler in before.items():
                signal.signal(number, handler)


class GracefulShutdown:
    """Scrapy extension: on a signal, waits end at once, and an answer that does not come is given up.

    A few seconds after the first signal, or with a second one, the crawl stops where it is.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._interruption = context_of(crawler).interruption
        self._loop = asyncio.get_running_loop()
        # Scrapy makes its extensions within the task that is the crawl.
        self._crawling = asyncio.current_task()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it, and have it begin when there is a spider to be closed."""
        stopping = cls(crawler)
        crawler.signals.connect(stopping.opened, signal=signals.spider_opened)
        return stopping

    def opened(self) -> None:
        """Hear of every signal from now on; one that came before closes the spider before it has asked for anything."""
        self._interruption.end = lambda number: self._loop.call_soon_threadsafe(self._end, number)
        if self._interruption.is_asked:
            raise CloseSpider("shutdown")

    def _end(self, number: int) -> None:
        if self._stopping is not None or not self._crawler.engine.running:
            self._stop_here()
            return
        _log.info("Received %s: the crawl ends; a second one ends it where it is", signal.Signals(number).name)
        middleware_of(self._crawler, RateLimitMiddleware).interrupt()
        self._stopping = self._loop.create_task(self._crawler.stop_async())
        self._loop.call_later(_GRACE_SECONDS, self._stop_here)

    def _stop_here(self) -> None:
        for task in (self._stopping, self._crawling):
            if task is not None:
                task.cancel()
