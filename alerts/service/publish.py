"""Build digests, queue them in the outbox and send what is due."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from alerts.config import DigestConfig
from alerts.delivery.channels import open_channel
from alerts.delivery.outbox import Order, Outbox
from alerts.delivery.sender import deliver_due
from alerts.digests.builder import Editor
from alerts.digests.series import with_history
from alerts.errors import DigestError
from alerts.model.changes import Digest
from alerts.model.delivery import Delivery, DeliveryState, Envelope
from alerts.service.context import House
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
