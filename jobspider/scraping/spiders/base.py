"""What both spiders do: ask for each planned page once, one after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from jobspider.model import FetchStatus
from jobspider.scraping.addon import context_of
from jobspider.scraping.items import FetchedPage, FetchFailure
from jobspider.scraping.middlewares import (
    InterruptedCrawlError,
    OtherHostError,
    RequestNotSentError,
    error_text,
    middleware_of,
)
from jobspider.scraping.robots import RobotsRequiredMiddleware

_PAGE_DONE_SIGNALS: Final = (signals.item_scraped, signals.item_dropped, signals.item_error, signals.spider_error)


class PlannedPagesSpider(scrapy.Spider):
    """Fetches every pending page of its run, in their order.

    The next page is asked for when the one before has ended in the ledger, so that a refusal stops the crawl before
    another request is on its way, and a crash loses one page at most.
    """

    page_done: asyncio.Event

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider and let it know when a page has ended."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.page_done = asyncio.Event()
        for signal in _PAGE_DONE_SIGNALS:
            crawler.signals.connect(spider.page_ended, signal=signal)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for each page; what the last one has added to those pending is asked for too."""
        pending = context_of(self.crawler).pending
        while pending:
            page = pending.popleft()
            self.page_done.clear()
            yield scrapy.Request(
                page.url, callback=self.parse, errback=self.handle_error, cb_kwargs={"planned": page}, dont_filter=True
            )
            await self.page_done.wait()

    def page_ended(self) -> None:
        """Let the next page be asked for."""
        self.page_done.set()

    def parse(self, response: Response, planned: Any) -> Iterator[FetchedPage]:
        """Hand on what was answered."""
        yield FetchedPage(planned, response.status, response.body, context_of(self.crawler).clock())

    def handle_error(self, failure: Any) -> Iterator[FetchFailure]:
        """Hand on why there was no answer; ``failure`` is a Twisted failure that knows its request."""
        request, error = failure.request, failure.value
        if isinstance(error, InterruptedCrawlError):
            return  # it stays planned, for the next crawl
        status = FetchStatus.FETCH_FAILED
        if isinstance(error, RequestNotSentError):
            status = error.status
        elif isinstance(error, IgnoreRequest) and not isinstance(error, OtherHostError):
            # Or it was sent from page to page without end.
            is_denied = middleware_of(self.crawler, RobotsRequiredMiddleware).denies(request.url)
            status = FetchStatus.ROBOTS_DENIED if is_denied else status
        yield FetchFailure(request.cb_kwargs["planned"], status, error_text(error), context_of(self.crawler).clock())
