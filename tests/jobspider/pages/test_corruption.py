"""Over thousands of seeded damages, a wrong figure is accepted only where it is documented that none can be seen."""

from functools import cache
from pathlib import Path

import pytest

from tests.jobspider.pages.corruption import DAMAGES, UNCOVERED, Count, cases, count, uncovered

READING = Path(__file__).parents[3] / "docs" / "READING.md"
ALWAYS_SEEN = (
    *("shifted_columns", "swapped_columns", "spliced_table", "spliced_section", "doubled_row", "dropped_row"),
)


@cache
def counts() -> dict[str, Count]:
    """Return what became of a fifth of the cases that benchmarks/damage.py counts."""
    return count(2_000, seed=1)


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_was_tried_and_is_mostly_refused(damage: str) -> None:
    found = counts()[damage]
    assert found.cases > 100
    assert found.refused > found.cases // 2


@pytest.mark.parametrize("damage", ALWAYS_SEEN)
def test_shifted_and_exchanged_columns_splices_and_rows_too_many_are_always_seen(damage: str) -> None:
    assert not counts()[damage].unnoticed


def test_a_wrong_figure_is_accepted_only_where_the_documents_say_so() -> None:
    unnoticed = [wrong for found in counts().values() for wrong in found.unnoticed]
    assert unnoticed, "the list of uncovered cells says too much"
    assert [f"{case.damage} of {case.where}: {path}" for case, path in unnoticed if not uncovered(path)] == []


@pytest.mark.parametrize("name", UNCOVERED)
def test_what_no_identity_covers_is_documented(name: str) -> None:
    section = READING.read_text(encoding="utf-8").split("## What no identity covers\n")[1].split("\n## ")[0]
    assert f"| {name} |" in section


def test_the_same_seed_gives_the_same_damage() -> None:
    assert list(cases(50, seed=3)) == list(cases(50, seed=3))
    assert [case.html for case in cases(50, seed=3)] != [case.html for case in cases(50, seed=4)]
