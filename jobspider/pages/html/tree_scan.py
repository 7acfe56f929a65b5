"""Collect title, canonical URL, layout elements and links in one pass over the tree.

One pass instead of three saves 1 to 4 % of the time to parse a page (November 2026).
"""

from typing import Final, NamedTuple

from lxml import etree

from jobspider.pages.html.elements import HEADINGS, chart_url, text_of
from jobspider.site.cell_values import collapse_whitespace

_TERM_PAGE: Final = ".do"
"""The suffix that only URLs of role and skill pages contain (2013 to 2026)."""
_PAGES_TOTAL: Final = "pagination-total"


class TreeScan(NamedTuple):
    """The result of the pass.

    ``title`` and ``canonical`` (the canonical URL) are the first on the page. ``layout`` contains the elements around a
    table, a heading or a chart. :class:`~jobspider.pages.html.outline.Outline` describes ``links`` and ``pages_total``.
    """

    title: str
    canonical: str | None
    layout: set[etree._Element]
    links: dict[str, str | None]
    pages_total: str | None


def scan_tree(root: etree._Element, *, with_links: bool) -> TreeScan:
    """Scan a tree. Links and the number of pages of an index are collected only if requested."""
    titles: list[str] = []
    canonical: list[str | None] = []
    layout: set[etree._Element] = set()
    links: dict[str, str | None] = {}
    totals: list[str] = []
    for element in root.iter("title", "link", "table", "img", *HEADINGS, *(("a", "span") if with_links else ())):
        tag = element.tag
        if tag == "a":
            url = element.get("href")
            if url and _TERM_PAGE in url:
                _add_link(links, element, url)
        elif tag == "span":
            if element.get("class") == _PAGES_TOTAL:
                totals.append(collapse_whitespace(text_of(element)))
        elif tag == "title":
            titles.append(collapse_whitespace(text_of(element)))
        elif tag == "link":
            if element.get("rel") == "canonical":
                canonical.append(element.get("href"))
        elif tag != "img" or chart_url(element):
            _add_layout(layout, element)
    return TreeScan(next(iter(titles), ""), next(iter(canonical), None), layout, links, next(iter(totals), None))


def _add_link(links: dict[str, str | None], anchor: etree._Element, url: str) -> None:
    text = collapse_whitespace(text_of(anchor) if len(anchor) else anchor.text or "")
    links[text] = url if links.get(text, url) == url else None


def _add_layout(layout: set[etree._Element], inner: etree._Element) -> None:
    outer = inner.getparent()
    while outer is not None and outer not in layout:
        layout.add(outer)
        outer = outer.getparent()
