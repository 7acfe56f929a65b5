"""Define the tables of the outbox as a migration set of its own, in the same file as the snapshots.

``docs/DATA.md`` describes every column. After the first release, a schema change is a new migration at the end of
the set; released migrations are never edited.
"""

from typing import Final

from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

OUTBOX: Final = Migrations("alerts")

# The partial index changes_crossings serves the query for the list that a skill was last reported to have entered or
# left; without it that query reads every change ever made.
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
    because TEXT NOT NULL,
    list TEXT
) STRICT;
CREATE INDEX changes_delivery ON changes (delivery_id);
CREATE INDEX changes_crossings ON changes (delivery_id) WHERE kind IN ('entered', 'left', 'returned');
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


@OUTBOX()
def m001_outbox(tables: SqliteUtils) -> None:
    """Create the tables of the outbox."""
    tables.executescript(_TABLES)
