"""Real Datasette opens the database with docs/datasette.yml: titles, units, facets and the twenty questions."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from alerts.delivery.schema import OUTBOX
from jobspider.store.database import Database
from tests.jobspider.store.test_data_docs import TEXT as DATA
from tests.jobspider.store.test_questions_docs import QUESTIONS
from tests.support.demo_database import fill
from tests.support.fake_site import PROJECT

HIDDEN = {"captures", "deliveries", "skill_shares", "_sqlite_migrations"}
"""What holds bytes, or is there to be read through a view."""
METADATA = PROJECT / "docs" / "datasette.yml"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("served") / "jobspider.db"
    with Database.open(path) as database:
        fill(database)
        database.apply(OUTBOX)
    command = [sys.executable, "-m", "datasette", "serve", str(path), "--metadata", str(METADATA), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        log = ""
        for line in server.stderr:
            log += line
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                yield found[1]
                break
        else:
            pytest.fail(f"Datasette did not start: {log}")
        server.terminate()
        server.stderr.read()


def read(address: str, path: str) -> Any:
    with urlopen(f"{address}{path}", timeout=30) as answer:  # noqa: S310 - an address on loopback
        return json.load(answer)


def words(sql: str) -> str:
    return " ".join(sql.rstrip("; \n").split())


def described(table: str) -> dict[str, str]:
    """Return what docs/DATA.md says of the columns of a table, each with its unit before it."""
    section = DATA.split(f"\n### `{table}`\n")[1].split("\n| --- ")[1].split("\n\n")[0]
    said = {}
    for name, *unit, meaning in re.findall(r"^\| `(\w+)` \|(?: (.*?) ?\|)? (.*?) ?\|$", section, re.MULTILINE):
        elsewhere = re.match(r"as in `(\w+)`", meaning)
        if elsewhere and f"\n### `{elsewhere[1]}`\n" in DATA:
            said[name] = described(elsewhere[1])[name]
        elif "".join([*unit, meaning]):
            said[name] = ": ".join(part for part in (*unit, meaning.replace("`", "")) if part)
    return said


def test_the_questions_are_those_of_the_document(address: str) -> None:
    queries = read(address, "/jobspider.json")["queries"]
    assert {query["title"]: words(query["sql"]) for query in queries} == {
        title: words(sql) for title, (sql, _) in QUESTIONS.items()
    }


def test_each_question_is_answered_as_in_the_document(address: str) -> None:
    for query in read(address, "/jobspider.json")["queries"]:
        rows = read(address, f"/jobspider/{query['name']}.json?_shape=arrays")["rows"]
        said = ["|".join("" if value is None else str(value) for value in row) for row in rows]
        assert said == QUESTIONS[query["title"]][1].splitlines()


def test_the_newest_figures_come_with_facets_the_licence_and_the_best_paid_first(address: str) -> None:
    latest = read(address, "/jobspider/latest.json?_shape=objects")
    assert set(latest["facet_results"]) == {"job_type", "region_name"}
    assert (latest["source"], latest["license"]) == ("IT Jobs Watch", "CC BY-NC-SA 4.0")
    medians = [row["median"] for row in latest["rows"]]
    assert medians == sorted(medians, reverse=True)


def shown(address: str) -> dict[str, dict[str, Any]]:
    """Return the tables and views that Datasette shows, each with what is said of it."""
    metadata = read(address, "/-/metadata.json")["databases"]["jobspider"]["tables"]
    listed = read(address, "/jobspider.json")
    names = [each["name"] for each in [*listed["tables"], *listed["views"]] if not each.get("hidden")]
    return {name: metadata[name] for name in names}


def test_what_is_hidden_is_what_nobody_reads(address: str) -> None:
    hidden = {each["name"] for each in read(address, "/jobspider.json")["tables"] if each["hidden"]}
    assert hidden == HIDDEN


def test_every_table_and_view_has_a_title_and_its_columns_what_the_document_says_with_their_units(address: str) -> None:
    assert {"latest", "history", "skill_history", "skills", "market_rows", "told"} < shown(address).keys()
    for name, metadata in shown(address).items():
        assert metadata["title"]
        assert metadata["columns"] == described(name)


def test_every_table_and_view_opens_with_its_facets_in_its_order(address: str) -> None:
    for name, metadata in shown(address).items():
        opened = read(address, f"/jobspider/{name}.json?_shape=objects&_size=max")
        assert set(opened["facet_results"]) == set(metadata.get("facets", ()))
        for key, is_falling in (("sort", False), ("sort_desc", True)):
            values = [row[metadata[key]] for row in opened["rows"]] if key in metadata else []
            assert values == sorted(values, reverse=is_falling)


def test_a_page_for_people_shows_what_a_column_means(address: str) -> None:
    with urlopen(f"{address}/jobspider/latest", timeout=30) as answer:  # noqa: S310 - an address on loopback
        assert "pounds: half of the quotes are below" in answer.read().decode()
