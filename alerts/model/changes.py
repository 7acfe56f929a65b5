"""The nouns of this half: a change, what speaks for it, a line, a digest.

All are frozen. Figures carry the units of :mod:`jobspider.model`: pounds, percent, places, ads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from alerts.model.derived import DerivedFigure
from alerts.model.topics import Topic
from jobspider.model import Basis, Content, LedgerRow, SnapshotInfo, Subject, SubjectNames

Figure = int | Decimal

NamedValues = tuple[tuple[str, float], ...]
"""What something was reckoned from, each with its name, in the order of the reckoning."""


class ChangeKind(StrEnum):
    """How something differs from what was told."""

    MOVED = "moved"
    APPEARED = "stated"
    """The page states a figure that it did not state before."""
    DISAPPEARED = "unstated"
    ENTERED = "entered"
    """A skill stands among the first N of a list and did not before."""
    LEFT = "left"
    RETURNED = "returned"
    """It stands there again, after its recipient was told that it had left."""


class Significance(StrEnum):
    """How likely chance alone makes a change of this size."""

    CLEAR = "clear"
    LIKELY = "likely"
    NOISE = "noise"
    INSUFFICIENT_DATA = "too few"


class Decision(StrEnum):
    """What a digest does with a change."""

    REPORTED = "told"
    BELOW_THRESHOLD = "nearly there"
    SUPPRESSED = "held back"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a recipient last heard about one topic of one subject.

    ``told_at`` is when they heard it, ``as_of`` the date of the page that it was about. ``parser_version`` is which
    parser reads the page so; ``None`` where the snapshot has been read or corrected since, and one must ask the store.
    ``left`` is the list whose first places a skill had left by what they last heard of it; else ``None``.
    """

    snapshot_id: int
    content_id: int
    as_of: date
    notified_at: datetime
    parser_version: int | None = None
    left_list: str | None = None


@dataclass(frozen=True, slots=True)
class DatedContent:
    """One side of a comparison: figures and the date they hold for."""

    as_of: date
    content: Content


@dataclass(frozen=True, slots=True)
class SkillDetail:
    """What only a change of a skill has.

    ``list_name`` is the list of the page (``top`` or a category). ``ad_counts`` are the ads that name the skill, in the
    baseline and now; if the skill is below the cut of a list, the largest count that it can have. ``min_share_change``
    is the smallest possible change of its share, in points, if one side is below the cut; else ``None``.
    """

    list_name: str
    ad_counts: tuple[int, int]
    min_share_change: Figure | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between the baseline and now.

    ``statistic`` is the key in the registry; a skill has ``share``, a location ``median``, and ``item`` is its name.
    ``old`` or ``new`` is ``None`` if that side does not state the figure, or if a skill is below the cut.
    ``year_on_year`` is the change within a year as the page prints it: percent, or places for a rank. ``sample_size``
    is the number of ads behind the new figure: pay quotes for pay, vacancies for everything else. A derived watch has
    the ratio or difference of its two subjects as figure, and ``head`` is the snapshot of the first one.
    """

    snapshot: SnapshotInfo
    topic: Topic
    statistic: str
    kind: ChangeKind
    old: Figure | None
    new: Figure | None
    old_as_of: date
    baseline_notified_at: datetime
    basis: Basis | None = None
    item: str | None = None
    year_on_year: Figure | None = None
    sample_size: int | None = None
    detail: SkillDetail | DerivedFigure | None = None

    @property
    def skill(self) -> SkillDetail | None:
        """The detail of a change of a skill; ``None`` for other topics."""
        return self.detail if isinstance(self.detail, SkillDetail) else None

    @property
    def derived(self) -> DerivedFigure | None:
        """Both subjects of a derived watch; ``None`` for other topics."""
        return self.detail if isinstance(self.detail, DerivedFigure) else None

    @property
    def snapshots(self) -> tuple[SnapshotInfo, ...]:
        """The snapshots that the change refers to: one, or those of both subjects of a derived watch."""
        return (self.snapshot,) if self.derived is None else self.derived.heads

    @property
    def difference(self) -> Figure | None:
        """The new figure minus the old one, in its unit; ``None`` unless both are stated."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of the old figure; ``None`` unless both are stated and the old one is not 0.

        Of a pair it is how far the two have moved from each other, as
        :attr:`alerts.model.derived.DerivedFigure.percent` has it.
        """
        if self.derived is not None:
            return self.derived.percent
        if self.old is None or self.new is None or self.old == 0:
            return None
        return (Decimal(self.new) - self.old) * 100 / self.old


@dataclass(frozen=True, slots=True)
class SignificanceResult:
    """What speaks for a change: the chance that noise alone makes one as large, and the verdict.

    ``p_value`` is ``None`` where too few ads or no known spread leave nothing to compute. ``because`` says in a few
    words what the verdict rests on; ``numbers`` are all that led to it, for whoever asks.
    """

    verdict: Significance
    p_value: float | None
    explanation: str
    details: NamedValues = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class PayContext:
    """How pay around a subject changed within a year, in percent: what its own change is to be seen against.

    ``category`` is the page's second table, ``parent`` the region that the page compares its own with; ``None`` where
    not stated.
    """

    category_name: str | None
    category_change: Figure | None
    parent_name: str | None
    region_change: Figure | None


@dataclass(frozen=True, slots=True)
class CompositionEffect:
    """What part of a median's move is made by the shares of the ads that its region's places have.

    ``is_cause`` tells whether that is a good part of it; else the places' own medians moved. ``part`` is 1 for all of
    it, ``error`` its standard error. ``place`` has the most to do with it: its share of the ads, in percent, then and
    now.
    """

    is_cause: bool
    fraction: float
    standard_error: float
    location: str
    share_then: float
    share_now: float


@dataclass(frozen=True, slots=True)
class AssessedChange:
    """A change with its evidence and what the digest does with it; ``because`` says why.

    ``numbers`` are what the rule and the budget made of it, for whoever asks; ``beside`` is known for a median, ``mix``
    where the places of the region explain it.
    """

    change: Change
    evidence: SignificanceResult
    decision: Decision
    reason: str
    details: NamedValues = field(default=(), compare=False)
    pay_context: PayContext | None = None
    composition: CompositionEffect | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of a subject over time: each date it is known for with the figure, the oldest first."""

    statistic: str
    basis: Basis | None
    points: tuple[tuple[date, Figure], ...]


@dataclass(frozen=True, slots=True)
class SubjectSection:
    """The told lines of one subject or of one derived watch, the most important first.

    ``series`` is how the first of them came about, ``None`` where too little is known for a picture.
    """

    snapshot: SnapshotInfo
    lines: tuple[AssessedChange, ...]
    series: Series | None = None

    @property
    def derived(self) -> DerivedFigure | None:
        """Both pages, where it is about a derived watch."""
        return self.lines[0].change.derived if self.lines else None


@dataclass(frozen=True, slots=True)
class NewlyWatched:
    """A subject, or one topic of it, that a recipient hears of for the first time, with its figures.

    ``figures`` maps a statistic's key to the figure, for the page's main basis; what is not stated is absent.
    ``top_skills`` are names, the most asked for first. ``is_new`` tells whether the subject itself is, not only these
    topics of it; ``pair`` are both pages where it is a derived watch that is new.
    """

    snapshot: SnapshotInfo
    topics: tuple[Topic, ...]
    basis: Basis | None
    figures: Mapping[str, Figure]
    top_skills: tuple[str, ...]
    is_new: bool = True
    derived: DerivedFigure | None = None

    @property
    def heads(self) -> tuple[SnapshotInfo, ...]:
        """The snapshots that are known to whoever is told of it: one, or those of both pages of a pair."""
        return (self.snapshot,) if self.derived is None else self.derived.heads


@dataclass(frozen=True, slots=True)
class Restatement:
    """A subject whose past the source states otherwise than it did then; so its figures cannot be compared with it.

    ``statistic`` is one of those that differ, on ``basis``: the page ``was`` saying this of ``as_of`` when it was read
    on that date, and now ``states`` that. ``topics`` are those that count as told by saying so.
    """

    snapshot: SnapshotInfo
    topics: tuple[Topic, ...]
    as_of: date
    statistic: str
    basis: Basis | None
    original: Figure
    restated: Figure


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at for a digest.

    ``failed`` was asked for and could not be read; ``not_looked`` was not asked for since the last digest.
    ``oldest_as_of`` is the oldest date that a page of this digest is about, ``None`` if none was read.
    ``not_compared`` are the names of derived watches of which one page at least was not read. ``names`` are those of
    the watched subjects as their pages print them, of which any page was ever read.
    """

    watched: int
    read: int
    unchanged: int
    failed: tuple[LedgerRow, ...]
    not_fetched: tuple[Subject, ...]
    oldest_as_of: date | None
    not_compared: tuple[str, ...] = ()
    names: Mapping[Subject, SubjectNames] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Digest:
    """A message about changes, before it is rendered for a channel.

    ``coverage`` is ``None`` for a message that is about no page: a notice to the operator.
    """

    name: str
    created_at: datetime
    headline: str
    groups: tuple[SubjectSection, ...]
    watching: tuple[NewlyWatched, ...]
    below_threshold: tuple[AssessedChange, ...]
    suppressed: tuple[AssessedChange, ...]
    coverage: Coverage | None
    notes: tuple[str, ...] = ()
    restated: tuple[Restatement, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell but that one looked."""
        return not self.groups and not self.watching and not self.restated
