"""kill -9 in the middle of a write, in a real process: what was reported as stored is there, the rest is not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobspider.model import CrawlResult, FetchStatus
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.sample_pages import DAY, MONDAY, MORNING, begin, content, crawl, page

ROOT = Path(__file__).parents[3]

STORING = """
import os, signal, sys
from pathlib import Path
from jobspider.store.database import Database
from jobspider.store.crawl_writer import Writer
from tests.support.sample_pages import DAY, MONDAY, begin, content, crawl, page

def die():
    os.kill(os.getpid(), signal.SIGKILL)

left = int(sys.argv[3])

def watch(statement):
    global left
    left -= statement.lstrip().startswith(sys.argv[2])
    if not left:
        die()

with Database.open(Path(sys.argv[1])) as database:
    if sys.argv[2]:
        database.connection.set_trace_callback(watch)
    else:
        database.connection.set_progress_handler(die, left)
    for day in range(1000):
        what = page(MONDAY + DAY * day, content(median=600 + day, live_jobs={"Worcestershire": day}))
        print(day, crawl(Writer(database), what, f"day {day}", body=b"%d" % day), flush=True)
"""

PARTS_OF_EACH_CONTENT = """
SELECT (SELECT count(*) FROM figures WHERE content_id = contents.id),
       (SELECT count(*) FROM skill_shares WHERE content_id = contents.id),
       (SELECT count(*) FROM locations WHERE content_id = contents.id),
       (SELECT count(*) FROM live_jobs JOIN snapshots ON id = snapshot_id WHERE content_id = contents.id),
       (SELECT count(*) FROM captures JOIN snapshots USING (sha256) WHERE content_id = contents.id),
       (SELECT count(*) FROM fetches JOIN snapshots USING (crawl_id) WHERE content_id = contents.id
                                                                       AND status = 'stored')
FROM contents
"""
WHOLE = (8, 4, 2, 1, 1, 1)

STATEMENTS = [
    *("BEGIN", "INSERT INTO crawls", "INSERT INTO fetches", "INSERT INTO contents"),
    *("INSERT INTO snapshots", "UPDATE subjects", "INSERT INTO captures", "UPDATE fetches", "COMMIT", "UPDATE crawls"),
]


def killed(database_path: Path, statement: str, times: int) -> list[str]:
    """Store page after page in a process that dies just before a statement's n-th time; return what it reported.

    Without a statement, it dies in the middle of whichever has taken SQLite's own machine n steps first.
    """
    child = subprocess.run(
        [sys.executable, "-c", STORING, database_path, statement, str(times)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    return child.stdout.splitlines()


@pytest.mark.parametrize(
    ("statement", "times"),
    [
        *((statement, 5) for statement in STATEMENTS),
        ("COMMIT", 6),
        ("INSERT INTO figures", 20),
        ("INSERT INTO skill_shares", 20),
        ("", 601),
        ("", 1201),
    ],
)
def test_a_killed_process_leaves_whole_pages_and_none_that_it_reported_is_missing(
    database_path: Path, statement: str, times: int
) -> None:
    Database.open(database_path).close()
    reported = killed(database_path, statement, times)
    assert reported
    with Database.open(database_path) as database:
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
        assert database.rows("PRAGMA foreign_key_check") == []
        stored = database.rows(PARTS_OF_EACH_CONTENT)
        assert set(stored) == {WHOLE}
        assert len(stored) in (len(reported), len(reported) + 1)
        assert reported == [f"{day} stored" for day in range(len(reported))]
        next_page = page(MONDAY + DAY * 2000, content())
        assert crawl(Writer(database), next_page, "next", MORNING) is FetchStatus.STORED


def test_a_crawl_that_was_killed_is_told_from_one_that_runs(database_path: Path) -> None:
    assert killed(database_path, "UPDATE fetches", 2) == ["0 stored"]
    with Database.open(database_path) as database:
        begin(Writer(database), "next", MORNING + DAY)
        found = {token: Reader(database).crawl(token) for token in ("day 0", "day 1", "next")}
    assert {token: outcome and (outcome.verdict, outcome.counts) for token, outcome in found.items()} == {
        "day 0": (CrawlResult.COMPLETE, {FetchStatus.STORED: 1}),
        "day 1": (CrawlResult.INTERRUPTED, {FetchStatus.PLANNED: 1}),
        "next": (None, {FetchStatus.PLANNED: 1}),
    }
