from pathlib import Path

import pytest

from jobspider.errors import StoreError
from jobspider.model import FetchStatus
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.upkeep import backup, prune_captures
from jobspider.store.writer import Writer
from tests.jobspider.store.samples import BACKEND, DAY, MONDAY, MORNING, begin, capture, content, crawl, page


def bodies(database: Database) -> set[str]:
    return {sha256 for (sha256,) in database.rows("SELECT sha256 FROM captures")}


def test_raw_pages_are_dropped_when_they_are_older_than_asked_and_the_figures_stay(
    database: Database, writer: Writer, reader: Reader
) -> None:
    for n in range(3):
        crawl(writer, page(MONDAY + DAY * n, content(600 + n)), f"day {n}", MORNING + DAY * n, b"%d" % n)
    assert prune_captures(database, MORNING + DAY) == 1
    assert bodies(database) == {capture(b"1").sha256, capture(b"2").sha256}
    assert prune_captures(database, MORNING + DAY) == 0
    assert reader.snapshot(1).content.term == content(600).term


def test_a_quarantined_page_is_kept_until_its_case_is_dismissed(database: Database, writer: Writer) -> None:
    odd = capture(b"odd")
    writer.record_failure(begin(writer), page().url, FetchStatus.LAYOUT_CHANGED, "odd", 200, MORNING, odd)
    assert prune_captures(database, MORNING + DAY * 365) == 0
    assert bodies(database) == {odd.sha256}
    with database.immediate() as connection:
        connection.execute("UPDATE quarantine SET state = 'dismissed'")
    assert prune_captures(database, MORNING + DAY * 365) == 1


def test_a_case_without_bytes_does_not_keep_others_from_being_dropped(database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    crawl_id = begin(writer, "second")
    writer.record_failure(crawl_id, page().url, FetchStatus.WRONG_PAGE, "redirected", 302, MORNING)
    assert prune_captures(database, MORNING + DAY) == 1


def test_a_backup_is_one_file_with_everything_in_it(tmp_path: Path, database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    to = tmp_path / "backups" / "monday.db"
    backup(database, to)
    assert [each.name for each in to.parent.iterdir()] == ["monday.db"]
    with Database.open(to, read_only=True) as copy:
        assert Reader(copy).latest(BACKEND) == Reader(database).latest(BACKEND)
        assert Reader(copy).crawl("first") == Reader(database).crawl("first")


def test_a_backup_can_be_written_on(tmp_path: Path, database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    backup(database, tmp_path / "copy.db")
    with Database.open(tmp_path / "copy.db") as copy:
        assert crawl(Writer(copy), page(MONDAY + DAY), "second") is FetchStatus.UNCHANGED
        assert copy.rows("PRAGMA journal_mode") == [("wal",)]


def test_a_backup_never_replaces_a_file(tmp_path: Path, database: Database) -> None:
    to = tmp_path / "monday.db"
    to.write_text("mine")
    with pytest.raises(StoreError, match=r"monday\.db is there already: name another file"):
        backup(database, to)
    assert to.read_text() == "mine"


def test_a_backup_that_cannot_be_written_is_told(tmp_path: Path, database: Database) -> None:
    (tmp_path / "backups").touch()
    with pytest.raises(StoreError, match=r"monday\.db cannot be written: "):
        backup(database, tmp_path / "backups" / "monday.db")


def test_a_damaged_database_makes_no_backup(tmp_path: Path, database_path: Path) -> None:
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
        ((root,),) = database.rows("SELECT rootpage FROM sqlite_master WHERE name = 'skills'")
    body = bytearray(database_path.read_bytes())
    body[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    database_path.write_bytes(body)
    to = tmp_path / "monday.db"
    with Database.open(database_path) as database, pytest.raises(StoreError, match="damaged"):
        backup(database, to)
    assert not list(tmp_path.glob("monday.db*"))
