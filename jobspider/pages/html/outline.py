"""A page as its reader sees it, from top to bottom: headings, lines of text, table rows, charts.

It knows no classes, ids, white space or how deep tables stand in tables, so nothing that reads it can depend on them.
``_walk`` makes it of a tree.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

LONGEST_WORDING: Final = 400
"""No heading, label or lead sentence is longer (the longest known has 160 signs). What is longer is not tried against
their patterns, which could take hours over a page made for it."""


class Heading(NamedTuple):
    """A heading element or a table's caption; ``lines`` are what its line breaks and blocks divide."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The heading in one line."""
        return " ".join(self.lines)


class SingleCellRow(NamedTuple):
    """A table row of one cell. ``table`` numbers the innermost table, in reading order."""

    table: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The cell in one line."""
        return " ".join(self.lines)


class Row(NamedTuple):
    """A table row of several cells, not all blank, each squashed."""

    table: int
    cells: tuple[str, ...]


SkillRow = tuple[str, str, str, str]
"""A row like an entry of a skill list, ``1 | 7 (100.00%) | SQL``: the digits of rank, count and share, and the name.
The share is "" where it is not stated."""


class SkillRows(NamedTuple):
    """Rows of a table that follow each other and are all like entries of a skill list."""

    table: int
    entries: list[SkillRow]


class TextLine(NamedTuple):
    """A line of text outside the rows."""

    text: str


class ListItems(NamedTuple):
    """The entries of a list element; each comes again as a :class:`TextLine`."""

    texts: tuple[str, ...]


Block = Heading | SingleCellRow | Row | SkillRows | TextLine | ListItems


class ChartImage(NamedTuple):
    """A chart: an image whose address says so. ``heading`` is the last line of the heading above it, "" without one."""

    src: str
    alt: str
    heading: str


class Outline(NamedTuple):
    """The pieces of a page in reading order, with what its head says of it.

    ``headings`` and ``rows`` are those among the pieces, ``tables`` the rows of one cell or several by their table.
    ``links`` holds the address behind each text that links to a term's page; ``None`` behind one that links to several.
    ``pages_total`` is the text of the span that the index of 2026 calls ``pagination-total``; what stands around it was
    never seen.
    """

    title: str
    canonical: str | None
    pieces: Sequence[Block]
    headings: Sequence[Heading]
    rows: Sequence[Row]
    tables: Mapping[int, Sequence[Row | SingleCellRow]]
    charts: Sequence[ChartImage]
    links: Mapping[str, str | None]
    pages_total: str | None

    def blocks_before(self, row: Row) -> Sequence[Block]:
        """Return the pieces that stand before a row."""
        return self.pieces[: next(at for at, piece in enumerate(self.pieces) if piece is row)]

    def rows_after(self, row: Row) -> Sequence[Row | SingleCellRow]:
        """Return what follows a row in its own table."""
        table = self.tables[row.table]
        return table[next(at for at, other in enumerate(table, 1) if other is row) :]
