"""Where the history of a subject has gaps: what was not looked at is not drawn as if it had been. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Final

from alerts.stats.counts import DAYS_A_MONTH

_LEAST_DAYS: Final = 8
"""A page that is read weekly, give or take a day, has no gaps, nor has one that is read daily but for a week."""
_NEIGHBOURS: Final = 3
_TIMES_THE_USUAL: Final = 2


def gap_positions(dates: Sequence[date], window_months: int) -> frozenset[int]:
    """Return after which of some dates there is a gap, by their positions.

    There is one where two dates lie more than twice as far apart as is usual before and after them, for a history may
    have been kept daily, then weekly, then monthly; and where they lie so far apart that their windows share no ad.

    Args:
        dates: For which there are readings, rising.
        window_months: How long a window is.
    """
    return frozenset(_gaps([(after - at).days for at, after in pairwise(dates)], window_months))


def _gaps(days: Sequence[int], window_months: int) -> Iterator[int]:
    window = ceil(window_months * DAYS_A_MONTH)
    for at, apart in enumerate(days):
        sides = days[max(0, at - _NEIGHBOURS) : at], days[at + 1 : at + 1 + _NEIGHBOURS]
        usual = max((sorted(side)[len(side) // 2] for side in sides if side), default=window)
        if apart >= window or apart > max(_LEAST_DAYS, _TIMES_THE_USUAL * usual):
            yield at
