"""How large a move of pay chance alone makes, judged on all printed percentiles together. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from alerts.model.changes import Evidence, Numbers, Verdict
from alerts.stats.counts import DAYS_A_MONTH, Move, Spacing, evidence, of_few
from jobspider.model import Basis, Figures, Triple
from jobspider.statistics import PERCENTILES

PROBABILITY: Final = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}
# Each percentile's weight in the pooled move of pay: near the best for log-normal pay, where the middle says most.
_WEIGHT: Final = {"p10": 0.13, "p25": 0.22, "median": 0.30, "p75": 0.22, "p90": 0.13}
_SPREAD: Final = ("quotes", "p10", "p25", "p75", "p90")
_COLUMNS: Final = 3
"""Of a page: now, a year ago, two years ago."""
_UNSTATED: Final[Triple] = (None, None, None)
# Standard normal quantiles and densities at those probabilities.
_QUANTILE: Final = {"p10": -1.2816, "p25": -0.6745, "median": 0.0, "p75": 0.6745, "p90": 1.2816}
_QUARTILES_APART: Final = _QUANTILE["p75"] - _QUANTILE["p25"]
_DECILES_APART: Final = _QUANTILE["p90"] - _QUANTILE["p10"]
_DENSITY: Final = {key: math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) for key, z in _QUANTILE.items()}
# Medians stand on a grid and jump a whole step by chance: 2,500 a year was seen (saved pages, 2013 to 2026); the steps
# of day and hourly rates are the same fraction of usual pay.
GRID_STEP: Final = {Basis.ANNUAL: 2500.0, Basis.DAILY: 25.0, Basis.HOURLY: 2.5}
# Heaping on that grid makes the percentiles a little noisier than the formula says: simulated, 1.09 in all where the
# formula gives 1.03.
_HEAPING: Final = 1.055
# A spread read off percentiles is a guess where ads are few: so many quotes are worth one degree of freedom. What
# quartiles and deciles say, their mean, errs by 1.03 sigma / sqrt(n) on this grid (simulated, 50 to 260 quotes), and a
# spread of d degrees by sigma / sqrt(2 d).
_QUOTES_A_DEGREE: Final = 2.1
# A move is weighed against what was told and against the mean of the windows since. The second can be put only after a
# window, but is paid for from the beginning: chance is then as rare early as late.
_QUESTIONS: Final = 2
# Pay that moved the same way in both years before it was told, by at least one standard error each, is believed at a
# p-value so many times larger. Chance does that to 0.4 % of pages for either direction (two differences of three
# windows, whose correlation is -1/2), so it makes 7 % more false alerts.
_GOING_ON: Final = 20.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Sigma of log pay, and how many ads it was read off."""

    sigma: float
    ads: int


@dataclass(frozen=True, slots=True)
class Page:
    """The pay of one page, and how far its window lies from the newest one."""

    figures: Figures
    spacing: Spacing


_A_YEAR: Final = Spacing(365, 6)
"""Between two columns of a page; a window is at most half of it."""


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
    then: Figures, now: Figures, basis: Basis, spacing: Spacing, min_quotes: int, since: Sequence[Page] | None = None
) -> Evidence:
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
        since: Pages between the two, as :func:`alerts.detection.figures.anchors` chooses them, the newest first.
        ``None``:
            it is only asked whether the two differ.
    """
    quotes = quotes_of(then, basis), quotes_of(now, basis)
    if min(quotes) < min_quotes:
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} quotes ({min(quotes)})")
    of = spread(now, basis) or spread(then, basis)
    if not of:
        return Evidence(Verdict.TOO_FEW, None, "no spread of pay is stated")
    keys = stated(basis, then, now)
    if not keys:
        return Evidence(Verdict.TOO_FEW, None, "no percentile is stated on both sides")
    if keys == ("median",) and abs(_pounds(now, "median", basis) - _pounds(then, "median", basis)) <= GRID_STEP[basis]:
        return Evidence(Verdict.NOISE, None, "one step of the median alone")
    asked = [_contrast("what was told", [Page(then, spacing)], now, basis, keys, of)]
    questions, weight = 1, 1.0
    if since is not None:
        questions, weight = _QUESTIONS, _weight(then, basis, of, min_quotes, asked[0].move)
        usable = [page for page in since if _is_usable(page.figures, basis, keys, min_quotes)] if len(keys) > 1 else []
        asked += _since_told(Page(then, spacing), usable, now, basis, keys, of)
    best = min(
        (each for each in asked if each.move * asked[0].move > 0), key=lambda each: each.p_value, default=asked[0]
    )
    words = "all percentiles" if len(keys) == len(PERCENTILES) else " and ".join(keys)
    because = [f"{words}, {quotes[0]:,} and {quotes[1]:,} quotes"]
    because += [f"against {best.against}"] if best is not asked[0] else []
    because += ["as in the two years before"] if weight > 1 else []
    numbers: Numbers = (("sigma of log pay", of.sigma), ("part of the ads not shared", spacing.fresh))
    numbers += (("questions", questions), ("times easier to believe, for the two years before", weight))
    numbers += tuple(number for each in asked for number in each.numbers)
    return evidence(min(1.0, questions * best.p_value / weight), ", ".join(because), numbers)


def move_of(pages: Sequence[Page], now: Figures, basis: Basis, keys: tuple[str, ...], of: Spread) -> Move:
    """Return how far pay lies now from one page, or from the mean of several that share no ad.

    Args:
        pages: At least one.
        now: What is known.
        basis: Of pay.
        keys: The percentiles to pool; all of them state these.
        of: How far pay is spread, now and then.
    """
    weights, count = weights_of(keys), len(pages)
    present = {key: _pounds(now, key, basis) for key in keys}
    move, independent, grid = 0.0, 1 / quotes_of(now, basis), 0.0
    for page in pages:
        independent += 1 / quotes_of(page.figures, basis) / count**2
        for key, weight in weights.items():
            past = _pounds(page.figures, key, basis)
            move += weight * math.log(present[key] / past) / count
            grid += (weight / count) ** 2 * grid_variance(past, basis)
    grid += sum(weight**2 * grid_variance(present[key], basis) for key, weight in weights.items())
    variance = pages[0].spacing.variance((_HEAPING * pooled_error(keys) * of.sigma) ** 2 * independent, grid)
    return Move(move, variance, of.ads / _QUOTES_A_DEGREE)


def stated(basis: Basis, *pages: Figures) -> tuple[str, ...]:
    """Return the percentiles that all of them state."""
    keys: tuple[str, ...] = PERCENTILES
    for page in pages:
        keys = tuple([key for key in keys if page.now(key, basis)])
    return keys


def judge_median(
    pair: tuple[float, float], basis: Basis, of: Spread, quotes: Sequence[float], spacing: Spacing
) -> float:
    """Return the p-value of a move of a median that stands alone, how far pay is spread being known from elsewhere."""
    independent = sum((_HEAPING * pooled_error(("median",)) * of.sigma) ** 2 / count for count in quotes)
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


def spread(figures: Figures, basis: Basis) -> Spread | None:
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
    return Spread(math.sqrt(squares / ads), ads)


def quotes_of(figures: Figures, basis: Basis) -> int:
    """Return how many ads quote pay; a page that prints a dash for them has none."""
    return int(figures.now("quotes", basis) or 0)


def grid_variance(value: float, basis: Basis) -> float:
    """Return the variance of the logarithm of a figure that stands on a grid, and so is off by up to half a step.

    Windows that share nearly all their ads differ by less than a step, and yet their figures move by none or a whole
    one: simulated with no true change and 1,000 quotes, one week in five would be "clear" without this. A figure that
    is off by anything up to half a step has a variance of a twelfth of a step squared.
    """
    return (GRID_STEP[basis] / value) ** 2 / 12


def _weight(told: Figures, basis: Basis, of: Spread, min_quotes: int, move: float) -> float:
    """Return by how much the two years before it was told speak for a move: 1, unless pay moved that way in both."""
    later = told
    for column in range(1, _COLUMNS):
        rows = {(basis, key): told.row(key, basis) for key in ("quotes", *PERCENTILES)}
        earlier = Figures({key: (row[column], None, None) for key, row in rows.items() if row})
        keys = stated(basis, later, earlier)
        if not keys or quotes_of(earlier, basis) < min_quotes:
            return 1.0
        moved = move_of([Page(earlier, _A_YEAR)], later, basis, keys, of)
        if math.copysign(moved.size, moved.size * move) < math.sqrt(moved.variance):
            return 1.0
        later = earlier
    return _GOING_ON


def _since_told(
    told: Page, since: Sequence[Page], now: Figures, basis: Basis, keys: tuple[str, ...], of: Spread
) -> list[_Contrast]:
    if not since:
        return []
    windows = [*since]
    if told.spacing.days - windows[-1].spacing.days >= told.spacing.window_months * DAYS_A_MONTH:
        windows.append(told)
    return [_contrast(f"the mean of {len(windows)} windows since", windows, now, basis, keys, of)]


def _contrast(
    against: str, pages: Sequence[Page], now: Figures, basis: Basis, keys: tuple[str, ...], of: Spread
) -> _Contrast:
    """Weigh pay now against one page, or against the mean of several that share no ad."""
    found = move_of(pages, now, basis, keys, of)
    return _Contrast(against, found.size, found.variance, of_few(found.size, found.variance, found.freedom))


def _is_usable(figures: Figures, basis: Basis, keys: tuple[str, ...], min_quotes: int) -> bool:
    return quotes_of(figures, basis) >= min_quotes and all(figures.now(key, basis) for key in keys)


def _pounds(figures: Figures, key: str, basis: Basis) -> float:
    return float(figures.now(key, basis) or 0)
