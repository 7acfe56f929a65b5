"""Run one crawl in this process, judge it by its ledger, and return its outcome.

``python -m jobspider.crawl --token T`` is what a scheduled crawl starts: Scrapy cannot be started twice in one process,
and a crash, a hang or its memory stay outside of whoever asked for it.
"""

import argparse
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from jobspider import __version__, config
from jobspider.addon import RUN_SETTING, Run
from jobspider.config import CrawlConfig
from jobspider.errors import JobspiderError
from jobspider.logs import quiet_downloads
from jobspider.model import CrawlOutcome, CrawlVerdict, FetchStatus, LedgerRow
from jobspider.pipelines import page_ended
from jobspider.spiders.plan import plan_roles
from jobspider.spiders.roles import RolesSpider
from jobspider.store.database import Database
from jobspider.store.lock import process_lock
from jobspider.store.reader import Reader
from jobspider.store.upkeep import prune_captures
from jobspider.store.writer import Writer

_SHUTDOWN: Final = "shutdown"
"""Scrapy's word for a crawl that a signal ended."""
_LEFT_OVER: Final = {
    "closespider_timeout": "not asked: the crawl's time (crawl.timeout_minutes) ran out",
    "finished": "the answer was lost in this program: see the log",
}


def new_token() -> str:
    """Return a token that names one crawl among all."""
    return uuid.uuid4().hex


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


@contextmanager
def running(
    crawl_config: CrawlConfig, arguments: Mapping[str, str], token: str, clock: Callable[[], datetime] = utc_now
) -> Iterator[Run]:
    """Hold everything that a crawl needs: the plan, the lock, the open database, the begun ledger.

    Args:
        crawl_config: What to obey.
        arguments: The spider's arguments; none for everything that is watched.
        token: The name of this crawl, new.
        clock: Returns the present in UTC.

    Raises:
        UsageError: The arguments name no page, nothing is watched, or the live site would be asked anonymously.
        StoreError: The database cannot be used, or another crawl is writing to it.
    """
    plan = plan_roles(crawl_config, arguments)
    crawl_config.refuse_placeholder_contact()
    path = crawl_config.database_path
    with process_lock(path, "crawl", holder=f"since {clock():%Y-%m-%d %H:%M} UTC"), Database.open(path) as database:
        crawl_id = Writer(database).begin_crawl(token, RolesSpider.name, clock(), __version__, plan)
        yield Run(crawl_config, database, crawl_id, token, plan, clock)


def finish(run: Run) -> CrawlOutcome:
    """Bring the ledger of a crawl that has ended to its end, judge it, and prune what need not be kept."""
    writer, now = Writer(run.database), run.clock()
    interrupted = run.close_reason == _SHUTDOWN
    if not interrupted:
        for row in _ledger(run):
            if row.status is FetchStatus.PLANNED:
                reason = _LEFT_OVER.get(run.close_reason, f"not asked: the crawl ended early ({run.close_reason})")
                writer.record_failure(run.crawl_id, row.url, FetchStatus.FETCH_FAILED, reason, None, now)
    writer.finish_crawl(run.crawl_id, now, judge(_ledger(run), interrupted=interrupted))
    prune_captures(run.database, now - timedelta(days=run.config.store.keep_pages_days))
    outcome = Reader(run.database).crawl(run.token)
    assert outcome is not None, "it was begun above"
    return outcome


def judge(ledger: tuple[LedgerRow, ...], *, interrupted: bool) -> CrawlVerdict:
    """Say how a crawl went: complete only if every planned page was read, failed if none was."""
    if interrupted:
        return CrawlVerdict.INTERRUPTED
    read = sum(row.status.was_read for row in ledger)
    if read == len(ledger):
        return CrawlVerdict.COMPLETE
    return CrawlVerdict.PARTIAL if read else CrawlVerdict.FAILED


def run_crawl(
    crawl_config: CrawlConfig,
    arguments: Mapping[str, str],
    *,
    token: str,
    on_page: Callable[[LedgerRow], None] | None = None,
    log_level: str = "WARNING",
) -> CrawlOutcome:
    """Run one crawl to its end; once in the life of a process, because Twisted's reactor cannot be started again.

    Args:
        crawl_config: What to obey.
        arguments: The spider's arguments; none for everything that is watched.
        token: The name of this crawl, new.
        on_page: Called with each page that has ended in the ledger.
        log_level: Scrapy's log on stderr.

    Raises:
        UsageError: As :func:`running`.
        StoreError: As :func:`running`, or the database failed under way.
    """
    with running(crawl_config, arguments, token) as run:
        settings = Settings({"LOG_LEVEL": log_level, RUN_SETTING: run})
        settings.setmodule("jobspider.settings", priority="project")
        process = AsyncCrawlerProcess(settings)
        quiet_downloads()
        crawler = process.create_crawler(RolesSpider)
        if on_page is not None:
            crawler.signals.connect(on_page, signal=page_ended)
        process.crawl(crawler)
        process.start()
        return finish(run)


def _ledger(run: Run) -> tuple[LedgerRow, ...]:
    outcome = Reader(run.database).crawl(run.token)
    return outcome.ledger if outcome else ()


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl of everything that is watched; return the exit code of its verdict."""
    parser = argparse.ArgumentParser(prog="python -m jobspider.crawl", description=__doc__)
    parser.add_argument("--token", required=True, help="the name under which the crawl stands in the database")
    parser.add_argument("--config", help="the configuration file")
    asked = parser.parse_args(arguments)
    try:
        loaded = config.load(config.find(Path.cwd(), asked.config, os.environ))
        outcome = run_crawl(loaded, {}, token=asked.token)
    except JobspiderError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's one line for people
        return error.exit_code
    return outcome.verdict.exit_code if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
