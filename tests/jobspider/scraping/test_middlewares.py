"""When a request may be sent: the pace of a crawl, in time that leaps."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.robotstxt import ProtegoRobotParser

from jobspider.config import Crawl, CrawlConfig, Site
from jobspider.scraping.addon import CrawlContext
from jobspider.scraping.middlewares import InterruptedCrawlError, RateLimitMiddleware, RequestNotSentError
from jobspider.store.database import Database
from tests.support.fake_event_loop import leap

PAGE = Request("https://www.itjobswatch.co.uk/jobs/uk/java.do")
AGENT = "jobspider/1 (+mailto:someone@example.com)"


@pytest.fixture
def run(tmp_path: Path) -> CrawlContext:
    config = CrawlConfig(
        site=Site(contact="someone@example.com"), crawl=Crawl(delay_seconds=2.0, timeout_minutes=10), folder=tmp_path
    )
    with Database.open(config.database_path) as database:
        return CrawlContext(config, database, 1, "token", (), lambda: datetime(2025, 11, 24, tzinfo=UTC))


def robots(text: str) -> ProtegoRobotParser:
    return ProtegoRobotParser(text.encode(), None)


async def sent(pace: RateLimitMiddleware, requests: int) -> list[float]:
    """Return at which second each of so many requests was let through."""
    moments = []
    for _ in range(requests):
        await pace.process_request(PAGE)
        moments.append(asyncio.get_running_loop().time())
    return moments


def test_the_first_request_is_sent_at_once_and_each_other_after_the_delay(run: CrawlContext) -> None:
    assert leap(sent(RateLimitMiddleware(run, AGENT), 4)) == pytest.approx([0, 2, 4, 6])


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 7.5", 7.5),
        ("User-agent: *\nCrawl-delay: 30\n\nUser-agent: jobspider\nCrawl-delay: 5", 5),
        ("User-agent: *\nCrawl-delay: 1", 2),
        ("User-agent: *\nCrawl-delay: inf", 2),
        ("User-agent: *\nCrawl-delay: soon", 2),
        ("User-agent: *\nDisallow: /x", 2),
        ("", 2),
    ],
)
def test_crawl_delay_is_obeyed_where_it_asks_for_more(run: CrawlContext, text: str, delay: float) -> None:
    async def crawl() -> list[float]:
        pace = RateLimitMiddleware(run, AGENT)
        first = await sent(pace, 1)  # robots.txt itself
        pace.robots_parsed(robots(text))
        return first + await sent(pace, 3)

    assert [after - before for before, after in pairwise(leap(crawl()))] == pytest.approx([delay] * 3)


def test_a_pause_that_was_asked_for_is_kept_to_the_second(run: CrawlContext) -> None:
    async def crawl() -> list[float]:
        pace = RateLimitMiddleware(run, AGENT)
        first = await sent(pace, 1)
        pace.hold(60, "asked")
        pace.hold(30, "asked")
        return first + await sent(pace, 2)

    assert leap(crawl()) == pytest.approx([0, 60, 62])


def test_a_pause_shorter_than_the_delay_does_not_shorten_it(run: CrawlContext) -> None:
    async def crawl() -> list[float]:
        pace = RateLimitMiddleware(run, AGENT)
        first = await sent(pace, 1)
        pace.hold(0, "asked")
        return first + await sent(pace, 1)

    assert leap(crawl()) == pytest.approx([0, 2])


@pytest.mark.parametrize(("seconds", "said"), [(12, []), (13, ["No request for 13 seconds: the site wants it"])])
def test_a_pause_that_is_long_beside_the_delay_is_told_when_it_is_waited_for(
    run: CrawlContext, caplog: pytest.LogCaptureFixture, seconds: int, said: list[str]
) -> None:
    async def crawl() -> None:
        pace = RateLimitMiddleware(run, AGENT)
        await sent(pace, 1)
        pace.hold(seconds, "the site wants it")
        assert not caplog.messages
        await sent(pace, 2)

    leap(crawl())
    assert caplog.messages == said


def test_the_delay_itself_is_not_told_however_long_it_is(run: CrawlContext, caplog: pytest.LogCaptureFixture) -> None:
    async def crawl() -> None:
        pace = RateLimitMiddleware(run, AGENT)
        pace.robots_parsed(robots("User-agent: *\nCrawl-delay: 100"))
        await sent(pace, 1)
        pace.hold(5, "the site wants it")
        await sent(pace, 2)

    leap(crawl())
    assert not caplog.messages


def test_what_is_left_of_a_pause_that_an_earlier_crawl_was_asked_for_comes_first(run: CrawlContext) -> None:
    async def crawl() -> list[float]:
        run.retry_after_until = run.clock() + timedelta(seconds=90)
        pace = RateLimitMiddleware(run, AGENT)
        pace.opened()
        return await sent(pace, 2)

    assert leap(crawl()) == pytest.approx([90, 92])


def test_an_interrupted_wait_ends_at_once_and_sends_nothing(run: CrawlContext) -> None:
    async def crawl() -> float:
        pace = RateLimitMiddleware(run, AGENT)
        pace.hold(300, "asked")
        asyncio.get_running_loop().call_later(5, pace.interrupt)
        with pytest.raises(InterruptedCrawlError):
            await pace.process_request(PAGE)
        return asyncio.get_running_loop().time()

    assert leap(crawl()) == pytest.approx(5)


def test_nothing_is_sent_after_the_crawl_s_time(run: CrawlContext) -> None:
    async def crawl() -> float:
        pace = RateLimitMiddleware(run, AGENT)
        pace.opened()
        pace.hold(599, "asked")
        await pace.process_request(PAGE)
        with pytest.raises(RequestNotSentError, match="timeout_minutes"):
            await pace.process_request(PAGE)
        return asyncio.get_running_loop().time()

    assert leap(crawl()) == pytest.approx(600)
