"""A simulated market whose truth is known: ads, and the pages that a site with sliding windows makes of them.

Pay is log-normal (sigma 0.30) and heaped on round numbers; ads arrive at random in batches that ask for the same
skills, and some are posted again. A page shows the percentiles, counts, rank and top 30 skills of its last 26 weeks,
and the figures of a year and of two years before.
"""

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jobspider.model import Basis, Content, FigureKey, Figures, SkillShare, ThreeYears
from jobspider.site.statistics import PERCENTILES

WINDOW_WEEKS: Final = 26
YEAR_WEEKS: Final = 52
_YEARS_BEFORE: Final = 2
SIGMA: Final = 0.30
_MEDIAN: Final = 60_000
_QUOTING: Final = 0.8
_MARKET: Final = 100_000
_SKILLS: Final = {f"skill {place:02}": 0.6 * 0.94**place for place in range(50)}
RISING: Final = "skill 30"
_RISEN: Final = 0.30
_TOP: Final = 30
_PROBABILITIES: Final = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}
_MANY: Final = 40


@dataclass(frozen=True, slots=True)
class Market:
    """How ads come and what they pay.

    Pay stands on one of the ``grids``; ads come in batches of ``batch`` on average (geometric), and a part of them is
    ``reposted`` within five weeks. Where on the grid a median lies decides how soon it jumps, so each subject has its
    own: 60,000 times or divided by at most the exponential of ``medians_differ``.
    """

    grids: tuple[int, ...]
    batch: float
    reposted: float
    medians_differ: float


# Real pay stands mostly on multiples of 5,000 and 2,500. With 8 % posted a second time weekly differences are as noisy
# as real ones: 0.30 of a level's error; with batches of 2.5 counts vary like real ones
# (``alerts.stats.counts.DISPERSION_FACTOR``).
HEAPED: Final = Market((5000,) * 4 + (2500,) * 5 + (1000,), 2.5, 0.08, 0.4)
# Ads that come one by one, on one grid, all subjects beginning at the same median.
PLAIN: Final = Market((2500,), 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Truth:
    """What happens to a subject: its ``kind``, from the week ``at`` on, by a factor of its pay.

    Weeks are counted from the first page that is read; one that is negative lies before it.
    """

    kind: str
    at: int
    factor: float = 1.0

    def pay(self, week: int) -> float:
        """Return by which factor pay differs from that of the beginning."""
        if self.kind in ("drift", "old drift"):
            return float((1 + self.factor) ** (max(0, week - self.at) / YEAR_WEEKS))
        return self.factor if week >= self.at else 1.0

    def skill(self, name: str, week: int) -> float:
        """Return which part of the ads asks for a skill; a rising one rises over half a year."""
        share = _SKILLS[name]
        if self.kind != "skill" or name != RISING:
            return share
        return share + (_RISEN - share) * min(1.0, max(0, week - self.at) / WINDOW_WEEKS)


class Page:
    """A subject's ads of the last 26 weeks, and what its page says of them.

    Args:
        truth: What happens.
        quotes: How many quote pay, on average.
        seed: The same seed gives the same pages, and the same pay with skills or without.
        market: How ads come and what they pay.
        has_skills: Whether skills are simulated; they take most of the time.
    """

    def __init__(
        self, truth: Truth, quotes: int, seed: str, market: Market = HEAPED, *, has_skills: bool = True
    ) -> None:
        self.truth = truth
        self.quotes = quotes
        self.market = market
        self.rng = Random(seed)  # noqa: S311 - a simulation that must repeat itself
        self._of_skills = Random(f"{seed} skills") if has_skills else None  # noqa: S311 - likewise
        self._median = _MEDIAN * math.exp(self.rng.uniform(-market.medians_differ, market.medians_differ))
        self._weeks: deque[tuple[list[int], int, dict[str, int]]] = deque()
        self._sorted: list[int] = []
        self._again: dict[int, list[int]] = {}
        self._published: list[dict[FigureKey, int | Decimal | None]] = []
        self.week = -_YEARS_BEFORE * YEAR_WEEKS - WINDOW_WEEKS - 1
        for _ in range(WINDOW_WEEKS):
            self._advance()
        for _ in range(_YEARS_BEFORE * YEAR_WEEKS):
            self._advance()
            self._published.append(self._figures())

    def next(self) -> Content:
        """Let a week pass and return what the page then says."""
        self._advance()
        now = self._figures()
        year_ago, two_years_ago = (self._published[-years * YEAR_WEEKS] for years in (1, 2))
        self._published.append(now)
        rows: dict[FigureKey, ThreeYears] = {key: (now[key], year_ago[key], two_years_ago[key]) for key in now}
        return Content(Figures(rows), None, (), self._top_skills() if self._of_skills else ())

    def _advance(self) -> None:
        self.week += 1
        batches = self._batches()
        fresh = [self._pay() for size in batches for _ in range(size) if self.rng.random() < _QUOTING]
        ads = [*fresh, *self._again.pop(self.week, [])]
        for pay in fresh:
            if self.rng.random() < self.market.reposted:
                self._again.setdefault(self.week + self.rng.randint(1, 5), []).append(pay)
        skills: dict[str, int] = {}
        if self._of_skills and self.week >= -WINDOW_WEEKS:
            shares = {name: self.truth.skill(name, self.week) for name in _SKILLS}
            skills = {name: asking(self._of_skills, batches, share) for name, share in shares.items()}
        self._weeks.append((ads, sum(batches) + len(ads) - len(fresh), skills))
        for pay in ads:
            insort(self._sorted, pay)
        if len(self._weeks) > WINDOW_WEEKS:
            for pay in self._weeks.popleft()[0]:
                del self._sorted[bisect_left(self._sorted, pay)]

    def _batches(self) -> list[int]:
        market = self.market
        mean = self.quotes / WINDOW_WEEKS / (1 + market.reposted) / _QUOTING / market.batch
        return [self._batch() for _ in range(poisson(self.rng, mean))]

    def _batch(self) -> int:
        if self.market.batch == 1:
            return 1
        return 1 + math.floor(math.log(1 - self.rng.random()) / math.log(1 - 1 / self.market.batch))

    def _pay(self) -> int:
        pay = self._median * self.truth.pay(self.week) * math.exp(self.rng.gauss(0, SIGMA))
        grid = self.rng.choice(self.market.grids)
        return max(grid, round(pay / grid) * grid)

    def _figures(self) -> dict[FigureKey, int | Decimal | None]:
        ads, vacancies = self._sorted, sum(count for _, count, _ in self._weeks)
        found: dict[FigureKey, int | Decimal | None] = {(Basis.ANNUAL, "quotes"): len(ads)}
        for key in PERCENTILES:
            # A page with few ads prints fewer percentiles; seen below about ten.
            stated = len(ads) >= (1 if key == "median" else 4 if key in ("p25", "p75") else 8)
            found[Basis.ANNUAL, key] = Decimal(str(quantile(ads, _PROBABILITIES[key]))) if stated else None
        share = round(Decimal(100 * vacancies) / _MARKET, 3)
        found[None, "rank"] = 1 + round(_MARKET / 50 / (vacancies + 1))
        found[None, "vacancies"] = vacancies
        found[None, "share_of_category"] = share
        return found

    def _top_skills(self) -> tuple[SkillShare, ...]:
        totals = {name: sum(week[2][name] for week in self._weeks) for name in _SKILLS}
        vacancies = sum(count for _, count, _ in self._weeks)
        return top_list(totals, vacancies)


def top_list(totals: Mapping[str, int], vacancies: int) -> tuple[SkillShare, ...]:
    """Return the list of the skills most asked for, as a page prints it: ties under one rank."""
    ordered = sorted(((name, count) for name, count in totals.items() if count), key=lambda each: (-each[1], each[0]))
    ranks = {count: rank for rank, count in enumerate(sorted({count for _, count in ordered}, reverse=True), 1)}
    return tuple(
        SkillShare(ranks[count], name, count, round(Decimal(100 * count) / vacancies, 2))
        for name, count in ordered[:_TOP]
    )


def quantile(ordered: list[int], probability: float) -> float:
    """Return a sample quantile, between two ads by linear interpolation, in whole pounds."""
    place = (len(ordered) - 1) * probability
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def poisson(rng: Random, mean: float) -> int:
    """Return how many ads come in a time in which so many are to be expected."""
    if mean > _MANY:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, waited = 0, rng.expovariate(1)
    while waited < mean:
        count += 1
        waited += rng.expovariate(1)
    return count


def asking(rng: Random, batches: list[int], probability: float) -> int:
    """Return how many ads ask for a skill that all ads of a batch ask for, or none."""
    if len(batches) * min(probability, 1 - probability) > _MANY / 4:
        spread = math.sqrt(probability * (1 - probability) * sum(size * size for size in batches))
        return min(sum(batches), max(0, round(rng.gauss(probability * sum(batches), spread))))
    return sum(size for size in batches if rng.random() < probability)
