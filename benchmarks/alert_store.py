"""Simulated pages told through the real store, comparison, rules and outbox, week by week."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.config import DigestConfig
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.digests.builder import DigestBuilder
from alerts.model.changes import Baseline, Digest
from benchmarks.admarket import RISING, Page, Truth
from benchmarks.alert_series import PAY, Told, as_of, middle
from jobspider.model import Capture, CrawlResult, JobType, PlannedPage, RolePage, SnapshotInfo, Subject, SubjectNames
from jobspider.site.urls import subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader

CHANNEL: Final = "folder"
OTHERS: Final = ("rank", "vacancies", "skills")


@dataclass(frozen=True, slots=True)
class Line:
    """What was told of a subject in a week: pay or another family of figures, the item, and whether it rose."""

    number: int
    week: int
    family: str
    item: str | None
    rose: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """A digest, and whether it takes the last crawl for what was told, as change monitors do."""

    digest: DigestConfig
    forgets: bool = False


def run(quotes: int, truth: Sequence[Truth], weeks: int, seed: str, tellers: Sequence[Teller]) -> list[list[Line]]:
    """Let every teller tell of the same subjects for so many weeks; return what each told."""
    found: list[list[Line]] = [[] for _ in tellers]
    with TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")  # how fast the disk is does not matter here
        source = _Source(database, quotes, truth, seed)
        before: tuple[SnapshotInfo, ...] = ()
        for week in range(weeks):
            at = source.publish(week)
            for lines, each in zip(found, tellers, strict=True):
                lines.extend(_lines(_tell(database, source.subjects, each, before, at), week))
            before = Reader(database).latest_snapshots()
    return found


def of_pay(lines: Sequence[Line]) -> list[Told]:
    """Return what was told of pay."""
    return [Told(each.number, each.week, each.rose) for each in lines if each.family == "pay"]


def false_of(lines: Sequence[Line], truth: Sequence[Truth], weeks: int) -> Mapping[str, float]:
    """Return the alerts a subject-year about other figures than pay, where nothing had happened to them."""
    false: dict[str, int] = defaultdict(int)
    years = dict.fromkeys(OTHERS, 0.0)
    innocent = {
        (number, family): each.at if (each.kind, family) == ("skill", "skills") else weeks
        for number, each in enumerate(truth)
        for family in OTHERS
    }
    for (_, family), until in innocent.items():
        years[family] += until / 52
    for line in lines:
        if line.week < innocent.get((line.number, line.family), 0):
            false[line.family] += 1
    return {family: false[family] / years[family] for family in OTHERS}


def skill_delay(lines: Sequence[Line], truth: Sequence[Truth]) -> float | None:
    """Return the median weeks until a rising skill was told, ``None`` if most never were."""
    risen = [number for number, each in enumerate(truth) if each.kind == "skill"]
    told = {number: [each for each in lines if each.number == number and each.item == RISING] for number in risen}
    return middle(
        [
            next((each.week - truth[number].at for each in told[number] if each.week >= truth[number].at), None)
            for number in risen
        ]
    )


class _Source:
    """A database that is filled weekly with the pages of simulated subjects of one size."""

    def __init__(self, database: Database, quotes: int, truth: Sequence[Truth], seed: str) -> None:
        self._writer = Writer(database)
        self.subjects = tuple(
            Subject(JobType.PERMANENT, "north west", f"term {number:03}") for number in range(len(truth))
        )
        self._pages = [Page(each, quotes, f"{seed} {number}") for number, each in enumerate(truth)]

    def publish(self, week: int) -> datetime:
        """Store a crawl of every subject and return when it began."""
        day = as_of(week)
        at = datetime.combine(day, time(6, 30), UTC)
        plan = [PlannedPage(subject_url(subject), subject) for subject in self.subjects]
        crawl_id = self._writer.begin_crawl(f"week {week}", "roles", at, "0", plan)
        for planned, subject, page in zip(plan, self.subjects, self._pages, strict=True):
            body = f"{subject.term} {week}".encode()
            names = SubjectNames(subject.term.title(), "role", "Job Titles", "North West", "England")
            read = RolePage(planned.url, subject, names, day, (day.year, day.year - 1, day.year - 2), page.next())
            capture = Capture(planned.url, body, sha256(body).hexdigest(), at)
            self._writer.store_page(crawl_id, planned.url, read, capture, 1, 200)
        self._writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
        return at


def _tell(
    database: Database, subjects: tuple[Subject, ...], who: Teller, before: tuple[SnapshotInfo, ...], at: datetime
) -> Digest:
    """Build a digest and send it."""
    outbox, name = Outbox(database), who.digest.name
    editor = DigestBuilder(Reader(database), who.digest, subjects, at)
    if who.forgets:
        return editor.build({(head.subject_id, PAY): _last(head, at) for head in before}, at)
    digest = editor.build(outbox.baselines(name, CHANNEL), at)
    if not digest.is_empty:
        outbox.queue(name, at.isoformat(), at, [OutboxEntry(CHANNEL, digest, b"")])
        for delivery in outbox.due(at):
            outbox.mark_sent(delivery.delivery_id, at, "")
    return digest


def _last(head: SnapshotInfo, at: datetime) -> Baseline:
    return Baseline(head.snapshot_id, head.content_id, head.as_of, at, head.parser_version)


def _lines(digest: Digest, week: int) -> Iterator[Line]:
    """Yield what a digest tells; the percentiles of one pay are one alert."""
    for group in digest.groups:
        number = int(group.snapshot.subject.term.removeprefix("term "))
        seen = set()
        for line in group.lines:
            change = line.change
            family = change.topic.partition("/")[0]
            if (family, change.item) not in seen:
                seen.add((family, change.item))
                yield Line(number, week, family, change.item, (change.difference or 0) > 0)
