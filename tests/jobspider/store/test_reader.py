import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from jobspider.errors import StoreError
from jobspider.model import CrawlResult, FetchStatus, RolePage
from jobspider.site.urls import make_subject
from jobspider.store import reader as reader_module
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.sample_pages import (
    BACKEND,
    DAY,
    JAVA,
    MONDAY,
    MORNING,
    begin,
    capture,
    content,
    crawl,
    page,
    plan,
    store,
)
from tests.support.strategies import role_pages


@settings(max_examples=25)
@given(role_pages())
def test_a_page_comes_back_from_the_file_as_it_was(what: RolePage) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        with Database.open(path) as database:
            writer = Writer(database)
            store(writer, begin(writer, "first", MORNING, what.subject), what)
            assert database.rows("PRAGMA foreign_key_check") == []
        with Database.open(path, read_only=True) as database:
            snapshot = Reader(database).latest(what.subject)
    assert snapshot is not None
    assert (snapshot.content, snapshot.head.names, snapshot.head.as_of) == (what.content, what.names, what.as_of)
    assert (snapshot.head.subject, snapshot.head.url) == (what.subject, what.url)


def test_an_empty_database_knows_of_nothing(reader: Reader) -> None:
    assert reader.crawl("first") is None
    assert reader.last_full_crawl() is None
    assert reader.latest(BACKEND) is None
    assert reader.latest_snapshots() == ()
    assert reader.latest_fetches_since(None) == ()


def test_the_last_crawl_is_the_one_begun_last_of_its_spider_or_of_any(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "roles")
    writer.begin_crawl("market", "market", MORNING - DAY, "0.1.0", [])

    def token(spider: str | None) -> str | None:
        found = reader.last_full_crawl(spider)
        return None if found is None else found.token

    assert [token(spider) for spider in ("roles", "market", None, "other")] == ["roles", "market", "market", None]


def test_a_crawl_of_a_page_asked_for_by_name_is_there_but_is_neither_the_last_nor_an_occasion(
    writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(), "everything")
    by_hand = writer.begin_crawl("by hand", "roles", MORNING + DAY, "0.1.0", plan(BACKEND), is_full_crawl=False)
    writer.finish_crawl(by_hand, MORNING + DAY, CrawlResult.COMPLETE)
    assert reader.last_full_crawl() == reader.crawl("everything")
    assert reader.crawl_end_times(MORNING) == (MORNING,)
    assert reader.crawl("by hand") is not None


@pytest.mark.parametrize(
    ("verdict", "whole", "has_crawled"),
    [
        (CrawlResult.COMPLETE, True, True),
        (CrawlResult.FAILED, True, True),
        (CrawlResult.COMPLETE, False, False),
        (CrawlResult.INTERRUPTED, True, False),
        (None, True, False),
    ],
)
def test_only_a_whole_crawl_that_came_to_its_end_has_crawled(
    writer: Writer,
    reader: Reader,
    verdict: CrawlResult | None,
    whole: bool,  # noqa: FBT001 - a case
    has_crawled: bool,  # noqa: FBT001 - likewise
) -> None:
    crawl_id = writer.begin_crawl("it", "roles", MORNING, "0.1.0", plan(BACKEND), is_full_crawl=whole)
    if verdict is not None:
        writer.finish_crawl(crawl_id, MORNING, verdict)
    assert reader.has_crawled_since(MORNING) is has_crawled
    assert not reader.has_crawled_since(MORNING + DAY)


def test_the_heads_are_every_subjects_newest_snapshot_in_order(writer: Writer, reader: Reader) -> None:
    for n, of in enumerate((JAVA, BACKEND, JAVA)):
        crawl(writer, page(MONDAY + DAY * n, content(600 + n), of), f"crawl {n}")
    begin(writer, "planned only", MORNING, make_subject("contract", "uk", "never read"))
    assert [(head.subject, head.as_of) for head in reader.latest_snapshots()] == [
        (BACKEND, MONDAY + DAY),
        (JAVA, MONDAY + DAY * 2),
    ]


def steps(database: Database, query: str) -> int:
    """Return how many steps SQLite's own machine takes for a query: the same on every machine."""
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1

    database.connection.set_progress_handler(step, 1)
    database.rows(query)
    database.connection.set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("query", [f"{reader_module._HEAD} {reader_module._NEWEST}", "SELECT * FROM latest"])
def test_what_the_newest_snapshots_cost_does_not_grow_with_the_history(
    database: Database, writer: Writer, query: str
) -> None:
    taken = []
    for day in range(60):
        crawl(writer, page(MONDAY + DAY * day), f"day {day}")
        taken.append(steps(database, query))
    assert taken[-1] <= taken[3] * 1.2


def test_the_heads_before_the_newest_leave_out_who_has_none(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    crawl(writer, page(MONDAY + DAY), "second")
    crawl(writer, page(of=JAVA), "third")
    assert [(head.subject, head.as_of) for head in reader.latest_snapshots()] == [
        (BACKEND, MONDAY + DAY),
        (JAVA, MONDAY),
    ]
    assert [(head.subject, head.as_of) for head in reader.latest_snapshots(back=1)] == [(BACKEND, MONDAY)]
    assert reader.latest_snapshots(back=2) == ()


def test_what_is_read_at_one_moment_does_not_change_while_another_writes(
    database_path: Path, writer: Writer, reader: Reader, database: Database
) -> None:
    crawl(writer, page(), "first")
    with Database.open(database_path, read_only=True) as other, other.read_transaction():
        before = Reader(other).latest_snapshots()
        crawl(writer, page(MONDAY + DAY), "second")
        assert Reader(other).latest_snapshots() == before
    assert reader.latest_snapshots() != before
    assert not database.connection.in_transaction


def test_a_head_is_that_of_its_snapshot(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    (head,) = reader.latest_snapshots()
    snapshot = reader.snapshot(head.snapshot_id)
    assert snapshot.head == head
    assert snapshot == reader.latest(BACKEND)


def test_an_older_snapshot_can_still_be_read(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    crawl(writer, page(MONDAY + DAY, content(600)), "second")
    old = reader.snapshot(1)
    assert (old.head.as_of, old.content) == (MONDAY, page().content)


def test_a_content_by_itself_has_no_live_jobs(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    assert reader.content(1) == content(live_jobs={})


def test_what_is_not_there_cannot_be_read(reader: Reader) -> None:
    with pytest.raises(StoreError, match="has no snapshot 17"):
        reader.snapshot(17)
    with pytest.raises(StoreError, match="has no content 17"):
        reader.content(17)


def test_two_windows_of_one_term_are_two_subjects(writer: Writer, reader: Reader) -> None:
    three = make_subject("contract", "west midlands", "backend developer", 3)
    crawl(writer, page(), "six")
    crawl(writer, page(figures=content(600), of=three), "three")
    found = reader.latest(BACKEND)
    assert found is not None
    assert found.content == page().content


def test_the_readings_are_the_newest_ledger_row_of_every_subject_since_a_moment(writer: Writer, reader: Reader) -> None:
    other = make_subject("contract", "uk", "devops")
    crawl(writer, page(of=other), "long ago", MORNING - DAY * 7)
    crawl_id = begin(writer, "first", MORNING, BACKEND, JAVA)
    store(writer, crawl_id, page(of=JAVA))
    writer.record_failure(crawl_id, page().url, FetchStatus.FETCH_FAILED, "no answer", None, MORNING)
    writer.finish_crawl(crawl_id, MORNING, CrawlResult.PARTIAL)
    crawl(writer, page(), "second", MORNING + DAY)
    assert {row.subject: row.status for row in reader.latest_fetches_since(MORNING)} == {
        BACKEND: FetchStatus.STORED,
        JAVA: FetchStatus.STORED,
    }
    assert [row.subject for row in reader.latest_fetches_since(None)] == [other, BACKEND, JAVA]
    assert [row.fetched_at for row in reader.latest_fetches_since(MORNING + timedelta(seconds=1))] == [MORNING + DAY]


def test_a_failure_after_a_success_is_the_newer_news(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    crawl_id = begin(writer, "second", MORNING + DAY)
    writer.record_failure(crawl_id, page().url, FetchStatus.NOT_FOUND, "no such page", 404, MORNING + DAY, capture())
    (row,) = reader.latest_fetches_since(MORNING)
    assert (row.status, row.reason, row.http_status) == (FetchStatus.NOT_FOUND, "no such page", 404)


def test_a_page_that_a_later_crawl_never_reached_stays_as_last_read(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    begin(writer, "killed", MORNING + DAY, BACKEND, JAVA)
    assert [(row.subject, row.status) for row in reader.latest_fetches_since(MORNING)] == [
        (BACKEND, FetchStatus.STORED),
        (JAVA, FetchStatus.PLANNED),
    ]
