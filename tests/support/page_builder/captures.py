"""Rebuild transcribed tables as pages and read them: ``python -m tests.support.page_builder.captures FOLDER``.

FOLDER holds one ``.tsv`` a page: its address, ``# key: value`` lines, and the rows of both tables as printed, each
``field TAB label TAB now TAB one year ago TAB two years ago``. Each becomes a page in every markup that is known, and
must read as its figures. Prints what differs; the exit code is 1 if anything does.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from jobspider.errors import PageError
from jobspider.pages import accept, read_page
from jobspider.pages.json_document import document as read_document
from jobspider.site import urls
from tests.support.page_builder.document import Document, Number, Printed, Row
from tests.support.page_builder.label_wordings import AUTUMN_2025, SLASHED, SPRING_2025
from tests.support.page_builder.markup_variants import MARKUPS
from tests.support.page_builder.role_page import build_page

_FIELDS: Final = {
    "job_count": "vacancies",
    "pct_of_all_jobs": "share_of_all",
    "pct_of_category": "share_of_category",
    **dict.fromkeys(("salaries_quoted", "daily_rates_quoted", "quoted"), "quotes"),
    "median_change_pct": "median_change",
    "parent_median_change_pct": "parent_median_change",
}
_GENERAL: Final = ("rank", "rank_change", "vacancies", "share_of_all", "share_of_category")
_ABSENT: Final = "(not in stored text)"
_NAME: Final = re.compile(r"(?:Permanent|Contract) jobs (?:requiring (?:an? )?|citing )(.+)")
_SIGNS: Final = re.compile("[£,%]")

Rows = list[tuple[str, str, list[str]]]
"""Field, label and cells of each row."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One transcribed page."""

    address: str
    said: dict[str, str]
    term: Rows
    category: Rows
    category_name: str

    @property
    def printed(self) -> Printed:
        """The rows as they stand on the page."""
        term, category = (tuple((label, *cells) for _, label, cells in rows) for rows in (self.term, self.category))
        return Printed(term, category)


def load_capture(text: str) -> Capture:
    """Read a transcript."""
    address, *lines = text.splitlines()
    said: dict[str, str] = {}
    tables: dict[str, Rows] = {"summary": [], "category_summary": []}
    table, category_name = "summary", ""
    for line in lines:
        if line.startswith("#"):
            key, _, value = line.removeprefix("#").partition(":")
            said[key.strip()] = value.strip()
        elif line.startswith("["):
            table, _, category_name = line[1:].partition("]")
        elif line.strip():
            field, label, *cells = line.split("\t")
            tables[table].append((field, label, [*cells, "", "", ""][:3]))
    return Capture(address, said, tables["summary"], tables["category_summary"], category_name.strip())


def document_of(capture: Capture) -> Document:
    """Return what a page with these rows says; it has no locations, skills or charts."""
    said = capture.said
    months, job_type = int(said["period_months"]), said["job_type"]
    asked = urls.parse_subject_url(capture.address)
    subject = urls.make_subject(job_type, asked.region, asked.term, months)
    label = next(label for field, label, _ in capture.term if field == "job_count")
    name = _NAME.fullmatch(label)
    assert name, label
    trail = [place.strip() for place in re.split("[>/]", said["breadcrumb"])]
    day = datetime.strptime(said["period_end"], "%d %b %Y").date()  # noqa: DTZ007 - a printed date has no time zone
    figures: dict[str, Any] = {"term": _table(capture.term, job_type)}
    if capture.category:
        figures["category"] = {"name": capture.category_name, **_table(capture.category, job_type)}
    document: dict[str, Any] = {
        "kind": "role",
        "url": urls.subject_url(subject),
        "subject": {"job_type": job_type, "region": subject.region, "term": subject.term, "window_months": months},
        "term_name": name[1],
        "term_kind": said["term_type"],
        "category": said["category"],
        "region_name": said["region"],
        "parent_region": trail[-2] if len(trail) > 1 else None,
        "as_of": day.isoformat(),
        "years": [day.year, *map(int, said["compared_years"].split())],
        "figures": figures,
        "locations": [],
        "top_skills": [],
        "skills": {},
        "charts": [],
        "unknown_labels": [],
        "findings": [],
    }
    return cast("Document", document)


def _table(rows: Rows, job_type: str) -> dict[str, Any]:
    found: dict[str, Row] = {}
    pay: dict[str, dict[str, Row]] = {}
    for field, _, cells in rows:
        hourly, plain = field.startswith("hourly_"), field.removeprefix("hourly_")
        key = _FIELDS.get(plain, plain)
        if key in _GENERAL:
            found[key] = [_number(cell) for cell in cells]
        else:
            basis = "hourly" if hourly else "annual" if job_type == "permanent" else "daily"
            pay.setdefault(basis, {})[key] = [_number(cell) for cell in cells]
    return {**found, "pay": pay} if pay else found


def _number(cell: str) -> Number | None:
    text = _SIGNS.sub("", cell.strip())
    if text in ("", "-"):
        return None
    return float(text) if "." in text else int(text)


def differences(capture: Capture) -> Iterator[str]:
    """Give what reads otherwise, one line for each markup in which it does."""
    document, printed = document_of(capture), capture.printed
    year = int(capture.said["period_end"].split()[-1])
    breadcrumb = capture.said["breadcrumb"]
    wording = AUTUMN_2025 if "Trends" in capture.said["heading"] else SLASHED if "/" in breadcrumb else SPRING_2025
    html = build_page(document, wording, printed)
    for name, markup in MARKUPS.items():
        try:
            found = read_document(accept(read_page(markup(html), document["url"])))
        except PageError as error:
            yield f"{name} ({year}): {error}"
            continue
        wrong = [key for key, value in document.items() if key != "findings" and found[key] != value]
        if wrong:
            yield f"{name} ({year}): " + "; ".join(f"{key}: {found[key]!r}" for key in wrong)


def main(folder: str) -> int:
    """Check every transcript of a folder."""
    files = sorted(Path(folder).glob("*.tsv"))
    wrong = 0
    for file in files:
        for line in differences(load_capture(file.read_text(encoding="utf-8"))):
            print(f"{file.name}: {line}")  # noqa: T201 - a script's answer
            wrong += 1
    print(f"{len(files)} pages in {len(MARKUPS)} markups each: {wrong} read otherwise than they say")  # noqa: T201 - a script answers
    return int(wrong > 0 or not files)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
