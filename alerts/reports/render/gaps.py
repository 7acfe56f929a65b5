"""Find gaps in the history of a subject, so that charts draw no line through periods without snapshots."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Final

from alerts.stats.counts import DAYS_A_MONTH

_MIN_GAP_DAYS: Final = 8
"""A weekly page that is a day late has no gap, and a daily page that was not read for a week has none."""
_NEIGHBOURS: Final = 3
_GAP_FACTOR: Final = 2


def gap_positions(dates: Sequence[date], window_months: int) -> frozenset[int]:
    """Return the indexes of the dates that are followed by a gap.

    A gap is a distance of more than twice the usual distance before and after it (a history may be daily, then weekly,
    then monthly), or one so long that the two windows share no ads.

    Args:
        dates: The dates of the snapshots, ascending.
        window_months: Length of the window.
    """
    return frozenset(_gaps([(later - earlier).days for earlier, later in pairwise(dates)], window_months))


def _gaps(days: Sequence[int], window_months: int) -> Iterator[int]:
    window = ceil(window_months * DAYS_A_MONTH)
    for index, distance in enumerate(days):
        sides = days[max(0, index - _NEIGHBOURS) : index], days[index + 1 : index + 1 + _NEIGHBOURS]
        usual = max((sorted(side)[len(side) // 2] for side in sides if side), default=window)
        if distance >= window or distance > max(_MIN_GAP_DAYS, _GAP_FACTOR * usual):
            yield index
