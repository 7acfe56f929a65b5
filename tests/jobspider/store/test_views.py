from dataclasses import replace

from jobspider.addresses import subject
from jobspider.model import Figures
from jobspider.store.database import Database
from jobspider.store.writer import Writer
from tests.jobspider.store.samples import DAY, JAVA, MONDAY, MORNING, begin, content, crawl, page


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
    contract = subject("contract", "uk", "hourly work")
    hourly = content().category
    assert hourly is not None
    crawl(writer, page(figures=replace(content(), term=hourly.figures), of=contract), "first")
    assert database.rows("SELECT basis, median FROM latest") == [("daily", None)]
