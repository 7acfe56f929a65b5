"""What a digest would have told: its rules and its noise model on the stored past, through the real engine.

Nothing is written: what its recipient would have been told is kept in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.config import Config, DigestConfig
from alerts.digests.builder import DigestBuilder
from alerts.model.changes import AssessedChange, Baseline, ChangeKind, Digest
from alerts.model.delivery import Baselines
from alerts.model.topics import Topic
from jobspider.model import SnapshotInfo
from jobspider.store.database import Database
from jobspider.store.reader import Reader

SHORTEST: Final = timedelta(weeks=4)
"""Over less time than that, one digest more or less would double a rate or halve it."""
_YEAR: Final = timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class SimulatedDigest:
    """A digest that would have been sent."""

    at: datetime
    headline: str
    alerts: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """How a digest would have done.

    ``first`` is when its first edition, which only says what is watched, would have been made; ``None`` if there is
    nothing to replay. ``told``, ``nearly`` and ``held_back`` are counts by topic (``pay/annual``, ``skills``) of all
    editions; what is held back week after week counts every time. ``sent`` are those with news, ``quiet`` how many had
    none.
    """

    first: datetime | None
    last: datetime | None
    subjects: int
    sent: tuple[SimulatedDigest, ...]
    quiet: int
    reported: Mapping[Topic, int]
    below_threshold: Mapping[Topic, int]
    held_back: Mapping[Topic, int]

    @property
    def is_too_short(self) -> bool:
        """Whether less than :data:`SHORTEST` lies between the first edition and the last."""
        return self.first is None or self.last is None or self.last - self.first < SHORTEST

    @property
    def alerts_a_subject_year(self) -> float | None:
        """Return how many alerts there are for each subject and year; ``None`` over too short a time for a rate.

        Those of derived watches are about no one subject and are not among them.
        """
        if self.first is None or self.last is None or self.is_too_short or not self.subjects:
            return None
        alerts = sum(count for topic, count in self.reported.items() if not topic.is_derived)
        return alerts / self.subjects / ((self.last - self.first) / _YEAR)


def replay(database: Database, config: Config, definition: DigestConfig, since: date) -> Backtest:
    """Replay a digest for one recipient who is told everything at once, from the first crawl on or after a day.

    Args:
        database: With the past.
        config: Whose watches and time zone hold.
        definition: The digest, with whichever rules are to be tried.
        since: The day.

    Raises:
        StoreError: The database cannot be read.
    """
    reader, zone = Reader(database), config.schedule.zone
    told: dict[tuple[int, Topic], Baseline] = {}
    counts: dict[str, Counter[Topic]] = {name: Counter() for name in ("told", "nearly", "held_back")}
    editions: list[tuple[datetime, Digest]] = []
    heard = datetime.combine(since, time(), zone)
    for at in _send_times(reader.crawl_end_times(heard), definition, zone):
        digest = DigestBuilder(reader, definition, config.subjects(), heard, at, config.derived_watches()).build(
            told, at
        )
        lines = [line for group in digest.groups for line in group.lines]
        for name, of in (("told", lines), ("nearly", digest.below_threshold), ("held_back", digest.suppressed)):
            counts[name].update(line.change.topic for line in of)
        told |= baselines_after(digest, lines, at, told)
        editions.append((at, digest))
        heard = at
    sent = tuple(
        SimulatedDigest(at, digest.headline, sum(len(group.lines) for group in digest.groups))
        for at, digest in editions
        if not digest.is_empty
    )
    times = [at for at, _ in editions]
    return Backtest(
        min(times, default=None),
        max(times, default=None),
        len({subject_id for subject_id, topic in told if not topic.is_derived}),
        sent,
        len(editions) - len(sent),
        *counts.values(),
    )


def baselines_after(
    digest: Digest, lines: list[AssessedChange], at: datetime, before: Baselines | None = None
) -> Baselines:
    """Return what a recipient of a digest knows by it; the outbox keeps the same when one is sent.

    Args:
        digest: The digest.
        lines: What it tells.
        at: When they have it.
        before: What they knew: that a skill had left a list stays known until it is told to be back.
    """
    news: list[tuple[SnapshotInfo, tuple[Topic, ...]]]
    news = [(head, (_topic(line),)) for line in lines for head in line.change.snapshots]
    news += [(head, each.topics) for each in digest.watching for head in each.heads]
    news += [(each.snapshot, each.topics) for each in digest.restated]
    heard = {(head.subject_id, topic): _baseline(head, at) for head, topics in news for topic in topics}
    for line in lines:
        key = line.change.snapshot.subject_id, _topic(line)
        left = before[key].left_list if before and key in before else None
        if line.change.kind in (ChangeKind.ENTERED, ChangeKind.LEFT, ChangeKind.RETURNED):
            left = line.change.skill.list_name if line.change.skill and line.change.kind is ChangeKind.LEFT else None
        heard[key] = replace(heard[key], left_list=left)
    return heard


def _topic(line: AssessedChange) -> Topic:
    return line.change.topic.with_item(line.change.item)


def _baseline(head: SnapshotInfo, at: datetime) -> Baseline:
    return Baseline(head.snapshot_id, head.content_id, head.as_of, at, head.parser_version)


def _send_times(ends: tuple[datetime, ...], definition: DigestConfig, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when the digest would have been made: after every crawl, or after the first one that its hour was past."""
    last = None
    for at in ends:
        due = at if definition.schedule.after_crawl else definition.schedule.previous_occurrence(at, zone)
        if due != last:
            yield at
            last = due
