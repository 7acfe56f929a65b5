"""Tests of the saved pages: each folder under fixtures/pages is a case.

The parser must return expected.json for page.html and the URL in meta.toml. A new case needs no Python.
"""

import json

import pytest

from jobspider.pages import accept, read_page
from tests.support.saved_pages import INDEXES, PAGES, SAVED, SavedPage, check_reviewed, leaves

KEYS = (
    *("kind", "url", "subject", "term_name", "term_kind", "category", "region_name", "parent_region", "as_of", "years"),
    *("figures", "locations", "top_skills", "skills", "charts", "unknown_labels", "findings"),
)

each_saved_page = pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)


def test_saved_pages_are_complete_and_reviewed() -> None:
    folders = [folder for folder in PAGES.glob("*/*") if folder.is_dir()]
    assert folders
    for folder in folders:
        assert {"page.html", "meta.toml", "expected.json"} <= {file.name for file in folder.iterdir()}, folder
    for saved in [*SAVED, *INDEXES]:
        check_reviewed(saved)


@each_saved_page
def test_read_page_saved_page_matches_expected_json(saved: SavedPage) -> None:
    expected, actual = saved.expected(), saved.truth()
    expected_leaves, actual_leaves = dict(leaves(expected)), dict(leaves(actual))
    differences = [
        f"{path}: expected {expected_leaves.get(path, 'nothing')!r}, actual {actual_leaves.get(path, 'nothing')!r}"
        for path in {**expected_leaves, **actual_leaves}
        if expected_leaves.get(path, "nothing") != actual_leaves.get(path, "nothing")
    ]
    assert not differences
    assert actual == expected
    assert tuple(actual) == KEYS
    assert json.loads(json.dumps(actual, allow_nan=False)) == actual


@each_saved_page
def test_read_page_saved_page_is_accepted_as_bytes_and_text(saved: SavedPage) -> None:
    page = read_page(saved.body, saved.url)
    assert accept(page) is page
    assert read_page(saved.body.decode("utf-8"), saved.url) == page
