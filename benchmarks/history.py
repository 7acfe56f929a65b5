"""What years of history cost to ask and to keep: ``python benchmarks/history.py [SUBJECTS]``.

Two databases with as many subjects, one with 4 weekly snapshots of each and one with 104, every one with figures of its
own and 192 skills; the rows are written ready made. 1,000 subjects make 20 million rows of skills; without an argument
it is a tenth of that. Each view is asked as a person or a browser of tables asks it; the best of some runs counts.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from jobspider.site.statistics import STATISTICS
from jobspider.store.database import Database
from jobspider.store.reader import Reader

WEEKS: Final = (4, 104)
LISTS: Final = 12
SKILLS_OF_A_LIST: Final = 16
ADVERTISEMENTS: Final = 1201
MOST_TIMES_SHORT: Final = 1.2
MOST_MILLISECONDS: Final = 50.0
FIRST: Final = date(2023, 11, 27)
RUNS: Final = 7
_ABOUT_PAY: Final = tuple(statistic.key for statistic in STATISTICS if statistic.is_pay)
_OTHER: Final = tuple(statistic.key for statistic in STATISTICS if not statistic.is_pay)

QUESTIONS: Final = {
    "latest, every subject": "SELECT * FROM latest",
    "latest of a region, the best paid first": "SELECT * FROM latest WHERE region = 'region 3' ORDER BY median DESC",
    "history of a subject": "SELECT * FROM history WHERE region = 'region 3' AND term = 'term 1'",
    "history of a subject, the newest first": "SELECT * FROM history WHERE subject_id = 7 ORDER BY as_of DESC LIMIT 10",
    "history, as a browser of tables opens it": "SELECT * FROM history LIMIT 101",
    "skill_history of a skill of a subject": (
        "SELECT * FROM skill_history WHERE region = 'region 3' AND term = 'term 1' AND name = 'skill 3/7'"
    ),
    "skill_history of a snapshot": (
        "SELECT * FROM skill_history WHERE snapshot_id = (SELECT max(id) FROM snapshots WHERE subject_id = 7)"
    ),
    "skill_history, as a browser opens it": "SELECT * FROM skill_history LIMIT 101",
    "skill_history of one skill, the whole list": (
        "SELECT * FROM skill_history WHERE subject_id = 7 AND list = 'list 3' AND name = 'skill 3/7' ORDER BY as_of"
    ),
    "skills of the newest page of each subject": (
        "SELECT region_name, share FROM latest JOIN skills USING (content_id)"
        " WHERE name = 'skill 3/7' AND list = 'list 3'"
    ),
}


def fill(database: Database, subjects: int, weeks: int) -> None:
    """Write subjects and their weeks."""
    connection = database.connection
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO subjects VALUES (?, 'permanent', ?, ?, 6, ?, 'role', 'Job Titles', ?, 'England', 'https://example.org')",
        [
            (n + 1, f"region {n % 40}", f"term {n // 40}", f"Term {n // 40}", f"Region {n % 40}")
            for n in range(subjects)
        ],
    )
    connection.execute("INSERT INTO crawls VALUES (1, 'all', 'roles', '', '', 'complete', 0, 0, 0, 0, '', 1)")
    connection.executemany(
        "INSERT INTO skill_names VALUES (?, ?, ?)",
        [
            (each * SKILLS_OF_A_LIST + n + 1, f"skill {each}/{n}", f"list {each}")
            for each in range(LISTS)
            for n in range(SKILLS_OF_A_LIST)
        ],
    )
    for week in range(weeks):
        as_of = (FIRST + timedelta(weeks=week)).isoformat()
        ids = range(week * subjects + 1, (week + 1) * subjects + 1)
        connection.executemany(
            "INSERT INTO contents VALUES (?, ?, ?, 'All Permanent IT Job Vacancies')",
            [(content, content - week * subjects, f"{content:064x}") for content in ids],
        )
        connection.executemany("INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?)", _figures(ids))
        connection.executemany("INSERT INTO skill_shares VALUES (?, ?, ?, ?, ?, ?)", _skills(ids))
        connection.executemany(
            "INSERT INTO snapshots VALUES (?, ?, ?, ?, 1, '2025-11-24T06:30:00.000Z', 1, ?, NULL)",
            [(content, content - week * subjects, as_of, content, f"{content:064x}") for content in ids],
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _figures(contents: range) -> Iterator[tuple[Any, ...]]:
    for content in contents:
        for scope in ("category", "term"):
            for key in _OTHER:
                yield (content, scope, "", key, content % 997, 100.5, 90.25)
            for key in _ABOUT_PAY:
                yield (content, scope, "annual", key, 50_000.0 + content % 991, 45_000, 47_500)


def _skills(contents: range) -> Iterator[tuple[Any, ...]]:
    for content in contents:
        for skill in range(1, LISTS * SKILLS_OF_A_LIST + 1):
            position = (skill - 1) % SKILLS_OF_A_LIST + 1
            count = (content + skill) % ADVERTISEMENTS
            yield content, skill, position, position - position % 3, count, round(100 * count / ADVERTISEMENTS, 2)


def fastest(work: Callable[[], object]) -> float:
    """Return the milliseconds of the fastest of some runs."""
    times = []
    for _ in range(RUNS):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return min(times) * 1000


def newest_and_previous(database: Database) -> int:
    """Read the newest snapshot of every subject and the one before."""
    reader = Reader(database)
    return len(reader.latest_snapshots()) + len(reader.latest_snapshots(back=1))


def measured(path: Path, subjects: int, weeks: int) -> float:
    """Fill a database, print what it costs, and return the milliseconds of newest and previous."""
    with Database.open(path) as database:
        began = perf_counter()
        fill(database, subjects, weeks)
        seconds = perf_counter() - began
        ((rows,),) = database.rows("SELECT count(*) FROM skill_shares")
        assert newest_and_previous(database) == 2 * subjects
        took = fastest(lambda: newest_and_previous(database))
    size = path.stat().st_size
    print(f"{subjects:,} subjects, {weeks} weeks: {rows:,} rows of skills, {size / 1e6:,.0f} MB, {seconds:.0f} s")
    print(f"  {size / subjects / weeks:,.0f} bytes a page; newest and previous of all: {took:.1f} ms")
    return took


def asked(database: Database, name: str, sql: str) -> float:
    """Ask a question, print what it costs, and return its milliseconds."""
    took = fastest(lambda: database.rows(sql))
    print(f"  {name:<44} {took:6.1f} ms, {len(database.rows(sql)):>6,} rows")
    return took


def main(subjects: int) -> int:
    """Print the figures, and return 1 if a budget is overrun."""
    few, many = WEEKS
    with TemporaryDirectory() as folder:
        short, long = (measured(Path(folder) / f"{weeks}.db", subjects, weeks) for weeks in (few, many))
        with Database.open(Path(folder) / f"{many}.db", read_only=True) as database:
            slowest = max(asked(database, name, sql) for name, sql in QUESTIONS.items())
    print(f"the slowest question            {slowest:.1f} ms (budget {MOST_MILLISECONDS:.0f})")
    print(f"newest and previous, {many} to {few} weeks: {long / short:.2f} (budget {MOST_TIMES_SHORT})")
    return int(long / short > MOST_TIMES_SHORT or slowest > MOST_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
