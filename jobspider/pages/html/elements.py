"""Classify HTML elements and extract their text."""

from typing import Final

from lxml import etree

from jobspider.site.cell_values import collapse_whitespace

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption"})
LISTS: Final = frozenset({"ul", "ol"})
CELLS: Final = frozenset({"td", "th"})
SPECIAL_BLOCKS: Final = HEADINGS | LISTS | {"table", "head"}
"""The blocks with special treatment. All other blocks are lines of text."""
# Elements that begin and end a line. All others are inline, so that 10<sup>th</sup> is one word.
BLOCKS: Final = frozenset(
    {
        *SPECIAL_BLOCKS,
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "option", "p"),
        *("pre", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
# Inline elements without meaning. They are removed, which makes the tree a quarter smaller. Unknown elements are inline
# as well, but slower.
INLINE_MARKUP: Final = (
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "em", "font", "i", "label", "mark", "nobr", "q"),
    *("s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"),
)
_LINE_BREAK: Final = "\x1e"
"""Marks a line break in collected text. It is white space, so collapse_whitespace() removes it."""
_CHARTS: Final = "/charts/"


def text_of(element: etree._Element) -> str:
    """Return the text of an element, with separators only at blocks and ``br``."""
    text: str = element.text or ""
    for child in element[:]:
        inner = text_of(child) if len(child) else child.text or ""
        text += f"{_LINE_BREAK}{inner}{_LINE_BREAK}" if child.tag in BLOCKS else inner
        if child.tail:
            text += child.tail
    return text


def lines_of(text: str) -> tuple[str, ...]:
    """Return the non-blank lines of a text from :func:`text_of`."""
    return tuple(filter(None, map(collapse_whitespace, text.split(_LINE_BREAK))))


def chart_url(image: etree._Element) -> str | None:
    """Return the URL of a chart image, ``None`` for any other image."""
    for source in (image.get("src"), image.get("data-src")):
        if source and _CHARTS in source:
            return source.strip()
    return None
