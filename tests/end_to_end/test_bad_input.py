"""A user's error ends with one line that names it, an exit code, and an unchanged database."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import environment, run
from tests.support.fake_site import FIRST, PROJECT, LiveSite

URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
DIGEST = '[[channel]]\nname = "f"\ntype = "file"\npath = "."\n[[digest]]\nname = "weekly"\nchannels = ["f"]\n'


def assert_refused(message: str, exit_code: int, *arguments: str, **options: object) -> None:
    """Run a command that must fail with one line on stderr that contains the message."""
    ended = run(*arguments, **options)  # type: ignore[arg-type]
    lines = ended.stderr.strip().splitlines()
    assert ended.returncode == exit_code, ended.stderr
    assert len(lines) == 1, ended.stderr
    assert message in lines[0]


def test_config_with_unknown_key_is_refused_by_each_command(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[site]\nbase_ur = "https://www.itjobswatch.co.uk"\n', encoding="utf-8")
    for command in ("check", "run", "crawl", "changes", "status"):
        assert_refused("config.toml: site.base_ur: unknown key: did you mean base_url?", 2, command, config=config)


def test_missing_config_is_refused_with_its_name(tmp_path: Path) -> None:
    assert_refused("no-such.toml: no such file", 2, "check", "--config", str(tmp_path / "no-such.toml"))
    assert_refused("--config", 2, "check", cwd=tmp_path)


def test_parse_of_a_file_that_is_not_a_role_page_is_refused(tmp_path: Path) -> None:
    pdf, empty, html = (tmp_path / name for name in ("page.pdf", "empty.html", "page.html"))
    pdf.write_bytes(b"%PDF-1.7 \x00\x01")
    empty.touch()
    html.write_text("<html></html>", encoding="utf-8")
    role = PROJECT / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23" / "page.html"
    assert_refused("expected an HTML page", 4, "parse", str(pdf), "--url", URL)
    assert_refused(URL, 4, "parse", str(empty), "--url", URL)
    assert_refused("london", 4, "parse", str(role), "--url", URL.replace("north%20west", "london"))
    assert_refused("no-such.html: ", 2, "parse", str(tmp_path / "no-such.html"), "--url", URL)
    assert_refused("https://example.org/about", 2, "parse", str(html), "--url", "https://example.org/about")


def test_replay_on_a_port_in_use_is_refused() -> None:
    with LiveSite() as site:
        port = str(site.server_address[1])
        assert_refused(f"port {port} is in use", 4, "replay", str(FIRST), "--port", port)


def test_crawl_leaves_a_file_that_is_not_a_database_unchanged(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        (tmp_path / "jobspider.db").write_text("These are my notes.\n" * 100, encoding="utf-8")
        assert_refused("is not a SQLite database", 4, "crawl", config=config)
        assert not site.asked
    assert (tmp_path / "jobspider.db").read_text(encoding="utf-8").startswith("These are my notes.")


def test_crawl_with_locked_database_is_refused(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
        assert run("crawl", config=config).returncode == 0
        connection = sqlite3.connect(tmp_path / "jobspider.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        assert_refused("another process", 4, "crawl", config=config)
        connection.close()


def test_status_and_digest_before_the_first_crawl_are_refused(tmp_path: Path) -> None:
    with LiveSite() as site:
        config = site.config(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write(DIGEST)
    for command in (["status"], ["digest", "weekly", "--dry-run"]):
        assert_refused("run a crawl first", 4, *command, config=config)
    assert not (tmp_path / "jobspider.db").exists()


def test_undefined_digest_is_refused_with_the_defined_names() -> None:
    assert_refused("weekly", 2, "digest", "monthly")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_to_a_full_device_is_one_line_and_exit_code_4() -> None:
    for arguments in (["--version"], ["parse", str(FIRST / "permanent-north-west.html"), "--url", URL]):
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "alerts.cli", *arguments],
                env=environment(), cwd=PROJECT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
            )  # fmt: skip
        assert ended.returncode == 4
        assert ended.stderr == (
            "cannot write the output: No space left on device; free some space, then run the command again\n"
        )
