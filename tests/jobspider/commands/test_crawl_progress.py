"""The progress of a crawl on a terminal, in a log and with ``--json``."""

import os
import pty
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobspider import config
from jobspider.scraping import retry_after_file
from tests.support.cli import environment, run
from tests.support.fake_site import Answer, LiveSite

LONDON = "/jobs/london/backend%20developer.do"


def crawl_on_terminal(path: Path) -> str:
    """Run ``jobspider crawl`` with a terminal as stderr; return the output on it without escape sequences."""
    controller, terminal = pty.openpty()
    chunks: list[bytes] = []

    def collect_output() -> None:
        while True:
            try:
                chunks.append(os.read(controller, 4096))
            except OSError:  # Linux raises EIO when the other end is closed
                return

    reader = threading.Thread(target=collect_output)
    reader.start()
    command = [sys.executable, "-m", "alerts.cli", "crawl"]
    environ = environment(path, TERM="xterm", COLUMNS="160")
    subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=terminal, timeout=60, check=False)
    os.close(terminal)
    reader.join()
    os.close(controller)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(chunks).decode("utf-8"))


def test_progress_on_terminal_shows_counts_and_remaining_time(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        output = crawl_on_terminal(site.config(tmp_path, delay_seconds=0.1))
    assert "10/10" in output
    assert "about  to go" not in output, "no forecast without a plan"
    assert "1 failed, 0 left" in output
    assert re.search(r"\d left, about 0:00:0\d to go", output)
    assert "stored  http" not in output


def test_progress_without_terminal_is_one_line_per_page(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        process = run("crawl", config=site.config(tmp_path))
    lines = process.stderr.splitlines()
    assert len(lines) == len(site.site.pages)
    assert f"     not_found  {site.base_url}{LONDON}: the site answered HTTP 404" in lines


def test_crawl_during_long_pause_prints_it_and_sends_no_request(tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        now = datetime.now(UTC)
        retry_after_file.save_retry_after(config.load(path), 7200, now)
        text, as_json = run("crawl", config=path), run("crawl", "--json", config=path)
    assert not site.asked
    assert (text.returncode, as_json.returncode) == (4, 4)
    until = f"{now + timedelta(seconds=7200):%Y-%m-%d %H:%M:%S}"
    assert text.stderr.splitlines()[0] == f"127.0.0.1 asked for no requests until {until} UTC"
    assert text.stdout.count("asked for no requests") == len(site.site.pages)
    assert not as_json.stderr


def test_progress_shows_start_and_reason_of_long_wait(tmp_path: Path) -> None:
    """The timeout ends the crawl early; otherwise the wait takes up to 15 minutes."""
    busy = Answer(503, headers={"Retry-After": "800"})
    with LiveSite(fault=lambda path: busy if path == LONDON else None) as site:
        output = crawl_on_terminal(site.config(tmp_path, timeout_minutes=0.05))
    assert "800 seconds" in output
    assert "the site answered HTTP 503" in output


def test_crawl_json_prints_only_the_document(tmp_path: Path) -> None:
    with LiveSite() as site:
        process = run("crawl", "--json", config=site.config(tmp_path))
    assert not process.stderr
    assert process.stdout.startswith("{")
