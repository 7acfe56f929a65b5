"""Every date that a subject is kept for, with the figures that are followed over time, out of the store."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Final, cast

from alerts.model.changes import Figure
from alerts.model.report import SnapshotPoint
from jobspider.model import Basis, FigureKey
from jobspider.site.statistics import BY_KEY, Unit
from jobspider.store import timestamps
from jobspider.store.content_rows import to_decimal
from jobspider.store.database import Database

if TYPE_CHECKING:
    from decimal import Decimal

CHARTED_STATISTICS: Final = ("median", "p25", "p75", "quotes", "rank", "vacancies")
"""The statistics whose way through time is shown."""

_KEPT: Final = """
SELECT id, content_id, as_of, fetched_at, parser_version FROM snapshots WHERE subject_id = ? ORDER BY as_of
"""
_FIGURES: Final = f"""
SELECT content_id, basis, statistic, now FROM figures
WHERE scope = 'term' AND statistic IN ({", ".join("?" * len(CHARTED_STATISTICS))}) AND now IS NOT NULL
    AND content_id IN (SELECT content_id FROM snapshots WHERE subject_id = ?)
"""  # noqa: S608 - put together from a constant; nothing comes from outside


def load_snapshot_points(database: Database, subject_id: int) -> tuple[SnapshotPoint, ...]:
    """Return what is kept of a subject, the oldest first.

    Raises:
        StoreError: The database cannot be read.
    """
    figures: defaultdict[int, dict[FigureKey, Figure]] = defaultdict(dict)
    for content_id, basis, statistic, now in database.rows(_FIGURES, (*CHARTED_STATISTICS, subject_id)):
        figures[content_id][Basis(basis) if basis else None, statistic] = _figure(statistic, now)
    return tuple(
        SnapshotPoint(
            id_, content_id, date.fromisoformat(as_of), timestamps.from_text(fetched_at), parser, figures[content_id]
        )
        for id_, content_id, as_of, fetched_at, parser in database.rows(_KEPT, (subject_id,))
    )


def _figure(statistic: str, real: float) -> Figure:
    return cast("Decimal", to_decimal(real)) if BY_KEY[statistic].unit is Unit.POUNDS else int(real)
