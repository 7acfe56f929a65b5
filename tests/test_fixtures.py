import re
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from jobspider import pages
from jobspider.pages.json_document import document as read_document
from jobspider.replay import ReplaySite, load_site
from jobspider.site import cell_values
from tests.support.page_builder import build_page, dump_document, load_document, number_formats
from tests.support.page_builder.committed_pages import (
    FIXTURES,
    IndexSource,
    PageSource,
    case_sources,
    index_sources,
    site_sources,
)
from tests.support.page_builder.document import Document
from tests.support.page_builder.label_wordings import WORDINGS
from tests.support.page_builder.markup_variants import TRANSFORMATIONS

CASES = case_sources()
FOLDERS = sorted(meta.parent for meta in FIXTURES.glob("pages/role/*/meta.toml"))
SITES = {manifest.parent: load_site(manifest.parent) for manifest in sorted(FIXTURES.glob("sites/*/*/site.toml"))}
SOURCES = [*CASES, *site_sources()]
BEFORE, AFTER = (SITES[FIXTURES / "sites" / "backend-developer" / day] for day in ("2025-11-16", "2025-11-23"))


def name_of(value: object) -> str:
    path = value.html if isinstance(value, PageSource | IndexSource) else value
    return str(path.relative_to(FIXTURES)) if isinstance(path, Path) else str(path)


def document_at(site: ReplaySite, address: str) -> Document:
    """Return the document that a page of a bundled site was built from."""
    document = next(
        source.document
        for source in SOURCES
        if source.html.parent == site.folder and source.document["url"].endswith(address)
    )
    assert site.find(address)
    return document


def both(address: str) -> tuple[Document, Document]:
    return document_at(BEFORE, address), document_at(AFTER, address)


def median(document: Document, basis: str) -> float:
    found = document["figures"]["term"]["pay"][basis]["median"][0]
    assert found is not None
    return found


def top_ten(document: Document) -> set[str]:
    return {skill["name"] for skill in document["top_skills"][:10]}


def letters(html: str) -> str:
    """Return a page's text without any white space."""
    return re.sub(r"\s", "", Selector(html).xpath("string(//body)").get(""))


@pytest.mark.parametrize("source", [*SOURCES, *index_sources()], ids=name_of)
def test_fixture_page_equals_build_result(source: PageSource | IndexSource) -> None:
    assert source.html.read_bytes() == source.build().encode(), "run python -m tests.support.page_builder"


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_fixture_page_is_accepted_and_matches_its_data(source: PageSource) -> None:
    page = pages.accept(pages.read_page(source.html.read_bytes(), source.document["url"]))
    assert page.findings == ()
    assert page.unknown_labels == ()
    assert read_document(page) == source.document


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_fixture_case_documents_its_origin(folder: Path) -> None:
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    document = load_document(folder / "expected.json")
    assert meta["url"] == document["url"]
    assert meta["as_of"] == date.fromisoformat(document["as_of"])
    assert meta["source"] == "IT Jobs Watch (www.itjobswatch.co.uk)"
    assert meta["licence"] == "CC BY-NC-SA 4.0"
    assert meta["origin"]
    assert meta["how_made"]
    assert meta["reviewed"] is True


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_fixture_expected_json_is_formatted(folder: Path) -> None:
    path = folder / "expected.json"
    assert path.read_text(encoding="utf-8") == dump_document(load_document(path))


@pytest.mark.parametrize("folder", SITES, ids=name_of)
def test_fixture_site_manifest_lists_exactly_its_pages(folder: Path) -> None:
    listed = tomllib.loads((folder / "site.toml").read_text(encoding="utf-8"))["page"]
    assert sorted(page["file"] for page in listed) == sorted(file.name for file in folder.glob("*.html"))


@pytest.mark.parametrize("folder", SITES, ids=name_of)
def test_fixture_site_manifest_matches_dates_and_urls_of_pages(folder: Path) -> None:
    listed = tomllib.loads((folder / "site.toml").read_text(encoding="utf-8"))["page"]
    by_file = {source.html.name: source.document for source in SOURCES if source.html.parent == folder}
    for page in listed:
        document = by_file[page["file"]]
        assert page["as_of"].isoformat() == document["as_of"]
        assert document["url"] == f"https://www.itjobswatch.co.uk{page['address']}"


@pytest.mark.parametrize("folder", SITES, ids=name_of)
def test_fixture_site_only_saved_cases_have_origin_true(folder: Path) -> None:
    saved = {case.html.read_bytes() for case in CASES}
    for page in SITES[folder].pages.values():
        assert (page.origin == "true") == (page.body in saved), page.path


def test_fixture_site_salary_and_rank_change_between_dates() -> None:
    old, new = both("/jobs/uk/backend%20developer.do")
    assert (median(old, "annual"), median(new, "annual")) == (65000, 67500)
    assert (old["figures"]["term"]["rank"][0], new["figures"]["term"]["rank"][0]) == (84, 69)


def test_fixture_site_day_rate_changes_between_dates() -> None:
    old, new = both("/contracts/uk/backend%20developer.do")
    assert (median(old, "daily"), median(new, "daily")) == (500, 525)
    assert list(new["figures"]["term"]["pay"]) == ["daily", "hourly"]


def test_fixture_site_skills_cross_top_ten_between_dates() -> None:
    old, new = both("/jobs/uk/backend%20developer.do")
    assert top_ten(new) - top_ten(old) == {"Docker", "Kubernetes"}
    assert top_ten(old) - top_ten(new) == {"Git", "Problem-Solving"}
    shares = [{skill["name"]: skill["share"] or 0 for skill in document["top_skills"]} for document in (old, new)]
    for name in ("Docker", "Kubernetes", "Git", "Problem-Solving"):
        assert abs(shares[1][name] - shares[0][name]) > 5
    for document in (old, new):
        assert document["top_skills"][9]["count"] > document["top_skills"][10]["count"]


def test_fixture_site_one_page_changes_only_its_date() -> None:
    old, new = both("/contracts/midlands/backend%20developer.do")
    assert old["as_of"] < new["as_of"]
    assert {**old, "as_of": new["as_of"]} == new


def test_fixture_site_one_page_is_removed_between_dates() -> None:
    assert set(BEFORE.pages) - set(AFTER.pages) == {
        key for key, page in BEFORE.pages.items() if page.path == "/jobs/wales/backend%20developer.do"
    }
    assert set(AFTER.pages) < set(BEFORE.pages)


def test_fixture_thin_page_lacks_most_rows() -> None:
    for document in both("/jobs/west%20midlands/backend%20developer.do"):
        assert list(document["figures"]["term"]["pay"]["annual"]) == ["quotes", "median", "parent_median"]


@pytest.mark.parametrize("transformation", TRANSFORMATIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("source", CASES, ids=name_of)
def test_markup_variant_has_same_content(source: PageSource, transformation: Callable[[str], str]) -> None:
    html = source.plain()
    assert letters(transformation(html)) == letters(html)


@pytest.mark.parametrize("transformation", TRANSFORMATIONS, ids=lambda function: function.__name__)
def test_markup_variants_differ(transformation: Callable[[str], str]) -> None:
    htmls = [source.plain() for source in CASES]
    assert sum(transformation(html) != html for html in htmls) >= len(htmls) // 2


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("source", [case for case in CASES if case.printed is None], ids=name_of)
def test_label_wordings_give_same_page(source: PageSource, wording: str) -> None:
    html = build_page(source.document, WORDINGS[wording])
    assert read_document(pages.read_page(html, source.document["url"])) == source.document


@given(st.integers(0, 10_000_000))
def test_printed_count_round_trips(value: int) -> None:
    assert cell_values.parse_count(number_formats.count(value)) == value


@given(st.integers(-5000, 5000))
def test_printed_rank_change_round_trips(value: int) -> None:
    assert cell_values.parse_rank_change(number_formats.places(value)) == value


@given(st.integers(0, 10_000))
def test_printed_share_round_trips(hundredths: int) -> None:
    share = Decimal(hundredths) / 100
    assert cell_values.parse_share(number_formats.share(float(share))) == share


@given(st.integers(-9_999, 500_000).filter(bool))
def test_printed_change_round_trips(hundredths: int) -> None:
    change = Decimal(hundredths) / 100
    assert cell_values.parse_percent_change(number_formats.change(float(change))) == change


@given(st.integers(1, 5_000_000))
def test_printed_amount_round_trips(pence: int) -> None:
    assert cell_values.parse_money(number_formats.money(pence, "annual")) == pence
    assert cell_values.parse_money(number_formats.money(pence / 100, "hourly")) == Decimal(pence) / 100


def test_document_round_trips(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    path.write_text(dump_document(CASES[0].document), encoding="utf-8")
    assert load_document(path) == CASES[0].document
