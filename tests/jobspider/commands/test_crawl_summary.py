"""The closing words of a crawl."""

from datetime import UTC, datetime

import pytest

from jobspider.commands.crawl import print_summary, summary
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus, LedgerRow

NOW = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)


def ended(*rows: tuple[FetchStatus, str], verdict: CrawlResult | None = CrawlResult.PARTIAL) -> CrawlRecord:
    """Return a crawl whose pages ended so, each with its reason."""
    ledger = tuple(
        LedgerRow(f"http://127.0.0.1/{number}", None, status, None, reason, None)
        for number, (status, reason) in enumerate(rows)
    )
    return CrawlRecord(1, "t", "roles", NOW, NOW if verdict else None, verdict, ledger)


def told(capsys: pytest.CaptureFixture[str], *rows: tuple[FetchStatus, str], read_before: int = 0) -> list[str]:
    """Return the lines that are printed of such a crawl."""
    print_summary(ended(*rows), read_before)
    return capsys.readouterr().out.splitlines()


def test_each_page_that_failed_is_named_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    rows = ((FetchStatus.STORED, ""), (FetchStatus.NOT_FOUND, "HTTP 404"), (FetchStatus.UNCHANGED, ""))
    assert told(capsys, *rows) == [
        "partial: 3 planned: 1 stored, 1 not found, 1 unchanged",
        "  not found: http://127.0.0.1/1: HTTP 404",
    ]


def test_what_was_not_fetched_yet_is_counted_and_how_to_fetch_it_told(capsys: pytest.CaptureFixture[str]) -> None:
    left = [(FetchStatus.PLANNED, "")] * 900
    assert told(capsys, (FetchStatus.STORED, ""), *left) == [
        "partial: 901 planned: 1 stored, 900 not fetched yet",
        "  jobspider crawl roles --resume, with its other options, fetches what is missing",
    ]


def test_what_was_read_earlier_in_the_day_explains_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = told(capsys, (FetchStatus.NOT_FOUND, "HTTP 404"), read_before=9)
    assert first == "partial: 1 planned: 1 not found; 9 more were read earlier today"


def test_a_day_that_is_read_whole_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, read_before=9) == ["partial: nothing is missing of today"]


def test_a_crawl_without_a_verdict_is_running_or_killed_and_nobody_is_told_to_go_on_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(ended((FetchStatus.STORED, ""), (FetchStatus.PLANNED, ""), verdict=None))
    assert capsys.readouterr().out == "running or killed: 2 planned: 1 stored, 1 not fetched yet\n"


def test_a_program_is_told_what_failed_apart_from_what_was_not_fetched_yet() -> None:
    left, gone, read = (FetchStatus.PLANNED, ""), (FetchStatus.NOT_FOUND, "HTTP 404"), (FetchStatus.STORED, "")
    found = summary(ended(left, gone, read, left))
    assert found["failed"] == [{"url": "http://127.0.0.1/1", "status": "not_found", "reason": "HTTP 404"}]
    assert found["not_fetched"] == ["http://127.0.0.1/0", "http://127.0.0.1/3"]
