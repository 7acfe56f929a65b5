"""Format rows as a plain text table for the terminal.

Input: rows of strings; output: one string. All commands that print tables call it. The output does not depend on the
terminal: no colour, no borders, no wrapping, columns separated by two spaces. So scripts can parse it.
"""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MAX_WIDTH_CHARACTERS: Final = 100_000
"""Wider than any row, so that rich never wraps or truncates a cell."""


def format_table(rows: Iterable[Sequence[object]], alignment: str, headers: Sequence[str] = ()) -> str:
    """Return the rows as aligned lines, without a newline at the end; an empty string if there are no rows.

    Args:
        rows: The cells; ``None`` becomes an empty cell.
        alignment: One character per column: ``<`` aligns to the left, ``>`` to the right.
        headers: One header per column; no header line if empty.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(headers), header_style="")
    for index, character in enumerate(alignment):
        header = Text(headers[index]) if headers else ""
        table.add_column(header, justify="right" if character == ">" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    output = StringIO()
    if table.row_count:
        Console(file=output, width=_MAX_WIDTH_CHARACTERS, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines())
