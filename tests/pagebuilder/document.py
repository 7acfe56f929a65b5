"""A role page as data: the JSON that ``jobspider parse`` prints and that ``expected.json`` holds."""

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

Number = int | float
Row = list[Number | None]
"""Now, one year ago, two years ago; ``None`` where the page says "-"."""

Block = dict[str, Row]
"""The pay rows of one basis, by statistic, in the order of the page."""

LINE_LENGTH = 120


class SubjectParts(TypedDict):
    """What the page reports on, in the words of its address."""

    job_type: Literal["permanent", "contract"]
    region: str
    term: str
    window_months: int


class Table(TypedDict):
    """One of the two tables of figures; a row that the page does not have is absent."""

    name: NotRequired[str]
    rank: NotRequired[Row]
    rank_change: NotRequired[Row]
    vacancies: NotRequired[Row]
    share_of_all: NotRequired[Row]
    share_of_category: NotRequired[Row]
    pay: dict[str, Block]


class Tables(TypedDict):
    """Table 1 and, where the page has it, table 2."""

    term: Table
    category: NotRequired[Table]


class Location(TypedDict):
    """One line of the locations table."""

    name: str
    rank_change: int | None
    vacancies: int
    median: Number | None
    median_change: Number | None
    live_jobs: int | None


class Skill(TypedDict):
    """One line of a skill list; ``rank`` is a dense tie group."""

    rank: int
    name: str
    count: int
    share: Number


class ChartImage(TypedDict):
    """An image of the page."""

    title: str
    url: str


class Document(TypedDict):
    """One role page, whole."""

    kind: Literal["role"]
    url: str
    subject: SubjectParts
    term_name: str
    term_kind: Literal["role", "skill"]
    category: str
    region_name: str
    parent_region: str | None
    as_of: str
    years: list[int]
    figures: Tables
    locations: list[Location]
    top_skills: list[Skill]
    skills: dict[str, list[Skill]]
    charts: list[ChartImage]
    unknown_labels: list[str]
    findings: list[Any]


def load_document(path: Path) -> Document:
    """Read an ``expected.json``."""
    return cast("Document", json.loads(path.read_text(encoding="utf-8")))


def dump_document(document: Document) -> str:
    """Return a document as JSON in which whatever fits on one line stands on one, so that a person can review it."""
    return _dumped(document, "") + "\n"


def _dumped(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) < LINE_LENGTH or not isinstance(value, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_dumped(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _dumped(item, inner) for item in value) + f"\n{indent}]"
