"""The cases of the quarantine: pages that were fetched and not accepted, until somebody has dealt with them."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from jobspider.model import AuditFinding, Capture, FetchStatus, RolePage
from jobspider.store import timestamps
from jobspider.store.content_rows import content_to_rows
from jobspider.store.database import Database
from jobspider.store.snapshot_writer import ParsedPage, write_late_page

_CASES: Final = """
SELECT quarantine.id, quarantine.crawl_id, quarantine.url, status, quarantine.reason, findings, fetched_at,
    quarantine.sha256, EXISTS (SELECT 1 FROM captures WHERE captures.sha256 = quarantine.sha256) AS is_kept, state
FROM quarantine JOIN fetches ON (fetches.crawl_id, fetches.url) = (quarantine.crawl_id, quarantine.url)
"""


class CaseState(StrEnum):
    """How far a case is: nobody has dealt with it, its page was read after all, or a person has put it away."""

    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class QuarantineCase:
    """A page that was not accepted. ``is_kept`` tells whether its bytes are still there.

    ``status`` and ``reason`` are those of the ledger of its crawl; ``sha256`` is ``None`` where nothing came back.
    """

    case_id: int
    crawl_id: int
    url: str
    status: FetchStatus
    reason: str
    findings: tuple[AuditFinding, ...]
    fetched_at: datetime
    sha256: str | None
    has_body: bool
    state: CaseState


class Quarantine:
    """The quarantine of an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cases(self, state: CaseState | None = None) -> tuple[QuarantineCase, ...]:
        """Return the cases in a state, or all of them, the oldest first."""
        which = f"{_CASES} WHERE state = coalesce(?, state) ORDER BY quarantine.id"
        return tuple(map(_case, self._database.rows(which, (state,))))

    def case(self, case_id: int) -> QuarantineCase | None:
        """Return a case, or ``None`` if there is none with this number."""
        rows = self._database.rows(f"{_CASES} WHERE quarantine.id = ?", (case_id,))
        return _case(rows[0]) if rows else None

    def resolve(self, case: QuarantineCase, page: RolePage, capture: Capture, parser_version: int) -> FetchStatus:
        """Keep a case's page, which is accepted now, as of its own date, and mark the case resolved.

        The ledger of its crawl stays as it was.

        Returns:
            ``STORED``; ``UNCHANGED`` if these figures are known already; ``STALE`` if what is kept of that date was
            fetched later, and stays.

        Raises:
            ValueError: The page is not of the subject that was planned.
        """
        fetched = replace(capture, fetched_at=case.fetched_at)
        reading = ParsedPage(case.crawl_id, page, content_to_rows(page.content), parser_version, fetched)
        subject = page.subject
        with self._database.immediate() as connection:
            planned = connection.execute(
                "SELECT subject_id FROM fetches JOIN subjects ON subjects.id = subject_id"
                " WHERE (crawl_id, fetches.url, job_type, region, term, window_months) = (?, ?, ?, ?, ?, ?)",
                (case.crawl_id, case.url, subject.job_type.value, subject.region, subject.term, subject.window_months),
            ).fetchone()
            if planned is None:
                raise ValueError(f"{case.url} was not planned for {subject.key}")
            status = write_late_page(self._database, planned[0], reading)
            _set_state(connection, case, CaseState.RESOLVED)
        return status

    def dismiss(self, case: QuarantineCase) -> None:
        """Put a case away; its page is then kept no longer than others."""
        with self._database.immediate() as connection:
            _set_state(connection, case, CaseState.DISMISSED)


def _set_state(connection: sqlite3.Connection, case: QuarantineCase, state: CaseState) -> None:
    connection.execute("UPDATE quarantine SET state = ? WHERE id = ?", (state.value, case.case_id))


def _case(row: tuple[Any, ...]) -> QuarantineCase:
    case_id, crawl_id, url, status, reason, findings, fetched_at, sha256, is_kept, state = row
    return QuarantineCase(
        case_id=case_id,
        crawl_id=crawl_id,
        url=url,
        status=FetchStatus(status),
        reason=reason,
        findings=tuple(AuditFinding.from_json(finding) for finding in json.loads(findings)),
        fetched_at=timestamps.from_text(fetched_at),
        sha256=sha256,
        has_body=bool(is_kept),
        state=CaseState(state),
    )
