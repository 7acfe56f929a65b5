"""The summary of a crawl."""

from datetime import UTC, datetime

from jobspider.commands.crawl import summary_to_json, summary_to_text
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus, LedgerRow

NOW = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)
PLANNED, STORED = (FetchStatus.PLANNED, ""), (FetchStatus.STORED, "")
NOT_FOUND = (FetchStatus.NOT_FOUND, "HTTP 404")


def crawl_record(*rows: tuple[FetchStatus, str], verdict: CrawlResult | None = CrawlResult.PARTIAL) -> CrawlRecord:
    """Return a crawl with one page for each status and reason."""
    ledger = tuple(
        LedgerRow(f"http://127.0.0.1/{number}", None, status, None, reason, None)
        for number, (status, reason) in enumerate(rows)
    )
    return CrawlRecord(1, "t", "roles", NOW, NOW if verdict else None, verdict, ledger)


def test_summary_lists_only_failed_pages() -> None:
    record = crawl_record(STORED, NOT_FOUND, (FetchStatus.UNCHANGED, ""))
    assert summary_to_text(record).splitlines() == [
        "partial: 3 planned: 1 stored, 1 not found, 1 unchanged",
        "  not found: http://127.0.0.1/1: HTTP 404",
    ]


def test_summary_with_missing_pages_says_how_to_fetch_them() -> None:
    assert summary_to_text(crawl_record(STORED, *[PLANNED] * 900)).splitlines() == [
        "partial: 901 planned: 1 stored, 900 not fetched yet",
        "  To fetch the missing pages: jobspider crawl roles --resume, with the same options",
    ]


def test_summary_counts_pages_read_earlier_the_same_day() -> None:
    first, _ = summary_to_text(crawl_record(NOT_FOUND), already_read=9).splitlines()
    assert first == "partial: 1 planned: 1 not found; 9 more were read earlier today"
    assert summary_to_text(crawl_record(), already_read=9) == "partial: all pages were already read today"


def test_summary_without_result_gives_no_advice() -> None:
    text = summary_to_text(crawl_record(STORED, PLANNED, verdict=None))
    assert text == "running or killed: 2 planned: 1 stored, 1 not fetched yet"


def test_summary_json_separates_failed_and_not_fetched() -> None:
    data = summary_to_json(crawl_record(PLANNED, NOT_FOUND, STORED, PLANNED))
    assert data["failed"] == [{"url": "http://127.0.0.1/1", "status": "not_found", "reason": "HTTP 404"}]
    assert data["not_fetched"] == ["http://127.0.0.1/0", "http://127.0.0.1/3"]
