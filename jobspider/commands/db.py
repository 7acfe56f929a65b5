"""Commands ``jobspider db``: migrate, back up, restore, prune, inspect and check the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.commands.text_tables import format_table
from jobspider.config import CrawlConfig
from jobspider.errors import StoreError
from jobspider.store.database import Database
from jobspider.store.maintenance import backups, inspection, retention
from jobspider.store.process_lock import process_lock
from jobspider.store.schema import MigrationSet


def group(migration_sets: Sequence[MigrationSet]) -> click.Group:
    """Return the command group.

    Args:
        migration_sets: All sets of tables in the database file. ``alerts`` adds its own, which this package must not
            import.
    """

    @click.group("db")
    @click.pass_context
    def db(context: click.Context) -> None:
        """Maintain the database: migrate, back up, restore, prune, inspect, check."""
        context.obj = tuple(migration_sets)

    for command in (migrate, backup, restore, prune, info, check):
        db.add_command(command)
    return db


@click.command("migrate")
@config_option
@click.pass_obj
def migrate(migration_sets: Sequence[MigrationSet], config_name: str | None) -> None:
    """Migrate the tables to the current schema after an upgrade.

    The command first writes a backup next to the database. If the schema is current, it does nothing.

    \b
    Exit codes: 0 done, 2 configuration, 4 failed, or a crawl or run holds the lock.

    \b
    Example:
      jobspider db migrate
    """
    path = _load_config(config_name).database_path
    backup_path = _sibling_path(path, "before-migration")
    with _exclusive_lock(path, "db migrate"):
        migrations = backups.migrate(path, migration_sets, backup_path)
    if migrations:
        click.echo(f"Applied: {', '.join(migrations)}. Backup of the previous database: {backup_path}")
    else:
        click.echo("The schema is current: nothing to do.")


@click.command("backup")
@click.argument("to", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@config_option
def backup(config_name: str | None, to: Path | None) -> None:
    """Copy the database to FILE, check the copy and print its path.

    The database may be in use. Without FILE, the copy is written next to the database, with the time in its name. The
    command never overwrites a file.

    \b
    Exit codes: 0 done, 2 FILE exists or configuration, 4 failed.

    \b
    Example:
      jobspider db backup /backups/jobspider-monday.db
    """
    path = _load_config(config_name).database_path
    to = to or _sibling_path(path, "backup")
    with Database.open(path, read_only=True, any_version=True) as database:
        backups.backup(database, to)
    click.echo(to)


@click.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@config_option
@click.pass_obj
def restore(migration_sets: Sequence[MigrationSet], config_name: str | None, file: Path) -> None:
    """Replace the database by the backup FILE.

    The command checks the backup first and keeps the replaced database next to it, even if that is damaged. Stop all
    other programs that have the database open.

    \b
    Exit codes: 0 done, 2 FILE or configuration, 4 failed, or a crawl or run holds the lock.

    \b
    Example:
      jobspider db restore /backups/jobspider-monday.db
    """
    path = _load_config(config_name).database_path
    replaced_path = _sibling_path(path, "before-restore")
    with _exclusive_lock(path, "db restore"):
        backups.restore(path, file, replaced_path, migration_sets)
    replaced = f" Previous database: {replaced_path}" if replaced_path.exists() else ""
    click.echo(f"Restored {path} from {file}.{replaced}")


@click.command("prune")
@click.option(
    "--thin",
    is_flag=True,
    help="Delete old snapshots too: keep all of one year, weekly ones of four more, then monthly ones.",
)
@click.option("--vacuum", is_flag=True, help="Shrink the file. Needs free disk space of the size of the database.")
@config_option
@json_option
def prune(config_name: str | None, *, thin: bool, vacuum: bool, as_json: bool) -> None:
    """Delete old raw pages from the database and, with --thin, old snapshots.

    Raw pages are deleted [store] keep_pages_days after they were last fetched; every crawl does this too. The newest
    snapshot of each subject and all snapshots that a digest reported are never deleted. docs/DATA.md has the details.

    \b
    Exit codes: 0 done, 2 configuration, 4 failed, or a crawl or run holds the lock.

    \b
    Example:
      jobspider db prune --thin --vacuum
    """
    loaded = _load_config(config_name)
    path, now = loaded.database_path, datetime.now(UTC)
    with _exclusive_lock(path, "db prune"), Database.open(path, create=False) as database:
        page_count = retention.prune_captures(database, now - timedelta(days=loaded.store.keep_pages_days))
        thinned = retention.thin_snapshots(database, now.date()) if thin else retention.ThinningResult(0, 0)
        if vacuum:
            retention.vacuum(database)
    if as_json:
        print_json({"pages": page_count, **asdict(thinned)})
    else:
        click.echo(f"Deleted: {page_count} raw pages, {thinned.snapshots} snapshots, {thinned.contents} contents.")


@click.command("info")
@config_option
@json_option
def info(config_name: str | None, *, as_json: bool) -> None:
    """Print the size of the database, its contents and the size of each table.

    \b
    Exit codes: 0 done, 2 configuration, 4 the database cannot be read.

    \b
    Example:
      jobspider db info --json
    """
    path = _load_config(config_name).database_path
    with Database.open(path, read_only=True) as database:
        database_info = inspection.database_info(database)
    if as_json:
        print_json(_info_to_json(path, database_info))
    else:
        click.echo(_info_to_text(path, database_info))


@click.command("check")
@config_option
@json_option
def check(config_name: str | None, *, as_json: bool) -> None:
    """Check the integrity of the database file and the consistency of its contents.

    The checks cover damage to the file, foreign keys, contradictions between figures, hashes of stored contents, and
    whether every raw page can be decompressed. The command writes nothing.

    \b
    Exit codes: 0 no errors, 2 configuration, 4 errors were found.

    \b
    Example:
      jobspider db check
    """
    path = _load_config(config_name).database_path
    with Database.open(path, read_only=True) as database:
        errors = list(inspection.check_integrity(database))
    if as_json:
        print_json({"sound": not errors, "unsound": errors})
    else:
        click.echo("\n".join(errors) if errors else f"{path} has no errors.")
    if errors:
        raise StoreError(f"{path} failed the check, errors: {len(errors)}: restore a backup with jobspider db restore")


@contextmanager
def _exclusive_lock(path: Path, command: str) -> Iterator[None]:
    """Hold the locks of all jobs on the database."""
    holder = f"{command} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    with process_lock(path, "run", holder), process_lock(path, "crawl", holder):
        yield


def _sibling_path(path: Path, purpose: str) -> Path:
    """Return the path of a new file next to the database, with its purpose and the current time in the name."""
    return path.with_name(f"{path.stem}-{purpose}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{path.suffix}")


def _load_config(config_name: str | None) -> CrawlConfig:
    return config.load(config_path(config_name))


def _info_to_json(path: Path, database_info: inspection.DatabaseInfo) -> dict[str, object]:
    data = asdict(database_info)
    for key in ("oldest_as_of", "newest_as_of"):
        data[key] = data[key] and data[key].isoformat()
    return {"path": str(path), **data}


def _info_to_text(path: Path, size: inspection.DatabaseInfo) -> str:
    lines = [
        f"{path}: {size.bytes:,} bytes, {size.free_bytes:,} of them free",
        f"{size.subjects:,} subjects, {size.snapshots:,} snapshots, {size.contents:,} contents",
        f"As of {size.oldest_as_of or 'never'} to {size.newest_as_of or 'never'}",
    ]
    if size.pages_a_day is not None:
        lines.append(f"{size.pages_a_day:.1f} pages per day with a crawl")
    rows = [
        (table.name, f"{table.rows:,}", "unknown" if table.bytes is None else f"{table.bytes:,}")
        for table in size.tables
    ]
    return "\n".join([*lines, "", format_table(rows, "<>>", ["Table", "Rows", "Bytes"])])
