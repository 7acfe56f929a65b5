"""A bundled page from its facts: the TOML beside its HTML.

The facts hold what cannot be worked out. A row that reads ``"derived"`` is computed from them as the site does, so that
a made-up page keeps every identity of a true one:

* ``rank_change`` and ``median_change`` from their row and from its fourth value, of three years ago, if it has one;
* ``share_of_all`` in both tables from ``all_vacancies``, the advertisements of the region whatever their title;
* ``share_of_category`` from the vacancies of both tables;
* ranks, shares and the top list of skills from their counts.

``"-"`` in a row is the dash on the page. ``like`` names other facts to start from; the tables and keys given beside it
replace theirs.
"""

import tomllib
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

from jobspider.site import urls as addresses
from tests.support.page_builder.document import Block, ChartImage, Document, Number, Row, Skill, Table

DERIVED: Final = "derived"
CATEGORY_LENGTH: Final = 20
COLUMNS: Final = 3
_TENTH: Final = Decimal("0.1")
_CHART_SLUGS: Final = {"Job Vacancy Trend": "demand-trend"}


def load_facts(path: Path) -> dict[str, Any]:
    """Return the facts in a file, with those it is ``like`` filled in."""
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    like = facts.pop("like", None)
    return facts if like is None else {**load_facts(path.parent / like), **facts}


def document_of(facts: Mapping[str, Any]) -> Document:
    """Return the document that a page's facts come to."""
    subject = addresses.make_subject(facts["job_type"], facts["region_name"], facts["term_name"])
    day = facts["as_of"]
    vacancies = facts["term"]["vacancies"]
    top, skills = skill_lists(facts.get("skills", {}), vacancies[0], facts.get("top", 30))
    return {
        "kind": "role",
        "url": addresses.subject_url(subject),
        "subject": {
            "job_type": facts["job_type"],
            "region": subject.region,
            "term": subject.term,
            "window_months": subject.window_months,
        },
        "term_name": facts["term_name"],
        "term_kind": "role",
        "category": "Job Titles",
        "region_name": facts["region_name"],
        "parent_region": facts.get("parent_region"),
        "as_of": day.isoformat(),
        "years": [day.year - back for back in range(COLUMNS)],
        "figures": {
            "term": _table(facts["term"], facts),
            "category": _table(facts["category"], facts),
        },
        "locations": [
            {
                "name": place["name"],
                "rank_change": place.get("rank_change"),
                "vacancies": place["vacancies"],
                "median": place.get("median"),
                "median_change": place.get("median_change"),
                "live_jobs": place.get("live_jobs"),
            }
            for place in facts.get("locations", [])
        ],
        "top_skills": top,
        "skills": skills,
        "charts": [_chart(title, facts) for title in facts["charts"]],
        "unknown_labels": [],
        "findings": [],
    }


def _table(said: Mapping[str, Any], facts: Mapping[str, Any]) -> Table:
    derived = {
        "rank_change": lambda: _falls(_row(said["rank"])),
        "share_of_all": lambda: _shares(said["vacancies"], facts["all_vacancies"]),
        "share_of_category": lambda: _shares(said["vacancies"], facts["category"]["vacancies"]),
    }
    table: dict[str, Any] = {}
    for key, value in said.items():
        if key == "pay":
            table["pay"] = {basis: _block(block) for basis, block in value.items()}
        elif key == "name":
            table["name"] = value
        else:
            row = derived[key]() if value == DERIVED else _row(value)
            table[key] = row[:COLUMNS]
    return cast("Table", table)


def _block(said: Mapping[str, Any]) -> Block:
    return {
        key: (_rises(_row(said[key.removesuffix("_change")])) if value == DERIVED else _row(value))[:COLUMNS]
        for key, value in said.items()
    }


def _row(said: Iterable[Number | str]) -> Row:
    return [None if isinstance(value, str) else value for value in said]


def _falls(ranks: Row) -> Row:
    """Return how many places each rank is better than that of the year before."""
    changes: Row = [None if now is None or before is None else before - now for now, before in pairwise(ranks)]
    return [*changes, None]


def _rises(amounts: Row) -> Row:
    """Return by how much percent each amount is above that of the year before; the site prints no 0."""
    changes: Row = []
    for now, before in pairwise(amounts):
        known = now is not None and before is not None and now != before
        changes.append(_rounded(100 * (Decimal(str(now)) / Decimal(str(before)) - 1), "0.01") if known else None)
    return [*changes, None]


def _shares(parts: Iterable[int], wholes: Iterable[int]) -> Row:
    return [share_of(part, whole) if part else None for part, whole in zip_longest(parts, wholes)]


def share_of(part: int, whole: int) -> Number:
    """Return a share in percent as the site rounds it: two decimals, three below 0.1 %."""
    exact = Decimal(100 * part) / whole
    return _rounded(exact, "0.01" if exact >= _TENTH else "0.001")


def _rounded(value: Decimal, unit: str) -> Number:
    return float(value.quantize(Decimal(unit), ROUND_HALF_UP))


def skill_lists(
    said: Mapping[str, Mapping[str, int]], vacancies: int, top: int
) -> tuple[list[Skill], dict[str, list[Skill]]]:
    """Return the top list and the lists by category that so many ads for each skill come to."""
    everything = {name: count for counts in said.values() for name, count in counts.items()}
    lists = {category: _skill_list(counts, vacancies, CATEGORY_LENGTH) for category, counts in sorted(said.items())}
    return _skill_list(everything, vacancies, top), lists


def _skill_list(counts: Mapping[str, int], vacancies: int, length: int) -> list[Skill]:
    """Return the most frequent skills; those of equal count share a rank and stand in the order of the alphabet."""
    ranks = {count: rank for rank, count in enumerate(sorted(set(counts.values()), reverse=True), 1)}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold()))
    return [
        {"rank": ranks[count], "name": name, "count": count, "share": share_of(count, vacancies)}
        for name, count in ordered[:length]
    ]


def _chart(title: str, facts: Mapping[str, Any]) -> ChartImage:
    places = dict.fromkeys(["UK", facts.get("parent_region") or "UK", facts["region_name"]])
    kind = _CHART_SLUGS.get(title, title.lower().replace(" ", "-"))
    path = "/".join(quote(name.lower()) for name in (*places, facts["term_name"]))
    return {"title": title, "url": f"{addresses.SITE}/charts/{kind}/{facts['job_type']}/m2x/{path}.webp"}
