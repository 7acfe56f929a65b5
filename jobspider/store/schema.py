"""The tables of this half and the two views for people, as one migration set.

``docs/DATA.md`` says what every column means. A migration that has been released is never edited: a change is a new
migration at the end.
"""

from typing import Final

from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

APPLICATION_ID: Final = 0x4A4F4253
"""``JOBS``, in the header of the file: tells this project's databases from anybody else's."""

SCHEMA: Final = Migrations("jobspider")

# Figures, skills and locations are WITHOUT ROWID: their rows are only ever read by content, so they lie together in
# the order of the key and the key is not kept twice.
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


def _joined(statistic: str, basis: str) -> str:
    """Return the join by which a view finds one figure of table 1; it is skipped where nobody asks for the figure."""
    return (
        f"LEFT JOIN figures AS {statistic} ON {statistic}.content_id = snapshot.content_id"
        f" AND {statistic}.scope = 'term' AND {statistic}.basis = {basis} AND {statistic}.statistic = '{statistic}'"
    )


_MAIN_BASIS: Final = "CASE subject.job_type WHEN 'permanent' THEN 'annual' ELSE 'daily' END"
_VIEWED_PAY: Final = ("quotes", "p10", "p25", "median", "p75", "p90")
_VIEWED_OTHER: Final = ("rank", "vacancies", "share_of_all", "share_of_category")

_HISTORY: Final = f"""
SELECT
    subject.job_type, subject.region, subject.term, subject.window_months, subject.term_name, subject.region_name,
    snapshot.as_of, {_MAIN_BASIS} AS basis,
    median.now AS median, p10.now AS p10, p25.now AS p25, p75.now AS p75, p90.now AS p90,
    CAST(quotes.now AS INTEGER) AS quotes, CAST(rank.now AS INTEGER) AS rank,
    CAST(vacancies.now AS INTEGER) AS vacancies,
    share_of_all.now AS share_of_all, share_of_category.now AS share_of_category,
    snapshot.fetched_at, subject.url, subject.id AS subject_id, snapshot.id AS snapshot_id, snapshot.content_id
FROM subjects AS subject
JOIN snapshots AS snapshot ON snapshot.subject_id = subject.id
{" ".join(_joined(statistic, _MAIN_BASIS) for statistic in _VIEWED_PAY)}
{" ".join(_joined(statistic, "''") for statistic in _VIEWED_OTHER)}
"""  # noqa: S608 - put together from the constants above; nothing comes from outside

# A look-up for each subject: its cost does not grow with the length of the history.
_NEWEST: Final = "SELECT id FROM snapshots WHERE subject_id = subject.id ORDER BY as_of DESC LIMIT 1"

_VIEWS: Final = f"""
CREATE VIEW history AS {_HISTORY};
CREATE VIEW latest AS {_HISTORY} WHERE snapshot.id = ({_NEWEST});
"""


@SCHEMA()
def m001_tables(tables: SqliteUtils) -> None:
    """Create every table, in a file that is marked as this project's."""
    tables.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    tables.executescript(_TABLES)


@SCHEMA()
def m002_views(tables: SqliteUtils) -> None:
    """Create the views for people."""
    tables.executescript(_VIEWS)
