from datetime import date
from pathlib import Path

import pytest

from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.inspection import check_integrity, database_info
from tests.support.demo_database import fill
from tests.support.sample_pages import DAY, MONDAY, MORNING, content, crawl, page


def test_an_empty_database_is_sound_and_has_no_dates(database: Database) -> None:
    assert list(check_integrity(database)) == []
    found = database_info(database)
    assert (found.subjects, found.snapshots, found.oldest_as_of, found.pages_a_day) == (0, 0, None, None)


def test_the_pages_of_the_bundled_site_are_sound(database: Database) -> None:
    fill(database)
    assert list(check_integrity(database)) == []


def test_the_sizes_are_those_of_the_file(database: Database, database_path: Path) -> None:
    fill(database)
    found = database_info(database)
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert found.bytes == database_path.stat().st_size
    # All but the free pages and the schema's own.
    assert found.bytes * 0.9 < found.free_bytes + sum(table.bytes or 0 for table in found.tables) < found.bytes
    assert found.tables[0].bytes == max(table.bytes or 0 for table in found.tables)


def test_the_counts_and_dates_are_those_of_what_was_stored(database: Database, writer: Writer) -> None:
    for day in range(3):
        crawl(writer, page(MONDAY + DAY * day, content(600 + day // 2)), f"day {day}", MORNING + DAY * day)
    found = database_info(database)
    assert (found.subjects, found.snapshots, found.contents) == (1, 3, 2)
    assert (found.oldest_as_of, found.newest_as_of) == (date(2025, 10, 13), date(2025, 10, 15))
    assert found.pages_a_day == 1
    rows = {table.name: table.rows for table in found.tables}
    assert (rows["snapshots"], rows["fetches"], rows["skill_shares"]) == (3, 3, 8)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE figures SET now = 640 WHERE statistic = 'median'", "content 1: its figures were altered after"),
        (
            "UPDATE figures SET now = 9000 WHERE statistic = 'median' AND scope = 'term'",
            "content 1, snapshot 1: percentile_order: expected rising daily percentiles of table 1",
        ),
        (
            "UPDATE skill_shares SET rank = position + 1",
            "content 1, snapshot 1: skill_ranks: expected rank 1 for 'SQL' in 'top'",
        ),
        ("UPDATE figures SET statistic = 'mean' WHERE statistic = 'median'", "content 1: the database has a figure"),
        ("UPDATE captures SET body = x'00'", "the stored page "),
        ("UPDATE captures SET sha256 = 'abc'", "the stored page abc has other bytes than were fetched"),
        ("DELETE FROM crawls", "fetches row None points at a row of crawls that is not there"),
    ],
)
def test_what_is_not_sound_is_told(database: Database, writer: Writer, sql: str, said: str) -> None:
    crawl(writer, page(), "first")
    database.connection.execute("PRAGMA foreign_keys = OFF")
    database.connection.execute(sql)
    assert any(line.startswith(said) for line in check_integrity(database))


def test_a_damaged_page_of_the_file_is_told_and_nothing_else(database_path: Path) -> None:
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
        ((root,),) = database.rows("SELECT rootpage FROM sqlite_master WHERE name = 'skill_shares'")
    body = bytearray(database_path.read_bytes())
    body[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    database_path.write_bytes(body)
    with Database.open(database_path, read_only=True) as database:
        lines = list(check_integrity(database))
    assert lines
    assert all(line.startswith("the file is damaged: ") for line in lines)
