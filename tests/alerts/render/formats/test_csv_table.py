import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings

from alerts.model.changes import Digest
from alerts.render.formats.csv_table import COLUMNS, render_csv
from tests.support import digest_factories


def rows(digest: Digest) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_csv(digest), newline="")))


def test_every_change_is_a_line_with_its_standing() -> None:
    digest = digest_factories.sample()
    found = rows(digest)
    assert [row["standing"] for row in found] == ["told"] * 8 + ["nearly there"] + ["held back"] * 2
    assert found[0] | {"because": ""} == dict.fromkeys(COLUMNS, "") | {
        "standing": "told",
        "subject": "permanent/north west/backend developer/6",
        "term": "Backend Developer",
        "region": "North West",
        "job_type": "permanent",
        "window_months": "6",
        "topic": "pay/annual",
        "statistic": "median",
        "basis": "annual",
        "kind": "moved",
        "old": "60000",
        "new": "62500",
        "difference": "2500",
        "percent": "4.17",
        "year_on_year": "8.70",
        "quotes": "116",
        "verdict": "clear",
        "p_value": "0.002",
        "old_as_of": "2025-11-16",
        "as_of": "2025-11-23",
        "told_at": "2025-11-17T07:30:00+00:00",
        "url": "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do",
    }


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")'])
def test_no_name_is_a_formula(name: str) -> None:
    (row,) = rows(
        replace(digest_factories.quiet(), below_threshold=(digest_factories.line(digest_factories.skill(name)),))
    )
    assert row["item"] == f"'{name}"


def test_a_figure_that_falls_stays_a_number() -> None:
    (row,) = rows(
        replace(digest_factories.quiet(), below_threshold=(digest_factories.line(digest_factories.rank(154, 120)),))
    )
    assert float(row["difference"]) == -34


@settings(max_examples=30)
@given(digest_factories.digests())
def test_any_digest_is_a_table_with_a_line_for_each_change(digest: Digest) -> None:
    found = rows(digest)
    told = sum(len(group.lines) for group in digest.groups)
    assert len(found) == told + len(digest.below_threshold) + len(digest.suppressed)
    assert all(row.keys() == set(COLUMNS) for row in found)
    texts = ("subject", "term", "region", "item", "because")
    assert not [row[key] for row in found for key in texts if row[key].startswith(("=", "+", "-", "@"))]
