"""What a reader of a report is shown, as plain strings: the nouns that its template speaks of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "plain", "none"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with what is to be said of it, or a dash and why there is none: then ``tone`` is ``none``.

    ``tone`` is for colour, which says nothing that the text does not.
    """

    text: str
    facts: tuple[str, ...] = ()
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a table: what it is about, and a cell for each column."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    """Rows of a table that belong together, with their heading."""

    title: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """How a figure came about: ``kind`` says which chart draws ``points``, ``said`` tells the same in words.

    A point is a date and its figures, or a date alone where the line is broken.
    """

    key: str
    kind: str
    title: str
    points: tuple[tuple[str | float | None, ...], ...]
    said: str


@dataclass(frozen=True, slots=True)
class SnapshotRowView:
    """One row of the snapshots: its date or dates and its figures; one without cells tells of a gap, or what is cut."""

    when: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectView:
    """All that is shown of a subject.

    ``url`` is empty where there is no address to link to. ``leads`` are its first figures, each with a title. In
    ``columns`` stand the headings of ``blocks``, in ``skill_columns`` those of ``skills``, in ``kept_columns`` those
    of ``kept``.
    """

    anchor: str
    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    leads: tuple[RowView, ...]
    columns: tuple[str, ...]
    blocks: tuple[BlockView, ...]
    charts: tuple[ChartView, ...]
    skill_columns: tuple[str, ...]
    skills: tuple[RowView, ...]
    no_skills: str
    kept_columns: tuple[str, ...]
    kept: tuple[SnapshotRowView, ...]


@dataclass(frozen=True, slots=True)
class OverviewView:
    """A line of the overview: the subject, what leads to it, and a cell for each column."""

    anchor: str
    term: str
    place: str
    cells: tuple[Cell, ...]
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report."""

    headline: str
    title: str
    made: str
    coverage: tuple[str, ...]
    overview_columns: tuple[str, ...]
    overview: tuple[OverviewView, ...]
    unknown: tuple[tuple[str, str], ...]
    subjects: tuple[SubjectView, ...]

    @property
    def points(self) -> Mapping[str, Sequence[object]]:
        """The points of every chart, by its key."""
        return {chart.key: chart.points for subject in self.subjects for chart in subject.charts}
