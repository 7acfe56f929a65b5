"""Output, effects and errors of the commands ``jobspider db``."""

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


def run_json(folder: Path, *arguments: str) -> Any:
    return json.loads(run(folder, *arguments, "--json").stdout)


def corrupt_figures(path: Path) -> None:
    with Database.open(path) as database, database.immediate() as connection:
        connection.execute("UPDATE figures SET now = 1 WHERE statistic = 'p90'")


def test_db_commands_without_database_say_what_to_do(folder: Path) -> None:
    for command in ("migrate", "backup", "prune", "info", "check"):
        with pytest.raises(StoreError, match=r"no database at .*: run a crawl first"):
            run(folder, command)
    assert not (folder / "jobs.db").exists()


def test_db_restore_missing_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.db"):
        run(folder, "restore", str(tmp_path / "none.db"))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_db_file_name_too_long_is_refused(folder: Path, tmp_path: Path, command: str) -> None:
    with pytest.raises((UsageError, StoreError), match="File name too long; name another file"):
        run(folder, command, str(tmp_path / ("x" * 300)))


def test_db_info_prints_sizes_dates_and_counts(folder: Path, path: Path) -> None:
    info = run_json(folder, "info")
    assert (info["subjects"], info["snapshots"], info["contents"]) == (10, 19, 18)
    assert (info["oldest_as_of"], info["newest_as_of"], info["pages_a_day"]) == ("2025-05-02", "2025-11-23", 10)
    output = run(folder, "info").stdout
    assert "10 subjects, 19 snapshots, 18 contents" in output
    assert f"{path}: " in output
    assert [line.split()[:2] for line in output.splitlines() if line.startswith("snapshots ")] == [["snapshots", "19"]]


def test_db_check_without_errors_succeeds(folder: Path, path: Path) -> None:
    assert run(folder, "check").stdout == f"{path} has no errors.\n"
    assert run_json(folder, "check") == {"sound": True, "unsound": []}


def test_db_check_with_errors_fails(folder: Path, path: Path) -> None:
    corrupt_figures(path)
    with pytest.raises(StoreError, match=r"jobs\.db failed the check, errors: \d+: restore a backup"):
        run(folder, "check")


def test_db_backup_can_be_restored(folder: Path, path: Path) -> None:
    backup = Path(run(folder, "backup").stdout.strip())
    assert backup.parent == folder
    assert backup.name.startswith("jobs-backup-2")
    corrupt_figures(path)
    output = run(folder, "restore", str(backup)).stdout
    assert f"Restored {path} from {backup}. Previous database: {folder}/jobs-before-restore-2" in output
    assert run_json(folder, "check")["sound"]


def test_migrate_outdated_database_makes_backup_and_reports(folder: Path, path: Path) -> None:
    newer = MigrationSet(SCHEMA.name)
    for migration in SCHEMA._migrations:
        newer(name=migration.name)(migration.fn)

    @newer()
    def m900_notes(tables: SqliteUtils) -> None:
        tables.execute("CREATE TABLE notes (text TEXT) STRICT")

    output = run(folder, "migrate", sets=(newer, OUTBOX)).stdout
    assert output.startswith("Applied: jobspider.m900_notes")
    (backup,) = folder.glob("jobs-before-migration-2*.db")
    assert str(backup) in output
    with Database.open(path, read_only=True, any_version=True) as database:
        assert database.rows("SELECT count(*) FROM snapshots, notes") == [(0,)]
    assert run(folder, "migrate", sets=(newer, OUTBOX)).stdout == "The schema is current: nothing to do.\n"


def test_db_prune_deletes_old_pages(folder: Path, path: Path) -> None:
    """The bundled pages are from November 2025, with one page per week, so that ``--thin`` deletes nothing."""
    with Database.open(path) as database, database.immediate() as connection:
        connection.execute("UPDATE captures SET fetched_at = '2025-01-01T00:00:00.000Z'")
    assert run_json(folder, "prune", "--thin") == {"pages": 19, "snapshots": 0, "contents": 0}
    assert run(folder, "prune", "--vacuum").stdout == "Deleted: 0 raw pages, 0 snapshots, 0 contents.\n"


@pytest.mark.parametrize("command", ["migrate", "restore", "prune"])
def test_db_command_fails_while_job_holds_lock(folder: Path, path: Path, tmp_path: Path, command: str) -> None:
    arguments = [command, str(tmp_path / "monday.db")] if command == "restore" else [command]
    with process_lock(path, "run", "since noon"), pytest.raises(StoreLockedError, match=r"run .*noon"):
        run(folder, *arguments)
    with process_lock(path, "crawl", "since noon"), pytest.raises(StoreLockedError, match=r"crawl .*noon"):
        run(folder, *arguments)
