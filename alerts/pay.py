"""How large a move of pay chance alone makes, judged on all printed percentiles together. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from alerts.chance import DAYS_A_MONTH, Spacing, evidence, of_few
from alerts.model import Evidence, Numbers, Verdict
from jobspider.model import Basis, Figures
from jobspider.statistic import PERCENTILES

PROBABILITY: Final = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}
# Each percentile's weight in the pooled move of pay: near the best for log-normal pay, where the middle says most.
_WEIGHT: Final = {"p10": 0.13, "p25": 0.22, "median": 0.30, "p75": 0.22, "p90": 0.13}
# Standard normal quantiles and densities at those probabilities.
_QUANTILE: Final = {"p10": -1.2816, "p25": -0.6745, "median": 0.0, "p75": 0.6745, "p90": 1.2816}
_DENSITY: Final = {key: math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) for key, z in _QUANTILE.items()}
# Medians stand on a grid and jump a whole step by chance: 2,500 a year was seen (saved pages, 2013 to 2026); the steps
# of day and hourly rates are the same fraction of usual pay.
GRID_STEP: Final = {Basis.ANNUAL: 2500.0, Basis.DAILY: 25.0, Basis.HOURLY: 2.5}
# Heaping on that grid makes the percentiles a little noisier than the formula says: simulated, 1.09 in all where the
# formula gives 1.03.
_HEAPING: Final = 1.055
# The variance of a difference of two rounded figures is a sixth of a step squared only where they lie far apart; for
# two that move by a fifth of a step, as those of 1,000 to 5,000 quotes do in half a year, it is a tenth.
_ON_ONE_STEP: Final = 0.6
# A spread read off two quartiles is a guess where ads are few: so many quotes are worth one degree of freedom. With
# independent normal pay it is 2.7; with pay on its grid, from 10 to 100 quotes, 1.7 makes 1 % of weeks without a true
# change "clear", as it should be (benchmarks/alert_quality.py; 5 % at 10 quotes without this).
_QUOTES_A_DEGREE: Final = 1.7


@dataclass(frozen=True, slots=True)
class Page:
    """The pay of one page, and how far its window lies from the newest one."""

    figures: Figures
    spacing: Spacing


@dataclass(frozen=True, slots=True)
class _Contrast:
    """Pay now against that of one or more pages: the move of the logarithm, its variance, and its p-value."""

    against: str
    move: float
    variance: float
    p_value: float

    @property
    def numbers(self) -> Numbers:
        """What it was reckoned from and came to."""
        return (
            (f"move against {self.against}, %", 100 * math.expm1(self.move)),
            ("its standard error, %", 100 * math.sqrt(self.variance)),
            ("its p-value", self.p_value),
        )


def judge_pay(
    then: Figures, now: Figures, basis: Basis, spacing: Spacing, min_quotes: int, since: Sequence[Page] = ()
) -> Evidence:
    """Weigh a move of pay on all percentiles that both sides print.

    The statistic is the weighted mean of the percentiles' log ratios; its standard error follows from the joint
    asymptotic normality of sample quantiles (Mosteller, "On Some Useful 'Inefficient' Statistics", 1946):
    Cov(q_i, q_j) = sigma^2 p_i (1 - p_j) / (n f_i f_j) for p_i <= p_j, pay being about log-normal.

    What was told long ago is one page with its own noise, and most of a window ended before the move began. So where
    pages of the time since are known, two more questions are put to them: has pay moved since half a window ago, whose
    page shares half its ads and so half its noise? And does it differ from the mean of the windows since that share
    no ad, whose noise is averaged out? The least p-value counts, times the number of questions (Bonferroni).

    Args:
        then: What was told.
        now: What is known.
        basis: Of pay.
        spacing: Between the two.
        min_quotes: With fewer on either side nothing is judged.
        since: Pages between the two, as :func:`alerts.compare.anchors` chooses them, the newest first.
    """
    quotes = quotes_of(then, basis), quotes_of(now, basis)
    if min(quotes) < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes ({min(quotes)})")
    sigma = spread(now, basis) or spread(then, basis)
    if not sigma:
        return Evidence(Verdict.TOO_FEW, None, "no spread of pay is stated")
    keys = _stated(basis, then, now)
    if not keys:
        return Evidence(Verdict.TOO_FEW, None, "no percentile is stated on both sides")
    if keys == ("median",) and abs(_pounds(now, "median", basis) - _pounds(then, "median", basis)) <= GRID_STEP[basis]:
        return Evidence(Verdict.NOISE, None, "one step of the median alone")
    told = _contrast("what was told", [Page(then, spacing)], now, basis, sigma)
    usable = [page for page in since if _is_usable(page.figures, basis, keys, min_quotes)] if len(keys) > 1 else []
    asked = [told, *_since_told(Page(then, spacing), usable, now, basis, sigma)]
    best = min((each for each in asked if each.move * told.move > 0), key=lambda each: each.p_value, default=told)
    words = "all percentiles" if len(keys) == len(PERCENTILES) else " and ".join(keys)
    because = f"{words}, {quotes[0]:,} and {quotes[1]:,} quotes"
    numbers = (("sigma of log pay", sigma), ("part of the ads not shared", spacing.fresh), ("questions", len(asked)))
    return evidence(
        min(1.0, len(asked) * best.p_value),
        because if best is told else f"{because}, against {best.against}",
        (*numbers, *(number for each in asked for number in each.numbers)),
    )


def judge_median(
    pair: tuple[float, float], basis: Basis, sigma: float, quotes: Sequence[float], spacing: Spacing
) -> float:
    """Return the p-value of a move of a median that stands alone, ``sigma`` being known from elsewhere."""
    independent = sum((_HEAPING * pooled_error(("median",)) * sigma) ** 2 / count for count in quotes)
    variance = spacing.variance(independent, sum(grid_variance(value, basis) for value in pair))
    return of_few(math.log(pair[1] / pair[0]), variance, min(quotes) / _QUOTES_A_DEGREE)


@cache
def pooled_error(keys: tuple[str, ...]) -> float:
    """Return the standard error of the weighted percentiles ``keys`` for sigma = 1 and one ad.

    1.2533 for the median alone, 1.0333 for all five.
    """
    weights = weights_of(keys)
    variance = 0.0
    for first in keys:
        for second in keys:
            low, high = sorted((PROBABILITY[first], PROBABILITY[second]))
            variance += weights[first] * weights[second] * low * (1 - high) / (_DENSITY[first] * _DENSITY[second])
    return math.sqrt(variance)


@cache
def weights_of(keys: tuple[str, ...]) -> Mapping[str, float]:
    """Return the weights of the percentiles that are there, made to add up to 1."""
    total = sum(_WEIGHT[key] for key in keys)
    return {key: _WEIGHT[key] / total for key in keys}


def spread(figures: Figures, basis: Basis) -> float | None:
    """Return sigma of log pay, from the quartiles or else the deciles; ``None`` if neither pair is printed."""
    for low, high in (("p25", "p75"), ("p10", "p90")):
        bottom, top = figures.now(low, basis), figures.now(high, basis)
        if bottom and top and top > bottom:
            return math.log(float(top) / float(bottom)) / (_QUANTILE[high] - _QUANTILE[low])
    return None


def quotes_of(figures: Figures, basis: Basis) -> int:
    """Return how many ads quote pay; a page that prints a dash for them has none."""
    return int(figures.now("quotes", basis) or 0)


def grid_variance(value: float, basis: Basis) -> float:
    """Return the variance of the logarithm of a figure that stands on a grid, and so is off by up to half a step.

    Windows that share nearly all their ads differ by less than a step, and yet their figures move by none or a whole
    one: simulated with no true change and 1,000 quotes, one week in five would be "clear" without this. It is meant to
    be too much where ads are many: a lone step of one percentile is then no news. But less than the twelfth of a step
    squared of a figure that is off by anything up to half a step: both figures mostly stand on the same step.
    """
    return _ON_ONE_STEP * (GRID_STEP[basis] / value) ** 2 / 12


def _since_told(told: Page, since: Sequence[Page], now: Figures, basis: Basis, sigma: float) -> list[_Contrast]:
    half = [page for page in since if page.spacing.fresh < 1][:1]
    windows = [page for page in since if page.spacing.fresh >= 1]
    if windows and told.spacing.days - windows[-1].spacing.days >= told.spacing.window_months * DAYS_A_MONTH:
        windows.append(told)
    found = []
    if half:
        found.append(_contrast("half a window ago", half, now, basis, sigma))
    if windows:
        found.append(_contrast(f"the mean of {len(windows)} windows since", windows, now, basis, sigma))
    return found


def _contrast(against: str, pages: Sequence[Page], now: Figures, basis: Basis, sigma: float) -> _Contrast:
    """Weigh pay now against one page, or against the mean of several that share no ad."""
    keys = _stated(basis, now, *(page.figures for page in pages))
    weights, count = weights_of(keys), len(pages)
    present = {key: _pounds(now, key, basis) for key in keys}
    move, independent, grid = 0.0, sigma**2 / quotes_of(now, basis), 0.0
    for page in pages:
        independent += (spread(page.figures, basis) or sigma) ** 2 / quotes_of(page.figures, basis) / count**2
        for key, weight in weights.items():
            past = _pounds(page.figures, key, basis)
            move += weight * math.log(present[key] / past) / count
            grid += (weight / count) ** 2 * grid_variance(past, basis)
    grid += sum(weight**2 * grid_variance(present[key], basis) for key, weight in weights.items())
    variance = pages[0].spacing.variance((_HEAPING * pooled_error(keys)) ** 2 * independent, grid)
    quotes = min(quotes_of(each, basis) for each in (now, *(page.figures for page in pages)))
    return _Contrast(against, move, variance, of_few(move, variance, quotes / _QUOTES_A_DEGREE))


def _stated(basis: Basis, *pages: Figures) -> tuple[str, ...]:
    """Return the percentiles that all of them state."""
    return tuple(key for key in PERCENTILES if all(page.now(key, basis) for page in pages))


def _is_usable(figures: Figures, basis: Basis, keys: tuple[str, ...], min_quotes: int) -> bool:
    return quotes_of(figures, basis) >= min_quotes and all(figures.now(key, basis) for key in keys)


def _pounds(figures: Figures, key: str, basis: Basis) -> float:
    return float(figures.now(key, basis) or 0)
