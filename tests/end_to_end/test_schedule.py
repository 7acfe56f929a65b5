"""The service as a real process, with real crawls: woken, renewed, ended, killed, started again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from tests.support.cli import environment, run
from tests.support.fake_site import FIRST, PROJECT, Answer, LiveSite

SERVED = """
[schedule]
crawl = "daily 00:00"
[[channel]]
name = "folder"
type = "file"
path = "out"
[[digest]]
name = "watch"
when = "after crawl"
channels = ["folder"]
"""


class Schedule:
    """A running ``jobspider schedule``; what it says is read as it says it."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-m", "alerts.cli", "schedule", "--log-format", "json", "--config", str(config)]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def wait_for(self, name: str) -> dict[str, Any]:
        """Return the next event of a name."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            said: dict[str, Any] = json.loads(line)
            if said["event"] == name:
                return said
        raise AssertionError(f"it ended with {self.process.wait()} and never said {name!r}")

    def ask(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.terminate()
        self.process.communicate(timeout=20)
        return self.process.returncode

    def kill(self) -> None:
        """Pull the plug: the service and the crawl that it has begun."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def serving(config: Path) -> Iterator[Schedule]:
    schedule = Schedule(config)
    try:
        yield schedule
    finally:
        if schedule.process.poll() is None:
            schedule.kill()


@pytest.fixture
def site() -> Iterator[LiveSite]:
    with LiveSite(FIRST) as served:
        yield served


@pytest.fixture
def config(site: LiveSite, tmp_path: Path) -> Path:
    path = site.config(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + SERVED, encoding="utf-8")
    return path


def outcomes(config: Path) -> list[tuple[str | None, int]]:
    """Return how each crawl ended, and how many pages of it were read."""
    with Database.open(config.with_name("jobspider.db"), read_only=True) as database:
        return database.rows("SELECT outcome, pages_stored + pages_unchanged FROM crawls ORDER BY id")


def test_the_service_does_what_is_due_obeys_signals_and_is_alone(config: Path) -> None:
    with serving(config) as schedule:
        assert schedule.wait_for("crawl ended")["outcome"] == "complete"
        assert schedule.wait_for("delivery")["state"] == "sent"
        second = run("schedule", config=config)
        assert second.returncode == 4
        assert f"process {schedule.process.pid}, jobspider schedule since" in second.stderr

        whole = config.read_text(encoding="utf-8")
        config.write_text(whole.replace("daily 00:00", "1 00:00"), encoding="utf-8")
        schedule.ask(signal.SIGHUP)
        (mistake,) = schedule.wait_for("configuration kept")["mistakes"]
        assert mistake.startswith("config.toml: schedule.crawl: '1 00:00' is no schedule")
        config.write_text(whole.replace("jobspider.db", "other.db"), encoding="utf-8")
        schedule.ask(signal.SIGHUP)
        assert "takes a restart" in str(schedule.wait_for("configuration kept")["mistakes"])
        config.write_text(whole.replace("after crawl", "monthly 1 08:00"), encoding="utf-8")
        schedule.ask(signal.SIGHUP)
        assert set(schedule.wait_for("configuration read anew")["jobs"]) == {"crawl", "digest watch", "turn"}
        assert schedule.end() == 0
    with process_lock(config.with_name("jobspider.db"), "schedule", "a test"):
        pass


FAULTY = """
import sys
from alerts import cli; from alerts.service import service

def crawl_all(context):
    raise ZeroDivisionError

service.crawl_all = crawl_all
cli.main()
"""


def test_a_fault_of_this_program_ends_a_cycle_with_1_and_is_told_until_the_next_good_one(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + '[operator]\nchannel = "folder"\n', encoding="utf-8")
    told = config.parent / "out" / "digest.txt"
    faulty = subprocess.run(
        [sys.executable, "-c", FAULTY, "run", "--config", str(config)],
        cwd=PROJECT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (faulty.returncode, faulty.stderr.splitlines()[-1]) == (1, "ZeroDivisionError")
    assert told.read_text(encoding="utf-8").startswith("A fault of this program")
    assert run("run", config=config).returncode == 0
    assert told.read_text(encoding="utf-8").startswith("Over: A fault of this program")


@pytest.mark.parametrize("is_killed", [False, True], ids=["SIGTERM", "SIGKILL"])
def test_a_crawl_that_is_cut_off_is_gone_on_with(config: Path, site: LiveSite, is_killed: bool) -> None:  # noqa: FBT001 - a case
    with serving(config) as schedule:
        # The fourth page takes for ever.
        site.fault = lambda _: Answer(body=b"x" * 10_000, drip=1.0) if len(site.pages_asked) > 3 else None
        schedule.wait_for("crawl begins")
        while len(site.pages_asked) < 4:
            assert schedule.process.poll() is None
        if is_killed:
            schedule.kill()
        else:
            assert schedule.end() == 0
    asked = len(site.pages_asked)
    site.fault = None
    assert outcomes(config) == [(None, 0) if is_killed else ("interrupted", 3)]
    with serving(config) as schedule:
        assert schedule.wait_for("crawl ended")["outcome"] == "complete"
        assert schedule.wait_for("delivery")["state"] == "sent"
        assert schedule.end() == 0
    assert [outcome for outcome, _ in outcomes(config)] == ["interrupted", "complete"]
    assert len(site.pages_asked) == asked + 10 - 3, "what was read is not asked for again"
