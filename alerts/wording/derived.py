"""Describe derived watches: the two subjects, the statistic and both figures."""

from datetime import date
from typing import Final

from alerts.model.changes import Figure
from alerts.model.derived import DerivedFigure
from alerts.model.topics import VACANCIES_TOPIC
from alerts.wording.figures import format_date, format_value_with_period
from alerts.wording.subjects import name_parts
from alerts.wording.titles import lowercase_first, statistic_title

_TIMES: Final = "\N{MULTIPLICATION SIGN}"

_Dates = tuple[date, date]
_Figures = tuple[tuple[str, str], tuple[str, str]]


def derived_subjects(pair: DerivedFigure) -> str:
    """Return both subjects: ``Backend Developer, permanent: London against North West``."""
    common, target, reference = _distinguish(pair)
    return ": ".join(filter(None, (common, f"{target} against {reference}")))


def derived_statistic(pair: DerivedFigure) -> str:
    """Return the compared statistic: ``Median salary, how much more``, ``Vacancies, how many more``.

    A day rate that is converted to a yearly amount names the days: ``Median day rate x 220 days against ...``.
    """
    watch = pair.watch
    if watch.statistic == VACANCIES_TOPIC:
        return "Vacancies, how many more"
    target, reference = (statistic_title(watch.statistic, side.basis) for side in (pair.target, pair.reference))
    if watch.days_a_year is None:
        return f"{target}, how much more"
    days = f" {_TIMES} {watch.days_a_year} days"
    target_days, reference_days = (days if pair.is_annualised(side) else "" for side in (pair.target, pair.reference))
    return f"{target}{target_days} against {lowercase_first(reference)}{reference_days}, how much more"


def derived_figures(pair: DerivedFigure) -> _Figures:
    """Return the distinguishing name and current figure of each subject: ``(("London", "£77,500"), (...))``.

    If the pages have different dates, each figure shows its own: ``("London", "£77,500 (21 Nov 2025)")``.
    """
    return _with_dates(_figures(pair, pair.target.new, pair.reference.new), _current_dates(pair))


def derived_figures_text(pair: DerivedFigure) -> str:
    """Return both current figures without dates: ``London £77,500, North West £62,000``."""
    return _join(_figures(pair, pair.target.new, pair.reference.new))


def current_values(pair: DerivedFigure) -> str:
    """Return both current figures, with dates if they differ: ``London £77,500 (21 Nov 2025), North West ...``."""
    return _join(derived_figures(pair))


def baseline_values(pair: DerivedFigure) -> str:
    """Return both figures of the baseline, with dates if they differ."""
    return _join(_with_dates(_figures(pair, pair.target.old, pair.reference.old), _baseline_dates(pair)))


def derived_as_of(pair: DerivedFigure) -> str:
    """Return the current date or dates: ``23 Nov 2025``, or ``21 Nov 2025 and 23 Nov 2025``."""
    return _dates_text(_current_dates(pair))


def derived_baseline_as_of(pair: DerivedFigure) -> str:
    """Return the date or dates of the baseline, in the same form."""
    return _dates_text(_baseline_dates(pair))


def _current_dates(pair: DerivedFigure) -> _Dates:
    return pair.target.head.as_of, pair.reference.head.as_of


def _baseline_dates(pair: DerivedFigure) -> _Dates:
    return pair.target.old_as_of, pair.reference.old_as_of


def _dates_text(dates: _Dates) -> str:
    return " and ".join(map(format_date, dict.fromkeys(dates)))


def _join(figures: _Figures) -> str:
    return ", ".join(map(" ".join, figures))


def _with_dates(figures: _Figures, dates: _Dates) -> _Figures:
    """Append the date to each figure if the dates differ; a common date is printed elsewhere."""
    if dates[0] == dates[1]:
        return figures
    (target, target_value), (reference, reference_value) = figures
    return (
        (target, f"{target_value} ({format_date(dates[0])})"),
        (reference, f"{reference_value} ({format_date(dates[1])})"),
    )


def _figures(pair: DerivedFigure, target_value: Figure | None, reference_value: Figure | None) -> _Figures:
    _, target, reference = _distinguish(pair)
    key = pair.watch.statistic
    return (
        (target, format_value_with_period(key, target_value, pair.target.basis)),
        (reference, format_value_with_period(key, reference_value, pair.reference.basis)),
    )


def _distinguish(pair: DerivedFigure) -> tuple[str, str, str]:
    """Return the common parts of both names, and the parts that distinguish each."""
    target_parts, reference_parts = (name_parts(head.subject, head.names) for head in pair.heads)
    pairs = [*zip(target_parts, reference_parts, strict=True)]
    common = [target for target, reference in pairs if target == reference]
    different = [(target, reference) for target, reference in pairs if target != reference]
    return (
        ", ".join(common),
        ", ".join(target for target, _ in different),
        ", ".join(reference for _, reference in different),
    )
