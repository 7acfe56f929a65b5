"""Forks children that store page after page until they are killed: ``python dying.py DATABASE MOMENTS``.

The children of even moments die in the middle of SQLite's own machine, after a number of its steps; those of odd ones
are killed from outside, some time after a page was reported. All write to one file. Prints, as JSON, what each child
reported and what was in the file after its death.
"""

import json
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.sample_pages import MORNING, content, crawl, page

FIRST_DAY = date(2025, 1, 1)
MOST_STEPS = 12_000
STEPS_AT_ONCE = 5
MOST_SECONDS = 0.006
RAW = b"<html>" + b"".join(b"<td>%d</td>" % (number * number) for number in range(600))


def child(path: Path, moment: int, first: int, reports: int) -> None:
    """Store pages until death, reporting each."""
    chance = random.Random(moment)  # noqa: S311 - a moment, not a secret
    left = chance.randrange(1, MOST_STEPS) // STEPS_AT_ONCE

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with Database.open(path) as database:
        if moment % 2 == 0:
            database.connection.set_progress_handler(count, STEPS_AT_ONCE)
        for day in range(first, first + 1000):
            what = page(FIRST_DAY + timedelta(days=day), content(median=1 + day, live_jobs={"Worcestershire": day}))
            crawl(Writer(database), what, f"{moment}/{day}", MORNING, RAW + b"%d" % day)
            os.write(reports, b"%d\n" % day)


def killed(path: Path, moment: int, first: int) -> list[int]:
    """Let a child store pages until its moment comes, and return the days that it reported."""
    reader, reports = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        child(path, moment, first, reports)
        os._exit(0)
    os.close(reports)
    with os.fdopen(reader, "rb") as lines:
        said = b""
        if moment % 2:
            said = lines.readline()
            until = perf_counter() + random.Random(moment).uniform(0, MOST_SECONDS)  # noqa: S311 - likewise
            while perf_counter() < until:
                pass
            os.kill(pid, signal.SIGKILL)
        said += lines.read()
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    return [int(line) for line in said.split()]


def main(path: Path, moments: int) -> None:
    """Kill a child at every moment."""
    Database.open(path).close()
    found = []
    first = 0
    for moment in range(moments):
        reported = killed(path, moment, first)
        with closing(sqlite3.connect(path)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0]
            stored = [
                (date.fromisoformat(as_of) - FIRST_DAY).days
                for (as_of,) in connection.execute("SELECT as_of FROM snapshots ORDER BY as_of")
            ]
        found.append(
            {"reported": reported, "first": first, "sound": sound, "stored": stored[first:], "all": len(stored)}
        )
        first = len(stored)
    print(json.dumps(found))  # noqa: T201 - its result


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
