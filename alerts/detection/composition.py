"""Did a page's median move because pay moved in its places, or because the places' shares of the ads did? Pure."""

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Final

from alerts.detection.figures import Comparison, main_basis
from alerts.model.changes import Change, CompositionEffect
from alerts.model.topics import VACANCIES_TOPIC
from alerts.stats.counts import DISPERSION_FACTOR
from jobspider.model import Content

# A page lists places beside those that they lie in. Whichever of its parts is listed, the whole is left out, so that no
# ad counts twice. As the site divides the country in its breadcrumbs and location tables, 2013 to 2026.
_NORTH: Final = frozenset({"North West", "North East", "Yorkshire"})
_MIDLANDS: Final = frozenset({"East Midlands", "West Midlands"})
_OUTSIDE_LONDON: Final = _NORTH | _MIDLANDS | {"Midlands", "South East", "South West", "East of England"}
_CONTAINED_REGIONS: Final[Mapping[str, frozenset[str]]] = {
    "England": _OUTSIDE_LONDON | {"London"},
    "UK excluding London": _OUTSIDE_LONDON | {"Scotland", "Wales", "Northern Ireland"},
    "North of England": _NORTH,
    "Midlands": _MIDLANDS,
    "Central London": frozenset({"City of London"}),
}
_MIN_COVERAGE: Final = 0.9
"""Of a page's ads, the part that must stand in the places: some ads name none."""
_Z_95: Final = 1.96
"""So many standard errors lie between what is claimed and what is not: chance passes it once in twenty."""
_MIN_FRACTION: Final = 0.25
"""A smaller part of a move is not called its cause."""

_Places = Mapping[str, tuple[int, float]]
"""Places by name: how many ads, and the logarithm of the median."""


def composition_effect(comparison: Comparison, change: Change) -> CompositionEffect | None:
    """Return what part of a move of a page's median the places' shares of the ads make, ``None`` where unknown.

    Shift-share, or the decomposition of Kitagawa (1955), Oaxaca and Blinder (both 1973), weighted halfway between then
    and now: with w a place's share of the ads and a the logarithm of its median, the mean of a moves by sum(dw * a),
    which is the mix, and sum(w * da), which is the level. A median is no mean, so the mix is set against the move that
    the page prints, and told as about so much of it.

    Only the shares vary by chance here, as those of ads that come in batches and are partly the same in both windows:
    Var(sum(dw * a)) = BATCH * Var(a) * (1/n + 1/m) * min(1, d/W), with Var(a) that between the places.

    Nothing is said unless the places are disjoint and hold nearly all ads on both sides, and then only if chance leaves
    no doubt that the mix makes a good part of the move, or that it does not.

    Args:
        comparison: Both sides, with their places.
        change: That of the median. Only that of the page's first basis is of the same pay as those of the places.
    """
    sides, old, new = (comparison.baseline.content, comparison.current.content), change.old, change.new
    if change.basis is not main_basis(comparison.head.subject.job_type):
        return None
    then, now = map(_disjoint, sides)
    common = [name for name in now if name in then]
    if not old or not new or not all(map(_covers, sides, (then, now), (common, common))):
        return None
    return _part(math.log(float(new) / float(old)), [(then[name], now[name]) for name in common], common, comparison)


def _part(
    move: float, places: Sequence[tuple[tuple[int, float], tuple[int, float]]], names: Sequence[str], of: Comparison
) -> CompositionEffect | None:
    totals = [sum(side[0] for side in sides) for sides in zip(*places, strict=True)]
    shares = [(old[0] / totals[0], new[0] / totals[1]) for old, new in places]
    halfway = [sum(pair) / 2 for pair in shares]
    pay = [(old[1] + new[1]) / 2 for old, new in places]
    mean = sum(map(operator.mul, halfway, pay))
    parts = [(new - old) * (each - mean) / move for (old, new), each in zip(shares, pay, strict=True)]
    between = sum(share * (each - mean) ** 2 for share, each in zip(halfway, pay, strict=True))
    variance = of.spacing().variance(DISPERSION_FACTOR * between * sum(1 / total for total in totals))
    part, doubt = sum(parts), _Z_95 * math.sqrt(variance) / abs(move)
    leading = parts.index(max(parts))
    is_cause = part >= _MIN_FRACTION
    if part - doubt <= 0 if is_cause else abs(part) + doubt >= _MIN_FRACTION:
        return None
    then, now = shares[leading]
    return CompositionEffect(is_cause, part, doubt / _Z_95, names[leading], 100 * then, 100 * now)


def _disjoint(content: Content) -> dict[str, tuple[int, float]]:
    """Return the places that hold none of the others."""
    listed = {row.name for row in content.locations}
    return {
        row.name: (row.vacancies, math.log(float(row.median)))
        for row in content.locations
        if row.median and row.vacancies and not listed & _CONTAINED_REGIONS.get(row.name, frozenset())
    }


def _covers(content: Content, places: _Places, common: Sequence[str]) -> bool:
    """Whether some places hold nearly all of a page's ads, and together no more than all: then they are disjoint."""
    total = content.term.now(VACANCIES_TOPIC)
    held = sum(places[name][0] for name in common)
    return total is not None and _MIN_COVERAGE * float(total) <= held <= total and held > 0
