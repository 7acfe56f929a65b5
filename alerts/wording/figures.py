"""Numbers and dates in words."""

from datetime import date
from decimal import Decimal
from typing import Final

from alerts.model.changes import Figure
from alerts.model.derived import PAIR_STATISTICS, PAY_DIFFERENCE, RATIO, VACANCIES_DIFFERENCE
from jobspider.model import Basis
from jobspider.site.statistics import BY_KEY, Unit

SHARE: Final = "share"
"""The statistic of a skill: its share of a page's ads; not in the registry, which holds what a table's row says."""

_UNITS: Final = {
    SHARE: Unit.PERCENT,
    RATIO: Unit.CHANGE,
    PAY_DIFFERENCE: Unit.POUNDS,
    VACANCIES_DIFFERENCE: Unit.ADS,
}
"""Of figures that are not in the registry."""
_MINUS: Final = "\N{MINUS SIGN}"
_PERCENT: Final = " %"
_NOT_STATED: Final = "not stated"
_BELOW_THE_CUT: Final = "below the cut"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PER: Final = {Basis.ANNUAL: "", Basis.DAILY: " a day", Basis.HOURLY: " an hour"}
_UNTIL_THIRD_DECIMAL: Final = Decimal("0.1")  # the site prints shares below 0.1 % with three decimals (2013 to 2026)


def format_date(of: date) -> str:
    """Return a date in words, ``23 Nov 2025``, whatever the machine's language is."""
    return f"{of.day} {_MONTHS[of.month - 1]} {of.year}"


def pluralize(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: ``1 page``, ``1,675 pages``; ``many`` is the plural unless that only adds an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def format_value(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure in its unit where the line around it says what pay is paid for: ``£525``, ``0.37 %``, ``1,675``.

    Args:
        statistic: A key of the registry, ``share`` for that of a skill, or one of a derived watch, which has its sign.
        value: The figure; ``None`` where the page does not state it (for a skill: it is below the list's cut).
        basis: What pay is paid for; hourly rates always show their pence.
    """
    if value is None:
        return _BELOW_THE_CUT if statistic == SHARE else _NOT_STATED
    sign = _plus(value) if statistic in PAIR_STATISTICS else ""
    match unit_of(statistic):
        case Unit.POUNDS:
            has_pence = basis is Basis.HOURLY or value != int(value)
            return f"{sign}{_minus(value)}£{abs(value):,.{2 if has_pence else 0}f}"
        case Unit.PERCENT:
            return f"{_minus(value)}{share(value)}{_PERCENT}"
        case Unit.CHANGE:
            return percent(value)
        case Unit.PLACES:
            return _signed(value, places(value))
        case Unit.RANK | Unit.ADS:
            return sign + _minus(value) + _whole(value)


def format_value_with_period(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure that stands alone: ``£62,500``, ``£525 a day``, ``£25.15 an hour``, ``0.37 %``, ``+3 places``.

    A salary needs no "a year". The arguments are those of :func:`format_value`.
    """
    is_money = value is not None and unit_of(statistic) is Unit.POUNDS
    return format_value(statistic, value, basis) + (_PER[basis] if basis and is_money else "")


def difference(statistic: str, value: Figure, basis: Basis | None = None) -> str:
    """Return new less old in words: ``+£2,500``, ``+25``, ``+3.20 points``.

    A rank that falls is a rise in demand, so a rank's difference is said, not signed: ``34 places up``.
    """
    match unit_of(statistic):
        case Unit.RANK:
            return f"{places(value)} {'up' if value < 0 else 'down'}" if value else "no change"
        case Unit.PERCENT:
            return _signed(value, f"{share(value)} points")
        case Unit.CHANGE if statistic == RATIO:
            return f"{percent(value).removesuffix(_PERCENT)} points"
        case Unit.CHANGE | Unit.PLACES:
            return format_value(statistic, value)
        case Unit.POUNDS | Unit.ADS:
            return ("" if statistic in PAIR_STATISTICS else _plus(value)) + format_value(statistic, value, basis)


def percent(value: Figure) -> str:
    """Return a change in percent: ``+4.2 %``; one below 1 % keeps two significant digits, so that none becomes 0."""
    size = abs(Decimal(value))
    return _signed(value, f"{f'{size:,.1f}' if size >= 1 else format(Decimal(f'{size:.2g}'), 'f')}{_PERCENT}")


def year_on_year(statistic: str, value: Figure) -> str:
    """Return a change against a year ago: ``+16.8 % on the year``, ``28 places up on the year``.

    It is the page's own, or what both pages of a derived watch come to, in its unit: ``+3.1 points on the year``.
    """
    if unit_of(statistic) is Unit.RANK:
        return f"{difference(statistic, -value)} on the year"
    said = difference(statistic, value) if statistic in PAIR_STATISTICS else percent(value)
    return f"{said} on the year"


def places(value: Figure) -> str:
    """Return the size of a move between ranks: ``1 place``, ``1,034 places``."""
    return f"{_whole(value)} {'place' if abs(value) == 1 else 'places'}"


def share(value: Figure) -> str:
    """Return the size of a share with the decimals that the site prints, without its unit."""
    size = abs(Decimal(value))
    return f"{size:,.3f}" if 0 < size < _UNTIL_THIRD_DECIMAL else f"{size:,.2f}"


def unit_of(statistic: str) -> Unit:
    """Return what a statistic is measured in."""
    return _UNITS.get(statistic) or BY_KEY[statistic].unit


def _whole(value: Figure) -> str:
    """Write the size of a whole number with its commas, and one that should be whole but is not, as it is."""
    return f"{abs(int(value)):,}" if value == int(value) else f"{abs(value):,f}"


def _minus(value: Figure) -> str:
    return _MINUS if value < 0 else ""


def _plus(value: Figure) -> str:
    return "+" if value > 0 else ""


def _signed(value: Figure, size: str) -> str:
    return _plus(value) + _minus(value) + size
