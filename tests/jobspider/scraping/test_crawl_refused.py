"""Crawls that are ended before their end: within seconds, with all that was read, and the next one goes on."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobspider import config
from jobspider.crawl import CrawlRequest, CrawlScope, classify_crawl, crawl_context, new_token
from jobspider.model import CrawlResult, FetchStatus, LedgerRow
from jobspider.scraping import retry_after_file
from tests.support.cli import run
from tests.support.crawl_ledger import outcome, row_of
from tests.support.fake_site import Answer, LiveSite
from tests.support.fork_server import Forker
from tests.support.same_day import on_one_day

LONDON = "/jobs/london/backend%20developer.do"
MOST_SECONDS = 5


def stopped(forker: Forker, path: Path, reached: threading.Event, how: int) -> tuple[int, float]:
    """Start a crawl, signal it when it has reached a point; return its exit code and how long it took to end."""
    process = forker.start(path, "stopped")
    assert reached.wait(30)
    began = time.monotonic()
    os.kill(process, how)
    return forker.wait(), time.monotonic() - began


def a_hanging_answer(_released: threading.Event) -> Answer:
    _released.wait(30)
    return Answer(200)


def a_long_pause(_released: threading.Event) -> Answer:
    return Answer(429, headers={"Retry-After": "600"})


@on_one_day
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("trouble", [a_hanging_answer, a_long_pause])
def test_a_signal_ends_a_crawl_within_seconds_whatever_it_waits_for(
    trouble: Callable[[threading.Event], Answer], how: int, tmp_path: Path, forker: Forker
) -> None:
    reached, released = threading.Event(), threading.Event()

    def fault(asked: str) -> Answer | None:
        if asked != LONDON or released.is_set():
            return None
        reached.set()
        return trouble(released)

    with LiveSite(fault=fault) as site:
        path = site.config(tmp_path)
        exit_code, seconds = stopped(forker, path, reached, how)
        released.set()
        found = outcome(tmp_path)
        asked = len(site.pages_asked)
        (tmp_path / retry_after_file.FILE_NAME).unlink(missing_ok=True)  # as if the time that was asked for had passed
        again = forker.crawl(path)
    assert exit_code == 5
    assert seconds < MOST_SECONDS
    assert found.verdict is CrawlResult.INTERRUPTED
    assert found.counts[FetchStatus.STORED] == asked - 1
    assert row_of(found, LONDON).status is FetchStatus.PLANNED
    assert again == 0
    assert outcome(tmp_path).counts == {FetchStatus.STORED: len(found.ledger) - asked + 1}


def test_a_signal_ends_the_pause_between_two_requests(tmp_path: Path, forker: Forker) -> None:
    reached = threading.Event()

    def fault(_path: str) -> None:
        reached.set()

    with LiveSite(fault=fault) as site:
        exit_code, seconds = stopped(forker, site.config(tmp_path, delay_seconds=60), reached, signal.SIGTERM)
    assert exit_code == 5
    assert seconds < MOST_SECONDS
    assert not site.pages_asked
    assert outcome(tmp_path).counts == {FetchStatus.PLANNED: len(site.site.pages)}


# Going on.


def trouble_in_london(site: LiveSite) -> None:
    site.fault = lambda asked: Answer(404) if asked == LONDON else None


@on_one_day
def test_resume_fetches_only_what_was_not_read_today(tmp_path: Path) -> None:
    with LiveSite() as site:
        trouble_in_london(site)
        path = site.config(tmp_path)
        run("crawl", config=path)
        site.asked.clear()
        still = run("crawl", "--resume", config=path)
        assert site.pages_asked == [LONDON]
        site.fault = None
        well = run("crawl", "--resume", config=path)
        site.asked.clear()
        nothing = run("crawl", "--resume", "--json", config=path)
    assert still.returncode == 3, "nine of ten pages of the day are read"
    assert well.returncode == 0
    assert nothing.returncode == 0
    assert json.loads(nothing.stdout)["planned"] == 0
    assert not site.asked


@on_one_day
def test_resume_of_one_page_asks_for_that_page_alone(tmp_path: Path) -> None:
    asked = ("--term", "backend developer", "--region", "london")
    with LiveSite() as site:
        path = site.config(tmp_path)
        first = run("crawl", *asked, "--resume", config=path)
        again = run("crawl", *asked, "--resume", config=path)
    assert (first.returncode, again.returncode) == (0, 0)
    assert site.pages_asked == [LONDON]
    assert "all pages were already read today" in again.stdout


def test_midnight_in_utc_makes_every_page_missing(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        assert forker.crawl(path) == 0
    began = outcome(tmp_path).started_at
    midnight = began.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for wanted in (CrawlScope.UNREAD_TODAY, CrawlScope.RESUME_INTERRUPTED):
        assert planned(path, wanted, midnight) == len(site.site.pages)
    assert planned(path, CrawlScope.UNREAD_TODAY, began) == 0
    assert planned(path, CrawlScope.UNREAD_TODAY, midnight - timedelta(microseconds=1)) == 0


def planned(path: Path, wanted: CrawlScope, now: datetime) -> int:
    """Return how many pages a crawl that begins at a moment would fetch."""
    order = CrawlRequest(new_token(), wanted=wanted)
    with crawl_context(config.load(path), order, lambda: now) as begun:
        return len(begun.plan)


def test_a_scheduled_crawl_after_one_that_ended_by_itself_fetches_everything(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        trouble_in_london(site)
        path = site.config(tmp_path)
        assert (forker.crawl(path), forker.crawl(path)) == (3, 3)
    assert len(site.pages_asked) == 2 * len(site.site.pages)


BY_NAME = {"term": "backend developer", "region": "london"}


def cut_off(path: Path, **asked: str) -> None:
    """Leave a crawl as a power cut at its begin leaves it."""
    with crawl_context(config.load(path), CrawlRequest(new_token(), arguments=asked)):
        pass


@on_one_day
def test_a_page_asked_for_by_name_keeps_no_cut_off_crawl_from_being_gone_on_with(
    tmp_path: Path, forker: Forker
) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        cut_off(path)
        assert run("crawl", "--term", BY_NAME["term"], "--region", BY_NAME["region"], config=path).returncode == 0
        assert forker.crawl(path) == 0
    assert site.pages_asked[0] == LONDON
    assert sorted(site.pages_asked) == sorted(page.path for page in site.site.pages.values())


@on_one_day
def test_a_cut_off_crawl_of_a_page_asked_for_by_name_is_not_gone_on_with(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        assert forker.crawl(path) == 0
        cut_off(path, **BY_NAME)
        assert forker.crawl(path) == 0
    assert len(site.pages_asked) == 2 * len(site.site.pages)


# The verdict.


def ledger(*statuses: FetchStatus) -> tuple[LedgerRow, ...]:
    return tuple(
        LedgerRow(f"http://127.0.0.1/{number}", None, status, None, "", None) for number, status in enumerate(statuses)
    )


READ, SAME, GONE, LEFT = FetchStatus.STORED, FetchStatus.UNCHANGED, FetchStatus.NOT_FOUND, FetchStatus.PLANNED


@pytest.mark.parametrize(
    ("statuses", "read_before", "floor", "verdict"),
    [
        ([READ, SAME], 0, 100, CrawlResult.COMPLETE),
        ([], 0, 100, CrawlResult.COMPLETE),
        ([], 5, 100, CrawlResult.COMPLETE),
        ([READ, GONE], 0, 0, CrawlResult.PARTIAL),
        ([READ, GONE], 0, 50, CrawlResult.PARTIAL),
        ([READ, GONE], 0, 50.1, CrawlResult.FAILED),
        ([GONE, GONE], 0, 0, CrawlResult.FAILED),
        ([GONE], 9, 90, CrawlResult.PARTIAL),
        ([GONE], 9, 91, CrawlResult.FAILED),
        ([READ, LEFT], 0, 0, CrawlResult.INTERRUPTED),
        ([GONE, LEFT], 0, 100, CrawlResult.INTERRUPTED),
    ],
)
def test_the_ledger_alone_gives_the_verdict(
    statuses: list[FetchStatus], read_before: int, floor: float, verdict: CrawlResult
) -> None:
    assert classify_crawl(ledger(*statuses), already_read=read_before, min_percent=floor) is verdict


@pytest.mark.parametrize("status", sorted(set(FetchStatus) - {READ, SAME, LEFT}))
def test_no_page_that_was_not_read_makes_a_crawl_complete(status: FetchStatus) -> None:
    assert classify_crawl(ledger(READ, status)) is CrawlResult.PARTIAL
