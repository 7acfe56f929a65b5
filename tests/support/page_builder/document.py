"""A role page as data: the JSON that ``jobspider parse`` prints and that ``expected.json`` holds."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict, cast

from jobspider.pages.expected_json import dumped

Number = int | float
Row = list[Number | None]
"""Now, one year ago, two years ago; ``None`` where the page says "-"."""

Block = dict[str, Row]
"""The pay rows of one basis, by statistic, in the order of the page."""


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
    share: Number | None


class Printed(NamedTuple):
    """What a page says word for word: the rows of its tables, each a label and three cells.

    ``lead`` is the sentence above them, ``title`` the name over table 1; ``None`` where the wording gives it.
    """

    term: Sequence[Sequence[str]]
    category: Sequence[Sequence[str]]
    lead: str | None = None
    title: str | None = None


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


def load_printed(path: Path) -> Printed | None:
    """Read a ``printed.toml``; ``None`` where there is none."""
    return Printed(**tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def dump_document(document: Document) -> str:
    """Return a document as JSON in which whatever fits on one line stands on one, so that a person can review it."""
    return dumped(document)
