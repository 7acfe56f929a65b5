"""Figures in columns, for the terminal."""

from collections.abc import Sequence
from typing import Final

from alerts import wording
from alerts.model.changes import Figure
from jobspider.model import Basis

DASH: Final = "-"
"""What the page does not state."""
_GAP: Final = 2


def cell(statistic: str, value: Figure | None, basis: Basis | None = None) -> str:
    """Return a figure as it stands in a column whose head says what it is; a dash where it is not stated."""
    return DASH if value is None else wording.format_value(statistic, value, basis)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line a row: the first column to the left, all others to the right, each as wide as it must be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [f"{each:>{_GAP + width}}" for each, width in zip(others, widths[1:], strict=True)]
        lines.append("".join([f"{first:<{widths[0]}}", *cells]).rstrip())
    return lines
