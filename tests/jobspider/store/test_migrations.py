"""Migration of a database that an earlier schema created.

The project has one migration per set so far, so the tests add a set of their own with two versions.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database as SqliteUtils

from jobspider.errors import StoreError, UsageError
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.backups import migrate
from jobspider.store.schema import SCHEMA, MigrationSet
from tests.support.sample_pages import crawl, page


def notes(*, version: int) -> MigrationSet:
    """Return a migration set as version 1 or 2 of a program has it."""
    migrations = MigrationSet("notes")

    @migrations()
    def m001_notes(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE notes (text TEXT NOT NULL)")

    if version > 1:

        @migrations()
        def m002_dates(tables: SqliteUtils) -> None:
            tables.execute("ALTER TABLE notes ADD COLUMN day TEXT")

    return migrations


def applied(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


@pytest.fixture
def old(database_path: Path) -> Path:
    """Return a database with a page and version 1 of the notes."""
    with Database.open(database_path) as database:
        crawl(Writer(database), page(), "first")
        database.apply(notes(version=1))
        with database.immediate() as connection:
            connection.execute("INSERT INTO notes VALUES ('an old note')")
    return database_path


@pytest.mark.parametrize("read_only", [True, False], ids=["read-only", "writable"])
def test_apply_outdated_set_names_the_migrate_command(old: Path, *, read_only: bool) -> None:
    with (
        Database.open(old, read_only=read_only) as database,
        pytest.raises(StoreError, match=r"notes tables of .* are out of date: run jobspider db migrate"),
    ):
        database.apply(notes(version=2))
    assert "m002_dates" not in applied(old)


def test_migrate_makes_backup_and_returns_what_it_did(old: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    before = applied(old)
    unused = MigrationSet("unused")  # the file has none of its tables, so migrate() does not create them
    assert migrate(old, (SCHEMA, notes(version=2), unused), backup) == ("notes.m002_dates",)
    assert applied(backup) == before
    with Database.open(old) as database:
        assert database.rows("SELECT text, day FROM notes") == [("an old note", None)]
        assert database.rows("SELECT count(*) FROM snapshots") == [(1,)]
    second_backup = tmp_path / "second.db"
    assert migrate(old, (SCHEMA, notes(version=2)), second_backup) == ()
    assert not second_backup.exists()


def test_migrate_with_existing_backup_file_changes_nothing(old: Path, tmp_path: Path) -> None:
    taken = tmp_path / "backup.db"
    taken.touch()
    before = applied(old)
    with pytest.raises(UsageError, match="is there already"):
        migrate(old, (SCHEMA, notes(version=2)), taken)
    assert applied(old) == before


def test_failing_migration_leaves_database_and_backup_unchanged(old: Path, tmp_path: Path) -> None:
    failing = notes(version=2)

    @failing()
    def m003_drop(tables: SqliteUtils) -> None:
        tables.execute("DROP TABLE notes")

    @failing()
    def m004_error(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE subjects (id INTEGER)")

    before = applied(old)
    with pytest.raises(StoreError, match="table subjects already exists"):
        migrate(old, (SCHEMA, failing), tmp_path / "backup.db")
    assert applied(old) == applied(tmp_path / "backup.db") == before
    with Database.open(old) as database:
        assert database.rows("SELECT text FROM notes") == [("an old note",)]


@pytest.mark.parametrize(
    ("migration", "message"),
    [
        ("m900_more", "was written by a newer version of this program"),
        ("m001_tables", r"was created before the first release and cannot be migrated: set another \[store\] path"),
    ],
    ids=["newer", "unreleased"],
)
def test_migrate_unknown_schema_is_refused(database_path: Path, tmp_path: Path, migration: str, message: str) -> None:
    with Database.open(database_path) as database, database.immediate() as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('jobspider', ?, '')", (migration,)
        )
    with pytest.raises(StoreError, match=message):
        migrate(database_path, (SCHEMA,), tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
