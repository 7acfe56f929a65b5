"""A derived watch in words: which two pages, what of them, and how they stand to each other."""

from datetime import date
from typing import Final

from alerts.model.changes import Figure
from alerts.model.derived import Pair
from alerts.model.topics import VACANCIES_TOPIC
from alerts.wording.figures import day, figure
from alerts.wording.subjects import parts
from alerts.wording.titles import lower, statistic

_TIMES: Final = "\N{MULTIPLICATION SIGN}"

_Dates = tuple[date, date]
_Figures = tuple[tuple[str, str], tuple[str, str]]


def pair_name(pair: Pair) -> str:
    """Return which pages: ``Backend Developer, permanent: London against North West``."""
    common, of, against = _told_apart(pair)
    return ": ".join(filter(None, (common, f"{of} against {against}")))


def pair_statistic(pair: Pair) -> str:
    """Return what of them: ``Median salary, how much more``, ``Vacancies, how many more``.

    A day rate that is taken for the pay of a year says so: ``Median day rate x 220 days against median salary, ...``.
    """
    watch = pair.watch
    if watch.statistic == VACANCIES_TOPIC:
        return "Vacancies, how many more"
    of, against = (statistic(watch.statistic, side.basis) for side in (pair.of, pair.against))
    if watch.days_a_year is None:
        return f"{of}, how much more"
    days = f" {_TIMES} {watch.days_a_year} days"
    one, other = (days if pair.is_multiplied(side) else "" for side in (pair.of, pair.against))
    return f"{of}{one} against {lower(against)}{other}, how much more"


def pair_figures(pair: Pair) -> _Figures:
    """Return what tells each page apart, with its figure as it is: ``(("London", "£77,500"), ("North West", ...))``.

    Where the pages are of two dates, each figure has its own: ``("London", "£77,500 (21 Nov 2025)")``.
    """
    return _dated(_figures(pair, pair.of.new, pair.against.new), _dates_now(pair))


def pair_now(pair: Pair) -> str:
    """Return both figures as they are, without dates: ``London £77,500, North West £62,000``."""
    return _said(_figures(pair, pair.of.new, pair.against.new))


def pair_now_dated(pair: Pair) -> str:
    """Return them with the date of each where the two differ: ``London £77,500 (21 Nov 2025), North West ...``."""
    return _said(pair_figures(pair))


def pair_told_dated(pair: Pair) -> str:
    """Return both figures as they were told, likewise."""
    return _said(_dated(_figures(pair, pair.of.old, pair.against.old), _dates_told(pair)))


def pair_as_of(pair: Pair) -> str:
    """Return as of when the pages are: ``23 Nov 2025``, or in their order ``21 Nov 2025 and 23 Nov 2025``."""
    return _days(_dates_now(pair))


def pair_old_as_of(pair: Pair) -> str:
    """Return as of when both pages were told, likewise."""
    return _days(_dates_told(pair))


def _dates_now(pair: Pair) -> _Dates:
    return pair.of.head.as_of, pair.against.head.as_of


def _dates_told(pair: Pair) -> _Dates:
    return pair.of.old_as_of, pair.against.old_as_of


def _days(dates: _Dates) -> str:
    return " and ".join(map(day, dict.fromkeys(dates)))


def _said(figures: _Figures) -> str:
    return ", ".join(map(" ".join, figures))


def _dated(figures: _Figures, dates: _Dates) -> _Figures:
    """Add its date to each figure, unless one date is both's: then it is said once, elsewhere."""
    if dates[0] == dates[1]:
        return figures
    (one, of), (other, against) = figures
    return (one, f"{of} ({day(dates[0])})"), (other, f"{against} ({day(dates[1])})")


def _figures(pair: Pair, of: Figure | None, against: Figure | None) -> _Figures:
    _, one, other = _told_apart(pair)
    key = pair.watch.statistic
    return (one, figure(key, of, pair.of.basis)), (other, figure(key, against, pair.against.basis))


def _told_apart(pair: Pair) -> tuple[str, str, str]:
    """Return what both pages have in common, and what tells each of them apart."""
    of, against = (parts(head.subject, head.names) for head in pair.heads)
    both = [*zip(of, against, strict=True)]
    common, *own = (
        [one for one, other in both if one == other],
        [one for one, other in both if one != other],
        [other for one, other in both if one != other],
    )
    return ", ".join(common), ", ".join(own[0]), ", ".join(own[1])
