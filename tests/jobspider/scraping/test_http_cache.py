"""What is kept for conditional requests: whole or not at all, and no page depends on it."""

import os
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from jobspider.config import CrawlConfig
from jobspider.model import CrawlResult, FetchStatus
from jobspider.scraping.addon import RUN_SETTING, CrawlContext, JobspiderAddon
from jobspider.scraping.http_cache import FileCacheStorage, RevalidatePolicy
from jobspider.scraping.spiders.roles import RolesSpider
from jobspider.store.database import Database
from tests.support.crawl_ledger import outcome, row_of
from tests.support.fake_site import LiveSite
from tests.support.fork_server import Forker

NOW = datetime(2025, 11, 24, tzinfo=UTC)
URL = "http://127.0.0.1:9/jobs/uk/java.do"
HEADERS = {"ETag": ['"a"'], "Content-Type": ["text/html; charset=utf-8"], "Vary": ["Accept", "Cookie"]}
PAGE = HtmlResponse(URL, 200, HEADERS, "<p>£1</p>".encode())
LONDON = "/jobs/london/backend%20developer.do"


@pytest.fixture
def spider(tmp_path: Path) -> RolesSpider:
    config = CrawlConfig(folder=tmp_path)
    with Database.open(config.database_path) as database:
        run = CrawlContext(config, database, 1, "token", (), lambda: NOW)
    crawler = get_crawler(RolesSpider, {RUN_SETTING: run, "ADDONS": {JobspiderAddon: 0}})
    return RolesSpider.from_crawler(crawler)


@pytest.fixture
def files(spider: RolesSpider) -> FileCacheStorage:
    opened = FileCacheStorage(spider.crawler.settings)
    opened.open_spider(spider)
    return opened


def kept(spider: RolesSpider) -> list[Path]:
    return list(Path(spider.crawler.settings["HTTPCACHE_DIR"]).iterdir())


def test_what_was_kept_comes_back_whole(spider: RolesSpider, files: FileCacheStorage) -> None:
    files.store_response(spider, Request(URL), PAGE)
    back = files.retrieve_response(spider, Request(URL))
    assert back is not None
    assert (back.url, back.status, back.body, back.headers) == (PAGE.url, PAGE.status, PAGE.body, PAGE.headers)
    assert isinstance(back, HtmlResponse)
    assert files.retrieve_response(spider, Request(URL + "?p=3")) is None


def test_a_file_cut_anywhere_or_with_a_byte_changed_counts_as_none(
    spider: RolesSpider, files: FileCacheStorage
) -> None:
    """A power cut may leave one behind; the site would confirm the tag of a page that is no longer whole."""
    files.store_response(spider, Request(URL), PAGE)
    (path,) = kept(spider)
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert files.retrieve_response(spider, Request(URL)) is None
    path.write_bytes(whole[:-1] + b"!")
    assert files.retrieve_response(spider, Request(URL)) is None


def test_a_page_that_was_not_accepted_is_forgotten(spider: RolesSpider, files: FileCacheStorage) -> None:
    files.store_response(spider, Request(URL), PAGE)
    files.forget(PAGE.replace(request=Request(URL)))
    files.forget(None)
    assert not kept(spider)


def test_a_page_not_asked_for_in_a_long_time_is_dropped(spider: RolesSpider, files: FileCacheStorage) -> None:
    for name, days in (("new", 89), ("old", 91)):
        files.store_response(spider, Request(f"{URL}?{name}"), PAGE)
        fresh = max(kept(spider), key=lambda path: path.stat().st_mtime)
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(fresh, (moment, moment))
    files.close_spider(spider)
    assert len(kept(spider)) == 1
    assert files.retrieve_response(spider, Request(f"{URL}?new")) is not None


def test_another_programs_file_or_folder_among_the_pages_is_left_alone(
    spider: RolesSpider, files: FileCacheStorage, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(spider.crawler.settings["HTTPCACHE_DIR"])
    (folder / "lost+found").mkdir()
    (folder / "note.txt").touch()
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    files.close_spider(spider)
    assert len(kept(spider)) == 2
    assert not caplog.records


# Where it cannot be used.


def test_a_page_that_cannot_be_kept_is_said_once_and_leaves_nothing_unfinished(
    spider: RolesSpider, files: FileCacheStorage, caplog: pytest.LogCaptureFixture
) -> None:
    files.store_response(spider, Request(URL), PAGE)
    (path,) = kept(spider)
    path.unlink()
    path.mkdir()
    (path / "x").touch()
    os.utime(path, (0, 0))
    for _ in range(2):
        assert files.retrieve_response(spider, Request(URL)) is None
        files.store_response(spider, Request(URL), PAGE)
        files.forget(PAGE.replace(request=Request(URL)))
        files.close_spider(spider)
    assert kept(spider) == [path]
    (said,) = caplog.records
    assert said.levelname == "WARNING"
    assert said.getMessage() == (
        f"{path} cannot be used (Is a directory): what it is to keep is asked for whole. Delete it, or make it writable"
    )
    files.store_response(spider, Request(f"{URL}?p=3"), PAGE)
    assert files.retrieve_response(spider, Request(f"{URL}?p=3")) is not None


def test_a_file_in_place_of_the_folder_is_said_once_and_nothing_is_kept(
    spider: RolesSpider, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(spider.crawler.settings["HTTPCACHE_DIR"])
    folder.write_text("x", encoding="utf-8")
    files = FileCacheStorage(spider.crawler.settings)
    files.open_spider(spider)
    files.store_response(spider, Request(URL), PAGE)
    assert files.retrieve_response(spider, Request(URL)) is None
    files.forget(PAGE.replace(request=Request(URL)))
    files.close_spider(spider)
    (said,) = caplog.messages
    assert said.startswith(f"{folder} cannot be used (File exists)")
    assert folder.read_text(encoding="utf-8") == "x"


def test_a_crawl_whose_cache_cannot_be_used_reads_every_page(tmp_path: Path, forker: Forker) -> None:
    cache = tmp_path / "httpcache"
    cache.write_text("x", encoding="utf-8")
    with LiveSite() as site:
        site.is_tagged = True
        path = site.config(tmp_path)
        assert forker.crawl(path) == 0
        cache.unlink()
        assert forker.crawl(path) == 0
        spoiled = next(cache.iterdir())
        spoiled.unlink()
        spoiled.mkdir()
        site.asked.clear()
        assert forker.crawl(path) == 0
    assert sum("If-None-Match" in asked.headers for asked in site.asked) == len(site.site.pages) - 1
    assert outcome(tmp_path).counts == {FetchStatus.UNCHANGED: len(site.site.pages)}
    said = forker.stderr.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert [said.count(f"WARNING: {path} cannot be used") for path in (cache, spoiled)] == [1, 1]


def test_a_bad_page_that_could_not_be_forgotten_is_refused_anew_and_forgotten_then(
    tmp_path: Path, forker: Forker
) -> None:
    """What the site confirms of it is judged like any page; had it been confirmed unjudged, it would stay for ever."""
    with LiveSite() as site:
        site.is_tagged = True
        path = site.config(tmp_path)
        assert forker.crawl(path) == 0
        spoil(tmp_path / "httpcache", LONDON)
        verdicts, conditional = [], []
        for _ in range(2):
            site.asked.clear()
            forker.crawl(path)
            verdicts.append((outcome(tmp_path).verdict, row_of(outcome(tmp_path), LONDON).status))
            conditional += ["If-None-Match" in asked.headers for asked in site.asked if asked.path == LONDON]
    assert verdicts == [
        (CrawlResult.PARTIAL, FetchStatus.LAYOUT_CHANGED),
        (CrawlResult.COMPLETE, FetchStatus.UNCHANGED),
    ]
    assert conditional == [True, False]


def spoil(cache: Path, address: str) -> None:
    """Cut what is kept of a page as a proxy may have cut the page itself; the file is whole."""
    (path,) = (each for each in cache.iterdir() if address.encode() in each.read_bytes().splitlines()[1])
    _, head, body = path.read_bytes().split(b"\n", 2)
    whole = head + b"\n" + body[:9000]
    path.write_bytes(b"%08x\n" % zlib.crc32(whole) + whole)


@pytest.mark.parametrize(
    ("answer", "is_kept"),
    [
        (PAGE, True),
        (PAGE.replace(headers={"Last-Modified": "Mon, 24 Nov 2025 05:00:00 GMT"}), True),
        (PAGE.replace(headers={}), False),
        (PAGE.replace(status=301), False),
        (PAGE.replace(status=404), False),
        (PAGE.replace(headers={"ETag": '"a"', "Cache-Control": "no-store"}), False),
    ],
)
def test_only_what_can_be_asked_for_conditionally_is_kept(answer: Response, is_kept: bool) -> None:  # noqa: FBT001 - a case
    assert RevalidatePolicy(Settings()).should_cache_response(answer, Request(URL)) is is_kept


def test_the_site_is_asked_however_fresh_it_calls_its_page() -> None:
    request = Request(URL)
    headers = {"ETag": '"a"', "Last-Modified": "Mon, 24 Nov 2025 05:00:00 GMT", "Cache-Control": "max-age=86400"}
    assert not RevalidatePolicy(Settings()).is_cached_response_fresh(PAGE.replace(headers=headers), request)
    assert request.headers["If-None-Match"] == b'"a"'
    assert request.headers["If-Modified-Since"] == b"Mon, 24 Nov 2025 05:00:00 GMT"


@pytest.mark.parametrize("status", [200, 404, 429, 500, 503])
def test_a_failure_of_the_site_is_not_hidden_behind_the_page_of_yesterday(status: int) -> None:
    policy = RevalidatePolicy(Settings())
    assert not policy.is_cached_response_valid(PAGE, Response(URL, status), Request(URL))
    assert policy.is_cached_response_valid(PAGE, Response(URL, 304), Request(URL))
