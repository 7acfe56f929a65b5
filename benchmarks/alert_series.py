"""Pay of many simulated subjects held in memory: a quick way to tell from it, by this engine and by its rivals.

A threshold on a series of medians needs no database. The engine's own comparison, noise and rules are put to the same
series without one, a thousand subjects in the time that fifty take with it; ``alert_quality.py`` sees on one setting
that both ways tell the same.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.config import DigestConfig
from alerts.detection.figures import Comparison, detect_changes, has_independent_dates, independent_dates
from alerts.detection.selection import ChangeSelector, has_rule, threshold_ratio
from alerts.detection.significance import assess_changes
from alerts.model.changes import DatedContent, Decision
from alerts.model.topics import pay_topic
from alerts.stats.pay import assess_pay_change
from benchmarks.admarket import HEAPED, Market, Page, Truth
from jobspider.model import Basis, Content, JobType, SnapshotInfo, Subject, SubjectNames

FIRST: Final = date(2023, 1, 2)
WEEK: Final = timedelta(weeks=1)
A_DIGEST: Final = 40
"""Subjects that one digest tells of."""
PAY: Final = pay_topic(Basis.ANNUAL)
STEP: Final = 1.10
MARKET: Final = 1.06
DRIFT: Final = 0.04
LONG_BEFORE: Final = -156
TRUTHS: Final = ("nothing", "nothing", "step", "step", "drift", "old drift", "skill", "market")
"""An old drift went on for years before the first page is read; the other begins with it."""
SOON: Final = 26
WITHIN: Final = 60
_FIRST: Final = ("median", "p25", "p75", "p10", "p90")
"""Which line about pay a digest puts first: whether pay rose is taken from it."""
_NEVER: Final = 10**6
_STEPS_TRIED: Final = 0.25

Series = Sequence[Sequence[Content]]


@dataclass(frozen=True, slots=True)
class Told:
    """That pay of a subject was told in a week, and whether it rose."""

    number: int
    week: int
    rose: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How pay was told.

    ``false`` are alerts a subject-year where nothing had happened; ``delay`` the median weeks until +10 % was told, and
    ``market`` until +6 % was (``None``: more than half were never), ``soon`` the part of +10 % told within 26 weeks.
    ``drift`` and ``old_drift`` are the weeks until each drift of 4 % a year was told, ``None`` for never.
    """

    false: float
    delay: float | None
    soon: float
    market: float | None
    drift: tuple[int | None, ...]
    old_drift: tuple[int | None, ...]


def truths(count: int, weeks: int, seed: str) -> list[Truth]:
    """Return what happens to each of so many subjects; what happens to the market does so to all in the same week."""
    rng = Random(seed)  # noqa: S311 - a simulation that must repeat itself
    found = []
    for number in range(count):
        kind = TRUTHS[number % len(TRUTHS)]
        at = {"nothing": weeks, "drift": 0, "old drift": LONG_BEFORE, "market": weeks // 2}.get(kind)
        factor = {"step": STEP, "drift": DRIFT, "old drift": DRIFT, "market": MARKET}.get(kind, 1.0)
        found.append(Truth(kind, weeks // 2 + rng.randint(-6, 6) if at is None else at, factor))
    return found


def published(quotes: int, truth: Sequence[Truth], weeks: int, seed: str, market: Market = HEAPED) -> Series:
    """Return what the page of each subject says of pay, week by week."""
    pages = [Page(each, quotes, f"{seed} {number}", market, has_skills=False) for number, each in enumerate(truth)]
    return [[page.next() for _ in range(weeks)] for page in pages]


def as_of(week: int) -> date:
    """Return the date that the pages of a week state."""
    return FIRST + week * WEEK


def told_by_digests(series: Series, digest: DigestConfig, size: int = A_DIGEST) -> list[Told]:
    """Return what the engine tells of subjects in digests of so many each."""
    return [
        Told(first + each.number, each.week, each.rose)
        for first in range(0, len(series), size)
        for each in by_engine(series[first : first + size], digest)
    ]


def by_engine(series: Series, digest: DigestConfig) -> Iterator[Told]:
    """Yield what the engine tells of pay in one digest: its comparison, noise and rules, put to pages in memory."""
    heads = [_head(number) for number in range(len(series))]
    heard = [0] * len(series)
    for week in range(1, len(series[0])):
        docket = ChangeSelector(digest.rules, digest.noise)
        for head, pages, last in zip(heads, series, heard, strict=True):
            comparison = _comparison(head, pages, last, week)
            found = detect_changes(comparison, PAY) if has_rule(PAY, digest.rules) else ()
            for change, evidence in assess_changes(found, comparison, digest.noise.min_quotes):
                docket.add(change, evidence)
        told: dict[int, bool] = {}
        lines = [line for line in docket.select() if line.decision is Decision.REPORTED]
        for line in sorted(lines, key=lambda line: _FIRST.index(line.change.statistic)):
            told.setdefault(line.change.snapshot.subject_id, (line.change.difference or 0) > 0)
        for number, rose in told.items():
            heard[number] = week
            yield Told(number, week, rose)


def by_reference(series: Series, digest: DigestConfig, most: float) -> Iterator[Told]:
    """Yield what all percentiles against the one page told, at a fixed p-value, would tell: what is to be beaten."""
    for number, pages in enumerate(series):
        head, last = _head(number), 0
        for week in range(1, len(pages)):
            comparison = _comparison(head, pages, last, week)
            large = [
                each for each in detect_changes(comparison, PAY) if (threshold_ratio(each, digest.rules) or 0) >= 1
            ]
            if not large:
                continue
            then, now = comparison.baseline.content.term, comparison.current.content.term
            of = assess_pay_change(then, now, Basis.ANNUAL, comparison.spacing(), digest.noise.min_quotes)
            if of.p_value is not None and of.p_value <= most:
                last = week
                yield Told(number, week, (large[0].difference or 0) > 0)


def by_threshold(medians: Sequence[Sequence[float | None]], percent: float, *, since_told: bool) -> Iterator[Told]:
    """Yield what a rule tells that only asks whether the median moved by so many percent.

    A median that comes or goes, as on pages of few ads, is not told.
    """
    for number, of in enumerate(medians):
        known = [(week, value) for week, value in enumerate(of) if value is not None]
        last = known[0][1]
        for week, now in known[1:]:
            is_told = abs(now - last) * 100 >= percent * last * (1 - 1e-12)
            if is_told:
                yield Told(number, week, now > last)
            if is_told or not since_told:
                last = now


def medians_of(series: Series) -> list[list[float | None]]:
    """Return the medians of pages, ``None`` where none is stated."""
    stated = [[page.term.now("median", Basis.ANNUAL) for page in pages] for pages in series]
    return [[None if value is None else float(value) for value in of] for of in stated]


def tuned(
    medians: Sequence[Sequence[float | None]], truth: Sequence[Truth], false: float, *, since_told: bool
) -> float:
    """Return the least percentage at which a threshold makes no more false alerts than so many a subject-year."""
    percent = _STEPS_TRIED
    while score([*by_threshold(medians, percent, since_told=since_told)], truth, len(medians[0])).false > false:
        percent += _STEPS_TRIED
    return percent


def score(told: Sequence[Told], truth: Sequence[Truth], weeks: int) -> Score:
    """Return how well so much telling of pay was."""
    by_subject: dict[int, list[Told]] = {number: [] for number in range(len(truth))}
    for each in told:
        by_subject[each.number].append(each)
    false, years = 0, 0.0
    delays: dict[str, list[int | None]] = {kind: [] for kind in TRUTHS}
    for number, of in enumerate(truth):
        innocent = weeks if of.kind in ("nothing", "skill") else max(0, of.at)
        years += innocent / 52
        false += sum(each.week < innocent for each in by_subject[number])
        since = max(0, of.at)
        rises = (each.week - since for each in by_subject[number] if each.week >= since and each.rose)
        delays[of.kind].append(next(rises, None))
    step = delays["step"]
    return Score(
        false / years,
        middle(step),
        sum(weeks is not None and weeks <= SOON for weeks in step) / len(step),
        middle(delays["market"]),
        tuple(delays["drift"]),
        tuple(delays["old drift"]),
    )


def middle(delays: Sequence[int | None]) -> float | None:
    """Return the median delay, never told being longer than any; ``None`` if that is the median."""
    found = median([_NEVER if each is None else each for each in delays])
    return None if found >= _NEVER / 2 else found


def part_within(delays: Sequence[int | None], weeks: int = WITHIN) -> float:
    """Return which part was told within so many weeks."""
    return sum(each is not None and each <= weeks for each in delays) / len(delays)


def _head(number: int) -> SnapshotInfo:
    subject = Subject(JobType.PERMANENT, "north west", f"term {number:03}")
    names = SubjectNames(subject.term.title(), "role", "Job Titles", "North West", "England")
    return SnapshotInfo(number, number, number, subject, names, "", FIRST, datetime(2023, 1, 2, tzinfo=UTC), 1)


def _comparison(head: SnapshotInfo, pages: Sequence[Content], last: int, week: int) -> Comparison:
    """Put a page beside the one that was told, with those between that help."""
    old, new = DatedContent(as_of(last), pages[last]), DatedContent(as_of(week), pages[week])
    since: tuple[DatedContent, ...] = ()
    if has_independent_dates(old.as_of, new.as_of, head.subject.window_months):
        between = [as_of(each) for each in range(week)]
        chosen = independent_dates(between, old.as_of, new.as_of, head.subject.window_months)
        since = tuple(DatedContent(day, pages[(day - FIRST) // WEEK]) for day in chosen)
    return Comparison(head, old, new, head.fetched_at, since)
