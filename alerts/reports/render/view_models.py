"""View models of the report: plain strings for its template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "plain", "none"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with facts about it, or a dash with the reason; then ``tone`` is ``none``.

    ``tone`` sets the colour; the text carries the same information.
    """

    text: str
    facts: tuple[str, ...] = ()
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class RowView:
    """A table row: its title and one cell for each column."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    """Rows of a table under one heading."""

    title: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart: ``kind`` names its specification, ``said`` describes it in words.

    A point is a date with its figures, or a date alone where the line is interrupted.
    """

    key: str
    kind: str
    title: str
    points: tuple[tuple[str | float | None, ...], ...]
    said: str


@dataclass(frozen=True, slots=True)
class SnapshotRowView:
    """A row of the snapshot table: dates and figures. A row without cells describes a gap or omitted rows."""

    when: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectView:
    """Everything that is shown of a subject.

    ``url`` is empty if there is no page to link to. ``leads`` are the headline figures with their titles. ``columns``
    are the headings of ``blocks``, ``skill_columns`` those of ``skills``, ``kept_columns`` those of ``kept``, the
    snapshots.
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
    """A row of the overview: the subject, the anchor of its section, and one cell for each column."""

    anchor: str
    term: str
    place: str
    cells: tuple[Cell, ...]
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """A complete report."""

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
        """The points of all charts, by chart key."""
        return {chart.key: chart.points for subject in self.subjects for chart in subject.charts}
