"""What came of a time that was lived through, against what its faults left possible."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from alerts import config
from alerts.config import Config
from alerts.delivery.outbox import Outbox
from alerts.model.delivery import Delivery
from jobspider.store.database import Database
from tests.support.soak.environment import Held, Letter, Record, Year
from tests.support.soak.fault_plan import Faults, Plan, Span

_UNDELIVERED = "The digest weekly could not be delivered to team"
_DELIVERED = "The digest weekly is delivered to team again"
_UNUSABLE = "The database cannot be used"
TOLD = {
    "site_down": ("The crawl failed", "fetch failed"),
    "layout": ("The site's layout has changed", "were not understood"),
    "source_still": ("The site brings no new figures", "days ago"),
    "mail_down": (_UNDELIVERED, "451"),
    "login_refused": (_UNDELIVERED, "535"),
    "certificate_wrong": (_UNDELIVERED, "certificate"),
    "disk_low": ("The disk is nearly full", "MB are left"),
    "disk_full": (_UNUSABLE, "disk is full|No space left|written to the disk"),
    "database_gone": (_UNUSABLE, "not a SQLite database"),
}
"""What the operator reads of each fault: the headline, and something of the reason."""
_LATE = timedelta(days=1)
"""So long after a fault its end must have been told: crawls come once a day, further tries at least every six hours."""
_WARM = timedelta(days=8)
"""A process that is so old has done everything once."""


@dataclass(frozen=True)
class Story:
    """When the operator was told of a fault, and when that it was over; each must have been once."""

    fault: str
    told: list[datetime]
    closed: list[datetime]

    @property
    def is_good(self) -> bool:
        """Whether it was told once, and then closed once."""
        return len(self.told) == len(self.closed) == 1 and self.told < self.closed


@dataclass(frozen=True)
class Growth:
    """What a process of the service held when it had done everything once, and at the end of its life."""

    early: Held
    late: Held


@dataclass(frozen=True)
class Verdict:
    """What a soak came to. Every list of what is missing, double or unexpected is empty when all went as it must."""

    days: int
    crawls: int
    commands: int
    snapshots: int
    missing_snapshots: list[str]
    doubled_snapshots: list[str]
    digests: int
    missing_digests: list[str]
    deliveries: dict[str, int]
    unsent: list[str]
    mails: int
    repeats: int
    kills: dict[str, int]
    stories: list[Story]
    unexpected: list[str]
    growths: list[Growth]
    disk: str
    """Why there was no disk that could be filled, empty if there was one."""
    damage: list[str]

    @property
    def is_good(self) -> bool:
        """Whether nothing is missing, nothing is there twice, and each problem was told once and closed once."""
        wrong = (
            self.missing_snapshots
            or self.doubled_snapshots
            or self.missing_digests
            or self.unsent
            or self.unexpected
            or self.damage
        )
        is_told = all(story.is_good for story in self.stories)
        return not wrong and is_told and self.repeats <= sum(self.kills.values())


def judge(year: Year) -> Verdict:
    """Compare what is in the database and in the mailboxes with what the faults left possible."""
    plan, record, loaded = year.plan, year.record, config.load(year.config_path)
    with Database.open(loaded.database_path) as database:
        stored = Counter(
            (f"{job_type}/{region}", as_of)
            for job_type, region, as_of in database.rows(
                "SELECT job_type, region, as_of FROM snapshots JOIN subjects ON subjects.id = subject_id"
            )
        )
        occasions = {due for name, due in database.rows("SELECT name, due FROM digests") if name == "weekly"}
        crawls = [date.fromisoformat(at[:10]) for (at,) in database.rows("SELECT started_at FROM crawls")]
        deliveries = Outbox(database).deliveries()
        damage = [str(row) for row in database.rows("PRAGMA integrity_check") if row != ("ok",)]
        damage += [str(row) for row in database.rows("PRAGMA foreign_key_check")]
    expected = _readable(plan, loaded)
    stories = list(_stories(plan, record))
    told = sum(len(story.told) + len(story.closed) for story in stories)
    letters = _once(record.operator)
    return Verdict(
        days=plan.days,
        crawls=len(crawls),
        commands=sum(plan.starts_a_command(day) for day in crawls),
        snapshots=len(stored),
        missing_snapshots=sorted(map(str, expected - stored.keys())),
        doubled_snapshots=sorted(str(key) for key, count in stored.items() if count > 1),
        digests=len(occasions),
        missing_digests=[due for due in _mondays(plan, loaded.schedule.zone) if due not in occasions],
        deliveries=dict(Counter(f"{_kind(each)} {each.state}" for each in deliveries)),
        unsent=[f"{each.digest_name} {each.created_at} {each.state}" for each in deliveries
                if each.state.value not in ("sent", "superseded")],
        mails=len(record.team),
        repeats=len(record.team) - len(_once(record.team)),
        kills=dict(Counter(record.kills)),
        stories=stories,
        unexpected=[] if told == len(letters) else [f"{letter.at} {letter.subject}" for letter in letters],
        growths=list(_growths(record)),
        disk=record.disk,
        damage=damage,
    )  # fmt: skip


def _readable(plan: Plan, loaded: Config) -> set[tuple[str, str]]:
    days = (plan.begin.date() + timedelta(days=day) for day in range(plan.days))
    dates = {plan.as_of(day) for day in days if _could_be_read(plan.faults, day)}
    return {(f"{each.job_type}/{each.region}", day.isoformat()) for each in loaded.subjects() for day in dates}


def _could_be_read(faults: Faults, day: date) -> bool:
    """Tell whether the service was awake late on a day on which the site was well: faults begin and end at midnight."""
    noon, evening = (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in (12, 23))
    return evening not in faults.asleep and noon not in faults.site_down and noon not in faults.layout


def _mondays(plan: Plan, zone: ZoneInfo) -> Iterator[str]:
    """Yield the weekly digest's occasions, but for those of which another came before anybody was awake."""
    asleep = plan.faults.asleep
    for number in range(plan.days):
        day = plan.begin.date() + timedelta(days=number)
        due = datetime(day.year, day.month, day.day, 7, 30, tzinfo=zone)
        week = Span(due.astimezone(UTC), due.astimezone(UTC) + timedelta(weeks=1))
        slept_over = asleep.begin <= week.begin and week.end <= asleep.end
        if day.weekday() == 0 and not slept_over:
            yield due.isoformat()


def _stories(plan: Plan, record: Record) -> Iterator[Story]:
    letters = _once(record.operator)
    for fault, (headline, reason) in TOLD.items():
        span: Span = getattr(plan.faults, fault)
        if span.begin >= plan.end or (record.disk and fault.startswith("disk")):
            continue
        over = _DELIVERED if headline == _UNDELIVERED else f"Over: {headline}"
        near = [letter for letter in letters if letter.at in Span(span.begin, span.end + _LATE)]
        told = [each.at for each in near if each.subject == headline and re.search(reason, each.text, re.IGNORECASE)]
        yield Story(fault, told, [each.at for each in near if each.subject == over])


def _once(letters: list[Letter]) -> list[Letter]:
    """Leave out what came again under the same Message-ID."""
    return list({letter.identity: letter for letter in reversed(letters)}.values())[::-1]


def _growths(record: Record) -> Iterator[Growth]:
    for _, life in groupby(record.held, key=lambda each: each.life):
        held = list(life)
        warm = [each for each in held if each.at - held[0].at >= _WARM]
        if warm and warm[-1].at - warm[0].at >= timedelta(days=2):
            yield Growth(warm[0], warm[-1])


def _kind(delivery: Delivery) -> str:
    return "operator" if delivery.digest_name.startswith("operator.") else "digest"
