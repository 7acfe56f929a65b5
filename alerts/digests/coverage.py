"""Compute coverage: which watched pages were read, failed or were not fetched."""

from collections.abc import Mapping, Sequence

from alerts.model.changes import Coverage
from jobspider.model import FetchStatus, LedgerRow, SnapshotInfo, Subject


def coverage_of(
    subjects: Sequence[Subject],
    rows: Mapping[Subject, LedgerRow],
    read: Sequence[SnapshotInfo],
    not_compared: Sequence[str] = (),
) -> Coverage:
    """Return what was looked at.

    Args:
        subjects: That were to be.
        rows: The newest row of a ledger about each of them that has one.
        read: Those of which anything is known.
        not_compared: The names of derived watches of which a page was not read.
    """
    statuses = [row.status for row in rows.values()]
    asked = {subject for subject, row in rows.items() if row.status is not FetchStatus.PLANNED}
    return Coverage(
        watched=len(subjects),
        read=statuses.count(FetchStatus.STORED),
        unchanged=statuses.count(FetchStatus.UNCHANGED),
        failed=tuple(row for subject, row in rows.items() if subject in asked and not row.status.is_success),
        not_fetched=tuple(subject for subject in subjects if subject not in asked),
        oldest_as_of=min((head.as_of for head in read), default=None),
        not_compared=tuple(not_compared),
    )
