"""How it stands, for people, for programs and for monitors."""

import json
import re
from pathlib import Path

import pytest

from jobspider import __version__
from tests.support.cli import run, scrapy
from tests.support.fake_site import FIRST, LiveSite


@pytest.fixture
def config(tmp_path: Path) -> Path:
    with LiveSite(FIRST) as site:
        path = site.config(tmp_path)
        assert run("crawl", config=path).returncode == 0
    return path


def test_status_tells_people_and_programs_the_same(config: Path) -> None:
    said, data = run("status", config=config), json.loads(run("status", "--json", config=config).stdout)
    assert data["version"] == __version__
    assert data["crawl"]["pages"] == {"stored": 10}
    assert (data["subjects"], data["quarantine_open"], data["deliveries"]) == (10, 0, {})
    assert data["newest_as_of"] == "2025-11-16"
    assert set(data["next"]) == {"crawl"}
    assert data["database_bytes"] == (config.with_name("jobspider.db")).stat().st_size
    assert f"jobspider {__version__}: {data['status']}" in said.stdout
    assert f"The source's newest figures: {data['source_age_days']} days old" in said.stdout
    assert "Next crawl: " in said.stdout
    assert {"healthy": 0, "degraded": 3, "failing": 4}[data["status"]] == said.returncode


def test_a_crawl_that_failed_is_failing_and_says_why(config: Path) -> None:
    assert run("crawl", config=config).returncode == 4, "the site is gone"
    said = run("status", "--json", config=config)
    data = json.loads(said.stdout)
    assert (said.returncode, data["status"]) == (4, "failing")
    assert [problem["name"] for problem in data["problems"]] == ["crawl"]
    assert "Connection was refused" in str(data["problems"])


def test_a_page_asked_for_by_name_says_nothing_of_the_service(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        assert run("crawl", config=config).returncode == 0
        before = json.loads(run("status", "--json", config=config).stdout)
        assert run("crawl", "--term", "no such", "--region", "uk", config=config).returncode == 4
        assert scrapy("crawl", "roles", "-a", "term=no such", "-a", "region=uk", config=config).returncode == 4
        after = json.loads(run("status", "--json", config=config).stdout)
    assert [after[name] for name in ("status", "problems", "crawl")] == [
        before[name] for name in ("status", "problems", "crawl")
    ]


def test_where_markets_alone_are_read_no_dates_of_pages_are_made_up(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    site = '[site]\nbase_url = "http://127.0.0.1:9"\n[store]\npath = "jobs.db"\n'
    path.write_text(f'{site}[[market]]\nregion = "uk"\n', encoding="utf-8")
    assert run("crawl", "market", config=path).returncode == 4, "there is no site"
    assert "\nPages kept: 0\n" in run("status", config=path).stdout


def test_metrics_are_written_whole_and_as_prometheus_reads_them(config: Path, tmp_path: Path) -> None:
    textfile = tmp_path / "jobspider.prom"
    textfile.write_text("old", encoding="utf-8")
    ended = run("status", "--prometheus", str(textfile), config=config)
    assert not ended.stdout
    metrics = textfile.read_text(encoding="utf-8")
    line = re.compile(r'(# (HELP|TYPE) jobspider_\w+ .+|jobspider_\w+(\{(\w+="[^"]*",?)+\})? [-+.e\d]+)')
    assert all(line.fullmatch(each) for each in metrics.splitlines())
    assert f"\njobspider_status {ended.returncode}\n" in metrics
    assert 'jobspider_crawl_pages{status="stored"} 10' in metrics
    assert f'jobspider_info{{version="{__version__}"}} 1' in metrics
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["jobspider.prom"]


def test_metrics_do_not_go_on_saying_that_all_is_well_when_the_database_is_gone(config: Path, tmp_path: Path) -> None:
    textfile = tmp_path / "jobspider.prom"
    config.with_name("jobspider.db").unlink()
    assert run("status", "--prometheus", str(textfile), config=config).returncode == 4
    assert "jobspider_status 4\n" in textfile.read_text(encoding="utf-8")


def test_a_metrics_file_that_cannot_be_written_is_a_mistake(config: Path) -> None:
    ended = run("status", "--prometheus", "/missing/folder/x.prom", config=config)
    assert ended.returncode == 2
    assert "name another file" in ended.stderr


def test_check_shows_the_next_three_times_of_everything_by_the_wall_and_in_utc(config: Path) -> None:
    config.write_text(
        config.read_text(encoding="utf-8")
        + """
[schedule]
timezone = "Asia/Kathmandu"
crawl = "daily 06:30"
[[channel]]
name = "folder"
type = "file"
path = "out"
[[digest]]
name = "monthly"
when = "monthly 1 08:00"
channels = ["folder"]
[[digest]]
name = "fresh"
when = "after crawl"
channels = ["folder"]
""",
        encoding="utf-8",
    )
    said = run("check", config=config).stdout
    assert len(re.findall(r" 06:30 \+0545   \w{3} \d\d \w{3} \d{4} 00:45 UTC", said)) == 3
    assert len(re.findall(r" 01 \w{3} \d{4} 08:00 \+0545   \w{3} 01 \w{3} \d{4} 02:15 UTC", said)) == 3
    assert "digest fresh, next: after the next crawl" in said
