"""Crawls of a site in trouble, over real sockets: what it asks for is done, and what it answers is told as it is."""

import os
import signal
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest
import trustme

from jobspider import config
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus
from jobspider.replay import load_site
from jobspider.scraping import retry_after_file
from tests.support.crawl_ledger import outcome, row_of
from tests.support.fake_site import CHALLENGE, SECOND, Answer, Fault, LiveSite
from tests.support.fork_server import Forker

Crawled = Callable[..., CrawlRecord]

LONDON = "/jobs/london/backend%20developer.do"
ROBOTS = "/robots.txt"


def at(path: str, *answers: Answer) -> Fault:
    """Answer the first requests for a path so, and the last of these for ever."""
    left = list(answers)

    def fault(asked: str) -> Answer | None:
        if asked != path:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return fault


def once(path: str, answer: Answer) -> Fault:
    """Answer the first request for a path so, and the others as the site does."""
    left = [answer]
    return lambda asked: left.pop() if asked == path and left else None


@pytest.fixture
def crawled(tmp_path: Path, forker: Forker) -> Crawled:
    """Run a crawl of everything that the saved site has; return how it went."""

    def crawl(site: LiveSite, **settings: object) -> CrawlRecord:
        exit_code = forker.crawl(site.config(tmp_path, **settings))
        found = outcome(tmp_path)
        assert found.verdict is not None
        assert exit_code == found.verdict.exit_code
        assert "Traceback" not in forker.stderr.read_text(encoding="utf-8")
        return found

    return crawl


def waits(site: LiveSite, path: str) -> list[float]:
    moments = [asked.at for asked in site.asked if asked.path == path]
    return [after - before for before, after in pairwise(moments)]


# Retry-After.


def after(site: LiveSite, path: str) -> float:
    """Return how long after the last request for a path the next one came."""
    last = max(number for number, asked in enumerate(site.asked) if asked.path == path)
    return site.asked[last + 1].at - site.asked[last].at


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for_and_then_all_is_read(status: int, crawled: Crawled) -> None:
    with LiveSite(fault=once(LONDON, Answer(status, headers={"Retry-After": "1"}))) as site:
        found = crawled(site)
    assert found.verdict is CrawlResult.COMPLETE
    (pause,) = waits(site, LONDON)
    assert pause >= 1


@pytest.mark.parametrize("status", [500, 503])
def test_retry_after_holds_the_next_page_where_this_one_is_not_asked_for_again(status: int, crawled: Crawled) -> None:
    now, later = (Answer(status, headers={"Retry-After": seconds}) for seconds in ("0", "1"))
    with LiveSite(fault=at(LONDON, now, now, later)) as site:
        crawled(site)
    assert site.pages_asked.count(LONDON) == 3
    assert after(site, LONDON) >= 1


def test_retry_after_may_be_a_date(crawled: Crawled) -> None:
    def fault(path: str) -> Answer | None:
        if path == LONDON and LONDON not in site.pages_asked[:-1]:
            moments.append(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2))
            return Answer(503, headers={"Retry-After": format_datetime(moments[0], usegmt=True)})
        if path == LONDON:
            moments.append(datetime.now(UTC))
        return None

    moments: list[datetime] = []
    with LiveSite(fault=fault) as site:
        assert crawled(site).verdict is CrawlResult.COMPLETE
    asked_for, came = moments
    assert came >= asked_for


def test_a_429_without_end_stops_the_crawl_and_keeps_what_was_read(crawled: Crawled) -> None:
    with LiveSite(fault=at(LONDON, Answer(429, headers={"Retry-After": "0"}))) as site:
        found = crawled(site)
    assert site.pages_asked[-3:] == [LONDON] * 3
    assert found.counts[FetchStatus.STORED] == len(site.pages_asked) - 3
    assert found.counts[FetchStatus.BLOCKED] == len(found.ledger) - found.counts[FetchStatus.STORED]
    assert row_of(found, LONDON).http_status == 429


def test_a_site_that_asks_for_hours_is_left_alone_at_once(crawled: Crawled) -> None:
    with LiveSite(fault=at(LONDON, Answer(503, headers={"Retry-After": "7200"}))) as site:
        found = crawled(site)
    assert site.pages_asked.count(LONDON) == 1
    assert site.pages_asked[-1] == LONDON
    assert any("asks for no requests for 7200 seconds" in row.reason for row in found.ledger)


def test_a_pause_that_cannot_be_kept_for_the_next_crawl_is_granted_by_this(tmp_path: Path, crawled: Crawled) -> None:
    with LiveSite(fault=at(LONDON, Answer(503, headers={"Retry-After": "7200"}))) as site:
        kept = config.load(site.config(tmp_path)).database_path.with_name(retry_after_file.FILE_NAME)
        kept.with_name(f".{kept.name}.part").mkdir(parents=True)  # stands in the way of whoever writes it
        found = crawled(site)
    assert site.pages_asked[-1] == LONDON
    assert any("asks for no requests for 7200 seconds" in row.reason for row in found.ledger)


def test_the_next_crawl_does_not_ask_before_the_pause_is_over_either(tmp_path: Path, crawled: Crawled) -> None:
    with LiveSite(fault=at(LONDON, Answer(503, headers={"Retry-After": "7200"}))) as site:
        crawled(site)
        site.fault = None
        site.asked.clear()
        found = crawled(site)
        assert not site.asked
        assert found.counts == {FetchStatus.BLOCKED: len(found.ledger)}
        assert all("asked for no requests until" in row.reason for row in found.ledger)
        loaded = config.load(site.config(tmp_path))
        (tmp_path / retry_after_file.FILE_NAME).unlink()
        retry_after_file.save_retry_after(loaded, 7200, datetime.now(UTC) - timedelta(seconds=7201))
        assert crawled(site).verdict is CrawlResult.COMPLETE


# robots.txt.


def test_nothing_is_asked_while_robots_txt_fails(crawled: Crawled) -> None:
    with LiveSite(fault=at(ROBOTS, Answer(503))) as site:
        found = crawled(site)
    assert not site.pages_asked
    assert found.verdict is CrawlResult.FAILED
    assert all("robots.txt cannot be read: the site answered HTTP 503" in row.reason for row in found.ledger)


GZIPPED = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(200, b"User-agent: *\nDisallow: /\n", GZIPPED), "cannot be decompressed"),
        (Answer(301, headers={"Location": ROBOTS}), "its redirects do not end"),
        (Answer(301, headers={"Location": "http://localhost:x/"}), "its redirects do not end"),
        (Answer(302), "the site answered HTTP 302"),
        (Answer(304), "the site answered HTTP 304"),
        (Answer(999), "the site answered HTTP 999"),
        (Answer(200, b"User-agent: *\n", cut=3), "the response was cut off"),
    ],
)
def test_no_page_is_asked_for_after_an_answer_to_robots_txt_that_says_nothing_of_the_rules(
    answer: Answer, said: str, crawled: Crawled
) -> None:
    with LiveSite(fault=at(ROBOTS, answer)) as site:
        found = crawled(site)
    assert not site.pages_asked
    assert found.counts == {FetchStatus.FETCH_FAILED: len(found.ledger)}
    assert all("robots.txt cannot be read: " in row.reason and said in row.reason for row in found.ledger)


def test_a_signal_before_robots_txt_is_read_leaves_the_pages_planned(tmp_path: Path, forker: Forker) -> None:
    reached = threading.Event()
    busy = Answer(429, headers={"Retry-After": "600"}, sent=reached.set)
    with LiveSite(fault=at(ROBOTS, busy)) as site:
        process = forker.start(site.config(tmp_path), "stopped")
        assert reached.wait(30)
        os.kill(process, signal.SIGTERM)
        assert forker.wait() == CrawlResult.INTERRUPTED.exit_code
    assert not site.pages_asked
    assert outcome(tmp_path).counts == {FetchStatus.PLANNED: len(site.site.pages)}


def test_a_site_without_robots_txt_allows_everything(crawled: Crawled) -> None:
    with LiveSite(fault=at(ROBOTS, Answer(404))) as site:
        assert crawled(site).verdict is CrawlResult.COMPLETE
    assert site.asked[0].path == ROBOTS


def test_crawl_delay_is_kept_between_requests(crawled: Crawled) -> None:
    robots = Answer(200, b"User-agent: *\nCrawl-delay: 0.2\n", {"Content-Type": "text/plain"})
    with LiveSite(fault=at(ROBOTS, robots)) as site:
        crawled(site)
    # From robots.txt on; its own way is longer, for there the connection is made.
    assert all(after.at - before.at >= 0.15 for before, after in pairwise(site.asked))


# Answers that are none.


# One for each page of the saved site, in its order: the answer, how the page ends, why, and how often it is asked for.
TROUBLE = [
    (Answer(200), FetchStatus.LAYOUT_CHANGED, "", 1),
    (Answer(500), FetchStatus.FETCH_FAILED, "HTTP 500", 3),
    (Answer(200, b"\xff\xfe\x00\xd8"), FetchStatus.LAYOUT_CHANGED, "", 1),
    (Answer(410), FetchStatus.NOT_FOUND, "HTTP 410", 1),
    (Answer(403), FetchStatus.BLOCKED, "HTTP 403", 1),
    (Answer(200, b"x" * 1000, cut=0), FetchStatus.FETCH_FAILED, "was cut off", 3),
    (Answer(200, b"x" * 1000, drip=0.05), FetchStatus.FETCH_FAILED, "longer than 0.4 seconds", 3),
    (None, FetchStatus.STORED, "", 1),
    (Answer(200, b" " * 10_500_000), FetchStatus.FETCH_FAILED, "larger than download max size", 1),
    (Answer(302, headers={"Location": "?"}), FetchStatus.FETCH_FAILED, "max redirections", 5),
]


def test_a_page_in_trouble_costs_that_page_alone(crawled: Crawled) -> None:
    with LiveSite() as site:
        paths = [page.path for page in site.site.pages.values()]
        troubles = dict(zip(paths, TROUBLE, strict=True))
        site.fault = lambda path: troubles[path.rstrip("?")][0] if path != ROBOTS else None
        found = crawled(site, page_timeout_seconds=0.4)
    assert found.verdict is CrawlResult.PARTIAL
    for path, (_, status, reason, times) in troubles.items():
        row = row_of(found, path)
        assert row.status is status
        assert reason in row.reason
        assert [asked.rstrip("?") for asked in site.pages_asked].count(path) == times


def test_an_answer_of_whatever_status_ends_in_the_ledger_with_it(crawled: Crawled) -> None:
    with LiveSite() as site:
        paths = [page.path for page in site.site.pages.values()]
        statuses = dict(zip(paths, (204, 206, 300, 301, 302, 304, 305, 418, 600, 999), strict=True))
        site.fault = lambda path: Answer(statuses[path]) if path in statuses else None
        found = crawled(site)
    for path, status in statuses.items():
        row = row_of(found, path)
        assert (row.status, row.http_status) == (FetchStatus.FETCH_FAILED, status)
        assert row.reason == f"the site answered HTTP {status}"


def test_a_redirect_to_another_port_of_the_host_is_not_followed(crawled: Crawled) -> None:
    with LiveSite() as elsewhere:
        with LiveSite(fault=at(LONDON, Answer(302, headers={"Location": elsewhere.base_url + LONDON}))) as site:
            found = crawled(site)
        assert not elsewhere.asked
    assert row_of(found, LONDON).status is FetchStatus.FETCH_FAILED
    assert "leads to another host" in row_of(found, LONDON).reason
    assert found.counts[FetchStatus.STORED] == len(found.ledger) - 1


def test_a_challenge_that_sends_its_visitor_on_is_not_followed(crawled: Crawled) -> None:
    refresh = CHALLENGE.replace(b"<head>", b'<head><meta http-equiv="refresh" content="0; url=/answer">')
    with LiveSite(fault=at(LONDON, Answer(200, refresh))) as site:
        found = crawled(site)
    assert site.pages_asked[-1] == LONDON
    assert row_of(found, LONDON).status is FetchStatus.BLOCKED


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16"])
def test_a_page_is_read_in_the_encoding_that_it_is_in_whatever_its_header_says(encoding: str, crawled: Crawled) -> None:
    def fault(path: str) -> Answer | None:
        page = site.site.find(path) if path == LONDON else None
        if page is None:
            return None
        text = page.body.decode("utf-8").replace('charset="utf-8"', f'charset="{encoding}"')
        return Answer(200, text.encode(encoding, errors="xmlcharrefreplace"))

    with LiveSite(fault=fault) as site:
        row = row_of(crawled(site), LONDON)
    assert row.status in (FetchStatus.STORED, FetchStatus.LAYOUT_CHANGED)


def test_a_site_whose_certificate_nobody_vouches_for_is_not_read(tmp_path: Path, forker: Forker) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with LiveSite() as site:
        site.socket = context.wrap_socket(site.socket, server_side=True)
        path = site.config(tmp_path)
        path.write_text(path.read_text(encoding="utf-8").replace("http://", "https://"), encoding="utf-8")
        assert forker.crawl(path) == 4
    assert not site.asked
    assert all("certificate verify failed" in row.reason for row in outcome(tmp_path).ledger)


# Conditional requests.


def of_london(site: LiveSite) -> list[dict[str, str]]:
    return [dict(asked.headers) for asked in site.asked if asked.path == LONDON]


def test_a_page_is_asked_for_conditionally_the_next_time_and_by_another_process(crawled: Crawled) -> None:
    with LiveSite() as site:
        site.is_tagged = True
        crawled(site)
        again = crawled(site)
        site.site = load_site(SECOND)
        moved = crawled(site)
    first, second, third = of_london(site)
    assert "If-None-Match" not in first
    assert second["If-None-Match"] == third["If-None-Match"]
    assert row_of(again, LONDON).status is FetchStatus.UNCHANGED
    assert row_of(moved, LONDON).status is FetchStatus.STORED


def test_last_modified_will_do_where_there_is_no_etag(crawled: Crawled) -> None:
    modified = "Sun, 16 Nov 2025 05:10:00 GMT"

    def fault(path: str) -> Answer | None:
        page = site.site.find(path) if path == LONDON else None
        return (
            None
            if page is None
            else Answer(200, page.body, {"Last-Modified": modified, "Cache-Control": "max-age=86400"})
        )

    with LiveSite(fault=fault) as site:
        crawled(site)
        again = crawled(site)
    assert [headers.get("If-Modified-Since") for headers in of_london(site)] == [None, modified]
    assert row_of(again, LONDON).status is FetchStatus.UNCHANGED


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, b"x" * 100, cut=0)])
def test_a_site_that_fails_is_told_though_its_page_of_yesterday_is_at_hand(answer: Answer, crawled: Crawled) -> None:
    with LiveSite() as site:
        site.is_tagged = True
        crawled(site)
        site.fault = at(LONDON, answer)
        again = crawled(site)
    assert row_of(again, LONDON).status is FetchStatus.FETCH_FAILED


def test_a_page_that_was_not_accepted_is_not_asked_for_conditionally(crawled: Crawled) -> None:
    def fault(path: str) -> Answer | None:
        page = site.site.find(path) if path == LONDON else None
        return None if page is None else Answer(200, page.body[:9000], {"ETag": '"tag"'})

    with LiveSite(fault=fault) as site:
        first = crawled(site)
        crawled(site)
    assert not row_of(first, LONDON).status.is_success
    assert not [headers for headers in of_london(site) if "If-None-Match" in headers]


# Floors.


@pytest.mark.parametrize(("floor", "verdict"), [(90, CrawlResult.PARTIAL), (91, CrawlResult.FAILED)])
def test_a_crawl_below_its_floor_has_failed(floor: int, verdict: CrawlResult, crawled: Crawled) -> None:
    with LiveSite(fault=at(LONDON, Answer(404))) as site:
        found = crawled(site, min_stored_percent=floor)
    assert len(found.ledger) == 10
    assert found.verdict is verdict
