"""Define the tables of jobspider as one migration set.

``docs/DATA.md`` describes every column; ``views.py`` defines the views. After the first release, a schema change is a
new migration at the end of the set; released migrations are never edited.
"""

from typing import Final

from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

from jobspider.store.views import VIEWS

APPLICATION_ID: Final = 0x4A4F4253
"""``JOBS``, in the header of the file. It identifies the databases of this project."""

MigrationSet = Migrations
"""The type of a migration set. Other modules use this name, so that only the schema modules import sqlite-utils."""

SCHEMA: Final = MigrationSet("jobspider")

UNRELEASED: Final = frozenset({"m001_tables"})
"""Migrations of schemas that were never released; a database with one of them cannot be migrated."""

# figures, skill_shares and locations are WITHOUT ROWID: their rows are only read by content, so the rows of a content
# are adjacent in the file and the key is stored once. Two captures of one address: the newer one is stored whole, the
# older one as a difference to it (`base`). former_readings holds the contents that a snapshot had before: a recipient
# may have been told about any of them.
_TABLES: Final = """
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    job_type TEXT NOT NULL CHECK (job_type IN ('permanent', 'contract')),
    region TEXT NOT NULL,
    term TEXT NOT NULL,
    window_months INTEGER NOT NULL CHECK (window_months IN (3, 6)),
    term_name TEXT,
    term_kind TEXT CHECK (term_kind IN ('role', 'skill')),
    category TEXT,
    region_name TEXT,
    parent_region TEXT,
    url TEXT NOT NULL,
    UNIQUE (job_type, region, term, window_months)
) STRICT;

CREATE TABLE crawls (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    spider TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT CHECK (outcome IN ('complete', 'partial', 'failed', 'interrupted')),
    pages_planned INTEGER NOT NULL,
    pages_stored INTEGER NOT NULL DEFAULT 0,
    pages_unchanged INTEGER NOT NULL DEFAULT 0,
    pages_failed INTEGER NOT NULL DEFAULT 0,
    code_version TEXT NOT NULL,
    whole INTEGER NOT NULL DEFAULT 1 CHECK (whole IN (0, 1))
) STRICT;
CREATE INDEX crawls_by_start ON crawls (started_at);

CREATE TABLE fetches (
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    url TEXT NOT NULL,
    subject_id INTEGER REFERENCES subjects (id),
    status TEXT NOT NULL,
    http_status INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    fetched_at TEXT,
    sha256 TEXT,
    PRIMARY KEY (crawl_id, url),
    CHECK ((status = 'planned') = (fetched_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    hash TEXT NOT NULL,
    category_name TEXT,
    UNIQUE (subject_id, hash)
) STRICT;

CREATE TABLE figures (
    content_id INTEGER NOT NULL REFERENCES contents (id),
    scope TEXT NOT NULL CHECK (scope IN ('term', 'category')),
    basis TEXT NOT NULL CHECK (basis IN ('', 'annual', 'daily', 'hourly')),
    statistic TEXT NOT NULL,
    now REAL,
    year_ago REAL,
    two_years_ago REAL,
    PRIMARY KEY (content_id, scope, basis, statistic)
) STRICT, WITHOUT ROWID;

CREATE TABLE skill_names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    list TEXT NOT NULL,
    UNIQUE (name, list)
) STRICT;

CREATE TABLE skill_shares (
    content_id INTEGER NOT NULL REFERENCES contents (id),
    skill_id INTEGER NOT NULL REFERENCES skill_names (id),
    position INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    count INTEGER NOT NULL,
    share REAL,
    PRIMARY KEY (content_id, skill_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE locations (
    content_id INTEGER NOT NULL REFERENCES contents (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    rank_change INTEGER,
    vacancies INTEGER NOT NULL,
    median REAL,
    median_change REAL,
    PRIMARY KEY (content_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    as_of TEXT NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents (id),
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    fetched_at TEXT NOT NULL,
    parser_version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    live_jobs_of INTEGER REFERENCES snapshots (id),
    UNIQUE (subject_id, as_of)
) STRICT;

CREATE TABLE former_readings (
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
    content_id INTEGER NOT NULL REFERENCES contents (id),
    sha256 TEXT NOT NULL,
    parser_version INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, content_id, sha256, parser_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE live_jobs (
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE market_rows (
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    job_type TEXT NOT NULL CHECK (job_type IN ('permanent', 'contract')),
    region TEXT NOT NULL,
    window_months INTEGER NOT NULL CHECK (window_months IN (3, 6)),
    name TEXT NOT NULL,
    as_of TEXT NOT NULL,
    url TEXT NOT NULL,
    rank INTEGER NOT NULL,
    rank_change INTEGER,
    median REAL,
    median_change REAL,
    vacancies INTEGER NOT NULL,
    share REAL,
    live_jobs INTEGER,
    PRIMARY KEY (crawl_id, job_type, region, window_months, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    base INTEGER REFERENCES captures (id),
    body BLOB NOT NULL
) STRICT;
CREATE INDEX captures_whole ON captures (url, id) WHERE base IS NULL;
CREATE INDEX captures_by_base ON captures (base) WHERE base IS NOT NULL;
CREATE INDEX captures_by_age ON captures (fetched_at);

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    findings TEXT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'dismissed'))
) STRICT;
"""


@SCHEMA()
def m001_schema(tables: SqliteUtils) -> None:
    """Create all tables and views, and mark the file as a database of this project."""
    tables.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    tables.executescript(_TABLES)
    tables.executescript(VIEWS)
