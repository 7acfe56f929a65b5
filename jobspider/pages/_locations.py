"""The table of places inside the page's region."""

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
# The headers of 2020 and 2025; "Average" was the site's word for the median until 2016.
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
"""What each figure of a place is, in the order of :class:`~jobspider.model.LocationRow`."""


class _Columns(NamedTuple):
    names: tuple[str, ...]
    basis: Basis


def heads_places(row: Row) -> bool:
    """Tell whether a row heads a table of places; table 1's header may hold the same word in a search form."""
    return row.cells[0].casefold() == "location" and any(map(_COLUMNS["vacancies"].fullmatch, row.cells))


def read_places(
    header: Row, rows: Iterable[Row | SingleCellRow], subject: Subject, parent_region: str | None
) -> tuple[LocationRow, ...]:
    """Read the places below a header row.

    Raises:
        UnexpectedError: A column or a row is not understood, or a place comes twice.
        AnotherPageError: A header names another job type or window than asked for.
    """
    columns = _columns(header, subject)
    places: dict[str, Sequence[str]] = {}
    for row in rows:
        cells = row.lines if isinstance(row, SingleCellRow) else row.cells
        if _is_parent_link(cells, parent_region):
            continue
        if isinstance(row, SingleCellRow) or len(row.cells) != len(columns.names):
            raise PageContentError(f"a place with {len(columns.names) - 1} figures", quote(cells))
        name = cells[columns.names.index("name")]
        if not is_name(name):
            raise PageContentError("a place's name", quote(cells))
        if name in places:
            raise PageContentError("each place once", f"{quote(name)} again")
        places[name] = cells
    return _read(columns, places)


def _columns(header: Row, subject: Subject) -> _Columns:
    names: list[str] = []
    basis = BASES[subject.job_type][0]
    for cell in header.cells:
        name, said = _column(cell)
        if name in names:
            raise PageContentError("each column of the locations table once", f"{quote(cell)} again")
        names.append(name)
        if said.get("job_type") and said["job_type"].lower() != subject.job_type:
            raise OtherPageError(f"locations of {subject.job_type} jobs", quote(cell))
        if said.get("months") and int(said["months"]) != subject.window_months:
            raise OtherPageError(f"medians of the past {subject.window_months} months", quote(cell))
        if said.get("basis") and parse_basis(said["basis"]) is not basis:
            raise PageContentError(f"locations with {basis} pay", quote(cell))
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise PageContentError(f"a column for {' and '.join(missing)} in the locations table", quote(header.cells))
    return _Columns(tuple(names), basis)


@lru_cache(maxsize=256)
def _column(cell: str) -> tuple[str, Mapping[str, str]]:
    """Return a column's name and what else its header says; the same few stand on every page."""
    for name, pattern in _COLUMNS.items():
        found = pattern.fullmatch(cell)
        if found:
            return name, found.groupdict()
    raise PageContentError("a known column of the locations table", quote(cell))


def _read(columns: _Columns, places: Mapping[str, Sequence[str]]) -> tuple[LocationRow, ...]:
    """Read the places' cells column by column: all figures of a column are read alike."""
    texts = dict(zip(columns.names, zip(*places.values(), strict=True), strict=False))
    blanks = [""] * len(places)
    values = {
        column: read_cells(
            statistic, texts.get(column, blanks), [f"{name}: {column}" for name in places], columns.basis
        )
        for column, statistic in _STATISTICS.items()
    }
    if None in values["vacancies"]:
        name = [*places][values["vacancies"].index(None)]
        raise PageContentError(f"a number of ads for {quote(name)}", quote(places[name]))
    figures = cast("Iterable[_Values]", zip(*values.values(), strict=True))
    return tuple([LocationRow(name, *row) for name, row in zip(places, figures, strict=True)])


def _is_parent_link(cells: Sequence[str], parent_region: str | None) -> bool:
    """Whether a row is the bare link back to the parent region, alone or after the term's name."""
    words = [cell for cell in cells if cell]
    return parent_region is not None and bool(words) and same_region(words[-1], parent_region) and len(words) <= 2  # noqa: PLR2004 - the term's name and the region's
