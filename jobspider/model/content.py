"""The figures of a role page: statistics tables, locations and skill lists.

Money is in pounds, shares and changes are in percent, each as a ``Decimal``; ranks and counts are ``int``. ``None``
always means that the page does not state the value, never zero. Rows of long lists are named tuples, which are created
in half the time of a dataclass (``docs/adr/0016-rows-of-long-lists-are-named-tuples.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from jobspider.model.subjects import Basis

TOP_SKILLS_LIST: Final = "top"
"""The name of the top skill list. All other lists are named after their category."""

ThreeYears = tuple[int | Decimal | None, int | Decimal | None, int | Decimal | None]
"""One row of a table: now, one year ago, two years ago."""

FigureKey = tuple[Basis | None, str]
"""The pay basis (``None`` for a statistic without one) and the key of the statistic in the registry."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The rows of one statistics table. A row that the page does not have is absent."""

    rows: Mapping[FigureKey, ThreeYears]
    bases: tuple[Basis, ...] = field(init=False, repr=False, compare=False)
    """The pay bases with rows, in the order of :class:`Basis`. Computed once, because the audit uses it seven times."""

    def __post_init__(self) -> None:
        present = {basis for basis, _ in self.rows}
        object.__setattr__(self, "bases", tuple(basis for basis in Basis if basis in present))

    def row(self, statistic: str, basis: Basis | None = None) -> ThreeYears | None:
        """Return the row of a statistic, or ``None`` if the page does not have it."""
        return self.rows.get((basis, statistic))

    def now(self, statistic: str, basis: Basis | None = None) -> int | Decimal | None:
        """Return the figure of the current window, or ``None`` if it is not stated."""
        row = self.rows.get((basis, statistic))
        return None if row is None else row[0]


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """Table 2: the figures of all terms in the category of the page's term."""

    name: str
    figures: Figures


class LocationRow(NamedTuple):
    """One location inside the page's region. ``median`` has the first pay basis of the page."""

    name: str
    rank_change: int | None
    vacancies: int
    median: Decimal | None
    median_change: Decimal | None
    live_jobs: int | None


class SkillShare(NamedTuple):
    """One row of a skill list. Skills with equal counts share a rank: 1, 1, 2, 3."""

    rank: int
    name: str
    count: int  # type: ignore[assignment]  # replaces the method tuple.count()
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Content:
    """The figures of a snapshot. Snapshots with equal content share it in the store.

    ``skills`` maps the printed name of a category to its skill list. The store ignores live jobs when it compares
    contents, because they can double within a day; it stores them with the snapshot.
    """

    term: Figures
    category: CategoryFigures | None
    locations: tuple[LocationRow, ...] = ()
    top_skills: tuple[SkillShare, ...] = ()
    skills: Mapping[str, tuple[SkillShare, ...]] = field(default_factory=dict)


def to_json_number(figure: int | Decimal | None) -> int | float | None:
    """Return a figure as JSON holds it: an ``int`` if it is a whole number, a ``float`` otherwise."""
    if not isinstance(figure, Decimal):
        return figure
    return int(figure) if figure == figure.to_integral_value() else float(figure)
