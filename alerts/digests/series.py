"""How the figures of a subject came about, out of the store: what a digest draws."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from alerts.model.changes import Digest, Series, SubjectSection
from jobspider.store.database import Database

_LEAST: Final = 3
"""Of two points every line is straight."""
_DAYS: Final = 366
_SERIES: Final = """
SELECT as_of, now FROM snapshots JOIN figures USING (content_id)
WHERE subject_id = ? AND scope = 'term' AND basis = ? AND statistic = ? AND now IS NOT NULL
    AND as_of BETWEEN date(?, ?) AND ?
ORDER BY as_of
"""


def with_series(digest: Digest, database: Database) -> Digest:
    """Return a digest whose groups know how their first figure came about, where enough is kept of it."""
    return replace(digest, groups=tuple(replace(group, series=_series(group, database)) for group in digest.groups))


def _series(group: SubjectSection, database: Database) -> Series | None:
    """Return the last year of the first figure of a group that a page's own table has."""
    change = next((line.change for line in group.lines if line.change.item is None), None)
    if change is None or change.derived is not None:
        return None
    as_of = group.head.as_of.isoformat()
    rows = database.rows(
        _SERIES,
        (group.head.subject_id, change.basis or "", change.statistic, as_of, f"-{_DAYS} days", as_of),
    )
    points = tuple((date.fromisoformat(at), Decimal(str(now))) for at, now in rows)
    return Series(change.statistic, change.basis, points) if len(points) >= _LEAST else None
