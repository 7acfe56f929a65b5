import re
from dataclasses import replace

import pytest

from jobspider.model import Figures
from jobspider.site.urls import make_subject
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.sample_pages import DAY, JAVA, MONDAY, MORNING, begin, content, crawl, page


def test_latest_has_one_row_for_a_subject_and_history_one_for_a_snapshot(database: Database, writer: Writer) -> None:
    for day, median in enumerate((650, 650, 600)):
        crawl(writer, page(MONDAY + DAY * day, content(median)), f"day {day}")
    begin(writer, "planned only", MORNING, JAVA)
    columns = "term, as_of, basis, median, p25, quotes, rank, vacancies, share_of_all"
    assert database.rows(f"SELECT {columns} FROM latest") == [  # noqa: S608 - from above
        ("backend developer", "2025-10-15", "daily", 600.0, None, 7, 120, 7, 0.37)
    ]
    assert database.rows("SELECT as_of, median, content_id FROM history ORDER BY as_of") == [
        ("2025-10-13", 650.0, 1),
        ("2025-10-14", 650.0, 1),
        ("2025-10-15", 600.0, 2),
    ]


def test_the_history_of_a_skill_has_a_row_for_each_snapshot_that_lists_it(database: Database, writer: Writer) -> None:
    for day in range(2):
        crawl(writer, page(MONDAY + DAY * day), f"day {day}")
    columns = "as_of, list, name, position, rank, count, share"
    assert database.rows(f"SELECT {columns} FROM skill_history WHERE name = 'Python' ORDER BY as_of, list DESC") == [  # noqa: S608 - from above
        (as_of, name, "Python", 2, 1, 7, 100.0)
        for as_of in ("2025-10-13", "2025-10-14")
        for name in ("top", "Programming Languages")
    ]


SUBJECT_CONDITIONS = ["region = 'uk'", "region = 'uk' AND term = 'java'", "subject_id = 1", "snapshot_id = 1"]
SKILL_CONDITIONS = ["", " AND list = 'top'", " AND name = 'Python'", " AND list = 'top' AND name = 'Python'"]


@pytest.mark.parametrize("skill", SKILL_CONDITIONS, ids=["all", "list", "name", "list and name"])
def test_skill_queries_read_only_selected_contents(database: Database, skill: str) -> None:
    queries = [f"SELECT * FROM skill_history WHERE {subject}{skill}" for subject in SUBJECT_CONDITIONS]  # noqa: S608 - from above
    queries.append(f"SELECT share FROM latest JOIN skills USING (content_id) WHERE region = 'uk'{skill}")  # noqa: S608 - from above
    for query in queries:
        plan = [step for *_, step in database.rows(f"EXPLAIN QUERY PLAN {query}")]
        assert any(re.match(r"SEARCH (share|skill_shares) USING PRIMARY KEY \(content_id=\?", step) for step in plan), (
            plan
        )
        assert [step for step in plan if "AUTOMATIC" in step or re.match("SCAN s(hare|kill)", step)] == []


def test_counts_and_ranks_are_whole_numbers_in_the_views(database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    kinds = "typeof(quotes), typeof(rank), typeof(vacancies), typeof(median), typeof(p25)"
    assert database.rows(f"SELECT {kinds} FROM latest") == [("integer", "integer", "integer", "real", "null")]  # noqa: S608 - from above


def test_a_page_without_any_pay_has_a_row_all_the_same(database: Database, writer: Writer) -> None:
    thin = replace(content(), term=Figures({(None, "vacancies"): (1, 0, 0)}), category=None, locations=())
    crawl(writer, page(figures=thin, of=JAVA), "first")
    assert database.rows("SELECT basis, median, quotes, rank, vacancies FROM latest") == [
        ("annual", None, None, None, 1)
    ]


def test_the_median_of_the_views_is_never_that_of_another_basis(database: Database, writer: Writer) -> None:
    contract = make_subject("contract", "uk", "hourly work")
    hourly = content().category
    assert hourly is not None
    crawl(writer, page(figures=replace(content(), term=hourly.figures), of=contract), "first")
    assert database.rows("SELECT basis, median FROM latest") == [("daily", None)]
