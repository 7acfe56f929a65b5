"""Look at the whole file: how large it is and of what, and whether what it holds is sound."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from jobspider.errors import StoreError
from jobspider.model import RolePage, Snapshot
from jobspider.pages.audit.role import audit
from jobspider.store.content_rows import content_to_rows
from jobspider.store.database import Database
from jobspider.store.reader import Reader

_TOTALS: Final = """
SELECT (SELECT count(*) FROM subjects), (SELECT count(*) FROM snapshots), (SELECT count(*) FROM contents),
    (SELECT min(as_of) FROM snapshots), (SELECT max(as_of) FROM snapshots),
    (SELECT count(*) FROM fetches WHERE fetched_at IS NOT NULL),
    (SELECT count(DISTINCT substr(fetched_at, 1, 10)) FROM fetches)
"""
_IS_OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table's rows and its bytes in the file, indexes included; ``None`` where SQLite was built without dbstat."""

    name: str
    rows: int
    bytes: int | None


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """What a database holds. The dates are ``None`` while there is no snapshot, the rate while nothing was fetched.

    ``free_bytes`` is space inside the file that is used again before it grows; ``pages_a_day`` counts the days on which
    anything was fetched.
    """

    bytes: int
    free_bytes: int
    subjects: int
    snapshots: int
    contents: int
    oldest_as_of: date | None
    newest_as_of: date | None
    pages_a_day: float | None
    tables: tuple[TableSize, ...]


def database_info(database: Database) -> DatabaseInfo:
    """Return how large a database is, and of what; the largest table comes first."""
    with database.read_transaction():
        ((page_size,),), ((pages,),), ((free,),) = (
            database.rows(f"PRAGMA {name}") for name in ("page_size", "page_count", "freelist_count")
        )
        ((subjects, snapshots, contents, oldest, newest, fetched, days),) = database.rows(_TOTALS)
        tables = tuple(_table_sizes(database))
    return DatabaseInfo(
        bytes=page_size * pages,
        free_bytes=page_size * free,
        subjects=subjects,
        snapshots=snapshots,
        contents=contents,
        oldest_as_of=oldest and date.fromisoformat(oldest),
        newest_as_of=newest and date.fromisoformat(newest),
        pages_a_day=fetched / days if days else None,
        tables=tables,
    )


def _table_sizes(database: Database) -> list[TableSize]:
    known = database.rows("SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'")
    sizes: dict[str, int] = dict(
        database.rows(
            "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name"
            if known
            else "SELECT NULL, NULL WHERE false"
        )
    )
    found = [
        TableSize(name, database.rows(f'SELECT count(*) FROM "{name}"')[0][0], sizes.get(name))  # noqa: S608 - a name of the schema
        for name in sorted(database.tables.table_names())
    ]
    return sorted(found, key=lambda table: table.bytes or 0, reverse=True)


def check_integrity(database: Database) -> Iterator[str]:
    """Yield what is not sound in a database, one line each: nothing if all is well.

    The pages of the file, the foreign keys, every content's figures against each other (the identities that a page is
    audited by) and against their hash, and whether every raw page can be read back. If the file itself is damaged, the
    rest is not looked at.
    """
    broken = _integrity_errors(database)
    yield from (f"the file is damaged: {verdict}" for verdict in broken)
    if broken:
        return
    for table, row, parent, _ in database.rows("PRAGMA foreign_key_check"):
        yield f"{table} row {row} points at a row of {parent} that is not there"
    reader = Reader(database)
    yield from _unsound_contents(database, reader)
    for (sha256,) in database.rows("SELECT sha256 FROM captures ORDER BY id"):
        try:
            capture = reader.capture(sha256)
        except StoreError as error:
            yield str(error)
            continue
        if capture is None or hashlib.sha256(capture.body).hexdigest() != sha256:
            yield f"the stored page {sha256} has other bytes than were fetched"


def _integrity_errors(database: Database) -> list[str]:
    try:
        return [verdict for (verdict,) in database.rows("PRAGMA integrity_check") if verdict != _IS_OK]
    except StoreError:
        return ["not even the check could go on"]


def _unsound_contents(database: Database, reader: Reader) -> Iterator[str]:
    rows = database.rows(
        "SELECT contents.id, hash, max(snapshots.id) FROM contents LEFT JOIN snapshots ON content_id = contents.id"
        " GROUP BY contents.id"
    )
    for content_id, stored_hash, snapshot_id in rows:
        try:
            if content_to_rows(reader.content(content_id)).hash != stored_hash:
                yield f"content {content_id}: its figures were altered after they were stored"
            # One that was corrected away and has no snapshot any more was audited when it came.
            findings = audit(_page_of(reader.snapshot(snapshot_id))) if snapshot_id else ()
        except StoreError as error:
            yield f"content {content_id}: {error}"
            continue
        for finding in findings:
            if finding.rejects_page:
                yield (
                    f"content {content_id}, snapshot {snapshot_id}: {finding.identity}: expected {finding.expected},"
                    f" found {finding.found}"
                )


def _page_of(snapshot: Snapshot) -> RolePage:
    head = snapshot.head
    year = head.as_of.year
    return RolePage(head.url, head.subject, head.names, head.as_of, (year, year - 1, year - 2), snapshot.content)
