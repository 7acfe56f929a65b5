import json
from dataclasses import replace
from datetime import timedelta

import pytest

from jobspider.errors import StoreError
from jobspider.model import AuditFinding, CrawlResult, FetchStatus, PlannedPage
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

FAILURES = [
    FetchStatus.NOT_FOUND,
    FetchStatus.BLOCKED,
    FetchStatus.ROBOTS_DENIED,
    FetchStatus.WRONG_PAGE,
    FetchStatus.LAYOUT_CHANGED,
    FetchStatus.AUDIT_FAILED,
    FetchStatus.FETCH_FAILED,
]


def count(database: Database, table: str) -> int:
    ((found,),) = database.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table's name from the test
    return int(found)


def ledger(database: Database) -> list[tuple[str, str]]:
    return [
        (status, reason) for status, reason in database.rows("SELECT status, reason FROM fetches ORDER BY crawl_id")
    ]


def test_a_crawl_begins_with_a_planned_row_for_every_page(writer: Writer, reader: Reader) -> None:
    market = PlannedPage("https://www.itjobswatch.co.uk/default.aspx?page=1", None)
    writer.begin_crawl("first", "roles", MORNING, "0.1.0", [*plan(BACKEND, JAVA), market])
    begun = reader.crawl("first")
    assert begun is not None
    assert (begun.spider, begun.started_at, begun.finished_at, begun.verdict) == ("roles", MORNING, None, None)
    assert {row.url: row.subject for row in begun.ledger} == {
        page(of=BACKEND).url: BACKEND,
        page(of=JAVA).url: JAVA,
        market.url: None,
    }
    assert {(row.status, row.http_status, row.reason, row.fetched_at) for row in begun.ledger} == {
        (FetchStatus.PLANNED, None, "", None)
    }


def test_a_plan_that_names_a_page_twice_is_the_callers_fault_and_begins_nothing(writer: Writer, reader: Reader) -> None:
    with pytest.raises(ValueError, match="twice"):
        begin(writer, "first", MORNING, BACKEND, BACKEND)
    assert reader.crawl("first") is None


def test_a_token_is_used_once(writer: Writer) -> None:
    begin(writer, "first")
    with pytest.raises(StoreError, match="a crawl with the token 'first' already: use a new one"):
        begin(writer, "first")


def test_a_new_crawl_marks_a_dead_one_interrupted_and_keeps_what_it_read(writer: Writer, reader: Reader) -> None:
    dead = begin(writer, "dead", MORNING, BACKEND, JAVA)
    store(writer, dead, page())
    begin(writer, "next", MORNING + DAY)
    found = reader.crawl("dead")
    assert found is not None
    assert (found.verdict, found.finished_at) == (CrawlResult.INTERRUPTED, None)
    assert found.counts == {FetchStatus.STORED: 1, FetchStatus.PLANNED: 1}


def test_a_crawl_that_has_ended_is_left_alone_by_the_next(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    ended = reader.crawl("first")
    begin(writer, "next", MORNING + DAY)
    assert reader.crawl("first") == ended


def test_the_first_page_of_a_subject_is_stored_whole(writer: Writer, reader: Reader) -> None:
    crawl_id = begin(writer)
    assert store(writer, crawl_id, page(), parser=3) is FetchStatus.STORED
    snapshot = reader.latest(BACKEND)
    assert snapshot is not None
    assert snapshot.content == page().content
    head = snapshot.head
    assert (head.subject, head.names, head.url, head.as_of) == (BACKEND, page().names, page().url, MONDAY)
    assert (head.fetched_at, head.parser_version) == (MORNING, 3)


def test_the_same_figures_a_day_later_share_their_content(database: Database, writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    first = reader.latest(BACKEND)
    assert crawl(writer, page(MONDAY + DAY), "second", MORNING + DAY) is FetchStatus.UNCHANGED
    second = reader.latest(BACKEND)
    assert first is not None
    assert second is not None
    assert second.content == first.content
    assert second.head.content_id == first.head.content_id
    assert (second.head.as_of, second.head.fetched_at) == (MONDAY + DAY, MORNING + DAY)
    assert (count(database, "snapshots"), count(database, "contents"), count(database, "live_jobs")) == (2, 1, 1)


def test_the_same_page_again_leaves_nothing_but_the_ledger(database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    tables = ("subjects", "snapshots", "contents", "figures", "skills", "locations", "live_jobs", "captures")
    before = [database.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - names from above
    again = page(figures=content(live_jobs={"Herefordshire": 9}))
    assert crawl(writer, again, "second", MORNING + DAY, b"<html>other bytes</html>") is FetchStatus.UNCHANGED
    assert [database.rows(f"SELECT * FROM {table}") for table in tables] == before  # noqa: S608 - likewise
    assert ledger(database) == [("stored", ""), ("unchanged", "")]


def test_figures_that_come_back_after_a_change_share_their_old_content(database: Database, writer: Writer) -> None:
    statuses = [
        crawl(writer, page(MONDAY + DAY * n, content(median)), f"day {n}") for n, median in enumerate((650, 600, 650))
    ]
    assert statuses == [FetchStatus.STORED] * 3
    assert [row[0] for row in database.rows("SELECT content_id FROM snapshots ORDER BY as_of")] == [1, 2, 1]


def test_two_subjects_with_equal_figures_do_not_share_a_content(writer: Writer, reader: Reader) -> None:
    crawl_id = begin(writer, "first", MORNING, BACKEND, JAVA)
    assert [store(writer, crawl_id, page(of=of)) for of in (BACKEND, JAVA)] == [FetchStatus.STORED] * 2
    assert len({head.content_id for head in reader.latest_snapshots()}) == 2


def test_a_page_older_than_the_newest_is_stale_and_stores_nothing(
    database: Database, writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(), "first")
    newest = reader.latest(BACKEND)
    old = page(MONDAY - DAY, content(median=999))
    assert crawl(writer, old, "second", MORNING + DAY, b"<html>an old page</html>") is FetchStatus.STALE
    assert reader.latest(BACKEND) == newest
    assert (count(database, "contents"), count(database, "snapshots"), count(database, "captures")) == (1, 1, 1)
    assert ledger(database)[1] == ("stale", "as of 2025-10-12, older than 2025-10-13, which is stored")


def test_a_page_that_corrects_itself_the_same_day_replaces_the_snapshots_content(
    database: Database, writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(), "first")
    told = reader.latest(BACKEND)
    corrected = page(figures=content(median=640, live_jobs={"Worcestershire": 2}))
    evening = MORNING + timedelta(hours=12)
    assert crawl(writer, corrected, "second", evening, b"<html>corrected</html>") is FetchStatus.STORED
    now = reader.latest(BACKEND)
    assert told is not None
    assert now is not None
    assert now.content == corrected.content
    assert now.head.snapshot_id == told.head.snapshot_id
    assert now.head.content_id != told.head.content_id
    assert now.head.fetched_at == evening
    assert reader.content(told.head.content_id).term == told.content.term
    assert count(database, "snapshots") == 1


def test_live_jobs_are_those_of_their_snapshot_whether_or_not_the_figures_changed(
    writer: Writer, reader: Reader
) -> None:
    days: list[dict[str, int]] = [{"Herefordshire": 1}, {"Herefordshire": 1}, {"Worcestershire": 2}, {}, {}]
    for n, live in enumerate(days):
        crawl(writer, page(MONDAY + DAY * n, content(live_jobs=live)), f"day {n}")
        corrected = content(median=700 + n, live_jobs=live)
        crawl(writer, page(MONDAY + DAY * n, corrected), f"day {n}, corrected")
    found = [
        {row.name: row.live_jobs for row in reader.snapshot(n + 1).content.locations if row.live_jobs is not None}
        for n in range(len(days))
    ]
    assert found == days


def test_a_correction_of_live_jobs_shared_with_the_day_before_leaves_that_day_alone(
    writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(), "first")
    crawl(writer, page(MONDAY + DAY), "second")
    crawl(writer, page(MONDAY + DAY, content(600, {"Worcestershire": 2})), "corrected")
    crawl(writer, page(MONDAY + DAY, content(610, {"Herefordshire": 1})), "corrected back")
    assert [reader.snapshot(n).content.locations[0].live_jobs for n in (1, 2)] == [1, 1]
    assert [reader.snapshot(n).content.locations[1].live_jobs for n in (1, 2)] == [None, None]


def test_a_new_name_on_the_page_becomes_the_subjects_name(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    renamed = replace(page().names, term_name="Back-End Developer")
    crawl(writer, replace(page(MONDAY + DAY), names=renamed), "second")
    (head,) = reader.latest_snapshots()
    assert head.names == renamed


def test_a_page_that_was_not_planned_is_the_callers_fault(writer: Writer, database: Database) -> None:
    crawl_id = begin(writer)
    with pytest.raises(ValueError, match=r"java\.do was not planned in crawl 1"):
        store(writer, crawl_id, page(of=JAVA))
    with pytest.raises(ValueError, match=r"java\.do was not planned in crawl 1"):
        writer.record_failure(crawl_id, page(of=JAVA).url, FetchStatus.NOT_FOUND, "no such page", 404, MORNING)
    assert count(database, "contents") == 0


def test_a_page_of_another_subject_than_planned_is_not_stored(writer: Writer, database: Database) -> None:
    crawl_id = begin(writer)
    with pytest.raises(ValueError, match="was not planned in crawl 1 for permanent/uk/java/6"):
        writer.store_page(crawl_id, page().url, page(of=JAVA), capture(), 1, 200)
    assert count(database, "contents") == 0


@pytest.mark.parametrize("first_stored", [True, False])
@pytest.mark.parametrize("then_stored", [True, False])
def test_a_page_ends_once(database: Database, writer: Writer, *, first_stored: bool, then_stored: bool) -> None:
    crawl_id = begin(writer)

    def end(*, stored: bool, median: int) -> None:
        if stored:
            store(writer, crawl_id, page(figures=content(median)))
        else:
            writer.record_failure(crawl_id, page().url, FetchStatus.FETCH_FAILED, "no answer", None, MORNING)

    end(stored=first_stored, median=650)
    before = ledger(database), count(database, "contents")
    with pytest.raises(ValueError, match="has ended before"):
        end(stored=then_stored, median=600)
    assert (ledger(database), count(database, "contents")) == before


@pytest.mark.parametrize("status", FAILURES)
def test_a_failure_is_noted_with_its_reason(writer: Writer, reader: Reader, status: FetchStatus) -> None:
    crawl_id = begin(writer)
    writer.record_failure(crawl_id, page().url, status, "why it failed", 404, MORNING, capture())
    found = reader.crawl("first")
    assert found is not None
    (row,) = found.ledger
    assert (row.status, row.reason, row.http_status, row.fetched_at) == (status, "why it failed", 404, MORNING)
    assert reader.latest(BACKEND) is None


def test_every_status_is_an_end_that_a_page_can_have(database: Database, writer: Writer) -> None:
    terms = [replace(BACKEND, term=status.value) for status in FetchStatus]
    crawl(writer, page(of=replace(BACKEND, term="unchanged")), "before")
    crawl(writer, page(of=replace(BACKEND, term="stale")), "before that")
    crawl_id = begin(writer, "all", MORNING, *terms)
    for of in terms:
        status = FetchStatus(of.term)
        if status in FAILURES:
            writer.record_failure(crawl_id, page(of=of).url, status, "why", None, MORNING)
        elif status is not FetchStatus.PLANNED:
            assert store(writer, crawl_id, page(MONDAY - DAY * (status is FetchStatus.STALE), of=of)) is status
    writer.finish_crawl(crawl_id, MORNING, CrawlResult.PARTIAL)
    assert database.rows("SELECT term, status FROM fetches JOIN subjects ON id = subject_id WHERE crawl_id = 3") == [
        (status, status) for (status,) in database.rows("SELECT status FROM fetches WHERE crawl_id = 3")
    ]
    counts = "SELECT pages_planned, pages_stored, pages_unchanged, pages_failed FROM crawls WHERE id = 3"
    assert database.rows(counts) == [(len(FetchStatus), 1, 1, len(FAILURES) + 1)]


@pytest.mark.parametrize("status", sorted(set(FetchStatus) - set(FAILURES)))
def test_an_end_that_is_no_failure_cannot_be_recorded_as_one(writer: Writer, status: FetchStatus) -> None:
    crawl_id = begin(writer)
    with pytest.raises(ValueError, match=f"{status} is no failure"):
        writer.record_failure(crawl_id, page().url, status, "", 200, MORNING)


@pytest.mark.parametrize("status", FAILURES)
def test_what_was_not_understood_is_quarantined_with_its_bytes(
    database: Database, writer: Writer, status: FetchStatus
) -> None:
    finding = AuditFinding("quotes <= vacancies", "at most 7", "9")
    crawl_id = begin(writer)
    captured = capture(b"<html>odd</html>")
    writer.record_failure(crawl_id, page().url, status, "odd", 200, MORNING, captured, [finding])
    found = database.rows("SELECT url, reason, findings, sha256, state FROM quarantine")
    if status not in {FetchStatus.WRONG_PAGE, FetchStatus.LAYOUT_CHANGED, FetchStatus.AUDIT_FAILED}:
        assert found == []
        return
    ((url, reason, findings, sha256, state),) = found
    assert (url, reason, sha256, state) == (page().url, "odd", captured.sha256, "open")
    assert json.loads(findings) == [
        {"identity": "quotes <= vacancies", "expected": "at most 7", "found": "9", "refuses": True}
    ]
    assert Reader(database).capture(sha256) == captured


def test_the_bytes_of_a_page_are_kept_once_and_count_as_fetched_when_they_last_were(
    database: Database, writer: Writer
) -> None:
    for n in (0, 2, 1):
        crawl_id = begin(writer, f"crawl {n}")
        again = capture(at=MORNING + DAY * n)
        writer.record_failure(crawl_id, page().url, FetchStatus.BLOCKED, "challenge", 403, MORNING, again)
    assert database.rows("SELECT sha256, url, fetched_at FROM captures") == [
        (capture().sha256, page().url, "2025-10-15T06:30:00.000Z")
    ]


def test_a_crawl_ends_once(writer: Writer, reader: Reader) -> None:
    crawl_id = begin(writer)
    writer.finish_crawl(crawl_id, MORNING + DAY, CrawlResult.FAILED)
    found = reader.crawl("first")
    assert found is not None
    assert (found.finished_at, found.verdict) == (MORNING + DAY, CrawlResult.FAILED)
    for crawl_number in (crawl_id, 17):
        with pytest.raises(ValueError, match=f"crawl {crawl_number} is not running"):
            writer.finish_crawl(crawl_number, MORNING, CrawlResult.COMPLETE)
    assert reader.crawl("first") == found


def test_a_moment_without_a_time_zone_is_refused(writer: Writer) -> None:
    with pytest.raises(ValueError, match="2025-10-13T06:30:00 has no time zone"):
        begin(writer, "first", MORNING.replace(tzinfo=None))
