"""Build digests, queue them in the outbox and send what is due."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from alerts.config import DigestConfig
from alerts.delivery.channels import open_channel
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.delivery.sender import deliver_due
from alerts.digests.builder import DigestBuilder
from alerts.digests.series import with_series
from alerts.errors import DigestError
from alerts.model.changes import Digest
from alerts.model.delivery import Delivery, DeliveryState, MessageMetadata
from alerts.service.context import ServiceContext
from alerts.service.notices import PREFIX, due_notices
from jobspider.store.database import Database
from jobspider.store.process_lock import process_lock
from jobspider.store.reader import Reader

_DOMAIN: Final = "jobspider.invalid"
"""The right-hand side of Message-IDs; a name that can belong to nobody (RFC 2606)."""


def delivery_exit_code(deliveries: tuple[Delivery, ...]) -> int:
    """Return 0 if all was sent, 4 if nothing was, 3 in between."""
    sent = sum(delivery.state is DeliveryState.SENT for delivery in deliveries)
    return 0 if sent == len(deliveries) else 3 if sent else 4


def send_digest_now(
    context: ServiceContext, definition: DigestConfig
) -> tuple[dict[tuple[str, str], Digest], tuple[Delivery, ...]]:
    """Queue one digest now, due or not, and deliver what is due; return both.

    Raises:
        StoreError: The database cannot be used, or a cycle is running on it.
    """
    path, now = context.config.database_path, context.clock()
    with (
        process_lock(path, "run", holder=f"jobspider digest since {now:%Y-%m-%d %H:%M} UTC"),
        Database.open(path, create=False) as database,
    ):
        digests = queue_digest(context, database, definition, f"by hand {now.isoformat()}")
        return digests, deliver(context, database)


def deliver(context: ServiceContext, database: Database) -> tuple[Delivery, ...]:
    """Try every delivery that is due, and tell the operator whom it does not reach; return those of digests."""
    outbox, channels = Outbox(database), context.channels()
    deliveries = deliver_due(outbox, channels, context.clock, context.jitter, context.sleep)
    told_through, now = context.config.operator.channel, context.clock()
    notices = list(due_notices(outbox, told_through, now)) if told_through else []
    for notice, occasion in notices:
        payload = render_digest(context, notice, told_through, now)
        outbox.queue(notice.name, occasion, now, [OutboxEntry(told_through, notice, payload)])
    if notices:
        deliver_due(outbox, channels, context.clock, context.jitter, context.sleep)
    return tuple(each for each in deliveries if not each.digest_name.startswith(PREFIX))


def deliver_now(context: ServiceContext, choose: Callable[[Outbox], None]) -> tuple[Delivery, ...]:
    """Let ``choose`` make deliveries due, then try all that are.

    Raises:
        StoreError: The database cannot be used, or a cycle is running on it.
    """
    path = context.config.database_path
    with (
        process_lock(path, "run", holder=f"jobspider outbox since {context.clock():%Y-%m-%d %H:%M} UTC"),
        Database.open(path, create=False) as database,
    ):
        choose(Outbox(database))
        return deliver(context, database)


def build_digest(
    context: ServiceContext, database: Database, definition: DigestConfig, channel: str, now: datetime
) -> Digest:
    """Build a digest for one channel's recipients: of what was read since they last heard all."""
    outbox = Outbox(database)
    since = outbox.informed_until(definition.name, channel)
    editor = DigestBuilder(
        Reader(database), definition, context.config.subjects(), since, derived=context.config.derived_watches()
    )
    here = now.astimezone(context.config.schedule.zone)
    digest = with_series(editor.build(outbox.baselines(definition.name, channel), here), database)
    return replace(digest, notes=(*filter(None, (definition.note,)), *digest.notes))


def queue_digest(
    context: ServiceContext, database: Database, definition: DigestConfig, due: str
) -> dict[tuple[str, str], Digest]:
    """Build a digest for each of its channels and queue those that are to be sent; return them."""
    now = context.clock()
    orders, quiet = [], []
    for name in dict.fromkeys(definition.channels):
        digest = build_digest(context, database, definition, name, now)
        if digest.is_empty and definition.when_quiet == "skip":
            quiet.append(name)
            continue
        orders.append(OutboxEntry(name, digest, render_digest(context, digest, name, now)))
    Outbox(database).queue(definition.name, due, now, orders, quiet)
    return {(definition.name, order.channel): order.digest for order in orders}


def render_digest(context: ServiceContext, digest: Digest, channel: str, now: datetime) -> bytes:
    """Render a digest; where a template of the user's own has a mistake, by the project's, and say so on top."""
    address = new_message_metadata(digest.name, channel, now)
    digest = replace(digest, created_at=digest.created_at.astimezone(context.config.schedule.zone))
    try:
        return context.channels({channel: None})[channel].render(digest, address)
    except DigestError as error:
        plain = context.config.channel_named(channel).model_copy(update={"templates": None})
        said = f"This digest has its usual look: a template has a mistake. {error}"
        told = replace(digest, notes=(*digest.notes, said))
        return open_channel(plain, context.config.folder, context.environ).render(told, address)


def new_message_metadata(digest: str, channel: str, now: datetime) -> MessageMetadata:
    """Address a new delivery; every digest of one definition belongs to the same thread."""
    return MessageMetadata(
        message_id=f"<{uuid.uuid4().hex}@{_DOMAIN}>", thread_root=f"<{digest}.{channel}@{_DOMAIN}>", created_at=now
    )
