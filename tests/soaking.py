"""A year of the service in minutes: a simulated clock, bundled pages redated to each day, real mail servers, faults.

Everything is the real thing but the clock, Scrapy (pages are read and stored in this process) and the waiting.
"""

import gc
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts import config
from alerts.child import Spider
from alerts.errors import CycleError
from alerts.jobs import House
from alerts.model import Delivery
from alerts.outbox import Outbox
from alerts.scheduler import Hours
from alerts.service import Service
from jobspider import addresses, pages
from jobspider.crawl import Order, Wanted, finish, new_token, running
from jobspider.errors import JobspiderError, PageError
from jobspider.model import Capture, CrawlOutcome, FetchStatus, Subject
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.writer import Writer
from tests.alerts.channels.mailserver import OK, Manners, serving
from tests.keptpages import bodies, damaged
from tests.livesite import FIRST, SECOND

_NAMES: Final = ("jobs/uk", "jobs/north west", "jobs/west midlands", "contracts/uk")
WATCHES: Final = "".join(
    f'[[watch]]\nurl = "{addresses.SITE}/{quote(name)}/backend%20developer.do"\n' for name in _NAMES
)
_SAVED: Final = (date(2025, 11, 16), date(2025, 11, 23))
_AT_WORK: Final = (0, 1, 6, 7)
"""The hours, in UTC, at which it crawls and makes its digest."""
_BUSY: Final = "451 4.3.2 come back later"
_CONFIG: Final = """
[site]
base_url = "http://127.0.0.1:9"
[store]
path = "jobspider.db"
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
smtp = "smtp://127.0.0.1:{team}"
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
"""


class Killed(BaseException):
    """The end of a process, at any line."""


@dataclass(frozen=True)
class Span:
    """From one moment until before another, in UTC."""

    begin: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end


@dataclass(frozen=True)
class Faults:
    """What goes wrong, and when. ``kills`` are days on which the process is killed, somewhere, as it does its work."""

    site_down: Span
    mail_down: Span
    asleep: Span
    layout: Span
    disk_full: Span
    database_gone: Span
    kills: tuple[date, ...]


_NEVER: Final = Span(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
NONE: Final = Faults(_NEVER, _NEVER, _NEVER, _NEVER, _NEVER, _NEVER, ())


@dataclass
class World:
    """The clock, the site, the machine and what came in by mail."""

    folder: Path
    faults: Faults
    chance: random.Random
    now: datetime
    turn: timedelta = timedelta(hours=1)
    team: Manners = field(default_factory=Manners)
    operator: Manners = field(default_factory=Manners)
    kills: int = 0
    samples: list[tuple[int, int]] = field(default_factory=list)
    _fuse: int | None = None
    _pages: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)

    def clock(self) -> datetime:
        """Return the present; on a day of killing, it may be the last that is heard of the process."""
        if self._fuse is not None:
            self._fuse -= 1
            if self._fuse < 0:
                self._fuse = None
                self.kills += 1
                raise Killed
        return self.now

    def page(self, subject: Subject, day: date) -> bytes:
        """Return a page as of a day: this week's figures or last week's, in turn."""
        week = day.isocalendar().week % 2
        body, saved = self._saved(subject)[week], _SAVED[week]
        for form in ("{0:%Y-%m-%d}", "{0.day} {0:%b} {0:%Y}", "{0.day} {0:%B} {0:%Y}", "{0:%A}"):
            body = body.replace(form.format(saved).encode(), form.format(day).encode())
        return body

    def _saved(self, subject: Subject) -> tuple[bytes, bytes]:
        if subject.key not in self._pages:
            first, second = bodies(FIRST), bodies(SECOND)
            self._pages[subject.key] = (first[subject], second[subject])
        return self._pages[subject.key]

    def crawl(self, house: House, spider: Spider) -> CrawlOutcome:
        """Crawl in this process, as the child would."""
        del spider
        order = Order(new_token(), wanted=Wanted.CONTINUED)
        try:
            with running(house.config, order, self.clock) as run:
                if self.now in self.faults.disk_full:
                    run.database.connection.execute("PRAGMA max_page_count = 1")
                for planned in run.pending:
                    assert planned.subject is not None
                    self._fetch(Writer(run.database), run.crawl_id, planned.url, planned.subject)
                return finish(run)
        except JobspiderError as error:
            with Database.open(house.config.database_path) as database:
                outcome = Reader(database).crawl(order.token)
            if outcome is None:
                raise CycleError(str(error)) from error
            return outcome

    def _fetch(self, writer: Writer, crawl_id: int, url: str, subject: Subject) -> None:
        at = self.clock()
        if at in self.faults.site_down:
            writer.record_failure(crawl_id, url, FetchStatus.FETCH_FAILED, "no answer", None, at)
            return
        body = self.page(subject, at.date())
        if at in self.faults.layout:
            body = damaged(body)
        capture = Capture(url, body, sha256(body).hexdigest(), at)
        try:
            page = pages.accept(pages.read_page(body, url))
        except PageError as error:
            writer.record_failure(crawl_id, url, error.status, error.reason, 200, at, capture)
        else:
            writer.store_page(crawl_id, url, page, capture, pages.PARSER_VERSION, 200)

    def free_bytes(self, path: Path) -> int:
        """Return how much space is left."""
        del path
        return 1_000_000 if self.now in self.faults.disk_full else 10_000_000_000

    def _weather(self) -> None:
        self.team.data = _BUSY if self.now in self.faults.mail_down else OK
        database, aside = self.folder / "jobspider.db", self.folder / "aside.db"
        is_gone = self.now in self.faults.database_gone
        if is_gone and not aside.exists():
            database.rename(aside)
            database.write_bytes(b"this is no database " * 1000)
        elif not is_gone and aside.exists():
            aside.replace(database)

    def live(self, until: datetime) -> None:
        """Let the service run until a moment: woken at its hours and every turn, started anew whenever it is killed."""
        path = self.folder / "config.toml"
        house = House(config.load(path), path, {}, self.clock, self.chance, lambda _: None, self.crawl, self.free_bytes)
        service = Service(house)
        for moment in self._wakings(house, until):
            self.now = moment
            self._weather()
            if moment.date() in self.faults.kills and moment.hour in _AT_WORK:
                self._fuse = self.chance.randrange(16)
            try:
                service.tend()
            except Killed:
                service = Service(house)
            self._fuse = None
            if moment.hour == 12:
                self._measure()

    def _wakings(self, house: House, until: datetime) -> Iterator[datetime]:
        """Yield the moments at which APScheduler would fire, with the triggers that it is given."""
        schedule = house.config.schedule
        hours = [schedule.due, *(each.due for each in house.config.digest)]
        triggers = [Hours(when, schedule.zone) for when in hours]
        now = self.now
        while now < until:
            turn = now + self.turn - (now - now.replace(hour=0, minute=0)) % self.turn
            now = min(turn, *(trigger.get_next_fire_time(None, now) or turn for trigger in triggers))
            if now not in self.faults.asleep:
                yield now

    def _measure(self) -> None:
        gc.collect()
        status = Path("/proc/self/status")
        if status.exists():
            found = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            self.samples.append((int(found.split()[1]), len(os.listdir("/proc/self/fd"))))  # noqa: PTH208 - names alone


TOLD_ONCE: Final = {
    subject: 1
    for headline in (
        "The crawl failed",
        "The site's layout has changed",
        "The disk is nearly full",
        "The database cannot be used",
    )
    for subject in (headline, f"Over: {headline}")
} | {
    "The digest weekly could not be delivered to team": 1,
    "The digest weekly is delivered to team again": 1,
}
"""What the operator is to read of the faults, each once."""


@dataclass(frozen=True)
class Verdict:
    """What a soak came to. Every list is empty when all went as it must."""

    days: int
    crawls: int
    snapshots: int
    digests: int
    deliveries: Counter[str]
    mails: int
    repeats: int
    kills: int
    told: Counter[str]
    missing_snapshots: list[str]
    doubled_snapshots: list[str]
    missing_digests: list[str]
    unsent: list[str]
    samples: list[tuple[int, int]]

    @property
    def is_good(self) -> bool:
        """Whether nothing is missing, nothing is there twice, and each problem was told once and closed once."""
        wrong = self.missing_snapshots or self.doubled_snapshots or self.missing_digests or self.unsent
        return not wrong and self.told == TOLD_ONCE and self.repeats <= self.kills


def judge(world: World, begin: datetime) -> Verdict:
    """Compare what is in the database and in the mailboxes with what the faults left possible."""
    loaded = config.load(world.folder / "config.toml")
    with Database.open(loaded.database_path) as database:
        stored = Counter(
            (f"{job_type}/{region}", as_of)
            for job_type, region, as_of in database.rows(
                "SELECT job_type, region, as_of FROM snapshots JOIN subjects ON subjects.id = subject_id"
            )
        )
        occasions = {due for name, due in database.rows("SELECT name, due FROM digests") if name == "weekly"}
        ((crawls,),) = database.rows("SELECT count(*) FROM crawls")
        deliveries = Outbox(database).deliveries()
    days = [begin.date() + timedelta(days=day) for day in range((world.now - begin).days)]
    readable = [day for day in days if _could_be_read(world.faults, day)]
    expected = {(f"{each.job_type}/{each.region}", day.isoformat()) for each in loaded.subjects() for day in readable}
    notices = {_subject_of(each.original_content or b"") for each in world.operator.received}
    mails = [_subject_of(each.original_content or b"") for each in world.team.received]
    return Verdict(
        days=len(days),
        crawls=crawls,
        snapshots=len(stored),
        digests=len(occasions),
        deliveries=Counter(f"{_kind(each)} {each.state}" for each in deliveries),
        mails=len(mails),
        repeats=len(mails) - len({identity for identity, _ in mails}),
        kills=world.kills,
        told=Counter(subject for _, subject in notices),
        missing_snapshots=sorted(map(str, expected - stored.keys())),
        doubled_snapshots=sorted(str(key) for key, count in stored.items() if count > 1),
        missing_digests=[due for due in _mondays(world.faults, loaded.schedule.zone, days) if due not in occasions],
        unsent=[f"{each.digest_name} {each.created_at} {each.state}" for each in deliveries
                if each.state.value not in ("sent", "superseded")],
        samples=world.samples,
    )  # fmt: skip


def _could_be_read(faults: Faults, day: date) -> bool:
    """Tell whether the service was awake late on a day on which the site was well: faults begin and end at midnight."""
    noon, evening = (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in (12, 23))
    return evening not in faults.asleep and noon not in faults.site_down and noon not in faults.layout


def _mondays(faults: Faults, zone: ZoneInfo, days: list[date]) -> Iterator[str]:
    """Yield the weekly digest's occasions, but for those of which another came before anybody was awake."""
    for day in days:
        due = datetime(day.year, day.month, day.day, 7, 30, tzinfo=zone)
        week = Span(due.astimezone(UTC), due.astimezone(UTC) + timedelta(weeks=1))
        slept_over = faults.asleep.begin <= week.begin and week.end <= faults.asleep.end
        if day.weekday() == 0 and not slept_over:
            yield due.isoformat()


def _subject_of(mail: bytes) -> tuple[str, str]:
    message = message_from_bytes(mail, policy=policy.default)
    return str(message["Message-ID"]), str(message["Subject"])


def _kind(delivery: Delivery) -> str:
    return "operator" if delivery.digest_name.startswith("operator.") else "digest"


def soak(folder: Path, begin: datetime, days: int, faults: Faults, turn: timedelta, seed: int) -> Verdict:
    """Live through so many days from ``begin``, a midnight in UTC, and say what came of it.

    The service looks for what is due every minute; every ``turn`` is enough to see that it does, in less time.
    """
    world = World(folder, faults, random.Random(seed), begin, turn)  # noqa: S311 - chance that can be repeated
    with serving(world.team) as team, serving(world.operator) as operator:
        (folder / "config.toml").write_text(
            _CONFIG.format(watches=WATCHES, team=team, operator=operator), encoding="utf-8"
        )
        world.live(begin + timedelta(days=days))
    return judge(world, begin)
