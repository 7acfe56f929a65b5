"""The tables as the first migration makes them; what has become of them since is told in ``schema.py``."""

from typing import Final

# Figures, skills and locations are WITHOUT ROWID: their rows are only ever read by content, so they lie together in
# the order of the key and the key is not kept twice.
FIRST_TABLES: Final = """
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
    code_version TEXT NOT NULL
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

CREATE TABLE skills (
    content_id INTEGER NOT NULL REFERENCES contents (id),
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    count INTEGER NOT NULL,
    share REAL,
    PRIMARY KEY (content_id, list, name)
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
    sha256 TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    findings TEXT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed'))
) STRICT;
"""
