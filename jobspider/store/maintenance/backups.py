"""Copies of the file: make one, put one back, and bring the tables up to date after making one."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from jobspider.errors import StoreError, UsageError
from jobspider.store.database import Database, translate_errors
from jobspider.store.schema import MigrationSet


def backup(database: Database, to: Path) -> None:
    """Copy a database, while it is in use, into one file, and check the copy before it gets its name.

    Raises:
        UsageError: The file is there already.
        StoreError: It cannot be written, or the database is damaged; then there is no copy.
    """
    try:
        if to.exists():
            raise UsageError(f"{to} is there already: name another file")
        to.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=to.parent) as folder:
            copied = Path(folder) / to.name
            _copy(database, copied, to)
            copied.rename(to)
    except OSError as error:
        raise StoreError(f"{to} cannot be written: {error.strerror}; name another file") from error


def restore(path: Path, source: Path, aside: Path, sets: Sequence[MigrationSet]) -> None:
    """Put a backup in a database's place; what stood there is set aside whole, were it damaged.

    The caller holds the database's locks: nobody else writes to it.

    Args:
        path: The database.
        source: The backup; it stays where it is.
        aside: The name that what stood there gets; its write-ahead log keeps the same name with ``-wal``.
        sets: Every set of tables that this program knows.

    Raises:
        UsageError: There is no such backup.
        StoreError: The backup is not whole, not this project's, or newer than this program; or a file cannot be
            written. Then the database is what it was.
    """
    if not _is_there(source):
        raise UsageError(f"{source} is not there: name a backup")
    if aside.exists():
        raise StoreError(f"{aside} is there already: move it away")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent) as folder:
            copied = Path(folder) / path.name
            with Database.open(source, read_only=True, any_version=True) as database:
                for each in sets:
                    database.pending_migrations(each)
                _copy(database, copied, path)
            if path.exists():
                # A second name first: at no moment is there no database.
                aside.hardlink_to(path)
            # A log that stayed would be replayed into the backup.
            for suffix in ("-wal", "-shm"):
                log = path.with_name(path.name + suffix)
                if log.exists():
                    log.rename(aside.with_name(aside.name + suffix))
            copied.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be replaced: {error.strerror}") from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a name that is too long, a folder that one may not enter
        raise UsageError(f"{path} cannot be read: {error.strerror}; name another file") from error


def migrate(path: Path, sets: Sequence[MigrationSet], backup_to: Path) -> tuple[str, ...]:
    """Bring every set of tables that a file has up to date, all of them or none, after making a backup.

    The caller holds the database's locks: nobody else writes to it.

    Args:
        path: The database.
        sets: Every set that this program knows. One of which the file has nothing is left to whoever first needs it.
        backup_to: Where the backup goes; there is none if everything is up to date.

    Returns:
        What was done, as ``set.migration``.

    Raises:
        UsageError: The backup's file is there already; nothing was done.
        StoreError: The file is newer than this program, cannot be used, or the backup cannot be written; likewise.
    """
    with Database.open(path, create=False, any_version=True) as database:
        present = [each for each in sets if each.applied(database.tables)]
        lacking = tuple(f"{each.name}.{name}" for each in present for name in database.pending_migrations(each))
        if lacking:
            backup(database, backup_to)
            with database.immediate_without_foreign_keys():
                for each in present:
                    each.apply(database.tables)
    return lacking


def _copy(database: Database, to: Path, known_as: Path) -> None:
    """Copy a database into a file that is known by another name later, and check the copy."""
    with translate_errors(known_as), closing(sqlite3.connect(to)) as copy:
        database.connection.backup(copy)
        # One file without a log beside it; `Database.open` for writing switches back.
        copy.execute("PRAGMA journal_mode = DELETE")
        with database.explained():
            # Whatever is wrong with the copy is wrong with what it was made of.
            ((verdict,), *_) = copy.execute("PRAGMA integrity_check")
    if verdict != "ok":
        raise StoreError(f"{database.path} is damaged ({verdict}): put an earlier backup in its place")
    Database.open(to, read_only=True, any_version=True).close()
