"""A derived watch in words: which two pages, what of them, and how they stand to each other."""

from datetime import date
from typing import Final

from alerts.model.changes import Figure
from alerts.model.derived import DerivedFigure
from alerts.model.topics import VACANCIES_TOPIC
from alerts.wording.figures import format_date, format_value_with_period
from alerts.wording.subjects import name_parts
from alerts.wording.titles import lower, statistic

_TIMES: Final = "\N{MULTIPLICATION SIGN}"

_Dates = tuple[date, date]
_Figures = tuple[tuple[str, str], tuple[str, str]]


def pair_name(pair: DerivedFigure) -> str:
    """Return which pages: ``Backend Developer, permanent: London against North West``."""
    common, of, against = _distinguish(pair)
    return ": ".join(filter(None, (common, f"{of} against {against}")))


def pair_statistic(pair: DerivedFigure) -> str:
    """Return what of them: ``Median salary, how much more``, ``Vacancies, how many more``.

    A day rate that is taken for the pay of a year says so: ``Median day rate x 220 days against median salary, ...``.
    """
    watch = pair.watch
    if watch.statistic == VACANCIES_TOPIC:
        return "Vacancies, how many more"
    of, against = (statistic(watch.statistic, side.basis) for side in (pair.target, pair.reference))
    if watch.days_a_year is None:
        return f"{of}, how much more"
    days = f" {_TIMES} {watch.days_a_year} days"
    one, other = (days if pair.is_annualised(side) else "" for side in (pair.target, pair.reference))
    return f"{of}{one} against {lower(against)}{other}, how much more"


def pair_figures(pair: DerivedFigure) -> _Figures:
    """Return what tells each page apart, with its figure as it is: ``(("London", "£77,500"), ("North West", ...))``.

    Where the pages are of two dates, each figure has its own: ``("London", "£77,500 (21 Nov 2025)")``.
    """
    return _dated(_figures(pair, pair.target.new, pair.reference.new), _dates_now(pair))


def pair_now(pair: DerivedFigure) -> str:
    """Return both figures as they are, without dates: ``London £77,500, North West £62,000``."""
    return _said(_figures(pair, pair.target.new, pair.reference.new))


def current_values(pair: DerivedFigure) -> str:
    """Return them with the date of each where the two differ: ``London £77,500 (21 Nov 2025), North West ...``."""
    return _said(pair_figures(pair))


def baseline_values(pair: DerivedFigure) -> str:
    """Return both figures as they were told, likewise."""
    return _said(_dated(_figures(pair, pair.target.old, pair.reference.old), _dates_told(pair)))


def pair_as_of(pair: DerivedFigure) -> str:
    """Return as of when the pages are: ``23 Nov 2025``, or in their order ``21 Nov 2025 and 23 Nov 2025``."""
    return _days(_dates_now(pair))


def pair_old_as_of(pair: DerivedFigure) -> str:
    """Return as of when both pages were told, likewise."""
    return _days(_dates_told(pair))


def _dates_now(pair: DerivedFigure) -> _Dates:
    return pair.target.head.as_of, pair.reference.head.as_of


def _dates_told(pair: DerivedFigure) -> _Dates:
    return pair.target.old_as_of, pair.reference.old_as_of


def _days(dates: _Dates) -> str:
    return " and ".join(map(format_date, dict.fromkeys(dates)))


def _said(figures: _Figures) -> str:
    return ", ".join(map(" ".join, figures))


def _dated(figures: _Figures, dates: _Dates) -> _Figures:
    """Add its date to each figure, unless one date is both's: then it is said once, elsewhere."""
    if dates[0] == dates[1]:
        return figures
    (one, of), (other, against) = figures
    return (one, f"{of} ({format_date(dates[0])})"), (other, f"{against} ({format_date(dates[1])})")


def _figures(pair: DerivedFigure, of: Figure | None, against: Figure | None) -> _Figures:
    _, one, other = _distinguish(pair)
    key = pair.watch.statistic
    return (one, format_value_with_period(key, of, pair.target.basis)), (
        other,
        format_value_with_period(key, against, pair.reference.basis),
    )


def _distinguish(pair: DerivedFigure) -> tuple[str, str, str]:
    """Return what both pages have in common, and what tells each of them apart."""
    of, against = (name_parts(head.subject, head.names) for head in pair.heads)
    both = [*zip(of, against, strict=True)]
    common, *own = (
        [one for one, other in both if one == other],
        [one for one, other in both if one != other],
        [other for one, other in both if one != other],
    )
    return ", ".join(common), ", ".join(own[0]), ", ".join(own[1])
