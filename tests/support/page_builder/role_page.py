"""One role page's HTML from its document.

The markup in ``role_page.html.j2`` is that of the permanent page for Developer in the UK as it was served on
2 March 2020, the last role page whose markup is known; the wording is chosen by the caller.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from jobspider.site.urls import SITE
from tests.support.page_builder import number_formats as printed
from tests.support.page_builder.document import ChartImage, Document, Location, Number, Printed, Row, Skill, Table
from tests.support.page_builder.label_wordings import (
    AUTUMN_2025,
    JOB_TITLES,
    REQUIREMENT_VACANCIES,
    REQUIREMENTS,
    TITLES_VACANCIES,
    Wording,
)

_WITH_ARTICLE: Final = re.compile(
    r"UK.*|(North|South|East|West) .*|.*Midlands|Home Counties|City of .*|Isle of .*|.* Islands"
)
RANK_CHANGE: Final = "Rank change year-on-year"
_SECTIONS: Final = {"permanent": "jobs", "contract": "contracts"}
_SLUGS: Final = {
    "C#": "csharp",
    "CI/CD": "cicd",
    "Web Services": "webservices",
}
"""Slugs that are not the lower-cased name; the site has more of them than are known."""

_CHART_CLASSES: Final = {
    "Job Vacancy Trend": ("job_vacancy_trend", "jobVacancyTrend", "trendChart"),
    "Salary Trend": ("salary_trend", "salaryTrend", "payChart"),
    "Salary Histogram": ("salary_histogram", "histogram", "chart"),
    "Daily Rate Trend": ("daily_rate_trend", "dailyRateTrend", "payChart"),
    "Daily Rate Histogram": ("daily_rate_histogram", "histogram", "chart"),
    "Hourly Rate Trend": ("hourly_rate_trend", "hourlyRateTrend", "payChart"),
}
ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def build_page(document: Document, wording: Wording = AUTUMN_2025, said: Printed | None = None) -> str:
    """Return the page that shows a document's figures; the pound sign is an entity, as the site writes it.

    Args:
        document: What the page says.
        wording: How the site put it.
        said: Rows to print as they stand instead of those that the wording gives.
    """
    html = ENVIRONMENT.get_template("role_page.html.j2").render(_view(document, wording, said))
    return html.replace("£", "&#163;")


def _said(said: Printed) -> dict[str, Any]:
    view: dict[str, Any] = {"table": [_said_row(row) for row in said.term]}
    view["category_table"] = [_said_row(row) for row in said.category] or None
    view |= {key: text for key, text in (("lead", said.lead), ("table_title", said.title)) if text is not None}
    return view


def _said_row(row: Sequence[str]) -> dict[str, Any]:
    label, *cells = row
    if label == RANK_CHANGE:
        cells = [arrow(int(cell)) if cell.strip("+-").isdecimal() else cell for cell in cells]
    return {"label": label, "cells": cells, "of_parent": False}


def in_region(name: str) -> str:
    """Return "in the North West", "in London"."""
    return f"in the {name}" if _WITH_ARTICLE.fullmatch(name) else f"in {name}"


def slug(name: str) -> str:
    """Return a name as it stands in an address, percent-encoded."""
    return quote(_SLUGS.get(name, name.lower()), safe="()+")


def _view(document: Document, wording: Wording, said: Printed | None) -> dict[str, Any]:
    names = _names(document)
    job_type = document["subject"]["job_type"]
    tables = document["figures"]
    rest = {
        "title": wording.heading[job_type].format_map(names),
        "lead": _lead(document, wording, names),
        "table_title": document["term_name"],
        "trail": wording.trail,
        "category_table": None,
        "charts": [_chart(chart, wording, names) for chart in document["charts"]],
        "locations": [_location(location, names) for location in document["locations"]],
        "top_title": wording.top_skills.format_map(names),
        "top_halves": _halves([_skill(skill, names) for skill in document["top_skills"]]),
        "skills_title": wording.skills.format_map(names),
        "skills": [
            {"name": name, "anchor": "Skill-Set-" + "-".join(re.findall(r"\w+", name)), "rows": _skills(rows, names)}
            for name, rows in document["skills"].items()
        ],
    }
    category = tables.get("category")
    if category is not None:
        rest["category_name"] = category.get("name", "")
    if said is not None:
        return {**names, **rest, **_said(said)}
    rest["table"] = list(_rows(tables["term"], _term_labels(document, wording, names), wording, names))
    if category is not None:
        rest["category_table"] = list(_rows(category, _category_labels(document, wording, names), wording, names))
    return {**names, **rest}


def _names(document: Document) -> dict[str, Any]:
    day = date.fromisoformat(document["as_of"])
    term, region, job_type = document["term_name"], document["region_name"], document["subject"]["job_type"]
    section = _SECTIONS[job_type]
    parent = document["parent_region"]
    return {
        "term": term,
        "a_term": f"{'an' if term[0] in 'AEIOU' else 'a'} {term}",
        "region": region,
        # The site calls the UK without London the parent of the UK in the tables, and nothing so in the breadcrumb.
        "parent": parent or "UK excluding London",
        "parent_region": parent,
        "in_region": in_region(region),
        # Headings of the whole country's pages name no region (seen in 2020 and 2024).
        "where": "" if parent is None else " " + in_region(region),
        "category": document["category"],
        "job_type": job_type,
        "Job_type": job_type.capitalize(),
        "contract": job_type == "contract",
        "window": document["subject"]["window_months"],
        "date": printed.long_date(day),
        "short_date": printed.short_date(day),
        "as_of": document["as_of"],
        "weekday": f"{day:%A}",
        "years": document["years"],
        "top": len(document["top_skills"]),
        "term_slug": quote(document["subject"]["term"], safe="()+"),
        "section": section,
        "region_path": f"/{section}/{slug(region)}",
        "parent_path": f"/{section}/{slug(parent)}" if parent else "",
        "market_path": f"/IT-Job-Market/{quote(region.replace(' ', '-'))}",
        "canonical": document["url"],
    }


def _lead(document: Document, wording: Wording, names: Mapping[str, Any]) -> str:
    """Return the sentence with the median, or nothing where the median is not stated."""
    job_type = document["subject"]["job_type"]
    basis = "daily" if job_type == "contract" else "annual"
    median = document["figures"]["term"]["pay"].get(basis, {}).get("median", [None])[0]
    if median is None:
        return ""
    return wording.lead[job_type].format_map({**names, "pay": printed.money(median, basis)})


def _term_labels(document: Document, wording: Wording, names: Mapping[str, Any]) -> dict[str, Markup]:
    link = Markup('<a href="{}/{}" title="IT job role employment trends">{}</a>').format(
        names["market_path"], "-".join(re.findall(r"\w+", document["category"])), document["category"]
    )
    labels = dict(wording.table)
    labels["vacancies"] = labels[f"vacancies/{document['term_kind']}"]
    return {key: Markup(label).format_map({**names, "category": link}) for key, label in labels.items()}  # noqa: S704 - the wording is this project's own


def _category_labels(document: Document, wording: Wording, names: Mapping[str, Any]) -> dict[str, Markup]:
    job_type, category = document["subject"]["job_type"], document["category"]
    if category == JOB_TITLES:
        labels = {"vacancies": TITLES_VACANCIES, "share_of_all": wording.titles_share[job_type]}
        said = names
    else:
        labels = {"vacancies": REQUIREMENT_VACANCIES, "share_of_all": wording.requirement_share[job_type]}
        said = {**names, "requirement": REQUIREMENTS[category]}
    return {key: escape(label.format_map(said)) for key, label in labels.items()}


def _rows(
    table: Table, labels: Mapping[str, Markup], wording: Wording, names: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    stated = cast("Mapping[str, Row]", table)
    for key, printed_as in _CELLS.items():
        if key in stated:
            yield {"label": labels[key], "cells": [printed_as(value) for value in stated[key]], "of_parent": False}
    for basis, block in table["pay"].items():
        for key, row in block.items():
            yield {
                "label": wording.pay[basis][key].format_map(names),
                "cells": [printed.pay_cell(key, value, basis) for value in row],
                "of_parent": key.startswith("parent_"),
            }


def _places(value: Number | None) -> str:
    return printed.DASH if value is None else arrow(value)


def arrow(value: Number) -> Markup:
    """Return a rank change with the arrow that stands before it."""
    direction = "rankUp" if value > 0 else "rankDown" if value < 0 else "rankNoc"
    return Markup('<span class="rankChg {}" title="{}"></span>{}').format(
        direction, printed.places_in_words(value), printed.places(value)
    )


_CELLS: Final[dict[str, Callable[[Number | None], str]]] = {
    "rank": printed.count,
    "rank_change": _places,
    "vacancies": printed.count,
    "share_of_all": printed.share,
    "share_of_category": printed.share,
}
"""The rows before the pay rows, in the order of the page, and how each is printed."""


def _chart(chart: ChartImage, wording: Wording, names: Mapping[str, Any]) -> dict[str, str]:
    anchor, heading_class, box_class = _CHART_CLASSES[chart["title"]]
    return {
        "title": chart["title"],
        "url": chart["url"].removeprefix(SITE),
        "anchor": anchor,
        "heading_class": heading_class,
        "box_class": box_class,
        "alt": wording.chart[chart["title"]].format_map(names),
    }


def _location(location: Location, names: Mapping[str, Any]) -> dict[str, Any]:
    basis = "daily" if names["contract"] else "annual"
    return {
        "name": location["name"],
        "in_place": in_region(location["name"]),
        "path": f"/{names['section']}/{slug(location['name'])}",
        "rank_change": _places(location["rank_change"]),
        "vacancies": printed.count(location["vacancies"]),
        "median": printed.money(location["median"], basis),
        "median_change": printed.change(location["median_change"]),
        "live_jobs": "" if location["live_jobs"] is None else printed.count(location["live_jobs"]),
    }


def _skills(skills: list[Skill], names: Mapping[str, Any]) -> list[dict[str, str]]:
    return [_skill(skill, names) for skill in skills]


def _skill(skill: Skill, names: Mapping[str, Any]) -> dict[str, str]:
    return {
        "rank": printed.count(skill["rank"]),
        "count": printed.count(skill["count"]),
        "share": "" if skill["share"] is None else f"({printed.share(skill['share'])})",
        "name": skill["name"],
        "path": f"{names['region_path']}/{slug(skill['name'])}.do",
    }


def _halves(rows: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Split the top list over the two tables that stand side by side; one where the list is short."""
    half = (len(rows) + 1) // 2
    return [part for part in (rows[:half], rows[half:]) if part]
