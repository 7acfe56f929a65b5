"""Define the views for people who query the database: ``history``, ``latest``, ``skills`` and ``skill_history``."""

from typing import Final


def _figure_join(statistic: str, basis: str) -> str:
    """Return the join that adds one figure of table 1. SQLite omits it from queries that do not select the figure."""
    return (
        f"LEFT JOIN figures AS {statistic} ON {statistic}.content_id = snapshot.content_id"
        f" AND {statistic}.scope = 'term' AND {statistic}.basis = {basis} AND {statistic}.statistic = '{statistic}'"
    )


_MAIN_BASIS: Final = "CASE subject.job_type WHEN 'permanent' THEN 'annual' ELSE 'daily' END"
_PAY_STATISTICS: Final = ("quotes", "p10", "p25", "median", "p75", "p90")
_OTHER_STATISTICS: Final = ("rank", "vacancies", "share_of_all", "share_of_category")

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
{" ".join(_figure_join(statistic, _MAIN_BASIS) for statistic in _PAY_STATISTICS)}
{" ".join(_figure_join(statistic, "''") for statistic in _OTHER_STATISTICS)}
"""  # noqa: S608 - only constants

# One index look-up per subject, so that the cost does not grow with the length of the history.
_NEWEST: Final = "SELECT id FROM snapshots WHERE subject_id = subject.id ORDER BY as_of DESC LIMIT 1"

_SKILLS: Final = """
SELECT content_id, list, name, position, rank, count, share
FROM skill_shares JOIN skill_names ON skill_names.id = skill_id
"""

# CROSS JOIN fixes the order: first the snapshots that are selected, then their skills. Without it SQLite's planner may
# scan all skills.
_SKILL_HISTORY: Final = """
SELECT
    subject.job_type, subject.region, subject.term, subject.window_months, subject.term_name, subject.region_name,
    snapshot.as_of, skill.list, skill.name, share.position, share.rank, share.count, share.share,
    subject.id AS subject_id, snapshot.id AS snapshot_id, snapshot.content_id
FROM subjects AS subject
JOIN snapshots AS snapshot ON snapshot.subject_id = subject.id
CROSS JOIN skill_shares AS share ON share.content_id = snapshot.content_id
JOIN skill_names AS skill ON skill.id = share.skill_id
"""

VIEWS: Final = f"""
CREATE VIEW history AS {_HISTORY};
CREATE VIEW latest AS {_HISTORY} WHERE snapshot.id = ({_NEWEST});
CREATE VIEW skills AS {_SKILLS};
CREATE VIEW skill_history AS {_SKILL_HISTORY};
"""
