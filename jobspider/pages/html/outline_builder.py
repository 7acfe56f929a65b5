"""Build the outline of a page in one traversal of its tree.

The traversal is plain Python, because one XPath per cell takes several times as long as the parse of the page. Children
are read as a slice, which takes lxml half the time of an iteration.
"""

import re
from typing import Final, cast

from lxml import etree

from jobspider.pages.html.elements import (
    BLOCKS,
    CELLS,
    HEADINGS,
    INLINE_MARKUP,
    LISTS,
    SPECIAL_BLOCKS,
    chart_url,
    lines_of,
    text_of,
)
from jobspider.pages.html.outline import (
    MAX_LABEL_LENGTH,
    Block,
    ChartImage,
    Heading,
    ListItems,
    Outline,
    Row,
    SingleCellRow,
    SkillRow,
    SkillRows,
    TextLine,
)
from jobspider.pages.html.tree_scan import scan_tree
from jobspider.site.cell_values import collapse_whitespace

_CELL_SEPARATOR: Final = "\0"
"""Separates the cells of a row. It never occurs in a page, because a body with it is rejected."""
_COUNT: Final = r"0|[1-9][0-9]{0,11}+(?!,)|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}+"
_SHARE: Final = r"(?:0|[1-9][0-9]{0,2}+)(?:\.[0-9]{1,6}+)?+"
# Matches a whole skill row. Nine tenths of a page's figures are in skill rows, and parsing them by cell takes longer
# than lxml's parse of the page. A name may contain any characters.
_ENTRY: Final = re.compile(
    rf"([1-9][0-9]{{0,2}}+){_CELL_SEPARATOR}({_COUNT})(?:[ {_CELL_SEPARATOR}]?\(({_SHARE})%\))?+"
    rf"{_CELL_SEPARATOR}(?=[^{_CELL_SEPARATOR}]*\w)([^{_CELL_SEPARATOR}\s]++(?: [^{_CELL_SEPARATOR}\s]++)*+)"
)


def build_outline(root: etree._Element, *, with_links: bool = False) -> Outline:
    """Return the outline of a parsed page, with its links if requested. The tree is modified."""
    title, canonical, layout, links, pages_total = scan_tree(root, with_links=with_links)
    etree.strip_tags(root, *INLINE_MARKUP)
    etree.strip_attributes(root, "class")  # unused from here on
    builder = _OutlineBuilder(layout)
    builder.descend(root, 0)
    builder.flush()
    return Outline(
        title,
        canonical,
        builder.pieces,
        builder.headings,
        builder.rows,
        builder.tables,
        builder.charts,
        links,
        pages_total,
    )


class _OutlineBuilder:
    """Traverses the tree. ``descend`` processes the content of an element; ``flush`` ends the current line.

    White space before the first word of a line is ignored, so that no line is open between blocks.
    """

    def __init__(self, layout: set[etree._Element]) -> None:
        self.pieces: list[Block] = []
        self.headings: list[Heading] = []
        self.rows: list[Row] = []
        self.tables: dict[int, list[Row | SingleCellRow]] = {}
        self.charts: list[ChartImage] = []
        self._line: list[str] = []
        self._tables = 0
        self._layout = layout

    def descend(self, parent: etree._Element, table: int) -> None:
        line, layout = self._line, self._layout
        text = parent.text
        if text and (line or not text.isspace()):
            line.append(text)
        for element in parent[:]:
            tag = element.tag
            if tag in BLOCKS:
                if line:
                    self.flush()
                if tag == "tr" and element not in layout:
                    self._row(element, table)
                elif tag in SPECIAL_BLOCKS:
                    self._special_block(element, table)
                else:
                    self.descend(element, table)
                if line:
                    self.flush()
            elif tag == "img":
                self._image(element)
            else:
                self.descend(element, table)
            tail = element.tail
            if tail and (line or not tail.isspace()):
                line.append(tail)

    def flush(self) -> None:
        text = collapse_whitespace("".join(self._line))
        self._line.clear()
        if text:
            self.pieces.append(TextLine(text))

    def _special_block(self, element: etree._Element, table: int) -> None:
        tag = element.tag
        if tag == "head":
            return
        if tag in HEADINGS:
            self._heading(lines_of(text_of(element)))
            return
        if tag == "table":
            self._tables += 1
            table = self._tables
        elif tag in LISTS:
            self.pieces.append(
                ListItems(tuple(collapse_whitespace(text_of(item)) for item in element.iterchildren("li")))
            )
        self.descend(element, table)

    def _heading(self, lines: tuple[str, ...]) -> None:
        if sum(map(len, lines)) > MAX_LABEL_LENGTH:
            self.pieces.extend(map(TextLine, lines))
        elif lines:
            heading = Heading(lines)
            self.pieces.append(heading)
            self.headings.append(heading)

    def _row(self, row: etree._Element, table: int) -> None:
        # Collapsing the white space of all cells together takes half the time.
        cells = [text_of(cell) if len(cell) else cell.text or "" for cell in row[:] if cell.tag in CELLS]
        if len(cells) == 1:
            lines = lines_of(cells[0])
            if lines:
                self._add_row(SingleCellRow(table, lines))
            return
        words = " ".join(_CELL_SEPARATOR.join(cells).split())
        if " \0" in words or "\0 " in words:
            words = words.replace(" \0", "\0").replace("\0 ", "\0")
        entry = _ENTRY.fullmatch(words)
        if entry:
            self._skill_rows(table).append(cast("SkillRow", entry.groups("")))
        elif words.strip(_CELL_SEPARATOR):
            parsed = Row(table, tuple(words.split(_CELL_SEPARATOR)))
            self.rows.append(parsed)
            self._add_row(parsed)

    def _add_row(self, row: Row | SingleCellRow) -> None:
        self.pieces.append(row)
        self.tables.setdefault(row.table, []).append(row)

    def _skill_rows(self, table: int) -> list[SkillRow]:
        """Return the open list of skill rows of this table, or a new one."""
        last = self.pieces[-1] if self.pieces else None
        if not isinstance(last, SkillRows) or last.table != table:
            last = SkillRows(table, [])
            self.pieces.append(last)
        return last.entries

    def _image(self, image: etree._Element) -> None:
        url = chart_url(image)
        if url:
            self.flush()
            heading = self.headings[-1].lines[-1] if self.headings else ""
            self.charts.append(ChartImage(url, collapse_whitespace(image.get("alt") or ""), heading))
