from datetime import date, timedelta

import pytest

from jobspider.errors import StoreError
from jobspider.model import FetchStatus
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.inspection import check_integrity, database_info
from jobspider.store.maintenance.retention import ThinningResult, prune_captures, thin_snapshots, vacuum
from jobspider.store.reader import Reader
from jobspider.store.schema import MigrationSet
from tests.support.sample_pages import BACKEND, DAY, JAVA, MONDAY, MORNING, begin, capture, content, crawl, page


def bodies(database: Database) -> set[str]:
    return {sha256 for (sha256,) in database.rows("SELECT sha256 FROM captures")}


def test_raw_pages_are_dropped_when_they_are_older_than_asked_and_the_figures_stay(
    database: Database, writer: Writer, reader: Reader
) -> None:
    for n in range(3):
        crawl(writer, page(MONDAY + DAY * n, content(600 + n)), f"day {n}", MORNING + DAY * n, b"%d" % n)
    assert prune_captures(database, MORNING + DAY) == 1
    assert bodies(database) == {capture(b"1").sha256, capture(b"2").sha256}
    assert prune_captures(database, MORNING + DAY) == 0
    assert reader.snapshot(1).content.term == content(600).term


def test_a_quarantined_page_is_kept_until_its_case_is_dismissed(database: Database, writer: Writer) -> None:
    odd = capture(b"odd")
    writer.record_failure(begin(writer), page().url, FetchStatus.LAYOUT_CHANGED, "odd", 200, MORNING, odd)
    assert prune_captures(database, MORNING + DAY * 365) == 0
    assert bodies(database) == {odd.sha256}
    with database.immediate() as connection:
        connection.execute("UPDATE quarantine SET state = 'dismissed'")
    assert prune_captures(database, MORNING + DAY * 365) == 1


def test_a_case_without_bytes_does_not_keep_others_from_being_dropped(database: Database, writer: Writer) -> None:
    crawl(writer, page(), "first")
    crawl_id = begin(writer, "second")
    writer.record_failure(crawl_id, page().url, FetchStatus.WRONG_PAGE, "redirected", 302, MORNING)
    assert prune_captures(database, MORNING + DAY) == 1


TODAY = date(2025, 10, 13)


def years(database: Database, first: date, days: int) -> None:
    """Store a page for every day, each with figures of its own, but live jobs that stay for a week."""
    database.connection.execute("PRAGMA synchronous = OFF")
    for day in range(days):
        as_of = first + timedelta(days=day)
        crawl(Writer(database), page(as_of, content(1 + day % 600, {"Worcestershire": day // 7})), f"{as_of}", MORNING)


def kept(database: Database) -> list[date]:
    return [date.fromisoformat(as_of) for (as_of,) in database.rows("SELECT as_of FROM snapshots ORDER BY as_of")]


def told(database: Database, as_of: date) -> int:
    """Let tables of another half point at a snapshot and at its content, as the outbox does; return the content."""
    other = MigrationSet("other")

    @other()
    def m001(_tables: object) -> None:
        database.connection.execute("CREATE TABLE told (snapshot INTEGER REFERENCES snapshots, content INTEGER)")
        database.connection.execute("CREATE TABLE heard (content INTEGER REFERENCES contents (id))")

    database.apply(other)
    ((snapshot_id, content_id),) = database.rows(
        "SELECT id, content_id FROM snapshots WHERE as_of = ?", (as_of.isoformat(),)
    )
    with database.immediate() as connection:
        connection.execute("INSERT INTO told VALUES (?, ?)", (snapshot_id, content_id))
    return int(content_id)


def test_of_the_last_year_every_snapshot_stays(database: Database) -> None:
    years(database, TODAY - timedelta(days=365), 366)
    assert thin_snapshots(database, TODAY) == ThinningResult(0, 0)


def test_of_the_years_before_the_last_of_each_week_stays_and_then_of_each_month(database: Database) -> None:
    days = 50
    years(database, date(2024, 8, 1), days)
    assert thin_snapshots(database, TODAY).snapshots == days - 8
    assert kept(database) == [date(2024, 8, 4) + timedelta(weeks=week) for week in range(7)] + [date(2024, 9, 19)]
    assert thin_snapshots(database, date(2030, 1, 1)).snapshots == 6
    assert kept(database) == [date(2024, 8, 25), date(2024, 9, 19)]


def test_thinning_twice_removes_nothing_more(database: Database) -> None:
    years(database, date(2024, 8, 1), 20)
    assert thin_snapshots(database, TODAY) != ThinningResult(0, 0)
    assert thin_snapshots(database, TODAY) == ThinningResult(0, 0)


def test_what_stays_reads_as_before_with_its_live_jobs(database: Database, reader: Reader) -> None:
    years(database, date(2024, 8, 1), 40)
    before = {head.as_of: head.snapshot_id for head in (reader.snapshot(number).head for number in range(1, 41))}
    whole = {as_of: reader.snapshot(number) for as_of, number in before.items()}
    thin_snapshots(database, TODAY)
    assert [reader.snapshot(before[as_of]) for as_of in kept(database)] == [whole[as_of] for as_of in kept(database)]
    assert list(check_integrity(database)) == []


def test_figures_that_no_snapshot_has_any_more_go_with_all_their_parts(database: Database) -> None:
    years(database, date(2024, 8, 1), 20)
    thinned = thin_snapshots(database, TODAY)
    assert thinned.contents == thinned.snapshots > 0
    for table in ("contents", "figures", "skill_shares", "locations"):
        column = "id" if table == "contents" else "content_id"
        assert database.rows(f"SELECT count(DISTINCT {column}) FROM {table}") == [(len(kept(database)),)]  # noqa: S608 - from above


def test_a_snapshot_that_was_told_always_stays(database: Database) -> None:
    years(database, date(2024, 8, 1), 20)
    told(database, date(2024, 8, 6))
    thin_snapshots(database, date(2035, 1, 1))
    assert kept(database) == [date(2024, 8, 6), date(2024, 8, 20)]


def test_figures_that_were_told_stay_though_their_snapshot_was_corrected(database: Database, reader: Reader) -> None:
    crawl(Writer(database), page(date(2024, 8, 1), content(500)), "first")
    content_id = told(database, date(2024, 8, 1))
    crawl(Writer(database), page(date(2024, 8, 1), content(510)), "corrected", MORNING, b"<html>corrected</html>")
    with database.immediate() as connection:
        connection.execute("INSERT INTO heard VALUES (?)", (content_id,))
    assert thin_snapshots(database, TODAY) == ThinningResult(0, 0)
    assert reader.content(content_id).term == content(500).term


def test_the_newest_snapshot_of_a_subject_stays_however_old(database: Database) -> None:
    crawl(Writer(database), page(date(2013, 1, 1)), "first")
    crawl(Writer(database), page(date(2013, 1, 2), of=JAVA), "second")
    assert thin_snapshots(database, TODAY) == ThinningResult(0, 0)


def test_one_subject_is_thinned_for_itself(database: Database) -> None:
    for number, of in enumerate((BACKEND, JAVA)):
        for day in range(2):
            crawl(Writer(database), page(date(2024, 8, 6 + day), content(500 + day), of), f"{number} {day}")
    thin_snapshots(database, TODAY)
    assert kept(database) == [date(2024, 8, 7)] * 2


def test_the_29th_of_february_is_a_day_like_any_other(database: Database) -> None:
    assert thin_snapshots(database, date(2028, 2, 29)) == ThinningResult(0, 0)


def test_a_file_in_which_something_points_nowhere_is_not_thinned(database: Database) -> None:
    years(database, date(2024, 8, 1), 10)
    database.connection.execute("PRAGMA foreign_keys = OFF")
    database.connection.execute("INSERT INTO live_jobs VALUES (999, 'Stoke', 1)")
    with pytest.raises(StoreError, match=r"rows in live_jobs that point nowhere: run jobspider db check; nothing"):
        thin_snapshots(database, date(2024, 9, 1))
    assert len(kept(database)) == 10
    assert database.rows("PRAGMA foreign_keys") == [(1,)]


def test_space_is_given_back(database: Database) -> None:
    years(database, date(2024, 8, 1), 60)
    thin_snapshots(database, date(2035, 1, 1))
    before = database_info(database)
    assert before.free_bytes > 0
    vacuum(database)
    after = database_info(database)
    assert after.free_bytes == 0
    assert after.bytes == database.path.stat().st_size < before.bytes
    assert list(check_integrity(database)) == []
