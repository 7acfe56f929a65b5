"""Every folder under fixtures/pages is a case: page.html, read under the url of meta.toml, gives expected.json."""

import json

import pytest

from jobspider.pages import accept, read_page
from tests.support.saved_pages import INDEXES, PAGES, SAVED, SavedPage, leaves

KEYS = (
    *("kind", "url", "subject", "term_name", "term_kind", "category", "region_name", "parent_region", "as_of", "years"),
    *("figures", "locations", "top_skills", "skills", "charts", "unknown_labels", "findings"),
)

each_saved_page = pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)


def test_there_are_saved_pages_and_each_folder_is_whole() -> None:
    folders = [folder for folder in PAGES.glob("*/*") if folder.is_dir()]
    assert folders
    for folder in folders:
        assert {"page.html", "meta.toml", "expected.json"} <= {file.name for file in folder.iterdir()}, folder


@pytest.mark.parametrize("saved", [*SAVED, *INDEXES], ids=lambda saved: saved.name)
def test_a_person_has_looked_at_the_expectation(saved: SavedPage) -> None:
    assert saved.meta.get("reviewed") is True, f"compare {saved.name}/expected.json with its page, then say so"


@each_saved_page
@pytest.mark.parametrize("key", KEYS)
def test_a_saved_page_gives_its_figures(saved: SavedPage, key: str) -> None:
    expected = saved.expected()[key]
    found = saved.truth()[key]
    differences = [
        f"{path}: expected {wanted!r}, found {got!r}"
        for path, wanted, got in _differing(dict(leaves(expected, key)), dict(leaves(found, key)))
    ]
    assert not differences
    assert found == expected


def _differing(expected: dict[str, object], found: dict[str, object]) -> list[tuple[str, object, object]]:
    return [
        (path, expected.get(path, "nothing"), found.get(path, "nothing"))
        for path in {**expected, **found}
        if expected.get(path, "nothing") != found.get(path, "nothing")
    ]


@each_saved_page
def test_a_document_has_the_keys_of_the_contract_in_their_order(saved: SavedPage) -> None:
    assert tuple(saved.truth()) == KEYS


@each_saved_page
def test_a_document_is_plain_json(saved: SavedPage) -> None:
    found = saved.truth()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@each_saved_page
def test_no_saved_page_is_turned_away(saved: SavedPage) -> None:
    page = read_page(saved.body, saved.url)
    assert accept(page) is page


@each_saved_page
def test_bytes_and_text_read_alike(saved: SavedPage) -> None:
    assert read_page(saved.body.decode("utf-8"), saved.url) == read_page(saved.body, saved.url)
