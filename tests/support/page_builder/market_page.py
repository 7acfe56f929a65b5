"""One page of the market index from its document, in the markup of 30 July 2025; and a check on captured rows.

``python -m tests.support.page_builder.market_page FILE`` rebuilds daily captures of single rows (a CSV of ``as_of``,
``window``, ``term``, ``rank``, ``rank_change_cell``, ``median``, ``median_change``, ``vacancies``, ``share``,
``live``) as pages of
the index, in every form that is known, and prints what reads otherwise; the exit code is 1 if anything does.
"""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from jobspider.errors import PageError
from jobspider.pages import read_market_page
from jobspider.pages.json_document import document as read_document
from jobspider.site import urls
from tests.support.page_builder import number_formats
from tests.support.page_builder.role_page import ENVIRONMENT, arrow, in_region

ROWS_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Form:
    """What differs between the index pages of different years.

    ``shares`` tells how the share stands beside the ads. ``total`` is the "of 5,261" of the line above the table,
    ``None`` for a page without that line; then the number of pages stands below it.
    """

    total: int | None
    names_in_th: bool = False
    shares: str = '<span class="data-relative">{}</span>'
    rank_words: bool = False


def form_of(meta: Mapping[str, Any]) -> Form:
    """Return the form that a case's meta.toml names."""
    return Form(**meta["form"])


def build_market_page(document: Mapping[str, Any], form: Form) -> str:
    """Return the page of the market index that shows a document."""
    day = date.fromisoformat(document["as_of"])
    market = urls.parse_market_url(document["url"])
    first = (document["page"] - 1) * ROWS_PER_PAGE + 1
    view = {
        "Job_type": document["job_type"].capitalize(),
        "pay": "Salary" if document["job_type"] == "permanent" else "Daily Rate",
        "in_region": in_region(document["region_name"]),
        "window": document["window_months"],
        "short_date": number_formats.short_date(day),
        "date": number_formats.long_date(day),
        "weekday": f"{day:%A}",
        "year": day.year,
        "as_of": document["as_of"],
        "total": None if form.total is None else number_formats.count(form.total),
        "pages_total": None if form.total else document["pages"],
        "first": number_formats.count(first),
        "last": number_formats.count(first + len(document["rows"]) - 1),
        "page": document["page"],
        "pages": document["pages"] or 1,
        "name_tag": Markup("th") if form.names_in_th else Markup("td"),
        "rows": [_row(row, form) for row in document["rows"]],
        "link": partial(_link, urls.market_url(market), document["page"]),
    }
    return ENVIRONMENT.get_template("market_index.html.j2").render(view)


def _link(own: str, own_page: int, page: int, sort: int) -> str:
    path = own.removeprefix(urls.SITE)
    return path.replace(f"page={own_page}&", f"page={page}&").replace("sortby=5", f"sortby={sort}")


def _row(row: Mapping[str, Any], form: Form) -> dict[str, Any]:
    return {
        "name": row["name"],
        "path": urlsplit(row["url"]).path,
        "rank": number_formats.count(row["rank"]),
        "rank_change": _rank_change(row["rank_change"], form),
        "median": number_formats.money(row["median"], "annual"),
        "median_change": number_formats.change(row["median_change"]),
        "vacancies": number_formats.count(row["vacancies"]),
        "share": Markup(form.shares).format(number_formats.share(row["share"])),  # noqa: S704 - the form is this project's own
        "live_jobs": "" if row["live_jobs"] is None else number_formats.count(row["live_jobs"]),
    }


def _rank_change(value: int | None, form: Form) -> str:
    if value is None:
        return number_formats.DASH
    if form.rank_words:
        return Markup("<span>{}</span>{}").format(number_formats.places_in_words(value), number_formats.places(value))
    return arrow(value)


FORMS: Final = (
    Form(total=ROWS_PER_PAGE * 9),
    Form(total=ROWS_PER_PAGE * 9, shares="({})"),
    Form(total=ROWS_PER_PAGE * 9, names_in_th=True, rank_words=True),
    Form(total=None, names_in_th=True, rank_words=True),
)


def captured_documents(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """Give a document of the index for each date and window, with only the rows that were captured."""
    for key in dict.fromkeys((row["as_of"], row["window"]) for row in rows):
        as_of, window = key
        found = [row for row in rows if (row["as_of"], row["window"]) == key]
        found.sort(key=lambda row: int(row["rank"].replace(",", "")))
        yield {
            "kind": "market_index",
            "url": urls.market_url(urls.make_market("permanent", "UK", int(window))),
            "as_of": as_of,
            "job_type": "permanent",
            "region_name": "UK",
            "window_months": int(window),
            "page": 1,
            "pages": 9,
            "rows": [_captured(row, int(window)) for row in {row["term"]: row for row in found}.values()],
        }


def _captured(row: Mapping[str, str], window: int) -> dict[str, Any]:
    def number(text: str) -> float | int | None:
        plain = text.translate({ord(sign): None for sign in "£,%"})
        return None if plain in ("", "-") else float(plain) if "." in plain else int(plain)

    return {
        "name": row["term"],
        "url": urls.subject_url(urls.make_subject("permanent", "uk", row["term"], window)),
        "rank": number(row["rank"]),
        "rank_change": number(row["rank_change"]),
        "median": number(row["median"]),
        "median_change": number(row["median_change"]),
        "vacancies": number(row["vacancies"]),
        "share": number(row["share"]),
        "live_jobs": number(row["live"]),
    }


def differences(document: Mapping[str, Any], form: Form) -> Iterator[str]:
    """Give what reads otherwise; that rows are missing between those captured is no difference."""
    try:
        # The line "Results 1 - 13 of 450" would be untrue of a page of some rows.
        html = build_market_page(document, form).replace("Results 1 - ", "Shown: 1 - ")
        page = read_market_page(html, document["url"])
    except PageError as error:
        yield str(error)
        return
    found = read_document(page)
    yield from (f"{key}: {found[key]!r}" for key, value in document.items() if key != "pages" and found[key] != value)
    yield from (f"{finding}" for finding in page.findings if finding.identity != "index_order")


def main(file: str) -> int:
    """Check every capture of a file."""
    with Path(file).open(encoding="utf-8", newline="") as lines:
        documents = list(captured_documents(list(csv.DictReader(lines))))
    wrong = 0
    for document in documents:
        for number, form in enumerate(FORMS):
            for line in differences(document, form):
                print(f"{document['as_of']}, {document['window_months']} months, form {number}: {line}")  # noqa: T201 - a script's answer
                wrong += 1
    print(f"{len(documents)} pages in {len(FORMS)} forms each: {wrong} differences")  # noqa: T201 - a script's answer
    return int(wrong > 0 or not documents)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
