"""What a person at a terminal sees of a crawl, and what a log does."""

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


def on_a_terminal(path: Path) -> str:
    """Run ``jobspider crawl`` with a terminal for its stderr; return what stood there, without its colours."""
    ours, theirs = pty.openpty()
    said: list[bytes] = []

    def read() -> None:
        while True:
            try:
                said.append(os.read(ours, 4096))
            except OSError:  # Linux's word for the other side having gone
                return

    reader = threading.Thread(target=read)
    reader.start()
    command = [sys.executable, "-m", "alerts.cli", "crawl"]
    environ = environment(path, TERM="xterm", COLUMNS="160")
    subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(said).decode("utf-8"))


def test_a_terminal_shows_what_is_done_failed_and_left_and_the_time_to_go(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        shown = on_a_terminal(site.config(tmp_path, delay_seconds=0.1))
    assert "10/10" in shown
    assert "about  to go" not in shown, "no forecast before there is a plan"
    assert "1 failed, 0 left" in shown
    assert re.search(r"\d left, about 0:00:0\d to go", shown)
    assert "stored  http" not in shown


def test_elsewhere_each_page_is_a_line_with_its_reason(tmp_path: Path) -> None:
    with LiveSite(fault=lambda path: Answer(404) if path == LONDON else None) as site:
        ended = run("crawl", config=site.config(tmp_path))
    lines = ended.stderr.splitlines()
    assert len(lines) == len(site.site.pages)
    assert f"     not_found  {site.base_url}{LONDON}: the site answered HTTP 404" in lines


def test_a_pause_that_is_not_over_is_told_in_a_line_and_keeps_the_crawl_from_asking(tmp_path: Path) -> None:
    with LiveSite() as site:
        path = site.config(tmp_path)
        now = datetime.now(UTC)
        retry_after_file.save_retry_after(config.load(path), 7200, now)
        ended, told = run("crawl", config=path), run("crawl", "--json", config=path)
    assert not site.asked
    assert (ended.returncode, told.returncode) == (4, 4)
    until = now + timedelta(seconds=7200)
    assert ended.stderr.splitlines()[0] == f"127.0.0.1 asked for no requests until {until:%Y-%m-%d %H:%M:%S} UTC"
    assert ended.stdout.count("asked for no requests") == len(site.site.pages)
    assert not told.stderr


def test_a_long_wait_for_the_site_is_told_with_its_reason_when_it_begins(tmp_path: Path) -> None:
    """Up to a quarter of an hour, in which nothing else happens. Here the crawl's time ends it early."""
    busy = Answer(503, headers={"Retry-After": "800"})
    with LiveSite(fault=lambda path: busy if path == LONDON else None) as site:
        shown = on_a_terminal(site.config(tmp_path, timeout_minutes=0.05))
    assert "No request for 800 seconds: the site answered HTTP 503 and asks for a pause" in shown


def test_a_program_is_told_nothing_but_the_outcome(tmp_path: Path) -> None:
    with LiveSite() as site:
        ended = run("crawl", "--json", config=site.config(tmp_path))
    assert not ended.stderr
    assert ended.stdout.startswith("{")
