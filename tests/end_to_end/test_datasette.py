"""Real Datasette opens the database with docs/datasette.yml: titles, units, facets and the twenty questions."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from jobspider.store.database import Database
from tests.demodata import fill
from tests.jobspider.store.test_data_document import TEXT as DATA
from tests.jobspider.store.test_questions import QUESTIONS
from tests.livesite import PROJECT

VIEWS = ("latest", "history", "skill_history", "skills")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("served") / "jobspider.db"
    with Database.open(path) as database:
        fill(database)
    metadata = PROJECT / "docs" / "datasette.yml"
    command = [sys.executable, "-m", "datasette", "serve", str(path), "--metadata", str(metadata), "--port", "0"]
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


def described(view: str) -> dict[str, str]:
    """Return the units that docs/DATA.md gives a view's columns."""
    section = DATA.split(f"\n### `{view}`\n")[1].split("\n### ")[0]
    return {found[1]: found[2] for found in re.finditer(r"^\| `(\w+)` \| ([a-z]+) \|", section, re.MULTILINE)}


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


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_a_title_and_its_columns_their_units(address: str, view: str) -> None:
    metadata = read(address, "/-/metadata.json")["databases"]["jobspider"]["tables"][view]
    assert metadata["title"]
    columns = read(address, f"/jobspider/{view}.json?_size=1")["columns"]
    assert set(metadata["columns"]) <= set(columns)
    for column, unit in described(view).items():
        assert metadata["columns"][column].startswith(f"{unit}: ")


def test_a_page_for_people_shows_what_a_column_means(address: str) -> None:
    with urlopen(f"{address}/jobspider/latest", timeout=30) as answer:  # noqa: S310 - an address on loopback
        assert "pounds: half of the quotes are below" in answer.read().decode()
