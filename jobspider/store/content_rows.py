"""Content to rows and back, exactly: what is read from the store equals what was put in.

Figures are REAL, so that SQL can reckon with them. A double holds every decimal of up to 15 digits, and its shortest
spelling is that decimal again; a figure with more is refused, for it would come back as another number.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from jobspider.errors import StoreError
from jobspider.model import (
    TOP_SKILLS_LIST,
    Basis,
    CategoryFigures,
    Content,
    FigureKey,
    Figures,
    LocationRow,
    Scope,
    SkillShare,
    ThreeYears,
)
from jobspider.site.statistics import BY_KEY, Unit

Row = tuple[Any, ...]

_WHOLE: Final = frozenset(key for key, known in BY_KEY.items() if known.unit in {Unit.RANK, Unit.PLACES, Unit.ADS})
_CACHED_FIGURES: Final = 8192
_TENTH: Final = 100
"""A tenth of a percent, in thousandths."""
_MOST_ADS: Final = 10**12
"""With more, SQLite's whole numbers would not suffice for the reckoning."""


@dataclass(frozen=True, slots=True)
class ContentRows:
    """A content as rows, each without its content's id.

    ``figures`` are (scope, basis, statistic, now, year_ago, two_years_ago), ``locations`` (name, position,
    rank_change, vacancies, median, median_change), ``skills`` (list, name, position, rank, count, share).
    ``hash`` is the same for equal contents, whatever their live jobs. ``shares_of`` is the number of advertisements of
    which every skill's share is its count, so that no share need be kept; ``None`` where one is not, or is not printed.
    """

    hash: str
    category_name: str | None
    shares_of: int | None
    figures: list[Row]
    locations: list[Row]
    skills: list[Row]


def content_to_rows(content: Content) -> ContentRows:
    """Take a content apart.

    Raises:
        ValueError: A figure has more digits than can be kept, a statistic is not in the registry, or a category has
            the name of the top list.
    """
    category = content.category
    figures = _figure_rows(Scope.TERM, content.term)
    if category is not None:
        figures += _figure_rows(Scope.CATEGORY, category.figures)
    figures.sort(key=lambda row: row[:3])
    locations: list[Row] = [
        (row.name, position, row.rank_change, row.vacancies, _to_float(row.median), _to_float(row.median_change))
        for position, row in enumerate(content.locations, start=1)
    ]
    if TOP_SKILLS_LIST in content.skills:
        raise ValueError(f"a category is called {TOP_SKILLS_LIST!r}, the name of the top list")
    lists = {TOP_SKILLS_LIST: content.top_skills, **content.skills}
    skills: list[Row] = [
        (name, skill.name, position, skill.rank, skill.count, _to_float(skill.share))
        for name in sorted(lists)
        for position, skill in enumerate(lists[name], start=1)
    ]
    category_name = None if category is None else category.name
    canonical = json.dumps([category_name, figures, locations, skills], ensure_ascii=False, separators=(",", ":"))
    return ContentRows(
        hash=hashlib.sha256(canonical.encode()).hexdigest(),
        category_name=category_name,
        shares_of=_shares_of(content.term.now("vacancies"), skills),
        figures=figures,
        locations=locations,
        skills=skills,
    )


def share_as_counted(count: int, whole: int) -> float:
    """Return a part in percent as the site prints it: with two decimals, or three below 0.1 %; halves are rounded up.

    Reckoned in whole thousandths of a percent, as by ``AS_COUNTED`` in ``skill_tables.py``: to divide whole numbers
    gives either time the one double that is nearest to the decimal.
    """
    thousandths = (200_000 * count + whole) // (2 * whole)
    if thousandths >= _TENTH:
        thousandths = (20_000 * count + whole) // (2 * whole) * 10
    return thousandths / 1000


def live_jobs_of(content: Content) -> dict[str, int]:
    """Return the live jobs of the locations that state them."""
    return {row.name: row.live_jobs for row in content.locations if row.live_jobs is not None}


def rows_to_content(
    category_name: str | None,
    figures: Iterable[Row],
    locations: Iterable[Row],
    skills: Iterable[Row],
    live_jobs: Mapping[str, int],
) -> Content:
    """Put a content together again; the rows are those of :class:`ContentRows`, in the order of their positions.

    Raises:
        StoreError: A statistic is not in the registry.
    """
    tables: dict[str, dict[FigureKey, ThreeYears]] = {Scope.TERM: {}, Scope.CATEGORY: {}}
    for scope, basis, statistic, now, year_ago, two_years_ago in figures:
        known = _KNOWN.get((basis, statistic))
        if known is None:
            raise StoreError(f"the database has a figure called {statistic!r}: install the version that stored it")
        key, read = known
        tables[scope][key] = (read(now), read(year_ago), read(two_years_ago))
    lists: dict[str, list[SkillShare]] = {}
    for list_name, name, _, rank, count, share in skills:
        skill = SkillShare(rank, name, count, to_decimal(share))
        if list_name in lists:
            lists[list_name].append(skill)
        else:
            lists[list_name] = [skill]
    top = lists.pop(TOP_SKILLS_LIST, [])
    return Content(
        term=Figures(tables[Scope.TERM]),
        category=None if category_name is None else CategoryFigures(category_name, Figures(tables[Scope.CATEGORY])),
        locations=tuple(
            LocationRow(
                name, rank_change, vacancies, to_decimal(median), to_decimal(median_change), live_jobs.get(name)
            )
            for name, _, rank_change, vacancies, median, median_change in locations
        ),
        top_skills=tuple(top),
        skills={name: tuple(rows) for name, rows in lists.items()},
    )


def _shares_of(vacancies: int | Decimal | None, skills: Sequence[Row]) -> int | None:
    whole = int(vacancies or 0)
    if not skills or not 0 < whole <= _MOST_ADS:
        return None
    # Each pair once, for many skills are equally frequent.
    for count, share in {row[4:] for row in skills}:
        if not 0 <= count <= whole or share_as_counted(count, whole) != share:
            return None
    return whole


def _figure_rows(scope: Scope, figures: Figures) -> list[Row]:
    rows: list[Row] = []
    for (basis, statistic), values in figures.rows.items():
        if statistic not in BY_KEY:
            raise ValueError(f"{statistic!r} is not in the registry of figures")
        rows.append((scope.value, "" if basis is None else basis.value, statistic, *map(_to_float, values)))
    return rows


# The same shares and medians stand on page after page.
@lru_cache(_CACHED_FIGURES)
def _to_float(value: int | Decimal | None) -> float | None:
    if value is None:
        return None
    real = float(value) + 0.0  # "-0.00%" is 0.0, lest equal contents have two hashes
    if Decimal(repr(real)) != value:
        raise ValueError(f"{value} has more digits than a stored figure can hold")
    return real


@lru_cache(_CACHED_FIGURES)
def to_decimal(real: float | None) -> Decimal | None:
    """Return the figure that a REAL stands for: the shortest spelling of the double."""
    if real is None:
        return None
    return Decimal(int(real)) if real.is_integer() else Decimal(repr(real))


def _whole(real: float | None) -> int | None:
    return None if real is None else int(real)


# Every figure that there can be, by its columns: what it is called, and how it is read. Pages have a hundred each.
_KNOWN: Final = {
    (basis, statistic): ((Basis(basis) if basis else None, statistic), _whole if statistic in _WHOLE else to_decimal)
    for basis in ("", *Basis)
    for statistic in BY_KEY
}
