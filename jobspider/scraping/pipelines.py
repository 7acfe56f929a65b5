"""From an item to the store: judge the answer, read the page, keep it, say in the ledger where it ended."""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.exceptions import DropItem, NotConfigured

from jobspider import pages
from jobspider.errors import (
    AuditFailedError,
    BlockedPageError,
    LayoutChangedError,
    NotFoundError,
    PageError,
    StoreError,
    WrongPageError,
)
from jobspider.model import Capture, FetchStatus, LedgerRow, MarketPage, PlannedPage, RolePage
from jobspider.pages.json_document import document
from jobspider.pages.market_lists import MarketListAudit, next_page_numbers
from jobspider.scraping.addon import CrawlContext, context_of
from jobspider.scraping.items import FetchedPage, FetchFailure
from jobspider.scraping.middlewares import StopMiddleware, middleware_of
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.market_indexes import MarketIndexStore

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.crawler import Crawler

page_ended: Final = object()
"""Signal: a planned page has ended in the ledger. Sent with ``row``, a :class:`~jobspider.model.LedgerRow`."""

_OK: Final = 200
_GONE: Final = frozenset({404, 410})
_REFUSING: Final = frozenset({403, 429, 503})
_GIVEN_UP: Final = {FetchStatus.BLOCKED: "refused", FetchStatus.FETCH_FAILED: "not reached"}
_MOST_IN_A_ROW: Final = 3
"""So many refusals, or failures to reach the site, in a row, and the crawl stops asking."""


class StorePipeline:
    """Keeps each page that is accepted and passes it on; drops the others."""

    def __init__(self, crawler: "Crawler", run: CrawlContext) -> None:
        self._crawler = crawler
        self._run = run
        self._writer = Writer(run.database)
        self._consecutive_failures: Counter[FetchStatus] = Counter()
        self._listing = MarketListAudit()

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build the pipeline for a crawler's run."""
        pipeline = cls(crawler, context_of(crawler))
        crawler.signals.connect(pipeline.closed, signal=signals.spider_closed)
        return pipeline

    def closed(self, reason: str) -> None:
        """Note why Scrapy has closed the spider."""
        self._run.close_reason = reason

    def process_item(self, item: FetchedPage | FetchFailure) -> RolePage | MarketPage:
        """Bring one planned page to its end in the ledger.

        Returns:
            The page as it was read.

        Raises:
            DropItem: The page was not accepted; its text is the ledger's reason.
        """
        try:
            if self._run.store_failure is not None:
                raise self._run.store_failure
            return self._process(item)
        except StoreError as error:
            # Nothing more is asked for, and nothing more written, though on a full disk a few bytes might still fit:
            # they would say of the pages that are left that they failed. Left planned, they are asked for next time.
            self._run.store_failure = error
            self._stop_asking(FetchStatus.FETCH_FAILED, str(error))
            raise DropItem(str(error)) from error

    def _process(self, item: FetchedPage | FetchFailure) -> RolePage | MarketPage:
        adapter = ItemAdapter(item)
        planned: PlannedPage = adapter["planned"]
        if isinstance(item, FetchFailure):
            self._count_failure(adapter["status"], adapter["reason"])
            self._drop(planned, adapter["status"], adapter["reason"], adapter["failed_at"])
        capture = _capture(planned.url, adapter["body"], adapter["fetched_at"])
        http_status: int = adapter["http_status"]
        self._reset_failures(http_status)
        try:
            if http_status != _OK:
                self._refuse(planned, http_status, capture)
            page = self._read(planned, capture.body)
        except PageError as error:
            if isinstance(error, BlockedPageError):
                self._stop_asking(FetchStatus.BLOCKED, f"the site refuses: {error.reason}")
            findings = error.findings if isinstance(error, AuditFailedError) else ()
            self._drop(
                planned, error.status, error.reason, capture.fetched_at, http_status, capture=capture, findings=findings
            )
        return self._keep(planned, page, capture, http_status)

    def _read(self, planned: PlannedPage, body: bytes) -> RolePage | MarketPage:
        if planned.subject is not None:
            return pages.accept(pages.read_page(body, planned.url))
        page = pages.accept(pages.read_market_page(body, planned.url))
        # The pages of an index are planned one after the other, so a first one begins another index.
        if page.market.page == 1:
            self._listing = MarketListAudit()
        return pages.accept(replace(page, findings=page.findings + self._listing.add(page)))

    def _keep(
        self, planned: PlannedPage, page: RolePage | MarketPage, capture: Capture, http_status: int
    ) -> RolePage | MarketPage:
        run = self._run
        if isinstance(page, RolePage):
            status = self._writer.store_page(
                run.crawl_id, planned.url, page, capture, pages.PARSER_VERSION, http_status
            )
        else:
            more = _following(page, planned, run.config.site.base_url)
            status = MarketIndexStore(run.database).store_page(
                run.crawl_id, planned.url, page, capture, http_status, more
            )
            run.pending.extendleft(reversed(more))
        self._send_page_ended(LedgerRow(planned.url, planned.subject, status, http_status, "", capture.fetched_at))
        return page

    def _refuse(self, planned: PlannedPage, http_status: int, capture: Capture) -> NoReturn:
        """End a page that was answered with an error status.

        Raises:
            BlockedPageError: There is a challenge or a note of maintenance behind it.
        """
        reason = f"the site answered HTTP {http_status}"
        if http_status in _GONE:
            self._drop(planned, FetchStatus.NOT_FOUND, reason, capture.fetched_at, http_status)
        if http_status not in _REFUSING:
            self._drop(planned, FetchStatus.FETCH_FAILED, reason, capture.fetched_at, http_status)
        self._count_failure(FetchStatus.BLOCKED, reason)
        with suppress(NotFoundError, WrongPageError, LayoutChangedError):
            pages.read(capture.body, planned.url)
        self._drop(planned, FetchStatus.BLOCKED, reason, capture.fetched_at, http_status)

    def _drop(
        self,
        planned: PlannedPage,
        status: FetchStatus,
        reason: str,
        at: "datetime",
        http_status: int | None = None,
        **evidence: Any,
    ) -> NoReturn:
        self._writer.record_failure(self._run.crawl_id, planned.url, status, reason, http_status, at, **evidence)
        self._send_page_ended(LedgerRow(planned.url, planned.subject, status, http_status, reason, at))
        raise DropItem(f"{planned.url}: {status}: {reason}")

    def _reset_failures(self, http_status: int) -> None:
        """End the row of failures to reach the site, and that of refusals where this answer lets us in.

        Which page it is, and whether it is understood, does not matter: "not found" is an answer, a new layout too. A
        server that fails says nothing of whether we are welcome.
        """
        del self._consecutive_failures[FetchStatus.FETCH_FAILED]
        if http_status == _OK or http_status in _GONE:
            del self._consecutive_failures[FetchStatus.BLOCKED]

    def _count_failure(self, status: FetchStatus, reason: str) -> None:
        """Stop asking when the site has refused, or could not be reached, several times in a row."""
        self._consecutive_failures[status] += 1
        if status in _GIVEN_UP and self._consecutive_failures[status] >= _MOST_IN_A_ROW:
            self._stop_asking(status, f"{_GIVEN_UP[status]} {_MOST_IN_A_ROW} times in a row: {reason}")

    def _stop_asking(self, status: FetchStatus, because: str) -> None:
        middleware_of(self._crawler, StopMiddleware).stop(status, because)

    def _send_page_ended(self, row: LedgerRow) -> None:
        self._crawler.signals.send_catch_log(page_ended, row=row)


class DocumentPipeline:
    """Turns a page into its document, where a feed is to be written of it."""

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build the pipeline, unless there is no feed."""
        if not crawler.settings.getdict("FEEDS"):
            raise NotConfigured
        return cls()

    def process_item(self, item: RolePage | MarketPage) -> dict[str, object]:
        """Return the page's document."""
        return document(item)


def _following(page: MarketPage, planned: PlannedPage, base_url: str) -> list[PlannedPage]:
    markets = (replace(page.market, page=number) for number in next_page_numbers(page, planned.last_page))
    return [PlannedPage(urls.market_url(each, base_url), None, planned.last_page) for each in markets]


def _capture(url: str, body: bytes, fetched_at: "datetime") -> Capture:
    return Capture(url, body, hashlib.sha256(body).hexdigest(), fetched_at)
