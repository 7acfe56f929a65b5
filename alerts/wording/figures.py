"""Format figures, differences and dates."""

from datetime import date
from decimal import Decimal
from typing import Final

from alerts.model.changes import Figure
from alerts.model.derived import PAIR_STATISTICS, PAY_DIFFERENCE, RATIO, VACANCIES_DIFFERENCE
from jobspider.model import Basis
from jobspider.site.statistics import BY_KEY, Unit

SHARE: Final = "share"
"""The statistic of a skill: its share of the ads. It is not in the registry, which holds the rows of tables."""

_UNITS: Final = {
    SHARE: Unit.PERCENT,
    RATIO: Unit.CHANGE,
    PAY_DIFFERENCE: Unit.POUNDS,
    VACANCIES_DIFFERENCE: Unit.ADS,
}
"""Units of figures that are not in the registry."""
_MINUS: Final = "\N{MINUS SIGN}"
_PERCENT: Final = " %"
_NOT_STATED: Final = "not stated"
_BELOW_THE_CUT: Final = "below the cut"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PER: Final = {Basis.ANNUAL: "", Basis.DAILY: " a day", Basis.HOURLY: " an hour"}
_UNTIL_THIRD_DECIMAL: Final = Decimal("0.1")  # the site prints shares below 0.1 % with three decimals (2013 to 2026)


def format_date(day: date) -> str:
    """Return a date as ``23 Nov 2025``, independent of the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def pluralize(count: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: ``1 page``, ``1,675 pages``; the default plural adds an s."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def format_value(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure in its unit, without the pay period: ``£525``, ``0.37 %``, ``1,675``.

    Args:
        statistic: A key of the registry, ``share`` for a skill, or a statistic of a derived watch (printed with its
            sign).
        value: The figure; ``None`` if the page does not state it (a skill: it is below the cut of the list).
        basis: The basis of pay. Hourly rates always have two decimals.
    """
    if value is None:
        return _BELOW_THE_CUT if statistic == SHARE else _NOT_STATED
    sign = _plus_sign(value) if statistic in PAIR_STATISTICS else ""
    match unit_of(statistic):
        case Unit.POUNDS:
            has_pence = basis is Basis.HOURLY or value != int(value)
            return f"{sign}{_minus_sign(value)}£{abs(value):,.{2 if has_pence else 0}f}"
        case Unit.PERCENT:
            return f"{_minus_sign(value)}{format_share(value)}{_PERCENT}"
        case Unit.CHANGE:
            return format_percent(value)
        case Unit.PLACES:
            return _with_sign(value, format_places(value))
        case Unit.RANK | Unit.ADS:
            return sign + _minus_sign(value) + _format_whole_number(value)


def format_value_with_period(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure with its pay period: ``£62,500``, ``£525 a day``, ``£25.15 an hour``, ``0.37 %``, ``+3 places``.

    Salaries get no "a year". The arguments are those of :func:`format_value`.
    """
    is_money = value is not None and unit_of(statistic) is Unit.POUNDS
    return format_value(statistic, value, basis) + (_PER[basis] if basis and is_money else "")


def format_difference(statistic: str, value: Figure, basis: Basis | None = None) -> str:
    """Return a difference, new minus old: ``+£2,500``, ``+25``, ``+3.20 points``.

    A lower rank means more demand, so ranks have words instead of signs: ``34 places up``.
    """
    match unit_of(statistic):
        case Unit.RANK:
            return f"{format_places(value)} {'up' if value < 0 else 'down'}" if value else "no change"
        case Unit.PERCENT:
            return _with_sign(value, f"{format_share(value)} points")
        case Unit.CHANGE if statistic == RATIO:
            return f"{format_percent(value).removesuffix(_PERCENT)} points"
        case Unit.CHANGE | Unit.PLACES:
            return format_value(statistic, value)
        case Unit.POUNDS | Unit.ADS:
            return ("" if statistic in PAIR_STATISTICS else _plus_sign(value)) + format_value(statistic, value, basis)


def format_percent(value: Figure) -> str:
    """Return a change in percent: ``+4.2 %``. Below 1 % it has two significant digits and is never rounded to 0."""
    size = abs(Decimal(value))
    return _with_sign(value, f"{f'{size:,.1f}' if size >= 1 else format(Decimal(f'{size:.2g}'), 'f')}{_PERCENT}")


def format_year_on_year(statistic: str, value: Figure) -> str:
    """Return a change within a year: ``+16.8 % on the year``, ``28 places up on the year``.

    A derived watch has its own unit: ``+3.1 points on the year``.
    """
    if unit_of(statistic) is Unit.RANK:
        return f"{format_difference(statistic, -value)} on the year"
    change = format_difference(statistic, value) if statistic in PAIR_STATISTICS else format_percent(value)
    return f"{change} on the year"


def format_places(value: Figure) -> str:
    """Return the size of a rank change: ``1 place``, ``1,034 places``."""
    return f"{_format_whole_number(value)} {'place' if abs(value) == 1 else 'places'}"


def format_share(value: Figure) -> str:
    """Return the absolute value of a share with as many decimals as the site prints, without unit."""
    size = abs(Decimal(value))
    return f"{size:,.3f}" if 0 < size < _UNTIL_THIRD_DECIMAL else f"{size:,.2f}"


def unit_of(statistic: str) -> Unit:
    """Return the unit of a statistic."""
    return _UNITS.get(statistic) or BY_KEY[statistic].unit


def _format_whole_number(value: Figure) -> str:
    """Return the absolute value with thousands separators; a fractional value keeps its decimals."""
    return f"{abs(int(value)):,}" if value == int(value) else f"{abs(value):,f}"


def _minus_sign(value: Figure) -> str:
    return _MINUS if value < 0 else ""


def _plus_sign(value: Figure) -> str:
    return "+" if value > 0 else ""


def _with_sign(value: Figure, size: str) -> str:
    return _plus_sign(value) + _minus_sign(value) + size
