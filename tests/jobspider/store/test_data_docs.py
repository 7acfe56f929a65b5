"""docs/DATA.md tells the truth: every column is in it, and its queries find every figure of the saved pages."""

import json
import re
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from alerts.delivery.schema import OUTBOX
from jobspider.model import TOP_SKILLS_LIST, Capture, FetchStatus, PlannedPage
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.site.statistics import STATISTICS
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.sample_pages import MORNING

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "DATA.md").read_text(encoding="utf-8")
QUERIES = [
    (found[1], found[2])
    for found in re.finditer(r"^```sql\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", TEXT, re.MULTILINE | re.DOTALL)
]


def expected(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    return found


def is_named(case: Path) -> bool:
    """Tell whether the document names a saved page, by its address and date."""
    page = expected(case)
    return any(page["url"] in line and page["as_of"] in line for line in TEXT.splitlines())


CASES = [folder for folder in sorted((ROOT / "fixtures" / "pages" / "role").iterdir()) if is_named(folder)]
EXAMPLE = {"job_type": "contract", "region": "west midlands", "term": "backend developer", "as_of": "2025-10-13"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("documented") / "jobs.db"
    with Database.open(path) as database:
        writer = Writer(database)
        bodies = {expected(case)["url"]: (case / "page.html").read_bytes() for case in CASES}
        pages = {url: read_page(body, url) for url, body in bodies.items()}
        plan = [PlannedPage(url, page.subject) for url, page in pages.items()]
        crawl_id = writer.begin_crawl("documented", "roles", MORNING, "0.1.0", plan)
        for url, page in pages.items():
            capture = Capture(url, bodies[url], sha256(bodies[url]).hexdigest(), MORNING)
            assert writer.store_page(crawl_id, url, page, capture, PARSER_VERSION, 200) is FetchStatus.STORED
        yield database


def documented(heading: str) -> list[str]:
    """Return what the first column of the table under a heading names."""
    section = TEXT.split(f"\n### {heading}\n")[1].split("\n### ")[0].split("\n## ")[0]
    table = section.split("\n| --- ")[1].split("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_every_column_of_every_table_and_view_is_documented_in_order_and_no_other(database: Database) -> None:
    database.apply(OUTBOX)
    tables = [name for name in database.tables.table_names() if name != "_sqlite_migrations"]
    for table in (*tables, *database.tables.view_names()):
        columns = [name for (name,) in database.rows("SELECT name FROM pragma_table_xinfo(?)", (table,))]
        assert documented(f"`{table}`") == columns


def test_every_statistic_is_documented_in_the_order_of_the_registry() -> None:
    assert documented("Statistics") == [statistic.key for statistic in STATISTICS]


def test_every_status_is_documented() -> None:
    statuses = TEXT.split("| status | meaning |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", statuses, re.MULTILINE) == [status.value for status in FetchStatus]


def test_the_document_names_three_pages() -> None:
    assert len(CASES) == 3


@pytest.mark.parametrize(("query", "printed"), QUERIES)
def test_a_documented_query_prints_what_the_document_says(filled: Database, query: str, printed: str | None) -> None:
    rows = ["|".join("" if value is None else str(value) for value in row) for row in filled.rows(query)]
    assert rows
    assert printed is None or rows == printed.splitlines()


def query_for(case: Path, opening: str) -> str:
    """Return the documented query that opens so, asking for a case's page instead of the example's."""
    (query,) = [query for query, _ in QUERIES if query.startswith(opening)]
    page = expected(case)
    for name, value in EXAMPLE.items():
        asked = page["subject"].get(name) or page["as_of"]
        assert query.count(f"{name} = '{value}'") == 1
        query = query.replace(f"{name} = '{value}'", f"{name} = '{asked}'")
    return query


def named_rows(filled: Database, query: str) -> list[dict[str, Any]]:
    with filled.explained():
        cursor = filled.connection.cursor()
        cursor.row_factory = sqlite3.Row
        return [dict(row) for row in cursor.execute(query)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sql_finds_what_a_page_is_about(filled: Database, case: Path) -> None:
    page = expected(case)
    (found,) = named_rows(filled, query_for(case, "SELECT url"))
    assert found.pop("category_name") == page["figures"]["category"]["name"]
    assert found == {key: page[key] for key in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sql_finds_every_figure_of_both_tables(filled: Database, case: Path) -> None:
    printed = {
        (scope, basis, statistic): triple
        for scope, table in expected(case)["figures"].items()
        for basis, block in {"": table, **table["pay"]}.items()
        for statistic, triple in block.items()
        if isinstance(triple, list)
    }
    found = {tuple(row[:3]): list(row[3:]) for row in filled.rows(query_for(case, "SELECT scope"))}
    assert found == printed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sql_finds_every_location_in_the_order_of_the_page(filled: Database, case: Path) -> None:
    assert named_rows(filled, query_for(case, "SELECT locations.name")) == expected(case)["locations"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sql_finds_every_skill_in_the_order_of_the_page(filled: Database, case: Path) -> None:
    page = expected(case)
    printed = [
        {"list": name, **skill}
        for name, skills in {TOP_SKILLS_LIST: page["top_skills"], **page["skills"]}.items()
        for skill in skills
    ]
    assert named_rows(filled, query_for(case, "SELECT list")) == printed
