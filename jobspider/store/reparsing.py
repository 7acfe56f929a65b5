"""What is needed to read stored pages anew: which there are, and the door by which they come back."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Final

from jobspider.model import Capture, JobType, RolePage, Subject
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.snapshot_writer import update_snapshot_content

_PAGES: Final = """
SELECT snapshots.id, job_type, region, term, window_months, as_of, parser_version, snapshots.sha256,
    EXISTS (SELECT 1 FROM captures WHERE captures.sha256 = snapshots.sha256) AS is_kept,
    NOT EXISTS (SELECT 1 FROM snapshots AS newer
        WHERE newer.subject_id = snapshots.subject_id AND newer.as_of > snapshots.as_of) AS is_newest
FROM snapshots JOIN subjects ON subjects.id = subject_id
WHERE parser_version < coalesce(:before, parser_version + 1) AND as_of >= coalesce(:since, as_of)
ORDER BY job_type, region, term, window_months, as_of
"""
_NEWEST_CAPTURE: Final = """
SELECT captures.sha256
FROM subjects JOIN fetches ON fetches.subject_id = subjects.id JOIN captures ON captures.sha256 = fetches.sha256
WHERE (job_type, region, term, window_months) = (?, ?, ?, ?)
ORDER BY fetches.fetched_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ReparseCandidate:
    """A snapshot as something to read anew.

    ``is_kept`` tells whether the bytes of its page are still there, ``is_newest`` whether it is its subject's newest.
    """

    snapshot_id: int
    subject: Subject
    as_of: date
    parser_version: int
    sha256: str
    is_kept: bool
    is_newest: bool


class ReparseStore:
    """Gives stored pages of an open database to be read anew, and takes back how they read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pages(self, before: int | None = None, since: date | None = None) -> tuple[ReparseCandidate, ...]:
        """Return the snapshots to read anew, subject by subject, the oldest first.

        Args:
            before: Only those that were read by a parser of an older version than this; ``None``: by any.
            since: Only those as of this date or later; ``None``: of any date.
        """
        bounds = {"before": before, "since": None if since is None else since.isoformat()}
        return tuple(
            ReparseCandidate(
                id_, _subject(*key), date.fromisoformat(as_of), version, sha256, bool(is_kept), bool(is_newest)
            )
            for id_, *key, as_of, version, sha256, is_kept, is_newest in self._database.rows(_PAGES, bounds)
        )

    def newest_capture(self, subject: Subject) -> Capture | None:
        """Return the newest page of a subject that is kept, accepted or not, or ``None`` if there is none."""
        key = (subject.job_type.value, subject.region, subject.term, subject.window_months)
        rows = self._database.rows(_NEWEST_CAPTURE, key)
        return Reader(self._database).capture(rows[0][0]) if rows else None

    def replace_content(self, page: ReparseCandidate, read: RolePage, parser_version: int) -> bool:
        """Point a snapshot at what is read of its page today, and remember how it read before.

        ``False`` where the snapshot is no longer what ``page`` says: a crawl, or another process, was faster.

        Raises:
            ValueError: What was read is of another subject or date.
        """
        if (read.subject, read.as_of) != (page.subject, page.as_of):
            raise ValueError(f"{read.subject.key} as of {read.as_of} is not what snapshot {page.snapshot_id} is of")
        with self._database.immediate() as connection:
            if not _is_still(connection, page):
                return False
            update_snapshot_content(self._database, page.snapshot_id, read, parser_version)
        return True


def _is_still(connection: sqlite3.Connection, page: ReparseCandidate) -> bool:
    found = connection.execute(
        "SELECT 1 FROM snapshots WHERE (id, sha256, parser_version) = (?, ?, ?)",
        (page.snapshot_id, page.sha256, page.parser_version),
    )
    return found.fetchone() is not None


def _subject(job_type: str, region: str, term: str, window_months: int) -> Subject:
    return Subject(JobType(job_type), region, term, window_months)
