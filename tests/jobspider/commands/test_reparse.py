"""Stored pages read anew by a better parser: what is reported, what is written, what is left alone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobspider import pages
from jobspider.errors import LayoutChangedError
from jobspider.model import AuditFinding, RolePage, Subject
from jobspider.reparse import differences, reparse_outdated
from jobspider.site import urls
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import prune_captures, thin_snapshots
from jobspider.store.reader import Reader
from tests.support.cli import run
from tests.support.fake_site import FIRST, SECOND, LiveSite
from tests.support.stored_pages import (
    MORNING,
    NORTH_WEST,
    WEEK,
    as_it_is,
    bodies,
    command,
    configured,
    fetch,
    use_parser,
    with_more_pay,
    without_skills,
)

KEY = NORTH_WEST.key
PAGES = {NORTH_WEST: bodies(FIRST)[NORTH_WEST]}, {NORTH_WEST: bodies(SECOND)[NORTH_WEST]}

A_WEEK_LATER = PAGES[1][NORTH_WEST].replace(b"23 Nov 2025", b"30 Nov 2025").replace(b"23 November", b"30 November")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def database(config: Path) -> Iterator[Database]:
    with Database.open(config.with_name("jobspider.db")) as opened:
        fetch(opened, PAGES[0], MORNING)
        fetch(opened, PAGES[1], MORNING + WEEK)
        yield opened


def median(database: Database) -> Decimal:
    found = Reader(database).latest(NORTH_WEST)
    assert found is not None
    (now,) = (row[0] for (_, statistic), row in found.content.term.rows.items() if statistic == "median")
    assert isinstance(now, Decimal)
    return now


def everything(database: Database) -> list[str]:
    return list(database.connection.iterdump())


def versions(database: Database) -> list[int]:
    return [version for (version,) in database.rows("SELECT parser_version FROM snapshots ORDER BY as_of")]


def report(config: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(config, "reparse", "--json", *options).stdout)
    return found


def refusing(day: date) -> Any:
    """Return a parser that does not understand the pages of a day any more."""

    def read(page: RolePage) -> RolePage:
        if page.as_of == day:
            raise LayoutChangedError(page.url, "expected a table, found a picture")
        return with_more_pay(page)

    return read


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    before, was = everything(database), median(database)
    shown = command(config, "reparse", "--dry-run")
    assert shown.exit_code == 0
    assert "2 pages for parser version 2: 0 read the same, 2 otherwise" in shown.output
    assert f"  {KEY}\n" in shown.output
    assert f"term annual median now: {was} -> {was * Decimal('1.2'):f} (to 2025-11-23; differs on 2 pages)" in (
        shown.output
    )
    assert everything(database) == before


def test_what_is_written_is_what_was_reported(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    was = median(database)
    dry = report(config, "--dry-run")
    assert {**report(config), "dry_run": True} == dry
    assert dry["pages"] == {"same": 0, "changed": 2, "refused": 0, "not_kept": 0}
    assert {each["figure"]: each["pages"] for each in dry["changes"]}["term annual p25 now"] == 2
    assert (median(database), versions(database)) == (was * Decimal("1.2"), [2, 2])
    assert report(config)["pages"]["changed"] == 0


def test_the_report_comes_before_anything_is_written(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    database.connection.execute(
        "CREATE TRIGGER nothing_is_written BEFORE UPDATE ON snapshots BEGIN SELECT RAISE(ABORT, 'the disk'); END"
    )
    shown = command(config, "reparse")
    assert shown.exit_code == 4
    assert "term annual median now" in shown.output


def test_a_page_that_reads_the_same_only_gets_the_new_version(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = database.rows("SELECT id, content_id FROM snapshots")
    use_parser(monkeypatch, 2, as_it_is)
    assert report(config)["pages"]["same"] == 2
    assert (database.rows("SELECT id, content_id FROM snapshots"), versions(database)) == (contents, [2, 2])


def test_pages_of_today_s_parser_are_left_alone_unless_all_are_asked_for(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, pages.PARSER_VERSION, with_more_pay)
    was = median(database)
    assert sum(report(config)["pages"].values()) == 0
    assert command(config, "reparse").output.startswith("No stored page is to be read anew")
    assert report(config, "--all")["pages"]["changed"] == 2
    assert median(database) == was * Decimal("1.2")


def test_only_pages_since_a_date_are_read_anew(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    assert report(config, "--since", "2025-11-17")["pages"]["changed"] == 1
    assert versions(database) == [1, 2]


def test_a_page_that_is_not_accepted_any_more_is_reported_and_left_as_it_is(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = median(database)
    use_parser(monkeypatch, 2, refusing(date(2025, 11, 23)))
    ended = command(config, "reparse")
    assert ended.exit_code == 3
    assert f"not accepted any more: {KEY} to 2025-11-23: expected a table, found a picture" in ended.output
    assert (median(database), versions(database)) == (was, [2, 1])


def test_a_page_that_contradicts_itself_to_a_stricter_parser_is_left_as_it_is(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, lambda page: replace(page, findings=(AuditFinding("shares add up", "100", "99"),)))
    found = report(config)
    assert [each["reason"] for each in found["refused"]] == ["shares add up: expected 100, found 99"] * 2
    assert versions(database) == [1, 1]


def test_a_page_that_is_dated_otherwise_is_left_as_it_is(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, lambda page: replace(page, as_of=date(2025, 1, 1)))
    assert report(config)["pages"]["refused"] == 2
    assert versions(database) == [1, 1]


def test_a_page_that_is_not_kept_any_more_is_reported_as_such(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    prune_captures(database, MORNING + 2 * WEEK)
    use_parser(monkeypatch, 2, with_more_pay)
    ended = command(config, "reparse")
    assert ended.exit_code == 0
    assert f"not kept any more: {KEY}: 2 pages" in ended.output
    assert versions(database) == [1, 1]


def test_a_subject_takes_the_names_that_the_new_parser_reads_on_its_newest_page(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(page: RolePage) -> RolePage:
        return replace(page, names=replace(page.names, region_name=f"North West {page.as_of}"))

    use_parser(monkeypatch, 2, read)
    found = report(config)
    assert [(each["figure"], each["newest"]["new"]) for each in found["changes"]] == [
        ("region name", "North West 2025-11-23")
    ]
    latest = Reader(database).latest(NORTH_WEST)
    assert latest is not None
    assert latest.head.names.region_name == "North West 2025-11-23"


def test_live_jobs_are_put_right_on_the_page_that_had_them_and_on_no_other(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are shared by reference between snapshots, and each must keep its own."""
    fetch(database, {NORTH_WEST: A_WEEK_LATER}, MORNING + 2 * WEEK)
    days = [date(2025, 11, 16), date(2025, 11, 23), date(2025, 11, 30)]

    def read(page: RolePage) -> RolePage:
        rows = tuple(row._replace(live_jobs=days.index(page.as_of)) for row in page.content.locations)
        return replace(page, content=replace(page.content, locations=rows))

    def live_jobs() -> list[set[int | None]]:
        ids = [found for (found,) in database.rows("SELECT id FROM snapshots ORDER BY as_of")]
        return [{row.live_jobs for row in Reader(database).snapshot(each).content.locations} for each in ids]

    before = live_jobs()
    assert before[1] == before[2]
    use_parser(monkeypatch, 2, read)
    command(config, "reparse", "--since", "2025-11-30")
    assert live_jobs() == [before[0], before[1], {2}]
    command(config, "reparse")
    assert live_jobs() == [{0}, {1}, {2}]


def test_live_jobs_that_later_pages_share_stay_theirs(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(database, {NORTH_WEST: A_WEEK_LATER}, MORNING + 2 * WEEK)
    owner, sharer = (
        found for (found,) in database.rows("SELECT id FROM snapshots WHERE as_of > '2025-11-20' ORDER BY as_of")
    )
    assert database.rows("SELECT live_jobs_of FROM snapshots WHERE id = ?", (sharer,)) == [(owner,)]
    kept = Reader(database).snapshot(sharer).content

    def read(page: RolePage) -> RolePage:
        if page.as_of != date(2025, 11, 23):
            return page
        rows = tuple(row._replace(live_jobs=None) for row in page.content.locations)
        return replace(page, content=replace(page.content, locations=rows))

    use_parser(monkeypatch, 2, read)
    command(config, "reparse")
    assert not [row for row in Reader(database).snapshot(owner).content.locations if row.live_jobs]
    assert Reader(database).snapshot(sharer).content == kept
    assert any(row.live_jobs for row in kept.locations)


@pytest.mark.parametrize("change", [with_more_pay, without_skills])
def test_contents_differ_exactly_where_their_figures_do(change: Any) -> None:
    for body_of in (bodies(FIRST), bodies(SECOND)):
        for subject, body in body_of.items():
            page = read(subject, body)
            assert differences(page.content, page.content) == ()
            changed = change(page)
            found = differences(page.content, changed.content)
            assert bool(found) == (changed.content != page.content)
            assert all(each.old != each.new for each in found)


def read(subject: Subject, body: bytes) -> RolePage:
    return pages.read_page(body, urls.subject_url(subject))


def test_a_row_that_is_gone_differs_from_one_that_states_nothing() -> None:
    page = read(NORTH_WEST, PAGES[0][NORTH_WEST])
    rows = dict(page.content.term.rows)
    gone = {key: row for key, row in rows.items() if key != (None, "rank")}
    blank = {**rows, (None, "rank"): (None, None, None)}
    for changed, sides in ((gone, {None}), (blank, {"-"})):
        content = replace(page.content, term=replace(page.content.term, rows=changed))
        assert {each.new for each in differences(page.content, content)} == sides


def test_a_former_reading_goes_with_its_snapshot_and_keeps_what_others_were_told(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    command(config, "reparse")
    ((kept, told),) = database.rows(
        "SELECT snapshot_id, former_readings.content_id FROM former_readings"
        " JOIN snapshots ON snapshots.id = snapshot_id WHERE as_of = '2025-11-23'"
    )
    assert thin_snapshots(database, date(2031, 12, 1)).snapshots == 1
    assert database.rows("SELECT snapshot_id, content_id FROM former_readings") == [(kept, told)]
    assert Reader(database).content(told).top_skills


def test_a_date_that_is_none_is_the_request_s_mistake(config: Path, database: Database) -> None:
    assert database.path.exists()
    ended = run("reparse", "--since", "yesterday", config=config)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_there_is_nothing_to_read_anew_before_the_first_crawl(config: Path) -> None:
    ended = run("reparse", config=config)
    assert (ended.returncode, "run a crawl first" in ended.stderr) == (4, True)


def test_what_a_crawl_finds_of_an_older_parser_is_read_anew_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reparse_outdated(database)
    assert not caplog.messages
    use_parser(monkeypatch, 2, with_more_pay)
    reparse_outdated(database)
    assert versions(database) == [2, 2]
    assert "2 changed" in caplog.text


def test_every_crawl_begins_by_reading_anew_what_an_older_parser_has_read(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        assert run("crawl", config=config).returncode == 0
        with Database.open(tmp_path / "jobspider.db") as database:
            database.connection.execute("UPDATE snapshots SET parser_version = 0")
        assert run("crawl", config=config).returncode == 0
    with Database.open(tmp_path / "jobspider.db") as database:
        assert set(versions(database)) == {pages.PARSER_VERSION}
