"""SIGTERM and SIGINT end a crawl within seconds, whatever it is waiting for."""

import asyncio
import signal
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals

from jobspider.addon import run_of
from jobspider.politeness import Pace, of_crawl

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_GRACE_SECONDS: Final = 3.0
"""How long an answer that is on its way may take to arrive and be stored; a crawl must end within five."""


class Stopping:
    """Scrapy extension: on a signal, waits end at once, and an answer that does not come is given up.

    Scrapy by itself first waits for the request at hand, however long its pause or its answer takes; a second signal
    makes it stop where it is. Here that second signal is our own, a few seconds after the first.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._run = run_of(crawler)
        self._scrapys: dict[int, Any] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it, and have it begin when Scrapy has set its own handlers."""
        stopping = cls(crawler)
        crawler.signals.connect(stopping.opened, signal=signals.spider_opened)
        return stopping

    def opened(self) -> None:
        """Stand in front of Scrapy's handlers."""
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._scrapys[number] = signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self._run.is_interrupted = True
        self._loop.call_soon_threadsafe(self._end, number)
        self._scrapys[number](number, frame)

    def _end(self, number: int) -> None:
        of_crawl(self._crawler, Pace).interrupt()
        self._loop.call_later(_GRACE_SECONDS, signal.raise_signal, number)
