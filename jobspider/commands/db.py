"""``jobspider db``: keep the database in order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.config import CrawlConfig
from jobspider.errors import StoreError
from jobspider.store.database import Database
from jobspider.store.maintenance import backups, inspection
from jobspider.store.maintenance import retention as maintenance
from jobspider.store.process_lock import process_lock
from jobspider.store.schema import MigrationSet


def group(sets: Sequence[MigrationSet]) -> click.Group:
    """Return the commands.

    Args:
        sets: Every set of tables that the file may hold; the other half's are known only to whoever assembles both.
    """

    @click.group("db")
    @click.pass_context
    def db(context: click.Context) -> None:
        """Keep the database in order: migrate, back up, restore, prune, look, check."""
        context.obj = tuple(sets)

    for command in (migrate, backup, restore, prune, info, check):
        db.add_command(command)
    return db


@click.command("migrate")
@config_option
@click.pass_obj
def migrate(sets: Sequence[MigrationSet], config_name: str | None) -> None:
    """Bring the tables up to date after an upgrade.

    A backup is made first, beside the database. Nothing is done, and no backup made, if they are up to date. It fails
    while a crawl or a run is at work.

    \b
    Example:
      jobspider db migrate
    """
    path = _load_config(config_name).database_path
    to = _sibling_path(path, "before-migration")
    with _exclusive_lock(path, "db migrate"):
        done = backups.migrate(path, sets, to)
    click.echo(f"Done: {', '.join(done)}. The database as it was: {to}" if done else "Up to date: nothing to do.")


@click.command("backup")
@click.argument("to", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@config_option
def backup(config_name: str | None, to: Path | None) -> None:
    """Copy the database into one FILE, and check the copy.

    It may be in use meanwhile. Without FILE, it is put beside the database under its name and the time. Nothing is ever
    overwritten.

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
def restore(sets: Sequence[MigrationSet], config_name: str | None, file: Path) -> None:
    """Put the backup FILE in the database's place.

    It is checked first. What stood there is kept beside it, were it damaged. It fails while a crawl or a run is at
    work; end by hand whatever else has the database open.

    \b
    Example:
      jobspider db restore /backups/jobspider-monday.db
    """
    path = _load_config(config_name).database_path
    aside = _sibling_path(path, "before-restore")
    with _exclusive_lock(path, "db restore"):
        backups.restore(path, file, aside, sets)
    click.echo(f"{path} is now what {file} holds." + (f" What it was: {aside}" if aside.exists() else ""))


@click.command("prune")
@click.option("--thin", is_flag=True, help="Thin old snapshots too: a year of all, four of weekly, then monthly ones.")
@click.option("--vacuum", is_flag=True, help="Give the space back to the system; needs as much again for a while.")
@config_option
@json_option
def prune(config_name: str | None, *, thin: bool, vacuum: bool, as_json: bool) -> None:
    """Drop old raw pages, and thin old snapshots if asked to.

    Raw pages go [store] keep_pages_days after they last came, as in each crawl. What a recipient was told, and the
    newest snapshot of each subject, always stays. docs/DATA.md has the whole policy.

    \b
    Example:
      jobspider db prune --thin --vacuum
    """
    loaded = _load_config(config_name)
    path, now = loaded.database_path, datetime.now(UTC)
    with _exclusive_lock(path, "db prune"), Database.open(path, create=False) as database:
        pages = maintenance.prune_captures(database, now - timedelta(days=loaded.store.keep_pages_days))
        thinned = maintenance.thin_snapshots(database, now.date()) if thin else maintenance.ThinningResult(0, 0)
        if vacuum:
            maintenance.vacuum(database)
    if as_json:
        print_json({"pages": pages, **asdict(thinned)})
    else:
        click.echo(f"Dropped: {pages} raw pages, {thinned.snapshots} snapshots, {thinned.contents} contents.")


@click.command("info")
@config_option
@json_option
def info(config_name: str | None, *, as_json: bool) -> None:
    """Show how large the database is, and of what.

    \b
    Example:
      jobspider db info --json
    """
    path = _load_config(config_name).database_path
    with Database.open(path, read_only=True) as database:
        found = inspection.database_info(database)
    if as_json:
        print_json(_as_data(path, found))
        return
    click.echo(f"{path}: {found.bytes:,} bytes, {found.free_bytes:,} of them free")
    click.echo(f"{found.subjects:,} subjects, {found.snapshots:,} snapshots, {found.contents:,} contents")
    click.echo(f"As of {found.oldest_as_of or 'never'} to {found.newest_as_of or 'never'}")
    if found.pages_a_day is not None:
        click.echo(f"{found.pages_a_day:.1f} pages a day of fetching")
    for table in found.tables:
        size = "unknown" if table.bytes is None else f"{table.bytes:,}"
        click.echo(f"{table.name:>20}  {table.rows:>12,} rows  {size:>14} bytes")


@click.command("check")
@config_option
@json_option
def check(config_name: str | None, *, as_json: bool) -> None:
    """Check the file and all that is in it.

    That no part of it is damaged, no key points nowhere, all figures agree with each other and are what was stored, and
    every raw page can be read back. The exit code is 0 if all is sound, else 4.

    \b
    Example:
      jobspider db check
    """
    path = _load_config(config_name).database_path
    with Database.open(path, read_only=True) as database:
        unsound = list(inspection.check_integrity(database))
    if as_json:
        print_json({"sound": not unsound, "unsound": unsound})
    else:
        for line in unsound:
            click.echo(line)
    if unsound:
        raise StoreError(
            f"{path} is not sound ({len(unsound)} found): put a backup in its place with jobspider db restore"
        )
    if not as_json:
        click.echo(f"{path} is sound.")


@contextmanager
def _exclusive_lock(path: Path, command: str) -> Iterator[None]:
    """Hold every job's lock on the database."""
    holder = f"{command} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    with process_lock(path, "run", holder), process_lock(path, "crawl", holder):
        yield


def _sibling_path(path: Path, what: str) -> Path:
    """Name a new file beside the database by what it is and when it was made."""
    return path.with_name(f"{path.stem}-{what}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{path.suffix}")


def _load_config(config_name: str | None) -> CrawlConfig:
    return config.load(config_path(config_name))


def _as_data(path: Path, found: inspection.DatabaseInfo) -> dict[str, object]:
    data = asdict(found)
    for key in ("oldest_as_of", "newest_as_of"):
        data[key] = data[key] and data[key].isoformat()
    return {"path": str(path), **data}
