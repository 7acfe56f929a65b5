"""Skills: who entered the first places of a list, left them or came back, whose share moved, and by what chance. Pure.

A list is cut, so what is absent stands below the cut; and ties stand in no order. A skill is among the first N of a
list, or is not, only where every order of its ties and all that may stand below the cut agree on it. In between it
stands on the border, and a step onto the border or off it is no news (``docs/adr/0014-truncated-skill-lists.md``).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from alerts.detection.figures import Comparison, vacancy_count
from alerts.model.changes import Change, ChangeKind, Figure, Significance, SignificanceResult, SkillDetail
from alerts.model.topics import CATEGORY_SKILLS, SKILLS_TOPIC
from alerts.stats.counts import overlap_details, significance_result, two_proportion_p_value
from jobspider.model import TOP_SKILLS_LIST, Content, SkillShare

_PLACES_A_STEP: Final = 5
"""Of every so many first places, one has to be passed on the way in or out: of the first ten two."""


@dataclass(frozen=True, slots=True)
class SkillList:
    """One list of a page, which is not empty: its skills by name, and how often each is asked for, rising."""

    skills: Mapping[str, SkillShare]
    counts: Sequence[int]

    @classmethod
    def of(cls, skills: Sequence[SkillShare]) -> Self:
        """Return the list of these skills."""
        return cls({skill.name: skill for skill in skills}, sorted(skill.count for skill in skills))

    def certainly_in_top(self, top: int) -> Iterator[str]:
        """Yield the skills that are among the first ``top``, with all that are tied with them."""
        # Below a list's last line more may be tied with it.
        bar = self.counts[-top - 1] if len(self.counts) > top else self.counts[0]
        return (name for name, skill in self.skills.items() if skill.count > bar)

    def is_certainly_below_top(self, count: int, top: int) -> bool:
        """Whether a skill that is asked for so often, at most, is not among the first ``top``."""
        return 0 < top <= len(self.counts) and self.counts[-top] > count

    def best_rank(self, count: int) -> int:
        """Return the best position that a skill can have that is asked for so often: the first of its ties'."""
        return 1 + len(self.counts) - bisect_right(self.counts, count)

    def worst_rank(self, count: int) -> int:
        """Return the worst position that a listed skill can have: the last of its ties'."""
        return len(self.counts) - bisect_left(self.counts, count)

    def last_listed(self) -> SkillShare:
        """Return the skill that is asked for least of those listed."""
        return min(self.skills.values(), key=lambda skill: skill.count)


@dataclass(frozen=True, slots=True)
class PageSkills:
    """All lists of a page, the top list first, each skill's line, and in which category it stands."""

    lists: Mapping[str, SkillList]
    lines: Mapping[str, SkillShare]
    categories: Mapping[str, str]

    @classmethod
    def of(cls, content: Content) -> Self:
        """Return the lists of a page."""
        printed = {TOP_SKILLS_LIST: content.top_skills, **content.skills}
        lists = {name: SkillList.of(skills) for name, skills in printed.items() if skills}
        lines: dict[str, SkillShare] = {}
        for each in reversed(lists.values()):
            lines |= each.skills
        categories = {skill.name: name for name, skills in content.skills.items() for skill in skills}
        return cls(lists, lines, categories)

    def cutoff_for(self, name: str, beside: Self) -> SkillShare:
        """Return the skill than which one that is not listed is asked for no more often.

        Args:
            name: Of the skill.
            beside: Another page, which lists it.
        """
        cut = self.lists[TOP_SKILLS_LIST].last_listed()
        own = self.lists.get(beside.categories.get(name, TOP_SKILLS_LIST))
        return cut if own is None else min(cut, own.last_listed(), key=lambda skill: skill.count)

    def count(self, name: str, beside: Self) -> int:
        """Return how often a skill is asked for; of one that only another page lists, the most it can be."""
        line = self.lines.get(name)
        return (line or self.cutoff_for(name, beside)).count


@dataclass(frozen=True, slots=True)
class _SkillChange:
    """What became of a skill, in which list, and by how many points at least where it stands below a cut."""

    kind: ChangeKind
    skill_list: str
    at_least: Figure | None = None


def changes(comparison: Comparison, top: int, least: Figure = 0) -> Iterator[Change]:
    """Yield what became of skills, of each at most one change.

    A page without a top list (one with few ads has none) says nothing of any skill. A category that is listed on one of
    the pages alone says nothing of who entered it or left it.

    Args:
        comparison: Both sides.
        top: How many places of a list are its first; 0: nobody enters or leaves.
        least: Shares that moved by fewer points are left out.
    """
    then, now = PageSkills.of(comparison.baseline.content), PageSkills.of(comparison.current.content)
    if TOP_SKILLS_LIST not in then.lists or TOP_SKILLS_LIST not in now.lists:
        return
    crossed = {
        **_entered_or_left(then, now, top, ChangeKind.LEFT),
        **_entered_or_left(now, then, top, ChangeKind.ENTERED),
    }
    for name in dict.fromkeys((*now.lines, *then.lines)):
        moved = (
            _as_returned(name, crossed[name], comparison.left_skills)
            if name in crossed
            else _share_change(name, then, now, least)
        )
        if moved is not None:
            yield _change(comparison, name, moved, then, now)


def assess_share_change(change: Change, comparison: Comparison, min_quotes: int) -> SignificanceResult:
    """Weigh a skill's share; one below the cut is taken to stand at the cut, the least that it can have moved.

    Args:
        change: Out of :func:`changes`.
        comparison: Both sides.
        min_quotes: With fewer ads on either side nothing is judged.
    """
    ads = vacancy_count(comparison.baseline.content.term), vacancy_count(comparison.current.content.term)
    if min(ads) < min_quotes:
        return SignificanceResult(Significance.INSUFFICIENT_DATA, None, f"fewer than {min_quotes} ads ({min(ads)})")
    assert change.skill is not None, "a change of a skill has its detail"
    then, now = change.skill.ad_counts
    spacing = comparison.spacing()
    p_value = two_proportion_p_value(then / ads[0], ads[0], now / ads[1], ads[1], spacing)
    numbers = (*overlap_details(spacing, ads), ("of them asking for it then", then), ("and now", now))
    return significance_result(p_value, f"{ads[0]:,} and {ads[1]:,} ads", numbers)


def hypothesis_counts(in_top: int, in_all: int) -> Mapping[str, int]:
    """Return how many skills are compared, moved or not: those of the top list, and those of categories below it.

    Args:
        in_top: How many lines the top list of the newest page has.
        in_all: How many lines all its lists have; what stands in the top list stands in its category as well.
    """
    return {SKILLS_TOPIC: in_top, CATEGORY_SKILLS: max(0, in_all - 2 * in_top)}


def _entered_or_left(inside: PageSkills, outside: PageSkills, top: int, kind: ChangeKind) -> dict[str, _SkillChange]:
    """Return who is surely among the first of a list on one page, and on the other surely below them, by a margin.

    The top list comes before the categories'.
    """
    found: dict[str, _SkillChange] = {}
    margin = max(1, top // _PLACES_A_STEP)
    for list_name, within in inside.lists.items():
        beside = outside.lists.get(list_name)
        if beside is None:
            continue
        for name in within.certainly_in_top(top):
            count = outside.count(name, inside)
            was_moved = list_name not in (TOP_SKILLS_LIST, outside.categories.get(name, list_name))
            if was_moved or not beside.is_certainly_below_top(count, top):
                continue
            if beside.best_rank(count) - within.worst_rank(within.skills[name].count) >= margin:
                found.setdefault(name, _SkillChange(kind, list_name))
    return found


def _as_returned(name: str, crossed: _SkillChange, left: Mapping[str, str]) -> _SkillChange:
    """Return a crossing as whoever was told before sees it: who enters what they were told to have left, returns."""
    if crossed.kind is ChangeKind.ENTERED and left.get(name) in (crossed.skill_list, TOP_SKILLS_LIST):
        return replace(crossed, kind=ChangeKind.RETURNED)
    return crossed


def _share_change(name: str, then: PageSkills, now: PageSkills, least: Figure) -> _SkillChange | None:
    """Return how a skill's share moved, ``None`` if it did not, by fewer points, or below the cut for all one knows."""
    old, new = then.lines.get(name), now.lines.get(name)
    # Absent means below the cut, and that is no news but for what lies beyond it.
    kind = ChangeKind.APPEARED if old is None else ChangeKind.DISAPPEARED if new is None else ChangeKind.MOVED
    before, after = old or then.cutoff_for(name, now), new or now.cutoff_for(name, then)
    if before.share is None or after.share is None:
        return None
    rise = after.share - before.share
    points = abs(rise) if kind is ChangeKind.MOVED else rise if kind is ChangeKind.APPEARED else -rise
    if points <= 0 or points < least:
        return None
    in_top = name in now.lists[TOP_SKILLS_LIST].skills or name in then.lists[TOP_SKILLS_LIST].skills
    skill_list = TOP_SKILLS_LIST if in_top else now.categories.get(name) or then.categories[name]
    return _SkillChange(kind, skill_list, None if kind is ChangeKind.MOVED else points)


def _change(comparison: Comparison, name: str, moved: _SkillChange, then: PageSkills, now: PageSkills) -> Change:
    old, new = then.lines.get(name), now.lines.get(name)
    return Change(
        snapshot=comparison.head,
        topic=SKILLS_TOPIC,
        statistic="share",
        kind=moved.kind,
        old=old.share if old else None,
        new=new.share if new else None,
        old_as_of=comparison.baseline.as_of,
        baseline_notified_at=comparison.told_at,
        item=name,
        sample_size=vacancy_count(comparison.current.content.term),
        detail=SkillDetail(moved.skill_list, (then.count(name, now), now.count(name, then)), moved.at_least),
    )
