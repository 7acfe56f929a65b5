"""Lives of the service, one after another: who is killed is followed by the next, as under systemd.

Run as a program it forks each from a process that has everything imported, so that a start costs no second. It says
``born`` and its process's id on stdout for each, then takes an :class:`Order` a line on stdin and answers with a
:class:`Report`. A life ends when there are no more orders, or with the SIGKILL that somebody sends to its process
group: the service and the crawl that it has begun.
"""

import gc
import os
import signal
import sys
import time
import traceback
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import IO, Final, NoReturn

# Imported once, though not used here: Scrapy would load them in each crawl.
import scrapy.core.downloader.contextfactory
import scrapy.core.downloader.handlers.http11  # noqa: F401 - as said above
import time_machine
from pydantic import TypeAdapter

import jobspider.scraping.http_cache
import jobspider.scraping.shutdown  # noqa: F401 - as said above
from alerts import config
from alerts.errors import CycleError
from alerts.service.context import ServiceContext
from alerts.service.crawl_process import Spider, run_crawl_process
from alerts.service.service import Service
from jobspider import crawl
from jobspider.model import CrawlRecord
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.fake_site import PROJECT

BORN: Final = "born"
"""With it begins the line that says that a new life has begun."""
CLOCK: Final = PROJECT / "tests" / "support" / "soak" / "clock"


@dataclass(frozen=True)
class Order:
    """Look what is due.

    ``fuse`` is how often the clock may be read before that kills the process, ``None`` if it never does;
    ``is_command``: a crawl is started as ``python -m jobspider.crawl``, and not forked.
    """

    now: datetime
    fuse: int | None = None
    is_command: bool = False


@dataclass(frozen=True)
class Report:
    """It was done; ``memory_kib`` and ``files`` are what the process holds then."""

    memory_kib: int
    files: int


ORDER: Final = TypeAdapter(Order)
REPORT: Final = TypeAdapter(Report)


@dataclass
class Life:
    """One process of the service."""

    order: Order = field(init=False)
    now: datetime = field(init=False)
    fuse: int | None = None

    def clock(self) -> datetime:
        """Return the present; it may be the last thing that the process does."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.now

    def crawl(self, context: ServiceContext, spider: Spider) -> CrawlRecord:
        """Crawl in a process of its own, whose clock goes on from the service's."""
        began = time.monotonic()
        try:
            how = self._command if self.order.is_command else _forked
            return how(context, spider, self.now)
        finally:
            self.now += timedelta(seconds=time.monotonic() - began)

    def _command(self, context: ServiceContext, spider: Spider, now: datetime) -> CrawlRecord:
        environ = {**context.environ, "PYTHONPATH": f"{CLOCK}:{PROJECT}", "SOAK_CLOCK": str(now.timestamp())}
        return run_crawl_process(context.config, context.config_path, environ, spider, context.stop_event.is_set)

    def live(self, path: Path, seed: str, orders: IO[str], reports: IO[str]) -> None:
        """Do as ordered."""
        jitter = Random(seed)  # noqa: S311 - chance that can be repeated
        service = Service(
            ServiceContext(config.load(path), path, os.environ, self.clock, jitter, lambda _: None, self.crawl)
        )
        for line in orders:
            self.order = ORDER.validate_json(line)
            self.now, self.fuse = self.order.now, self.order.fuse
            service.run_pending()
            self.fuse = None
            reports.write(REPORT.dump_json(_held()).decode() + "\n")
            reports.flush()


def _forked(context: ServiceContext, spider: Spider, now: datetime) -> CrawlRecord:
    token = uuid.uuid4().hex
    child = os.fork()
    if not child:
        code = 1
        try:
            with time_machine.travel(now, tick=True):
                code = crawl.main(["--config", str(context.config_path), "--token", token, "--spider", spider])
        finally:
            # Not sys.exit: that would run on into the life that it was forked from.
            sys.stderr.flush()
            os._exit(code)
    os.waitpid(child, 0)
    with Database.open(context.config.database_path) as database:
        outcome = Reader(database).crawl(token)
    if outcome is None:
        raise CycleError("the crawl did not start")
    return outcome


def _held() -> Report:
    gc.collect(1)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return Report(memory, sum(1 for _ in Path("/proc/self/fd").iterdir()))


def _run(path: Path, seed: str, breath: int) -> NoReturn:
    code = 1
    try:
        os.setsid()
        reports = os.fdopen(os.dup(1), "w")
        # Whatever a life starts holds its stdout: who reads from there learns when the last of them is dead.
        os.dup2(breath, 1)
        os.close(breath)
        Life().live(path, seed, sys.stdin, reports)
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def main(path: Path, seed: str) -> int:
    """Fork lives until one ends by itself; return its exit code."""
    number = 0
    while True:
        number += 1
        last_breath, breath = os.pipe()
        child = os.fork()
        if not child:
            os.close(last_breath)
            _run(path, f"{seed}.{number}", breath)
        os.close(breath)
        sys.stdout.write(f"{BORN} {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        while os.read(last_breath, 1024):
            pass
        os.close(last_breath)
        if (code := os.waitstatus_to_exitcode(status)) != -signal.SIGKILL:
            return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
