"""Convert a page to its JSON document: the output of ``jobspider parse`` and the content of ``expected.json``."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from jobspider.model import Figures, LocationRow, MarketPage, RolePage, SkillShare, ThreeYears
from jobspider.site.statistics import STATISTICS

_GENERAL: Final = tuple(statistic.key for statistic in STATISTICS if not statistic.is_pay)
_WHOLE: Final = Decimal(1)
_PAY: Final = tuple(statistic.key for statistic in STATISTICS if statistic.is_pay)


def document(page: RolePage | MarketPage) -> dict[str, object]:
    """Return a page as JSON data: money in pounds, shares and changes in percent.

    ``None`` means that the page does not state the value. Figures have the order of the registry, without missing rows.
    """
    return _market_page(page) if isinstance(page, MarketPage) else _role_page(page)


def _role_page(page: RolePage) -> dict[str, object]:
    subject, names, content = page.subject, page.names, page.content
    figures: dict[str, object] = {"term": _figures(content.term)}
    if content.category is not None:
        figures["category"] = {"name": content.category.name, **_figures(content.category.figures)}
    return {
        "kind": "role",
        "url": page.url,
        "subject": {
            "job_type": subject.job_type.value,
            "region": subject.region,
            "term": subject.term,
            "window_months": subject.window_months,
        },
        "term_name": names.term_name,
        "term_kind": names.term_kind,
        "category": names.category,
        "region_name": names.region_name,
        "parent_region": names.parent_region,
        "as_of": page.as_of.isoformat(),
        "years": list(page.years),
        "figures": figures,
        "locations": [_location(row) for row in content.locations],
        "top_skills": _skills(content.top_skills),
        "skills": {category: _skills(skills) for category, skills in content.skills.items()},
        "charts": [{"title": chart.title, "url": chart.url} for chart in page.charts],
        "unknown_labels": list(page.unknown_labels),
        "findings": [finding.to_json() for finding in page.findings],
    }


def _market_page(page: MarketPage) -> dict[str, object]:
    return {
        "kind": "market_index",
        "url": page.url,
        "as_of": page.as_of.isoformat(),
        "job_type": page.market.job_type.value,
        "region_name": page.region_name,
        "window_months": page.market.window_months,
        "page": page.market.page,
        "pages": page.pages,
        "rows": [
            {
                "name": row.name,
                "url": row.url,
                "rank": row.rank,
                "rank_change": row.rank_change,
                "median": _number(row.median),
                "median_change": _number(row.median_change),
                "vacancies": row.vacancies,
                "share": _number(row.share),
                "live_jobs": row.live_jobs,
            }
            for row in page.rows
        ],
        "findings": [finding.to_json() for finding in page.findings],
    }


def _figures(figures: Figures) -> dict[str, object]:
    rows = figures.rows
    document: dict[str, object] = {key: _triple(rows[None, key]) for key in _GENERAL if (None, key) in rows}
    pay = {
        basis.value: {key: _triple(rows[basis, key]) for key in _PAY if (basis, key) in rows} for basis in figures.bases
    }
    if pay:
        document["pay"] = pay
    return document


def _triple(row: ThreeYears) -> list[int | float | None]:
    return [_number(figure) for figure in row]


def _number(figure: int | Decimal | None) -> int | float | None:
    """Return a JSON number: an integer if the figure is printed without decimals."""
    if not isinstance(figure, Decimal):
        return figure
    return int(figure) if figure.same_quantum(_WHOLE) else float(figure)


def _location(row: LocationRow) -> dict[str, object]:
    return {
        "name": row.name,
        "rank_change": row.rank_change,
        "vacancies": row.vacancies,
        "median": _number(row.median),
        "median_change": _number(row.median_change),
        "live_jobs": row.live_jobs,
    }


def _skills(skills: Iterable[SkillShare]) -> list[dict[str, object]]:
    return [
        {"rank": rank, "name": name, "count": count, "share": None if share is None else float(share)}
        for rank, name, count, share in skills
    ]
