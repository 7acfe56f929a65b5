"""Small pages, and a stage: a database filled by the store's own writer, with a digest told from it.

The figures are invented.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

from alerts.config import DigestConfig
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.delivery.sender import deliver_due
from alerts.detection import locations as places
from alerts.detection import skills
from alerts.detection.figures import Comparison, detect_changes
from alerts.digests.builder import DigestBuilder
from alerts.model.changes import Change, DatedContent, Digest
from alerts.model.delivery import Delivery, MessageMetadata
from alerts.model.derived import DerivedWatch
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, Topic, pay_topic
from jobspider.model import (
    Basis,
    Capture,
    Content,
    CrawlResult,
    FetchStatus,
    FigureKey,
    Figures,
    JobType,
    LocationRow,
    PlannedPage,
    RolePage,
    SkillShare,
    Subject,
    SubjectNames,
    ThreeYears,
)
from jobspider.site.urls import subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.digest_factories import head

NORTH_WEST = Subject(JobType.PERMANENT, "north west", "backend developer")
LONDON = Subject(JobType.CONTRACT, "london", "backend developer")
MIDLANDS = Subject(JobType.PERMANENT, "midlands", "backend developer")
AS_OF = date(2025, 11, 17)
MORNING = datetime(2025, 11, 17, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
HOUR = timedelta(hours=1)
CHANNEL = "folder"
WEEKLY = DigestConfig(name="weekly", channels=[CHANNEL])

PAY: Final = {"quotes": 200, "p10": 40_000, "p25": 50_000, "median": 60_000, "p75": 72_500, "p90": 85_000}
SKILLS: Final = {"Python": 120, "SQL": 100, "Java": 80}
EVERY_TOPIC: Final = (*map(pay_topic, Basis), RANK_TOPIC, VACANCIES_TOPIC, "skills", "locations")


def pay(basis: Basis = Basis.ANNUAL, /, **figures: float | None) -> dict[FigureKey, ThreeYears]:
    """Return the rows of one pay block: the usual ones, but for those named; ``None`` is a dash."""
    rows: dict[FigureKey, ThreeYears] = {}
    for key, figure in {**PAY, **figures}.items():
        now = None if figure is None else int(figure) if key == "quotes" else Decimal(str(figure))
        rows[basis, key] = (now, None, None)
    return rows


def skill_list(counts: Mapping[str, int], vacancies: int) -> tuple[SkillShare, ...]:
    """Return a list as the site prints it: the most asked for first, ties under one rank."""
    ranks = {count: rank for rank, count in enumerate(sorted(set(counts.values()), reverse=True), start=1)}
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return tuple(
        SkillShare(ranks[count], name, count, round(Decimal(100 * count) / vacancies, 2)) for name, count in ordered
    )


def content(
    rows: Mapping[FigureKey, ThreeYears] | None = None,
    /,
    *,
    rank: int | None = 150,
    vacancies: int = 240,
    share: str | None = "0.40",
    skills: Mapping[str, int] = SKILLS,
    categories: Mapping[str, Mapping[str, int]] | None = None,
    locations: Sequence[LocationRow] = (),
    **figures: float | None,
) -> Content:
    """Return a page's figures; two calls differ only where their arguments do.

    ``rows`` replaces the pay block, ``figures`` its single figures.
    """
    return Content(
        term=Figures(
            {
                (None, "rank"): (rank, None, None),
                (None, "vacancies"): (vacancies, None, None),
                (None, "share_of_category"): (None if share is None else Decimal(share), None, None),
                **(pay(**figures) if rows is None else rows),
            }
        ),
        category=None,
        locations=tuple(locations),
        top_skills=skill_list(skills, vacancies),
        skills={name: skill_list(counts, vacancies) for name, counts in (categories or {}).items()},
    )


def place(
    name: str = "Manchester", median: int | None = 65_000, vacancies: int = 60, median_change: str | None = None
) -> LocationRow:
    """Return a place; ``None`` is a dash."""
    return LocationRow(
        name,
        None,
        vacancies,
        None if median is None else Decimal(median),
        None if median_change is None else Decimal(median_change),
        None,
    )


def comparison(
    old: Content, new: Content, *, days: int = 7, window: int = 6, job_type: JobType = JobType.PERMANENT
) -> Comparison:
    """Return two readings so many days apart."""
    told = DatedContent(AS_OF, old)
    return Comparison(
        head(job_type=job_type, window=window), told, DatedContent(AS_OF + timedelta(days=days), new), MORNING
    )


def differences(of: Comparison, topic: Topic, top: int = 10) -> list[Change]:
    """Return every difference about a topic, however small."""
    if topic == SKILLS_TOPIC:
        return [*skills.changes(of, top)]
    return [*places.changes(of)] if topic == LOCATIONS_TOPIC else [*detect_changes(of, topic)]


def page(of: Subject, as_of: date, figures: Content) -> RolePage:
    """Return a whole page."""
    names = SubjectNames(of.term.title(), "role", "Job Titles", of.region.title(), "England")
    return RolePage(subject_url(of), of, names, as_of, (as_of.year, as_of.year - 1, as_of.year - 2), figures)


def _no_step() -> None:
    """Do nothing on the way."""


@dataclass
class Letterbox:
    """A way out that keeps every message it was ever given, unlike the file channel; ``step`` is called on the way."""

    path: Path
    step: Callable[[], None] = _no_step
    name: str = CHANNEL
    min_interval_seconds: float = 0.0

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the headline."""
        del envelope
        return digest.headline.encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Add a line to the file."""
        del now
        self.step()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([payload.decode(), possible_repeat]) + "\n")
        self.step()
        return ""

    def letters(self) -> list[tuple[str, bool]]:
        """Return each message and whether it was called a possible repeat."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return [(message, is_repeat) for message, is_repeat in map(json.loads, lines)]

    def deliver(self, outbox: Outbox, at: datetime) -> tuple[Delivery, ...]:
        """Deliver what is due."""
        return deliver_due(outbox, {self.name: self}, lambda: at, Random(1))  # noqa: S311 - spreads pauses only


@dataclass
class DigestScenario:
    """A database, and one digest about what is in it."""

    database: Database
    watched: tuple[Subject, ...] = (NORTH_WEST,)
    definition: DigestConfig = WEEKLY
    derived: tuple[DerivedWatch, ...] = ()
    crawls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.database)

    def crawl(self, at: datetime, pages: Mapping[Subject, Content | FetchStatus], as_of: date | None = None) -> int:
        """Run a whole crawl; a page is read, or ends in the status given (``PLANNED``: the crawl ended before it).

        ``as_of`` is the date on the pages; else they are of the day of the crawl.
        """
        writer = Writer(self.database)
        self.crawls["all"] += 1
        plan = [PlannedPage(subject_url(subject), subject) for subject in pages]
        crawl_id = writer.begin_crawl(f"crawl {self.crawls['all']}", "roles", at, "0", plan)
        for subject, found in pages.items():
            url = subject_url(subject)
            if isinstance(found, Content):
                body = repr(found).encode()
                capture = Capture(url, body, sha256(body).hexdigest(), at)
                writer.store_page(crawl_id, url, page(subject, as_of or at.date(), found), capture, 1, 200)
            elif found is not FetchStatus.PLANNED:
                writer.record_failure(crawl_id, url, found, "it timed out", None, at)
        writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
        return crawl_id

    def edition(self, at: datetime, channel: str = CHANNEL) -> Digest:
        """Return what there is to tell a channel's recipients."""
        since = self.outbox.informed_until(self.definition.name, channel)
        editor = DigestBuilder(Reader(self.database), self.definition, self.watched, since, derived=self.derived)
        return editor.build(self.outbox.baselines(self.definition.name, channel), at)

    def queue(self, digest: Digest, at: datetime, channel: str = CHANNEL, payload: bytes = b"a digest") -> int:
        """Queue a digest for a channel, and return the delivery's id."""
        self.outbox.queue(self.definition.name, f"{channel} at {at}", at, [OutboxEntry(channel, digest, payload)])
        return max(delivery.delivery_id for delivery in self.outbox.deliveries())

    def tell(self, at: datetime, channel: str = CHANNEL) -> Digest:
        """Queue what there is to tell and record it as sent."""
        digest = self.edition(at, channel)
        self.outbox.mark_sent(self.queue(digest, at, channel), at, "")
        return digest

    def bounce(self, at: datetime, channel: str = CHANNEL) -> Digest:
        """Queue what there is to tell, and give it up."""
        digest = self.edition(at, channel)
        delivery_id = self.queue(digest, at, channel)
        (delivery,) = (each for each in self.outbox.due(at) if each.delivery_id == delivery_id)
        assert self.outbox.lease(delivery, at, HOUR)
        self.outbox.mark_dead(delivery_id, "the server refused it")
        return digest
