"""A signal at any moment of a crawl, from the first row of its ledger on, and however it was begun, interrupts it."""

import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from jobspider.model import CrawlResult, FetchStatus
from tests.support.cli import environment, scrapy
from tests.support.crawl_ledger import outcome, row_of
from tests.support.fake_site import PROJECT, Answer, LiveSite

if TYPE_CHECKING:
    from collections.abc import Iterator

LONDON = "/jobs/london/backend%20developer.do"
WAYS = {
    "jobspider": ("alerts.cli", "crawl"),
    "a scheduled crawl": ("jobspider.crawl", "--token", "begun"),
    "scrapy": ("scrapy", "crawl", "roles", "--loglevel", "ERROR"),
}
MOMENTS = ("Overridden settings", "Enabled extensions", "Enabled item pipelines", "Spider opened")
"""What Scrapy's log says of its start, in that order."""
SECONDS_OF_GRACE = 3


@contextmanager
def begun(path: Path, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """Begin a crawl as a process of its own; it is gone afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=PROJECT, env=environment(path), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def await_ledger(path: Path, process: "subprocess.Popen[str]") -> None:
    """Return as soon as the crawl's ledger can be read."""
    while process.poll() is None:
        # Before that there is no file, or no table in it.
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{path.with_name('jobspider.db')}?mode=ro", uri=True)) as database,
        ):
            if database.execute("SELECT count(*) FROM fetches").fetchone() != (0,):
                return
    pytest.fail(f"it ended before its ledger began: {process.communicate()}")


def await_line(text: str, process: "subprocess.Popen[str]") -> None:
    """Return as soon as the crawl's log has a line with these words."""
    assert process.stderr is not None
    assert any(text in line for line in process.stderr), f"it has not said {text!r}"


def everything_is_left(path: Path) -> bool:
    """Tell whether a crawl was interrupted before it had asked for anything."""
    found = outcome(path.parent)
    return found.verdict is CrawlResult.INTERRUPTED and set(found.counts) == {FetchStatus.PLANNED}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("way", WAYS)
def test_a_signal_as_soon_as_there_is_a_ledger_interrupts_the_crawl(
    way: str, how: signal.Signals, tmp_path: Path
) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path, delay_seconds=60)
        with begun(path, *WAYS[way]) as process:
            await_ledger(path, process)
            process.send_signal(how)
            _, said = process.communicate(timeout=30)
    assert process.returncode == 5
    assert not said
    assert everything_is_left(path)
    assert not site.pages_asked


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_while_scrapy_starts_interrupts_the_crawl(moment: str, how: signal.Signals, tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path, delay_seconds=60)
        with begun(path, "scrapy", "crawl", "roles", "--loglevel", "DEBUG") as process:
            await_line(moment, process)
            process.send_signal(how)
            _, said = process.communicate(timeout=30)
    assert process.returncode == 5
    assert not re.search("ERROR|CRITICAL|Traceback|never retrieved|was destroyed", said)
    assert everything_is_left(path)
    assert not site.pages_asked


def test_a_second_signal_does_not_wait_for_the_answer_on_its_way(tmp_path: Path) -> None:
    reached, released = threading.Event(), threading.Event()

    def hang(asked: str) -> Answer | None:
        if asked != LONDON:
            return None
        reached.set()
        released.wait(30)
        return Answer(200)

    with LiveSite(fault=hang) as site:
        path = site.config(tmp_path)
        with begun(path, "scrapy", "crawl", "roles", "--loglevel", "INFO") as process:
            assert reached.wait(30)
            process.send_signal(signal.SIGINT)
            await_line("Received SIGINT", process)
            began = monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
            seconds = monotonic() - began
        released.set()
    assert process.returncode == 5
    assert seconds < SECONDS_OF_GRACE
    assert not re.search("ERROR|CRITICAL|Traceback|never retrieved|was destroyed", said)
    assert row_of(outcome(tmp_path), LONDON).status is FetchStatus.PLANNED


def test_a_crawl_that_cannot_start_has_failed(tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        ended = scrapy("crawl", "roles", "-s", "SCHEDULER=no.such.Scheduler", config=path)
    assert ended.returncode == 4
    found = outcome(tmp_path)
    assert found.verdict is CrawlResult.FAILED
    assert {row.reason for row in found.ledger} == {"not requested: the crawl did not start: see the log"}
    assert "no.such" in ended.stderr


def test_more_than_one_spider_is_refused_before_anything_is_begun(tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        ended = scrapy("crawl", "roles", "market", config=path)
    assert ended.returncode == 2
    assert "give the name of one spider: roles or market" in ended.stdout + ended.stderr
    assert not path.with_name("jobspider.db").exists()


@pytest.mark.parametrize("way", ["jobspider", "a scheduled crawl"])
def test_a_crawl_needs_no_stderr(way: str, tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        ended = subprocess.run(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", *WAYS[way]], env=environment(path), cwd=PROJECT,
            stdout=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 0
    assert outcome(tmp_path).verdict is CrawlResult.COMPLETE
