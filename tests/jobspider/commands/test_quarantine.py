"""Pages that were not accepted: what is shown of them, and what becomes of them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from jobspider import pages
from jobspider.model import Capture, FetchStatus, PlannedPage, Snapshot, Subject
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.maintenance.retention import prune_captures
from jobspider.store.quarantine import CaseState, Quarantine
from jobspider.store.reader import Reader
from tests.support.fake_site import FIRST, SECOND
from tests.support.stored_pages import (
    MORNING,
    NORTH_WEST,
    WEEK,
    as_it_is,
    bodies,
    command,
    configured,
    contradictory,
    damaged,
    fetch,
    use_parser,
)

URL = urls.subject_url(NORTH_WEST)
GOOD, LATER = bodies(FIRST)[NORTH_WEST], bodies(SECOND)[NORTH_WEST]

CORRECTED = LATER.replace(b"23 Nov 2025", b"16 Nov 2025").replace(b"23 November", b"16 November")
"""The page as of the earlier date, with the later one's figures."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def database(config: Path) -> Iterator[Database]:
    with Database.open(config.with_name("jobspider.db")) as opened:
        yield opened


def put(database: Database, *found: bytes) -> None:
    """Let each of these come back for the one page, week by week."""
    for week, body in enumerate(found):
        fetch(database, {NORTH_WEST: body}, MORNING + week * WEEK)


def newest(database: Database, of: Subject = NORTH_WEST) -> Snapshot | None:
    return Reader(database).latest(of)


def dates(database: Database) -> list[str]:
    return [as_of for (as_of,) in database.rows("SELECT as_of FROM snapshots ORDER BY as_of")]


def mended(monkeypatch: pytest.MonkeyPatch, truth: Mapping[bytes, bytes]) -> None:
    """Let today's parser read pages that were refused as if they were the true ones."""
    read_page = pages.read_page
    use_parser(monkeypatch, 2, as_it_is)
    monkeypatch.setattr(pages, "read_page", lambda body, url: read_page(truth.get(body, body), url))


def test_the_list_shows_open_cases_with_what_was_expected_and_found(config: Path, database: Database) -> None:
    put(database, damaged(GOOD), contradictory(LATER))
    shown = command(config, "quarantine", "list")
    assert shown.exit_code == 0
    first, second = shown.output.splitlines()
    assert first.startswith("   1  2025-11-16  layout changed: ")
    assert URL in first
    assert "expected" in first
    assert second.startswith("   2  2025-11-23  audit failed: ")


def test_an_empty_quarantine_says_so(config: Path, database: Database) -> None:
    put(database, GOOD)
    for name in ("list", "retry"):
        shown = command(config, "quarantine", name, "--all")
        assert (shown.exit_code, shown.output) == (0, "Nothing is in quarantine.\n")


def test_a_case_shows_every_finding(config: Path, database: Database) -> None:
    put(database, contradictory(GOOD))
    (case,) = Quarantine(database).cases()
    assert case.findings
    shown = command(config, "quarantine", "show", "1").output
    for finding in case.findings:
        assert f"{finding.identity}" in shown
        assert f"expected {finding.expected}, found {finding.found}" in shown
    assert json.loads(command(config, "quarantine", "show", "1", "--json").output)["findings"]


def test_the_page_of_a_case_comes_back_byte_for_byte(config: Path, database: Database) -> None:
    body = damaged(GOOD) + "\N{POUND SIGN}\r\n".encode("cp1252")
    put(database, body)
    assert command(config, "quarantine", "show", "1", "--page").stdout_bytes == body


def test_a_page_that_is_not_kept_any_more_cannot_be_shown_or_retried(config: Path, database: Database) -> None:
    put(database, damaged(GOOD))
    command(config, "quarantine", "dismiss", "1")
    prune_captures(database, MORNING + WEEK)
    shown = command(config, "quarantine", "show", "1", "--page")
    assert shown.exit_code == 4
    assert "not kept any more" in command(config, "quarantine", "show", "1").output
    retried = command(config, "quarantine", "retry", "1")
    assert (retried.exit_code, "its page is not kept any more" in retried.output) == (4, True)


def test_a_page_that_is_still_not_understood_waits_and_says_why(config: Path, database: Database) -> None:
    put(database, damaged(GOOD))
    retried = command(config, "quarantine", "retry", "1")
    assert retried.exit_code == 4
    assert "still not accepted: expected" in retried.output
    assert Quarantine(database).cases(CaseState.OPEN)
    assert dates(database) == []


def test_a_page_that_is_understood_now_is_kept_as_of_its_own_date_and_its_case_resolved(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, damaged(GOOD))
    ledger = database.rows("SELECT * FROM fetches")
    mended(monkeypatch, {damaged(GOOD): GOOD})
    retried = command(config, "quarantine", "retry", "1", "--json")
    assert retried.exit_code == 0
    assert [(each["state"], each["stored_as"]) for each in json.loads(retried.output)] == [("resolved", "stored")]
    found = newest(database)
    assert found is not None
    assert (found.head.as_of.isoformat(), found.head.fetched_at, found.head.parser_version) == (
        "2025-11-16",
        MORNING,
        2,
    )
    assert database.rows("SELECT * FROM fetches") == ledger
    assert [case.state for case in Quarantine(database).cases()] == [CaseState.RESOLVED]
    assert "(resolved)" in command(config, "quarantine", "list", "--all").output


def test_an_older_page_fills_its_gap_and_leaves_the_newest_as_it_is(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, damaged(GOOD), LATER)
    before = newest(database)
    mended(monkeypatch, {damaged(GOOD): GOOD})
    assert command(config, "quarantine", "retry", "1").exit_code == 0
    assert dates(database) == ["2025-11-16", "2025-11-23"]
    assert newest(database) == before
    (older_id,) = database.rows("SELECT id FROM snapshots WHERE as_of = '2025-11-16'")[0]
    assert {row.name for row in Reader(database).snapshot(older_id).content.locations if row.live_jobs}


def test_a_page_is_never_kept_over_one_of_its_date_that_was_fetched_later(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, damaged(GOOD), GOOD)
    before = newest(database)
    mended(monkeypatch, {damaged(GOOD): CORRECTED})
    retried = command(config, "quarantine", "retry", "1")
    assert (retried.exit_code, newest(database)) == (0, before)
    assert "fetched later, and stays" in retried.output


def test_a_page_takes_the_place_of_one_of_its_date_that_was_fetched_before(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, GOOD, damaged(GOOD), LATER)
    before = newest(database)
    mended(monkeypatch, {damaged(GOOD): CORRECTED})
    assert command(config, "quarantine", "retry", "1").exit_code == 0
    assert newest(database) == before
    (older_id,) = database.rows("SELECT id FROM snapshots WHERE as_of = '2025-11-16'")[0]
    older = Reader(database).snapshot(older_id)
    assert older.head.fetched_at == MORNING + WEEK
    assert before is not None
    assert older.content == before.content


def test_a_page_whose_figures_are_known_adds_nothing(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, GOOD, damaged(GOOD), LATER)
    snapshots = database.rows("SELECT * FROM snapshots")
    mended(monkeypatch, {damaged(GOOD): GOOD})
    assert "its figures were known" in command(config, "quarantine", "retry", "1").output
    assert database.rows("SELECT * FROM snapshots") == snapshots


def test_of_many_pages_those_that_are_understood_are_kept(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, damaged(GOOD), damaged(LATER))
    mended(monkeypatch, {damaged(GOOD): GOOD})
    assert command(config, "quarantine", "retry", "--all").exit_code == 3
    assert [case.state for case in Quarantine(database).cases()] == [CaseState.RESOLVED, CaseState.OPEN]


def test_a_dismissed_page_is_kept_no_longer_than_others(config: Path, database: Database) -> None:
    put(database, damaged(GOOD), damaged(LATER))
    assert prune_captures(database, MORNING + 2 * WEEK) == 0
    assert command(config, "quarantine", "dismiss", "--all").output == "2 dismissed.\n"
    assert prune_captures(database, MORNING + 2 * WEEK) == 2
    assert json.loads(command(config, "quarantine", "list", "--json").output) == []


@pytest.mark.parametrize("name", ["show", "retry", "dismiss"])
def test_a_case_that_is_not_there_is_the_request_s_mistake(config: Path, database: Database, name: str) -> None:
    put(database, damaged(GOOD))
    assert command(config, "quarantine", name, "7").exit_code == 2


@pytest.mark.parametrize("arguments", [(), ("1", "--all")])
@pytest.mark.parametrize("name", ["retry", "dismiss"])
def test_one_case_is_named_or_all_are(config: Path, database: Database, name: str, arguments: tuple[str, ...]) -> None:
    put(database, damaged(GOOD))
    assert command(config, "quarantine", name, *arguments).exit_code == 2
    assert Quarantine(database).cases(CaseState.OPEN)


def test_a_resolved_case_is_done_with(config: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, damaged(GOOD))
    mended(monkeypatch, {damaged(GOOD): GOOD})
    command(config, "quarantine", "retry", "1")
    assert command(config, "quarantine", "dismiss", "1").exit_code == 2
    assert command(config, "quarantine", "retry", "1").exit_code == 2


def test_a_page_about_something_else_stays_in_quarantine(
    config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = next(body for subject, body in bodies(FIRST).items() if subject != NORTH_WEST)
    put(database, damaged(GOOD))
    mended(monkeypatch, {damaged(GOOD): other})
    assert command(config, "quarantine", "retry", "1").exit_code == 4
    (case,) = Quarantine(database).cases(CaseState.OPEN)
    assert case.status is FetchStatus.LAYOUT_CHANGED


def test_a_page_of_the_market_index_is_left_to_the_next_crawl(config: Path, database: Database) -> None:
    writer, url = Writer(database), "https://www.itjobswatch.co.uk/default.aspx?page=1"
    crawl_id = writer.begin_crawl("market", "market", MORNING, "0", [PlannedPage(url, None)])
    capture = Capture(url, GOOD, hashlib.sha256(GOOD).hexdigest(), MORNING)
    writer.record_failure(crawl_id, url, FetchStatus.WRONG_PAGE, "a role page", 200, MORNING, capture)
    retried = command(config, "quarantine", "retry", "1")
    assert retried.exit_code == 4
    assert "the next crawl reads it" in retried.output
    assert Quarantine(database).cases(CaseState.OPEN)
