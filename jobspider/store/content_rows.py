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
        figures=figures,
        locations=locations,
        skills=skills,
    )


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


def stored_figure(statistic: str, real: float) -> Decimal | int:
    """Return a stored figure of a statistic: ``int`` for ranks and counts, ``Decimal`` otherwise."""
    return int(real) if statistic in _WHOLE else Decimal(repr(real)) if not real.is_integer() else Decimal(int(real))


def _whole(real: float | None) -> int | None:
    return None if real is None else int(real)


# Every figure that there can be, by its columns: what it is called, and how it is read. Pages have a hundred each.
_KNOWN: Final = {
    (basis, statistic): ((Basis(basis) if basis else None, statistic), _whole if statistic in _WHOLE else to_decimal)
    for basis in ("", *Basis)
    for statistic in BY_KEY
}
