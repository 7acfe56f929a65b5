"""Databases of every earlier version, kept as SQL in versions/, are brought up to date and lose nothing.

Who adds a migration stores a file of the version before it, under the name of its last migration: ``PRAGMA
application_id = 1246708307;`` and then what ``sqlite3 FILE .dump`` prints.
"""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from sqlite_utils import Database as SqliteUtils

from alerts.delivery.outbox import Outbox
from alerts.delivery.schema import OUTBOX
from jobspider.errors import StoreError, UsageError
from jobspider.model import Basis, Content, FetchStatus
from jobspider.pages import read_page
from jobspider.site.urls import make_subject
from jobspider.store.content_rows import content_to_rows
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.backups import migrate
from jobspider.store.maintenance.inspection import check_integrity
from jobspider.store.reader import Reader
from jobspider.store.schema import SCHEMA, MigrationSet
from tests.jobspider.store.test_skill_writer import pages_that_add_up
from tests.support.sample_pages import DAY, MORNING, crawl, page
from tests.support.strategies import contents

VERSIONS = {file.stem: file for file in sorted(Path(__file__).with_name("versions").glob("*.sql"))}
RELEASED = [migration.name for migration in SCHEMA._migrations]
SETS = (SCHEMA, OUTBOX)


def stored(version: str, path: Path) -> None:
    """Make the database file as an earlier version left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSIONS[version].read_text(encoding="utf-8"))


def shape(database: Database) -> list[tuple[str, str]]:
    return [(name, sql) for name, sql in database.rows("SELECT name, sql FROM sqlite_master ORDER BY name")]


def test_there_is_a_stored_file_of_every_version_but_the_present_one() -> None:
    assert list(VERSIONS) == RELEASED[:-1]


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, database_path: Path) -> Path:
    stored(request.param, database_path)
    return database_path


@pytest.mark.parametrize("read_only", [True, False])
def test_an_old_database_is_left_alone_until_it_is_migrated(old: Path, *, read_only: bool) -> None:
    with pytest.raises(StoreError, match=r"jobspider tables of .* are out of date: run jobspider db migrate"):
        Database.open(old, read_only=read_only)
    with Database.open(old, any_version=True) as database:
        assert database.rows("SELECT 1 FROM pragma_table_info('crawls') WHERE name = 'whole'") == []


def test_a_migrated_database_has_the_shape_of_a_new_one(old: Path, tmp_path: Path) -> None:
    migrate(old, SETS, tmp_path / "backup.db")
    with Database.open(old) as database, Database.open(tmp_path / "new.db") as new:
        new.apply(OUTBOX)
        database.apply(OUTBOX)
        assert shape(database) == shape(new)


def test_a_migrated_database_reads_as_it_did(old: Path, tmp_path: Path) -> None:
    migrate(old, SETS, tmp_path / "backup.db")
    with Database.open(old, read_only=True) as database:
        assert list(check_integrity(database)) == []
        reader = Reader(database)
        snapshot = reader.latest(make_subject("contract", "west midlands", "backend developer"))
        assert snapshot is not None
        assert snapshot.head.as_of == date(2025, 10, 13)
        assert snapshot.content.term.now("median", Basis.DAILY) == Decimal(650)
        assert [(skill.name, skill.count) for skill in snapshot.content.top_skills[:2]] == [("SQL", 7), ("Python", 7)]
        assert len(snapshot.content.skills) == 13
        (odd,) = {row.status for row in reader.latest_fetches_since(None)} - {FetchStatus.UNCHANGED}
        assert odd is FetchStatus.LAYOUT_CHANGED
        captures = [reader.capture(sha256) for (sha256,) in database.rows("SELECT sha256 FROM captures")]
        assert sorted(len(capture.body) for capture in captures if capture) == [16, 30587, 36889]


def test_crawls_of_a_version_that_did_not_note_what_they_were_of_are_taken_for_whole(old: Path, tmp_path: Path) -> None:
    migrate(old, SETS, tmp_path / "backup.db")
    with Database.open(old, read_only=True) as database:
        second = Reader(database).crawl("second")
        assert second is not None
        assert Reader(database).last_full_crawl() == second


def test_a_migrated_database_is_written_on(old: Path, tmp_path: Path) -> None:
    migrate(old, SETS, tmp_path / "backup.db")
    with Database.open(old) as database:
        later = page(date(2025, 12, 1))
        assert crawl(Writer(database), later, "third", MORNING + DAY * 60) is FetchStatus.STORED
        assert Reader(database).latest_snapshots()[0].as_of == date(2025, 12, 1)


NO_SHARES = "contract-somerset-2013-05-21"
AS_COUNTED = "permanent-north-west-2025-11-23"


def kept_by_the_fourth(content_of_page: Content, path: Path) -> int:
    """Make a database of the version before skills became smaller, with one more content in it; return its id."""
    stored("m004_read_again", path)
    rows = content_to_rows(content_of_page)
    with closing(sqlite3.connect(path)) as connection, connection:
        sql = "INSERT INTO contents (subject_id, hash, category_name) VALUES (1, ?, ?) RETURNING id"
        ((content_id,),) = connection.execute(sql, (rows.hash, rows.category_name)).fetchall()
        for table, of_table in (("figures", rows.figures), ("locations", rows.locations)):
            marks = "?, ?, ?, ?, ?, ?, ?"
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [(content_id, *row) for row in of_table])  # noqa: S608 - from above
        sql = "INSERT INTO skill_names (list, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
        connection.executemany(sql, [row[:2] for row in rows.skills])
        sql = "INSERT INTO skill_shares SELECT ?, id, ?, ?, ?, ? FROM skill_names WHERE list = ? AND name = ?"
        connection.executemany(sql, [(content_id, *row[2:], *row[:2]) for row in rows.skills])
    return int(content_id)


@settings(max_examples=15)
@given(contents | pages_that_add_up())
def test_any_page_reads_after_the_migration_as_before(kept: Content) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        content_id = kept_by_the_fourth(kept, path)
        migrate(path, SETS, Path(folder) / "backup.db")
        with Database.open(path, read_only=True) as database:
            assert content_to_rows(Reader(database).content(content_id)) == content_to_rows(kept)
            found = database.rows("SELECT shares_of FROM contents WHERE id = ?", (content_id,))
    assert found == [(content_to_rows(kept).shares_of,)]


@pytest.mark.parametrize("case", [NO_SHARES, AS_COUNTED])
def test_a_true_page_reads_after_the_migration_as_before(case: str, database_path: Path, tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "fixtures" / "pages" / "role" / case
    url = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["url"]
    kept = read_page((folder / "page.html").read_bytes(), url).content
    content_id = kept_by_the_fourth(kept, database_path)
    migrate(database_path, SETS, tmp_path / "backup.db")
    with Database.open(database_path) as database:
        assert content_to_rows(Reader(database).content(content_id)) == content_to_rows(kept)
        ((shares_of,),) = database.rows("SELECT shares_of FROM contents WHERE id = ?", (content_id,))
        assert shares_of == {NO_SHARES: None, AS_COUNTED: 25}[case]
        assert database.rows("SELECT * FROM printed_shares") == []


def test_a_migration_makes_a_backup_first_and_says_what_it_did(old: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with Database.open(old, read_only=True, any_version=True) as database:
        before = shape(database)
    with closing(sqlite3.connect(old)) as connection:
        done = connection.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
    lacking = [(each.name, migration.name) for each in SETS for migration in each._migrations]
    # Of a half that the file has nothing of, nothing is made.
    wanted = tuple(".".join(each) for each in lacking if each not in done and each[0] in dict(done))
    assert migrate(old, SETS, backup) == wanted
    with Database.open(backup, read_only=True, any_version=True) as database:
        assert shape(database) == before
    again = tmp_path / "again.db"
    assert migrate(old, SETS, again) == ()
    assert not again.exists()


def _applied(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'jobspider'").fetchall()


def test_what_was_told_is_still_told_after_a_migration(database_path: Path, tmp_path: Path) -> None:
    stored("m002_views", database_path)
    migrate(database_path, SETS, tmp_path / "backup.db")
    with Database.open(database_path) as database:
        ((_, topic), told), *_ = Outbox(database).baselines("weekly", "folder").items()
    assert (topic, told.snapshot_id, told.content_id) == ("pay/annual", 1, 1)
    assert told.notified_at == datetime(2025, 11, 24, 7, 30, 1, tzinfo=UTC)


def test_a_migration_that_cannot_make_its_backup_does_nothing(old: Path, tmp_path: Path) -> None:
    taken = tmp_path / "backup.db"
    taken.touch()
    with pytest.raises(UsageError, match="is there already"):
        migrate(old, SETS, taken)
    with pytest.raises(StoreError, match="out of date"):
        Database.open(old)


def test_a_migration_that_fails_leaves_the_old_database_and_its_backup(old: Path, tmp_path: Path) -> None:
    failing = MigrationSet(SCHEMA.name)
    for migration in SCHEMA._migrations:
        failing(name=migration.name)(migration.fn)

    @failing()
    def m900_too_much(tables: SqliteUtils) -> None:
        tables.execute("DROP TABLE crawls")

    @failing()
    def m901_even_more(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE subjects (id INTEGER)")

    done = _applied(old)
    with pytest.raises(StoreError, match="table subjects already exists"):
        migrate(old, (failing,), tmp_path / "backup.db")
    assert _applied(old) == _applied(tmp_path / "backup.db") == done
    with Database.open(old, any_version=True) as database:
        assert database.rows("SELECT count(*) FROM crawls") == [(2,)]


def test_a_newer_database_is_not_migrated(database_path: Path, tmp_path: Path) -> None:
    with Database.open(database_path) as database, database.immediate() as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('jobspider', 'm900_more', '')"
        )
    with pytest.raises(StoreError, match="was written by a newer version of this program"):
        migrate(database_path, SETS, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
