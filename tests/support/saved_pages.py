"""Load the saved pages under fixtures/pages, and change them for tests of the parser."""

import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from jobspider.pages import accept, read
from jobspider.pages.json_document import document

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAGES = FIXTURES / "pages"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One folder under fixtures/pages/<kind>/."""

    folder: Path

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def body(self) -> bytes:
        return _body(self.folder)

    @property
    def meta(self) -> dict[str, Any]:
        return _meta(self.folder)

    @property
    def url(self) -> str:
        url: str = self.meta["url"]
        return url

    def tree(self) -> etree._Element:
        return etree.fromstring(self.body, etree.HTMLParser(encoding="utf-8"))

    def truth(self) -> dict[str, object]:
        return document(read(self.body, self.url))

    def expected(self) -> dict[str, Any]:
        """Return the document that was compared with the page by hand."""
        document: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return document

    def accepted(self, body: bytes | str) -> dict[str, object]:
        """Parse and audit a changed page, as a crawl does."""
        return document(accept(read(body, self.url)))


@cache
def _body(folder: Path) -> bytes:
    return (folder / "page.html").read_bytes()


@cache
def _meta(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))


def check_reviewed(saved: SavedPage) -> None:
    """Fail unless a person has compared the expectation of a saved page with the page."""
    message = f"compare {saved.name}/expected.json with its page, then set reviewed = true"
    assert saved.meta.get("reviewed") is True, message


SAVED = [SavedPage(meta.parent) for meta in sorted(PAGES.glob("role/*/meta.toml"))]
INDEXES = [SavedPage(meta.parent) for meta in sorted(PAGES.glob("market_index/*/meta.toml"))]
LONDON = SavedPage(PAGES / "market_index" / "permanent-london-2025-07-30")
WEST_MIDLANDS = SavedPage(PAGES / "market_index" / "contract-west-midlands-last-2026-05-04")
CONTRACT = SavedPage(PAGES / "role" / "contract-west-midlands-2025-10-13")
THIN = SavedPage(PAGES / "role" / "permanent-midlands-thin-2025-05-02")
PERMANENT = SavedPage(PAGES / "role" / "permanent-north-west-2025-11-23")


def as_body(tree: etree._Element) -> bytes:
    return etree.tostring(tree, encoding="utf-8", method="html", doctype="<!DOCTYPE html>")


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield the path and value of each leaf of a document. Objects in a list are identified by their names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            name = (inner.get("name") or inner.get("title")) if isinstance(inner, dict) else None
            yield from leaves(inner, f"{path}[{index if name is None else name}]")
    else:
        yield path, value


def data_rows(tree: etree._Element) -> list[etree._Element]:
    """Return the rows of the innermost tables."""
    return [row for row in tree.iter("tr") if next(row.iterdescendants("table", "h1", "h2"), None) is None]


def text_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def row_of(tree: etree._Element, label: str, nth: int = 0) -> etree._Element:
    """Return the nth row with ``label`` in its first cell."""
    return [row for row in data_rows(tree) if len(row) and text_of(row[0]) == label][nth]


def parent_of(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def set_text(cell: etree._Element, text: str) -> None:
    """Replace the content of a cell by a text."""
    for child in list(cell):
        cell.remove(child)
    cell.text = text


def swap_elements(first: etree._Element, second: etree._Element) -> None:
    """Swap two elements of the same parent."""
    parent = parent_of(first)
    first_index, second_index = parent.index(first), parent.index(second)
    parent[first_index], parent[second_index] = deepcopy(second), deepcopy(first)
