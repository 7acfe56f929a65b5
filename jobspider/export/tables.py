"""What an export holds: its tables, their columns, and what becomes a row of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, Literal, TypeVar

from jobspider.model import TOP_SKILLS_LIST, Basis, Figures, JobType, Market, MarketRow, Scope, Snapshot

ColumnType = Literal["string", "integer", "number", "date", "datetime"]
Row = tuple[object, ...]
Source = TypeVar("Source")
MarketEntry = tuple[Market, date, MarketRow]
"""A row of a market index, with the index and the date that it is of."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``unit`` is empty where there is nothing to measure."""

    name: str
    kind: ColumnType
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class ExportTable(Generic[Source]):
    """One table: what it holds, its columns, the names of those that tell its rows apart, and what makes its rows."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: Callable[[Source], Iterator[Row]]


_KEY: Final = (
    Column("job_type", "string", "", "permanent or contract"),
    Column("region", "string", "", "as in the site's addresses, lower case"),
    Column("term", "string", "", "a role or skill, as in the site's addresses, lower case"),
    Column("window_months", "integer", "months", "how far back the advertisements go that are counted"),
    Column("as_of", "date", "", "the last day of the window, as printed on the page"),
)
_KEY_NAMES: Final = tuple(column.name for column in _KEY)
_PAY: Final = ("median", "p10", "p25", "p75", "p90", "quotes")
_OTHER: Final = ("rank", "vacancies", "share_of_all", "share_of_category")


def _key(snapshot: Snapshot) -> Row:
    head = snapshot.head
    subject = head.subject
    return (subject.job_type.value, subject.region, subject.term, subject.window_months, head.as_of)


def _snapshot_rows(snapshot: Snapshot) -> Iterator[Row]:
    head, figures = snapshot.head, snapshot.content.term
    names = head.names
    basis = Basis.ANNUAL if head.subject.job_type is JobType.PERMANENT else Basis.DAILY
    yield (
        *_key(snapshot),
        *(names.term_name, names.term_kind, names.category, names.region_name, names.parent_region, basis.value),
        *(figures.now(statistic, basis) for statistic in _PAY),
        *(figures.now(statistic) for statistic in _OTHER),
        *(head.fetched_at, head.parser_version, head.url),
    )


def _figure_rows(snapshot: Snapshot) -> Iterator[Row]:
    category = snapshot.content.category
    tables: dict[Scope, Figures] = {Scope.TERM: snapshot.content.term}
    if category is not None:
        tables[Scope.CATEGORY] = category.figures
    for scope, figures in tables.items():
        for (basis, statistic), values in figures.rows.items():
            yield (*_key(snapshot), scope.value, basis and basis.value, statistic, *values)


def _skill_rows(snapshot: Snapshot) -> Iterator[Row]:
    content = snapshot.content
    for name, skills in {TOP_SKILLS_LIST: content.top_skills, **content.skills}.items():
        for position, skill in enumerate(skills, start=1):
            yield (*_key(snapshot), name, skill.name, position, skill.rank, skill.count, skill.share)


def _location_rows(snapshot: Snapshot) -> Iterator[Row]:
    for position, row in enumerate(snapshot.content.locations, start=1):
        figures = (row.rank_change, row.vacancies, row.median, row.median_change, row.live_jobs)
        yield (*_key(snapshot), row.name, position, *figures)


def _market_rows(listed: MarketEntry) -> Iterator[Row]:
    market, as_of, row = listed
    figures = (row.rank, row.rank_change, row.median, row.median_change, row.vacancies, row.share, row.live_jobs)
    yield (market.job_type.value, market.region, market.window_months, as_of, row.name, *figures, row.url)


_SNAPSHOTS: Final = ExportTable(
    "snapshots",
    "One row for each page read: the current window's figures of its first table.",
    (
        *_KEY,
        Column("term_name", "string", "", "the term as printed"),
        Column("term_kind", "string", "", "role or skill"),
        Column("category", "string", "", "what the term counts among"),
        Column("region_name", "string", "", "the region as printed"),
        Column("parent_region", "string", "", "the region around it; missing where the page names none"),
        Column("basis", "string", "", "what the pay is paid for: annual or daily"),
        Column("median", "number", "pounds", "half of the quotes are below"),
        Column("p10", "number", "pounds", "a tenth of the quotes is below"),
        Column("p25", "number", "pounds", "a quarter of the quotes is below"),
        Column("p75", "number", "pounds", "a quarter of the quotes is above"),
        Column("p90", "number", "pounds", "a tenth of the quotes is above"),
        Column("quotes", "integer", "advertisements", "how many state pay on this basis"),
        Column("rank", "integer", "rank", "by vacancies among all terms in the region; 1 is the most sought"),
        Column("vacancies", "integer", "advertisements", "how many ask for the term"),
        Column("share_of_all", "number", "percent", "of all advertisements of this job type in the region"),
        Column("share_of_category", "number", "percent", "of the advertisements in the term's category"),
        Column("fetched_at", "datetime", "UTC", "when the page was fetched"),
        Column("parser_version", "integer", "", "which version of the parser read it; higher is newer"),
        Column("url", "string", "", "the page"),
    ),
    _KEY_NAMES,
    _snapshot_rows,
)
_FIGURES: Final = ExportTable(
    "figures",
    "Every row of both tables of a page, in all three columns.",
    (
        *_KEY,
        Column("scope", "string", "", "term (the page's first table) or category (its second)"),
        Column("basis", "string", "", "annual, daily or hourly; missing for a figure that is not about pay"),
        Column(
            "statistic", "string", "", "which figure: pounds for p10 to p90 and medians, percent for shares and changes"
        ),
        Column("now", "number", "the statistic's", "in the window that ends on the as-of date"),
        Column("year_ago", "number", "the statistic's", "in the window that ended a year earlier"),
        Column("two_years_ago", "number", "the statistic's", "in the window that ended two years earlier"),
    ),
    (*_KEY_NAMES, "scope", "basis", "statistic"),
    _figure_rows,
)
_SKILLS: Final = ExportTable(
    "skills",
    "Skills that advertisements for the term name too. A list is cut: one that is absent is below the cut, not zero.",
    (
        *_KEY,
        Column("list", "string", "", "top, or the category as printed"),
        Column("name", "string", "", "the skill as printed"),
        Column("position", "integer", "", "1 is the first of its list"),
        Column("rank", "integer", "rank", "equal counts share a rank, and none is left out after them"),
        Column("count", "integer", "advertisements", "of the term that name the skill"),
        Column("share", "number", "percent", "of the term's advertisements"),
    ),
    (*_KEY_NAMES, "list", "name"),
    _skill_rows,
)
_LOCATIONS: Final = ExportTable(
    "locations",
    "The places inside the page's region.",
    (
        *_KEY,
        Column("name", "string", "", "the place as printed"),
        Column("position", "integer", "", "1 is the first on the page"),
        Column("rank_change", "integer", "places", "against a year earlier; positive is up"),
        Column("vacancies", "integer", "advertisements", "that ask for the term there"),
        Column("median", "number", "pounds", "on the page's main basis"),
        Column("median_change", "number", "percent", "against a year earlier"),
        Column("live_jobs", "integer", "jobs", "open on the site when the page was fetched"),
    ),
    (*_KEY_NAMES, "name"),
    _location_rows,
)

PAGE_TABLES: Final[tuple[ExportTable[Snapshot], ...]] = (_SNAPSHOTS, _FIGURES, _SKILLS, _LOCATIONS)
MARKET: Final = ExportTable(
    "market",
    "The rows of the market indexes: all terms of a region in one list.",
    (
        *(column for column in _KEY if column.name != "term"),
        Column("name", "string", "", "the term as printed"),
        Column("rank", "integer", "rank", "by vacancies; 1 is the most sought"),
        Column("rank_change", "integer", "places", "against a year earlier; positive is up"),
        Column("median", "number", "pounds", "annual for permanent, daily for contract"),
        Column("median_change", "number", "percent", "against a year earlier; cut off, not rounded"),
        Column("vacancies", "integer", "advertisements", "that ask for the term"),
        Column("share", "number", "percent", "of all advertisements of this job type in the region"),
        Column("live_jobs", "integer", "jobs", "open on the site when the page was fetched"),
        Column("url", "string", "", "the term's own page"),
    ),
    (*(name for name in _KEY_NAMES if name != "term"), "name"),
    _market_rows,
)
TABLES: Final[tuple[ExportTable[Any], ...]] = (*PAGE_TABLES, MARKET)
