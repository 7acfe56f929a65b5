"""Represent a rounded figure as the interval of its possible values."""

from decimal import Decimal
from typing import Final, NamedTuple

_HALF: Final = Decimal("0.5")
_HUNDREDTH: Final = Decimal("0.01")
_HALF_HUNDREDTH: Final = Decimal("0.005")


class Interval(NamedTuple):
    """The possible values of a printed figure. ``most`` is ``None`` if there is no upper bound."""

    least: Decimal
    most: Decimal | None

    def overlaps(self, other: "Interval") -> bool:
        """Return whether both intervals have a common value."""
        return (self.most is None or other.least <= self.most) and (other.most is None or self.least <= other.most)

    def allows_share(self, part: int, share: Decimal) -> bool:
        """Return whether ``part`` of a total in this interval can be printed as ``share`` percent."""
        margin = _half_unit(share)
        return part * 100 >= self.least * (share - margin) and (
            self.most is None or part * 100 <= self.most * (share + margin)
        )

    def __str__(self) -> str:
        return f"{self.least:.4g} to {'any' if self.most is None else format(self.most, '.4g')}"


def implied_total(ads: int, share: Decimal) -> Interval:
    """Return the total number of ads if ``ads`` of them are printed as ``share`` percent."""
    margin = _half_unit(share)
    return Interval(ads * 100 / (share + margin), ads * 100 / (share - margin) if share > margin else None)


def matches_share(part: int, whole: int, share: Decimal) -> bool:
    """Return whether ``part`` of ``whole`` can be printed as ``share`` percent."""
    return abs(part * 100 - share * whole) <= _half_unit(share) * whole


def _half_unit(printed: Decimal) -> Decimal:
    """Return half a unit of the last printed digit: 0.005 for 0.37, 0.0005 for 0.029."""
    if printed.same_quantum(_HUNDREDTH):  # the usual case
        return _HALF_HUNDREDTH
    return _HALF.scaleb(int(printed.as_tuple().exponent))
