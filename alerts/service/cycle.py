"""The steps of a cycle: crawl, compare, queue, deliver, tell the operator; :mod:`alerts.service.service` takes them."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.config import DigestConfig
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.delivery.sender import deliver_due
from alerts.model.changes import Digest
from alerts.model.delivery import Delivery
from alerts.service import problems
from alerts.service.context import ServiceContext
from alerts.service.event_log import log_event
from alerts.service.problems import ROLES, ProblemReport
from alerts.service.publish import deliver, queue_digest, render_digest
from jobspider.model import CrawlRecord, CrawlResult, FetchStatus
from jobspider.store.database import Database
from jobspider.store.reader import Reader


@dataclass(frozen=True, slots=True)
class CycleConclusion:
    """What followed from what is known: digests that were queued, by name and channel; deliveries; what is wrong."""

    digests: Mapping[tuple[str, str], Digest]
    deliveries: tuple[Delivery, ...]
    found: ProblemReport


def run_due_work(context: ServiceContext, database: Database, failure: str | None) -> CycleConclusion:
    """Queue every digest that is due, deliver what is due, and tell the operator what is wrong.

    Args:
        context: What to work with.
        database: The open database.
        failure: As :func:`alerts.service.problems.find_problems` takes it.
    """
    outbox, last = Outbox(database), Reader(database).last_full_crawl(ROLES if context.config.watch else None)
    digests: dict[tuple[str, str], Digest] = {}
    for definition in context.config.digest:
        due = due_occurrence(definition, last, context)
        if due is not None and not outbox.is_queued(definition.name, due):
            queued = queue_digest(context, database, definition, due)
            log_event("digest made", digest=definition.name, occasion=due, channels=[channel for _, channel in queued])
            digests |= queued
    deliveries = deliver(context, database)
    for each in deliveries:
        facts = {"delivery": each.delivery_id, "digest": each.digest_name, "channel": each.channel}
        log_event("delivery", **facts, state=each.state.value, reason=each.reason)
    return CycleConclusion(digests, deliveries, notify_operator(context, database, failure))


def due_occurrence(definition: DigestConfig, last: CrawlRecord | None, context: ServiceContext) -> str | None:
    """Name the occasion on which a digest is due now, ``None`` if it is not.

    A digest with hours of its own is due when it was not yet queued for the newest of them that has passed; so the
    first cycle of a database sends it at once.
    """
    if definition.schedule.after_crawl:
        # One that was interrupted is gone on with, and that one's end is the occasion.
        has_ended = last is not None and last.verdict not in (None, CrawlResult.INTERRUPTED)
        return f"after crawl {last.crawl_id}" if last and has_ended else None
    latest = definition.schedule.previous_occurrence(context.clock(), context.config.schedule.zone)
    return None if latest is None else latest.isoformat()


def notify_operator(context: ServiceContext, database: Database, failure: str | None) -> ProblemReport:
    """Tell the operator what is wrong that was not yet told, and what is over; return what is wrong."""
    outbox, now = Outbox(database), context.clock()
    free_bytes = context.free_bytes(context.config.database_path.parent)
    found = problems.find_problems(Reader(database), outbox, context.config, now, free_bytes, failure)
    notices = list(problems.problem_notices(outbox, found, context.config, now))
    for notice in notices:
        payload = render_digest(context, notice.digest, notice.channel, now)
        outbox.queue(notice.digest.name, notice.occasion, now, [OutboxEntry(notice.channel, notice.digest, payload)])
        log_event("operator told", problem=notice.digest.name, headline=notice.digest.headline, channel=notice.channel)
    if notices:
        deliver_due(outbox, context.channels(), context.clock, context.jitter, context.sleep)
    return found


def crawl_all(context: ServiceContext) -> tuple[CrawlRecord, CrawlRecord | None]:
    """Crawl the pages that are watched and then, unless the site has had enough, the markets that are followed.

    Raises:
        CycleError: One of them left no trace.
    """
    if not context.config.market:
        return context.crawl(context, "roles"), None
    if not context.config.watch:
        return context.crawl(context, "market"), None
    pages = context.crawl(context, "roles")
    has_gone_well = pages.verdict in (CrawlResult.COMPLETE, CrawlResult.PARTIAL)
    if not has_gone_well or FetchStatus.BLOCKED in pages.counts:
        return pages, None
    return pages, context.crawl(context, "market")
