"""Content to rows and back, exactly: what is read from the store equals what was put in.

Figures are REAL, so that SQL can reckon with them. A double holds every decimal of up to 15 digits, and its shortest
spelling is that decimal again; a figure with more is refused, for it would come back as another number.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from jobspider.errors import StoreError
from jobspider.model import (
    TOP_LIST,
    Basis,
    CategoryFigures,
    Content,
    FigureKey,
    Figures,
    LocationRow,
    Scope,
    SkillShare,
    Triple,
)
from jobspider.statistic import BY_KEY, Unit

Row = tuple[Any, ...]

_WHOLE: Final = frozenset(key for key, known in BY_KEY.items() if known.unit in {Unit.RANK, Unit.PLACES, Unit.ADS})
_CACHED_FIGURES: Final = 8192


@dataclass(frozen=True, slots=True)
class ContentRows:
    """A content as rows, each without its content's id.

    ``figures`` are (scope, basis, statistic, now, year_ago, two_years_ago), ``locations`` (name, position,
    rank_change, vacancies, median, median_change), ``skills`` (list, name, position, rank, count, share).
    ``hash`` is the same for equal contents, whatever their live jobs.
    """

    hash: str
    category_name: str | None
    figures: list[Row]
    locations: list[Row]
    skills: list[Row]


def rows_of(content: Content) -> ContentRows:
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
        (row.name, position, row.rank_change, row.vacancies, _real(row.median), _real(row.median_change))
        for position, row in enumerate(content.locations, start=1)
    ]
    if TOP_LIST in content.skills:
        raise ValueError(f"a category is called {TOP_LIST!r}, the name of the top list")
    lists = {TOP_LIST: content.top_skills, **content.skills}
    skills: list[Row] = [
        (name, skill.name, position, skill.rank, skill.count, _real(skill.share))
        for name in sorted(lists)
        for position, skill in enumerate(lists[name], start=1)
    ]
    category_name = None if category is None else category.name
    canonical = json.dumps([category_name, figures, locations, skills], ensure_ascii=False, separators=(",", ":"))
    return ContentRows(hashlib.sha256(canonical.encode()).hexdigest(), category_name, figures, locations, skills)


def live_jobs_of(content: Content) -> dict[str, int]:
    """Return the live jobs of the locations that state them."""
    return {row.name: row.live_jobs for row in content.locations if row.live_jobs is not None}


def content_of(
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
    tables: dict[str, dict[FigureKey, Triple]] = {Scope.TERM: {}, Scope.CATEGORY: {}}
    for scope, basis, statistic, *values in figures:
        if statistic not in BY_KEY:
            raise StoreError(f"the database has a figure called {statistic!r}: install the version that stored it")
        read = _whole if statistic in _WHOLE else _decimal
        now, year_ago, two_years_ago = map(read, values)
        tables[scope][Basis(basis) if basis else None, statistic] = (now, year_ago, two_years_ago)
    lists: dict[str, list[SkillShare]] = {}
    for list_name, name, _, rank, count, share in skills:
        lists.setdefault(list_name, []).append(SkillShare(rank, name, count, _decimal(share)))
    top = lists.pop(TOP_LIST, [])
    return Content(
        term=Figures(tables[Scope.TERM]),
        category=None if category_name is None else CategoryFigures(category_name, Figures(tables[Scope.CATEGORY])),
        locations=tuple(
            LocationRow(name, rank_change, vacancies, _decimal(median), _decimal(median_change), live_jobs.get(name))
            for name, _, rank_change, vacancies, median, median_change in locations
        ),
        top_skills=tuple(top),
        skills={name: tuple(rows) for name, rows in lists.items()},
    )


def _figure_rows(scope: Scope, figures: Figures) -> list[Row]:
    rows: list[Row] = []
    for (basis, statistic), values in figures.rows.items():
        if statistic not in BY_KEY:
            raise ValueError(f"{statistic!r} is not in the registry of figures")
        rows.append((scope.value, "" if basis is None else basis.value, statistic, *map(_real, values)))
    return rows


# The same shares and medians stand on page after page.
@lru_cache(_CACHED_FIGURES)
def _real(value: int | Decimal | None) -> float | None:
    if value is None:
        return None
    real = float(value) + 0.0  # "-0.00%" is 0.0, lest equal contents have two hashes
    if Decimal(repr(real)) != value:
        raise ValueError(f"{value} has more digits than a stored figure can hold")
    return real


@lru_cache(_CACHED_FIGURES)
def _decimal(real: float | None) -> Decimal | None:
    if real is None:
        return None
    return Decimal(int(real)) if real.is_integer() else Decimal(repr(real))


def _whole(real: float | None) -> int | None:
    return None if real is None else int(real)
