"""Figures in columns, for the terminal."""

from collections.abc import Sequence
from typing import Final

from alerts import wording
from alerts.model import Figure
from alerts.topics import pay_topic
from jobspider.model import Basis

DASH: Final = "-"
"""What the page does not state."""
_GAP: Final = 2
_POUNDS: Final = {Basis.ANNUAL: "pounds a year", Basis.DAILY: "pounds a day", Basis.HOURLY: "pounds an hour"}


def pay_title(basis: Basis) -> str:
    """Return what columns or rows of pay are headed with: ``Day rate, pounds a day``."""
    return f"{wording.topic(pay_topic(basis))}, {_POUNDS[basis]}"


def cell(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure as it stands in a column whose head says what it is; a dash where it is not stated."""
    return DASH if value is None else wording.amount(statistic, value, basis)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line a row: the first column to the left, all others to the right, each as wide as it must be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [f"{each:>{_GAP + width}}" for each, width in zip(others, widths[1:], strict=True)]
        lines.append("".join([f"{first:<{widths[0]}}", *cells]).rstrip())
    return lines
