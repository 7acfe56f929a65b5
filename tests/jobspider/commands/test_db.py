"""``jobspider db``: what each command prints, leaves and returns."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database as SqliteUtils

from alerts.delivery.schema import OUTBOX
from jobspider.commands.db import group
from jobspider.errors import JobspiderError, StoreError, StoreLockedError, UsageError
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.schema import SCHEMA, MigrationSet
from tests.support.demo_database import fill

CONFIG = """
[site]
base_url = "http://127.0.0.1:9"
[store]
path = "jobs.db"
[[watch]]
url = "http://127.0.0.1:9/jobs/uk/java.do"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def path(folder: Path) -> Path:
    with Database.open(folder / "jobs.db") as database:
        fill(database)
    return folder / "jobs.db"


def run(folder: Path, *arguments: str, sets: Sequence[MigrationSet] = (SCHEMA, OUTBOX)) -> Result:
    result = CliRunner().invoke(group(sets), [*arguments, "--config", str(folder / "config.toml")])
    if isinstance(result.exception, JobspiderError):
        raise result.exception
    assert not result.exception or isinstance(result.exception, SystemExit)
    return result


def printed(folder: Path, *arguments: str) -> Any:
    return json.loads(run(folder, *arguments, "--json").stdout)


@pytest.mark.parametrize("command", ["migrate", "backup", "prune", "info", "check"])
def test_without_a_database_each_command_says_what_to_do(folder: Path, command: str) -> None:
    with pytest.raises(StoreError, match=r"no database at .*: run a crawl first"):
        run(folder, command)
    assert not (folder / "jobs.db").exists()


def test_a_backup_that_is_not_there_is_not_restored(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.db is not there: name a backup"):
        run(folder, "restore", str(tmp_path / "none.db"))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_name_that_no_file_can_have_is_told_in_a_line(folder: Path, tmp_path: Path, command: str) -> None:
    with pytest.raises((UsageError, StoreError), match="File name too long; name another file"):
        run(folder, command, str(tmp_path / ("x" * 300)))


def test_info_tells_sizes_dates_and_counts(folder: Path, path: Path) -> None:
    found = printed(folder, "info")
    assert (found["subjects"], found["snapshots"], found["contents"]) == (10, 19, 18)
    assert (found["oldest_as_of"], found["newest_as_of"], found["pages_a_day"]) == ("2025-05-02", "2025-11-23", 10)
    said = run(folder, "info").stdout
    assert "10 subjects, 19 snapshots, 18 contents" in said
    assert f"{path}: " in said


def test_a_sound_database_is_said_to_be_sound(folder: Path, path: Path) -> None:
    assert run(folder, "check").stdout == f"{path} is sound.\n"
    assert printed(folder, "check") == {"sound": True, "unsound": []}


def test_an_unsound_database_fails_the_check_and_says_why(folder: Path, path: Path) -> None:
    with Database.open(path) as database, database.immediate() as connection:
        connection.execute("UPDATE figures SET now = 1 WHERE statistic = 'p90'")
    with pytest.raises(StoreError, match=r"jobs\.db is not sound \(\d+ found\): put a backup in its place"):
        run(folder, "check")


def test_a_backup_is_named_by_its_time_and_can_be_restored(folder: Path, path: Path) -> None:
    made = Path(run(folder, "backup").stdout.strip())
    assert made.parent == folder
    assert made.name.startswith("jobs-backup-2")
    with Database.open(path) as database, database.immediate() as connection:
        connection.execute("UPDATE figures SET now = 1 WHERE statistic = 'p90'")
    said = run(folder, "restore", str(made)).stdout
    assert f"{path} is now what {made} holds. What it was: {folder}/jobs-before-restore-2" in said
    assert printed(folder, "check")["sound"]


def test_migrate_outdated_database_makes_backup_and_reports(folder: Path, path: Path) -> None:
    newer = MigrationSet(SCHEMA.name)
    for migration in SCHEMA._migrations:
        newer(name=migration.name)(migration.fn)

    @newer()
    def m900_notes(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE notes (text TEXT) STRICT")

    output = run(folder, "migrate", sets=(newer, OUTBOX)).stdout
    assert output.startswith("Done: jobspider.m900_notes")
    (backup,) = folder.glob("jobs-before-migration-2*.db")
    assert str(backup) in output
    with Database.open(path, read_only=True, any_version=True) as database:
        assert database.rows("SELECT count(*) FROM snapshots, notes") == [(0,)]
    assert run(folder, "migrate", sets=(newer, OUTBOX)).stdout == "Up to date: nothing to do.\n"


def test_pages_and_snapshots_that_are_old_are_pruned_on_request(folder: Path, path: Path) -> None:
    # The bundled pages were fetched in November 2025 and are kept for 90 days; of each week there is but one.
    with Database.open(path) as database, database.immediate() as connection:
        connection.execute("UPDATE captures SET fetched_at = '2025-01-01T00:00:00.000Z'")
    assert printed(folder, "prune", "--thin") == {"pages": 19, "snapshots": 0, "contents": 0}
    assert run(folder, "prune", "--vacuum").stdout == "Dropped: 0 raw pages, 0 snapshots, 0 contents.\n"


@pytest.mark.parametrize("command", ["migrate", "restore", "prune"])
@pytest.mark.parametrize("job", ["run", "crawl"])
def test_what_changes_the_file_waits_for_nobody_who_is_at_work(
    folder: Path, path: Path, tmp_path: Path, command: str, job: Any
) -> None:
    arguments = [command, str(tmp_path / "monday.db")] if command == "restore" else [command]
    with process_lock(path, job, "since noon"), pytest.raises(StoreLockedError, match=f"another {job} holds .*noon"):
        run(folder, *arguments)
