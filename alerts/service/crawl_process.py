"""A crawl in a process of its own: started, waited for, ended at its deadline, and judged by the database."""

import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from alerts.config import Config
from alerts.errors import CycleError
from jobspider.model import CrawlRecord
from jobspider.store.database import Database
from jobspider.store.reader import Reader

Spider = Literal["roles", "market"]

_GRACE: Final = timedelta(minutes=5)
"""A crawl stops by itself at crawl.timeout_minutes; so much later its process is ended."""
_TIME_TO_STOP: Final = timedelta(seconds=15)
"""How long a crawl that was told to end may take to store what it has."""
_LOOK_SECONDS: Final = 0.2
"""How often it is asked whether the crawl is still wanted."""


def run_crawl_process(
    config: Config, config_path: Path, environ: Mapping[str, str], spider: Spider, is_stopping: Callable[[], bool]
) -> CrawlRecord:
    """Crawl everything of one kind that is watched in a process of its own, and judge it by the database.

    Args:
        config: What to obey.
        config_path: The file that it came from.
        environ: The process's environment.
        spider: Which pages.
        is_stopping: Whether the crawl is to be ended now.

    Raises:
        CycleError: The crawl did not get as far as its ledger.
    """
    token = uuid.uuid4().hex
    deadline = timedelta(minutes=config.crawl.timeout_minutes) + _GRACE
    command = [sys.executable, "-m", "jobspider.crawl", "--token", token, "--spider", spider]
    command += ["--config", str(config_path)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stderr=subprocess.PIPE, text=True, env=dict(environ)
    ) as child:
        said = _wait(child, monotonic() + deadline.total_seconds(), is_stopping)
    outcome = _outcome(config.database_path, token)
    if outcome is None:
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise CycleError(f"the crawl did not start (exit code {child.returncode}): {last[0]}")
    return outcome


def _outcome(path: Path, token: str) -> CrawlRecord | None:
    if not path.exists():
        return None
    with Database.open(path) as database:
        return Reader(database).crawl(token)


def _wait(child: "subprocess.Popen[str]", deadline: float, is_stopping: Callable[[], bool]) -> str:
    """Return what the child wrote to stderr; end it at its deadline, when it is not wanted any more, and with us."""
    try:
        while True:
            try:
                return child.communicate(timeout=_LOOK_SECONDS)[1]
            except subprocess.TimeoutExpired:
                if is_stopping():
                    return _terminate(child)
                if monotonic() >= deadline:
                    child.kill()
    except BaseException:
        # Interrupted ourselves: the child stores what it has and goes.
        child.send_signal(signal.SIGTERM)
        raise


def _terminate(child: "subprocess.Popen[str]") -> str:
    """Ask a child to end, and see to it that it does."""
    child.send_signal(signal.SIGTERM)
    try:
        return child.communicate(timeout=_TIME_TO_STOP.total_seconds())[1]
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[1]
