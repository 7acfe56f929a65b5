"""The tables of the outbox, as a migration set of their own in the same file as the snapshots.

``docs/DATA.md`` says what every column means. A migration that has been released is never edited: a change is a new
migration at the end.
"""

from typing import Final

from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

OUTBOX: Final = Migrations("alerts")

_TABLES: Final = """
CREATE TABLE digests (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    due TEXT NOT NULL,
    created_at TEXT NOT NULL,
    headline TEXT NOT NULL,
    UNIQUE (name, due)
) STRICT;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    digest_id INTEGER NOT NULL REFERENCES digests (id),
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    deadline_at TEXT NOT NULL,
    lease_until TEXT,
    sent_at TEXT,
    payload BLOB NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (digest_id, channel)
) STRICT;
CREATE INDEX deliveries_state ON deliveries (state);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    topic TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
    content_id INTEGER NOT NULL REFERENCES contents (id),
    kind TEXT NOT NULL,
    statistic TEXT,
    basis TEXT,
    item TEXT,
    old REAL,
    new REAL,
    old_as_of TEXT,
    p_value REAL,
    verdict TEXT,
    standing TEXT NOT NULL,
    because TEXT NOT NULL
) STRICT;
CREATE INDEX changes_delivery ON changes (delivery_id);
CREATE TABLE told (
    digest TEXT NOT NULL,
    channel TEXT NOT NULL,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    topic TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
    content_id INTEGER NOT NULL REFERENCES contents (id),
    told_at TEXT NOT NULL,
    PRIMARY KEY (digest, channel, subject_id, topic)
) STRICT, WITHOUT ROWID;
"""
# Whether a skill entered or left is said of one list of its page. Who looks for what a recipient was last told of that
# walks over the crossings alone, not over every change there ever was.
_LISTS: Final = """
ALTER TABLE changes ADD COLUMN list TEXT;
CREATE INDEX changes_crossings ON changes (delivery_id) WHERE kind IN ('entered', 'left', 'returned');
"""


@OUTBOX()
def m001_tables(tables: SqliteUtils) -> None:
    """Create the tables of the outbox."""
    tables.executescript(_TABLES)


@OUTBOX()
def m002_lists(tables: SqliteUtils) -> None:
    """Say of a skill that entered or left in which list; until now it was always the top list."""
    tables.executescript(_LISTS)
