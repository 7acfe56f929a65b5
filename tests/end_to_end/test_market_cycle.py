"""A cycle reads the indexes of the markets that are followed after the pages that are watched."""

import json
from pathlib import Path

from jobspider.model import CrawlResult, FetchStatus
from tests.support.cli import run
from tests.support.crawl_ledger import outcome
from tests.support.fake_site import Answer, LiveSite
from tests.support.market_site import answer, rows

MARKET = '[[market]]\nregion = "London"\npages = 2\n'


def following(site: LiveSite, folder: Path) -> Path:
    config = site.config(folder)
    config.write_text(config.read_text(encoding="utf-8") + MARKET, encoding="utf-8")
    return config


def test_both_crawls_are_told_and_the_exit_code_is_of_both(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: answer(rows(60), path)) as site:
        config = following(site, tmp_path)
        well = run("run", "--json", config=config)
        site.fault = lambda path: Answer(404) if "page=2&" in path else answer(rows(60), path)
        ill = run("run", config=config)
        status = run("status", "--json", config=config)
    assert well.returncode == 0, well.stderr
    told = json.loads(well.stdout)
    assert [(told[each]["spider"], told[each]["outcome"]) for each in ("crawl", "market")] == [
        ("roles", "complete"),
        ("market", "complete"),
    ]
    assert ill.returncode == 3
    assert [line.partition(":")[0] for line in ill.stdout.splitlines()[:2]] == ["complete", "partial"]
    assert outcome(tmp_path).spider == "market"
    assert json.loads(status.stdout)["crawl"]["spider"] == "roles", "the pages that are watched come first"


def test_a_site_that_refuses_the_pages_is_not_asked_for_the_market(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: None if path == "/robots.txt" else Answer(403)) as site:
        ended = run("run", config=following(site, tmp_path))
    assert ended.returncode == 4
    assert not [path for path in site.pages_asked if "aspx" in path]
    assert outcome(tmp_path).counts.keys() == {FetchStatus.BLOCKED}


def test_markets_can_be_followed_without_any_page(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: answer(rows(60), path)) as site:
        config = tmp_path / "config.toml"
        config.write_text(
            f'[site]\nbase_url = "{site.base_url}"\n[crawl]\ndelay_seconds = 0\n[store]\npath = "jobspider.db"\n'
            + MARKET,
            encoding="utf-8",
        )
        assert run("run", config=config).returncode == 0
        assert outcome(tmp_path).verdict is CrawlResult.COMPLETE
        site.fault = lambda _: Answer(404)
        assert run("crawl", "market", "--region", "Wales", config=config).returncode == 4
        status = json.loads(run("status", "--json", config=config).stdout)
    assert (status["crawl"]["outcome"], status["problems"]) == ("complete", []), "it was asked for by hand"
