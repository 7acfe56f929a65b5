"""Add to a digest the last year of each subject's first figure, for charts."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from alerts.model.changes import Digest, Series, SubjectSection
from jobspider.store.database import Database
from jobspider.store.subject_history import SubjectHistory

_MIN_POINTS: Final = 3
"""With fewer points a chart shows nothing that the two figures do not."""
_PERIOD: Final = timedelta(days=366)


def with_series(digest: Digest, database: Database) -> Digest:
    """Return the digest with a series for each subject that has enough snapshots."""
    history = SubjectHistory(database)
    return replace(digest, groups=tuple(replace(group, series=_series(group, history)) for group in digest.groups))


def _series(group: SubjectSection, history: SubjectHistory) -> Series | None:
    """Return the last year of a subject's first changed figure of table 1; ``None`` for derived watches."""
    change = next((line.change for line in group.lines if line.change.item is None), None)
    if change is None or change.derived is not None:
        return None
    as_of = group.snapshot.as_of
    points = history.series(group.snapshot.subject_id, change.statistic, change.basis, as_of - _PERIOD, as_of)
    return Series(change.statistic, change.basis, points) if len(points) >= _MIN_POINTS else None
