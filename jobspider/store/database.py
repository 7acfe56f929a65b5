"""The one door to the database file: opened, checked, migrated, and every mishap told in one line."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlite_utils import Database as SqliteUtils

from jobspider.errors import StoreError, StoreLockedError
from jobspider.store.schema import APPLICATION_ID, SCHEMA, UNRELEASED, MigrationSet

DEFAULT_BUSY_TIMEOUT_SECONDS: Final = 5.0
_MOST_TRIES: Final = 20
_LEAST_FREE: Final = 32 * 1024
DEFAULT_CACHE_KIB: Final = 16 * 1024

# SQLite's primary result codes (https://sqlite.org/rescode.html, read in 2026), and what the user does about each.
_PRIMARY: Final = 0xFF
_ADVICE: Final = {
    sqlite3.SQLITE_PERM: "may not be read or written: change its permissions",
    sqlite3.SQLITE_READONLY: "is read-only: make the file and its folder writable",
    sqlite3.SQLITE_IOERR: "could not be read from or written to the disk: check the disk",
    sqlite3.SQLITE_CORRUPT: "is damaged: put a backup in its place",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; free some space",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it must be a file, and it and its folder readable and writable",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database: name another file",
}
_IN_USE: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """An open database file; use as a context manager, or close it.

    ``connection`` is for the rooms that hold SQL, ``tables`` is the same connection through sqlite-utils. ``skill_ids``
    are the rows of ``skill_names`` that were met, by name and list: nearly every skill comes again on the next page.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path
        self.connection = connection
        self.read_only = read_only
        self.tables = SqliteUtils(connection, execute_plugins=False)
        self.skill_ids: dict[tuple[str, str], int] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        create: bool = True,
        any_version: bool = False,
        busy_timeout_seconds: float = DEFAULT_BUSY_TIMEOUT_SECONDS,
        cache_kib: int = DEFAULT_CACHE_KIB,
    ) -> Self:
        """Open a database file and, where it is a new one, create its tables.

        Args:
            path: The file.
            read_only: Open what is there and change nothing.
            create: Make the file, and its folder, where there is none.
            any_version: Take what is there as it is, whichever version of this program wrote it: for upkeep.
            busy_timeout_seconds: How long to wait for another process before giving up.
            cache_kib: At most so much memory for pages of the file; taken as they are read.

        Raises:
            StoreError: It is missing, not this project's, damaged, older or newer than this program, or cannot be
                opened.
            StoreLockedError: Another process kept it busy.
        """
        create = create and not read_only and not any_version
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            elif not path.exists():
                raise StoreError(f"no database at {path}: run a crawl first")
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}; name another file") from error
        mode = "rwc" if create else "ro" if read_only else "rw"
        with translate_errors(path):
            # isolation_level=None: the driver begins nothing by itself. Its own transactions begin deferred, take the
            # write lock late and then fail at once, whatever the busy timeout; `immediate` takes it first, and waits.
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=busy_timeout_seconds, isolation_level=None
            )
        try:
            with translate_errors(path):
                database = cls(path, connection, read_only=read_only)
                database._prepare(cache_kib)
                if not any_version:
                    database.apply(SCHEMA)
        except BaseException:
            connection.close()
            raise
        return database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        with self.explained():
            self.connection.close()

    def explained(self) -> AbstractContextManager[None]:
        """Return :func:`translate_errors` for this file."""
        return translate_errors(self.path)

    @contextmanager
    def immediate(self) -> Iterator[sqlite3.Connection]:
        """Run what is inside as one transaction that holds the write lock from its start.

        Raises:
            StoreLockedError: Another process kept the write lock; nothing was done.
            StoreError: Nothing was written: all of it was rolled back.
        """
        with self.explained():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                # What was met may have been put in by this very transaction.
                self.skill_ids.clear()
                # Some errors (disk full, for one) have rolled back already.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def immediate_without_foreign_keys(self) -> Iterator[sqlite3.Connection]:
        """Run what is inside as :meth:`immediate`, with the foreign keys checked once, before it is committed.

        Checked with each row that is removed, they would take a walk through every table that points there without an
        index, and no table that others point at could be made anew.

        Raises:
            StoreError: As :meth:`immediate`; or something would be left that points nowhere.
        """
        with self.explained():
            self.connection.execute("PRAGMA foreign_keys = OFF")
            try:
                with self.immediate() as connection:
                    yield connection
                    lost = connection.execute("PRAGMA foreign_key_check").fetchone()
                    if lost is not None:
                        raise StoreError(
                            f"{self.path} has rows in {lost[0]} that point nowhere: run jobspider db check;"
                            " nothing was done"
                        )
            finally:
                self.connection.execute("PRAGMA foreign_keys = ON")

    def rows(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.explained():
            return self.connection.execute(sql, parameters).fetchall()

    @contextmanager
    def read_transaction(self) -> Iterator[None]:
        """Let everything that is read inside see the database as it is at the first look, whoever writes meanwhile."""
        with self.explained():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("ROLLBACK")

    def apply(self, migrations: MigrationSet) -> None:
        """Create a set of tables, all of them or none, where the file has none of them yet.

        Raises:
            StoreError: The set has migrations that this program does not know, or lacks some that it does; or it is
                missing, and the database was opened read-only.
        """
        with self.explained():
            lacking = self.pending_migrations(migrations)
            if not lacking:
                return
            if self.read_only or len(lacking) < len(migrations._migrations):  # noqa: SLF001 - no public list of them
                raise StoreError(
                    f"the {migrations.name} tables of {self.path} are out of date: run jobspider db migrate"
                )
            with self.immediate():
                # Whoever was second at the lock finds nothing pending any more: `apply` looks again.
                migrations.apply(self.tables)

    def pending_migrations(self, migrations: MigrationSet) -> tuple[str, ...]:
        """Return the names of a set's migrations that the file has not seen yet, in their order.

        Raises:
            StoreError: It has seen some that this program does not know.
        """
        with self.explained():
            # Once, for another process may be about to add to them.
            done = {each.name for each in migrations.applied(self.tables)}
        known = [each.name for each in migrations._migrations]  # noqa: SLF001 - likewise
        if done & UNRELEASED:
            raise StoreError(
                f"{self.path} was created before the first release and cannot be migrated: set another [store] path"
                " and crawl again"
            )
        unknown = sorted(done.difference(known))
        if unknown:
            raise StoreError(
                f"{self.path} was written by a newer version of this program (its {migrations.name} tables have"
                f" {unknown[0]}): install that version"
            )
        return tuple(name for name in known if name not in done)

    def _prepare(self, cache_kib: int) -> None:
        """Check whose file this is before anything in it is touched, then set it up."""
        ((application_id,),) = self.rows("PRAGMA application_id")
        ((entries,),) = self.rows("SELECT count(*) FROM sqlite_master")
        if entries and application_id != APPLICATION_ID:
            raise StoreError(f"{self.path} is a database of another program: name another file")
        if self.read_only:
            if not entries:
                raise StoreError(f"{self.path} is empty: run a crawl first")
        else:
            self._write_ahead()
        self.connection.execute("PRAGMA foreign_keys = ON")
        # FULL, not NORMAL: with WAL, NORMAL can lose the last commits at a power cut. A page reported as stored, or a
        # digest marked as sent, must still be so afterwards; one fsync a page is nothing beside the crawl's delay.
        self.connection.execute("PRAGMA synchronous = FULL")
        # The index of a thousand subjects' snapshots of two years does not fit into the 2 MB that SQLite would take.
        self.connection.execute(f"PRAGMA cache_size = -{cache_kib}")

    def _write_ahead(self) -> None:
        """Switch to the write-ahead log, once in a file's life."""
        for tries_left in reversed(range(_MOST_TRIES)):
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # The switch fails at once where another process has the file open for writing, whatever the busy
                # timeout; so wait for that one's end here, and try again.
                if not tries_left:
                    raise
                self.connection.execute("BEGIN EXCLUSIVE")
                self.connection.execute("COMMIT")
            else:
                return


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn every ``sqlite3`` error inside into a ``StoreError`` that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        # Absent where the driver itself complains, about a closed connection for one.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
        if code == sqlite3.SQLITE_IOERR and _is_full(path):
            code = sqlite3.SQLITE_FULL
        if code in _IN_USE:
            raise StoreLockedError(f"{path} is in use by another process: wait for it to end, or end it") from error
        advice = _ADVICE.get(code, f"cannot be used: {error}")
        raise StoreError(f"{path} {advice}") from error


def _is_full(path: Path) -> bool:
    """Tell whether a file's disk has no room for what is put beside it even to read it: ``-shm``, 32 KiB."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_FREE
    except OSError:
        return False
