"""The steps of a cycle: crawl, compare, queue, deliver, tell the operator; :mod:`alerts.service` takes them."""

import random
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Final

from alerts import operator
from alerts.channels import Channel, open_channel
from alerts.child import Spider, crawl_in_child
from alerts.compare import topics_of
from alerts.config import Config, DigestConfig
from alerts.deliver import deliver_due
from alerts.delivery import Delivery, DeliveryState, Envelope
from alerts.digest import first_told
from alerts.edition import Editor
from alerts.errors import DigestError
from alerts.history import with_history
from alerts.logs import event
from alerts.model import Coverage, Digest
from alerts.notices import PREFIX, due_notices
from alerts.operator import ROLES, Found
from alerts.outbox import Order, Outbox
from jobspider.errors import UsageError
from jobspider.model import CrawlOutcome, CrawlVerdict, FetchStatus
from jobspider.store.database import Database
from jobspider.store.lock import process_lock
from jobspider.store.reader import Reader

_EXAMPLES: Final = 5
_DOMAIN: Final = "jobspider.invalid"
"""The right-hand side of Message-IDs; a name that can belong to nobody (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class House:
    """What a cycle works with.

    ``clock`` returns the present in UTC, ``free_bytes`` the space that is left where a path is; ``stopping`` is set
    when what is under way is to be ended.
    """

    config: Config
    config_path: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    jitter: random.Random = field(default_factory=random.SystemRandom)
    wait: Callable[[float], None] = time.sleep
    crawl: Callable[["House", Spider], CrawlOutcome] = lambda house, spider: crawl_in_child(
        house.config, house.config_path, house.environ, spider, house.stopping.is_set
    )
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    stopping: Event = field(default_factory=Event)

    def channels(self, names: Mapping[str, object] | None = None) -> dict[str, Channel]:
        """Open the ways out, all of them or those named."""
        return {
            each.name: open_channel(each, self.config.folder, self.environ)
            for each in self.config.channel
            if names is None or each.name in names
        }


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What followed from what is known: digests that were queued, by name and channel; deliveries; what is wrong."""

    digests: Mapping[tuple[str, str], Digest]
    deliveries: tuple[Delivery, ...]
    found: Found


def delivery_exit_code(deliveries: tuple[Delivery, ...]) -> int:
    """Return 0 if all was sent, 4 if nothing was, 3 in between."""
    sent = sum(delivery.state is DeliveryState.SENT for delivery in deliveries)
    return 0 if sent == len(deliveries) else 3 if sent else 4


def conclude(house: House, database: Database, failure: str | None) -> Conclusion:
    """Queue every digest that is due, deliver what is due, and tell the operator what is wrong.

    Args:
        house: What to work with.
        database: The open database.
        failure: As :func:`alerts.operator.look` takes it.
    """
    outbox, last = Outbox(database), Reader(database).last_crawl(ROLES if house.config.watch else None)
    digests: dict[tuple[str, str], Digest] = {}
    for definition in house.config.digest:
        due = occasion(definition, last, house)
        if due is not None and not outbox.is_queued(definition.name, due):
            queued = queue_digest(house, database, definition, due)
            event("digest made", digest=definition.name, occasion=due, channels=[channel for _, channel in queued])
            digests |= queued
    deliveries = deliver(house, database)
    for each in deliveries:
        facts = {"delivery": each.delivery_id, "digest": each.digest_name, "channel": each.channel}
        event("delivery", **facts, state=each.state.value, reason=each.reason)
    return Conclusion(digests, deliveries, tell_operator(house, database, failure))


def occasion(definition: DigestConfig, last: CrawlOutcome | None, house: House) -> str | None:
    """Name the occasion on which a digest is due now, ``None`` if it is not.

    A digest with hours of its own is due when it was not yet queued for the newest of them that has passed; so the
    first cycle of a database sends it at once.
    """
    if definition.due.after_crawl:
        # One that was interrupted is gone on with, and that one's end is the occasion.
        has_ended = last is not None and last.verdict not in (None, CrawlVerdict.INTERRUPTED)
        return f"after crawl {last.crawl_id}" if last and has_ended else None
    latest = definition.due.latest(house.clock(), house.config.schedule.zone)
    return None if latest is None else latest.isoformat()


def tell(house: House, definition: DigestConfig) -> tuple[dict[tuple[str, str], Digest], tuple[Delivery, ...]]:
    """Queue one digest now, due or not, and deliver what is due; return both.

    Raises:
        StoreError: The database cannot be used, or a cycle is running on it.
    """
    path, now = house.config.database_path, house.clock()
    with (
        process_lock(path, "run", holder=f"jobspider digest since {now:%Y-%m-%d %H:%M} UTC"),
        Database.open(path, create=False) as database,
    ):
        digests = queue_digest(house, database, definition, f"by hand {now.isoformat()}")
        return digests, deliver(house, database)


def deliver(house: House, database: Database) -> tuple[Delivery, ...]:
    """Try every delivery that is due, and tell the operator whom it does not reach; return those of digests."""
    outbox, channels = Outbox(database), house.channels()
    deliveries = deliver_due(outbox, channels, house.clock, house.jitter, house.wait)
    told_through, now = house.config.operator.channel, house.clock()
    notices = list(due_notices(outbox, told_through, now)) if told_through else []
    for notice, occasion in notices:
        payload = rendered(house, notice, told_through, now)
        outbox.queue(notice.name, occasion, now, [Order(told_through, notice, payload)])
    if notices:
        deliver_due(outbox, channels, house.clock, house.jitter, house.wait)
    return tuple(each for each in deliveries if not each.digest_name.startswith(PREFIX))


def tell_operator(house: House, database: Database, failure: str | None) -> Found:
    """Tell the operator what is wrong that was not yet told, and what is over; return what is wrong."""
    outbox, now = Outbox(database), house.clock()
    free_bytes = house.free_bytes(house.config.database_path.parent)
    found = operator.look(Reader(database), outbox, house.config, now, free_bytes, failure)
    notices = list(operator.due(outbox, found, house.config, now))
    for notice in notices:
        payload = rendered(house, notice.digest, notice.channel, now)
        outbox.queue(notice.digest.name, notice.occasion, now, [Order(notice.channel, notice.digest, payload)])
        event("operator told", problem=notice.digest.name, headline=notice.digest.headline, channel=notice.channel)
    if notices:
        deliver_due(outbox, house.channels(), house.clock, house.jitter, house.wait)
    return found


def deliver_now(house: House, choose: Callable[[Outbox], None]) -> tuple[Delivery, ...]:
    """Let ``choose`` make deliveries due, then try all that are.

    Raises:
        StoreError: The database cannot be used, or a cycle is running on it.
    """
    path = house.config.database_path
    with (
        process_lock(path, "run", holder=f"jobspider outbox since {house.clock():%Y-%m-%d %H:%M} UTC"),
        Database.open(path, create=False) as database,
    ):
        choose(Outbox(database))
        return deliver(house, database)


def preview(house: House, definition: DigestConfig) -> dict[str, Digest]:
    """Return what a digest would tell each of its channels now; nothing is written, nothing is sent.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
    """
    with Database.open(house.config.database_path, read_only=True) as database:
        return {name: edit(house, database, definition, name, house.clock()) for name in definition.channels}


def dry_run(house: House, definition: DigestConfig, channel: str) -> bytes:
    """Return exactly what a digest would send through one of its channels now; nothing is written, nothing is sent.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
        DigestError: A template of the user's own has a mistake.
    """
    now = house.clock()
    with Database.open(house.config.database_path, read_only=True) as database:
        digest = edit(house, database, definition, channel, now)
    return house.channels({channel: None})[channel].render(digest, envelope(definition.name, channel, now))


def example(house: House, channel: str) -> Digest:
    """Return a digest of the last figures of a few pages that says of itself that it is a test.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
        UsageError: Nothing is in it yet.
    """
    with Database.open(house.config.database_path, read_only=True) as database:
        reader = Reader(database)
        heads = reader.heads()[:_EXAMPLES]
        snapshots = [reader.snapshot(head.snapshot_id) for head in heads]
    if not heads:
        raise UsageError("there are no figures yet to make a test of: run jobspider crawl first")
    return Digest(
        name="test",
        created_at=house.clock().astimezone(house.config.schedule.zone),
        headline=f"Test: jobspider reaches {channel}",
        groups=(),
        watching=tuple(first_told(each, topics_of(each.content)) for each in snapshots),
        nearly=(),
        held_back=(),
        coverage=Coverage(len(heads), 0, len(heads), (), (), min(head.as_of for head in heads)),
        notices=("This is a test, sent by hand. Its figures are the last ones known; nothing counts as told by it.",),
    )


def send_test(house: House, channel: str) -> str:
    """Send :func:`example` through a channel at once, past the outbox; return what the channel remarks.

    Raises:
        DeliveryError: It did not arrive.
        UsageError: A secret is missing, or there is nothing to make a test of.
        StoreError: There is no database yet, or it cannot be read.
        DigestError: A template of the user's own has a mistake.
    """
    now, digest = house.clock(), example(house, channel)
    out = house.channels({channel: None})[channel]
    return out.send(out.render(digest, envelope("test", channel, now)), now=now, possible_repeat=False)


def edit(house: House, database: Database, definition: DigestConfig, channel: str, now: datetime) -> Digest:
    """Build a digest for one channel's recipients: of what was read since they last heard all."""
    outbox = Outbox(database)
    since = outbox.heard_until(definition.name, channel)
    editor = Editor(Reader(database), definition, house.config.subjects(), since, derived=house.config.pairs())
    here = now.astimezone(house.config.schedule.zone)
    digest = with_history(editor.edition(outbox.told(definition.name, channel), here), database)
    return replace(digest, notices=(*filter(None, (definition.note,)), *digest.notices))


def queue_digest(house: House, database: Database, definition: DigestConfig, due: str) -> dict[tuple[str, str], Digest]:
    """Build a digest for each of its channels and queue those that are to be sent; return them."""
    now = house.clock()
    orders, quiet = [], []
    for name in dict.fromkeys(definition.channels):
        digest = edit(house, database, definition, name, now)
        if digest.is_quiet and definition.when_quiet == "skip":
            quiet.append(name)
            continue
        orders.append(Order(name, digest, rendered(house, digest, name, now)))
    Outbox(database).queue(definition.name, due, now, orders, quiet)
    return {(definition.name, order.channel): order.digest for order in orders}


def rendered(house: House, digest: Digest, channel: str, now: datetime) -> bytes:
    """Render a digest; where a template of the user's own has a mistake, by the project's, and say so on top."""
    address = envelope(digest.name, channel, now)
    digest = replace(digest, created_at=digest.created_at.astimezone(house.config.schedule.zone))
    try:
        return house.channels({channel: None})[channel].render(digest, address)
    except DigestError as error:
        plain = house.config.channel_named(channel).model_copy(update={"templates": None})
        said = f"This digest has its usual look: a template has a mistake. {error}"
        told = replace(digest, notices=(*digest.notices, said))
        return open_channel(plain, house.config.folder, house.environ).render(told, address)


def envelope(digest: str, channel: str, now: datetime) -> Envelope:
    """Address a new delivery; every digest of one definition belongs to the same thread."""
    return Envelope(
        message_id=f"<{uuid.uuid4().hex}@{_DOMAIN}>", thread_root=f"<{digest}.{channel}@{_DOMAIN}>", created_at=now
    )


def crawl_all(house: House) -> tuple[CrawlOutcome, CrawlOutcome | None]:
    """Crawl the pages that are watched and then, unless the site has had enough, the markets that are followed.

    Raises:
        CycleError: One of them left no trace.
    """
    if not house.config.market:
        return house.crawl(house, "roles"), None
    if not house.config.watch:
        return house.crawl(house, "market"), None
    pages = house.crawl(house, "roles")
    has_gone_well = pages.verdict in (CrawlVerdict.COMPLETE, CrawlVerdict.PARTIAL)
    if not has_gone_well or FetchStatus.BLOCKED in pages.counts:
        return pages, None
    return pages, house.crawl(house, "market")
