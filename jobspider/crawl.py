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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from jobspider import __version__, addresses, config
from jobspider.addon import RUN_SETTING, Run
from jobspider.config import CrawlConfig
from jobspider.errors import JobspiderError
from jobspider.logs import quiet_downloads
from jobspider.model import CrawlOutcome, CrawlVerdict, FetchStatus, LedgerRow, PlannedPage
from jobspider.pipelines import page_ended
from jobspider.rereading import bring_up_to_date
from jobspider.spiders.market import MarketSpider
from jobspider.spiders.plan import MARKET, ROLES, SPIDERS, plan
from jobspider.spiders.roles import RolesSpider
from jobspider.store.database import Database
from jobspider.store.lock import process_lock
from jobspider.store.market import Markets
from jobspider.store.reader import Reader
from jobspider.store.upkeep import prune_captures
from jobspider.store.writer import Writer

_SHUTDOWN: Final = "shutdown"
"""Scrapy's word for a crawl that a signal ended."""
_SPIDERS: Final = {ROLES: RolesSpider, MARKET: MarketSpider}
_OBJECTS_BETWEEN_SEARCHES: Final = 20_000
_LEFT_OVER: Final = {
    "closespider_timeout": "not asked: the crawl's time (crawl.timeout_minutes) ran out",
    "finished": "the answer was lost in this program: see the log",
}


class Wanted(StrEnum):
    """Which part of a plan is fetched. A day is one in UTC: the site brings new figures about 05:00."""

    EVERYTHING = "everything"
    MISSING = "missing"
    """What has not been read today."""
    CONTINUED = "continued"
    """What has not been read today, if the last crawl began today and was interrupted; else everything."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a crawl is to do. ``token`` names it among all; ``arguments`` are the spider's, none for all its pages."""

    token: str
    spider: str = ROLES
    arguments: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = Wanted.EVERYTHING


def new_token() -> str:
    """Return a token that names one crawl among all."""
    return uuid.uuid4().hex


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


@contextmanager
def running(crawl_config: CrawlConfig, order: Order, clock: Callable[[], datetime] = utc_now) -> Iterator[Run]:
    """Hold everything that a crawl needs: the plan, the lock, the open database, the begun ledger.

    What an older parser has read is read anew first, for the crawl's figures will be compared with it.

    Args:
        crawl_config: What to obey.
        order: What to do.
        clock: Returns the present in UTC.

    Raises:
        UsageError: The arguments name no page, nothing is watched, or the live site would be asked anonymously.
        StoreError: The database cannot be used, or another crawl is writing to it.
    """
    pages = plan(order.spider, crawl_config, order.arguments)
    crawl_config.refuse_placeholder_contact()
    path, now = crawl_config.database_path, clock()
    with process_lock(path, "crawl", holder=f"since {now:%Y-%m-%d %H:%M} UTC"), Database.open(path) as database:
        bring_up_to_date(database)
        left = _left(database, order, pages, now)
        crawl_id = Writer(database).begin_crawl(order.token, order.spider, now, __version__, left)
        # What is loaded by now stays, and a page in hand is no garbage: searching both costs a tenth of a crawl (2026).
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
        yield Run(crawl_config, database, crawl_id, order.token, left, clock, read_before=len(pages) - len(left))


def _left(database: Database, order: Order, pages: tuple[PlannedPage, ...], now: datetime) -> tuple[PlannedPage, ...]:
    """Return what of a plan is to be fetched now.

    An index is read whole or not at all: rows of two moments do not make one list.
    """
    reader, today = Reader(database), now.replace(hour=0, minute=0, second=0, microsecond=0)
    if order.wanted is Wanted.CONTINUED:
        last = reader.last_crawl(order.spider)
        # One without a verdict was killed: the crawl lock is ours.
        if last is None or last.started_at < today or last.verdict not in (None, CrawlVerdict.INTERRUPTED):
            return pages
    elif order.wanted is Wanted.EVERYTHING:
        return pages
    if order.spider == MARKET:
        whole = Markets(database).whole_since(today)
        return tuple(page for page in pages if whole.get(addresses.market_of(page.url), 0) < page.last_page)
    read = {row.subject for row in reader.readings_since(today) if row.status.was_read}
    return tuple(page for page in pages if page.subject not in read)


def finish(run: Run) -> CrawlOutcome:
    """Bring the ledger of a crawl that has ended to its end, judge it, and prune what need not be kept."""
    writer, now = Writer(run.database), run.clock()
    ledger = _ledger(run)
    left = [row for row in ledger if row.status is FetchStatus.PLANNED]
    if left and not (run.is_interrupted or run.close_reason == _SHUTDOWN):
        reason = _LEFT_OVER.get(run.close_reason, f"not asked: the crawl ended early ({run.close_reason})")
        for row in left:
            writer.record_failure(run.crawl_id, row.url, FetchStatus.FETCH_FAILED, reason, None, now)
        ledger = _ledger(run)
    floor = run.config.crawl.min_stored_percent
    writer.finish_crawl(run.crawl_id, now, judge(ledger, read_before=run.read_before, least_percent=floor))
    prune_captures(run.database, now - timedelta(days=run.config.store.keep_pages_days))
    outcome = Reader(run.database).crawl(run.token)
    assert outcome is not None, "it was begun above"
    return outcome


def judge(ledger: tuple[LedgerRow, ...], *, read_before: int = 0, least_percent: float = 0.0) -> CrawlVerdict:
    """Say how a crawl went, by its ledger alone.

    Args:
        ledger: Where its pages ended. One that is still planned was kept from it by a signal or a crash.
        read_before: How many pages of the same plan an earlier crawl of the day has read.
        least_percent: ``crawl.min_stored_percent``: the part of the plan without which a crawl has failed.
    """
    if any(row.status is FetchStatus.PLANNED for row in ledger):
        return CrawlVerdict.INTERRUPTED
    planned = read_before + len(ledger)
    read = read_before + sum(row.status.was_read for row in ledger)
    if read == planned:
        return CrawlVerdict.COMPLETE
    return CrawlVerdict.PARTIAL if read and read * 100 >= least_percent * planned else CrawlVerdict.FAILED


def run_crawl(
    crawl_config: CrawlConfig,
    order: Order,
    *,
    on_begin: Callable[[Run], None] | None = None,
    on_page: Callable[[LedgerRow], None] | None = None,
    log_level: str = "WARNING",
) -> CrawlOutcome:
    """Run one crawl to its end; once in the life of a process, because Twisted's reactor cannot be started again.

    Args:
        crawl_config: What to obey.
        order: What to do.
        on_begin: Called with the run when its ledger has begun.
        on_page: Called with each page that has ended in the ledger.
        log_level: Scrapy's log on stderr.

    Raises:
        UsageError: As :func:`running`.
        StoreError: As :func:`running`, or the database failed under way.
    """
    with running(crawl_config, order) as run:
        if on_begin is not None:
            on_begin(run)
        if run.pending:
            settings = Settings({"LOG_LEVEL": log_level, RUN_SETTING: run})
            settings.setmodule("jobspider.settings", priority="project")
            process = AsyncCrawlerProcess(settings)
            quiet_downloads()
            crawler = process.create_crawler(_SPIDERS[order.spider])
            if on_page is not None:
                crawler.signals.connect(on_page, signal=page_ended)
            process.crawl(crawler)
            process.start()
        return finish(run)


def _ledger(run: Run) -> tuple[LedgerRow, ...]:
    outcome = Reader(run.database).crawl(run.token)
    return outcome.ledger if outcome else ()


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl of everything that is watched, or go on with the one of today; return its verdict's exit code."""
    parser = argparse.ArgumentParser(prog="python -m jobspider.crawl", description=__doc__)
    parser.add_argument("--token", required=True, help="the name under which the crawl stands in the database")
    parser.add_argument("--spider", choices=SPIDERS, default=ROLES, help="which pages to fetch")
    parser.add_argument("--config", help="the configuration file")
    asked = parser.parse_args(arguments)
    try:
        loaded = config.load(config.find(Path.cwd(), asked.config, os.environ))
        outcome = run_crawl(loaded, Order(asked.token, asked.spider, wanted=Wanted.CONTINUED))
    except JobspiderError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's one line for people
        return error.exit_code
    except KeyboardInterrupt:  # before Scrapy listens for it; nothing has been asked yet
        return CrawlVerdict.INTERRUPTED.exit_code
    return outcome.verdict.exit_code if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
