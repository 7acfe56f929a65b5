"""Run one crawl in this process, judge it by its ledger, and return its outcome.

``python -m jobspider.crawl --token T`` is what a scheduled crawl starts: Scrapy cannot be started twice in one process,
and a crash, a hang or its memory stay outside of whoever asked for it.
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
_OBJECTS_BETWEEN_SEARCHES: Final = 20_000
_CACHE_KIB: Final = 4 * 1024
"""A crawl comes to each subject once, so more of the file in memory would only grow with the number of pages."""
_UNFETCHED_REASONS: Final[Mapping[str | None, str]] = {
    None: "not asked: the crawl did not start: see the log",
    "closespider_timeout": "not asked: the crawl's time (crawl.timeout_minutes) ran out",
    "finished": "the answer was lost in this program: see the log",
}


class CrawlScope(StrEnum):
    """Which part of a plan is fetched. A day is one in UTC: the site brings new figures about 05:00."""

    EVERYTHING = "everything"
    UNREAD_TODAY = "missing"
    """What has not been read today."""
    RESUME_INTERRUPTED = "continued"
    """What has not been read today, if the last crawl began today and was interrupted; else everything."""


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """What a crawl is to do. ``token`` names it among all; ``arguments`` are the spider's, none for all its pages."""

    token: str
    spider: str = ROLES
    arguments: Mapping[str, str] = field(default_factory=dict)
    wanted: CrawlScope = CrawlScope.EVERYTHING


def new_token() -> str:
    """Return a token that names one crawl among all."""
    return uuid.uuid4().hex


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


@contextmanager
def crawl_context(
    crawl_config: CrawlConfig, order: CrawlRequest, clock: Callable[[], datetime] = utc_now
) -> Iterator[CrawlContext]:
    """Hold everything that a crawl needs: the plan, the lock, the open database, the begun ledger.

    What an older parser has read is read anew first, for the crawl's figures will be compared with it. From the first
    row of the ledger on, a signal interrupts the crawl and does nothing else, so Scrapy is to set no handlers.

    Args:
        crawl_config: What to obey.
        order: What to do.
        clock: Returns the present in UTC.

    Raises:
        UsageError: The arguments name no page, nothing is watched, or the live site would be asked anonymously.
        StoreError: The database cannot be used, or another crawl is writing to it.
    """
    planned = plan_crawl(order.spider, crawl_config, order.arguments)
    crawl_config.require_contact()
    path, now = crawl_config.database_path, clock()
    lock = process_lock(path, "crawl", holder=f"since {now:%Y-%m-%d %H:%M} UTC")
    with lock, Database.open(path, cache_kib=_CACHE_KIB) as database:
        reparse_outdated(database)
        left = _pages_to_fetch(database, order, planned, now)
        with handle_stop_signals() as interruption:
            crawl_id = Writer(database).begin_crawl(
                order.token, order.spider, now, __version__, left, is_full_crawl=not order.arguments
            )
            # What is loaded by now stays, and a page in hand is no garbage: to search both costs a tenth of a crawl.
            gc.freeze()
            gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
            yield CrawlContext(
                crawl_config, database, crawl_id, order.token, left, clock,
                already_read=len(planned) - len(left),
                                     retry_after_until=retry_after_file.load_retry_after(crawl_config, now),
                interruption=interruption,
            )  # fmt: skip


def _pages_to_fetch(
    database: Database, order: CrawlRequest, plan: tuple[PlannedPage, ...], now: datetime
) -> tuple[PlannedPage, ...]:
    """Return what of a plan is to be fetched now.

    An index is read whole or not at all: rows of two moments do not make one list.
    """
    reader, today = Reader(database), now.replace(hour=0, minute=0, second=0, microsecond=0)
    if order.wanted is CrawlScope.RESUME_INTERRUPTED:
        last = reader.last_full_crawl(order.spider)
        # One without a verdict was killed: the crawl lock is ours.
        if last is None or last.started_at < today or last.verdict not in (None, CrawlResult.INTERRUPTED):
            return plan
    elif order.wanted is CrawlScope.EVERYTHING:
        return plan
    if order.spider == MARKET:
        indexes = MarketIndexStore(database).read_since(today)
        return tuple(page for page in plan if not any(_is_whole(reader, index, page) for index in indexes))
    read = {row.subject for row in reader.latest_fetches_since(today) if row.status.is_success}
    return tuple(page for page in plan if page.subject not in read)


def _is_whole(reader: Reader, read: Mapping[Market, str], wanted: PlannedPage) -> bool:
    """Tell whether the pages that a crawl has read of an index are all that it has of those wanted.

    Args:
        reader: Where their captures are.
        read: The pages, each with the digest of its capture.
        wanted: The first page, as planned.
    """
    first, last = urls.parse_market_url(wanted.url), max(read, key=lambda market: market.page)
    if first not in read:
        return False
    for market in (first, last):
        capture = reader.capture(read[market])
        if capture is None:
            return len(read) >= wanted.last_page
        try:
            page = pages.read_market_page(capture.body, urls.market_url(market))
        except PageError:  # an older parser has accepted it
            return False
        if not {replace(market, page=number) for number in next_page_numbers(page, wanted.last_page)} <= read.keys():
            return False
    return True


def finish_crawl(run: CrawlContext) -> CrawlRecord:
    """Bring the ledger of a crawl that has ended to its end, judge it, and prune what need not be kept.

    Raises:
        StoreError: The database failed under way. The crawl gets no verdict, like one that was killed: the next goes on
            with what it has left.
    """
    if run.store_failure is not None:
        raise run.store_failure
    writer, now = Writer(run.database), run.clock()
    _end_what_is_left(run, writer, now)
    floor = run.config.crawl.min_stored_percent
    verdict = classify_crawl(_outcome(run).ledger, read_before=run.already_read, least_percent=floor)
    writer.finish_crawl(run.crawl_id, now, verdict)
    prune_captures(run.database, now - timedelta(days=run.config.store.keep_pages_days))
    return _outcome(run)


def _end_what_is_left(run: CrawlContext, writer: Writer, now: datetime) -> None:
    """Let no page stay planned, unless it was a signal that kept the crawl from it."""
    if run.is_interrupted:
        return
    reason = _UNFETCHED_REASONS.get(run.close_reason, f"not asked: the crawl ended early ({run.close_reason})")
    for row in _outcome(run).ledger:
        if row.status is FetchStatus.PLANNED:
            writer.record_failure(run.crawl_id, row.url, FetchStatus.FETCH_FAILED, reason, None, now)


def classify_crawl(ledger: tuple[LedgerRow, ...], *, read_before: int = 0, least_percent: float = 0.0) -> CrawlResult:
    """Say how a crawl went, by its ledger alone.

    Args:
        ledger: Where its pages ended. One that is still planned was kept from it by a signal or a crash.
        read_before: How many pages of the same plan an earlier crawl of the day has read.
        least_percent: ``crawl.min_stored_percent``: the part of the plan without which a crawl has failed.
    """
    if any(row.status is FetchStatus.PLANNED for row in ledger):
        return CrawlResult.INTERRUPTED
    planned = read_before + len(ledger)
    read = read_before + sum(row.status.is_success for row in ledger)
    if read == planned:
        return CrawlResult.COMPLETE
    return CrawlResult.PARTIAL if read and read * 100 >= least_percent * planned else CrawlResult.FAILED


def run_crawl(
    crawl_config: CrawlConfig,
    order: CrawlRequest,
    *,
    on_begin: Callable[[CrawlContext], None] | None = None,
    on_page: Callable[[LedgerRow], None] | None = None,
    log_level: str = "WARNING",
) -> CrawlRecord:
    """Run one crawl to its end; once in the life of a process, because Twisted's reactor cannot be started again.

    Args:
        crawl_config: What to obey.
        order: What to do.
        on_begin: Called with the run when its ledger has begun.
        on_page: Called with each page that has ended in the ledger.
        log_level: Scrapy's log on stderr.

    Raises:
        UsageError: As :func:`crawl_context`.
        StoreError: As :func:`crawl_context`, or the database failed under way.
    """
    with crawl_context(crawl_config, order) as run:
        if on_begin is not None:
            on_begin(run)
        if run.pending:
            # There may be no stderr (`2>&-`), and then Scrapy has nowhere to log to.
            settings = Settings({"LOG_ENABLED": sys.stderr is not None, "LOG_LEVEL": log_level, RUN_SETTING: run})
            settings.setmodule("jobspider.scraping.settings", priority="project")
            process = AsyncCrawlerProcess(settings)
            silence_download_errors()
            crawler = process.create_crawler(_SPIDERS[order.spider])
            if on_page is not None:
                crawler.signals.connect(on_page, signal=page_ended)
            process.crawl(crawler)
            process.start(install_signal_handlers=False)  # `running` has ours
        return finish_crawl(run)


def _outcome(run: CrawlContext) -> CrawlRecord:
    outcome = Reader(run.database).crawl(run.token)
    assert outcome is not None, "it was begun with the run"
    return outcome


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl of everything that is watched, or go on with the one of today; return its verdict's exit code."""
    parser = argparse.ArgumentParser(prog="python -m jobspider.crawl", description=__doc__)
    parser.add_argument("--token", required=True, help="the name under which the crawl stands in the database")
    parser.add_argument("--spider", choices=SPIDERS, default=ROLES, help="which pages to fetch")
    parser.add_argument("--config", help="the configuration file")
    asked = parser.parse_args(arguments)
    try:
        loaded = config.load(config.find(Path.cwd(), asked.config, os.environ))
        outcome = run_crawl(loaded, CrawlRequest(asked.token, asked.spider, wanted=CrawlScope.RESUME_INTERRUPTED))
    except JobspiderError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's one line for people
        return error.exit_code
    except KeyboardInterrupt:  # before Scrapy listens for it; nothing has been asked yet
        return CrawlResult.INTERRUPTED.exit_code
    return outcome.verdict.exit_code if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
