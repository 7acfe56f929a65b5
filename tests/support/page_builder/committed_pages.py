"""Which pages under ``fixtures/`` are built, and from what."""

import json
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.support.page_builder.document import Document, Printed, load_document, load_printed
from tests.support.page_builder.label_wordings import WORDINGS
from tests.support.page_builder.market_page import Form, build_market_page, form_of
from tests.support.page_builder.markup_variants import MARKUPS
from tests.support.page_builder.role_page import build_page
from tests.support.page_builder.site_facts import document_of, load_facts

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"
_CASES: Final = FIXTURES / "pages" / "role"
_INDEXES: Final = FIXTURES / "pages" / "market_index"


@dataclass(frozen=True, slots=True)
class PageSource:
    """A committed page: the file it stands in, what it says and in which wording."""

    html: Path
    document: Document
    wording: str
    printed: Printed | None = None
    markup: str = "2020"

    def build(self) -> str:
        """Return the page's HTML."""
        return MARKUPS[self.markup](self.plain())

    def plain(self) -> str:
        """Return the page in the markup of 2020, whichever is its own."""
        return build_page(self.document, WORDINGS[self.wording], self.printed)


@dataclass(frozen=True, slots=True)
class IndexSource:
    """A committed page of the market index."""

    html: Path
    document: dict[str, Any]
    form: Form

    def build(self) -> str:
        """Return the page's HTML."""
        return build_market_page(self.document, self.form)


def index_sources() -> list[IndexSource]:
    """Return the pages of the market index among the cases that are built."""
    return [_index(meta.parent) for meta in sorted(_INDEXES.glob("*/meta.toml")) if _is_built(meta)]


def _index(folder: Path) -> IndexSource:
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    document = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return IndexSource(folder / "page.html", document, form_of(meta))


def case_sources() -> list[PageSource]:
    """Return the role pages among the cases that are built; the others are as the site served them."""
    return [_case(meta.parent) for meta in sorted(_CASES.glob("*/meta.toml")) if _is_built(meta)]


def site_sources() -> list[PageSource]:
    """Return the pages of the bundled sites, each built from the TOML beside it."""
    manifests = sorted(FIXTURES.glob("sites/*/*/site.toml"))
    return [_site_page(facts) for manifest in manifests for facts in sorted(manifest.parent.glob("*-*.toml"))]


def _is_built(meta: Path) -> bool:
    return bool(tomllib.loads(meta.read_text(encoding="utf-8")).get("built", True))


def _case(folder: Path) -> PageSource:
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    return PageSource(
        folder / "page.html",
        load_document(folder / "expected.json"),
        meta["wording"],
        load_printed(folder / "printed.toml"),
        meta.get("markup", "2020"),
    )


def _site_page(path: Path) -> PageSource:
    facts = load_facts(path)
    if "case" in facts:
        case = _case(_CASES / facts["case"])
        return replace(case, html=path.with_suffix(".html"))
    return PageSource(path.with_suffix(".html"), document_of(facts), facts["wording"])
