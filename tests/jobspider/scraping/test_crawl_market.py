"""Crawls of market indexes, and what their rows tell: over real sockets and through the commands."""

import json
import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jobspider.config import load
from jobspider.crawl import CrawlRequest, CrawlScope, crawl_context, new_token
from jobspider.model import CrawlResult, FetchStatus, MarketRow
from jobspider.site import urls
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore
from tests.support.cli import run, scrapy
from tests.support.crawl_ledger import outcome
from tests.support.fake_site import CHALLENGE, Answer, LiveSite
from tests.support.fork_server import Forker
from tests.support.market_site import DAY, LONDON, answer, renumbered, row, rows
from tests.support.same_day import on_one_day

LATER = date(2025, 8, 6)
MARKET = ("--spider", "market")


def config(site: LiveSite, folder: Path, *markets: str) -> Path:
    path = folder / "config.toml"
    sections = "".join(f"[[market]]\n{market}\n" for market in markets)
    path.write_text(
        f'[site]\nbase_url = "{site.base_url}"\n[crawl]\ndelay_seconds = 0\n[store]\npath = "jobspider.db"\n{sections}',
        encoding="utf-8",
    )
    return path


def shows(site: LiveSite, listed: Sequence[MarketRow], as_of: date = DAY) -> None:
    site.fault = lambda path: answer(listed, path, as_of)


def stored(folder: Path, as_of: date = DAY) -> dict[str, MarketRow]:
    with Database.open(folder / "jobspider.db", read_only=True) as database:
        return MarketIndexStore(database).rows(LONDON, as_of)


def test_the_pages_wanted_of_each_market_are_read_and_stored(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        shows(site, rows(120))
        asked = config(
            site, tmp_path, 'region = "London"\npages = 2', 'region = "the North West"\njob_type = "contract"'
        )
        assert forker.crawl(asked, *MARKET) == 0
    found = outcome(tmp_path)
    assert found.spider == "market"
    assert found.counts == {FetchStatus.STORED: 3}
    assert [path.split("&page=")[1][0] for path in site.pages_asked] == ["1", "2", "1"]
    assert stored(tmp_path) == {each.name: each for each in rows(100)}
    with Database.open(tmp_path / "jobspider.db", read_only=True) as database:
        assert database.rows("SELECT pages_planned, pages_stored, outcome FROM crawls") == [(3, 3, "complete")]


def test_the_same_rows_again_are_unchanged_and_kept_once(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        shows(site, rows(60))
        asked = config(site, tmp_path, 'region = "London"\npages = 2')
        forker.crawl(asked, *MARKET)
        shows(site, [row(number, live_jobs=number) for number in range(1, 61)])
        forker.crawl(asked, *MARKET)
        assert outcome(tmp_path).counts == {FetchStatus.UNCHANGED: 2}
        shows(site, [row(1, median=Decimal(50_000)), *rows(60)[1:]])
        forker.crawl(asked, *MARKET)
        assert outcome(tmp_path).counts == {FetchStatus.STORED: 2}
    with Database.open(tmp_path / "jobspider.db", read_only=True) as database:
        assert database.rows("SELECT count(*) FROM market_rows") == [(120,)]
    assert stored(tmp_path)["Term 001"].median == 50_000


def test_rows_of_an_earlier_date_than_those_stored_are_stale(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        asked = config(site, tmp_path, 'region = "London"')
        shows(site, rows(10), LATER)
        forker.crawl(asked, *MARKET)
        shows(site, rows(10))
        assert forker.crawl(asked, *MARKET) == 4
    assert outcome(tmp_path).counts == {FetchStatus.STALE: 1}
    assert not stored(tmp_path)


@on_one_day
def test_rows_lost_between_two_pages_are_told_and_the_index_is_read_again(tmp_path: Path, forker: Forker) -> None:
    before = rows(120)
    after = renumbered([*before[:10], before[70], *before[10:70], *before[71:]])
    with LiveSite() as site:
        site.fault = lambda path: answer(before if "page=1&" in path else after, path)
        asked = config(site, tmp_path, 'region = "London"\npages = 3')
        assert forker.crawl(asked, *MARKET) == 3
        (lost,) = [each for each in outcome(tmp_path).ledger if not each.status.is_success]
        assert lost.status is FetchStatus.AUDIT_FAILED
        assert "index_paging: expected no row of page 1, found 'Term 050' again" in lost.reason
        shows(site, after)
        resumed = run("crawl", "market", "--resume", config=asked)
    assert resumed.returncode == 0, resumed.stdout
    assert outcome(tmp_path).verdict is CrawlResult.COMPLETE
    assert stored(tmp_path).keys() == {each.name for each in before}


@pytest.mark.parametrize("count", [120, 60, 50, 100], ids="{} rows".format)
@on_one_day
def test_an_index_that_was_read_whole_today_is_not_missing(count: int, tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        shows(site, rows(count))
        asked = config(site, tmp_path, 'region = "London"\npages = 3', 'region = "Wales"')
        forker.crawl(asked, *MARKET)
    assert missing(asked) == 0


@on_one_day
def test_an_index_of_which_more_pages_are_wanted_than_were_read_is_missing(tmp_path: Path, forker: Forker) -> None:
    with LiveSite() as site:
        shows(site, rows(60))
        asked = config(site, tmp_path, 'region = "London"\npages = 1', 'region = "Wales"')
        forker.crawl(asked, *MARKET)
        asked = config(site, tmp_path, 'region = "London"\npages = 5', 'region = "Wales"')
    assert missing(asked) == 1


@on_one_day
def test_an_index_whose_newest_reading_lacks_a_page_is_missing_though_an_earlier_one_was_whole(
    tmp_path: Path, forker: Forker
) -> None:
    with LiveSite() as site:
        asked = config(site, tmp_path, 'region = "London"\npages = 3', 'region = "Wales"')
        shows(site, rows(120))
        assert forker.crawl(asked, *MARKET) == 0
        site.fault = lambda path: (
            Answer(500) if "ll=London" in path and "page=2&" in path else answer(rows(120), path, LATER)
        )
        assert forker.crawl(asked, *MARKET) == 3
        assert missing(asked) == 1
        shows(site, rows(120), LATER)
        resumed = run("crawl", "market", "--resume", config=asked)
    assert resumed.returncode == 0, resumed.stdout
    assert outcome(tmp_path).verdict is CrawlResult.COMPLETE
    assert stored(tmp_path, LATER).keys() == {each.name for each in rows(120)}


@on_one_day
def test_an_index_whose_pages_are_not_kept_any_more_is_missing_if_more_are_wanted(
    tmp_path: Path, forker: Forker
) -> None:
    with LiveSite() as site:
        shows(site, rows(60))
        asked = config(site, tmp_path, 'region = "London"\npages = 3', 'region = "Wales"\npages = 2')
        forker.crawl(asked, *MARKET)
    with Database.open(tmp_path / "jobspider.db") as database, database.immediate() as connection:
        connection.execute("DELETE FROM captures")
    assert missing(asked) == 1


def missing(asked: Path) -> int:
    """Return how many indexes a crawl that goes on would read."""
    order = CrawlRequest(new_token(), "market", wanted=CrawlScope.UNREAD_TODAY)
    with crawl_context(load(asked), order) as begun:
        return len(begun.plan)


def test_a_challenge_stops_the_crawl_of_every_market(tmp_path: Path, forker: Forker) -> None:
    with LiveSite(fault=lambda path: None if path == "/robots.txt" else Answer(200, CHALLENGE)) as site:
        asked = config(site, tmp_path, 'region = "London"\npages = 2', 'region = "Wales"')
        assert forker.crawl(asked, *MARKET) == 4
    assert len(site.pages_asked) == 1
    assert outcome(tmp_path).counts == {FetchStatus.BLOCKED: 2}


def test_scrapy_writes_an_index_asked_for_as_documents(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with LiveSite() as site:
        shows(site, rows(60))
        asked = config(site, tmp_path)
        ended = scrapy("crawl", "market", "-a", "region=London", "-a", "pages=2", "-O", str(out), config=asked)
    assert ended.returncode == 0, ended.stderr
    assert [(each["kind"], len(each["rows"])) for each in json.loads(out.read_text(encoding="utf-8"))] == [
        ("market_index", 50),
        ("market_index", 10),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no market is configured: add a [[market]]"),
        (["-a", "job_type=contract"], "--region (with scrapy: -a region=...) is missing"),
        (["-a", "region=london", "-a", "pages=0"], "pages '0' is unknown"),
        (["-a", "term=java"], "argument 'term' is unknown: use region, job_type, window, pages"),
    ],
)
def test_a_request_for_no_index_is_refused_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    with LiveSite() as site:
        ended = scrapy("crawl", "market", *arguments, config=config(site, tmp_path))
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not site.asked


# The commands.


@pytest.fixture
def two_dates(tmp_path: Path, forker: Forker) -> Path:
    with LiveSite() as site:
        asked = config(site, tmp_path, 'region = "London"')
        old = [row(1, median=Decimal(50_000)), row(2), row(3)]
        shows(site, old)
        assert forker.crawl(asked, *MARKET) == 0
        new = [
            row(3, rank=1, vacancies=9999),
            row(1, rank=2, vacancies=9000, median=Decimal(55_000)),
            row(2, rank=3, vacancies=8998),
        ]
        shows(site, new, LATER)
        assert forker.crawl(asked, *MARKET) == 0
    asked.write_text(
        asked.read_text(encoding="utf-8") + '[[watch]]\nterms = ["term 001"]\nregions = ["london"]\n', encoding="utf-8"
    )
    return asked


def test_movers_shows_the_largest_moves_between_the_two_newest_dates(two_dates: Path) -> None:
    shown = run("movers", "--region", "London", "--json", config=two_dates)
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert (told["from"], told["to"]) == (DAY.isoformat(), LATER.isoformat())
    assert [(move["name"], move["size"]) for move in told["moves"]] == [
        ("Term 003", 2),
        ("Term 001", -1),
        ("Term 002", -1),
    ]
    median = run("movers", "--region", "london", "--by", "median", config=two_dates).stdout
    assert "+10.0%: £50,000 to £55,000" in median
    assert "CC BY-NC-SA 4.0" in median
    ads = run("movers", "--region", "london", "--by", "vacancies", "--top", "1", config=two_dates).stdout
    assert "-1000 ads: 9,998 to 8,998" in ads
    assert "Term 003" not in ads


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2025-07-30", "--to", "2025-08-06"], []),
        (
            ["--from", "2025-08-05"],
            ["--from 2025-08-05: compared with 2025-07-30, the nearest stored date before 2025-08-05"],
        ),
        (
            ["--from", "2025-08-06"],
            ["--from 2025-08-06: compared with 2025-07-30, the nearest stored date before 2025-08-06"],
        ),
        (
            ["--from", "2026-01-01", "--to", "2026-01-02"],
            [
                "--from 2026-01-01: compared with 2025-07-30, the nearest stored date before 2025-08-06",
                "--to 2026-01-02: compared with 2025-08-06, the nearest stored date before 2026-01-02",
            ],
        ),
    ],
)
def test_movers_says_which_dates_it_compares_and_where_they_are_others_than_asked_for(
    arguments: list[str], said: list[str], two_dates: Path
) -> None:
    shown = run("movers", "--region", "london", *arguments, config=two_dates)
    first, *others = shown.stdout.splitlines()
    assert f"{DAY} to {LATER}" in first
    assert others[: len(said)] == [f"  {line}" for line in said]
    assert "compared with" not in "".join(others[len(said) :])
    told = run("movers", "--region", "london", "--json", *arguments, config=two_dates)
    assert (json.loads(told.stdout)["from"], told.stderr.splitlines()) == (DAY.isoformat(), said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--region", "wales"], 'run jobspider crawl market --region "wales"'),
        (["--region", "london", "--to", "2025-08-01"], "choose from these dates: 2025-08-06"),
    ],
)
def test_movers_without_two_dates_says_what_is_stored(arguments: list[str], said: str, two_dates: Path) -> None:
    shown = run("movers", *arguments, config=two_dates)
    assert shown.returncode == 4
    assert said in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


def test_discover_proposes_a_watch_of_what_is_not_watched_yet(two_dates: Path) -> None:
    shown = run("discover", "--region", "London", "--top", "1", config=two_dates)
    assert shown.returncode == 0, shown.stderr
    assert tomllib.loads(shown.stdout)["watch"] == [
        {"terms": ["term 003"], "regions": ["london"], "job_types": ["permanent"], "windows": [6]}
    ]
    two_dates.write_text(two_dates.read_text(encoding="utf-8") + shown.stdout, encoding="utf-8")
    told = json.loads(run("discover", "--region", "London", "--json", config=two_dates).stdout)
    assert [term["term"] for term in told["terms"]] == ["term 002"]


def test_a_term_that_left_an_index_of_the_same_date_is_neither_proposed_nor_compared(
    tmp_path: Path, forker: Forker
) -> None:
    with LiveSite() as site:
        asked = config(site, tmp_path, 'region = "London"\npages = 9')
        shows(site, rows(120))
        forker.crawl(asked, *MARKET)
        shows(site, rows(120), LATER)
        forker.crawl(asked, *MARKET)
        shows(site, renumbered(rows(120)[1:]), LATER)
        forker.crawl(asked, *MARKET)
    proposed = json.loads(run("discover", "--region", "London", "--top", "2", "--json", config=asked).stdout)
    assert [(term["name"], term["rank"]) for term in proposed["terms"]] == [("Term 002", 1), ("Term 003", 2)]
    assert "119 terms compared" in run("movers", "--region", "London", config=asked).stdout


def test_an_index_of_which_only_the_first_page_was_read_again_is_that_page(tmp_path: Path, forker: Forker) -> None:
    before = rows(150)
    with LiveSite() as site:
        asked = config(site, tmp_path, 'region = "London"\npages = 4')
        shows(site, before)
        forker.crawl(asked, *MARKET)
        shows(site, before, LATER)
        forker.crawl(asked, *MARKET)
        shows(site, renumbered([*before[1:120], before[0], *before[120:]]), LATER)
        assert run("crawl", "market", "--region", "london", "--pages", "1", config=asked).returncode == 0
    assert [each.rank for each in stored(tmp_path, LATER).values()] == list(range(1, 51))
    assert "50 terms compared" in run("movers", "--region", "London", config=asked).stdout


def test_discover_takes_of_a_category_what_stored_pages_list_under_it(tmp_path: Path, forker: Forker) -> None:
    python = urls.subject_url(urls.make_subject("permanent", "london", "python"))
    listed = [row(1), row(2, name="Python", url=python)]
    with LiveSite(fault=lambda path: answer(listed, path)) as site:
        asked = site.config(tmp_path)
        asked.write_text(asked.read_text(encoding="utf-8") + '[[market]]\nregion = "London"\n', encoding="utf-8")
        assert (forker.crawl(asked), forker.crawl(asked, *MARKET)) == (0, 0)
    shown = run("discover", "--region", "London", "--category", "programming languages", "--json", config=asked)
    assert [term["term"] for term in json.loads(shown.stdout)["terms"]] == ["python"]
    unknown = run("discover", "--region", "London", "--category", "Gardening", config=asked)
    assert unknown.returncode == 2
    assert "known categories are" in unknown.stderr
    assert "Programming Languages" in unknown.stderr


def test_discover_knows_the_categories_that_stored_pages_name(two_dates: Path) -> None:
    unknown = run("discover", "--region", "London", "--category", "Programming Languages", config=two_dates)
    assert unknown.returncode == 2
    assert "known categories are none yet" in unknown.stderr
