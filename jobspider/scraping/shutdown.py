"""End a crawl within seconds of SIGTERM or SIGINT, whatever it waits for."""

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

_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_GRACE_SECONDS: Final = 3.0
"""Time for a pending response to arrive and be stored; a crawl must end within five seconds."""

_log = logging.getLogger(__name__)


@contextmanager
def handle_stop_signals() -> Iterator[StopSignal]:
    """Treat SIGTERM and SIGINT as interruption of the crawl inside the context, and restore the handlers after it.

    One handler covers the whole crawl, so that no signal arrives between two handlers. After an interruption it stays
    installed: the process is ending, and a second Ctrl-C must not interrupt its last output.
    """
    interruption = StopSignal()

    def handle_signal(number: int, frame: FrameType | None) -> None:
        del frame
        interruption.is_asked = True
        if interruption.end is not None:
            interruption.end(number)

    previous = {number: signal.signal(number, handle_signal) for number in _STOP_SIGNALS}
    try:
        yield interruption
    finally:
        if not interruption.is_asked:
            for number, handler in previous.items():
                signal.signal(number, handler)


class GracefulShutdown:
    """Scrapy extension that ends all waits on a signal and gives up a response that does not arrive.

    A few seconds after the first signal, or at a second one, the crawl is cancelled.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._interruption = context_of(crawler).interruption
        self._loop = asyncio.get_running_loop()
        # Scrapy creates its extensions inside the task of the crawl.
        self._crawling = asyncio.current_task()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the extension; it starts when the spider is opened."""
        extension = cls(crawler)
        crawler.signals.connect(extension.opened, signal=signals.spider_opened)
        return extension

    def opened(self) -> None:
        """Handle signals from now on; an earlier signal closes the spider before its first request."""
        self._interruption.end = lambda number: self._loop.call_soon_threadsafe(self._end, number)
        if self._interruption.is_asked:
            raise CloseSpider("shutdown")

    def _end(self, number: int) -> None:
        if self._stopping is not None or not self._crawler.engine.running:
            self._cancel()
            return
        _log.info("Received %s: the crawl ends; a second signal cancels it", signal.Signals(number).name)
        middleware_of(self._crawler, RateLimitMiddleware).interrupt()
        self._stopping = self._loop.create_task(self._crawler.stop_async())
        self._loop.call_later(_GRACE_SECONDS, self._cancel)

    def _cancel(self) -> None:
        for task in (self._stopping, self._crawling):
            if task is not None:
                task.cancel()
