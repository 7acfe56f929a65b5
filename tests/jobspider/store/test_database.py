import contextlib
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

from jobspider.errors import StoreError, StoreLockedError
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.schema import SCHEMA
from tests.support.sample_pages import BACKEND, begin, capture, crawl, page, store

TABLES = {
    *(
        "subjects",
        "crawls",
        "fetches",
        "snapshots",
        "contents",
        "figures",
        "skill_names",
        "skill_shares",
        "locations",
    ),
    *("live_jobs", "market_rows", "captures", "quarantine", "former_readings"),
}


def quick(path: Path) -> Database:
    return Database.open(path, busy_timeout_seconds=0.01)


def test_a_new_file_gets_every_table_strict_and_the_views(database: Database) -> None:
    kinds = {name: (kind, strict) for _, name, kind, _, _, strict in database.rows("PRAGMA table_list")}
    assert {name for name, (kind, _) in kinds.items() if kind == "view"} == {
        *("history", "latest", "skill_history", "skills"),
    }
    assert {name for name, kind in kinds.items() if kind == ("table", 1)} == TABLES


def test_a_database_is_written_ahead_synced_in_full_and_checks_its_keys(database: Database) -> None:
    pragmas = {name: database.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deep" / "jobs.db"
    Database.open(path).close()
    assert path.is_file()


def test_a_name_that_means_something_in_an_address_is_just_a_name(tmp_path: Path) -> None:
    path = tmp_path / "what? 100% #1.db"
    Database.open(path).close()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_opening_again_changes_nothing(database_path: Path) -> None:
    Database.open(database_path).close()
    before = database_path.read_bytes()
    Database.open(database_path).close()
    assert database_path.read_bytes() == before


@pytest.mark.parametrize("options", [{"read_only": True}, {"create": False}, {"read_only": True, "create": True}])
def test_a_missing_database_is_not_made_when_it_is_only_to_be_read(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "none" / "jobs.db"
    with pytest.raises(StoreError, match=r"no database at .*jobs\.db: run a crawl first"):
        Database.open(path, **options)
    assert not path.parent.exists()


def test_an_empty_file_to_be_read_asks_for_a_crawl(database_path: Path) -> None:
    database_path.touch()
    with pytest.raises(StoreError, match=r"jobs\.db is empty: run a crawl first"):
        Database.open(database_path, read_only=True)


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: it must be a file"):
        Database.open(tmp_path)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StoreError, match="cannot be opened: "):
        Database.open(tmp_path / "data" / "jobs.db")


def test_a_file_that_is_no_database_is_told_and_left_alone(database_path: Path) -> None:
    database_path.write_bytes(b"[site]\n" * 1000)
    with pytest.raises(StoreError, match="is not a SQLite database: name another file"):
        Database.open(database_path)
    assert database_path.read_bytes() == b"[site]\n" * 1000


def test_a_database_of_another_program_is_told_and_left_alone(database_path: Path) -> None:
    with sqlite3.connect(database_path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = database_path.read_bytes()
    with pytest.raises(StoreError, match="is a database of another program: name another file"):
        Database.open(database_path)
    assert database_path.read_bytes() == before


def test_a_damaged_database_is_told(database_path: Path) -> None:
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
    body = bytearray(database_path.read_bytes())
    body[4096:] = b"\xa5" * (len(body) - 4096)
    database_path.write_bytes(body)
    with pytest.raises(StoreError, match=r"jobs\.db is damaged: put a backup in its place"):
        Database.open(database_path)


def test_a_newer_database_is_refused(database_path: Path) -> None:
    with Database.open(database_path) as database, database.immediate() as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('jobspider', 'm900_more', '')"
        )
    with pytest.raises(StoreError, match=r"newer version of this program .*m900_more.*install that version"):
        Database.open(database_path)


def test_a_database_that_another_holds_for_writing_is_locked(database_path: Path, database: Database) -> None:
    with database.immediate(), quick(database_path) as second:
        with pytest.raises(StoreLockedError, match=r"jobs\.db is in use by another process: wait"), second.immediate():
            pass
        assert not second.connection.in_transaction


def test_one_who_writes_keeps_nobody_from_reading(database_path: Path, database: Database) -> None:
    crawl(Writer(database), page(), "first")
    with database.immediate() as connection, quick(database_path) as second:
        connection.execute("DELETE FROM live_jobs")
        snapshot = Reader(second).latest(BACKEND)
    assert snapshot is not None
    assert snapshot.content == page().content


def test_a_new_database_opened_by_many_processes_at_once_is_made_once(database_path: Path) -> None:
    opening = (
        "import sys; from pathlib import Path; from jobspider.store.database import Database;"
        "Database.open(Path(sys.argv[1])).close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", opening, database_path]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    with Database.open(database_path, read_only=True) as database:
        done = [name for (name,) in database.rows("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert done == [migration.name for migration in SCHEMA._migrations]


def test_a_database_opened_to_be_read_cannot_be_written(database_path: Path, database: Database) -> None:
    with Database.open(database_path, read_only=True) as reading:
        with pytest.raises(StoreError, match=r"jobs\.db is read-only: make the file and its folder writable"):
            begin(Writer(reading))
        assert Reader(reading).last_full_crawl() is None
    begin(Writer(database))


def _open_as_nobody(path: Path, messages: "multiprocessing.queues.Queue[str]") -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with Database.open(path) as database:
            begin(Writer(database), "second")
    except StoreError as error:
        messages.put(str(error))
    else:
        messages.put("no error")


# Real permissions; root has none to lack, so the child gives its own up.
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_file_without_write_permission_is_told() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "jobs.db"
        with Database.open(path) as database:
            begin(Writer(database))
        path.chmod(0o444)
        folder.chmod(0o555)
        fork = multiprocessing.get_context("fork")
        messages = fork.Queue()
        child = fork.Process(target=_open_as_nobody, args=(path, messages))
        child.start()
        message = messages.get(timeout=30)
        child.join()
        assert message == f"{path} is read-only: make the file and its folder writable"
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_full_disk_is_told_and_leaves_what_was_there(database_path: Path) -> None:
    with Database.open(database_path) as database:
        writer = Writer(database)
        crawl_id = begin(writer)
        ((pages,),) = database.rows("PRAGMA page_count")
        database.rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="cannot grow: the disk is full; free some space"):
            store(writer, crawl_id, page(), capture(os.urandom(100_000)))
        database.rows("PRAGMA max_page_count = 1000000")
        assert database.rows("SELECT status FROM fetches") == [("planned",)]
        assert database.rows("SELECT count(*) FROM contents") == [(0,)]
        assert not database.connection.in_transaction


def test_a_closed_database_is_told_like_any_other_trouble(database_path: Path) -> None:
    database = Database.open(database_path)
    database.close()
    with pytest.raises(StoreError, match=r"jobs\.db cannot be used: Cannot operate on a closed database"):
        database.rows("SELECT 1")


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), database.immediate() as connection:
        connection.execute("DELETE FROM _sqlite_migrations")
        raise ZeroDivisionError
    assert not database.connection.in_transaction
    assert database.pending_migrations(SCHEMA) == ()


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY constraint failed"), database.immediate() as connection:
        connection.execute("INSERT INTO contents (subject_id, hash) VALUES (17, 'x')")
    assert database.rows("SELECT * FROM contents") == []


def _other_set(*, fails: bool = False) -> Migrations:
    other = Migrations("other")

    @other()
    def first(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE told (topic TEXT) STRICT")

    @other()
    def second(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE told (topic TEXT) STRICT" if fails else "CREATE TABLE changes (topic TEXT) STRICT")

    return other


def test_another_set_of_tables_goes_into_the_same_file_once(database_path: Path, database: Database) -> None:
    for _ in range(2):
        database.apply(_other_set())
    with Database.open(database_path) as again:
        assert again.rows("SELECT name FROM _sqlite_migrations WHERE migration_set = 'other'") == [
            ("first",),
            ("second",),
        ]


def test_a_set_of_tables_that_fails_midway_leaves_none_of_them(database: Database) -> None:
    with pytest.raises(StoreError, match="table told already exists"):
        database.apply(_other_set(fails=True))
    assert "told" not in database.tables.table_names()
    database.apply(_other_set())


def test_a_set_of_tables_that_is_missing_is_not_made_in_a_database_opened_to_be_read(database_path: Path) -> None:
    Database.open(database_path).close()
    with (
        Database.open(database_path, read_only=True) as reading,
        pytest.raises(StoreError, match=r"the other tables of .* are out of date: run jobspider db migrate"),
    ):
        reading.apply(_other_set())
