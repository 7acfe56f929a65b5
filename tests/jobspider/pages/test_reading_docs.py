"""Check docs/READING.md against the code: statistics, labels and audit checks."""

import inspect
import re
from pathlib import Path

from jobspider.model import Scope
from jobspider.pages.audit import prose as _prose_checks
from jobspider.pages.audit.market_index import INDEX_IDENTITIES
from jobspider.pages.audit.role import IDENTITIES
from jobspider.site.statistics import STATISTICS, Unit, match_label
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
    """Return the documented labels of a statistic, with names instead of the placeholder letters."""
    return [
        (scope, re.sub(r"\b[XRPC]\b", lambda letter: NAMES[letter[0]], label))
        for table, label in LABEL.findall(SECTIONS[key])
        for scope in SCOPES[table]
    ]


DOCUMENTED = [(statistic, *label) for statistic in STATISTICS for label in labels(statistic.key)]


def test_docs_sections_match_registry_order() -> None:
    assert list(SECTIONS) == [statistic.key for statistic in STATISTICS]


def test_docs_section_has_unit_labels_and_guards() -> None:
    for statistic in STATISTICS:
        section = " ".join(SECTIONS[statistic.key].split())
        assert f"Unit: {UNITS[statistic.unit]}" in section
        assert labels(statistic.key), statistic.key
        assert "Guarded by `" in section, statistic.key


def test_docs_labels_are_parsed() -> None:
    for statistic, scope, label in DOCUMENTED:
        match = match_label(label, scope)
        assert match is not None, label
        # The region of "R median ..." depends on the page; see test_statistics_tables.py.
        is_own_median = statistic.key == "median" and label.startswith(NAMES["R"])
        assert match.statistic.key == ("parent_median" if is_own_median else statistic.key), label


def test_docs_contain_a_label_for_each_pattern() -> None:
    for statistic in STATISTICS:
        for scope, patterns in statistic.labels.items():
            for pattern in patterns:
                documented = [label for _, where, label in DOCUMENTED if where is scope]
                assert any(pattern.fullmatch(label) for label in documented), pattern.pattern


def printed_labels(saved: SavedPage) -> set[str]:
    return {text_of(row[0]) for row in data_rows(saved.tree()) if len(row) == 4}


def test_label_patterns_all_occur_on_a_saved_page() -> None:
    printed = set().union(*map(printed_labels, SAVED))
    for statistic in STATISTICS:
        for pattern in {pattern for patterns in statistic.labels.values() for pattern in patterns}:
            assert any(pattern.fullmatch(label) for label in printed), pattern.pattern


def test_docs_list_exactly_the_audit_checks() -> None:
    table = TEXT.split("\n## Identities\n")[1].split("\n## ")[0]
    prose_checks = re.findall(r'Finding\(\s*"(\w+)"', inspect.getsource(_prose_checks))
    names = [check.__name__ for check in (*IDENTITIES, *INDEX_IDENTITIES)]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted({*names, *prose_checks})


def test_docs_guards_are_audit_checks() -> None:
    identities = set(re.findall(r"^\| `(\w+)` \|", TEXT.split("\n## Identities\n")[1], re.MULTILINE))
    for section in SECTIONS.values():
        assert set(re.findall(r"`(\w+)`", section.split("Guarded by ")[1])) <= identities
