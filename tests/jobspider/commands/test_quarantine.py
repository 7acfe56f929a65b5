"""The commands ``jobspider quarantine``."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobspider import pages
from jobspider.model import Capture, FetchStatus, PlannedPage, Snapshot
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
"""The page as of the earlier date, with the figures of the later one."""

ParseDamagedAs = Callable[[bytes], None]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def database(config: Path) -> Iterator[Database]:
    with Database.open(config.with_name("jobspider.db")) as opened:
        yield opened


@pytest.fixture
def parse_damaged_as(monkeypatch: pytest.MonkeyPatch) -> ParseDamagedAs:
    """Use a parser with version 2 that parses the damaged page like the given one."""

    def replace_parser(body: bytes) -> None:
        read_page = pages.read_page
        use_parser(monkeypatch, 2, as_it_is)
        monkeypatch.setattr(pages, "read_page", lambda raw, url: read_page(body if raw == damaged(GOOD) else raw, url))

    return replace_parser


def fetch_weekly(database: Database, *page_bodies: bytes) -> None:
    """Store one crawl per week with these responses for the same page."""
    for week, body in enumerate(page_bodies):
        fetch(database, {NORTH_WEST: body}, MORNING + week * WEEK)


def newest(database: Database) -> Snapshot | None:
    return Reader(database).latest(NORTH_WEST)


def as_of_dates(database: Database) -> list[str]:
    return [as_of for (as_of,) in database.rows("SELECT as_of FROM snapshots ORDER BY as_of")]


def snapshot_of(database: Database, as_of: str) -> Snapshot:
    ((snapshot_id,),) = database.rows("SELECT id FROM snapshots WHERE as_of = ?", (as_of,))
    return Reader(database).snapshot(snapshot_id)


def test_quarantine_list_shows_open_cases_with_reasons(config: Path, database: Database) -> None:
    fetch_weekly(database, damaged(GOOD), contradictory(LATER))
    result = command(config, "quarantine", "list")
    assert result.exit_code == 0
    headers, first, second = result.output.splitlines()
    assert headers.split() == ["ID", "Fetched", "State", "Status", "Page", "and", "reason"]
    assert first.startswith(" 1  2025-11-16  open   layout changed  ")
    assert f"{URL}: expected" in first
    assert second.startswith(" 2  2025-11-23  open   audit failed    ")


def test_quarantine_without_cases_prints_empty(config: Path, database: Database) -> None:
    fetch_weekly(database, GOOD)
    for name in ("list", "retry"):
        result = command(config, "quarantine", name, "--all")
        assert (result.exit_code, result.output) == (0, "The quarantine is empty.\n")


def test_quarantine_show_lists_every_finding(config: Path, database: Database) -> None:
    fetch_weekly(database, contradictory(GOOD))
    (case,) = Quarantine(database).cases()
    assert case.findings
    output = command(config, "quarantine", "show", "1").output
    for finding in case.findings:
        assert finding.identity in output
        assert f"expected {finding.expected}, found {finding.found}" in output
    assert json.loads(command(config, "quarantine", "show", "1", "--json").output)["findings"]


def test_quarantine_show_page_writes_unchanged_bytes(config: Path, database: Database) -> None:
    body = damaged(GOOD) + "\N{POUND SIGN}\r\n".encode("cp1252")
    fetch_weekly(database, body)
    assert command(config, "quarantine", "show", "1", "--page").stdout_bytes == body


def test_quarantine_deleted_page_cannot_be_shown_or_retried(config: Path, database: Database) -> None:
    fetch_weekly(database, damaged(GOOD))
    command(config, "quarantine", "dismiss", "1")
    prune_captures(database, MORNING + WEEK)
    assert command(config, "quarantine", "show", "1", "--page").exit_code == 4
    assert "no longer stored" in command(config, "quarantine", "show", "1").output
    retried = command(config, "quarantine", "retry", "1")
    assert retried.exit_code == 4
    assert "still not accepted" in retried.output


def test_quarantine_retry_rejected_page_stays_open(config: Path, database: Database) -> None:
    fetch_weekly(database, damaged(GOOD))
    retried = command(config, "quarantine", "retry", "1")
    assert retried.exit_code == 4
    assert "still not accepted: expected" in retried.output
    assert Quarantine(database).cases(CaseState.OPEN)
    assert as_of_dates(database) == []


def test_quarantine_retry_accepted_page_is_stored_as_of_its_date(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, damaged(GOOD))
    ledger = database.rows("SELECT * FROM fetches")
    parse_damaged_as(GOOD)
    retried = command(config, "quarantine", "retry", "1", "--json")
    assert retried.exit_code == 0
    assert [(case["state"], case["stored_as"]) for case in json.loads(retried.output)] == [("resolved", "stored")]
    snapshot = newest(database)
    assert snapshot is not None
    assert snapshot.head.as_of.isoformat() == "2025-11-16"
    assert (snapshot.head.fetched_at, snapshot.head.parser_version) == (MORNING, 2)
    assert database.rows("SELECT * FROM fetches") == ledger
    assert [case.state for case in Quarantine(database).cases()] == [CaseState.RESOLVED]
    assert "  resolved  " in command(config, "quarantine", "list", "--all").output
    for name in ("dismiss", "retry"):
        assert command(config, "quarantine", name, "1").exit_code == 2


def test_quarantine_retry_older_page_keeps_newest(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, damaged(GOOD), LATER)
    before = newest(database)
    parse_damaged_as(GOOD)
    assert command(config, "quarantine", "retry", "1").exit_code == 0
    assert as_of_dates(database) == ["2025-11-16", "2025-11-23"]
    assert newest(database) == before
    assert any(row.live_jobs for row in snapshot_of(database, "2025-11-16").content.locations)


def test_quarantine_retry_keeps_page_fetched_later(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, damaged(GOOD), GOOD)
    before = newest(database)
    parse_damaged_as(CORRECTED)
    retried = command(config, "quarantine", "retry", "1")
    assert (retried.exit_code, newest(database)) == (0, before)
    assert "the stored page of its date was fetched later" in retried.output


def test_quarantine_retry_replaces_page_fetched_earlier(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, GOOD, damaged(GOOD), LATER)
    before = newest(database)
    assert before is not None
    parse_damaged_as(CORRECTED)
    assert command(config, "quarantine", "retry", "1").exit_code == 0
    assert newest(database) == before
    older = snapshot_of(database, "2025-11-16")
    assert older.head.fetched_at == MORNING + WEEK
    assert older.content == before.content


def test_quarantine_retry_known_figures_adds_nothing(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, GOOD, damaged(GOOD), LATER)
    snapshots = database.rows("SELECT * FROM snapshots")
    parse_damaged_as(GOOD)
    assert "its figures were already stored" in command(config, "quarantine", "retry", "1").output
    assert database.rows("SELECT * FROM snapshots") == snapshots


def test_quarantine_retry_all_stores_accepted_pages(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, damaged(GOOD), damaged(LATER))
    parse_damaged_as(GOOD)
    assert command(config, "quarantine", "retry", "--all").exit_code == 3
    assert [case.state for case in Quarantine(database).cases()] == [CaseState.RESOLVED, CaseState.OPEN]


def test_quarantine_retry_page_of_another_subject_stays_open(
    config: Path, database: Database, parse_damaged_as: ParseDamagedAs
) -> None:
    fetch_weekly(database, damaged(GOOD))
    parse_damaged_as(next(body for subject, body in bodies(FIRST).items() if subject != NORTH_WEST))
    assert command(config, "quarantine", "retry", "1").exit_code == 4
    (case,) = Quarantine(database).cases(CaseState.OPEN)
    assert case.status is FetchStatus.LAYOUT_CHANGED


def test_quarantine_dismissed_pages_can_be_pruned(config: Path, database: Database) -> None:
    fetch_weekly(database, damaged(GOOD), damaged(LATER))
    assert prune_captures(database, MORNING + 2 * WEEK) == 0
    assert command(config, "quarantine", "dismiss", "--all").output == "2 dismissed.\n"
    assert prune_captures(database, MORNING + 2 * WEEK) == 2
    assert json.loads(command(config, "quarantine", "list", "--json").output) == []


def test_quarantine_invalid_selection_is_usage_error(config: Path, database: Database) -> None:
    fetch_weekly(database, damaged(GOOD))
    assert command(config, "quarantine", "show", "7").exit_code == 2
    for name in ("retry", "dismiss"):
        for arguments in ((), ("1", "--all"), ("7",)):
            assert command(config, "quarantine", name, *arguments).exit_code == 2
    assert Quarantine(database).cases(CaseState.OPEN)


def test_quarantine_retry_market_index_waits_for_crawl(config: Path, database: Database) -> None:
    writer, url = Writer(database), "https://www.itjobswatch.co.uk/default.aspx?page=1"
    crawl_id = writer.begin_crawl("market", "market", MORNING, "0", [PlannedPage(url, None)])
    capture = Capture(url, GOOD, hashlib.sha256(GOOD).hexdigest(), MORNING)
    writer.record_failure(crawl_id, url, FetchStatus.WRONG_PAGE, "a role page", 200, MORNING, capture)
    retried = command(config, "quarantine", "retry", "1")
    assert retried.exit_code == 4
    assert "still not accepted" in retried.output
    assert Quarantine(database).cases(CaseState.OPEN)
