"""What the elements of a page are to its reader, and the text in them."""

from typing import Final

from lxml import etree

from jobspider.site.cell_values import collapse_whitespace

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption"})
LISTS: Final = frozenset({"ul", "ol"})
CELLS: Final = frozenset({"td", "th"})
SPECIAL_BLOCKS: Final = HEADINGS | LISTS | {"table", "head"}
"""The blocks that are more to a reader than lines of their own, or nothing at all."""
# Elements that begin and end a line; all others run on in it, so that 10<sup>th</sup> stays one word.
BLOCKS: Final = frozenset(
    {
        *SPECIAL_BLOCKS,
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "option", "p"),
        *("pre", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
# Elements that only dress the text that they stand in. What is left to walk is a quarter less, and 10<sup>th</sup> is
# one text. Any other element that is no block runs on as well, only slower.
INLINE_MARKUP: Final = (
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "em", "font", "i", "label", "mark", "nobr", "q"),
    *("s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"),
)
_LINE_BREAK: Final = "\x1e"
"""Marks a line break in gathered text; a white-space character, so squashing takes it away."""
_CHARTS: Final = "/charts/"


def text_of(element: etree._Element) -> str:
    """Return an element's text without separators but for line breaks where blocks and ``br`` divide it."""
    text: str = element.text or ""
    for child in element[:]:
        inner = text_of(child) if len(child) else child.text or ""
        text += f"{_LINE_BREAK}{inner}{_LINE_BREAK}" if child.tag in BLOCKS else inner
        if child.tail:
            text += child.tail
    return text


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines, none blank, of a text from :func:`text_of`."""
    return tuple(filter(None, map(collapse_whitespace, text.split(_LINE_BREAK))))


def chart_address(image: etree._Element) -> str | None:
    """Return the address of a chart; ``None`` for an image that is none."""
    for source in (image.get("src"), image.get("data-src")):
        if source and _CHARTS in source:
            return source.strip()
    return None
