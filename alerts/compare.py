"""Two readings of one subject to the changes between them. Pure; whether a change matters is not asked here."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Final, Self

from alerts.chance import DAYS_A_MONTH
from alerts.model import (
    LOCATIONS_TOPIC,
    RANK_TOPIC,
    SKILLS_TOPIC,
    VACANCIES_TOPIC,
    Beside,
    Change,
    Figure,
    Kind,
    Reading,
    pay_topic,
)
from jobspider.model import Basis, Content, Figures, JobType, SkillShare, SnapshotHead
from jobspider.statistic import PERCENTILES

_MOST_WINDOWS: Final = 4
_YEAR_ON_YEAR: Final = {"median": "median_change", "rank": "rank_change"}


@dataclass(frozen=True, slots=True)
class Ranking:
    """A page's skills: those of the top list, which is not empty, by name and how often they are asked for, rising."""

    content: Content
    top: Mapping[str, SkillShare]
    counts: Sequence[int]

    @classmethod
    def of(cls, content: Content) -> Self:
        """Return the ranking of a page's skills."""
        top = {skill.name: skill for skill in content.top_skills}
        return cls(content, top, sorted(skill.count for skill in content.top_skills))

    def find(self, name: str) -> SkillShare | None:
        """Return a skill's line, if any list has one; one below the top list's cut may stand in its category."""
        return self.top.get(name) or share_of(self.content, name)

    def count(self, name: str) -> int:
        """Return how often a skill is asked for; one below every cut as often as the last of the top list, at most."""
        found = self.find(name)
        return found.count if found else self.counts[0]

    def position(self, skill: SkillShare | None) -> int:
        """Return a skill's position; ties share theirs.

        One below every cut (``None``) may be tied with the last of the top list, and is given that position: the best
        that it can have, lest a tie that falls off the end looks like news.
        """
        return 1 + len(self.counts) - bisect_right(self.counts, skill.count if skill else self.counts[0])


@dataclass(frozen=True)
class Comparison:
    """What a recipient was told of a subject, and what is known now. ``told_at`` is when they were told.

    ``since`` are pages between the two, of the dates that :func:`anchors` chooses, the newest first; of their figures
    only those of the first table need be there.
    """

    head: SnapshotHead
    old: Reading
    new: Reading
    told_at: datetime
    since: tuple[Reading, ...] = ()

    @cached_property
    def old_skills(self) -> Ranking:
        """The skills of the old side."""
        return Ranking.of(self.old.content)

    @cached_property
    def new_skills(self) -> Ranking:
        """The skills of the new side."""
        return Ranking.of(self.new.content)


def main_basis(job_type: JobType) -> Basis:
    """Return the basis on which a page's pay is stated first, and its locations' medians with it."""
    return Basis.ANNUAL if job_type is JobType.PERMANENT else Basis.DAILY


def anchors(dates: Sequence[date], told: date, now: date, window_months: int) -> tuple[date, ...]:
    """Choose among the dates between two readings those that help to tell a move of pay from chance.

    That is the last one at least half a window ago, and those whose windows share no ad with the newest one nor with
    each other: a few at most, so that what a comparison costs does not grow with the history.

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
    halfway = bisect_right(between, now - window / 2)
    if halfway and between[halfway - 1] not in chosen:
        chosen.insert(0, between[halfway - 1])
    return tuple(chosen)


def may_help(told: date, now: date, window_months: int) -> bool:
    """Whether pages between two readings can help at all; :func:`anchors` says which."""
    return now - told > _length(window_months) / 2


def topics_of(content: Content) -> tuple[str, ...]:
    """Return the topics that a page says anything about."""
    figures = content.term
    topics = [pay_topic(basis) for basis in figures.bases if figures.now("median", basis) is not None]
    topics += [topic for topic in (RANK_TOPIC, VACANCIES_TOPIC) if figures.now(topic) is not None]
    if content.top_skills:
        topics.append(SKILLS_TOPIC)
    if content.locations:
        topics.append(LOCATIONS_TOPIC)
    return tuple(topics)


def changes(comparison: Comparison, topic: str, top: int) -> tuple[Change, ...]:
    """Return every difference about one topic.

    Args:
        comparison: Both sides.
        topic: As :func:`topics_of` gives it.
        top: How many skills count as the top, for entering and leaving it.
    """
    if topic == SKILLS_TOPIC:
        return tuple(_skill_changes(comparison, top))
    if topic == LOCATIONS_TOPIC:
        return tuple(_location_changes(comparison))
    if topic in (RANK_TOPIC, VACANCIES_TOPIC):
        return tuple(_figure_changes(comparison, topic, (topic,), None))
    basis = Basis(topic.removeprefix("pay/"))
    return tuple(_figure_changes(comparison, topic, PERCENTILES, basis))


def _length(window_months: int) -> timedelta:
    return timedelta(days=ceil(window_months * DAYS_A_MONTH))


def is_median(change: Change) -> bool:
    """Whether a change is one of a page's own median."""
    return change.statistic == "median" and change.item is None


def beside(change: Change, content: Content) -> Beside | None:
    """Return how pay around a median changed within a year, ``None`` where nothing of it is stated.

    Args:
        change: Of a median.
        content: Of the newest page.
    """
    category, other = content.category, _compared_region(change.head)
    found = Beside(
        category.name if category else None,
        category.figures.now("median_change", change.basis) if category else None,
        other,
        content.term.now("parent_median_change", change.basis) if other else None,
    )
    return None if found.category is None and found.parent is None else found


def _compared_region(head: SnapshotHead) -> str | None:
    """Return the region whose median stands on a page beside its own, ``None`` where the page does not name it.

    It is the parent region; the whole country has none and is compared with a part of it (saved pages, 2013 to 2026).
    """
    if head.subject.region == "uk":
        return "UK excluding London"
    return head.names.parent_region


def share_of(content: Content, name: str) -> SkillShare | None:
    """Return a skill's line from the top list or, for one below its cut, from its category; ``None`` if in neither."""
    for skills in (content.top_skills, *content.skills.values()):
        for skill in skills:
            if skill.name == name:
                return skill
    return None


def _figure_changes(
    comparison: Comparison, topic: str, statistics: tuple[str, ...], basis: Basis | None
) -> Iterator[Change]:
    then, now = comparison.old.content.term, comparison.new.content.term
    for statistic in statistics:
        old, new = then.now(statistic, basis), now.now(statistic, basis)
        if old != new:
            yield Change(
                head=comparison.head,
                topic=topic,
                statistic=statistic,
                kind=Kind.STATED if old is None else Kind.UNSTATED if new is None else Kind.MOVED,
                old=old,
                new=new,
                old_as_of=comparison.old.as_of,
                told_at=comparison.told_at,
                basis=basis,
                year_on_year=_year_on_year(now, statistic, basis),
                quotes=_ads(now, basis),
            )


def _location_changes(comparison: Comparison) -> Iterator[Change]:
    """Compare medians of the places that both sides list; a place that comes or goes is a matter of one or two ads."""
    before = {row.name: row for row in comparison.old.content.locations}
    for row in comparison.new.content.locations:
        old = before.get(row.name)
        if old is not None and None not in (old.median, row.median) and old.median != row.median:
            yield Change(
                head=comparison.head,
                topic=LOCATIONS_TOPIC,
                statistic="median",
                kind=Kind.MOVED,
                old=old.median,
                new=row.median,
                old_as_of=comparison.old.as_of,
                told_at=comparison.told_at,
                basis=main_basis(comparison.head.subject.job_type),
                item=row.name,
                year_on_year=row.median_change,
                quotes=row.vacancies,
            )


def _skill_changes(comparison: Comparison, top: int) -> Iterator[Change]:
    """Compare the shares of every skill in either top list, and tell who crossed the first ``top`` positions.

    A page without a top list (one with few ads has none) says nothing of any skill.
    """
    then, now = comparison.old_skills, comparison.new_skills
    if not then.top or not now.top:
        return
    ads = _ads(comparison.new.content.term, None)
    for name in dict.fromkeys((*now.top, *then.top)):
        old, new = then.find(name), now.find(name)
        was_in, is_in = then.position(old) <= top, now.position(new) <= top
        shares = old.share if old else None, new.share if new else None
        at_least = None
        if was_in != is_in:
            kind = Kind.ENTERED if is_in else Kind.LEFT
        elif old is None or new is None:
            # Absent means below the cut, and that is no news but for what lies beyond it.
            kind = Kind.STATED if old is None else Kind.UNSTATED
            at_least = _beyond_the_cut(shares, then if old is None else now)
            if not at_least:
                continue
        elif None in shares or shares[0] == shares[1]:
            continue
        else:
            kind = Kind.MOVED
        yield Change(
            head=comparison.head,
            topic=SKILLS_TOPIC,
            statistic="share",
            kind=kind,
            old=shares[0],
            new=shares[1],
            old_as_of=comparison.old.as_of,
            told_at=comparison.told_at,
            item=name,
            quotes=ads,
            at_least=at_least,
        )


def _beyond_the_cut(shares: tuple[Figure | None, Figure | None], beside: Ranking) -> Figure:
    """Return by how much the share that is stated exceeds the last one of the list that lacks the skill."""
    stated = shares[0] if shares[1] is None else shares[1]
    cut = beside.content.top_skills[-1].share
    return Decimal(0) if stated is None or cut is None else max(Decimal(0), Decimal(stated) - cut)


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
