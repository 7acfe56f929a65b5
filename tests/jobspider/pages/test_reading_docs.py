"""docs/READING.md tells the truth: every statistic, label and identity stands in it, and every label is understood."""

import inspect
import re
from pathlib import Path

import pytest

from jobspider.model import Scope
from jobspider.pages.audit import prose as _prose_checks
from jobspider.pages.audit.market_index import INDEX_IDENTITIES
from jobspider.pages.audit.role import IDENTITIES
from jobspider.site.statistics import STATISTICS, Statistic, Unit, match_label
from tests.support.saved_pages import SAVED, SavedPage, data_rows, text_of

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "READING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL))
LABEL = re.compile(r"^- (table 1|table 2|both tables), [^`]*`([^`]+)`$", re.MULTILINE)
SCOPES = {"table 1": (Scope.TERM,), "table 2": (Scope.CATEGORY,), "both tables": tuple(Scope)}
NAMES = {"X": "Backend Developer", "R": "the North West", "P": "England", "C": "Job Titles"}
UNITS = {
    Unit.RANK: "rank",
    Unit.PLACES: "places",
    Unit.ADS: "advertisements",
    Unit.PERCENT: "percent",
    Unit.CHANGE: "percent",
    Unit.POUNDS: "pounds; with pence where hourly",
}


def labels(key: str) -> list[tuple[Scope, str]]:
    """Return the labels documented for a statistic, with names in the place of letters."""
    found = LABEL.findall(SECTIONS[key])
    return [
        (scope, re.sub(r"\b[XRPC]\b", lambda letter: NAMES[letter[0]], label))
        for table, label in found
        for scope in SCOPES[table]
    ]


DOCUMENTED = [(statistic, *label) for statistic in STATISTICS for label in labels(statistic.key)]


def test_every_statistic_has_its_section_in_the_order_of_the_registry() -> None:
    assert list(SECTIONS) == [statistic.key for statistic in STATISTICS]


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.key)
def test_a_statistic_is_documented_with_unit_labels_and_guards(statistic: Statistic) -> None:
    section = " ".join(SECTIONS[statistic.key].split())
    assert f"Unit: {UNITS[statistic.unit]}" in section
    assert labels(statistic.key)
    assert "Guarded by `" in section


@pytest.mark.parametrize(("statistic", "scope", "label"), DOCUMENTED)
def test_a_documented_label_is_understood(statistic: Statistic, scope: Scope, label: str) -> None:
    found = match_label(label, scope)
    assert found is not None
    # "R median ...": whose it is depends on the page, see the tests of the tables.
    own = statistic.key == "median" and label.startswith(NAMES["R"])
    assert found.statistic.key == ("parent_median" if own else statistic.key)


def test_no_pattern_of_the_registry_is_without_a_documented_label() -> None:
    for statistic in STATISTICS:
        for scope, patterns in statistic.labels.items():
            for pattern in patterns:
                documented = [label for _, where, label in DOCUMENTED if where is scope]
                assert any(pattern.fullmatch(label) for label in documented), pattern.pattern


def printed_labels(saved: SavedPage) -> set[str]:
    return {text_of(row[0]) for row in data_rows(saved.tree()) if len(row) == 4}


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.key)
def test_every_pattern_of_the_registry_is_shown_by_a_saved_page(statistic: Statistic) -> None:
    printed = set().union(*map(printed_labels, SAVED))
    for pattern in {pattern for patterns in statistic.labels.values() for pattern in patterns}:
        assert any(pattern.fullmatch(label) for label in printed), pattern.pattern


def test_every_identity_is_documented_and_no_other() -> None:
    table = TEXT.split("\n## Identities\n")[1].split("\n## ")[0]
    stated = re.findall(r'Finding\(\s*"(\w+)"', inspect.getsource(_prose_checks))
    names = [identity.__name__ for identity in (*IDENTITIES, *INDEX_IDENTITIES)]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted({*names, *stated})


def test_every_guard_is_an_identity() -> None:
    identities = set(re.findall(r"^\| `(\w+)` \|", TEXT.split("\n## Identities\n")[1], re.MULTILINE))
    for section in SECTIONS.values():
        assert set(re.findall(r"`(\w+)`", section.split("Guarded by ")[1])) <= identities
