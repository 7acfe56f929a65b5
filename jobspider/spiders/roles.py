"""The role and skill pages of a plan."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from jobspider.addon import run_of
from jobspider.items import FetchedPage, UnreachedPage
from jobspider.model import FetchStatus
from jobspider.politeness import NotAskedError, OtherHostError

_ENDS: Final = (signals.item_scraped, signals.item_dropped, signals.item_error, signals.spider_error)


class RolesSpider(scrapy.Spider):
    """Fetches every planned page once, in the order of the plan.

    The next page is asked for when the one before has ended in the ledger, so that a refusal stops the crawl before
    another request is on its way, and a crash loses one page at most.
    """

    name = "roles"
    ended: asyncio.Event
    # Every answer is evidence: what the site says in a refusal decides how the page ends in the ledger.
    handle_httpstatus_list = list(range(400, 600))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider and let it know when a page has ended."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.ended = asyncio.Event()
        for signal in _ENDS:
            crawler.signals.connect(spider.page_ended, signal=signal)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for each planned page, one after the other."""
        for page in run_of(self.crawler).plan:
            self.ended.clear()
            yield scrapy.Request(
                page.url, callback=self.parse, errback=self.unreached, cb_kwargs={"planned": page}, dont_filter=True
            )
            await self.ended.wait()

    def page_ended(self) -> None:
        """Let the next page be asked for."""
        self.ended.set()

    def parse(self, response: Response, planned: Any) -> Iterator[FetchedPage]:
        """Hand on what was answered."""
        yield FetchedPage(planned, response.status, response.body, run_of(self.crawler).clock())

    def unreached(self, failure: Any) -> Iterator[UnreachedPage]:
        """Hand on why there was no answer; ``failure`` is a Twisted failure that knows its request."""
        error: BaseException = failure.value
        reason = " ".join(str(error).split()) or type(error).__name__
        yield UnreachedPage(failure.request.cb_kwargs["planned"], _status(error), reason, run_of(self.crawler).clock())


def _status(error: BaseException) -> FetchStatus:
    if isinstance(error, NotAskedError):
        return error.status
    is_denied = isinstance(error, IgnoreRequest) and not isinstance(error, OtherHostError)
    return FetchStatus.ROBOTS_DENIED if is_denied else FetchStatus.FETCH_FAILED
