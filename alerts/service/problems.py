"""What is wrong with the service itself, and what the operator is told of it: once, and once more when it is over.

What was told stands in the outbox: the newest occasion that a problem's notice was queued for says whether it is open.
So a notice and the memory of it are one row, written in one transaction.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.config import Config
from alerts.delivery.outbox import Outbox
from alerts.model.changes import Digest
from alerts.model.delivery import Delivery, DeliveryState
from alerts.service.notices import PREFIX, is_undelivered, notice
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus, LedgerRow
from jobspider.store.reader import Reader

ROLES: Final = "roles"
"""The spider whose crawls are looked at."""
OPEN, OVER = "open", "over"
CRAWL, LAYOUT, SOURCE, DISK, INTERNAL_FAILURE, CHANNEL = "crawl", "layout", "source", "disk", "trouble", "channel"
DELIVERY: Final = "delivery."
"""With it begins the name of a problem with one recipient."""

_ENOUGH_AGAIN: Final = 1.25
"""Free space counts as enough again when there is so many times the least: else it is told at every turn."""
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong now. ``name`` is the same for as long as it lasts; ``is_failing``: nothing is told."""

    name: str
    headline: str
    sentences: tuple[str, ...]
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """What is wrong now, and of what nothing can be said: a problem of that name stays as it was."""

    problems: tuple[Problem, ...]
    undetermined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the operator: through which channel, on which occasion."""

    channel: str
    digest: Digest
    occasion: str


def find_problems(
    reader: Reader, outbox: Outbox, config: Config, now: datetime, free_bytes: int, failure: str | None = ""
) -> ProblemReport:
    """Say what is wrong, by what stands in the database.

    Args:
        reader: The crawls and the figures.
        outbox: The deliveries.
        config: What is asked for.
        now: The present.
        free_bytes: How much space is left where the database is.
        failure: Why crawls do not come to their end, empty if they do, ``None`` if it is too early to say.
    """
    last, newest = reader.last_full_crawl(ROLES if config.watch else None), outbox.newest()
    looks: tuple[Problem | str | None, ...] = (
        CRAWL if failure is None else _unfinished(failure) if failure else _crawl(last),
        _layout(last),
        _source(reader, last, config.operator.stale_days, now),
        _disk(free_bytes, config.operator.min_free_mb),
        _operators_channel(newest, config, now),
        *_deliveries(newest, config, now),
    )
    problems = tuple(problem for problem in looks if isinstance(problem, Problem))
    return ProblemReport(problems, frozenset(name for name in looks if isinstance(name, str)))


def problem_notices(outbox: Outbox, found: ProblemReport, config: Config, now: datetime) -> Iterator[Notice]:
    """Yield what the operator is to be told now."""
    told = {name.removeprefix(PREFIX): headline for name, due_for, headline, _ in outbox.last_notices(PREFIX)
            if due_for.startswith(OPEN)}  # fmt: skip
    at = now.isoformat()
    for problem in found.problems:
        channel = channel_for(problem.name, config)
        # A recipient who is not reached is told of by `alerts.service.notices`, beside what became of the delivery.
        if channel and problem.name not in told and not problem.name.startswith(DELIVERY):
            digest = notice(problem.name, now, problem.headline, *problem.sentences)
            yield Notice(channel, digest, f"{OPEN} {at}")
    for name in told.keys() - {problem.name for problem in found.problems} - found.undetermined:
        channel = channel_for(name, config)
        if channel:
            yield Notice(channel, notice(name, now, f"Over: {told[name]}", "Nothing need be done."), f"{OVER} {at}")


def channel_for(name: str, config: Config) -> str:
    """Return through which channel a problem is told: never the one that it is about; empty if there is none."""
    return config.operator.spare_channel if name == CHANNEL else config.operator.channel


def _crawl(last: CrawlRecord | None) -> Problem | str | None:
    """Look at the last crawl; one that was interrupted is gone on with, and says nothing."""
    if last is None or last.verdict in (None, CrawlResult.INTERRUPTED):
        return CRAWL
    if last.verdict is not CrawlResult.FAILED or _misread(last):
        return None
    reasons = Counter(f"{row.status.value.replace('_', ' ')}: {row.reason}" for row in _failed(last))
    read = len(last.ledger) - len(_failed(last))
    return Problem(
        CRAWL,
        "The crawl failed",
        (
            f"{read} of {len(last.ledger)} pages were read in the crawl of {last.started_at:%d %B %Y, %H:%M} UTC.",
            *(f"{count} x {reason}" for reason, count in reasons.most_common(3)),
            "The next crawl tries again at its hour. See docs/RUNBOOK.md, and: jobspider status",
        ),
        is_failing=True,
    )


def _unfinished(failure: str) -> Problem:
    return Problem(
        CRAWL, "The crawl does not come to its end", (failure, "See docs/RUNBOOK.md: No crawl."), is_failing=True
    )


def _layout(last: CrawlRecord | None) -> Problem | str | None:
    if last is None or not (_misread(last) or any(row.status.is_success for row in last.ledger)):
        return LAYOUT
    misread = _misread(last)
    if not misread:
        return None
    first = misread[0]
    return Problem(
        LAYOUT,
        "The site's layout has changed",
        (
            f"{len(misread)} of {len(last.ledger)} pages were not understood, and nothing of them was stored.",
            f"{first.url}: {first.reason}",
            "What to do is in docs/RUNBOOK.md. The pages are kept: jobspider quarantine list",
        ),
        is_failing=last.verdict is CrawlResult.FAILED,
    )


def _source(reader: Reader, last: CrawlRecord | None, stale_days: int, now: datetime) -> Problem | str | None:
    """Look at the newest date that any page carries; where nothing could be read, that is another problem's matter."""
    newest = max((head.as_of for head in reader.latest_snapshots()), default=None)
    if newest is None or last is None or not any(row.status.is_success for row in last.ledger):
        return SOURCE
    days = (now.date() - newest).days
    if days < stale_days:
        return None
    return Problem(
        SOURCE,
        "The site brings no new figures",
        (
            f"Its pages are read, but the newest figures are as of {newest:%d %B %Y}, {days} days ago.",
            "Nothing need be done here: digests say how old the figures are.",
        ),
    )


def _disk(free_bytes: int, min_free_mb: int) -> Problem | str | None:
    least = min_free_mb * _MEGABYTE
    if free_bytes < least:
        return Problem(
            DISK,
            "The disk is nearly full",
            (
                f"{free_bytes // _MEGABYTE} MB are left where the database is; operator.min_free_mb is {min_free_mb}.",
                "To make room: jobspider db prune",
            ),
        )
    return DISK if free_bytes < least * _ENOUGH_AGAIN else None


def _operators_channel(newest: tuple[Delivery, ...], config: Config, now: datetime) -> Problem | str | None:
    """Look at the channel that all other problems are told through."""
    channel = config.operator.channel
    through = [each for each in newest if each.channel == channel]
    if not channel or not through:
        return CHANNEL
    last = max(through, key=lambda each: each.delivery_id)
    if is_undelivered(last, now):
        since = last.created_at.astimezone(config.schedule.zone)
        return Problem(
            CHANNEL,
            f"The channel {channel} does not work",
            (f"Since {since:%d %B %Y} nothing reaches it: {last.reason}", "See: jobspider outbox list"),
            is_failing=True,
        )
    return None if last.state is DeliveryState.SENT else CHANNEL


def _deliveries(newest: tuple[Delivery, ...], config: Config, now: datetime) -> Iterator[Problem]:
    """Look at the newest delivery to each recipient that config.toml still has."""
    recipients = {(digest.name, channel) for digest in config.digest for channel in digest.channels}
    for each in newest:
        if (each.digest_name, each.channel) in recipients and is_undelivered(each, now):
            yield Problem(
                f"{DELIVERY}{each.digest_name}.{each.channel}",
                f"The digest {each.digest_name} does not reach {each.channel}",
                (each.reason,),
                is_failing=True,
            )


def _failed(crawl: CrawlRecord) -> list[LedgerRow]:
    return [row for row in crawl.ledger if not row.status.is_success]


def _misread(crawl: CrawlRecord) -> list[LedgerRow]:
    return [row for row in crawl.ledger if row.status is FetchStatus.LAYOUT_CHANGED]
