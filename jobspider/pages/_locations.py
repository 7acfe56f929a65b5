"""Parse the table of locations inside the page's region.

Input: the header row and the rows below it. Called by :mod:`jobspider.pages.role`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from jobspider.model import Basis, LocationRow, Subject
from jobspider.pages._parse_errors import OtherPageError, PageContentError, is_name, quote
from jobspider.pages._statistics_tables import BASES, read_cells, same_region
from jobspider.pages.html.outline import Row, SingleCellRow
from jobspider.site.statistics import BY_KEY, Statistic, parse_basis

if TYPE_CHECKING:
    from decimal import Decimal

    _Values = tuple[int | None, int, Decimal | None, Decimal | None, int | None]

_PAY: Final = r"(?:median|average) (?P<basis>annual salary|salary|daily rate|hourly rate)"
# The headers of 2020 and 2025. Until 2016 the site called the median "Average".
_COLUMNS: Final = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "name": r"location",
        "rank_change": r"rank change\b.*",
        "vacancies": r"matching (?:(?P<job_type>permanent|contract) )?(?:it )?(?:job )?(?:ads|vacancies)",
        "median": rf"{_PAY} past (?P<months>[0-9]+) months",
        "median_change": rf"{_PAY} % change\b.*",
        "live_jobs": r"live (?:jobs|job vacancies|vacancies)",
    }.items()
}
_NEEDED: Final = ("name", "vacancies")
_STATISTICS: Final[dict[str, Statistic]] = {
    **{name: BY_KEY[name] for name in ("rank_change", "vacancies", "median", "median_change")},
    "live_jobs": BY_KEY["vacancies"],
}
"""The statistic of each column, in the order of the fields of :class:`~jobspider.model.LocationRow`."""


class _Columns(NamedTuple):
    names: tuple[str, ...]
    basis: Basis


def is_location_header(row: Row) -> bool:
    """Return whether a row is the header of the locations table. A search form may contain "Location" as well."""
    return row.cells[0].casefold() == "location" and any(map(_COLUMNS["vacancies"].fullmatch, row.cells))


def parse_locations(
    header: Row, rows: Iterable[Row | SingleCellRow], subject: Subject, parent_region: str | None
) -> tuple[LocationRow, ...]:
    """Parse the rows below the header.

    Raises:
        PageContentError: A column or row has an unknown format, or a location occurs twice.
        OtherPageError: A header names another job type or window than the subject.
    """
    columns = _columns(header, subject)
    locations: dict[str, Sequence[str]] = {}
    for row in rows:
        cells = row.lines if isinstance(row, SingleCellRow) else row.cells
        if _is_parent_link(cells, parent_region):
            continue
        if isinstance(row, SingleCellRow) or len(row.cells) != len(columns.names):
            raise PageContentError(f"a location with {len(columns.names) - 1} figures", quote(cells))
        name = cells[columns.names.index("name")]
        if not is_name(name):
            raise PageContentError("the name of a location", quote(cells))
        if name in locations:
            raise PageContentError("each location once", f"{quote(name)} again")
        locations[name] = cells
    return _parse_rows(columns, locations)


def _columns(header: Row, subject: Subject) -> _Columns:
    names: list[str] = []
    basis = BASES[subject.job_type][0]
    for cell in header.cells:
        name, groups = _column(cell)
        if name in names:
            raise PageContentError("each column of the locations table once", f"{quote(cell)} again")
        names.append(name)
        if groups.get("job_type") and groups["job_type"].lower() != subject.job_type:
            raise OtherPageError(f"locations of {subject.job_type} jobs", quote(cell))
        if groups.get("months") and int(groups["months"]) != subject.window_months:
            raise OtherPageError(f"medians of the past {subject.window_months} months", quote(cell))
        if groups.get("basis") and parse_basis(groups["basis"]) is not basis:
            raise PageContentError(f"locations with {basis} pay", quote(cell))
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise PageContentError(f"a column for {' and '.join(missing)} in the locations table", quote(header.cells))
    return _Columns(tuple(names), basis)


@lru_cache(maxsize=256)
def _column(cell: str) -> tuple[str, Mapping[str, str]]:
    """Return the name of a column and the groups in its header. Cached: the same headers are on every page."""
    for name, pattern in _COLUMNS.items():
        match = pattern.fullmatch(cell)
        if match:
            return name, match.groupdict()
    raise PageContentError("a known column of the locations table", quote(cell))


def _parse_rows(columns: _Columns, locations: Mapping[str, Sequence[str]]) -> tuple[LocationRow, ...]:
    """Parse the cells by column, because all cells of a column have the same parser."""
    texts = dict(zip(columns.names, zip(*locations.values(), strict=True), strict=False))
    blanks = [""] * len(locations)
    values = {
        column: read_cells(
            statistic, texts.get(column, blanks), [f"{name}: {column}" for name in locations], columns.basis
        )
        for column, statistic in _STATISTICS.items()
    }
    if None in values["vacancies"]:
        name = [*locations][values["vacancies"].index(None)]
        raise PageContentError(f"a number of ads for {quote(name)}", quote(locations[name]))
    figures = cast("Iterable[_Values]", zip(*values.values(), strict=True))
    return tuple([LocationRow(name, *row) for name, row in zip(locations, figures, strict=True)])


def _is_parent_link(cells: Sequence[str], parent_region: str | None) -> bool:
    """Return whether a row is only the link to the parent region, alone or after the name of the term."""
    words = [cell for cell in cells if cell]
    return parent_region is not None and bool(words) and same_region(words[-1], parent_region) and len(words) <= 2  # noqa: PLR2004 - the term and the region
