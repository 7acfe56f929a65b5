"""Base class of the spiders: request each planned page once, one after the other."""

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
    """Fetches the pending pages of its crawl in order.

    The next page is requested when the previous one has its final status in the ledger. So a refusal stops the crawl
    before another request is sent, and a crash loses at most one page.
    """

    page_done: asyncio.Event

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Create the spider and connect the signals that end a page."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.page_done = asyncio.Event()
        for signal in _PAGE_DONE_SIGNALS:
            crawler.signals.connect(spider.page_ended, signal=signal)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Request each pending page, including those that the pipeline adds."""
        pending = context_of(self.crawler).pending
        while pending:
            page = pending.popleft()
            self.page_done.clear()
            yield scrapy.Request(
                page.url, callback=self.parse, errback=self.handle_error, cb_kwargs={"planned": page}, dont_filter=True
            )
            await self.page_done.wait()

    def page_ended(self) -> None:
        """Allow the request of the next page."""
        self.page_done.set()

    def parse(self, response: Response, planned: Any) -> Iterator[FetchedPage]:
        """Yield the response as an item."""
        yield FetchedPage(planned, response.status, response.body, context_of(self.crawler).clock())

    def handle_error(self, failure: Any) -> Iterator[FetchFailure]:
        """Yield the reason why there is no response; ``failure`` is a Twisted failure with its request."""
        request, error = failure.request, failure.value
        if isinstance(error, InterruptedCrawlError):
            return  # the page stays planned for the next crawl
        status = FetchStatus.FETCH_FAILED
        if isinstance(error, RequestNotSentError):
            status = error.status
        elif isinstance(error, IgnoreRequest) and not isinstance(error, OtherHostError):
            # IgnoreRequest is also raised after too many redirects.
            is_denied = middleware_of(self.crawler, RobotsRequiredMiddleware).denies(request.url)
            status = FetchStatus.ROBOTS_DENIED if is_denied else status
        yield FetchFailure(request.cb_kwargs["planned"], status, error_text(error), context_of(self.crawler).clock())
