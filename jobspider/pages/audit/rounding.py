"""What a printed figure may stand for: it was rounded, so it means an interval."""

from decimal import Decimal
from typing import Final, NamedTuple

_HALF: Final = Decimal("0.5")
_HUNDREDTH: Final = Decimal("0.01")
_HALF_HUNDREDTH: Final = Decimal("0.005")


class Interval(NamedTuple):
    """What a printed figure may stand for; ``most`` is ``None`` where there is no bound."""

    least: Decimal
    most: Decimal | None

    def overlaps(self, other: "Interval") -> bool:
        """Tell whether both may stand for one figure."""
        return (self.most is None or other.least <= self.most) and (other.most is None or self.least <= other.most)

    def allows_share(self, part: int, share: Decimal) -> bool:
        """Tell whether ``part`` of what this stands for may be printed as ``share`` percent."""
        half = _half_unit(share)
        return part * 100 >= self.least * (share - half) and (
            self.most is None or part * 100 <= self.most * (share + half)
        )

    def __str__(self) -> str:
        return f"{self.least:.4g} to {'any' if self.most is None else format(self.most, '.4g')}"


def implied_total(ads: int, share: Decimal) -> Interval:
    """Return how many ads there are in all if some are printed as a share of them in percent."""
    half = _half_unit(share)
    return Interval(ads * 100 / (share + half), ads * 100 / (share - half) if share > half else None)


def matches_share(part: int, whole: int, share: Decimal) -> bool:
    """Tell whether ``part`` of ``whole`` may be printed as ``share`` percent."""
    return abs(part * 100 - share * whole) <= _half_unit(share) * whole


def _half_unit(printed: Decimal) -> Decimal:
    """Return half of the last digit printed: 0.005 for 0.37, 0.0005 for 0.029."""
    if printed.same_quantum(_HUNDREDTH):  # as nearly all are
        return _HALF_HUNDREDTH
    return _HALF.scaleb(int(printed.as_tuple().exponent))
