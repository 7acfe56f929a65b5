"""Which pages under ``fixtures/`` are built, and from what."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.pagebuilder.document import Document, load_document
from tests.pagebuilder.facts import document_of, load_facts
from tests.pagebuilder.page import build_page
from tests.pagebuilder.wording import WORDINGS

FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
_CASES: Final = FIXTURES / "pages" / "role"


@dataclass(frozen=True, slots=True)
class PageSource:
    """A committed page: the file it stands in, what it says and in which wording."""

    html: Path
    document: Document
    wording: str

    def build(self) -> str:
        """Return the page's HTML."""
        return build_page(self.document, WORDINGS[self.wording])


def case_sources() -> list[PageSource]:
    """Return the saved role pages whose documents are compared figure by figure."""
    return [_case(meta.parent) for meta in sorted(_CASES.glob("*/meta.toml"))]


def site_sources() -> list[PageSource]:
    """Return the pages of the bundled sites, each built from the TOML beside it."""
    manifests = sorted(FIXTURES.glob("sites/*/*/site.toml"))
    return [_site_page(facts) for manifest in manifests for facts in sorted(manifest.parent.glob("*-*.toml"))]


def _case(folder: Path) -> PageSource:
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    return PageSource(folder / "page.html", load_document(folder / "expected.json"), meta["wording"])


def _site_page(path: Path) -> PageSource:
    facts = load_facts(path)
    if "case" in facts:
        case = _case(_CASES / facts["case"])
        return PageSource(path.with_suffix(".html"), case.document, case.wording)
    return PageSource(path.with_suffix(".html"), document_of(facts), facts["wording"])
