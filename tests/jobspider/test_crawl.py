"""Crawls over real sockets: each planned page ends in exactly one status, and the exit code follows from them."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jobspider.model import CrawlRecord, CrawlResult, FetchStatus
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support import crawl_ledger
from tests.support.cli import environment, run, scrapy
from tests.support.fake_site import CHALLENGE, SECOND, Answer, Fault, LiveSite
from tests.support.fork_server import Forker

NORTH_WEST = "/jobs/north%20west/backend%20developer.do"
LONDON = "/jobs/london/backend%20developer.do"


def outcome(config: Path) -> CrawlRecord:
    return crawl_ledger.outcome(config.parent)


def statuses(config: Path) -> dict[str, FetchStatus]:
    return {row.url.partition("127.0.0.1")[2].partition("/")[2]: row.status for row in outcome(config).ledger}


def test_every_watched_page_is_fetched_once_and_stored(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        ended = run("crawl", config=config)
    assert ended.returncode == 0, ended.stderr
    assert outcome(config).verdict is CrawlResult.COMPLETE
    assert outcome(config).counts == {FetchStatus.STORED: len(site.site.pages)}
    assert sorted(site.pages_asked) == sorted(page.path for page in site.site.pages.values())


def test_the_same_crawl_again_changes_nothing(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        run("crawl", config=config)
        again = run("crawl", "--json", config=config)
    assert again.returncode == 0
    assert json.loads(again.stdout)["pages"] == {"unchanged": len(site.site.pages)}


def test_scrapy_crawl_writes_the_document_of_a_page_asked_for_from_any_folder_of_the_project(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ("term=backend developer", "region=the North West", "job_type=permanent")
    with LiveSite(SECOND) as site:
        config = site.config(tmp_path)
        folder = Path(__file__).parent
        ended = scrapy(
            "crawl", "roles", *(part for each in arguments for part in ("-a", each)), "-O", str(out),
            config=config, cwd=folder,
        )  # fmt: skip
        parsed = run("parse", "-", "--url", "https://www.itjobswatch.co.uk" + NORTH_WEST, config=config)
    assert ended.returncode == 0, ended.stderr
    assert parsed.returncode == 4, "standard input was empty"
    case = Path(__file__).parents[2] / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23"
    assert json.loads(out.read_text(encoding="utf-8")) == [json.loads((case / "expected.json").read_text("utf-8"))]


@pytest.mark.parametrize("command", [run, scrapy])
def test_a_page_that_is_not_there_makes_the_crawl_partial(command: object, tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        config = site.config(tmp_path)
        ended = run("crawl", config=config) if command is run else scrapy("crawl", "roles", config=config)
    assert ended.returncode == 3
    assert outcome(config).verdict is CrawlResult.PARTIAL
    assert [row.url for row in outcome(config).ledger if row.status is FetchStatus.NOT_FOUND] == [
        site.base_url + LONDON
    ]


def test_the_summary_names_each_page_that_was_not_read_and_why(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        ended = run("crawl", config=site.config(tmp_path))
    assert f"not found: {site.base_url}{LONDON}: the site answered HTTP 404" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_nobody_there_is_a_failed_crawl_and_no_traceback(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
    ended = run("crawl", config=config)
    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr
    assert set(outcome(config).counts) == {FetchStatus.FETCH_FAILED}
    assert all("refused" in row.reason for row in outcome(config).ledger)


def test_after_a_challenge_nothing_more_is_asked_and_what_was_read_is_kept(tmp_path: Path, forker: Forker) -> None:
    with LiveSite(fault=lambda path: Answer(200, CHALLENGE) if path == NORTH_WEST else None) as site:
        config = site.config(tmp_path)
        exit_code = forker.crawl(config)
    assert exit_code == 3
    assert site.pages_asked[-1] == NORTH_WEST
    counts = outcome(config).counts
    assert counts[FetchStatus.STORED] == len(site.pages_asked) - 1
    assert counts[FetchStatus.BLOCKED] == len(site.site.pages) - counts[FetchStatus.STORED]


def test_repeated_refusals_stop_the_crawl(tmp_path: Path, forker: Forker) -> None:
    with LiveSite(fault=lambda path: None if path == "/robots.txt" else Answer(403)) as site:
        config = site.config(tmp_path)
        exit_code = forker.crawl(config)
    assert exit_code == 4
    assert len(site.pages_asked) == 3
    assert set(outcome(config).counts) == {FetchStatus.BLOCKED}


def refusing(*between: Answer | None) -> Fault:
    """Refuse every page, but for those that come after two refusals."""
    left = [answer for each in between for answer in (Answer(403), Answer(403), each)]
    return lambda path: None if path == "/robots.txt" else left.pop(0) if left else Answer(403)


@pytest.mark.parametrize("welcome", [None, Answer(404), Answer(410), Answer(200, b"<html><p>A new layout</p></html>")])
def test_an_answer_that_lets_us_in_ends_a_row_of_refusals(
    welcome: Answer | None, tmp_path: Path, forker: Forker
) -> None:
    with LiveSite(fault=refusing(welcome, welcome, welcome)) as site:
        config = site.config(tmp_path)
        assert forker.crawl(config) in (3, 4)
    assert len(site.pages_asked) == len(site.site.pages)
    assert outcome(config).counts[FetchStatus.BLOCKED] == len(site.site.pages) - 3


def test_a_server_that_fails_does_not_end_a_row_of_refusals(tmp_path: Path, forker: Forker) -> None:
    with LiveSite(fault=refusing(Answer(501), Answer(501))) as site:
        config = site.config(tmp_path)
        assert forker.crawl(config) == 4
    assert len(site.pages_asked) == 4
    assert "refused 3 times in a row" in outcome(config).ledger[-1].reason


def test_any_answer_ends_a_row_of_failures_to_reach_the_site(tmp_path: Path, forker: Forker) -> None:
    away = Answer(302, headers={"Location": "http://localhost/"})
    answers = [away, away, Answer(404), away, away, Answer(501), away, away, Answer(403), away]
    with LiveSite(fault=lambda path: None if path == "/robots.txt" else answers.pop(0)) as site:
        forker.crawl(site.config(tmp_path))
    assert not answers


def test_what_robots_txt_denies_is_not_asked_for(tmp_path: Path, forker: Forker) -> None:
    robots = Answer(200, b"User-agent: *\nDisallow: /contracts/\n", {"Content-Type": "text/plain"})
    with LiveSite(fault=lambda path: robots if path == "/robots.txt" else None) as site:
        config = site.config(tmp_path)
        forker.crawl(config)
    assert not [path for path in site.pages_asked if path.startswith("/contracts/")]
    denied = [row.url for row in outcome(config).ledger if row.status is FetchStatus.ROBOTS_DENIED]
    assert denied == [row.url for row in outcome(config).ledger if "/contracts/" in row.url]


def test_a_redirect_to_another_host_is_not_followed(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as elsewhere:
        away = Answer(302, headers={"Location": elsewhere.base_url.replace("127.0.0.1", "localhost") + LONDON})
        with LiveSite(fault=lambda path: away if path == LONDON else None) as site:
            config = site.config(tmp_path)
            forker.crawl(config)
    assert not elsewhere.asked
    [failed] = [row for row in outcome(config).ledger if not row.status.is_success]
    assert failed.status is FetchStatus.FETCH_FAILED
    assert "another host" in failed.reason


def test_a_redirect_to_another_page_is_the_wrong_page(tmp_path: Path, forker: Forker) -> None:
    moved = Answer(302, headers={"Location": NORTH_WEST})
    with LiveSite(fault=lambda path: moved if path == LONDON else None) as site:
        config = site.config(tmp_path)
        forker.crawl(config)
    assert [row.status for row in outcome(config).ledger if row.url.endswith(LONDON)] == [FetchStatus.WRONG_PAGE]


def test_a_page_that_breaks_off_is_never_stored(tmp_path: Path, forker: Forker) -> None:
    def fault(path: str) -> Answer | None:
        page = site.site.find(path)
        return Answer(200, page.body, cut=20_000) if page and path == LONDON else None

    with LiveSite(fault=fault) as site:
        config = site.config(tmp_path)
        forker.crawl(config)
    [failed] = [row for row in outcome(config).ledger if not row.status.is_success]
    assert failed.url.endswith(LONDON)
    assert failed.status in (FetchStatus.FETCH_FAILED, FetchStatus.LAYOUT_CHANGED)


def test_the_site_is_told_who_asks(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        config.write_text(config.read_text("utf-8").replace("[crawl]", 'contact = "me@example.com"\n[crawl]'), "utf-8")
        forker.crawl(config)
    assert {asked.headers["User-Agent"] for asked in site.asked} == {"jobspider/0.1.0 (+mailto:me@example.com)"}


def test_sigterm_keeps_what_was_read_and_the_next_crawl_reads_the_rest(tmp_path: Path) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def fault(path: str) -> None:
        if path == NORTH_WEST:
            halfway.set()
            go_on.wait(30)

    with LiveSite(fault=fault) as site:
        config = site.config(tmp_path)
        with subprocess.Popen(
            [sys.executable, "-m", "jobspider.crawl", "--token", "t"], env=environment(config), stderr=subprocess.PIPE
        ) as crawl:
            assert halfway.wait(30)
            crawl.send_signal(signal.SIGTERM)
            go_on.set()
            crawl.communicate(timeout=30)
        assert crawl.returncode == 5
        interrupted = outcome(config)
        assert interrupted.verdict is CrawlResult.INTERRUPTED
        assert interrupted.counts[FetchStatus.STORED] >= 1
        assert interrupted.counts[FetchStatus.PLANNED] >= 1
        again = run("crawl", config=config)
    assert again.returncode == 0


def test_a_killed_crawl_is_interrupted_when_the_next_one_begins(tmp_path: Path) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def fault(path: str) -> None:
        if path == NORTH_WEST and not go_on.is_set():
            halfway.set()
            go_on.wait(30)

    with LiveSite(fault=fault) as site:
        config = site.config(tmp_path)
        with subprocess.Popen(
            [sys.executable, "-m", "jobspider.crawl", "--token", "t"], env=environment(config)
        ) as crawl:
            assert halfway.wait(30)
            os.kill(crawl.pid, signal.SIGKILL)
        go_on.set()
        assert run("crawl", config=config).returncode == 0
    with Database.open(config.with_name("jobspider.db"), read_only=True) as database:
        killed = Reader(database).crawl("t")
    assert killed is not None
    assert killed.verdict is CrawlResult.INTERRUPTED
    assert killed.counts[FetchStatus.STORED] >= 1


def test_a_second_crawl_on_one_database_is_told_who_holds_it(tmp_path: Path) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def fault(path: str) -> None:
        if path == NORTH_WEST:
            halfway.set()
            go_on.wait(30)

    with LiveSite(fault=fault) as site:
        config = site.config(tmp_path)
        with subprocess.Popen(
            [sys.executable, "-m", "jobspider.crawl", "--token", "t"], env=environment(config)
        ) as crawl:
            assert halfway.wait(30)
            second = run("crawl", config=config)
            go_on.set()
    assert crawl.returncode == 0
    assert second.returncode == 4
    assert f"process {crawl.pid}" in second.stderr
    assert len(second.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--term", "x"], "--region (with scrapy: -a region=...) is missing"),
        (["--term", "x", "--region", "a/b"], "is not a region"),
        (["--url", "https://example.org/"], "is not the URL of a role or skill page"),
    ],
)
def test_a_request_for_no_page_is_refused_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        own = run("crawl", *arguments, config=config)
        pairs = [
            f"{name.removeprefix('--')}={value}" for name, value in zip(arguments[::2], arguments[1::2], strict=True)
        ]
        scrapys = scrapy("crawl", "roles", *(part for pair in pairs for part in ("-a", pair)), config=config)
    assert (own.returncode, scrapys.returncode) == (2, 2)
    assert said in own.stderr
    assert said in scrapys.stderr
    assert "Traceback" not in own.stderr + scrapys.stderr
    assert not site.asked


def test_the_live_site_is_not_asked_in_nobodys_name(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[watch]]\nterms = ["java"]\nregions = ["london"]\n', encoding="utf-8")
    ended = run("crawl", config=config)
    assert ended.returncode == 2
    assert "site.contact" in ended.stderr
