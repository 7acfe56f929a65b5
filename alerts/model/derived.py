"""The nouns of a derived watch: one figure of a page against the same figure of another.

All are frozen. Figures carry the units of :mod:`jobspider.model`; how much more one is than the other is in percent, or
in pounds or ads.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from alerts.model.topics import Topic, derived_topic
from jobspider.model import Basis, SnapshotInfo, Subject

RATIO: Final = "ratio"
PAY_DIFFERENCE: Final = "pay_difference"
VACANCIES_DIFFERENCE: Final = "vacancies_difference"
PAIR_STATISTICS: Final = (RATIO, PAY_DIFFERENCE, VACANCIES_DIFFERENCE)
"""What a derived watch is told in: percent, pounds, ads, each of how much more the one is than the other."""

_HUNDREDTHS: Final = Decimal("0.01")


def derived_key(name: str) -> str:
    """Return the key of a derived watch: ``derived/london premium``."""
    return derived_topic(name.lower())


@dataclass(frozen=True, slots=True)
class DerivedWatch:
    """What is watched: ``statistic`` of a page, as :mod:`jobspider.site.statistics` calls it, against that of another.

    ``days_a_year`` is by how many days a day rate is taken for the pay of a year, as its reader chose; ``None`` where
    both pages state pay on the same basis.
    """

    name: str
    of: Subject
    against: Subject
    statistic: str
    is_ratio: bool
    days_a_year: int | None = None

    @property
    def key(self) -> str:
        """The watch in one line; patterns are matched on it."""
        return derived_key(self.name)

    @property
    def topic(self) -> Topic:
        """The topic of its changes."""
        return derived_topic(self.name)


@dataclass(frozen=True, slots=True)
class DerivedSide:
    """One of the two pages: what its figure was when it was told, is now, and was a year ago by its own account.

    ``old`` is of ``old_as_of``; where nothing was told yet they are as now. ``quotes`` is how many ads stand behind the
    new figure: pay quotes for pay, vacancies for vacancies. ``basis`` is what pay is paid for.
    """

    head: SnapshotInfo
    basis: Basis | None
    old: Decimal | int | None
    new: Decimal | int | None
    year_ago: Decimal | int | None
    old_as_of: date
    quotes: int | None


@dataclass(frozen=True, slots=True)
class DerivedFigure:
    """Both pages of a derived watch."""

    watch: DerivedWatch
    target: DerivedSide
    reference: DerivedSide

    @property
    def sides(self) -> tuple[DerivedSide, DerivedSide]:
        """Both pages, the one that is set against the other first."""
        return self.target, self.reference

    @property
    def heads(self) -> tuple[SnapshotInfo, SnapshotInfo]:
        """The newest snapshots of both pages."""
        return self.target.head, self.reference.head

    @property
    def statistic(self) -> str:
        """What it is told in, one of :data:`PAIR_STATISTICS`."""
        if self.watch.is_ratio:
            return RATIO
        return VACANCIES_DIFFERENCE if self.target.basis is None else PAY_DIFFERENCE

    @property
    def old(self) -> Decimal | None:
        """How much more the one was when it was told; ``None`` unless both were stated, and the other not 0."""
        return self._relative_value(self.target.old, self.reference.old)

    @property
    def new(self) -> Decimal | None:
        """How much more the one is now; ``None`` likewise."""
        return self._relative_value(self.target.new, self.reference.new)

    @property
    def year_on_year(self) -> Decimal | None:
        """What has come to it within a year, in points, pounds or ads, by the pages' columns of a year ago."""
        before = self._relative_value(self.target.year_ago, self.reference.year_ago)
        return None if before is None or self.new is None else self.new - before

    @property
    def percent(self) -> Decimal | None:
        """How far the two have moved from each other, in percent, which is what a rule asks for.

        For a ratio it is what its quotient moved by, for a difference its move in percent of what was set against:
        a difference near nothing multiplies by little.
        """
        if self.old is None or self.new is None:
            return None
        then, now = self.annualised(self.target, self.target.old), self.annualised(self.target, self.target.new)
        against, newly = (
            self.annualised(self.reference, self.reference.old),
            self.annualised(self.reference, self.reference.new),
        )
        if not self.watch.is_ratio:
            return (self.new - self.old) * 100 / against if against else None
        return (now * against - newly * then) * 100 / (newly * then) if then and newly else None

    def annualised(self, side: DerivedSide, figure: Decimal | int | None) -> Decimal:
        """Return a figure of a side as it is set against the other: a day rate for a year where that was asked for."""
        days = self.watch.days_a_year if self.is_annualised(side) else None
        return Decimal(figure or 0) * (days or 1)

    def is_annualised(self, side: DerivedSide) -> bool:
        """Whether a side's day rate is taken for the pay of a year."""
        return self.watch.days_a_year is not None and side.basis is Basis.DAILY

    def _relative_value(self, of: Decimal | int | None, against: Decimal | int | None) -> Decimal | None:
        if of is None or against is None:
            return None
        one, other = self.annualised(self.target, of), self.annualised(self.reference, against)
        if not self.watch.is_ratio:
            return one - other
        return ((one / other - 1) * 100).quantize(_HUNDREDTHS) if other else None
