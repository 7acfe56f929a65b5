"""The nouns of this half: what a page says, what is kept of it, how a crawl went.

All are frozen; what a page has a hundred of is a named tuple, which is made in half the time. Money is in pounds,
shares and changes are in percent, each as a ``Decimal``; ranks, places and counts are ``int``. ``None`` always means
"the page does not state it", never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple, Self


class JobType(StrEnum):
    """What is advertised."""

    PERMANENT = "permanent"
    CONTRACT = "contract"


class Basis(StrEnum):
    """What a pay figure is paid for."""

    ANNUAL = "annual"
    DAILY = "daily"
    HOURLY = "hourly"


class Scope(StrEnum):
    """Which table of the page a figure stands in."""

    TERM = "term"
    CATEGORY = "category"


WINDOWS: Final = (3, 6)
DEFAULT_WINDOW: Final = 6
TOP_SKILLS_LIST: Final = "top"
"""The name under which the top-N skill list is kept, beside the categories."""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What one page reports on, in the words of the site's addresses.

    Build one with :func:`jobspider.site.urls.make_subject`, which normalises; the fields are lower case.
    """

    job_type: JobType
    region: str
    term: str
    window_months: int = DEFAULT_WINDOW

    @property
    def key(self) -> str:
        """The subject in one line, ``permanent/north west/backend developer/6``; patterns are matched on it."""
        return f"{self.job_type}/{self.region}/{self.term}/{self.window_months}"


@dataclass(frozen=True, slots=True, order=True)
class Market:
    """What one page of the market index lists: all terms of a region, 50 a page, the most sought first.

    Build one with :func:`jobspider.site.urls.make_market`, which normalises; ``region`` is lower case.
    """

    job_type: JobType
    region: str
    window_months: int = DEFAULT_WINDOW
    page: int = 1

    @property
    def key(self) -> str:
        """The page in one line, ``permanent/london/6/page 1``."""
        return f"{self.job_type}/{self.region}/{self.window_months}/page {self.page}"


ThreeYears = tuple[int | Decimal | None, int | Decimal | None, int | Decimal | None]
"""One row of a table: now, one year ago, two years ago."""

FigureKey = tuple[Basis | None, str]
"""Which figure: its basis (``None`` where pay is not concerned) and the statistic's key in the registry."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The rows of one table. A row that the page does not have is absent."""

    rows: Mapping[FigureKey, ThreeYears]
    bases: tuple[Basis, ...] = field(init=False, repr=False, compare=False)
    """The bases on which pay is stated, in the order of :class:`Basis`; kept, for the audit alone asks seven times."""

    def __post_init__(self) -> None:
        present = {basis for basis, _ in self.rows}
        object.__setattr__(self, "bases", tuple(basis for basis in Basis if basis in present))

    def row(self, statistic: str, basis: Basis | None = None) -> ThreeYears | None:
        """Return the whole row, or ``None`` where the page does not have it."""
        return self.rows.get((basis, statistic))

    def now(self, statistic: str, basis: Basis | None = None) -> int | Decimal | None:
        """Return the figure of the current window, or ``None`` where it is not stated."""
        row = self.rows.get((basis, statistic))
        return None if row is None else row[0]


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """Table 2: the same figures for everything in the term's category."""

    name: str
    figures: Figures


class LocationRow(NamedTuple):
    """One place inside the page's region. ``median`` is on the page's first pay basis."""

    name: str
    rank_change: int | None
    vacancies: int
    median: Decimal | None
    median_change: Decimal | None
    live_jobs: int | None


class SkillShare(NamedTuple):
    """One line of a skill list. ``rank`` is a dense tie group, not a position."""

    rank: int
    name: str
    count: int  # type: ignore[assignment]  # the ads, in the place of a tuple's own count()
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Chart:
    """An image that the page shows; the figures in it are not read."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """An identity that does not hold on a page.

    ``refuses`` tells whether the page is quarantined for it; a hint is only noted.
    """

    identity: str
    expected: str
    found: str
    rejects_page: bool = True

    def to_json(self) -> dict[str, str | bool]:
        """Return the finding as it is stored and printed; the key of ``rejects_page`` is ``refuses``."""
        return {
            "identity": self.identity,
            "expected": self.expected,
            "found": self.found,
            "refuses": self.rejects_page,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the finding that :meth:`to_json` gave."""
        return cls(data["identity"], data["expected"], data["found"], data["refuses"])


@dataclass(frozen=True, slots=True)
class SubjectNames:
    """What the page calls its subject."""

    term_name: str
    term_kind: Literal["role", "skill"]
    category: str
    region_name: str
    parent_region: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """The figures of a snapshot; two snapshots with equal content share it in the store.

    ``skills`` maps a category as printed to its list. Live jobs do not count for equality in the store: they
    can double in a day and are kept with the snapshot.
    """

    term: Figures
    category: CategoryFigures | None
    locations: tuple[LocationRow, ...] = ()
    top_skills: tuple[SkillShare, ...] = ()
    skills: Mapping[str, tuple[SkillShare, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RolePage:
    """One role or skill page, whole. ``as_of`` is the end date that the page prints."""

    url: str
    subject: Subject
    names: SubjectNames
    as_of: date
    years: tuple[int, int, int]
    content: Content
    charts: tuple[Chart, ...] = ()
    unknown_labels: tuple[str, ...] = ()
    findings: tuple[AuditFinding, ...] = ()


class MarketRow(NamedTuple):
    """One line of a market index page."""

    name: str
    url: str
    rank: int
    rank_change: int | None
    median: Decimal | None
    median_change: Decimal | None
    vacancies: int
    share: Decimal | None
    live_jobs: int | None


@dataclass(frozen=True, slots=True)
class MarketPage:
    """One page of the market index, whole. ``as_of`` is the end date that the page prints.

    ``pages`` is how many pages the index has, ``total`` how many rows; ``None`` where the page does not say.
    """

    url: str
    market: Market
    region_name: str
    as_of: date
    pages: int | None
    rows: tuple[MarketRow, ...]
    findings: tuple[AuditFinding, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as it came over the wire. ``sha256`` is of ``body``; ``fetched_at`` is in UTC."""

    url: str
    body: bytes
    sha256: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What a snapshot is of, without its figures. Equal ``content_id`` means equal figures.

    ``names`` and ``url`` are those of the newest page read of the subject; ``fetched_at`` is in UTC.
    """

    snapshot_id: int
    subject_id: int
    content_id: int
    subject: Subject
    names: SubjectNames
    url: str
    as_of: date
    fetched_at: datetime
    parser_version: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One subject as of one date, out of the store."""

    head: SnapshotInfo
    content: Content


class FetchStatus(StrEnum):
    """Where a planned page of a crawl ends; ``planned`` only while it has not been fetched."""

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
        """Whether the subject's figures are known as of this crawl."""
        return self in (FetchStatus.STORED, FetchStatus.UNCHANGED)


class CrawlResult(StrEnum):
    """How a crawl went, judged by its ledger."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ran this crawl."""
        return {"complete": 0, "partial": 3, "failed": 4, "interrupted": 5}[self.value]


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """A page that a crawl means to fetch; ``subject`` is ``None`` for a market index page.

    ``last_page`` is, for the first page of an index, up to which page the others are wanted too.
    """

    url: str
    subject: Subject | None
    last_page: int = 1


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One planned page of a crawl and where it ended. ``reason`` is empty for a page that was read."""

    url: str
    subject: Subject | None
    status: FetchStatus
    http_status: int | None
    reason: str
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """One run of a spider. ``verdict`` is ``None`` while it runs.

    ``finished_at`` is ``None`` while it runs and for one that was killed: nobody saw when it ended.
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
        """How many planned pages ended in each status that occurs."""
        found: dict[FetchStatus, int] = {}
        for row in self.ledger:
            found[row.status] = found.get(row.status, 0) + 1
        return found
