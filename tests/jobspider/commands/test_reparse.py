"""The command ``jobspider reparse``, and the reparsing at the start of a crawl."""

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

THIRD_WEEK = PAGES[1][NORTH_WEST].replace(b"23 Nov 2025", b"30 Nov 2025").replace(b"23 November", b"30 November")


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
    snapshot = Reader(database).latest(NORTH_WEST)
    assert snapshot is not None
    (now,) = (row[0] for (_, statistic), row in snapshot.content.term.rows.items() if statistic == "median")
    assert isinstance(now, Decimal)
    return now


def dump_database(database: Database) -> list[str]:
    return list(database.connection.iterdump())


def versions(database: Database) -> list[int]:
    return [version for (version,) in database.rows("SELECT parser_version FROM snapshots ORDER BY as_of")]


def reparse_json(config: Path, *options: str) -> dict[str, Any]:
    output: dict[str, Any] = json.loads(command(config, "reparse", "--json", *options).stdout)
    return output


def parser_rejecting(as_of: date) -> Any:
    """Return a parser that no longer accepts the pages of a date."""

    def change(page: RolePage) -> RolePage:
        if page.as_of == as_of:
            raise LayoutChangedError(page.url, "expected a table, found a picture")
        return with_more_pay(page)

    return change


def test_reparse_dry_run_prints_changes_and_writes_nothing(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    before, old_median = dump_database(database), median(database)
    result = command(config, "reparse", "--dry-run")
    assert result.exit_code == 0
    assert "2 pages for parser version 2: 0 unchanged, 2 changed" in result.output
    assert f"  {KEY}\n" in result.output
    new_median = f"{old_median * Decimal('1.2'):f}"
    change = f"term annual median now: {old_median} -> {new_median} (as of 2025-11-23; differs on 2 pages)"
    assert change in result.output
    assert dump_database(database) == before


def test_reparse_writes_the_reported_changes(config: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    old_median = median(database)
    dry = reparse_json(config, "--dry-run")
    assert {**reparse_json(config), "dry_run": True} == dry
    assert dry["pages"] == {"same": 0, "changed": 2, "refused": 0, "not_kept": 0}
    assert {change["figure"]: change["pages"] for change in dry["changes"]}["term annual p25 now"] == 2
    assert (median(database), versions(database)) == (old_median * Decimal("1.2"), [2, 2])
    assert reparse_json(config)["pages"]["changed"] == 0


def test_reparse_prints_changes_before_writing(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    database.connection.execute(
        "CREATE TRIGGER abort_update BEFORE UPDATE ON snapshots BEGIN SELECT RAISE(ABORT, 'the disk'); END"
    )
    result = command(config, "reparse")
    assert result.exit_code == 4
    assert "term annual median now" in result.output


def test_reparse_same_content_updates_parser_version(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = database.rows("SELECT id, content_id FROM snapshots")
    use_parser(monkeypatch, 2, as_it_is)
    assert reparse_json(config)["pages"]["same"] == 2
    assert (database.rows("SELECT id, content_id FROM snapshots"), versions(database)) == (contents, [2, 2])


def test_reparse_all_includes_current_parser_version(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, pages.PARSER_VERSION, with_more_pay)
    old_median = median(database)
    assert sum(reparse_json(config)["pages"].values()) == 0
    assert command(config, "reparse").output.startswith("No stored page needs to be parsed again")
    assert reparse_json(config, "--all")["pages"]["changed"] == 2
    assert median(database) == old_median * Decimal("1.2")


def test_reparse_since_skips_older_pages(config: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    assert reparse_json(config, "--since", "2025-11-17")["pages"]["changed"] == 1
    assert versions(database) == [1, 2]


def test_reparse_page_no_longer_accepted_is_unchanged(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_median = median(database)
    use_parser(monkeypatch, 2, parser_rejecting(date(2025, 11, 23)))
    result = command(config, "reparse")
    assert result.exit_code == 3
    assert f"no longer accepted: {KEY} as of 2025-11-23: expected a table, found a picture" in result.output
    assert (median(database), versions(database)) == (old_median, [2, 1])


def test_reparse_page_with_new_findings_is_unchanged(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, lambda page: replace(page, findings=(AuditFinding("shares add up", "100", "99"),)))
    output = reparse_json(config)
    assert [page["reason"] for page in output["refused"]] == ["shares add up: expected 100, found 99"] * 2
    assert versions(database) == [1, 1]


def test_reparse_page_with_another_date_is_unchanged(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, lambda page: replace(page, as_of=date(2025, 1, 1)))
    assert reparse_json(config)["pages"]["refused"] == 2
    assert versions(database) == [1, 1]


def test_reparse_page_no_longer_stored_is_unchanged(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    prune_captures(database, MORNING + 2 * WEEK)
    use_parser(monkeypatch, 2, with_more_pay)
    result = command(config, "reparse")
    assert result.exit_code == 0
    assert f"no longer stored: {KEY}: 2 pages" in result.output
    assert versions(database) == [1, 1]


def test_reparse_updates_names_from_newest_page(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(page: RolePage) -> RolePage:
        return replace(page, names=replace(page.names, region_name=f"North West {page.as_of}"))

    use_parser(monkeypatch, 2, change)
    output = reparse_json(config)
    assert [(change["figure"], change["newest"]["new"]) for change in output["changes"]] == [
        ("region name", "North West 2025-11-23")
    ]
    latest = Reader(database).latest(NORTH_WEST)
    assert latest is not None
    assert latest.head.names.region_name == "North West 2025-11-23"


def test_reparse_live_jobs_update_only_their_snapshot(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snapshots share live jobs by reference, but each must keep its own values."""
    fetch(database, {NORTH_WEST: THIRD_WEEK}, MORNING + 2 * WEEK)
    days = [date(2025, 11, 16), date(2025, 11, 23), date(2025, 11, 30)]

    def change(page: RolePage) -> RolePage:
        rows = tuple(row._replace(live_jobs=days.index(page.as_of)) for row in page.content.locations)
        return replace(page, content=replace(page.content, locations=rows))

    def live_jobs() -> list[set[int | None]]:
        ids = [snapshot_id for (snapshot_id,) in database.rows("SELECT id FROM snapshots ORDER BY as_of")]
        return [
            {row.live_jobs for row in Reader(database).snapshot(snapshot_id).content.locations} for snapshot_id in ids
        ]

    before = live_jobs()
    assert before[1] == before[2]
    use_parser(monkeypatch, 2, change)
    command(config, "reparse", "--since", "2025-11-30")
    assert live_jobs() == [before[0], before[1], {2}]
    command(config, "reparse")
    assert live_jobs() == [{0}, {1}, {2}]


def test_reparse_keeps_live_jobs_shared_with_later_snapshots(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(database, {NORTH_WEST: THIRD_WEEK}, MORNING + 2 * WEEK)
    owner, sharer = (
        snapshot_id
        for (snapshot_id,) in database.rows("SELECT id FROM snapshots WHERE as_of > '2025-11-20' ORDER BY as_of")
    )
    assert database.rows("SELECT live_jobs_of FROM snapshots WHERE id = ?", (sharer,)) == [(owner,)]
    shared = Reader(database).snapshot(sharer).content

    def change(page: RolePage) -> RolePage:
        if page.as_of != date(2025, 11, 23):
            return page
        rows = tuple(row._replace(live_jobs=None) for row in page.content.locations)
        return replace(page, content=replace(page.content, locations=rows))

    use_parser(monkeypatch, 2, change)
    command(config, "reparse")
    assert not [row for row in Reader(database).snapshot(owner).content.locations if row.live_jobs]
    assert Reader(database).snapshot(sharer).content == shared
    assert any(row.live_jobs for row in shared.locations)


@pytest.mark.parametrize("change", [with_more_pay, without_skills], ids=["pay", "skills"])
def test_differences_are_found_for_changed_content_only(change: Any) -> None:
    for saved_pages in (bodies(FIRST), bodies(SECOND)):
        for subject, body in saved_pages.items():
            page = parse(subject, body)
            assert differences(page.content, page.content) == ()
            changed = change(page)
            result = differences(page.content, changed.content)
            assert bool(result) == (changed.content != page.content)
            assert all(difference.old != difference.new for difference in result)


def parse(subject: Subject, body: bytes) -> RolePage:
    return pages.read_page(body, urls.subject_url(subject))


def test_differences_distinguish_missing_and_empty_rows() -> None:
    page = parse(NORTH_WEST, PAGES[0][NORTH_WEST])
    rows = dict(page.content.term.rows)
    gone = {key: row for key, row in rows.items() if key != (None, "rank")}
    blank = {**rows, (None, "rank"): (None, None, None)}
    for changed, new_values in ((gone, {None}), (blank, {"-"})):
        content = replace(page.content, term=replace(page.content.term, rows=changed))
        assert {difference.new for difference in differences(page.content, content)} == new_values


def test_thinning_deletes_former_readings_of_deleted_snapshots(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_parser(monkeypatch, 2, with_more_pay)
    command(config, "reparse")
    ((snapshot_id, content_id),) = database.rows(
        "SELECT snapshot_id, former_readings.content_id FROM former_readings"
        " JOIN snapshots ON snapshots.id = snapshot_id WHERE as_of = '2025-11-23'"
    )
    assert thin_snapshots(database, date(2031, 12, 1)).snapshots == 1
    assert database.rows("SELECT snapshot_id, content_id FROM former_readings") == [(snapshot_id, content_id)]
    assert Reader(database).content(content_id).top_skills


def test_reparse_invalid_date_is_usage_error(config: Path, database: Database) -> None:
    assert database.path.exists()
    process = run("reparse", "--since", "yesterday", config=config)
    assert process.returncode == 2
    assert "Traceback" not in process.stderr


def test_reparse_without_database_advises_crawl(config: Path) -> None:
    process = run("reparse", config=config)
    assert (process.returncode, "run a crawl first" in process.stderr) == (4, True)


def test_reparse_outdated_logs_changes_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reparse_outdated(database)
    assert not caplog.messages
    use_parser(monkeypatch, 2, with_more_pay)
    reparse_outdated(database)
    assert versions(database) == [2, 2]
    assert "2 changed" in caplog.text


def test_crawl_reparses_outdated_pages_first(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        assert run("crawl", config=config).returncode == 0
        with Database.open(tmp_path / "jobspider.db") as database:
            database.connection.execute("UPDATE snapshots SET parser_version = 0")
        assert run("crawl", config=config).returncode == 0
    with Database.open(tmp_path / "jobspider.db") as database:
        assert set(versions(database)) == {pages.PARSER_VERSION}
