"""Figures as the site prints them; the reverse of ``jobspider.site.cell_values``, and written without a look at it."""

from datetime import date
from typing import Final

from tests.support.page_builder.document import Number

DASH: Final = "-"
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_THREE_DECIMALS_BELOW: Final = 0.1


def count(value: Number | None) -> str:
    """Print a count or a rank."""
    return DASH if value is None else f"{value:,}"


def share(value: Number | None) -> str:
    """Print a share: two decimals, three below 0.1 %."""
    if value is None:
        return DASH
    return f"{value:.3f}%" if value < _THREE_DECIMALS_BELOW else f"{value:.2f}%"


def change(value: Number | None) -> str:
    """Print a change in percent, with its sign."""
    return DASH if value is None else f"{value:+,.2f}%"


def places(value: Number | None) -> str:
    """Print a rank change, with its sign unless it is 0."""
    return DASH if value is None else f"{value:+,}" if value else "0"


def places_in_words(value: Number) -> str:
    """Say a rank change in the words of the arrow's title: the site keeps the minus after "Down"."""
    if not value:
        return "No change"
    return f"{'Up' if value > 0 else 'Down'} {value:,} place{'' if abs(value) == 1 else 's'}"


def money(value: Number | None, basis: str) -> str:
    """Print pounds: with pence for an hourly rate, else whole."""
    if value is None:
        return DASH
    return f"£{value:,.2f}" if basis == "hourly" else f"£{value:,}"


def long_date(day: date) -> str:
    """Print a date as in the prose: "13 October 2025"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Print a date as over a column: "13 Oct 2025"."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def pay_cell(statistic: str, value: Number | None, basis: str) -> str:
    """Print one cell of a pay row."""
    if statistic == "quotes":
        return count(value)
    return change(value) if statistic.endswith("_change") else money(value, basis)
