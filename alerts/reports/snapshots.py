"""Load all snapshots of a subject with the figures that the report shows over time."""

from typing import Final

from alerts.model.report import SnapshotPoint
from jobspider.store.database import Database
from jobspider.store.subject_history import SubjectHistory

CHARTED_STATISTICS: Final = ("median", "p25", "p75", "quotes", "rank", "vacancies")
"""The statistics that the report shows over time."""


def load_snapshot_points(database: Database, subject_id: int) -> tuple[SnapshotPoint, ...]:
    """Return the snapshots of a subject, oldest first.

    Raises:
        StoreError: The database cannot be read.
    """
    return tuple(
        SnapshotPoint(
            snapshot.snapshot_id,
            snapshot.content_id,
            snapshot.as_of,
            snapshot.fetched_at,
            snapshot.parser_version,
            snapshot.figures,
        )
        for snapshot in SubjectHistory(database).snapshots(subject_id, CHARTED_STATISTICS)
    )
