"""Derived watches: one page's figure against another's, then and now, and how large a move of it chance makes. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.detection.figures import main_basis
from alerts.model.changes import Change, Evidence, Kind, Numbers, Reading, Verdict, Watching
from alerts.model.derived import PAY_DIFFERENCE, DerivedWatch, Pair, Side
from alerts.model.topics import VACANCIES_TOPIC
from alerts.stats.counts import Move, Spacing, count_move, evidence, of_few
from alerts.stats.pay import GRID_STEP, Page, Spread, move_of, quotes_of, spread, stated
from jobspider.model import Basis, Content, SnapshotHead
from jobspider.statistics import PERCENTILES

_MEDIAN_ALONE: Final = ("median",)


@dataclass(frozen=True, slots=True)
class Half:
    """One page of a derived watch: what was told of it, and its newest figures."""

    head: SnapshotHead
    told: Reading
    now: Content

    @property
    def spacing(self) -> Spacing:
        """How far the two lie apart."""
        return Spacing((self.head.as_of - self.told.as_of).days, self.head.subject.window_months)

    @property
    def basis(self) -> Basis:
        """On which the page states pay first."""
        return main_basis(self.head.subject.job_type)

    @property
    def stated(self) -> tuple[str, ...]:
        """The percentiles that the page states then and now."""
        return stated(self.basis, self.told.content.term, self.now.term)

    @property
    def spread(self) -> Spread | None:
        """Of log pay; ``None`` where none is stated."""
        return spread(self.now.term, self.basis) or spread(self.told.content.term, self.basis)

    @property
    def is_one_step(self) -> bool:
        """Whether the median moved by no more than one step of the grid that medians stand on."""
        old, new = (float(term.now("median", self.basis) or 0) for term in (self.told.content.term, self.now.term))
        return abs(new - old) <= GRID_STEP[self.basis]

    def ads(self, statistic: str) -> tuple[int, int]:
        """Return how many ads stand behind a figure then and now: pay quotes, or vacancies for these."""
        then, now = self.told.content.term, self.now.term
        if statistic == VACANCIES_TOPIC:
            return int(then.now(statistic) or 0), int(now.now(statistic) or 0)
        return quotes_of(then, self.basis), quotes_of(now, self.basis)


def pair_of(watch: DerivedWatch, of: Half, against: Half) -> Pair:
    """Return both pages' figures of what is watched."""
    return Pair(watch, _side(watch, of), _side(watch, against))


def change_of(pair: Pair, told_at: datetime) -> Change | None:
    """Return how a pair differs from what was told, ``None`` if it does not."""
    old, new = pair.old, pair.new
    if old == new:
        return None
    quotes = [side.quotes for side in (pair.of, pair.against) if side.quotes is not None]
    return Change(
        head=pair.of.head,
        topic=pair.watch.topic,
        statistic=pair.statistic,
        kind=Kind.STATED if old is None else Kind.UNSTATED if new is None else Kind.MOVED,
        old=old,
        new=new,
        # Like the head, it is of the first page; the pair knows the other's, and no date is said to be both's.
        old_as_of=pair.of.old_as_of,
        told_at=told_at,
        basis=pair.of.basis if pair.statistic == PAY_DIFFERENCE else None,
        year_on_year=pair.year_on_year,
        quotes=min(quotes, default=None),
        pair=pair,
    )


def first_told(pair: Pair) -> Watching | None:
    """Describe a derived watch that a recipient hears of for the first time; ``None`` until both figures are stated."""
    if pair.new is None:
        return None
    basis = pair.of.basis if pair.statistic == PAY_DIFFERENCE else None
    return Watching(pair.of.head, (pair.watch.topic,), basis, {pair.statistic: pair.new}, (), pair=pair)


def judge(pair: Pair, of: Half, against: Half, min_quotes: int) -> Evidence:
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
        return Evidence(Verdict.TOO_FEW, None, f"fewer than {min_quotes} ads on one of the pages ({least})")
    if not is_move:
        return Evidence(Verdict.CLEAR, None, "as the pages state it")
    if pair.watch.statistic == VACANCIES_TOPIC:
        moves = [count_move(*half.ads(VACANCIES_TOPIC), half.spacing) for half in halves]
        return _weighed(pair, moves, "counts of ads on both pages")
    return _judge_pay(pair, halves)


def _judge_pay(pair: Pair, halves: Sequence[Half]) -> Evidence:
    keys = tuple(key for key in halves[0].stated if key in halves[1].stated)
    spreads = [found for half in halves if (found := half.spread)]
    if not keys or len(spreads) < len(halves):
        missing = "spread of pay is stated" if keys else "percentile is stated by both pages"
        return Evidence(Verdict.TOO_FEW, None, f"no {missing}")
    if keys == _MEDIAN_ALONE and all(half.is_one_step for half in halves):
        return Evidence(Verdict.NOISE, None, "one step of the medians alone")
    moves = [
        move_of([Page(half.told.content.term, half.spacing)], half.now.term, half.basis, keys, found)
        for half, found in zip(halves, spreads, strict=True)
    ]
    words = "all percentiles" if len(keys) == len(PERCENTILES) else " and ".join(keys)
    quotes = " and ".join(f"{half.ads(pair.watch.statistic)[1]:,}" for half in halves)
    return _weighed(pair, moves, f"{words} of both pages, {quotes} quotes")


def _weighed(pair: Pair, moves: Sequence[Move], because: str) -> Evidence:
    """Weigh the moves of both pages against each other."""
    scales = [1.0, 1.0] if pair.watch.is_ratio else [_midway(side) for side in (pair.of, pair.against)]
    size = scales[0] * moves[0].size - scales[1] * moves[1].size
    error = math.sqrt(sum(scale**2 * move.variance for scale, move in zip(scales, moves, strict=True)))
    slack = sum(scale * move.slack for scale, move in zip(scales, moves, strict=True))
    shown = (100 * math.expm1(size), 100 * error) if pair.watch.is_ratio else (size, error)
    unit = ", %" if pair.watch.is_ratio else ""
    numbers = (
        *_numbers(moves[0], ""),
        *_numbers(moves[1], " of the other page"),
        (f"move against each other{unit}", shown[0]),
        (f"its standard error, the pages taken as independent{unit}", shown[1]),
    )
    if size * float((pair.new or 0) - (pair.old or 0)) <= 0:
        return Evidence(Verdict.NOISE, 1.0, "all percentiles together did not move that way", numbers)
    beyond = max(0.0, abs(size) - slack)
    return evidence(of_few(beyond, error**2, min(move.freedom for move in moves)), because, numbers)


def _numbers(move: Move, of: str) -> Numbers:
    return (
        (f"own move{of}, %", 100 * math.expm1(move.size)),
        (f"its standard error{of}, %", 100 * math.sqrt(move.variance)),
    )


def _midway(side: Side) -> float:
    """Return the figure that a page's move is a part of: halfway between then and now."""
    return float((side.old or 0) + (side.new or 0)) / 2


def _side(watch: DerivedWatch, half: Half) -> Side:
    is_pay = watch.statistic != VACANCIES_TOPIC
    basis = half.basis if is_pay else None
    row = half.now.term.row(watch.statistic, basis) or (None, None, None)
    return Side(
        head=half.head,
        basis=basis,
        old=half.told.content.term.now(watch.statistic, basis),
        new=row[0],
        year_ago=row[1],
        old_as_of=half.told.as_of,
        quotes=half.ads(watch.statistic)[1],
    )
