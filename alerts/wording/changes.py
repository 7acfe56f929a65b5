"""Describe changes in sentences and short phrases."""

from typing import Final, Literal

from alerts.model.changes import AssessedChange, Change, ChangeKind, CompositionEffect, PayContext, Series, Significance
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC
from alerts.wording.derived import derived_figures_text
from alerts.wording.figures import (
    SHARE,
    format_date,
    format_difference,
    format_percent,
    format_places,
    format_share,
    format_value,
    format_value_with_period,
    format_year_on_year,
    unit_of,
)
from alerts.wording.subjects import in_region, window_text
from alerts.wording.titles import lowercase_first, statistic_title
from jobspider.model import TOP_SKILLS_LIST
from jobspider.site.statistics import BY_KEY, Unit

_MAX_STEPS: Final = 6
_WHOLE_FRACTION: Final = 0.975
"""A fraction from here on is described as all."""

Direction = Literal["up", "down", "level"]

_KIND_TEXTS: Final = {
    ChangeKind.ENTERED: ("entered the top {}",),
    ChangeKind.LEFT: ("left the top {}",),
    ChangeKind.RETURNED: ("back among the top {}",),
    ChangeKind.APPEARED: ("now stated",),
    ChangeKind.DISAPPEARED: ("no longer stated",),
    ChangeKind.MOVED: (),
}
_SIGNIFICANCE_TEXTS: Final = {
    Significance.CLEAR: "clear change",
    Significance.LIKELY: "likely change",
    Significance.NOISE: "within chance",
    Significance.INSUFFICIENT_DATA: "too few ads to judge",
}


def significance_text(significance: Significance) -> str:
    """Return a verdict as text: ``clear change``."""
    return _SIGNIFICANCE_TEXTS[significance]


def direction(change: Change) -> Direction:
    """Return the direction in which a reader sees a change: a rank that falls from 154 to 120 goes up.

    A figure that appears or a skill that enters goes up; one that disappears or leaves goes down.
    """
    if change.kind is not ChangeKind.MOVED or change.difference is None:
        return "down" if change.kind in (ChangeKind.LEFT, ChangeKind.DISAPPEARED) else "up"
    rise = -change.difference if unit_of(change.statistic) is Unit.RANK else change.difference
    return "up" if rise > 0 else "down" if rise < 0 else "level"


def is_good_news(change: Change) -> bool | None:
    """Whether a change is good news for people who do this work; ``None`` if it is neither good nor bad."""
    known = BY_KEY.get(change.statistic)
    change_direction = direction(change)
    if known is None or known.better is None or change_direction == "level" or change.kind is not ChangeKind.MOVED:
        return None
    return change_direction == "up"


def change_text(change: Change) -> str:
    """Return the short form of a change: ``+£2,500 (+4.2 %)``, ``34 places up``, ``left the top skills``.

    Shares and ranks get no relative change.
    """
    parts = [text.format(_list_name(change)) for text in _KIND_TEXTS[change.kind]]
    if change.difference is not None:
        is_relative = change.derived is None and unit_of(change.statistic) in (Unit.POUNDS, Unit.ADS)
        relative = change.percent if is_relative else None
        by = format_difference(change.statistic, change.difference, change.basis)
        parts.append(by if relative is None else f"{by} ({format_percent(relative)})")
    return ", ".join(parts)


def headline_text(line: AssessedChange) -> str:
    """Return a change as a sentence: ``Backend Developer pay in the North West is up £2,500 to £62,500``.

    A derived watch: ``London premium is up 4.2 points to +25.0 % (London £77,500, North West £62,000)``.
    """
    change = line.change
    subject, names = change.snapshot.subject, change.snapshot.names
    if change.derived is not None:
        return f"{change.derived.watch.name} is {_headline_change(change)} ({derived_figures_text(change.derived)})"
    # "day rate" and "pay" imply the job type.
    marks = window_text(subject) if change.basis else (subject.job_type, *window_text(subject))
    tail = f" ({', '.join(marks)})" if marks else ""
    where = in_region(names.region_name)
    if change.topic == SKILLS_TOPIC:
        return f"{change.item} {_skill_change(change)} {names.term_name} {where}{_skill_share(change)}{tail}"
    if change.topic == RANK_TOPIC and change.difference:
        by = f"{direction(change)} {format_places(change.difference)}"
        return f"{names.term_name} is {by} to rank {format_value('rank', change.new)} {where}{tail}"
    if change.topic == LOCATIONS_TOPIC and change.item:
        where = in_region(change.item)
    title = statistic_title(change.statistic, change.basis)
    noun = "pay" if title == "Median salary" else lowercase_first(title.removeprefix("Median "))
    verb = "are" if unit_of(change.statistic) is Unit.ADS else "is"
    return f"{names.term_name} {noun} {where} {verb} {_headline_change(change)}{tail}"


def pay_context_text(context: PayContext) -> tuple[str, ...]:
    """Return the yearly changes of the category and the comparison region: ``England +2.1 % on the year``."""
    changes = [
        (context.category_name or "the category", context.category_change),
        (context.parent_name or "the region beside it", context.region_change),
    ]
    return tuple(f"{name} {format_year_on_year('median', change)}" for name, change in changes if change is not None)


def composition_text(effect: CompositionEffect) -> str:
    """Return the cause of a median's change: ``about 40 % of it is mix: London rose from 40.0 % to ...``."""
    if not effect.is_cause:
        return "the places' own medians moved, not their mix"
    part = "all" if effect.fraction >= _WHOLE_FRACTION else f"about {round(20 * effect.fraction) * 5} %"
    verb = "rose" if effect.share_now > effect.share_then else "fell"
    shares = f"from {effect.share_then:.1f} % to {effect.share_now:.1f} % of the ads"
    return f"{part} of it is mix: {effect.location} {verb} {shares}"


def series_text(series: Series) -> str:
    """Return the steps of a figure: ``Median salary: £60,000 from 16 Jun 2025, £62,500 from 22 Sep 2025``.

    Only dates on which it changed are listed, at most the last :data:`_MAX_STEPS`.
    """
    figures = [value for _, value in series.points]
    steps = [point for point, before in zip(series.points, [None, *figures], strict=False) if point[1] != before]
    texts = [
        f"{format_value(series.statistic, value, series.basis)} from {format_date(day)}"
        for day, value in steps[-_MAX_STEPS:]
    ]
    last = f"last seen {format_date(series.points[-1][0])}"
    return f"{statistic_title(series.statistic, series.basis)}: {', '.join([*texts, last])}"


def _headline_change(change: Change) -> str:
    """Return the predicate of a headline: ``up £2,500 to £62,500``."""
    old, new = (format_value_with_period(change.statistic, value, change.basis) for value in (change.old, change.new))
    if change.difference:
        unsigned = format_difference(change.statistic, change.difference, change.basis)[
            1:
        ]  # "up" and "down" replace the sign
        return f"{direction(change)} {unsigned} to {new}"
    if change.old is None:
        return f"now stated: {new}"
    return f"no longer stated (it was {old})" if change.new is None else f"unchanged at {new}"


def _skill_change(change: Change) -> str:
    match change.kind:
        case ChangeKind.ENTERED:
            return f"is now among the top {_list_name(change)} for"
        case ChangeKind.LEFT:
            return f"is no longer among the top {_list_name(change)} for"
        case ChangeKind.RETURNED:
            return f"is back among the top {_list_name(change)} for"
        case ChangeKind.APPEARED:
            return "is newly listed among the skills for"
        case ChangeKind.DISAPPEARED:
            return "is no longer listed among the skills for"
        case ChangeKind.MOVED:
            return f"is in {format_value(SHARE, change.new)} of the ads for"


def _list_name(change: Change) -> str:
    """Return ``skills``, or the category as printed: ``Programming Languages``."""
    return "skills" if change.skill is None or change.skill.list_name == TOP_SKILLS_LIST else change.skill.list_name


def _skill_share(change: Change) -> str:
    if change.kind is not ChangeKind.MOVED or not change.difference:
        return ""
    return f", {direction(change)} {format_share(change.difference)} points"
