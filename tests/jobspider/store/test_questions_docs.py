"""The twenty questions of docs/QUESTIONS.md have the answers that it prints, from the bundled pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobspider.store.database import Database
from tests.support.demo_database import fill

TEXT = (Path(__file__).parents[3] / "docs" / "QUESTIONS.md").read_text(encoding="utf-8")
QUESTIONS = {
    found[1]: (found[2], found[3])
    for found in re.finditer(r"^## ([^\n]+)\n\n```sql\n(.*?)^```\n```text\n(.*?)^```\n", TEXT, re.MULTILINE | re.DOTALL)
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("questions") / "jobs.db"
    with Database.open(path) as database:
        fill(database)
    with Database.open(path, read_only=True) as database:
        yield database


def test_there_are_twenty_questions_and_each_has_its_answer() -> None:
    assert len(QUESTIONS) == TEXT.count("\n## ") == 20


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_answer_that_is_printed(demo: Database, question: str) -> None:
    sql, answer = QUESTIONS[question]
    rows = ["|".join("" if value is None else str(value) for value in row) for row in demo.rows(sql)]
    assert rows == answer.splitlines()
