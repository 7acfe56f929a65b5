"""How the service stands, at one look at the database: for people, for programs, and for Prometheus."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from alerts.config import Config
from alerts.delivery.outbox import Outbox
from alerts.model.delivery import Delivery, DeliveryState
from alerts.service.context import ServiceContext
from alerts.service.problems import Problem, find_problems
from jobspider import __version__
from jobspider.model import CrawlRecord, CrawlResult
from jobspider.store.database import Database
from jobspider.store.quarantine import CaseState, Quarantine
from jobspider.store.reader import Reader

HEALTHY, DEGRADED, FAILING = 0, 3, 4
_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY, DeliveryState.AMBIGUOUS)
_TROUBLED = (DeliveryState.RETRY, DeliveryState.AMBIGUOUS, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """How it stands.

    ``crawl`` and the dates are ``None`` before the first; ``quarantined`` counts the open cases; ``upcoming`` says when
    what is due next.
    """

    at: datetime
    crawl: CrawlRecord | None
    subjects: int
    oldest_as_of: date | None
    newest_as_of: date | None
    deliveries: tuple[Delivery, ...]
    newest_deliveries: tuple[Delivery, ...]
    quarantined: int
    database_bytes: int
    upcoming: dict[str, tuple[datetime, ...]]
    problems: tuple[Problem, ...]

    @property
    def source_age_days(self) -> int | None:
        """How many days ago the newest figures were those of the day."""
        return None if self.newest_as_of is None else (self.at.date() - self.newest_as_of).days

    @property
    def states(self) -> dict[str, int]:
        """How many deliveries there are in each state that occurs."""
        return dict(Counter(each.state.value for each in self.deliveries))

    @property
    def waiting_since(self) -> datetime | None:
        """When the oldest delivery was made that still waits."""
        return min((each.created_at for each in self.deliveries if each.state in _WAITING), default=None)

    @property
    def troubled(self) -> tuple[Delivery, ...]:
        """The newest delivery of each digest and channel, where it was given up or waits to be tried again."""
        return tuple(each for each in self.newest_deliveries if each.state in _TROUBLED)

    @property
    def exit_code(self) -> int:
        """0 healthy, 3 degraded, 4 failing."""
        if any(problem.is_failing for problem in self.problems):
            return FAILING
        is_well = self.crawl is not None and self.crawl.verdict is CrawlResult.COMPLETE
        return HEALTHY if is_well and not self.problems and not self.troubled else DEGRADED


def check_health(context: ServiceContext) -> ServiceHealth:
    """Look how it stands; nothing is written.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
    """
    config, path, now = context.config, context.config.database_path, context.clock()
    with Database.open(path, read_only=True) as database:
        reader, outbox = Reader(database), Outbox(database)
        found = find_problems(reader, outbox, config, now, context.free_bytes(path.parent))
        dates = [head.as_of for head in reader.latest_snapshots()]
        crawl = reader.last_full_crawl("roles") or reader.last_full_crawl()
        return ServiceHealth(
            at=now,
            crawl=crawl,
            subjects=len(dates),
            oldest_as_of=min(dates, default=None),
            newest_as_of=max(dates, default=None),
            deliveries=outbox.deliveries(),
            newest_deliveries=outbox.newest(),
            quarantined=len(Quarantine(database).cases(CaseState.OPEN)),
            database_bytes=path.stat().st_size,
            upcoming=upcoming(config, now, 1),
            problems=(*found.problems, *_overdue(config, crawl, now)),
        )


def upcoming(config: Config, now: datetime, times: int) -> dict[str, tuple[datetime, ...]]:
    """Return the next times of everything that has hours of its own, in the schedule's time zone."""
    hours = {"crawl": config.schedule.due} | {f"digest {each.name}": each.schedule for each in config.digest}
    zone = config.schedule.zone
    return {name: when.next_occurrences(now, zone, times) for name, when in hours.items() if not when.after_crawl}


def _overdue(config: Config, crawl: CrawlRecord | None, now: datetime) -> Iterator[Problem]:
    """Notice that nobody crawls any more: the one problem that the service itself cannot tell of."""
    zone = config.schedule.zone
    latest = config.schedule.due.previous_occurrence(now, zone)
    last_but_one = latest and config.schedule.due.previous_occurrence(latest.astimezone(UTC) - latest.resolution, zone)
    if crawl is not None and last_but_one is not None and crawl.started_at < last_but_one:
        yield Problem(
            "overdue",
            f"No crawl since {crawl.started_at:%d %B %Y, %H:%M} UTC",
            (f"schedule.crawl is {config.schedule.crawl!r}: is jobspider schedule running, or cron?",),
        )


def prometheus_metrics(standing: ServiceHealth) -> str:
    """Return how it stands in Prometheus' text format, for the textfile collector of its node_exporter."""
    return "".join(
        f"# HELP jobspider_{name} {said}\n# TYPE jobspider_{name} gauge\n"
        + "".join(f"jobspider_{name}{_labels(labels)} {value}\n" for labels, value in samples)
        for name, said, samples in _metrics(standing)
    )


_Samples = Sequence[tuple[dict[str, str], float]]


def _metrics(standing: ServiceHealth) -> Iterator[tuple[str, str, _Samples]]:
    crawl = standing.crawl
    yield "status", "0 healthy, 3 degraded, 4 failing.", [({}, standing.exit_code)]
    yield "info", "The version of this program.", [({"version": __version__}, 1)]
    yield "problem", "What is wrong.", [({"name": each.name}, 1) for each in standing.problems]
    if crawl is not None:
        yield "crawl_started_timestamp_seconds", "When the last crawl began.", [({}, crawl.started_at.timestamp())]
        pages = [({"status": status.value}, count) for status, count in crawl.counts.items()]
        yield "crawl_pages", "Where the pages of the last crawl ended.", pages
    yield "subjects", "Pages of which figures are kept.", [({}, standing.subjects)]
    if standing.newest_as_of is not None:
        at = datetime.combine(standing.newest_as_of, time(), UTC).timestamp()
        yield "source_as_of_timestamp_seconds", "The newest date that any page carries.", [({}, at)]
    deliveries = [({"state": state}, count) for state, count in standing.states.items()]
    yield "deliveries", "Deliveries by state.", deliveries
    if standing.waiting_since is not None:
        at = standing.waiting_since.timestamp()
        yield "delivery_waiting_since_timestamp_seconds", "When the oldest was made that still waits.", [({}, at)]
    yield "quarantine_open", "Pages that were not accepted.", [({}, standing.quarantined)]
    yield "database_bytes", "The size of the database.", [({}, standing.database_bytes)]


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}" if labels else ""
