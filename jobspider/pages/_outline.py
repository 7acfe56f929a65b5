"""A page as its reader sees it, from top to bottom: headings, lines of text, table rows, images.

This is the only module that walks the tree. What it hands on no longer knows classes, ids, white space or how deep
tables stand in tables, so nothing behind it can depend on them. One walk in plain Python: an XPath for each cell
costs several times the parsing of the page. Children are taken as a slice, which lxml gives in half the time that it
takes to iterate over them.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

from lxml import etree

from jobspider.figures import squash


class Heading(NamedTuple):
    """A heading element or a table's caption; ``lines`` are what its line breaks and blocks divide."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The heading in one line."""
        return " ".join(self.lines)


class Title(NamedTuple):
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


Entry = tuple[str, str, str | None, str]
"""A row like an entry of a skill list, ``1 | 7 (100.00%) | SQL``: the digits of rank, count and share, and the name."""


class Entries(NamedTuple):
    """Rows of a table that follow each other and are all like entries of a skill list."""

    table: int
    entries: list[Entry]


class Line(NamedTuple):
    """A line of text outside the rows."""

    text: str


class Items(NamedTuple):
    """The entries of a list element; each comes again as a :class:`Line`."""

    texts: tuple[str, ...]


class Image(NamedTuple):
    """A chart: an image whose address says so."""

    src: str
    alt: str


Piece = Heading | Title | Row | Entries | Line | Items | Image


class Outline(NamedTuple):
    """The pieces of a page in reading order, with what its head says of it.

    ``links`` holds the address behind each text that links to a term's page; ``None`` behind one that links to several.
    ``pages_total`` is the text of the span that the index of 2026 calls ``pagination-total``; what stands around it was
    never seen.
    """

    title: str
    canonical: str | None
    pieces: tuple[Piece, ...]
    links: Mapping[str, str | None]
    pages_total: str | None

    def rows(self, table: int, start: int) -> list[Row | Title]:
        """Return the rows of a table from a place among the pieces on."""
        return [piece for piece in self.pieces[start:] if isinstance(piece, (Row, Title)) and piece.table == table]


_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption"})
_LISTS: Final = frozenset({"ul", "ol"})
_NAMED: Final = _HEADINGS | _LISTS | {"table", "head"}
"""The blocks that are more to a reader than lines of their own, or nothing at all."""
# Elements that begin and end a line; all others run on in it, so that 10<sup>th</sup> stays one word.
_BLOCKS: Final = frozenset(
    {
        *_NAMED,
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "option", "p"),
        *("pre", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
# Elements that only dress the text that they stand in. What is left to walk is a quarter less, and 10<sup>th</sup> is
# one text. Any other element that is no block runs on as well, only slower.
_DRESS: Final = (
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "em", "font", "i", "label", "mark", "nobr", "q"),
    *("s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"),
)
_CELLS: Final = frozenset({"td", "th"})
_BREAK: Final = "\x1e"
"""Marks a line break in gathered text; a white-space character, so squashing takes it away."""
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
LONGEST_WORDING: Final = 400
"""No heading, label or lead sentence is longer (the longest known has 160 signs). What is longer is not tried against
their patterns, which could take hours over a page made for it."""
_CHARTS: Final = "/charts/"
_PAGES_TOTAL: Final = etree.XPath("descendant::span[@class = 'pagination-total']")
_TERM_PAGE: Final = ".do"
"""What the address of a role's or a skill's page holds, and no other (2013 to 2026)."""


def outline(root: etree._Element, *, with_links: bool = False) -> Outline:
    """Return what a reader sees of a parsed page, and the links on it if they are asked for; the tree is used up."""
    links = _links(root) if with_links else {}
    total = _pages_total(root) if with_links else None
    etree.strip_tags(root, *_DRESS)
    walk = _Walk(root)
    walk.descend(root, 0)
    walk.flush()
    title = next(root.iter("title"), None)
    return Outline(
        "" if title is None else squash(_text(title)),
        next((link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"), None),
        tuple(walk.pieces),
        links,
        total,
    )


def _pages_total(root: etree._Element) -> str | None:
    return next((squash(_text(total)) for total in _PAGES_TOTAL(root)), None)


def _links(root: etree._Element) -> dict[str, str | None]:
    links: dict[str, str | None] = {}
    for anchor in root.iter("a"):
        address = anchor.get("href")
        if address and _TERM_PAGE in address:
            text = squash(_text(anchor))
            links[text] = address if links.get(text, address) == address else None
    return links


class _Walk:
    """One walk over the tree. ``descend`` takes what stands in an element; ``flush`` ends the line begun.

    White space before a line's first word is dropped at once, so that between blocks there is no line to end.
    """

    def __init__(self, root: etree._Element) -> None:
        self.pieces: list[Piece] = []
        self._line: list[str] = []
        self._tables = 0
        self._layout = _layout(root)

    def descend(self, parent: etree._Element, table: int) -> None:
        line, layout = self._line, self._layout
        text = parent.text
        if text and (line or not text.isspace()):
            line.append(text)
        for element in parent[:]:
            tag = element.tag
            if tag in _BLOCKS:
                if line:
                    self.flush()
                if tag == "tr" and element not in layout:
                    self._row(element, table)
                elif tag in _NAMED:
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
        text = squash("".join(self._line))
        self._line.clear()
        if text:
            self.pieces.append(Line(text))

    def _named(self, element: etree._Element, table: int) -> None:
        tag = element.tag
        if tag == "head":
            return
        if tag in _HEADINGS:
            lines = _divided(_text(element))
            if lines:
                is_heading = sum(map(len, lines)) <= LONGEST_WORDING
                self.pieces.extend([Heading(lines)] if is_heading else map(Line, lines))
            return
        if tag == "table":
            self._tables += 1
            table = self._tables
            if element not in self._layout:  # nothing but rows: what stands between them need not be looked at
                for row in element.iter("tr"):
                    self._row(row, table)
                return
        elif tag in _LISTS:
            self.pieces.append(Items(tuple(squash(_text(item)) for item in element.iterchildren("li"))))
        self.descend(element, table)

    def _row(self, row: etree._Element, table: int) -> None:
        # All cells are squashed at once, and only where they are no entry as they stand: most of a page is rows.
        cells = [_text(cell) if len(cell) else cell.text or "" for cell in row[:] if cell.tag in _CELLS]
        if len(cells) == 1:
            lines = _divided(cells[0])
            if lines:
                self.pieces.append(Title(table, lines))
            return
        words = _BETWEEN.join(cells)
        entry = _ENTRY.fullmatch(words)
        if not entry:
            words = " ".join(words.split())
            if " \0" in words or "\0 " in words:
                words = words.replace(" \0", "\0").replace("\0 ", "\0")
            entry = _ENTRY.fullmatch(words)
        if entry:
            self._entry(table, cast("Entry", entry.groups()))
        elif words.strip(_BETWEEN):
            self.pieces.append(Row(table, tuple(words.split(_BETWEEN))))

    def _entry(self, table: int, entry: Entry) -> None:
        last = self.pieces[-1] if self.pieces else None
        if isinstance(last, Entries) and last.table == table:
            last.entries.append(entry)
        else:
            self.pieces.append(Entries(table, [entry]))

    def _image(self, image: etree._Element) -> None:
        for source in (image.get("src"), image.get("data-src")):
            if source and _CHARTS in source:
                self.flush()
                self.pieces.append(Image(source.strip(), squash(image.get("alt") or "")))
                return


def _layout(root: etree._Element) -> set[etree._Element]:
    """Return the tables and rows that only arrange other things: those with a table, a heading or a chart inside."""
    found: set[etree._Element] = set()
    for inner in root.iter("table", "img", *_HEADINGS):
        if inner.tag == "img" and _CHARTS not in f"{inner.get('src')} {inner.get('data-src')}":
            continue
        for outer in inner.iterancestors("tr", "table"):
            if outer in found:
                break
            found.add(outer)
    return found


def _text(element: etree._Element) -> str:
    """Return an element's text without separators but for line breaks where blocks and ``br`` divide it."""
    text: str = element.text or ""
    for child in element[:]:
        inner = _text(child) if len(child) else child.text or ""
        text += f"{_BREAK}{inner}{_BREAK}" if child.tag in _BLOCKS else inner
        if child.tail:
            text += child.tail
    return text


def _divided(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(squash, text.split(_BREAK))))
