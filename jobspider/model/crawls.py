"""Crawls: planned pages, the ledger of their results and the outcome of the run."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jobspider.model.subjects import Subject


class FetchStatus(StrEnum):
    """The result of a planned page in the ledger. ``planned`` means not fetched yet."""

    PLANNED = "planned"
    STORED = "stored"
    UNCHANGED = "unchanged"
    STALE = "stale"
    NOT_FOUND = "not_found"
    BLOCKED = "blocked"
    ROBOTS_DENIED = "robots_denied"
    WRONG_PAGE = "wrong_page"
    LAYOUT_CHANGED = "layout_changed"
    AUDIT_FAILED = "audit_failed"
    FETCH_FAILED = "fetch_failed"

    @property
    def is_success(self) -> bool:
        """Whether this crawl confirmed or stored the figures of the subject."""
        return self in (FetchStatus.STORED, FetchStatus.UNCHANGED)


class CrawlResult(StrEnum):
    """The outcome of a crawl, derived from its ledger."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def exit_code(self) -> int:
        """The exit code of the command that ran the crawl."""
        return {"complete": 0, "partial": 3, "failed": 4, "interrupted": 5}[self.value]


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """A page that a crawl will fetch. ``subject`` is ``None`` for a market index page.

    For the first page of an index, ``last_page`` is the number of the last page to fetch.
    """

    url: str
    subject: Subject | None
    last_page: int = 1


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One planned page of a crawl and its result. ``reason`` is empty if the page was parsed and accepted."""

    url: str
    subject: Subject | None
    status: FetchStatus
    http_status: int | None
    reason: str
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """One run of a spider. ``verdict`` is ``None`` while it runs.

    ``finished_at`` is ``None`` while the run is active, and if the process was killed.
    """

    crawl_id: int
    token: str
    spider: str
    started_at: datetime
    finished_at: datetime | None
    verdict: CrawlResult | None
    ledger: tuple[LedgerRow, ...]

    @property
    def counts(self) -> dict[FetchStatus, int]:
        """The number of planned pages per status; statuses without pages are absent."""
        return dict(Counter(row.status for row in self.ledger))
