from pathlib import Path

import pytest

from jobspider.errors import StoreError, UsageError
from jobspider.model import FetchStatus
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.backups import backup, restore
from jobspider.store.reader import Reader
from jobspider.store.schema import SCHEMA
from tests.support.sample_pages import BACKEND, DAY, MONDAY, crawl, page

SETS = (SCHEMA,)


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
    with pytest.raises(UsageError, match=r"monday\.db is there already: name another file"):
        backup(database, to)
    assert to.read_text() == "mine"


def test_a_backup_that_cannot_be_written_is_told(tmp_path: Path, database: Database) -> None:
    (tmp_path / "backups").touch()
    with pytest.raises(StoreError, match=r"monday\.db cannot be written: "):
        backup(database, tmp_path / "backups" / "monday.db")


def test_a_damaged_database_makes_no_backup(tmp_path: Path, database_path: Path) -> None:
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
        ((root,),) = database.rows("SELECT rootpage FROM sqlite_master WHERE name = 'skill_shares'")
    body = bytearray(database_path.read_bytes())
    body[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    database_path.write_bytes(body)
    to = tmp_path / "monday.db"
    with Database.open(database_path) as database, pytest.raises(StoreError, match=r"^\S*/jobs\.db is damaged"):
        backup(database, to)
    assert not list(tmp_path.glob("monday.db*"))


def as_of(path: Path) -> list[str]:
    with Database.open(path, read_only=True) as database:
        return [head.as_of.isoformat() for head in Reader(database).latest_snapshots()]


@pytest.fixture
def monday(database_path: Path, tmp_path: Path) -> Path:
    """Make a backup of Monday; the database itself goes on to Tuesday."""
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
        backup(database, tmp_path / "monday.db")
        crawl(Writer(database), page(MONDAY + DAY), "second")
    return tmp_path / "monday.db"


def test_a_backup_is_put_back_and_what_stood_there_is_kept(database_path: Path, monday: Path, tmp_path: Path) -> None:
    restore(database_path, monday, tmp_path / "aside.db", SETS)
    assert as_of(database_path) == ["2025-10-13"]
    assert as_of(tmp_path / "aside.db") == ["2025-10-14"]
    assert as_of(monday) == ["2025-10-13"]
    with Database.open(database_path) as database:
        assert crawl(Writer(database), page(MONDAY + DAY * 2), "third") is FetchStatus.UNCHANGED


def test_a_backup_is_put_where_nothing_is(monday: Path, tmp_path: Path) -> None:
    to = tmp_path / "new" / "jobs.db"
    restore(to, monday, tmp_path / "aside.db", SETS)
    assert as_of(to) == ["2025-10-13"]
    assert not (tmp_path / "aside.db").exists()


def test_a_damaged_database_is_replaced_too(database_path: Path, monday: Path, tmp_path: Path) -> None:
    database_path.write_bytes(b"gone")
    restore(database_path, monday, tmp_path / "aside.db", SETS)
    assert as_of(database_path) == ["2025-10-13"]
    assert (tmp_path / "aside.db").read_bytes() == b"gone"


def test_a_log_that_a_crash_left_is_set_aside_and_never_replayed_into_the_backup(
    database_path: Path, monday: Path, tmp_path: Path
) -> None:
    with Database.open(database_path) as database:
        crawl(Writer(database), page(MONDAY + DAY * 2), "third")
        file, log = database_path.read_bytes(), database_path.with_name("jobs.db-wal").read_bytes()
    database_path.write_bytes(file)
    database_path.with_name("jobs.db-wal").write_bytes(log)
    restore(database_path, monday, tmp_path / "aside.db", SETS)
    assert as_of(database_path) == ["2025-10-13"]
    assert as_of(tmp_path / "aside.db") == ["2025-10-15"]


@pytest.mark.parametrize("damage", ["cut", "overwritten", "another program's", "missing", "newer"])
def test_a_backup_that_is_not_whole_and_ours_is_refused(
    database_path: Path, monday: Path, tmp_path: Path, damage: str
) -> None:
    body = bytearray(monday.read_bytes())
    if damage == "cut":
        monday.write_bytes(body[: len(body) // 2])
    elif damage == "overwritten":
        with Database.open(monday, any_version=True) as database:
            ((root,),) = database.rows("SELECT rootpage FROM sqlite_master WHERE name = 'skill_shares'")
        body[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
        monday.write_bytes(body)
    elif damage == "another program's":
        monday.write_text("my diary")
    elif damage == "missing":
        monday.unlink()
    else:
        with Database.open(monday) as database, database.immediate() as connection:
            connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('jobspider', 'm900')")
    with pytest.raises(UsageError if damage == "missing" else StoreError):
        restore(database_path, monday, tmp_path / "aside.db", SETS)
    assert as_of(database_path) == ["2025-10-14"]
    assert not (tmp_path / "aside.db").exists()


def test_what_was_set_aside_before_is_never_overwritten(database_path: Path, monday: Path, tmp_path: Path) -> None:
    (tmp_path / "aside.db").write_text("mine")
    with pytest.raises(StoreError, match=r"aside\.db is there already: move it away"):
        restore(database_path, monday, tmp_path / "aside.db", SETS)
    assert as_of(database_path) == ["2025-10-14"]
