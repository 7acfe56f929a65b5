"""Keep the file in order: drop old raw pages, make backups."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from jobspider.errors import StoreError
from jobspider.store import times
from jobspider.store.database import Database, explained


def prune_captures(database: Database, before: datetime) -> int:
    """Drop the raw pages last fetched before a moment, and return how many.

    Those of open quarantine cases stay: nobody has looked at them yet.
    """
    with database.immediate() as connection:
        dropped = connection.execute(
            "DELETE FROM captures WHERE fetched_at < ? AND NOT EXISTS"
            " (SELECT 1 FROM quarantine WHERE quarantine.sha256 = captures.sha256 AND state = 'open')",
            (times.to_text(before),),
        )
        return dropped.rowcount


def backup(database: Database, to: Path) -> None:
    """Copy a database, while it is in use, into one file, and check the copy before it gets its name.

    Raises:
        StoreError: The file is there already, cannot be written, or the database is damaged; then there is no copy.
    """
    if to.exists():
        raise StoreError(f"{to} is there already: name another file")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=to.parent) as folder:
            copied = Path(folder) / to.name
            _copy(database, copied)
            copied.rename(to)
    except OSError as error:
        raise StoreError(f"{to} cannot be written: {error.strerror}") from error


def _copy(database: Database, to: Path) -> None:
    with explained(to), closing(sqlite3.connect(to)) as copy:
        with database.explained():
            database.connection.backup(copy)
        # One file without a log beside it; `Database.open` for writing switches back.
        copy.execute("PRAGMA journal_mode = DELETE")
        ((verdict,), *_) = copy.execute("PRAGMA integrity_check")
    if verdict != "ok":
        raise StoreError(f"{database.path} is damaged ({verdict}): put an earlier backup in its place")
    Database.open(to, read_only=True).close()
