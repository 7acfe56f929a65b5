"""Two readings of one subject to the changes between them. Pure; whether a change matters is not asked here."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Final

from alerts.model.changes import Change, ChangeKind, DatedContent, Figure, PayContext
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, Topic, pay_topic
from alerts.stats.counts import DAYS_A_MONTH, WindowOverlap
from alerts.wording import compared_region
from jobspider.model import Basis, Content, Figures, JobType, SnapshotInfo
from jobspider.site.statistics import PERCENTILES

_MOST_WINDOWS: Final = 4
_YEAR_ON_YEAR: Final = {"median": "median_change", "rank": "rank_change"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a recipient was told of a subject, and what is known now. ``told_at`` is when they were told.

    ``since`` are pages between the two, of the dates that :func:`independent_dates` chooses, the newest first; of
    their figures
    only those of the first table need be there. ``left`` are the skills of which they were last told that they had
    left the first of a list, with that list.
    """

    head: SnapshotInfo
    baseline: DatedContent
    current: DatedContent
    told_at: datetime
    intermediate: tuple[DatedContent, ...] = ()
    left_skills: Mapping[str, str] = field(default_factory=dict)

    def spacing(self, as_of: date | None = None) -> WindowOverlap:
        """Return how far the new side lies from the old one, or from a date between them."""
        return WindowOverlap(
            (self.current.as_of - (as_of or self.baseline.as_of)).days, self.head.subject.window_months
        )


def main_basis(job_type: JobType) -> Basis:
    """Return the basis on which a page's pay is stated first, and its locations' medians with it."""
    return Basis.ANNUAL if job_type is JobType.PERMANENT else Basis.DAILY


def independent_dates(dates: Sequence[date], told: date, now: date, window_months: int) -> tuple[date, ...]:
    """Choose among the dates between two readings those that help to tell a move of pay from chance.

    Those are the ones whose windows share no ad with the newest one nor with each other: a few at most, so that what a
    comparison costs does not grow with the history.

    Args:
        dates: For which there are pages, rising.
        told: Of the page that was told.
        now: Of the newest page.
        window_months: How long a window is.

    Returns:
        The newest first.
    """
    window = _length(window_months)
    between = dates[bisect_right(dates, told) : bisect_left(dates, now)]
    chosen: list[date] = []
    limit = now - window
    while len(chosen) < _MOST_WINDOWS and (known := bisect_right(between, limit)):
        chosen.append(between[known - 1])
        limit = chosen[-1] - window
    return tuple(chosen)


def has_independent_dates(told: date, now: date, window_months: int) -> bool:
    """Whether pages between two readings can help at all; :func:`independent_dates` says which."""
    return now - told > _length(window_months)


def topics_of(content: Content) -> tuple[Topic, ...]:
    """Return the topics that a page says anything about."""
    figures = content.term
    topics = [pay_topic(basis) for basis in Basis if figures.now("median", basis) is not None]
    topics += [topic for topic in (RANK_TOPIC, VACANCIES_TOPIC) if figures.now(topic) is not None]
    if content.top_skills:
        topics.append(SKILLS_TOPIC)
    if content.locations:
        topics.append(LOCATIONS_TOPIC)
    return tuple(topics)


def detect_changes(comparison: Comparison, topic: Topic) -> tuple[Change, ...]:
    """Return every difference about pay on a basis, the rank or the vacancies.

    What skills and places did is found by :mod:`alerts.detection.skills` and :mod:`alerts.detection.locations`.

    Args:
        comparison: Both sides.
        topic: As :func:`topics_of` gives it.
    """
    if topic in (RANK_TOPIC, VACANCIES_TOPIC):
        return tuple(figure_changes(comparison, topic, (topic,), None))
    assert topic.key is not None, "the topics without a basis are above"
    basis = Basis(topic.key)
    return tuple(figure_changes(comparison, topic, PERCENTILES, basis))


def _length(window_months: int) -> timedelta:
    return timedelta(days=ceil(window_months * DAYS_A_MONTH))


def is_median(change: Change) -> bool:
    """Whether a change is one of a page's own median."""
    return change.statistic == "median" and change.item is None


def pay_context(change: Change, content: Content) -> PayContext | None:
    """Return how pay around a median changed within a year, ``None`` where nothing of it is stated.

    Args:
        change: Of a median.
        content: Of the newest page.
    """
    category, other = content.category, compared_region(change.snapshot)
    found = PayContext(
        category.name if category else None,
        category.figures.now("median_change", change.basis) if category else None,
        other,
        content.term.now("parent_median_change", change.basis) if other else None,
    )
    return None if found.category_change is None and found.region_change is None else found


def figure_changes(
    comparison: Comparison, topic: Topic, statistics: tuple[str, ...], basis: Basis | None
) -> Iterator[Change]:
    """Yield what differs of some figures of the first table, each with its topic and basis."""
    then, now = comparison.baseline.content.term, comparison.current.content.term
    for statistic in statistics:
        old, new = then.now(statistic, basis), now.now(statistic, basis)
        if old != new:
            yield Change(
                snapshot=comparison.head,
                topic=topic,
                statistic=statistic,
                kind=ChangeKind.APPEARED
                if old is None
                else ChangeKind.DISAPPEARED
                if new is None
                else ChangeKind.MOVED,
                old=old,
                new=new,
                old_as_of=comparison.baseline.as_of,
                baseline_notified_at=comparison.told_at,
                basis=basis,
                year_on_year=_year_on_year(now, statistic, basis),
                sample_size=_ads(now, basis),
            )


def vacancy_count(figures: Figures) -> int:
    """Return how many ads a page counts; one that prints a dash for them has none."""
    return int(figures.now("vacancies") or 0)


def _year_on_year(figures: Figures, statistic: str, basis: Basis | None) -> Figure | None:
    """Return the page's own change against a year ago; for vacancies, that of its two columns."""
    if statistic in _YEAR_ON_YEAR:
        return figures.now(_YEAR_ON_YEAR[statistic], basis)
    row = figures.row(statistic, basis)
    if statistic != VACANCIES_TOPIC or row is None or row[0] is None or not row[1]:
        return None
    return (Decimal(row[0]) - row[1]) * 100 / row[1]


def _ads(figures: Figures, basis: Basis | None) -> int | None:
    found = figures.now("quotes", basis) if basis else figures.now("vacancies")
    return None if found is None else int(found)
