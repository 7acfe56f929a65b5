"""Read back what is kept, as dataclasses."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from jobspider.errors import StoreError
from jobspider.model import (
    Capture,
    Content,
    CrawlRecord,
    CrawlResult,
    FetchStatus,
    JobType,
    LedgerRow,
    Snapshot,
    SnapshotInfo,
    Subject,
    SubjectNames,
)
from jobspider.store import timestamps
from jobspider.store.captures import load_body
from jobspider.store.comparison_reader import ComparingReader
from jobspider.store.content_rows import rows_to_content

_CRAWL: Final = "SELECT id, token, spider, started_at, finished_at, outcome FROM crawls "

_LEDGER_ROW: Final = "fetches.url, job_type, region, term, window_months, status, http_status, reason, fetched_at"
_LEDGER: Final = f"""
SELECT {_LEDGER_ROW} FROM fetches LEFT JOIN subjects ON subjects.id = fetches.subject_id
WHERE crawl_id = ? ORDER BY fetches.url
"""  # noqa: S608 - put together from a constant; nothing comes from outside
_READINGS: Final = f"""
SELECT {_LEDGER_ROW} FROM (
    SELECT fetches.*,
        row_number() OVER (PARTITION BY subject_id ORDER BY status = 'planned', crawl_id DESC, fetched_at DESC) AS age
    FROM crawls JOIN fetches ON fetches.crawl_id = crawls.id
    WHERE started_at BETWEEN ? AND ?) AS fetches
JOIN subjects ON subjects.id = fetches.subject_id
WHERE age = 1 ORDER BY job_type, region, term, window_months
"""  # noqa: S608 - likewise

_HEAD: Final = """
SELECT snapshots.id, subject_id, content_id, job_type, region, term, window_months,
    term_name, term_kind, category, region_name, parent_region, url, as_of, fetched_at, parser_version
FROM subjects JOIN snapshots ON snapshots.subject_id = subjects.id WHERE
"""
# A look-up for each subject: its cost does not grow with the length of the history.
_NEWEST_BUT: Final = """snapshots.id = (
    SELECT id FROM snapshots WHERE subject_id = subjects.id {} ORDER BY as_of DESC LIMIT 1 OFFSET {})"""
_NEWEST: Final = _NEWEST_BUT.format("", 0)
_SKILLS: Final = """
SELECT list, name, position, rank, count, share FROM skills WHERE content_id = ? ORDER BY list, position
"""
_NEVER: Final = "9999"
_OF_SUBJECT: Final = "(job_type, region, term, window_months) = (?, ?, ?, ?)"


class Reader(ComparingReader):
    """Reads from an open database."""

    def crawl(self, token: str) -> CrawlRecord | None:
        """Return the crawl with a token, or ``None`` if there is none."""
        return self._crawl("WHERE token = ?", token)

    def last_full_crawl(self, spider: str | None = None) -> CrawlRecord | None:
        """Return the whole crawl that was begun last, ended or not, or ``None`` if there is none.

        One of a page that somebody has asked for by its name says nothing of the pages that are watched: it is nobody's
        occasion, no verdict on the service, and nothing to go on with.

        Args:
            spider: Only this spider's; ``None``: any.
        """
        return self._crawl("WHERE whole AND spider = coalesce(?, spider) ORDER BY id DESC LIMIT 1", spider)

    def has_crawled_since(self, moment: datetime) -> bool:
        """Tell whether a whole crawl of role pages that was begun at ``moment`` or later has come to its end."""
        ((has_crawled,),) = self._database.rows(
            "SELECT EXISTS (SELECT 1 FROM crawls"
            " WHERE whole AND spider = 'roles' AND started_at >= ? AND outcome <> 'interrupted')",
            (timestamps.to_text(moment),),
        )
        return bool(has_crawled)

    def latest_fetches_since(self, moment: datetime | None, until: datetime | None = None) -> tuple[LedgerRow, ...]:
        """Return the newest ledger row of every subject planned in crawls begun at ``moment`` or later.

        A row that is still planned says nothing of its subject, so it is given only where there is no other.

        Args:
            moment: ``None``: since ever.
            until: Only of crawls begun then or earlier; ``None``: of all.
        """
        begin = "" if moment is None else timestamps.to_text(moment)
        end = _NEVER if until is None else timestamps.to_text(until)
        return tuple(map(_ledger_row, self._database.rows(_READINGS, (begin, end))))

    def latest_snapshots(self, back: int = 0, until: datetime | None = None) -> tuple[SnapshotInfo, ...]:
        """Return every subject's newest snapshot without its figures, in the order of the subjects.

        Args:
            back: 1: the one before the newest, and so on; a subject that has none is left out.
            until: Only of those fetched then or earlier; ``None``: of all.
        """
        newest = _NEWEST_BUT.format("AND fetched_at <= ?" if until else "", "?")
        asked = (timestamps.to_text(until), back) if until else (back,)
        rows = self._database.rows(f"{_HEAD} {newest} ORDER BY job_type, region, term, window_months", asked)
        return tuple(map(_head, rows))

    def crawl_end_times(self, since: datetime) -> tuple[datetime, ...]:
        """Return when the whole crawls of role pages begun at ``since`` or later ended, the oldest first.

        For one that was killed, which nobody saw end, that is when it began.
        """
        rows = self._database.rows(
            "SELECT coalesce(finished_at, started_at) FROM crawls"
            " WHERE whole AND spider = 'roles' AND started_at >= ? ORDER BY id",
            (timestamps.to_text(since),),
        )
        return tuple(timestamps.from_text(at) for (at,) in rows)

    def months(self) -> tuple[tuple[JobType, str], ...]:
        """Return for which job types and as-of months (``2025-11``) there are snapshots, in that order."""
        rows = self._database.rows(
            "SELECT DISTINCT job_type, substr(as_of, 1, 7) AS month"
            " FROM subjects JOIN snapshots ON subject_id = subjects.id ORDER BY job_type, month"
        )
        return tuple((JobType(job_type), month) for job_type, month in rows)

    def snapshots(self, job_type: JobType, month: str) -> Iterator[Snapshot]:
        """Yield the snapshots of one of :meth:`months`, by subject and date."""
        rows = self._database.rows(
            f"{_HEAD} job_type = ? AND substr(as_of, 1, 7) = ? ORDER BY region, term, window_months, as_of",
            (job_type.value, month),
        )
        return (self._whole(_head(row)) for row in rows)

    def capture(self, sha256: str) -> Capture | None:
        """Return the raw page with a digest, or ``None`` if it is not kept any more.

        Raises:
            StoreError: What is kept of it cannot be read.
        """
        found = self._database.rows("SELECT url, fetched_at FROM captures WHERE sha256 = ?", (sha256,))
        with self._database.explained():
            body = load_body(self._database.connection, sha256)
        if not found or body is None:
            return None
        ((url, fetched_at),) = found
        return Capture(url, body, sha256, timestamps.from_text(fetched_at))

    def latest(self, subject: Subject) -> Snapshot | None:
        """Return a subject's newest snapshot, or ``None`` if it has never been read."""
        key = (subject.job_type.value, subject.region, subject.term, subject.window_months)
        return self._snapshot(f"{_OF_SUBJECT} AND {_NEWEST}", key)

    def snapshot(self, snapshot_id: int) -> Snapshot:
        """Return a snapshot.

        Raises:
            StoreError: There is none with this id.
        """
        found = self._snapshot("snapshots.id = ?", (snapshot_id,))
        if found is None:
            raise StoreError(f"{self._database.path} has no snapshot {snapshot_id}")
        return found

    def content(self, content_id: int) -> Content:
        """Return a content. Its live jobs are ``None``: they belong to a snapshot.

        Raises:
            StoreError: There is none with this id.
        """
        return self._content(content_id, {})

    def _crawl(self, which: str, parameter: str | None) -> CrawlRecord | None:
        rows = self._database.rows(_CRAWL + which, (parameter,))
        if not rows:
            return None
        ((crawl_id, token, spider, started_at, finished_at, outcome),) = rows
        return CrawlRecord(
            crawl_id=crawl_id,
            token=token,
            spider=spider,
            started_at=timestamps.from_text(started_at),
            finished_at=None if finished_at is None else timestamps.from_text(finished_at),
            verdict=None if outcome is None else CrawlResult(outcome),
            ledger=tuple(map(_ledger_row, self._database.rows(_LEDGER, (crawl_id,)))),
        )

    def _snapshot(self, which: str, parameters: tuple[object, ...]) -> Snapshot | None:
        rows = self._database.rows(f"{_HEAD} {which}", parameters)
        if not rows:
            return None
        return self._whole(_head(rows[0]))

    def _whole(self, head: SnapshotInfo) -> Snapshot:
        live_jobs = self._database.rows(
            "SELECT name, count FROM snapshots JOIN live_jobs ON snapshot_id = coalesce(live_jobs_of, snapshots.id)"
            " WHERE snapshots.id = ?",
            (head.snapshot_id,),
        )
        return Snapshot(head, self._content(head.content_id, dict(live_jobs)))

    def _content(self, content_id: int, live_jobs: dict[str, int]) -> Content:
        rows, key = self._database.rows, (content_id,)
        found = rows("SELECT category_name FROM contents WHERE id = ?", key)
        if not found:
            raise StoreError(f"{self._database.path} has no content {content_id}")
        return rows_to_content(
            found[0][0],
            rows("SELECT scope, basis, statistic, now, year_ago, two_years_ago FROM figures WHERE content_id = ?", key),
            rows(
                "SELECT name, position, rank_change, vacancies, median, median_change FROM locations"
                " WHERE content_id = ? ORDER BY position",
                key,
            ),
            rows(_SKILLS, key),
            live_jobs,
        )


def _subject(job_type: str, region: str, term: str, window_months: int) -> Subject:
    return Subject(JobType(job_type), region, term, window_months)


def _ledger_row(row: tuple[Any, ...]) -> LedgerRow:
    url, job_type, region, term, window_months, status, http_status, reason, fetched_at = row
    return LedgerRow(
        url=url,
        subject=None if job_type is None else _subject(job_type, region, term, window_months),
        status=FetchStatus(status),
        http_status=http_status,
        reason=reason,
        fetched_at=None if fetched_at is None else timestamps.from_text(fetched_at),
    )


def _head(row: tuple[Any, ...]) -> SnapshotInfo:
    snapshot_id, subject_id, content_id, *key, term_name, term_kind, category, region_name, parent_region = row[:12]
    url, as_of, fetched_at, parser_version = row[12:]
    return SnapshotInfo(
        snapshot_id=snapshot_id,
        subject_id=subject_id,
        content_id=content_id,
        subject=_subject(*key),
        names=SubjectNames(term_name, term_kind, category, region_name, parent_region),
        url=url,
        as_of=date.fromisoformat(as_of),
        fetched_at=timestamps.from_text(fetched_at),
        parser_version=parser_version,
    )
