"""Define the outline of a page: headings, lines of text, table rows and charts in reading order.

It contains no classes, ids, white space or nesting depth, so that the parsers cannot depend on them. Created by
:mod:`jobspider.pages.html.outline_builder`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

MAX_LABEL_LENGTH: Final = 400
"""Maximum length of a heading, label or lead sentence (the longest known has 160 characters). Longer texts are not
matched, because the patterns could take hours on a malicious page."""


class Heading(NamedTuple):
    """A heading element or a table's caption; ``lines`` are separated by line breaks and blocks."""

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
    """A table row of several cells, not all blank, with white space collapsed."""

    table: int
    cells: tuple[str, ...]


SkillRow = tuple[str, str, str, str]
"""A row of a skill list, ``1 | 7 (100.00%) | SQL``: the digits of rank, count and share, and the name. The share is ""
if it is missing."""


class SkillRows(NamedTuple):
    """Consecutive rows of a table that have the format of a skill list."""

    table: int
    entries: list[SkillRow]


class TextLine(NamedTuple):
    """A line of text outside table rows."""

    text: str


class ListItems(NamedTuple):
    """The items of a list element. Each item is also a :class:`TextLine`."""

    texts: tuple[str, ...]


Block = Heading | SingleCellRow | Row | SkillRows | TextLine | ListItems


class ChartImage(NamedTuple):
    """A chart image, identified by its URL. ``heading`` is the last line of the heading above, "" without one."""

    src: str
    alt: str
    heading: str


class Outline(NamedTuple):
    """The blocks of a page in reading order, with its title and canonical URL.

    ``headings`` and ``rows`` are the blocks of these types, ``tables`` the rows by table number. ``links`` maps a link
    text to the URL of a term's page, ``None`` if the text has several URLs. ``pages_total`` is the text of the span
    ``pagination-total`` (index of 2026; the rest of that page is unknown).
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
        """Return the blocks before a row."""
        return self.pieces[: next(index for index, piece in enumerate(self.pieces) if piece is row)]

    def rows_after(self, row: Row) -> Sequence[Row | SingleCellRow]:
        """Return the rows after a row in the same table."""
        table = self.tables[row.table]
        return table[next(index for index, other in enumerate(table, 1) if other is row) :]
