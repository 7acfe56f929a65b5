"""Run one crawl in this process, and derive its result from its ledger.

The service starts ``python -m jobspider.crawl --token T`` as a child process: Scrapy cannot be started twice in one
process, and a crash, a hang or the memory of a crawl do not affect the parent.
"""

import argparse
import gc
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from jobspider import __version__, config, pages
from jobspider.config import CrawlConfig
from jobspider.errors import JobspiderError, PageError
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus, LedgerRow, Market, PlannedPage
from jobspider.pages.market_lists import next_page_numbers
from jobspider.plan import MARKET, ROLES, SPIDERS, plan_crawl
from jobspider.reparse import reparse_outdated
from jobspider.scraping import retry_after_file
from jobspider.scraping.addon import RUN_SETTING, CrawlContext
from jobspider.scraping.log_formatter import silence_download_errors
from jobspider.scraping.pipelines import page_ended
from jobspider.scraping.shutdown import handle_stop_signals
from jobspider.scraping.spiders.market import MarketSpider
from jobspider.scraping.spiders.roles import RolesSpider
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import prune_captures
from jobspider.store.market_indexes import MarketIndexStore
from jobspider.store.process_lock import process_lock
from jobspider.store.reader import Reader

_SPIDERS: Final = {ROLES: RolesSpider, MARKET: MarketSpider}
_GC_THRESHOLD: Final = 20_000
_CACHE_KIB: Final = 4 * 1024
"""A crawl reads each subject once, so a larger cache would not be used again."""
_UNFETCHED_REASONS: Final[Mapping[str | None, str]] = {
    None: "not requested: the crawl did not start: see the log",
    "closespider_timeout": "not requested: crawl.timeout_minutes was reached",
    "finished": "the response was lost by a bug in jobspider: see the log",
}


class CrawlScope(StrEnum):
    """The part of a plan that is fetched. "Today" is the day in UTC; the site updates at about 05:00 UTC."""

    EVERYTHING = "everything"
    UNREAD_TODAY = "missing"
    """Pages that were not read today."""
    RESUME_INTERRUPTED = "continued"
    """Pages that were not read today if the last crawl of today was interrupted; otherwise everything."""


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """A crawl to run. ``token`` is its unique name; ``arguments`` select one page, without them all pages."""

    token: str
    spider: str = ROLES
    arguments: Mapping[str, str] = field(default_factory=dict)
    wanted: CrawlScope = CrawlScope.EVERYTHING


def new_token() -> str:
    """Return a unique token for a crawl."""
    return uuid.uuid4().hex


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@contextmanager
def crawl_context(
    crawl_config: CrawlConfig, request: CrawlRequest, clock: Callable[[], datetime] = utc_now
) -> Iterator[CrawlContext]:
    """Prepare a crawl: plan, lock, open database, new ledger.

    Stored pages of an older parser version are parsed again first, because new figures will be compared with them. From
    the first row of the ledger on, SIGTERM and SIGINT interrupt the crawl; Scrapy must not install its own handlers.

    Args:
        crawl_config: The configuration.
        request: The crawl to run.
        clock: Returns the current time in UTC.

    Raises:
        UsageError: The arguments name no page, nothing is watched, or the contact for the live site is missing.
        StoreError: The database cannot be used, or another crawl is writing to it.
    """
    planned = plan_crawl(request.spider, crawl_config, request.arguments)
    crawl_config.require_contact()
    path, now = crawl_config.database_path, clock()
    lock = process_lock(path, "crawl", holder=f"since {now:%Y-%m-%d %H:%M} UTC")
    with lock, Database.open(path, cache_kib=_CACHE_KIB) as database:
        reparse_outdated(database)
        pending = _pages_to_fetch(database, request, planned, now)
        with handle_stop_signals() as interruption:
            crawl_id = Writer(database).begin_crawl(
                request.token, request.spider, now, __version__, pending, is_full_crawl=not request.arguments
            )
            # Loaded modules and the page in work are not garbage. Scanning them takes a tenth of the time of a crawl.
            gc.freeze()
            gc.set_threshold(_GC_THRESHOLD)
            yield CrawlContext(
                crawl_config, database, crawl_id, request.token, pending, clock,
                already_read=len(planned) - len(pending),
                                     retry_after_until=retry_after_file.load_retry_after(crawl_config, now),
                interruption=interruption,
            )  # fmt: skip


def _pages_to_fetch(
    database: Database, request: CrawlRequest, plan: tuple[PlannedPage, ...], now: datetime
) -> tuple[PlannedPage, ...]:
    """Return the pages of a plan that are fetched now.

    A market index is fetched completely or not at all, because rows of two times do not form one list.
    """
    reader, today = Reader(database), now.replace(hour=0, minute=0, second=0, microsecond=0)
    if request.wanted is CrawlScope.RESUME_INTERRUPTED:
        last = reader.last_full_crawl(request.spider)
        # A crawl without a result was killed, because this process holds the crawl lock.
        if last is None or last.started_at < today or last.verdict not in (None, CrawlResult.INTERRUPTED):
            return plan
    elif request.wanted is CrawlScope.EVERYTHING:
        return plan
    if request.spider == MARKET:
        indexes = MarketIndexStore(database).read_since(today)
        return tuple(page for page in plan if not any(_is_complete(reader, index, page) for index in indexes))
    read = {row.subject for row in reader.latest_fetches_since(today) if row.status.is_success}
    return tuple(page for page in plan if page.subject not in read)


def _is_complete(reader: Reader, read: Mapping[Market, str], first_page: PlannedPage) -> bool:
    """Return whether a crawl has read all planned pages of an index that exist.

    Args:
        reader: Reads the captures.
        read: The pages that were read, with the hash of their captures.
        first_page: The planned first page; its ``last_page`` is the number of planned pages.
    """
    first, last = urls.parse_market_url(first_page.url), max(read, key=lambda market: market.page)
    if first not in read:
        return False
    for market in (first, last):
        capture = reader.capture(read[market])
        if capture is None:
            return len(read) >= first_page.last_page
        try:
            page = pages.read_market_page(capture.body, urls.market_url(market))
        except PageError:  # it was accepted by an older parser version
            return False
        if (
            not {replace(market, page=number) for number in next_page_numbers(page, first_page.last_page)}
            <= read.keys()
        ):
            return False
    return True


def finish_crawl(context: CrawlContext) -> CrawlRecord:
    """Complete the ledger of a crawl, store its result, and delete old captures.

    Raises:
        StoreError: The database failed during the crawl. Like a killed crawl it gets no result, and the next crawl
            fetches the remaining pages.
    """
    if context.store_failure is not None:
        raise context.store_failure
    writer, now = Writer(context.database), context.clock()
    _close_planned_rows(context, writer, now)
    min_percent = context.config.crawl.min_stored_percent
    verdict = classify_crawl(_crawl_record(context).ledger, already_read=context.already_read, min_percent=min_percent)
    writer.finish_crawl(context.crawl_id, now, verdict)
    prune_captures(context.database, now - timedelta(days=context.config.store.keep_pages_days))
    return _crawl_record(context)


def _close_planned_rows(context: CrawlContext, writer: Writer, now: datetime) -> None:
    """Give every planned page a final status, unless a signal interrupted the crawl."""
    if context.is_interrupted:
        return
    reason = _UNFETCHED_REASONS.get(
        context.close_reason, f"not requested: the crawl ended early ({context.close_reason})"
    )
    for row in _crawl_record(context).ledger:
        if row.status is FetchStatus.PLANNED:
            writer.record_failure(context.crawl_id, row.url, FetchStatus.FETCH_FAILED, reason, None, now)


def classify_crawl(ledger: tuple[LedgerRow, ...], *, already_read: int = 0, min_percent: float = 0.0) -> CrawlResult:
    """Return the result of a crawl, from its ledger alone.

    Args:
        ledger: The rows of its pages. A page that is still planned was prevented by a signal or a crash.
        already_read: Number of pages of the same plan that an earlier crawl of the day has read.
        min_percent: ``crawl.min_stored_percent``: with fewer pages the crawl has failed.
    """
    if any(row.status is FetchStatus.PLANNED for row in ledger):
        return CrawlResult.INTERRUPTED
    planned = already_read + len(ledger)
    read = already_read + sum(row.status.is_success for row in ledger)
    if read == planned:
        return CrawlResult.COMPLETE
    return CrawlResult.PARTIAL if read and read * 100 >= min_percent * planned else CrawlResult.FAILED


def run_crawl(
    crawl_config: CrawlConfig,
    request: CrawlRequest,
    *,
    on_begin: Callable[[CrawlContext], None] | None = None,
    on_page: Callable[[LedgerRow], None] | None = None,
    log_level: str = "WARNING",
) -> CrawlRecord:
    """Run one crawl to its end. Only once per process, because Twisted's reactor cannot be restarted.

    Args:
        crawl_config: The configuration.
        request: The crawl to run.
        on_begin: Called with the context when the ledger exists.
        on_page: Called with the ledger row of each page that has ended.
        log_level: Level of Scrapy's log on stderr.

    Raises:
        UsageError: As :func:`crawl_context`.
        StoreError: As :func:`crawl_context`, or the database failed during the crawl.
    """
    with crawl_context(crawl_config, request) as context:
        if on_begin is not None:
            on_begin(context)
        if context.pending:
            # stderr may be closed (`2>&-`); then Scrapy cannot log.
            settings = Settings({"LOG_ENABLED": sys.stderr is not None, "LOG_LEVEL": log_level, RUN_SETTING: context})
            settings.setmodule("jobspider.scraping.settings", priority="project")
            process = AsyncCrawlerProcess(settings)
            silence_download_errors()
            crawler = process.create_crawler(_SPIDERS[request.spider])
            if on_page is not None:
                crawler.signals.connect(on_page, signal=page_ended)
            process.crawl(crawler)
            process.start(install_signal_handlers=False)  # crawl_context() has installed them
        return finish_crawl(context)


def _crawl_record(context: CrawlContext) -> CrawlRecord:
    record = Reader(context.database).crawl(context.token)
    assert record is not None, "crawl_context() has created it"
    return record


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl of all watched pages, or resume today's interrupted one; return the exit code of its result."""
    parser = argparse.ArgumentParser(prog="python -m jobspider.crawl", description=__doc__)
    parser.add_argument("--token", required=True, help="unique name of the crawl in the database")
    parser.add_argument("--spider", choices=SPIDERS, default=ROLES, help="spider to run")
    parser.add_argument("--config", help="configuration file")
    options = parser.parse_args(arguments)
    try:
        loaded = config.load(config.find(Path.cwd(), options.config, os.environ))
        outcome = run_crawl(loaded, CrawlRequest(options.token, options.spider, wanted=CrawlScope.RESUME_INTERRUPTED))
    except JobspiderError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the error message of the command
        return error.exit_code
    except KeyboardInterrupt:  # before Scrapy handles signals; nothing was requested yet
        return CrawlResult.INTERRUPTED.exit_code
    return outcome.verdict.exit_code if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
