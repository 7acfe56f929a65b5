"""Decide what a page adds to what is known of its subject, and write only that. Runs in the caller's transaction."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jobspider.model import Capture, FetchStatus, RolePage
from jobspider.store import timestamps
from jobspider.store.captures import store_capture
from jobspider.store.content_rows import ContentRows, Row, content_to_rows, live_jobs_of
from jobspider.store.database import Database

_INSERTS: Final = {
    "figures": "INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?)",
    "locations": "INSERT INTO locations VALUES (?, ?, ?, ?, ?, ?, ?)",
    "skill_shares": "INSERT INTO skill_shares VALUES (?, ?, ?, ?, ?, ?)",
}
_INSERT_SKILL_NAME: Final = "INSERT INTO skill_names (name, list) VALUES (?, ?) ON CONFLICT DO NOTHING"
_SELECT_SKILL_ID: Final = "SELECT id FROM skill_names WHERE name = ? AND list = ?"


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page that was read: in which crawl, by which parser, from which bytes."""

    crawl_id: int
    page: RolePage
    rows: ContentRows
    parser_version: int
    capture: Capture


@dataclass(frozen=True, slots=True)
class _Newest:
    """A subject's newest snapshot. ``live_jobs_of`` is the snapshot under which its live jobs are kept."""

    snapshot_id: int
    as_of: str
    content_id: int
    live_jobs_of: int


def write_page(database: Database, subject_id: int, reading: ParsedPage) -> tuple[FetchStatus, str]:
    """Keep what is new in a page, and return where it ended and, for a stale one, why."""
    connection = database.connection
    newest = _newest(connection, subject_id)
    as_of = reading.page.as_of.isoformat()
    if newest is not None and as_of < newest.as_of:
        return FetchStatus.STALE, f"as of {as_of}, older than {newest.as_of}, which is stored"
    content_id = _keep_content(database, subject_id, reading.rows)
    if newest is not None and (as_of, content_id) == (newest.as_of, newest.content_id):
        return FetchStatus.UNCHANGED, ""
    if newest is not None and as_of == newest.as_of:
        # The source corrected itself that day: there is one truth for a date, the later one.
        _correct_snapshot(connection, newest.snapshot_id, content_id, reading)
        snapshot_id = newest.snapshot_id
    else:
        snapshot_id = _add_snapshot(connection, subject_id, content_id, reading)
    _keep_live_jobs(connection, snapshot_id, newest, live_jobs_of(reading.page.content))
    _keep_names(connection, subject_id, reading.page)
    store_capture(connection, reading.capture)
    unchanged = newest is not None and content_id == newest.content_id
    return (FetchStatus.UNCHANGED if unchanged else FetchStatus.STORED), ""


def write_late_page(database: Database, subject_id: int, reading: ParsedPage) -> FetchStatus:
    """Keep a page that is understood only now, long after it was fetched, as of its own date; return where it ends.

    ``STALE``: what is kept of that date was fetched later, and stays. Unlike a page that a crawl brings, one that is
    older than the subject's newest fills a gap in its history.
    """
    connection = database.connection
    as_of = reading.page.as_of.isoformat()
    known = connection.execute(
        "SELECT id, content_id, fetched_at FROM snapshots WHERE (subject_id, as_of) = (?, ?)", (subject_id, as_of)
    ).fetchone()
    if known is not None and known[2] > timestamps.to_text(reading.capture.fetched_at):
        return FetchStatus.STALE
    newest = _newest(connection, subject_id)
    if newest is None or as_of >= newest.as_of:
        return write_page(database, subject_id, reading)[0]
    content_id = _keep_content(database, subject_id, reading.rows)
    if known is None:
        snapshot_id = _add_snapshot(connection, subject_id, content_id, reading)
    elif known[1] == content_id:
        return FetchStatus.UNCHANGED
    else:
        snapshot_id = int(known[0])
        _correct_snapshot(connection, snapshot_id, content_id, reading)
    _replace_live_jobs(connection, snapshot_id, live_jobs_of(reading.page.content))
    return FetchStatus.STORED


def update_snapshot_content(database: Database, snapshot_id: int, page: RolePage, parser_version: int) -> None:
    """Point a snapshot at what a parser reads today of the page that it was read from; its date is the same."""
    connection = database.connection
    _remember_reading(connection, snapshot_id)
    (subject_id,) = connection.execute("SELECT subject_id FROM snapshots WHERE id = ?", (snapshot_id,)).fetchone()
    content_id = _keep_content(database, subject_id, content_to_rows(page.content))
    connection.execute(
        "UPDATE snapshots SET (content_id, parser_version) = (?, ?) WHERE id = ?",
        (content_id, parser_version, snapshot_id),
    )
    _replace_live_jobs(connection, snapshot_id, live_jobs_of(page.content))
    newest = _newest(connection, subject_id)
    if newest is not None and newest.snapshot_id == snapshot_id:
        _keep_names(connection, subject_id, page)


def _newest(connection: sqlite3.Connection, subject_id: int) -> _Newest | None:
    row = connection.execute(
        "SELECT id, as_of, content_id, coalesce(live_jobs_of, id) FROM snapshots WHERE subject_id = ?"
        " ORDER BY as_of DESC LIMIT 1",
        (subject_id,),
    ).fetchone()
    return None if row is None else _Newest(*row)


def _keep_content(database: Database, subject_id: int, rows: ContentRows) -> int:
    """Return the id of the content with these rows; it is written only where the subject has none that is equal."""
    connection = database.connection
    inserted = connection.execute(
        "INSERT INTO contents (subject_id, hash, category_name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        (subject_id, rows.hash, rows.category_name),
    ).fetchone()
    if inserted is None:
        found = connection.execute(
            "SELECT id FROM contents WHERE subject_id = ? AND hash = ?", (subject_id, rows.hash)
        ).fetchone()
        return int(found[0])
    content_id = int(inserted[0])
    _insert(connection, "figures", content_id, rows.figures)
    _insert(connection, "locations", content_id, rows.locations)
    _insert(connection, "skill_shares", content_id, _skill_share_rows(database, rows.skills))
    return content_id


def _insert(connection: sqlite3.Connection, table: str, content_id: int, rows: Sequence[Row]) -> None:
    connection.executemany(_INSERTS[table], [(content_id, *row) for row in rows])


def _skill_share_rows(database: Database, skills: Sequence[Row]) -> list[Row]:
    """Return rows (skill_id, position, rank, count, share) in the order of their keys; add names that are new."""
    connection, skill_ids = database.connection, database.skill_ids
    for list_name, name, *_ in skills:
        if (name, list_name) not in skill_ids:
            connection.execute(_INSERT_SKILL_NAME, (name, list_name))
            ((skill_ids[name, list_name],),) = connection.execute(_SELECT_SKILL_ID, (name, list_name))
    return sorted((skill_ids[name, list_name], *figures) for list_name, name, *figures in skills)


def _add_snapshot(connection: sqlite3.Connection, subject_id: int, content_id: int, reading: ParsedPage) -> int:
    (snapshot_id,) = connection.execute(
        "INSERT INTO snapshots (content_id, crawl_id, fetched_at, parser_version, sha256, subject_id, as_of)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (*_provenance(content_id, reading), subject_id, reading.page.as_of.isoformat()),
    ).fetchone()
    return int(snapshot_id)


def _correct_snapshot(connection: sqlite3.Connection, snapshot_id: int, content_id: int, reading: ParsedPage) -> None:
    _remember_reading(connection, snapshot_id)
    connection.execute(
        "UPDATE snapshots SET (content_id, crawl_id, fetched_at, parser_version, sha256) = (?, ?, ?, ?, ?)"
        " WHERE id = ?",
        (*_provenance(content_id, reading), snapshot_id),
    )


def _remember_reading(connection: sqlite3.Connection, snapshot_id: int) -> None:
    """Note how a snapshot reads before it is pointed at another content: a recipient may have been told this one."""
    connection.execute(
        "INSERT OR IGNORE INTO former_readings (snapshot_id, content_id, sha256, parser_version)"
        " SELECT id, content_id, sha256, parser_version FROM snapshots WHERE id = ?",
        (snapshot_id,),
    )


def _provenance(content_id: int, reading: ParsedPage) -> tuple[int, int, str, int, str]:
    capture = reading.capture
    return (
        content_id,
        reading.crawl_id,
        timestamps.to_text(capture.fetched_at),
        reading.parser_version,
        capture.sha256,
    )


def _keep_live_jobs(
    connection: sqlite3.Connection, snapshot_id: int, newest: _Newest | None, live_jobs: dict[str, int]
) -> None:
    """Keep a snapshot's live jobs, by a reference to the last snapshot's where they are the same."""
    if newest is not None:
        kept = connection.execute("SELECT name, count FROM live_jobs WHERE snapshot_id = ?", (newest.live_jobs_of,))
        if dict(kept.fetchall()) == live_jobs:
            if newest.live_jobs_of != snapshot_id:
                connection.execute(
                    "UPDATE snapshots SET live_jobs_of = ? WHERE id = ?", (newest.live_jobs_of, snapshot_id)
                )
            return
        if newest.snapshot_id == snapshot_id:
            connection.execute("DELETE FROM live_jobs WHERE snapshot_id = ?", (snapshot_id,))
            connection.execute("UPDATE snapshots SET live_jobs_of = NULL WHERE id = ?", (snapshot_id,))
    connection.executemany(
        "INSERT INTO live_jobs VALUES (?, ?, ?)", [(snapshot_id, name, count) for name, count in live_jobs.items()]
    )


def _replace_live_jobs(connection: sqlite3.Connection, snapshot_id: int, live_jobs: dict[str, int]) -> None:
    """Give a snapshot, whichever of its subject's, live jobs of its own, and leave others' as they are."""
    kept = connection.execute(
        "SELECT name, count FROM live_jobs WHERE snapshot_id ="
        " (SELECT coalesce(live_jobs_of, id) FROM snapshots WHERE id = ?)",
        (snapshot_id,),
    )
    if dict(kept.fetchall()) == live_jobs:
        return
    (heir,) = connection.execute("SELECT min(id) FROM snapshots WHERE live_jobs_of = ?", (snapshot_id,)).fetchone()
    if heir is not None:
        connection.execute("UPDATE live_jobs SET snapshot_id = ? WHERE snapshot_id = ?", (heir, snapshot_id))
        connection.execute(
            "UPDATE snapshots SET live_jobs_of = nullif(?, id) WHERE live_jobs_of = ?", (heir, snapshot_id)
        )
    connection.execute("DELETE FROM live_jobs WHERE snapshot_id = ?", (snapshot_id,))
    connection.execute("UPDATE snapshots SET live_jobs_of = NULL WHERE id = ?", (snapshot_id,))
    connection.executemany(
        "INSERT INTO live_jobs VALUES (?, ?, ?)", [(snapshot_id, name, count) for name, count in live_jobs.items()]
    )


def _keep_names(connection: sqlite3.Connection, subject_id: int, page: RolePage) -> None:
    names = page.names
    printed = (names.term_name, names.term_kind, names.category, names.region_name, names.parent_region, page.url)
    connection.execute(
        "UPDATE subjects SET (term_name, term_kind, category, region_name, parent_region, url) = (?, ?, ?, ?, ?, ?)"
        " WHERE id = ? AND (term_name, term_kind, category, region_name, parent_region, url) IS NOT (?, ?, ?, ?, ?, ?)",
        (*printed, subject_id, *printed),
    )
