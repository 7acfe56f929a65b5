"""Crawls that are killed: at most the page in flight is lost, and the next crawl fetches what is missing."""

import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from jobspider import pages
from jobspider.model import CrawlResult, FetchStatus
from jobspider.site import urls
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support import large_site
from tests.support.crawl_ledger import outcome
from tests.support.fake_site import Answer, LiveSite
from tests.support.fork_server import Forker
from tests.support.same_day import on_one_day

PAGES = 200
KILLS = 50


class Killer:
    """Kills one crawl at a moment: before, within or a few milliseconds after the answer to one of its requests."""

    def __init__(self, chance: random.Random) -> None:
        self._left = chance.randint(1, 6)
        self._how = chance.choice(["before", "within", "after", "after", "after"])
        self._delay = chance.uniform(0, 0.015)
        self._process = 0
        self._is_known = threading.Event()

    def aim(self, process: int) -> None:
        """Say which process is the crawl's."""
        self._process = process
        self._is_known.set()

    def fault(self, path: str) -> Answer | None:
        """Answer as the site does, and strike when the moment has come."""
        answer = large_site.answer(path)
        self._left -= 1
        if self._left:
            return answer
        if self._how == "before":
            self._kill()
        elif answer and self._how == "within":
            return replace(answer, cut=len(answer.body) // 2, sent=self._kill)
        else:
            answer = answer or Answer(404)
            return replace(answer, sent=lambda: threading.Timer(self._delay, self._kill).start())
        return answer

    def _kill(self) -> None:
        assert self._is_known.wait(30)
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)


def read_so_far(folder: Path) -> set[int]:
    """Return the numbers of the pages that are stored; the file is whole."""
    with Database.open(folder / "jobspider.db", read_only=True) as database:
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
        assert not database.rows("PRAGMA foreign_key_check")
        heads = Reader(database).latest_snapshots()
    return {number for head in heads if (number := large_site.number_of(head.url)) is not None}


@on_one_day
def test_fifty_kills_lose_double_and_halve_nothing(tmp_path: Path, forker: Forker) -> None:
    chance = random.Random(20251124)  # noqa: S311 - a choice of moments
    for life in range(KILLS):
        killer = Killer(chance)
        # A site of its own for each life: what the last one still had on its way is none of this one's.
        with LiveSite(fault=killer.fault) as site:
            killer.aim(forker.start(large_site.config(site, tmp_path, PAGES), f"life {life}"))
            assert forker.wait() == -signal.SIGKILL
            asked = numbers(site)
        assert len(set(asked)) == len(asked)
        if (tmp_path / "jobspider.db").exists():
            assert set(asked[:-1]) <= read_so_far(tmp_path)
    before = read_so_far(tmp_path)
    assert 0 < len(before) < PAGES
    with LiveSite(fault=large_site.answer) as site:
        forker.start(large_site.config(site, tmp_path, PAGES), "last")
        assert forker.wait() == 0
    assert sorted(numbers(site)) == sorted(set(range(PAGES)) - before)
    assert read_so_far(tmp_path) == set(range(PAGES))
    every_page_is_there_once_and_whole(tmp_path)


def numbers(site: LiveSite) -> list[int]:
    """Return the numbers of the pages that were asked for, in that order."""
    return [number for path in site.pages_asked if (number := large_site.number_of(path)) is not None]


def every_page_is_there_once_and_whole(folder: Path) -> None:
    with Database.open(folder / "jobspider.db", read_only=True) as database:
        reader = Reader(database)
        assert database.rows("SELECT count(*), count(DISTINCT subject_id) FROM snapshots") == [(PAGES, PAGES)]
        for number in range(PAGES):
            subject = urls.make_subject("permanent", large_site.REGION, large_site.term(number))
            kept = reader.latest(subject)
            assert kept is not None
            assert kept.content == pages.read_page(large_site.body(number), kept.head.url).content
        for (name,) in database.rows("SELECT token FROM crawls"):
            crawl = reader.crawl(name)
            assert crawl is not None
            assert crawl.verdict is (CrawlResult.COMPLETE if name == "last" else CrawlResult.INTERRUPTED)
            assert set(crawl.counts) <= {FetchStatus.STORED, FetchStatus.UNCHANGED, FetchStatus.PLANNED}
    assert not list((folder / "httpcache").glob("*.new"))
    assert outcome(folder).verdict is CrawlResult.COMPLETE


def test_a_database_that_takes_no_more_pages_is_not_told_that_those_left_have_failed(
    tmp_path: Path, forker: Forker
) -> None:
    """As on a disk with room for a few words, but not for a page."""
    path = tmp_path / "jobspider.db"
    with Database.open(path) as database:
        database.connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON captures WHEN (SELECT count(*) FROM captures) = 3"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with LiveSite(fault=large_site.answer) as site:
        config = large_site.config(site, tmp_path, 10)
        assert forker.crawl(config) == 4
        with Database.open(path) as database:
            assert database.rows("SELECT status, count(*) FROM fetches GROUP BY status") == [
                ("planned", 7),
                ("stored", 3),
            ]
            assert database.rows("SELECT outcome FROM crawls") == [(None,)]
            database.connection.execute("DROP TRIGGER full")
        asked = len(numbers(site))
        assert forker.crawl(config) == 0
    assert asked == 4
    assert len(read_so_far(tmp_path)) == 10
