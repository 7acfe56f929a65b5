"""What changed, as a person would say it."""

from typing import Final, Literal

from alerts.model import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, Beside, Change, Kind, Line, Series, Verdict
from alerts.wording.figures import SHARE, amount, day, difference, figure, percent, places, share, unit_of, year_on_year
from alerts.wording.subjects import in_region, window
from jobspider.model import Basis
from jobspider.statistic import BY_KEY, Unit

_STEPS_SAID: Final = 6

Direction = Literal["up", "down", "level"]

_TOPICS: Final = {
    "pay/annual": "Salary",
    "pay/daily": "Day rate",
    "pay/hourly": "Hourly rate",
    "rank": "Demand rank",
    "vacancies": "Vacancies",
    "skills": "Skills",
    "locations": "Locations",
}
_TITLES: Final = {"rank": "Demand rank"}
_PAY: Final = {Basis.ANNUAL: "salary", Basis.DAILY: "day rate", Basis.HOURLY: "hourly rate"}
_KINDS: Final = {
    Kind.ENTERED: ("entered the top skills",),
    Kind.LEFT: ("left the top skills",),
    Kind.STATED: ("now stated",),
    Kind.UNSTATED: ("no longer stated",),
    Kind.MOVED: (),
}
_VERDICTS: Final = {
    Verdict.CLEAR: "clear change",
    Verdict.LIKELY: "likely change",
    Verdict.NOISE: "within chance",
    Verdict.TOO_FEW: "too few ads to judge",
}


def topic(key: str) -> str:
    """Return a topic's title: ``Salary``, ``Day rate``, ``Demand rank``, ``Skills``."""
    return _TOPICS[key]


def verdict(of: Verdict) -> str:
    """Return a verdict in words."""
    return _VERDICTS[of]


def statistic(key: str, basis: Basis | None = None, item: str | None = None) -> str:
    """Return a figure's title: ``Median day rate``, ``10th percentile salary``, ``Skill Python: share``.

    Args:
        key: The registry's, or ``share`` for a skill.
        basis: What pay is paid for.
        item: The skill's or the location's name.
    """
    if key == SHARE:
        return f"Skill {item}: share"
    known = BY_KEY[key]
    title = _TITLES.get(key, known.title)
    if known.unit is Unit.POUNDS:
        title = f"{title} {_PAY[basis] if basis else 'pay'}"
    return f"{item}: {_lower(title)}" if item else title


def direction(change: Change) -> Direction:
    """Return which way a change goes as people say it: a rank that falls from 154 to 120 goes up.

    What is newly stated or enters goes up, what leaves or is stated no more goes down.
    """
    if change.kind is not Kind.MOVED or change.difference is None:
        return "down" if change.kind in (Kind.LEFT, Kind.UNSTATED) else "up"
    rise = -change.difference if unit_of(change.statistic) is Unit.RANK else change.difference
    return "up" if rise > 0 else "down" if rise < 0 else "level"


def is_good(change: Change) -> bool | None:
    """Whether a move is good news for those who do the work; ``None`` where it is neither."""
    known = BY_KEY.get(change.statistic)
    way = direction(change)
    if known is None or known.better is None or way == "level" or change.kind is not Kind.MOVED:
        return None
    return way == "up"


def moved(change: Change) -> str:
    """Return what happened, after the figures: ``+£2,500 (+4.2 %)``, ``34 places up``, ``entered the top skills``.

    A percentage of a share or of a rank says nothing and is left out.
    """
    said = list(_KINDS[change.kind])
    if change.difference is not None:
        relative = change.percent if unit_of(change.statistic) in (Unit.POUNDS, Unit.ADS) else None
        by = difference(change.statistic, change.difference, change.basis)
        said.append(by if relative is None else f"{by} ({percent(relative)})")
    return ", ".join(said)


def headline_of(line: Line) -> str:
    """Return a line as a sentence: ``Backend Developer pay in the North West is up £2,500 to £62,500``."""
    change = line.change
    subject, names = change.head.subject, change.head.names
    # "day rate" or "pay" already says whether it is a contract's or a permanent job's.
    marks = window(subject) if change.basis else (subject.job_type, *window(subject))
    tail = f" ({', '.join(marks)})" if marks else ""
    where = in_region(names.region_name)
    if change.topic == SKILLS_TOPIC:
        return f"{change.item} {_skill_news(change)} {names.term_name} {where}{_skill_share(change)}{tail}"
    if change.topic == RANK_TOPIC and change.difference:
        by = f"{direction(change)} {places(change.difference)}"
        return f"{names.term_name} is {by} to rank {amount('rank', change.new)} {where}{tail}"
    if change.topic == LOCATIONS_TOPIC and change.item:
        where = in_region(change.item)
    title = statistic(change.statistic, change.basis)
    noun = "pay" if title == "Median salary" else _lower(title.removeprefix("Median "))
    verb = "are" if unit_of(change.statistic) is Unit.ADS else "is"
    return f"{names.term_name} {noun} {where} {verb} {_news(change)}{tail}"


def beside(around: Beside) -> tuple[str, ...]:
    """Return how pay around a subject changed: ``Job Titles -9.0 % on the year``, ``England +2.1 % on the year``."""
    said = [
        (around.category_name or "the category", around.category),
        (around.parent_name or "the parent region", around.parent),
    ]
    return tuple(f"{name} {year_on_year('median', change)}" for name, change in said if change is not None)


def history(series: Series) -> str:
    """Return a figure's way through time: ``Median salary: £60,000 from 16 Jun 2025, £62,500 from 22 Sep 2025``.

    Only where it moves, and at most the last :data:`_STEPS_SAID` times.
    """
    figures = [value for _, value in series.points]
    steps = [point for point, before in zip(series.points, [None, *figures], strict=False) if point[1] != before]
    said = [f"{amount(series.statistic, value, series.basis)} from {day(at)}" for at, value in steps[-_STEPS_SAID:]]
    last = f"last seen {day(series.points[-1][0])}"
    return f"{statistic(series.statistic, series.basis)}: {', '.join([*said, last])}"


def _news(change: Change) -> str:
    """Say what a figure did: ``up £2,500 to £62,500``."""
    old, new = (figure(change.statistic, value, change.basis) for value in (change.old, change.new))
    if change.difference:
        unsigned = difference(change.statistic, change.difference, change.basis)[1:]  # "up" and "down" are the sign
        return f"{direction(change)} {unsigned} to {new}"
    if change.old is None:
        return f"now stated: {new}"
    return f"no longer stated (it was {old})" if change.new is None else f"unchanged at {new}"


def _skill_news(change: Change) -> str:
    match change.kind:
        case Kind.ENTERED:
            return "is now among the top skills for"
        case Kind.LEFT:
            return "is no longer among the top skills for"
        case Kind.STATED:
            return "is newly listed among the skills for"
        case Kind.UNSTATED:
            return "is no longer listed among the skills for"
        case Kind.MOVED:
            return f"is in {amount(SHARE, change.new)} of the ads for"


def _skill_share(change: Change) -> str:
    if change.kind is not Kind.MOVED or not change.difference:
        return ""
    return f", {direction(change)} {share(change.difference)} points"


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
