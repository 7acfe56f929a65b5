"""The one walk over a page's tree, which makes its outline.

In plain Python: an XPath for each cell costs several times the parsing of the page. Children are taken as a slice,
which lxml gives in half the time that it takes to iterate over them.
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
    chart_address,
    lines_of,
    text_of,
)
from jobspider.pages.html.outline import (
    LONGEST_WORDING,
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

_BETWEEN: Final = "\0"
"""Stands between the cells of a row; no text of a page holds it, for a body with it is refused."""
_COUNT: Final = r"0|[1-9][0-9]{0,11}+(?!,)|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}+"
_SHARE: Final = r"(?:0|[1-9][0-9]{0,2}+)(?:\.[0-9]{1,6}+)?+"
# A whole entry at once: these are nine tenths of a page's figures, and reading them cell by cell costs more than the
# parsing of the page. A name may hold anything.
_ENTRY: Final = re.compile(
    rf"([1-9][0-9]{{0,2}}+){_BETWEEN}({_COUNT})(?:[ {_BETWEEN}]?\(({_SHARE})%\))?+"
    rf"{_BETWEEN}(?=[^{_BETWEEN}]*\w)([^{_BETWEEN}\s]++(?: [^{_BETWEEN}\s]++)*+)"
)


def build_outline(root: etree._Element, *, with_links: bool = False) -> Outline:
    """Return what a reader sees of a parsed page, and the links on it if they are asked for; the tree is used up."""
    title, canonical, layout, links, pages_total = scan_tree(root, with_links=with_links)
    etree.strip_tags(root, *INLINE_MARKUP)
    etree.strip_attributes(root, "class")  # what nobody reads need not be written out
    walk = _OutlineBuilder(layout)
    walk.descend(root, 0)
    walk.flush()
    return Outline(
        title, canonical, walk.pieces, walk.headings, walk.rows, walk.tables, walk.charts, links, pages_total
    )


class _OutlineBuilder:
    """One walk over the tree. ``descend`` takes what stands in an element; ``flush`` ends the line begun.

    White space before a line's first word is dropped at once, so that between blocks there is no line to end.
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
                    self._named(element, table)
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

    def _named(self, element: etree._Element, table: int) -> None:
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
        if sum(map(len, lines)) > LONGEST_WORDING:
            self.pieces.extend(map(TextLine, lines))
        elif lines:
            heading = Heading(lines)
            self.pieces.append(heading)
            self.headings.append(heading)

    def _row(self, row: etree._Element, table: int) -> None:
        # All cells are squashed at once, which takes half the time of each by itself.
        cells = [text_of(cell) if len(cell) else cell.text or "" for cell in row[:] if cell.tag in CELLS]
        if len(cells) == 1:
            lines = lines_of(cells[0])
            if lines:
                self._in_table(SingleCellRow(table, lines))
            return
        words = " ".join(_BETWEEN.join(cells).split())
        if " \0" in words or "\0 " in words:
            words = words.replace(" \0", "\0").replace("\0 ", "\0")
        entry = _ENTRY.fullmatch(words)
        if entry:
            self._entries(table).append(cast("SkillRow", entry.groups("")))
        elif words.strip(_BETWEEN):
            found = Row(table, tuple(words.split(_BETWEEN)))
            self.rows.append(found)
            self._in_table(found)

    def _in_table(self, row: Row | SingleCellRow) -> None:
        self.pieces.append(row)
        self.tables.setdefault(row.table, []).append(row)

    def _entries(self, table: int) -> list[SkillRow]:
        """Return the entries that one more of this table belongs to: the last piece's, or those of a new one."""
        last = self.pieces[-1] if self.pieces else None
        if not isinstance(last, SkillRows) or last.table != table:
            last = SkillRows(table, [])
            self.pieces.append(last)
        return last.entries

    def _image(self, image: etree._Element) -> None:
        address = chart_address(image)
        if address:
            self.flush()
            heading = self.headings[-1].lines[-1] if self.headings else ""
            self.charts.append(ChartImage(address, collapse_whitespace(image.get("alt") or ""), heading))
