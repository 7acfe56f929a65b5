"""What was reported as stored is there after any death, were it in the middle of a write."""

import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.inspection import check_integrity
from tests.support.cli import environment
from tests.support.fake_site import PROJECT
from tests.support.sample_pages import BACKEND, DAY, MONDAY, MORNING, begin, content, crawl, page

MOMENTS = 200
PAGES = 12


def test_two_hundred_kills_in_the_middle_of_writes_lose_nothing_that_was_reported(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    died = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_writer", path, str(MOMENTS)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    deaths = json.loads(died.stdout)
    assert len(deaths) == MOMENTS
    for death in deaths:
        first, reported, stored = death["first"], death["reported"], death["stored"]
        assert death["sound"] == "ok"
        # Every page reported is there, in order, and at most the one that was being written when the end came.
        assert reported == list(range(first, first + len(reported)))
        assert stored == list(range(first, first + len(stored)))
        assert len(stored) - len(reported) in (0, 1)
    # The moments are of all kinds: before the first page was stored, and after some; after a commit, and before it.
    assert {bool(death["reported"]) for death in deaths} == {True, False}
    assert {len(death["stored"]) - len(death["reported"]) for death in deaths} == {0, 1}
    with Database.open(path, read_only=True) as database:
        assert list(check_integrity(database)) == []


def test_two_hundred_power_cuts_lose_nothing_that_had_reached_the_disk(tmp_path: Path) -> None:
    """A power cut leaves of the write-ahead log what was synced, and anything at all of what was not."""
    path = tmp_path / "jobs.db"
    with Database.open(path) as database:
        database.connection.execute("PRAGMA wal_autocheckpoint = 0")
        log = path.with_name("jobs.db-wal")
        synced = []
        for day in range(PAGES):
            crawl(Writer(database), page(MONDAY + DAY * day, content(600 + day)), f"day {day}", MORNING, b"%d" % day)
            synced.append(log.stat().st_size)
        file, whole = path.read_bytes(), log.read_bytes()
    for moment in range(MOMENTS):
        chance = random.Random(moment)  # noqa: S311 - a moment, not a secret
        cut = chance.randrange(len(whole) + 1)
        left = tmp_path / f"{moment}.db"
        left.write_bytes(file)
        torn = chance.randbytes(chance.randrange(9000)) if moment % 2 else b""
        left.with_name(f"{left.name}-wal").write_bytes(whole[:cut] + torn)
        with closing(sqlite3.connect(left)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'snapshots'").fetchone()[0]
            stored = connection.execute("SELECT count(*) FROM snapshots").fetchone()[0] if tables else 0
        reported = sum(size <= cut for size in synced)
        # The log is padded after a commit, so the page that was being written may be whole before its time.
        assert reported <= stored <= reported + 1


STORING = """
import sys
from pathlib import Path
from jobspider.store.database import Database
from jobspider.store.crawl_writer import Writer
from tests.support.sample_pages import DAY, MONDAY, content, page, store, BACKEND
from dataclasses import replace
from datetime import timedelta

name, crawl_id, pages = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Database.open(Path(sys.argv[1])) as database:
    for number in range(pages):
        of = replace(BACKEND, term=f"{name} {number}")
        print(store(Writer(database), crawl_id, page(of=of)), flush=True)
"""


def test_two_processes_that_store_at_once_both_store_everything(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    names, pages = ("left", "right"), 40
    with Database.open(path) as database:
        crawl_id = begin(
            Writer(database),
            "both",
            MORNING,
            *(replace(BACKEND, term=f"{name} {number}") for name in names for number in range(pages)),
        )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STORING, path, name, str(crawl_id), str(pages)],
            cwd=PROJECT,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    said = [process.communicate()[0].split() for process in processes]
    assert said == [["stored"] * pages] * 2
    with Database.open(path, read_only=True) as database:
        assert database.rows("SELECT status, count(*) FROM fetches GROUP BY status") == [("stored", 2 * pages)]
        assert list(check_integrity(database)) == []
