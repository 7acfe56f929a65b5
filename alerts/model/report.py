"""The nouns of a report: what is kept of a subject over time, and how it stands to what was kept before.

All are frozen. Figures carry the units of :mod:`jobspider.model`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from alerts.model.changes import Change, Coverage, Figure, Restatement, Significance
from jobspider.model import Basis, CrawlRecord, FigureKey, Figures, LedgerRow, Snapshot, Subject


@dataclass(frozen=True, slots=True)
class SnapshotPoint:
    """One date that a subject is kept for, with the figures that are followed over time.

    A figure that the page does not state is absent. ``fetched_at`` is in UTC.
    """

    snapshot_id: int
    content_id: int
    as_of: date
    fetched_at: datetime
    parser_version: int
    figures: Mapping[FigureKey, Figure]


@dataclass(frozen=True, slots=True)
class JudgedChange:
    """A change and how likely chance alone makes it; ``verdict`` is ``None`` where that is not judged."""

    change: Change
    verdict: Significance | None


@dataclass(frozen=True, slots=True)
class SnapshotComparison:
    """How the newest figures of a subject stand to those of an earlier date.

    ``then`` are the figures of that date; ``moved`` has those of them that are not the same now. ``shares`` are the
    shares of all skills that the page then listed, ``None`` where one was not stated, and empty where it had no top
    list; ``skills`` has those that moved, by name.
    """

    as_of: date
    then: Figures
    moved: Mapping[FigureKey, JudgedChange]
    shares: Mapping[str, Decimal | None]
    skills: Mapping[str, JudgedChange]


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """All that a report says of a subject: its newest snapshot, and how it came about.

    ``bases`` are those on which its pay was ever stated, the page's main one first; where none was, that one alone.
    ``kept`` has the oldest date first and the newest snapshot's last. ``first`` compares with the oldest date,
    ``since`` with what was known on the day that is asked for, each as the parser reads it that has read the newest
    page; either is ``None`` where nothing earlier is known so, and ``since`` also where nothing is known of later than
    that day. ``last_try`` is the newest row of a ledger about it, and ``age_days`` how old its figures are;
    ``is_stale`` where that is too old. ``restated`` is known where the source states its past otherwise than it did.
    """

    newest: Snapshot
    bases: tuple[Basis, ...]
    history: tuple[SnapshotPoint, ...]
    first: SnapshotComparison | None
    since: SnapshotComparison | None
    last_fetch: LedgerRow | None
    age_days: int
    is_stale: bool
    restated: Restatement | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What is kept of some subjects, as of a moment in UTC.

    ``name`` is that of the digest whose subjects they are, else empty. ``since`` is the day that moves are counted
    from. ``unknown`` are the subjects of which no figures are kept, each with the newest row of a ledger about it.
    ``crawl`` is the last crawl of role pages, ``None`` before the first.
    """

    name: str
    created_at: datetime
    since: date
    subjects: tuple[SubjectReport, ...]
    without_data: tuple[tuple[Subject, LedgerRow | None], ...]
    coverage: Coverage
    crawl: CrawlRecord | None


@dataclass(frozen=True, slots=True)
class ChartBundle:
    """What draws charts in a page without fetching anything: a program in JavaScript, and a chart for each kind.

    The kinds are topics: ``pay/annual``, ``rank``. The values are JSON objects in the grammar of Vega-Lite.
    """

    javascript: str
    specs: Mapping[str, Mapping[str, object]]
