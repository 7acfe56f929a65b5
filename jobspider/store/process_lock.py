"""One process a database and job, held by the operating system: a dead holder's lock is free at once."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from jobspider.errors import StoreError, StoreLockedError


@contextmanager
def process_lock(database_path: Path, name: Literal["crawl", "run", "schedule"], holder: str) -> Iterator[None]:
    """Hold a job's lock on a database while inside; never waits.

    Args:
        database_path: The database file; the lock is a file beside it, so it need not exist yet.
        name: Which job.
        holder: What the second comer is told: which command, and since when.

    Raises:
        StoreLockedError: Another process holds it.
        StoreError: The lock's file cannot be made.
    """
    lock = FileLock(_beside(database_path, name, "lock"), blocking=False)
    # Not in the lock's own file, which not every system lets others read while it is locked.
    note = _beside(database_path, name, "holder")
    try:
        database_path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        note.write_text(f"process {os.getpid()}, {holder}", encoding="utf-8")
    except Timeout:
        raise StoreLockedError(
            f"another {name} holds {database_path} ({_told(note)}): wait for it to end, or end it"
        ) from None
    except OSError as error:
        lock.release()
        advice = "free some space" if error.errno == errno.ENOSPC else "make its folder writable"
        raise StoreError(f"{lock.lock_file} cannot be written: {error.strerror}; {advice}") from error
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _beside(database_path: Path, name: str, suffix: str) -> Path:
    # Resolved, so that one database under two names has one lock.
    path = database_path.resolve()
    return path.with_name(f"{path.name}.{name}.{suffix}")


def _told(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8")
    except OSError:
        # Between its lock and its note; or it has just let go.
        return "it has not said who it is"
