"""Keep the file small: drop raw pages past their days, thin old snapshots, give space back.

How old snapshots are thinned: of the last year every one stays; of the four years before that the last of each week,
Monday to Sunday; of the time before that the last of each month. Whatever another part of the project points at
stays for good, above all what a recipient was told; so do the newest snapshot of every subject, and the ledger.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from jobspider.store import timestamps
from jobspider.store.database import Database

_ALL_FOR_YEARS: Final = 1
_WEEKLY_FOR_YEARS: Final = 5

# A page that another one is told by its difference from stays as long as that one.
_DROP_CAPTURES: Final = """
DELETE FROM captures WHERE id IN (
    WITH RECURSIVE
    old (id) AS MATERIALIZED (
        SELECT id FROM captures WHERE fetched_at < ? AND NOT EXISTS
            (SELECT 1 FROM quarantine WHERE quarantine.sha256 = captures.sha256 AND state = 'open')),
    needed (id) AS (
        SELECT base FROM captures WHERE base IN (SELECT id FROM old) AND id NOT IN (SELECT id FROM old)
        UNION SELECT base FROM captures JOIN needed USING (id) WHERE base IS NOT NULL)
    SELECT id FROM old EXCEPT SELECT id FROM needed)
"""

_FIND_DOOMED: Final = """
CREATE TEMP TABLE doomed AS
SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY subject_id, period ORDER BY as_of DESC) AS place FROM (
        SELECT id, subject_id, as_of,
            CASE WHEN as_of < :monthly THEN substr(as_of, 1, 7) ELSE date(as_of, 'weekday 0') END AS period
        FROM snapshots WHERE as_of < :weekly))
WHERE place > 1
"""
# The first that stays of those that shared a doomed snapshot's live jobs takes them over.
_REMOVE_DOOMED: Final = """
CREATE TEMP TABLE heirs AS
    SELECT live_jobs_of AS owner, min(id) AS heir FROM snapshots
    WHERE live_jobs_of IN (SELECT id FROM doomed) AND id NOT IN (SELECT id FROM doomed) GROUP BY live_jobs_of;
UPDATE live_jobs SET snapshot_id = heir FROM heirs WHERE snapshot_id = owner;
UPDATE snapshots SET live_jobs_of = nullif(heir, id) FROM heirs
    WHERE live_jobs_of = owner AND id NOT IN (SELECT id FROM doomed);
DELETE FROM live_jobs WHERE snapshot_id IN (SELECT id FROM doomed);
DELETE FROM former_readings WHERE snapshot_id IN (SELECT id FROM doomed);
DELETE FROM snapshots WHERE id IN (SELECT id FROM doomed);
"""
_FIND_ORPHANS: Final = """
CREATE TEMP TABLE orphans AS SELECT id FROM contents WHERE id NOT IN (SELECT content_id FROM snapshots)
"""
_PARTS: Final = {
    "snapshots": frozenset({"snapshots", "live_jobs", "former_readings"}),
    "contents": frozenset({"snapshots", "figures", "skill_shares", "locations"}),
}
"""The tables whose rows live and die with these."""


@dataclass(frozen=True, slots=True)
class ThinningResult:
    """How much was removed: snapshots, and contents that then nothing pointed at."""

    snapshots: int
    contents: int


def prune_captures(database: Database, before: datetime) -> int:
    """Drop the raw pages last fetched before a moment, and return how many.

    Those of open quarantine cases stay: nobody has looked at them yet.
    """
    with database.immediate() as connection:
        return connection.execute(_DROP_CAPTURES, (timestamps.to_text(before),)).rowcount


def thin_snapshots(database: Database, today: date) -> ThinningResult:
    """Thin old snapshots as this module says, in one transaction.

    Raises:
        StoreError: Something would be left that points nowhere; nothing was removed.
    """
    bounds = {"weekly": _years_before(today, _ALL_FOR_YEARS), "monthly": _years_before(today, _WEEKLY_FOR_YEARS)}
    with database.immediate_without_foreign_keys() as connection:
        connection.execute(_FIND_DOOMED, bounds)
        _exclude_referenced(connection, "snapshots", "doomed")
        _run(connection, _REMOVE_DOOMED)
        connection.execute(_FIND_ORPHANS)
        _exclude_referenced(connection, "contents", "orphans")
        for table in sorted(_PARTS["contents"] - {"snapshots"}):
            connection.execute(f"DELETE FROM {table} WHERE content_id IN (SELECT id FROM orphans)")  # noqa: S608 - from above
        connection.execute("DELETE FROM contents WHERE id IN (SELECT id FROM orphans)")
        counted = connection.execute("SELECT (SELECT count(*) FROM doomed), (SELECT count(*) FROM orphans)").fetchone()
        _run(connection, "DROP TABLE doomed; DROP TABLE heirs; DROP TABLE orphans;")
    return ThinningResult(*counted)


def vacuum(database: Database) -> None:
    """Give the file's free space back to the system; for a while that takes as much space again as the file has."""
    with database.explained():
        database.connection.execute("VACUUM")
        database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _exclude_referenced(connection: sqlite3.Connection, table: str, chosen: str) -> None:
    """Take from the chosen rows of a table those that a row of a foreign table points at, whoever owns that table."""
    pointing = connection.execute(
        'SELECT sqlite_master.name, "from" FROM sqlite_master, pragma_foreign_key_list(sqlite_master.name)'
        " WHERE type = 'table' AND \"table\" = ?",
        (table,),
    ).fetchall()
    for name, column in pointing:
        if name not in _PARTS[table]:
            connection.execute(f'DELETE FROM {chosen} WHERE id IN (SELECT "{column}" FROM "{name}")')  # noqa: S608 - names of the schema


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run statements one by one; ``executescript`` would commit first."""
    for statement in script.split(";"):
        connection.execute(statement)


def _years_before(today: date, years: int) -> str:
    # A 29 February stands for the first of March.
    day = today if (today.month, today.day) != (2, 29) else date(today.year, 3, 1)
    return day.replace(year=day.year - years).isoformat()
