"""The tables of this half and the views for people, as one migration set.

``docs/DATA.md`` says what every column means. A migration that has been released is never edited: a change is a new
migration at the end.
"""

from typing import Final

from sqlite_utils import Database as SqliteUtils
from sqlite_utils.migrations import Migrations

from jobspider.store.schema_tables import FIRST_TABLES
from jobspider.store.skill_schema import SKILL_TABLES, SKILL_VIEWS

APPLICATION_ID: Final = 0x4A4F4253
"""``JOBS``, in the header of the file: tells this project's databases from anybody else's."""

MigrationSet = Migrations
"""What brings one half's tables up to date; other rooms hand it on without knowing sqlite-utils."""

SCHEMA: Final = MigrationSet("jobspider")


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


# The base of a page that is kept as a difference is always kept later than that page, so a chain has no end in itself.
_CAPTURES: Final = """
ALTER TABLE captures RENAME TO old_captures;
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    codec TEXT NOT NULL CHECK (codec IN ('zlib', 'zstd')),
    base INTEGER REFERENCES captures (id),
    body BLOB NOT NULL,
    CHECK (base IS NULL OR codec = 'zstd')
) STRICT;
INSERT INTO captures (sha256, url, fetched_at, codec, body)
    SELECT sha256, url, fetched_at, 'zlib', body FROM old_captures ORDER BY fetched_at;
DROP TABLE old_captures;
CREATE INDEX captures_whole ON captures (url, id) WHERE base IS NULL;
CREATE INDEX captures_by_base ON captures (base) WHERE base IS NOT NULL;
CREATE INDEX captures_by_age ON captures (fetched_at);
"""

_SKILLS: Final = """
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
INSERT INTO skill_names (name, list) SELECT DISTINCT name, list FROM skills;
INSERT INTO skill_shares
    SELECT content_id, id, position, rank, count, share FROM skills JOIN skill_names USING (name, list)
    ORDER BY content_id, id;
DROP TABLE skills;
CREATE VIEW skills AS
SELECT content_id, list, name, position, rank, count, share
FROM skill_shares JOIN skill_names ON skill_names.id = skill_id;
"""

# CROSS JOIN: first the pages that are asked for, then their skills. Left to itself, the planner walks through every
# skill ever stored.
_SKILL_HISTORY: Final = """
CREATE VIEW skill_history AS
SELECT
    subject.job_type, subject.region, subject.term, subject.window_months, subject.term_name, subject.region_name,
    snapshot.as_of, skill.list, skill.name, share.position, share.rank, share.count, share.share,
    subject.id AS subject_id, snapshot.id AS snapshot_id, snapshot.content_id
FROM subjects AS subject
JOIN snapshots AS snapshot ON snapshot.subject_id = subject.id
CROSS JOIN skill_shares AS share ON share.content_id = snapshot.content_id
JOIN skill_names AS skill ON skill.id = share.skill_id;
"""

# A recipient may have been told any of a snapshot's readings; `sha256` tells which of them are of one page.
_READ_AGAIN: Final = """
CREATE TABLE former_readings (
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
    content_id INTEGER NOT NULL REFERENCES contents (id),
    sha256 TEXT NOT NULL,
    parser_version INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, content_id, sha256, parser_version)
) STRICT, WITHOUT ROWID;
ALTER TABLE quarantine RENAME TO old_quarantine;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls (id),
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    findings TEXT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'dismissed'))
) STRICT;
INSERT INTO quarantine SELECT id, crawl_id, url, reason, findings, sha256, state FROM old_quarantine;
DROP TABLE old_quarantine;
"""

# The plan does not tell: a crawl that goes on with another may plan one page, too. What the crawls of earlier versions
# were of, nobody has noted; most were whole, and all were taken for it.
_WHOLE: Final = "ALTER TABLE crawls ADD COLUMN whole INTEGER NOT NULL DEFAULT 1 CHECK (whole IN (0, 1))"


@SCHEMA()
def m001_tables(tables: SqliteUtils) -> None:
    """Create every table, in a file that is marked as this project's."""
    tables.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    tables.executescript(FIRST_TABLES)


@SCHEMA()
def m002_views(tables: SqliteUtils) -> None:
    """Create the views for people."""
    tables.executescript(_VIEWS)


@SCHEMA()
def m003_smaller(tables: SqliteUtils) -> None:
    """Keep raw pages as differences and the names of skills once; create the view of skills over time.

    ``skills`` becomes a view with the columns that it had.
    """
    for script in (_CAPTURES, _SKILLS, _SKILL_HISTORY):
        tables.executescript(script)


@SCHEMA()
def m004_read_again(tables: SqliteUtils) -> None:
    """Remember how a snapshot was read before, and let a quarantined page be resolved."""
    tables.executescript(_READ_AGAIN)


@SCHEMA()
def m005_smaller_skills(tables: SqliteUtils) -> None:
    """Keep of a skill what its count does not tell; ``skills`` and ``skill_history`` have the columns that they had."""
    for script in (SKILL_TABLES, SKILL_VIEWS):
        tables.executescript(script)


@SCHEMA()
def m006_whole_crawls(tables: SqliteUtils) -> None:
    """Tell a crawl of everything from one of a page that somebody asked for by its name."""
    tables.execute(_WHOLE)
