"""How large a move of pay chance alone makes, judged on all printed percentiles together. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from alerts.model.changes import NamedValues, Significance, SignificanceResult
from alerts.stats.counts import DAYS_A_MONTH, EffectEstimate, WindowOverlap, significance_result, t_p_value
from jobspider.model import Basis, Figures, ThreeYears
from jobspider.site.statistics import PERCENTILES

PROBABILITY: Final = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}
# Each percentile's weight in the pooled move of pay: near the best for log-normal pay, where the middle says most.
_WEIGHT: Final = {"p10": 0.13, "p25": 0.22, "median": 0.30, "p75": 0.22, "p90": 0.13}
_SPREAD: Final = ("quotes", "p10", "p25", "p75", "p90")
_COLUMNS: Final = 3
"""Of a page: now, a year ago, two years ago."""
_UNSTATED: Final[ThreeYears] = (None, None, None)
# Standard normal quantiles and densities at those probabilities.
_QUANTILE: Final = {"p10": -1.2816, "p25": -0.6745, "median": 0.0, "p75": 0.6745, "p90": 1.2816}
_QUARTILES_APART: Final = _QUANTILE["p75"] - _QUANTILE["p25"]
_DECILES_APART: Final = _QUANTILE["p90"] - _QUANTILE["p10"]
_DENSITY: Final = {key: math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) for key, z in _QUANTILE.items()}
# Medians stand on a grid and jump a whole step by chance: 2,500 a year was seen (saved pages, 2013 to 2026); the steps
# of day and hourly rates are the same fraction of usual pay.
ROUNDING_STEP: Final = {Basis.ANNUAL: 2500.0, Basis.DAILY: 25.0, Basis.HOURLY: 2.5}
# Heaping on that grid makes the percentiles a little noisier than the formula says: simulated, 1.09 in all where the
# formula gives 1.03.
_HEAPING_FACTOR: Final = 1.055
# A spread read off percentiles is a guess where ads are few: so many quotes are worth one degree of freedom. What
# quartiles and deciles say, their mean, errs by 1.03 sigma / sqrt(n) on this grid (simulated, 50 to 260 quotes), and a
# spread of d degrees by sigma / sqrt(2 d).
_QUOTES_PER_DEGREE_OF_FREEDOM: Final = 2.1
# A move is weighed against what was told and against the mean of the windows since. The second can be put only after a
# window, but is paid for from the beginning: chance is then as rare early as late.
_BONFERRONI_TESTS: Final = 2
# Pay that moved the same way in both years before it was told, by at least one standard error each, is believed at a
# p-value so many times larger. Chance does that to 0.4 % of pages for either direction (two differences of three
# windows, whose correlation is -1/2), so it makes 7 % more false alerts.
_TREND_WEIGHT: Final = 20.0


@dataclass(frozen=True, slots=True)
class SigmaEstimate:
    """Sigma of log pay, and how many ads it was read off."""

    sigma: float
    ads: int


@dataclass(frozen=True, slots=True)
class PaySample:
    """The pay of one page, and how far its window lies from the newest one."""

    figures: Figures
    spacing: WindowOverlap


_A_YEAR: Final = WindowOverlap(365, 6)
"""Between two columns of a page; a window is at most half of it."""


@dataclass(frozen=True, slots=True)
class _Contrast:
    """Pay now against that of one or more pages: the move of the logarithm, its variance, and its p-value."""

    against: str
    move: float
    variance: float
    p_value: float

    @property
    def numbers(self) -> NamedValues:
        """What it was reckoned from and came to."""
        return (
            (f"move against {self.against}, %", 100 * math.expm1(self.move)),
            ("its standard error, %", 100 * math.sqrt(self.variance)),
            ("its p-value", self.p_value),
        )


def assess_pay_change(
    then: Figures,
    now: Figures,
    basis: Basis,
    spacing: WindowOverlap,
    min_quotes: int,
    since: Sequence[PaySample] | None = None,
) -> SignificanceResult:
    """Weigh a move of pay on all percentiles that both sides print.

    The statistic is the weighted mean of the percentiles' log ratios; its standard error follows from the joint
    asymptotic normality of sample quantiles (Mosteller, "On Some Useful 'Inefficient' Statistics", 1946):
    Cov(q_i, q_j) = sigma^2 p_i (1 - p_j) / (n f_i f_j) for p_i <= p_j, pay being about log-normal.

    What was told is one page with its own noise. So where pages of the time since are known, one more question is put
    to them: does pay differ from the mean of the windows since that share no ad, whose noise is averaged out? The
    lesser p-value counts, times the number of questions (Bonferroni). Where the page that was told says itself that pay
    had moved the same way for two years, it is divided by a weight (Genovese, Roeder and Wasserman, "False Discovery
    Control with p-Value Weighting", Biometrika 93, 2006): a drift that goes on is told sooner.

    Args:
        then: What was told.
        now: What is known.
        basis: Of pay.
        spacing: Between the two.
        min_quotes: With fewer on either side nothing is judged.
        since: Pages between the two, as :func:`alerts.detection.figures.independent_dates` chooses them, the newest
        first.
        ``None``:
            it is only asked whether the two differ.
    """
    quotes = quote_count(then, basis), quote_count(now, basis)
    if min(quotes) < min_quotes:
        return SignificanceResult(
            Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} quotes ({min(quotes)})"
        )
    of = estimate_sigma(now, basis) or estimate_sigma(then, basis)
    if not of:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, "no spread of pay is stated")
    keys = common_percentiles(basis, then, now)
    if not keys:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, "no percentile is stated on both sides")
    if (
        keys == ("median",)
        and abs(_pounds(now, "median", basis) - _pounds(then, "median", basis)) <= ROUNDING_STEP[basis]
    ):
        return SignificanceResult(Significance.NOISE, None, "one step of the median alone")
    asked = [_contrast("what was told", [PaySample(then, spacing)], now, basis, keys, of)]
    questions, weight = 1, 1.0
    if since is not None:
        questions, weight = _BONFERRONI_TESTS, _trend_weight(then, basis, of, min_quotes, asked[0].move)
        usable = [page for page in since if _is_usable(page.figures, basis, keys, min_quotes)] if len(keys) > 1 else []
        asked += _intermediate_contrasts(PaySample(then, spacing), usable, now, basis, keys, of)
    best = min(
        (each for each in asked if each.move * asked[0].move > 0), key=lambda each: each.p_value, default=asked[0]
    )
    words = "all percentiles" if len(keys) == len(PERCENTILES) else " and ".join(keys)
    because = [f"{words}, {quotes[0]:,} and {quotes[1]:,} quotes"]
    because += [f"against {best.against}"] if best is not asked[0] else []
    because += ["as in the two years before"] if weight > 1 else []
    numbers: NamedValues = (("sigma of log pay", of.sigma), ("part of the ads not shared", spacing.unshared_fraction))
    numbers += (("questions", questions), ("times easier to believe, for the two years before", weight))
    numbers += tuple(number for each in asked for number in each.numbers)
    return significance_result(min(1.0, questions * best.p_value / weight), ", ".join(because), numbers)


def pooled_log_ratio(
    pages: Sequence[PaySample], now: Figures, basis: Basis, keys: tuple[str, ...], of: SigmaEstimate
) -> EffectEstimate:
    """Return how far pay lies now from one page, or from the mean of several that share no ad.

    Args:
        pages: At least one.
        now: What is known.
        basis: Of pay.
        keys: The percentiles to pool; all of them state these.
        of: How far pay is spread, now and then.
    """
    weights, count = normalised_weights(keys), len(pages)
    present = {key: _pounds(now, key, basis) for key in keys}
    move, independent, grid = 0.0, 1 / quote_count(now, basis), 0.0
    for page in pages:
        independent += 1 / quote_count(page.figures, basis) / count**2
        for key, weight in weights.items():
            past = _pounds(page.figures, key, basis)
            move += weight * math.log(present[key] / past) / count
            grid += (weight / count) ** 2 * rounding_variance(past, basis)
    grid += sum(weight**2 * rounding_variance(present[key], basis) for key, weight in weights.items())
    variance = pages[0].spacing.variance(
        (_HEAPING_FACTOR * pooled_standard_error(keys) * of.sigma) ** 2 * independent, grid
    )
    return EffectEstimate(move, variance, of.ads / _QUOTES_PER_DEGREE_OF_FREEDOM)


def common_percentiles(basis: Basis, *pages: Figures) -> tuple[str, ...]:
    """Return the percentiles that all of them state."""
    keys: tuple[str, ...] = PERCENTILES
    for page in pages:
        keys = tuple([key for key in keys if page.now(key, basis)])
    return keys


def median_p_value(
    pair: tuple[float, float], basis: Basis, of: SigmaEstimate, quotes: Sequence[float], spacing: WindowOverlap
) -> float:
    """Return the p-value of a move of a median that stands alone, how far pay is spread being known from elsewhere."""
    independent = sum(
        (_HEAPING_FACTOR * pooled_standard_error(("median",)) * of.sigma) ** 2 / count for count in quotes
    )
    variance = spacing.variance(independent, sum(rounding_variance(value, basis) for value in pair))
    return t_p_value(math.log(pair[1] / pair[0]), variance, min(quotes) / _QUOTES_PER_DEGREE_OF_FREEDOM)


@cache
def pooled_standard_error(keys: tuple[str, ...]) -> float:
    """Return the standard error of the weighted percentiles ``keys`` for sigma = 1 and one ad.

    1.2533 for the median alone, 1.0333 for all five.
    """
    weights = normalised_weights(keys)
    variance = 0.0
    for first in keys:
        for second in keys:
            low, high = sorted((PROBABILITY[first], PROBABILITY[second]))
            variance += weights[first] * weights[second] * low * (1 - high) / (_DENSITY[first] * _DENSITY[second])
    return math.sqrt(variance)


@cache
def normalised_weights(keys: tuple[str, ...]) -> Mapping[str, float]:
    """Return the weights of the percentiles that are there, made to add up to 1."""
    total = sum(_WEIGHT[key] for key in keys)
    return {key: _WEIGHT[key] / total for key in keys}


def estimate_sigma(figures: Figures, basis: Basis) -> SigmaEstimate | None:
    """Return how far log pay is spread: the mean of what quartiles and deciles say, each column by its ads.

    A page prints those of a year and of two years ago too. Pay moves within that time, but how far it is spread hardly
    does, so they make it a guess from three times as many ads. ``None`` if for now neither pair is printed and apart.
    """
    rows = [figures.row(key, basis) or _UNSTATED for key in _SPREAD]
    squares, ads = 0.0, 0
    for quotes, p10, p25, p75, p90 in zip(*rows, strict=True):
        sigmas = []
        if p25 and p75 and p25 < p75:
            sigmas.append(math.log(float(p75) / float(p25)) / _QUARTILES_APART)
        if p10 and p90 and p10 < p90:
            sigmas.append(math.log(float(p90) / float(p10)) / _DECILES_APART)
        if quotes and sigmas:
            squares += int(quotes) * (sum(sigmas) / len(sigmas)) ** 2
            ads += int(quotes)
        elif not ads:
            return None
    return SigmaEstimate(math.sqrt(squares / ads), ads)


def quote_count(figures: Figures, basis: Basis) -> int:
    """Return how many ads quote pay; a page that prints a dash for them has none."""
    return int(figures.now("quotes", basis) or 0)


def rounding_variance(value: float, basis: Basis) -> float:
    """Return the variance of the logarithm of a figure that stands on a grid, and so is off by up to half a step.

    Windows that share nearly all their ads differ by less than a step, and yet their figures move by none or a whole
    one: simulated with no true change and 1,000 quotes, one week in five would be "clear" without this. A figure that
    is off by anything up to half a step has a variance of a twelfth of a step squared.
    """
    return (ROUNDING_STEP[basis] / value) ** 2 / 12


def _trend_weight(told: Figures, basis: Basis, of: SigmaEstimate, min_quotes: int, move: float) -> float:
    """Return by how much the two years before it was told speak for a move: 1, unless pay moved that way in both."""
    later = told
    for column in range(1, _COLUMNS):
        rows = {(basis, key): told.row(key, basis) for key in ("quotes", *PERCENTILES)}
        earlier = Figures({key: (row[column], None, None) for key, row in rows.items() if row})
        keys = common_percentiles(basis, later, earlier)
        if not keys or quote_count(earlier, basis) < min_quotes:
            return 1.0
        moved = pooled_log_ratio([PaySample(earlier, _A_YEAR)], later, basis, keys, of)
        if math.copysign(moved.effect, moved.effect * move) < math.sqrt(moved.variance):
            return 1.0
        later = earlier
    return _TREND_WEIGHT


def _intermediate_contrasts(
    told: PaySample, since: Sequence[PaySample], now: Figures, basis: Basis, keys: tuple[str, ...], of: SigmaEstimate
) -> list[_Contrast]:
    if not since:
        return []
    windows = [*since]
    if told.spacing.days - windows[-1].spacing.days >= told.spacing.window_months * DAYS_A_MONTH:
        windows.append(told)
    return [_contrast(f"the mean of {len(windows)} windows since", windows, now, basis, keys, of)]


def _contrast(
    against: str, pages: Sequence[PaySample], now: Figures, basis: Basis, keys: tuple[str, ...], of: SigmaEstimate
) -> _Contrast:
    """Weigh pay now against one page, or against the mean of several that share no ad."""
    found = pooled_log_ratio(pages, now, basis, keys, of)
    return _Contrast(
        against, found.effect, found.variance, t_p_value(found.effect, found.variance, found.degrees_of_freedom)
    )


def _is_usable(figures: Figures, basis: Basis, keys: tuple[str, ...], min_quotes: int) -> bool:
    return quote_count(figures, basis) >= min_quotes and all(figures.now(key, basis) for key in keys)


def _pounds(figures: Figures, key: str, basis: Basis) -> float:
    return float(figures.now(key, basis) or 0)
