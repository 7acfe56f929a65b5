"""How skills lie in the file: 390 of them, as the fullest page known has, in 6.6 KB.

A row of ``skill_counts`` is a skill of a content: its place in its list, and how many advertisements name it. Its rank
is its position less the ties above it, and its share is reckoned from the count wherever that gives what was printed.
"""

from typing import Final

# A rowid table that only grows at its end fills its pages; one WITHOUT ROWID leaves an eighth to a quarter of each
# empty, and keeps the content with every row. So both keys are in the rowid, which is given back as columns that take
# no space. The check keeps a name's number within its bits.
SKILL_BITS: Final = 20
_NAMES: Final = 1 << SKILL_BITS
# What `rows.share_as_counted` does, in whole thousandths of a percent.
AS_COUNTED: Final = """
CASE WHEN (200000 * count + shares_of) / (2 * shares_of) < 100 THEN (200000 * count + shares_of) / (2 * shares_of)
    ELSE (20000 * count + shares_of) / (2 * shares_of) * 10 END / 1000.0
"""


def skills_of(content_id: str) -> str:
    """Return the condition that ``skill_counts AS counted`` holds a skill of a content: a range of its keys.

    The planner takes a range for a large part of a table unless it is told that it is not.
    """
    return (
        f"likelihood(counted.id >= {content_id} << {SKILL_BITS}, 0.0001)"
        f" AND likelihood(counted.id < ({content_id} + 1) << {SKILL_BITS}, 0.0001)"
    )


SKILL_TABLES: Final = f"""
ALTER TABLE skill_names RENAME TO old_skill_names;
CREATE TABLE skill_names (
    id INTEGER PRIMARY KEY CHECK (id < {_NAMES}),
    name TEXT NOT NULL,
    list TEXT NOT NULL,
    UNIQUE (name, list)
) STRICT;
INSERT INTO skill_names (id, name, list) SELECT id, name, list FROM old_skill_names;
CREATE TABLE skill_counts (
    id INTEGER PRIMARY KEY,
    content_id INTEGER NOT NULL GENERATED ALWAYS AS (id >> {SKILL_BITS}) VIRTUAL REFERENCES contents (id),
    skill_id INTEGER NOT NULL GENERATED ALWAYS AS (id & {_NAMES - 1}) VIRTUAL REFERENCES skill_names (id),
    position INTEGER NOT NULL,
    ties INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT;
INSERT INTO skill_counts (id, position, ties, count)
    SELECT (content_id << {SKILL_BITS}) + skill_id, position, position - rank, count FROM skill_shares
    ORDER BY content_id, skill_id;
CREATE TABLE printed_shares (
    content_id INTEGER NOT NULL REFERENCES contents (id),
    skill_id INTEGER NOT NULL REFERENCES skill_names (id),
    share REAL NOT NULL,
    PRIMARY KEY (content_id, skill_id)
) STRICT, WITHOUT ROWID;
ALTER TABLE contents ADD COLUMN shares_of INTEGER;
UPDATE contents SET shares_of = CAST(now AS INTEGER) FROM figures
    WHERE (content_id, scope, basis, statistic) = (contents.id, 'term', '', 'vacancies')
        AND now BETWEEN 1 AND 1000000000000
        AND EXISTS (SELECT 1 FROM skill_shares WHERE content_id = contents.id);
UPDATE contents SET shares_of = NULL WHERE EXISTS (
    SELECT 1 FROM skill_shares
    WHERE content_id = contents.id AND (count NOT BETWEEN 0 AND shares_of OR share IS NOT {AS_COUNTED}));
INSERT INTO printed_shares
    SELECT content_id, skill_id, share FROM skill_shares JOIN contents ON contents.id = content_id
    WHERE shares_of IS NULL AND share IS NOT NULL ORDER BY content_id, skill_id;
DROP VIEW skills;
DROP VIEW skill_history;
DROP TABLE skill_shares;
DROP TABLE old_skill_names;
"""  # noqa: S608 - put together from the constants above; nothing comes from outside
SHARE: Final = f"""
CASE WHEN content.shares_of IS NOT NULL THEN {AS_COUNTED} ELSE (
    SELECT share FROM printed_shares AS printed WHERE (printed.content_id, printed.skill_id) = (content.id, skill.id))
END AS share
"""  # noqa: S608 - likewise
# The range finds all skills of a content, the equation one whose name and list are known.
# CROSS JOIN: first the pages that are asked for, then their skills. Left to itself, the planner walks through every
# skill ever stored.
_COUNTED: Final = f"""
CROSS JOIN skill_counts AS counted ON {skills_of("content.id")}
JOIN skill_names AS skill ON skill.id = counted.skill_id AND counted.id = (content.id << {SKILL_BITS}) + skill.id
"""
SKILL_VIEWS: Final = f"""
CREATE VIEW skills AS
SELECT content.id AS content_id, skill.list, skill.name, counted.position, counted.position - counted.ties AS rank,
    counted.count, {SHARE}
FROM contents AS content
{_COUNTED};
CREATE VIEW skill_history AS
SELECT
    subject.job_type, subject.region, subject.term, subject.window_months, subject.term_name, subject.region_name,
    snapshot.as_of, skill.list, skill.name, counted.position, counted.position - counted.ties AS rank, counted.count,
    {SHARE}, subject.id AS subject_id, snapshot.id AS snapshot_id, snapshot.content_id
FROM subjects AS subject
CROSS JOIN snapshots AS snapshot ON snapshot.subject_id = subject.id
JOIN contents AS content ON content.id = snapshot.content_id
{_COUNTED};
"""  # noqa: S608 - likewise
