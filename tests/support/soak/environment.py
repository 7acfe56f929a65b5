"""All that a service lives among: the clock, the site, the mail servers, the disk, and whoever kills it.

The whole world is one process in a mount namespace of its own, where the folder of the database is a small disk that
can truly be filled; the service is another one (:mod:`tests.support.soak.service_runs`).
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from threading import Lock
from typing import IO, Final

from alerts import config
from alerts.config import Config
from alerts.service.scheduler import ScheduleTrigger
from jobspider.errors import JobspiderError
from jobspider.site import urls
from tests.support.cli import environment
from tests.support.fake_site import PROJECT, Answer, LiveSite
from tests.support.mail_server import serving
from tests.support.soak.fault_plan import Plan
from tests.support.soak.faults import PASSWORD, Disk, Mail
from tests.support.soak.pages import page, watches
from tests.support.soak.service_runs import BORN, ORDER, REPORT, Order, Report
from tests.support.stored_pages import damaged

_AT_WORK: Final = (0, 1, 6, 7)
"""The hours, in UTC, at which it crawls and makes its digest."""
_WAYS: Final = ("reading the clock", "at a moment", "at a request", "at a mail")
"""How a process is killed: as it reads the clock, after some milliseconds, as its crawl asks the site, or when the mail
server has its mail but has not said so yet."""
_MOST_STRIKES: Final = 3
"""How often in a row, before one is let live."""
_WORK_SECONDS: Final = 0.25
"""About what a crawl takes."""
_RESTART: Final = timedelta(seconds=30)
"""As in deploy/jobspider.service."""
_CONFIG: Final = """
[site]
base_url = "{site}"
[crawl]
delay_seconds = 0
[store]
path = "disk/jobspider.db"
{watches}
[schedule]
timezone = "Europe/London"
crawl = "daily 01:30"
[[digest]]
name = "weekly"
when = "mon 07:30"
channels = ["team"]
[[channel]]
name = "team"
type = "email"
to = ["team@example.org"]
from = "jobs@example.org"
smtp = "smtp+starttls://jobs@127.0.0.1:{team}"
charts = false
[[channel]]
name = "operator"
type = "email"
to = ["operator@example.org"]
from = "jobs@example.org"
smtp = "smtp://127.0.0.1:{operator}"
charts = false
[operator]
channel = "operator"
min_free_mb = 8
"""


@dataclass(frozen=True)
class Letter:
    """A mail that arrived: when, by the simulated clock, and what it says, in one line."""

    at: datetime
    identity: str
    subject: str
    text: str


@dataclass(frozen=True)
class Held:
    """What a process of the service held at a moment of its life."""

    life: int
    at: datetime
    memory_kib: int
    files: int


@dataclass
class Record:
    """What came of it, as far as it does not stand in the database."""

    team: list[Letter] = field(default_factory=list)
    operator: list[Letter] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    disk: str = ""
    """Why there is no disk that can be filled, empty if there is one."""


def _nothing() -> None:
    """Kill nobody."""


class Keeper:
    """Starts the service, tells it to look what is due, and kills it."""

    def __init__(self, orders: IO[str], reports: IO[str]) -> None:
        self._orders, self._reports = orders, reports
        self._lock = Lock()
        self._is_aimed_at = self._was_struck = False
        self.lives = 0
        self.process = self._born(reports.readline())

    def _born(self, line: str) -> int:
        word, _, number = line.partition(" ")
        assert word == BORN, f"the service ended by itself: {line!r}"
        self.lives += 1
        return int(number)

    def look(self, order: Order, kill_after: float | None = None) -> Report | None:
        """Have it look what is due; return ``None`` where it was killed, after so many seconds or by something else."""
        with self._lock:
            self._is_aimed_at, self._was_struck = True, False
        self._orders.write(ORDER.dump_json(order).decode() + "\n")
        self._orders.flush()
        if kill_after is not None and not select.select([self._reports], [], [], kill_after)[0]:
            self.strike()
        line = self._reports.readline()
        with self._lock:
            self._is_aimed_at = False
        while self._was_struck and not line.startswith(BORN):
            line = self._reports.readline()
            assert line, "the service ended by itself"
        if line.startswith("{"):
            return REPORT.validate_json(line)
        self.process = self._born(line)
        return None

    def strike(self) -> None:
        """Kill the service as it looks, and the crawl that it has begun; who comes too late kills nobody."""
        with self._lock:
            if self._is_aimed_at:
                self._is_aimed_at, self._was_struck = False, True
                os.killpg(self.process, signal.SIGKILL)


@contextmanager
def keeping(path: Path, seed: int, trusted: Path) -> Iterator[Keeper]:
    """Keep the service inside; what it says on stderr, this process says."""
    command = [sys.executable, "-m", "tests.support.soak.service_runs", str(path), str(seed)]
    environ = environment(JOBSPIDER_TEAM_PASSWORD=PASSWORD.decode(), SSL_CERT_FILE=str(trusted))
    with subprocess.Popen(
        command, cwd=PROJECT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as lives:
        assert lives.stdin is not None
        assert lives.stdout is not None
        yield Keeper(lives.stdin, lives.stdout)
        lives.stdin.close()
        assert lives.wait() == 0


class Year:
    """What is lived through."""

    def __init__(self, plan: Plan, folder: Path, no_disk: str) -> None:
        self.plan, self.folder = plan, folder
        self.now = plan.begin
        self.chance = Random(plan.seed)  # noqa: S311 - chance that can be repeated
        self.mail, self.disk = Mail(folder), Disk(folder / "disk", self.chance)
        self.record = Record(disk=no_disk)
        self.disk.folder.mkdir()
        if not no_disk:
            self.disk.mount()
        self.keeper: Keeper | None = None
        self._requests_left = 0

    @property
    def config_path(self) -> Path:
        """Where config.toml is."""
        return self.folder / "config.toml"

    def answer(self, path: str) -> Answer | None:
        """Return the site's answer to a request; it may be the last that the one who asked lives to see."""
        self._requests_left -= 1
        if not self._requests_left and self.keeper is not None:
            self.keeper.strike()
        if self.now in self.plan.faults.site_down:
            return Answer(body=b"the beginning of a page", cut=3)
        try:
            subject = urls.parse_subject_url(path)
        except JobspiderError:
            return None
        body = page(subject, self.plan.as_of(self.now.date()))
        return Answer(body=damaged(body) if self.now in self.plan.faults.layout else body)

    def live(self) -> None:
        """Let the service run to the end: woken at its hours and every turn, started anew whenever it is killed."""
        with ExitStack() as stack:
            site = stack.enter_context(LiveSite(fault=self.answer))
            ports = {
                "team": stack.enter_context(serving(self.mail.team, starttls=self.mail.tls)),
                "operator": stack.enter_context(serving(self.mail.operator)),
            }
            settings = _CONFIG.format(site=site.base_url, watches=watches(site.base_url), **ports)
            self.config_path.write_text(settings, encoding="utf-8")
            self.keeper = stack.enter_context(keeping(self.config_path, self.plan.seed, self.mail.trusted))
            for moment in self._wakings(config.load(self.config_path)):
                self.now = moment
                self._weather()
                self._wake(self.keeper)
                self._collect()

    def _wakings(self, loaded: Config) -> Iterator[datetime]:
        """Yield the moments at which APScheduler would fire, with the triggers that it is given."""
        hours = [loaded.schedule.due, *(each.schedule for each in loaded.digest)]
        triggers = [ScheduleTrigger(when, loaded.schedule.zone) for when in hours]
        now = self.plan.begin
        while now < self.plan.end:
            turn = now + self.plan.turn - (now - now.replace(hour=0, minute=0)) % self.plan.turn
            now = min(turn, *(trigger.get_next_fire_time(None, now) or turn for trigger in triggers))
            if now not in self.plan.faults.asleep:
                yield now

    def _weather(self) -> None:
        self.mail.behave(self.plan, self.now)
        if not self.record.disk:
            self.disk.behave(self.plan, self.now)
        database, aside = self.disk.folder / "jobspider.db", self.disk.folder / "aside.db"
        is_gone = self.now in self.plan.faults.database_gone
        if is_gone and not aside.exists():
            database.rename(aside)
            database.write_bytes(b"this is no database " * 1000)
        elif not is_gone and aside.exists():
            aside.replace(database)

    def _wake(self, keeper: Keeper) -> None:
        strikes = _MOST_STRIKES if self.now.date() in self.plan.faults.kills and self.now.hour in _AT_WORK else 0
        while (report := self._look(keeper, is_struck=strikes > 0)) is None:
            strikes -= 1
            self.now += _RESTART
        self.record.held.append(Held(keeper.lives, self.now, report.memory_kib, report.files))

    def _look(self, keeper: Keeper, *, is_struck: bool) -> Report | None:
        """Have the service look what is due; return ``None`` if it was killed over that."""
        way = self.chance.choice(_WAYS) if is_struck else ""
        fuse = self.chance.randrange(12) if way == "reading the clock" else None
        kill_after = self.chance.uniform(0, _WORK_SECONDS) if way == "at a moment" else None
        self._requests_left = self.chance.randint(1, 5) if way == "at a request" else 0
        self.mail.team.taken = keeper.strike if way == "at a mail" else _nothing
        order = Order(self.now, fuse, self.plan.starts_a_command(self.now.date()))
        report = keeper.look(order, kill_after)
        self._requests_left, self.mail.team.taken = 0, _nothing
        if report is None:
            assert way, "it was killed, but by nobody"
            self.record.kills.append(way)
        return report

    def _collect(self) -> None:
        for letters, manners in ((self.record.team, self.mail.team), (self.record.operator, self.mail.operator)):
            while manners.received:
                envelope = manners.received.pop(0)
                message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
                body = message.get_body(("plain",))
                text = " ".join(body.get_content().split()) if body else ""
                letters.append(Letter(self.now, str(message["Message-ID"]), str(message["Subject"]), text))
