"""What chance alone does to two counts or shares whose windows share ads: the formulas that everything rests on. Pure.

The site's windows slide: two of length W whose ends lie d days apart share 1 - d/W of their ads, so the variance of a
difference between them is that of two independent windows times min(1, d/W). All of this is approximate (ads repeat,
pay is heaped on round numbers); ``docs/alert-quality.md`` measures how far it holds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerts.model.changes import NamedValues, Significance, SignificanceResult

CLEAR_ALPHA: Final = 0.01
LIKELY_ALPHA: Final = 0.05

DAYS_A_MONTH: Final = 365.25 / 12
# Counts jump by whole ads, so under a normal law the last ad counts half (the continuity correction). Without it up to
# 8 % of the changes that come of one ad more or less would be "clear", simulated with no true change.
_CONTINUITY_CORRECTION: Final = 0.5
# Ads come in batches: whoever hires for one team, or posts for several clients, moves a count by more than one. Weekly
# differences of the counts and shares of 13 terms in the UK index, March to May 2026, have about twice the standard
# deviation of ads that come one by one, each term's steady trend taken out: four times the variance.
DISPERSION_FACTOR: Final = 4.0


@dataclass(frozen=True, slots=True)
class WindowOverlap:
    """How far two windows lie apart: ``days`` between their ends, ``window_months`` long each."""

    days: int
    window_months: int

    @property
    def unshared_fraction(self) -> float:
        """The part of the newer window's ads that the older one does not share, at most 1."""
        return min(1.0, abs(self.days) / (self.window_months * DAYS_A_MONTH))

    def variance(self, independent: float, rounding: float = 0.0) -> float:
        """Return the variance of a difference.

        Args:
            independent: What it would be if the windows shared nothing.
            grid: What figures that stand on a grid add, whatever is shared. The same window read twice differs only
                where the source corrected itself: then nothing is chance.
        """
        return independent * self.unshared_fraction + rounding if self.days else 0.0


@dataclass(frozen=True, slots=True)
class EffectEstimate:
    """How far something has moved, and what chance does to it.

    ``size`` is the difference of its logarithm, ``variance`` that of such a difference by chance alone, ``freedom`` the
    degrees of freedom that go with it; ``slack`` is how much of it whole ads make that no chance was needed for.
    """

    effect: float
    variance: float
    degrees_of_freedom: float
    continuity_correction: float = 0.0


def poisson_p_value(old: int, new: int, spacing: WindowOverlap) -> float:
    """Return the p-value of a change between two counts: Var = BATCH * (a + b) * min(1, d/W).

    Batches arrive at random, so their number is Poisson; with sizes K, Var = E[K^2] / E[K] times the mean number of ads
    (a compound Poisson distribution), which is what :data:`DISPERSION_FACTOR` measures.
    """
    return t_p_value(
        _excess(new - old, _CONTINUITY_CORRECTION),
        spacing.variance(DISPERSION_FACTOR * (old + new)),
        _degrees_of_freedom(old + new, spacing),
    )


def log_count_ratio(old: int, new: int, spacing: WindowOverlap) -> EffectEstimate:
    """Return how far a count moved, as a ratio: Var(log new - log old) = BATCH * (1 / a + 1 / b) * min(1, d/W).

    That is the variance of :func:`poisson_p_value` by the delta method; neither count may be 0.
    """
    variance = spacing.variance(DISPERSION_FACTOR * (1 / old + 1 / new))
    return EffectEstimate(
        math.log(new / old), variance, _degrees_of_freedom(old + new, spacing), _CONTINUITY_CORRECTION / min(old, new)
    )


def two_proportion_p_value(old: float, old_of: int, new: float, new_of: int, spacing: WindowOverlap) -> float:
    """Return the p-value of a change between two shares (0 to 1) of ``old_of`` and ``new_of`` ads.

    The pooled two-proportion test, with the same factors for shared ads and for batches.
    """
    if not old_of or not new_of:
        return 1.0
    beyond = _excess(new - old, _CONTINUITY_CORRECTION / min(old_of, new_of))
    if not beyond:
        return 1.0  # most shares of most pages, most weeks
    pooled = (old * old_of + new * new_of) / (old_of + new_of)
    variance = spacing.variance(DISPERSION_FACTOR * pooled * (1 - pooled) * (1 / old_of + 1 / new_of))
    rarer = min(pooled, 1 - pooled) * (old_of + new_of)
    return t_p_value(beyond, variance, _degrees_of_freedom(rarer, spacing))


def normal_p_value(difference: float, variance: float) -> float:
    """Return the chance of a difference at least as large, either way, under a normal law."""
    if variance <= 0:
        return 1.0 if difference == 0 else 0.0
    return math.erfc(abs(difference) / math.sqrt(2 * variance))


def t_p_value(difference: float, variance: float, freedom: float) -> float:
    """Return the chance of a difference at least as large where it comes of few: by Student's t, with its long tails.

    By Wallace's approximation ("Bounds on Normal Approximations to Student's and the Chi-Square Distributions", 1959),
    good to a hundredth for whatever ``freedom`` (its degrees) occurs here.
    """
    if variance <= 0:
        return normal_p_value(difference, variance)
    squared = difference**2 / variance
    deviate = math.sqrt(freedom * math.log1p(squared / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.erfc(deviate / math.sqrt(2))


def significance_result(p_value: float, because: str, numbers: NamedValues = ()) -> SignificanceResult:
    """Return what speaks for a change that chance alone makes with this probability."""
    verdict = (
        Significance.CLEAR
        if p_value < CLEAR_ALPHA
        else Significance.LIKELY
        if p_value < LIKELY_ALPHA
        else Significance.NOISE
    )
    return SignificanceResult(verdict, p_value, because, numbers)


def overlap_details(spacing: WindowOverlap, counts: Sequence[float], of: str = "ads") -> NamedValues:
    """Return how much two windows share and how many ads they hold, for whoever asks what a verdict rests on."""
    return (
        ("part of the ads not shared", spacing.unshared_fraction),
        (f"{of} then", counts[0]),
        (f"{of} now", counts[1]),
    )


def _excess(difference: float, slack: float) -> float:
    """Return what of a difference's size is more than ``slack``."""
    return max(0.0, abs(difference) - slack)


def _degrees_of_freedom(ads: float, spacing: WindowOverlap) -> float:
    """Return the degrees of freedom of the t distribution that has as long tails as a difference of so many ads.

    Few batches make a difference, and one may be large: with geometric sizes of 2.5 on average its excess kurtosis is
    4.6 over their number; that of t is 6 / (freedom - 4). The two are set equal.
    """
    return 4 + 0.52 * ads * spacing.unshared_fraction
