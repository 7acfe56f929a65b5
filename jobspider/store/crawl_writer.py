"""Write what a crawl finds: one transaction a page, so that ledger, snapshot and content are there together or not.

A ``ValueError`` from here is a fault of the caller, not of the page or the disk: a page that was never planned, or
one of which it is told twice where it ended.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jobspider.errors import StoreError
from jobspider.model import AuditFinding, Capture, CrawlResult, FetchStatus, PlannedPage, RolePage, Subject
from jobspider.store import timestamps
from jobspider.store.captures import store_capture
from jobspider.store.content_rows import content_to_rows
from jobspider.store.database import Database
from jobspider.store.snapshot_writer import ParsedPage, write_page

_QUARANTINED: Final = frozenset({FetchStatus.WRONG_PAGE, FetchStatus.LAYOUT_CHANGED, FetchStatus.AUDIT_FAILED})
_FAILURES: Final = frozenset(FetchStatus) - {
    FetchStatus.PLANNED,
    FetchStatus.STORED,
    FetchStatus.UNCHANGED,
    FetchStatus.STALE,
}

_END_CRAWL: Final = """
UPDATE crawls SET outcome = :outcome, finished_at = :finished_at,
    (pages_stored, pages_unchanged, pages_failed) = (
        SELECT count(*) FILTER (WHERE status = 'stored'), count(*) FILTER (WHERE status = 'unchanged'),
               count(*) FILTER (WHERE status NOT IN ('planned', 'stored', 'unchanged'))
        FROM fetches WHERE crawl_id = crawls.id)
WHERE outcome IS NULL AND id = coalesce(:crawl_id, id)
"""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Where a planned page ended."""

    status: FetchStatus
    reason: str
    http_status: int | None
    fetched_at: datetime
    sha256: str | None


class Writer:
    """Writes crawls and pages into an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_crawl(
        self,
        token: str,
        spider: str,
        started_at: datetime,
        code_version: str,
        plan: Sequence[PlannedPage],
        *,
        is_full_crawl: bool = True,
    ) -> int:
        """Note a crawl and every page it means to fetch, and return its id.

        The caller holds the crawl lock; so a crawl that never said how it ended is dead, and is marked interrupted.

        Args:
            token: Names it among all.
            spider: Whose it is.
            started_at: The present.
            code_version: Of this program.
            plan: The pages.
            whole: It is of everything that its spider is to read, or of what is missing of that; not of pages that its
                arguments name.

        Raises:
            StoreError: The token is taken.
            ValueError: The plan names a page twice.
        """
        if len({page.url for page in plan}) < len(plan):
            raise ValueError("the plan names a page twice")
        with self._database.immediate() as connection:
            if connection.execute("SELECT 1 FROM crawls WHERE token = ?", (token,)).fetchone():
                raise StoreError(f"{self._database.path} has a crawl with the token {token!r} already: use a new one")
            connection.execute(
                _END_CRAWL, {"crawl_id": None, "outcome": CrawlResult.INTERRUPTED.value, "finished_at": None}
            )
            (crawl_id,) = connection.execute(
                "INSERT INTO crawls (token, spider, started_at, pages_planned, code_version, whole)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (token, spider, timestamps.to_text(started_at), len(plan), code_version, is_full_crawl),
            ).fetchone()
            connection.executemany(
                "INSERT INTO subjects (job_type, region, term, window_months, url) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [(*_key(page.subject), page.url) for page in plan if page.subject is not None],
            )
            connection.executemany(
                "INSERT INTO fetches (crawl_id, url, status, subject_id) VALUES (?, ?, 'planned',"
                " (SELECT id FROM subjects WHERE (job_type, region, term, window_months) = (?, ?, ?, ?)))",
                [(crawl_id, page.url, *_key(page.subject)) for page in plan],
            )
        return int(crawl_id)

    def store_page(
        self, crawl_id: int, url: str, page: RolePage, capture: Capture, parser_version: int, http_status: int
    ) -> FetchStatus:
        """Store a page that was read and audited, and return where it ended.

        ``STORED``: its figures differ from the newest snapshot's, or correct them where the as-of date is the same.
        ``UNCHANGED``: they are the same; a newer as-of date makes a snapshot all the same, which shares its content.
        ``STALE``: a page with a newer as-of date is there already; only the ledger learns of this one.

        Raises:
            ValueError: The page was not planned, has ended before, is of another subject than planned, or holds a
                figure that cannot be kept exactly.
        """
        reading = ParsedPage(crawl_id, page, content_to_rows(page.content), parser_version, capture)
        with self._database.immediate() as connection:
            planned = connection.execute(
                "SELECT subject_id, job_type, region, term, window_months"
                " FROM fetches JOIN subjects ON subjects.id = subject_id WHERE (crawl_id, fetches.url) = (?, ?)",
                (crawl_id, url),
            ).fetchone()
            if planned is None or planned[1:] != _key(page.subject):
                raise ValueError(f"{url} was not planned in crawl {crawl_id} for {page.subject.key}")
            status, reason = write_page(self._database, planned[0], reading)
            set_fetch_result(
                connection, crawl_id, url, FetchResult(status, reason, http_status, capture.fetched_at, capture.sha256)
            )
        return status

    def record_failure(
        self,
        crawl_id: int,
        url: str,
        status: FetchStatus,
        reason: str,
        http_status: int | None,
        fetched_at: datetime,
        capture: Capture | None = None,
        findings: Sequence[AuditFinding] = (),
    ) -> None:
        """Note that a page was not read, and quarantine it if what it holds is the reason.

        Args:
            crawl_id: The crawl that planned it.
            url: The address as planned.
            status: Any but those of a page that was read.
            reason: What was expected and what was found, in one line.
            http_status: ``None`` where there was no answer.
            fetched_at: When it was asked for.
            capture: What came back, where anything did; it is kept.
            findings: The identities that failed.

        Raises:
            ValueError: The page was not planned or has ended before, or the status is no failure.
        """
        if status not in _FAILURES:
            raise ValueError(f"{status} is no failure")
        sha256 = None if capture is None else capture.sha256
        with self._database.immediate() as connection:
            set_fetch_result(connection, crawl_id, url, FetchResult(status, reason, http_status, fetched_at, sha256))
            if capture is not None:
                store_capture(connection, capture)
            if status in _QUARANTINED:
                connection.execute(
                    "INSERT INTO quarantine (crawl_id, url, reason, findings, sha256, state)"
                    " VALUES (?, ?, ?, ?, ?, 'open')",
                    (crawl_id, url, reason, json.dumps([finding.to_json() for finding in findings]), sha256),
                )

    def finish_crawl(self, crawl_id: int, finished_at: datetime, verdict: CrawlResult) -> None:
        """Note how a crawl ended.

        Raises:
            ValueError: There is no such crawl, or it has ended before.
        """
        with self._database.immediate() as connection:
            ended = connection.execute(
                _END_CRAWL,
                {"crawl_id": crawl_id, "outcome": verdict.value, "finished_at": timestamps.to_text(finished_at)},
            )
            if ended.rowcount != 1:
                raise ValueError(f"crawl {crawl_id} is not running")


def _key(subject: Subject | None) -> tuple[str | int | None, ...]:
    if subject is None:
        return (None, None, None, None)
    return (subject.job_type.value, subject.region, subject.term, subject.window_months)


def set_fetch_result(connection: sqlite3.Connection, crawl_id: int, url: str, end: FetchResult) -> None:
    """Give a planned page its one ending."""
    settled = connection.execute(
        "UPDATE fetches SET (status, reason, http_status, fetched_at, sha256) = (?, ?, ?, ?, ?)"
        " WHERE (crawl_id, url, status) = (?, ?, 'planned')",
        (end.status.value, end.reason, end.http_status, timestamps.to_text(end.fetched_at), end.sha256, crawl_id, url),
    )
    if settled.rowcount != 1:
        raise ValueError(f"{url} was not planned in crawl {crawl_id}, or has ended before")
