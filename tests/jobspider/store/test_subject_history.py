"""One subject through time, out of the store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from jobspider.model import SkillShare
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.subject_history import SubjectHistory
from tests.support.sample_pages import BACKEND, JAVA, MONDAY, MORNING, content, crawl, page

WEEK = timedelta(weeks=1)
GO = SkillShare(2, "Go", 3, Decimal("42.86"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Four weeks of a subject, the second as the first, a skill entering its top list in the third; and another's."""
    with Database.open(tmp_path / "jobs.db") as opened:
        writer = Writer(opened)
        with_go = replace(content(700), top_skills=(*content().top_skills, GO))
        for week, figures in enumerate([content(), content(), with_go, content(725)]):
            as_of = MONDAY + week * WEEK
            crawl(writer, page(as_of, figures), str(week), MORNING + week * WEEK)
        crawl(writer, page(MONDAY, content(100), JAVA), "other", MORNING)
        yield opened


def subject_id(database: Database) -> int:
    found = Reader(database).latest(BACKEND)
    assert found is not None
    return found.head.subject_id


def test_every_snapshot_of_the_subject_is_there_once_the_oldest_first(database: Database) -> None:
    found = SubjectHistory(database).dates(subject_id(database))
    assert [as_of for as_of, _ in found] == [MONDAY + week * WEEK for week in range(4)]
    assert found[0][1] == found[1][1] != found[2][1], "equal snapshots share their content"


def test_a_span_ends_with_the_newest(database: Database) -> None:
    histories, of = SubjectHistory(database), subject_id(database)
    whole = histories.dates(of)
    assert histories.dates(of, last=2) == whole[-2:]
    assert histories.dates(of, last=9) == histories.dates(of, last=10**30) == whole
    assert histories.dates(of, since=MONDAY + WEEK) == whole[1:]
    assert histories.dates(of, since=MONDAY + WEEK, last=1) == whole[-1:]
    assert histories.dates(of, since=MONDAY + 4 * WEEK) == ()


def test_a_skill_is_known_of_the_dates_on_which_a_list_has_it(database: Database) -> None:
    histories, of = SubjectHistory(database), subject_id(database)
    assert histories.skill(of, "Go") == {MONDAY + 2 * WEEK: {"top": GO}}
    sql = histories.skill(of, "SQL")
    assert list(sql) == [as_of for as_of, _ in histories.dates(of)]
    assert {name for lists in sql.values() for name in lists} == {"top", "Programming Languages"}
    assert histories.skill(of, "sql") == {}
    assert histories.skills(of) == ("Go", "Python", "SQL")
