"""Derived watches: one page's figure against another's, then and now, and how large a move of it chance makes. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.detection.figures import main_basis
from alerts.model.changes import (
    Change,
    ChangeKind,
    DatedContent,
    NamedValues,
    NewlyWatched,
    Significance,
    SignificanceResult,
)
from alerts.model.derived import PAY_DIFFERENCE, DerivedFigure, DerivedSide, DerivedWatch
from alerts.model.topics import VACANCIES_TOPIC
from alerts.stats.counts import EffectEstimate, WindowOverlap, log_count_ratio, significance_result, t_p_value
from alerts.stats.pay import (
    ROUNDING_STEP,
    PaySample,
    SigmaEstimate,
    common_percentiles,
    estimate_sigma,
    pooled_log_ratio,
    quote_count,
)
from jobspider.model import Basis, Content, SnapshotInfo
from jobspider.site.statistics import PERCENTILES

_MEDIAN_ALONE: Final = ("median",)


@dataclass(frozen=True, slots=True)
class DerivedSnapshot:
    """One page of a derived watch: what was told of it, and its newest figures."""

    head: SnapshotInfo
    baseline: DatedContent
    current: Content

    @property
    def spacing(self) -> WindowOverlap:
        """How far the two lie apart."""
        return WindowOverlap((self.head.as_of - self.baseline.as_of).days, self.head.subject.window_months)

    @property
    def basis(self) -> Basis:
        """On which the page states pay first."""
        return main_basis(self.head.subject.job_type)

    @property
    def stated(self) -> tuple[str, ...]:
        """The percentiles that the page states then and now."""
        return common_percentiles(self.basis, self.baseline.content.term, self.current.term)

    @property
    def spread(self) -> SigmaEstimate | None:
        """Of log pay; ``None`` where none is stated."""
        return estimate_sigma(self.current.term, self.basis) or estimate_sigma(self.baseline.content.term, self.basis)

    @property
    def is_one_step(self) -> bool:
        """Whether the median moved by no more than one step of the grid that medians stand on."""
        old, new = (
            float(term.now("median", self.basis) or 0) for term in (self.baseline.content.term, self.current.term)
        )
        return abs(new - old) <= ROUNDING_STEP[self.basis]

    def ads(self, statistic: str) -> tuple[int, int]:
        """Return how many ads stand behind a figure then and now: pay quotes, or vacancies for these."""
        then, now = self.baseline.content.term, self.current.term
        if statistic == VACANCIES_TOPIC:
            return int(then.now(statistic) or 0), int(now.now(statistic) or 0)
        return quote_count(then, self.basis), quote_count(now, self.basis)


def derived_figure(watch: DerivedWatch, of: DerivedSnapshot, against: DerivedSnapshot) -> DerivedFigure:
    """Return both pages' figures of what is watched."""
    return DerivedFigure(watch, _side(watch, of), _side(watch, against))


def derived_change(pair: DerivedFigure, told_at: datetime) -> Change | None:
    """Return how a pair differs from what was told, ``None`` if it does not."""
    old, new = pair.old, pair.new
    if old == new:
        return None
    quotes = [side.quotes for side in (pair.target, pair.reference) if side.quotes is not None]
    return Change(
        snapshot=pair.target.head,
        topic=pair.watch.topic,
        statistic=pair.statistic,
        kind=ChangeKind.APPEARED if old is None else ChangeKind.DISAPPEARED if new is None else ChangeKind.MOVED,
        old=old,
        new=new,
        # Like the head, it is of the first page; the pair knows the other's, and no date is said to be both's.
        old_as_of=pair.target.old_as_of,
        baseline_notified_at=told_at,
        basis=pair.target.basis if pair.statistic == PAY_DIFFERENCE else None,
        year_on_year=pair.year_on_year,
        sample_size=min(quotes, default=None),
        detail=pair,
    )


def newly_watched(pair: DerivedFigure) -> NewlyWatched | None:
    """Describe a derived watch that a recipient hears of for the first time; ``None`` until both figures are stated."""
    if pair.new is None:
        return None
    basis = pair.target.basis if pair.statistic == PAY_DIFFERENCE else None
    return NewlyWatched(pair.target.head, (pair.watch.topic,), basis, {pair.statistic: pair.new}, (), derived=pair)


def judge(pair: DerivedFigure, of: DerivedSnapshot, against: DerivedSnapshot, min_quotes: int) -> SignificanceResult:
    """Weigh a move of one page's figure against another's.

    Each page's own move has its variance, pay on all percentiles that both pages print then and now; the variance of
    the difference of the two is taken to be their sum, as if the pages had no ad in common. Where they have (London is
    part of the UK), such ads move both the same way: their covariance is positive, the true variance is less than the
    sum, and chance is overstated, never understated.

    A ratio is weighed by the difference of the moves of both logarithms. A difference in pounds or ads is weighed by
    the same moves, each times its page's figure (the delta method: Var(a log x) = a^2 Var(log x) near x = a).

    Args:
        pair: Both pages' figures.
        of: The page that is set against the other.
        against: The other.
        min_quotes: With fewer ads on either page, then or now, no move is judged. That it is now stated, or no longer,
            is a fact for which ads on each page then or now are enough: a page whose ads go states no pay either.
    """
    halves = of, against
    is_move = pair.old is not None and pair.new is not None
    least = min((min if is_move else max)(half.ads(pair.watch.statistic)) for half in halves)
    if least < min_quotes:
        return SignificanceResult(
            Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} ads on one of the pages ({least})"
        )
    if not is_move:
        return SignificanceResult(Significance.CLEAR, None, "as the pages state it")
    if pair.watch.statistic == VACANCIES_TOPIC:
        moves = [log_count_ratio(*half.ads(VACANCIES_TOPIC), half.spacing) for half in halves]
        return _assess_difference(pair, moves, "counts of ads on both pages")
    return _judge_pay(pair, halves)


def _judge_pay(pair: DerivedFigure, halves: Sequence[DerivedSnapshot]) -> SignificanceResult:
    keys = tuple(key for key in halves[0].stated if key in halves[1].stated)
    spreads = [found for half in halves if (found := half.spread)]
    if not keys or len(spreads) < len(halves):
        missing = "spread of pay is stated" if keys else "percentile is stated by both pages"
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, f"no {missing}")
    if keys == _MEDIAN_ALONE and all(half.is_one_step for half in halves):
        return SignificanceResult(Significance.NOISE, None, "one step of the medians alone")
    moves = [
        pooled_log_ratio(
            [PaySample(half.baseline.content.term, half.spacing)], half.current.term, half.basis, keys, found
        )
        for half, found in zip(halves, spreads, strict=True)
    ]
    words = "all percentiles" if len(keys) == len(PERCENTILES) else " and ".join(keys)
    quotes = " and ".join(f"{half.ads(pair.watch.statistic)[1]:,}" for half in halves)
    return _assess_difference(pair, moves, f"{words} of both pages, {quotes} quotes")


def _assess_difference(pair: DerivedFigure, moves: Sequence[EffectEstimate], because: str) -> SignificanceResult:
    """Weigh the moves of both pages against each other."""
    scales = [1.0, 1.0] if pair.watch.is_ratio else [_midpoint(side) for side in (pair.target, pair.reference)]
    size = scales[0] * moves[0].effect - scales[1] * moves[1].effect
    error = math.sqrt(sum(scale**2 * move.variance for scale, move in zip(scales, moves, strict=True)))
    slack = sum(scale * move.continuity_correction for scale, move in zip(scales, moves, strict=True))
    shown = (100 * math.expm1(size), 100 * error) if pair.watch.is_ratio else (size, error)
    unit = ", %" if pair.watch.is_ratio else ""
    numbers = (
        *_numbers(moves[0], ""),
        *_numbers(moves[1], " of the other page"),
        (f"move against each other{unit}", shown[0]),
        (f"its standard error, the pages taken as independent{unit}", shown[1]),
    )
    if size * float((pair.new or 0) - (pair.old or 0)) <= 0:
        return SignificanceResult(Significance.NOISE, 1.0, "all percentiles together did not move that way", numbers)
    beyond = max(0.0, abs(size) - slack)
    return significance_result(
        t_p_value(beyond, error**2, min(move.degrees_of_freedom for move in moves)), because, numbers
    )


def _numbers(move: EffectEstimate, of: str) -> NamedValues:
    return (
        (f"own move{of}, %", 100 * math.expm1(move.effect)),
        (f"its standard error{of}, %", 100 * math.sqrt(move.variance)),
    )


def _midpoint(side: DerivedSide) -> float:
    """Return the figure that a page's move is a part of: halfway between then and now."""
    return float((side.old or 0) + (side.new or 0)) / 2


def _side(watch: DerivedWatch, half: DerivedSnapshot) -> DerivedSide:
    is_pay = watch.statistic != VACANCIES_TOPIC
    basis = half.basis if is_pay else None
    row = half.current.term.row(watch.statistic, basis) or (None, None, None)
    return DerivedSide(
        head=half.head,
        basis=basis,
        old=half.baseline.content.term.now(watch.statistic, basis),
        new=row[0],
        year_ago=row[1],
        old_as_of=half.baseline.as_of,
        quotes=half.ads(watch.statistic)[1],
    )
