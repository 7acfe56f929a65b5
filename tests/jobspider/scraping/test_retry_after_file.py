"""What a site has asked for outlives the crawl that was asked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.utils.test import get_crawler

from jobspider.config import CrawlConfig, Site, Store
from jobspider.scraping import retry_after_file
from jobspider.scraping.addon import RUN_SETTING, CrawlContext
from jobspider.scraping.backoff import MAX_WAIT_SECONDS
from jobspider.scraping.middlewares import RequestNotSentError, StopMiddleware
from jobspider.store.database import Database

NOW = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
PAGE = Request("https://www.itjobswatch.co.uk/jobs/uk/java.do")


def config(folder: Path, site: str = "https://www.itjobswatch.co.uk") -> CrawlConfig:
    return CrawlConfig(site=Site(base_url=site, contact="someone@example.com"), store=Store(path="j.db"), folder=folder)


@given(st.integers(1, 10**12), st.integers(0, 10**6))
def test_a_pause_is_kept_until_it_is_over_and_a_week_at_most(asked: int, later: int) -> None:
    with TemporaryDirectory() as folder:
        retry_after_file.save_retry_after(config(Path(folder)), asked, NOW)
        over, at = NOW + min(timedelta(seconds=min(asked, 10**7)), WEEK), NOW + timedelta(seconds=later)
        assert retry_after_file.load_retry_after(config(Path(folder)), at) == (over if at < over else None)


def test_a_pause_without_end_is_one_of_a_week(tmp_path: Path) -> None:
    retry_after_file.save_retry_after(config(tmp_path), float("inf"), NOW)
    assert retry_after_file.load_retry_after(config(tmp_path), NOW) == NOW + WEEK


@pytest.mark.parametrize("asked", [[7200, 1], [1, 7200], [7200, 1, 30]])
def test_the_longest_pause_that_was_asked_for_holds_whichever_was_asked_for_last(
    asked: list[int], tmp_path: Path
) -> None:
    for seconds in asked:
        retry_after_file.save_retry_after(config(tmp_path), seconds, NOW)
    assert retry_after_file.load_retry_after(config(tmp_path), NOW) == NOW + timedelta(seconds=7200)


def test_a_pause_takes_the_place_of_one_that_is_over_or_another_site_s(tmp_path: Path) -> None:
    retry_after_file.save_retry_after(config(tmp_path, "http://127.0.0.1:8000"), 7200, NOW)
    retry_after_file.save_retry_after(config(tmp_path), 60, NOW)
    retry_after_file.save_retry_after(config(tmp_path), 30, NOW + timedelta(seconds=60))
    assert retry_after_file.load_retry_after(config(tmp_path), NOW + timedelta(seconds=60)) == NOW + timedelta(
        seconds=90
    )


def test_what_one_site_has_asked_for_holds_for_no_other(tmp_path: Path) -> None:
    retry_after_file.save_retry_after(config(tmp_path), 7200, NOW)
    assert retry_after_file.load_retry_after(config(tmp_path, "http://127.0.0.1:8000"), NOW) is None


def test_a_clock_that_was_wrong_for_a_while_does_not_keep_the_site_alone_for_years(tmp_path: Path) -> None:
    retry_after_file.save_retry_after(config(tmp_path), 3600, NOW.replace(year=2036))
    assert retry_after_file.load_retry_after(config(tmp_path), NOW) is None


@pytest.mark.parametrize(
    "kept", ["", "{", "[" * 100_000, "[]", "{}", '{"site": "https://www.itjobswatch.co.uk", "until": 5}']
)
def test_a_file_that_somebody_has_been_at_asks_for_nothing(kept: str, tmp_path: Path) -> None:
    (tmp_path / retry_after_file.FILE_NAME).write_text(kept, encoding="utf-8")
    assert retry_after_file.load_retry_after(config(tmp_path), NOW) is None


def test_nobody_has_asked_for_anything_at_first(tmp_path: Path) -> None:
    assert retry_after_file.load_retry_after(config(tmp_path), NOW) is None


def stop_asking(folder: Path, left: float) -> StopMiddleware:
    """Return the middleware of a crawl that begins so many seconds before a pause is over."""
    with Database.open(config(folder).database_path) as database:
        run = CrawlContext(
            config(folder), database, 1, "token", (), lambda: NOW, retry_after_until=NOW + timedelta(seconds=left)
        )
    return StopMiddleware.from_crawler(get_crawler(settings_dict={RUN_SETTING: run}))


def test_what_is_left_of_a_pause_is_waited_for_if_it_is_no_more_than_a_crawl_has_patience_for(tmp_path: Path) -> None:
    stop_asking(tmp_path, MAX_WAIT_SECONDS).process_request(PAGE)
    with pytest.raises(RequestNotSentError, match="asked for no requests until 2025-11-24 06:45 UTC") as refused:
        stop_asking(tmp_path, MAX_WAIT_SECONDS + 1).process_request(PAGE)
    assert refused.value.status == "blocked"
