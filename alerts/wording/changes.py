"""What changed, as a person would say it."""

from typing import Final, Literal

from alerts.model.changes import AssessedChange, Change, ChangeKind, CompositionEffect, PayContext, Series, Significance
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC
from alerts.wording.derived import pair_now
from alerts.wording.figures import (
    SHARE,
    difference,
    format_date,
    format_value,
    format_value_with_period,
    percent,
    places,
    share,
    unit_of,
    year_on_year,
)
from alerts.wording.subjects import in_region, window_text
from alerts.wording.titles import lower, statistic
from jobspider.model import TOP_SKILLS_LIST
from jobspider.site.statistics import BY_KEY, Unit

_STEPS_SAID: Final = 6
_ALL: Final = 0.975
"""From this part on, rounded to twentieths, it is all."""

Direction = Literal["up", "down", "level"]

_KINDS: Final = {
    ChangeKind.ENTERED: ("entered the top {}",),
    ChangeKind.LEFT: ("left the top {}",),
    ChangeKind.RETURNED: ("back among the top {}",),
    ChangeKind.APPEARED: ("now stated",),
    ChangeKind.DISAPPEARED: ("no longer stated",),
    ChangeKind.MOVED: (),
}
_VERDICTS: Final = {
    Significance.CLEAR: "clear change",
    Significance.LIKELY: "likely change",
    Significance.NOISE: "within chance",
    Significance.INSUFFICIENT_DATA: "too few ads to judge",
}


def verdict(of: Significance) -> str:
    """Return a verdict in words."""
    return _VERDICTS[of]


def direction(change: Change) -> Direction:
    """Return which way a change goes as people say it: a rank that falls from 154 to 120 goes up.

    What is newly stated or enters goes up, what leaves or is stated no more goes down.
    """
    if change.kind is not ChangeKind.MOVED or change.difference is None:
        return "down" if change.kind in (ChangeKind.LEFT, ChangeKind.DISAPPEARED) else "up"
    rise = -change.difference if unit_of(change.statistic) is Unit.RANK else change.difference
    return "up" if rise > 0 else "down" if rise < 0 else "level"


def is_good(change: Change) -> bool | None:
    """Whether a move is good news for those who do the work; ``None`` where it is neither."""
    known = BY_KEY.get(change.statistic)
    way = direction(change)
    if known is None or known.better is None or way == "level" or change.kind is not ChangeKind.MOVED:
        return None
    return way == "up"


def change_text(change: Change) -> str:
    """Return what happened, after the figures: ``+£2,500 (+4.2 %)``, ``34 places up``, ``entered the top skills``.

    A skill may also have entered or left the top of its category, ``left the top Programming Languages``.

    A percentage of a share or of a rank says nothing and is left out.
    """
    said = [words.format(_listed(change)) for words in _KINDS[change.kind]]
    if change.difference is not None:
        is_relative = change.derived is None and unit_of(change.statistic) in (Unit.POUNDS, Unit.ADS)
        relative = change.percent if is_relative else None
        by = difference(change.statistic, change.difference, change.basis)
        said.append(by if relative is None else f"{by} ({percent(relative)})")
    return ", ".join(said)


def headline_of(line: AssessedChange) -> str:
    """Return a line as a sentence: ``Backend Developer pay in the North West is up £2,500 to £62,500``.

    Of a derived watch: ``London premium is up 4.2 points to +25.0 % (London £77,500, North West £62,000)``.
    """
    change = line.change
    subject, names = change.snapshot.subject, change.snapshot.names
    if change.derived is not None:
        return f"{change.derived.watch.name} is {_headline_change(change)} ({pair_now(change.derived)})"
    # "day rate" or "pay" already says whether it is a contract's or a permanent job's.
    marks = window_text(subject) if change.basis else (subject.job_type, *window_text(subject))
    tail = f" ({', '.join(marks)})" if marks else ""
    where = in_region(names.region_name)
    if change.topic == SKILLS_TOPIC:
        return f"{change.item} {_skill_news(change)} {names.term_name} {where}{_skill_share(change)}{tail}"
    if change.topic == RANK_TOPIC and change.difference:
        by = f"{direction(change)} {places(change.difference)}"
        return f"{names.term_name} is {by} to rank {format_value('rank', change.new)} {where}{tail}"
    if change.topic == LOCATIONS_TOPIC and change.item:
        where = in_region(change.item)
    title = statistic(change.statistic, change.basis)
    noun = "pay" if title == "Median salary" else lower(title.removeprefix("Median "))
    verb = "are" if unit_of(change.statistic) is Unit.ADS else "is"
    return f"{names.term_name} {noun} {where} {verb} {_headline_change(change)}{tail}"


def pay_context_text(around: PayContext) -> tuple[str, ...]:
    """Return how pay around a subject changed: ``Job Titles -9.0 % on the year``, ``England +2.1 % on the year``."""
    said = [
        (around.category_name or "the category", around.category_change),
        (around.parent_name or "the region beside it", around.region_change),
    ]
    return tuple(f"{name} {year_on_year('median', change)}" for name, change in said if change is not None)


def composition_text(of: CompositionEffect) -> str:
    """Return whether a median moved by mix or by level: ``about 40 % of it is mix: London rose from 40.0 % to ...``."""
    if not of.is_cause:
        return "the places' own medians moved, not their mix"
    part = "all" if of.fraction >= _ALL else f"about {round(20 * of.fraction) * 5} %"
    way = "rose" if of.share_now > of.share_then else "fell"
    return f"{part} of it is mix: {of.location} {way} from {of.share_then:.1f} % to {of.share_now:.1f} % of the ads"


def series_text(series: Series) -> str:
    """Return a figure's way through time: ``Median salary: £60,000 from 16 Jun 2025, £62,500 from 22 Sep 2025``.

    Only where it moves, and at most the last :data:`_STEPS_SAID` times.
    """
    figures = [value for _, value in series.points]
    steps = [point for point, before in zip(series.points, [None, *figures], strict=False) if point[1] != before]
    said = [
        f"{format_value(series.statistic, value, series.basis)} from {format_date(at)}"
        for at, value in steps[-_STEPS_SAID:]
    ]
    last = f"last seen {format_date(series.points[-1][0])}"
    return f"{statistic(series.statistic, series.basis)}: {', '.join([*said, last])}"


def _headline_change(change: Change) -> str:
    """Say what a figure did: ``up £2,500 to £62,500``."""
    old, new = (format_value_with_period(change.statistic, value, change.basis) for value in (change.old, change.new))
    if change.difference:
        unsigned = difference(change.statistic, change.difference, change.basis)[1:]  # "up" and "down" are the sign
        return f"{direction(change)} {unsigned} to {new}"
    if change.old is None:
        return f"now stated: {new}"
    return f"no longer stated (it was {old})" if change.new is None else f"unchanged at {new}"


def _skill_news(change: Change) -> str:
    match change.kind:
        case ChangeKind.ENTERED:
            return f"is now among the top {_listed(change)} for"
        case ChangeKind.LEFT:
            return f"is no longer among the top {_listed(change)} for"
        case ChangeKind.RETURNED:
            return f"is back among the top {_listed(change)} for"
        case ChangeKind.APPEARED:
            return "is newly listed among the skills for"
        case ChangeKind.DISAPPEARED:
            return "is no longer listed among the skills for"
        case ChangeKind.MOVED:
            return f"is in {format_value(SHARE, change.new)} of the ads for"


def _listed(change: Change) -> str:
    """Return what a list is of: ``skills``, or a category as printed: ``Programming Languages``."""
    return "skills" if change.skill is None or change.skill.list_name == TOP_SKILLS_LIST else change.skill.list_name


def _skill_share(change: Change) -> str:
    if change.kind is not ChangeKind.MOVED or not change.difference:
        return ""
    return f", {direction(change)} {share(change.difference)} points"
