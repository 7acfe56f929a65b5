"""A mistake is one line that says what is wrong and what to do, an exit code, and nothing stored that is not true."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import environment, run
from tests.support.fake_site import FIRST, PROJECT, LiveSite

URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"


def refused(said: str, code: int, *arguments: str, **options: object) -> str:
    """Run a command that must be refused in one line that holds ``said``; return the line."""
    ended = run(*arguments, **options)  # type: ignore[arg-type]
    lines = ended.stderr.strip().splitlines()
    assert ended.returncode == code, ended.stderr
    assert len(lines) == 1, ended.stderr
    assert said in lines[0]
    return lines[0]


@pytest.mark.parametrize("command", [["check"], ["run"], ["crawl"], ["changes"], ["status"], ["digest", "weekly"]])
def test_every_command_refuses_a_configuration_with_an_unknown_key(command: list[str], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[site]\nbase_ur = "https://www.itjobswatch.co.uk"\n', encoding="utf-8")
    refused("config.toml: site.base_ur: unknown key: did you mean base_url?", 2, *command, config=config)


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused("no-such.toml: no such file", 2, "check", "--config", str(tmp_path / "no-such.toml"))


def test_outside_of_a_project_a_configuration_must_be_named(tmp_path: Path) -> None:
    refused("--config", 2, "check", cwd=tmp_path)


def test_a_page_that_is_not_html_is_no_page(tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"%PDF-1.7 \x00\x01")
    refused("expected an HTML page", 4, "parse", str(page), "--url", URL)


def test_an_empty_page_is_no_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.touch()
    refused(URL, 4, "parse", str(page), "--url", URL)


def test_a_page_for_another_region_is_the_wrong_page() -> None:
    page = PROJECT / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23" / "page.html"
    refused("london", 4, "parse", str(page), "--url", URL.replace("north%20west", "london"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused("no-such.html: cannot be read", 2, "parse", str(tmp_path / "no-such.html"), "--url", URL)


def test_an_address_that_is_no_role_page_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html></html>", encoding="utf-8")
    refused("is not the URL of", 2, "parse", str(page), "--url", "https://example.org/about")


def test_a_port_in_use_is_named() -> None:
    with LiveSite() as site:
        port = str(site.server_address[1])
        refused(f"port {port} is in use", 4, "replay", str(FIRST), "--port", port)


def test_a_database_that_is_another_file_is_left_alone(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        (tmp_path / "jobspider.db").write_text("These are my notes.\n" * 100, encoding="utf-8")
        refused("is not a SQLite database", 4, "crawl", config=config)
        assert not site.asked
    assert (tmp_path / "jobspider.db").read_text(encoding="utf-8").startswith("These are my notes.")


def test_a_database_that_another_process_writes_to_is_named(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        assert run("crawl", config=config).returncode == 0
        other = sqlite3.connect(tmp_path / "jobspider.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused("is in use by another process", 4, "crawl", config=config)
        other.close()


def test_before_the_first_crawl_there_is_nothing_to_tell_of(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
    for command in (["status"], ["digest", "weekly", "--dry-run"]):
        config.write_text(
            config.read_text("utf-8")
            + '[[channel]]\nname = "f"\ntype = "file"\npath = "."\n[[digest]]\nname = "weekly"\nchannels = ["f"]\n'
            if "[[digest]]" not in config.read_text("utf-8")
            else config.read_text("utf-8"),
            encoding="utf-8",
        )
        refused("run a crawl first", 4, *command, config=config)
    assert not (tmp_path / "jobspider.db").exists()


def test_a_digest_that_is_not_defined_is_refused_and_the_defined_ones_named() -> None:
    refused("it has weekly", 2, "digest", "monthly")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments", [["--version"], ["parse", str(FIRST / "permanent-north-west.html"), "--url", URL]]
)
def test_output_that_finds_no_room_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "alerts.cli", *arguments],
            env=environment(), cwd=PROJECT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 4
    assert ended.stderr == "the output cannot be written: No space left on device; make room, then run it again\n"
