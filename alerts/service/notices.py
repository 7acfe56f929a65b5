"""What the operator is told of the service itself: that a recipient cannot be reached, and when it is over.

Once for each problem and once for its end, whatever became of the digests in between; never by the channel that is the
problem, and never to the readers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from alerts.delivery.outbox import Outbox
from alerts.model.changes import Digest
from alerts.model.delivery import NEEDS_ACTION_PREFIX, Delivery, DeliveryState

PREFIX: Final = "operator."
"""With it begins the name under which a notice stands in the outbox; no digest's can, for its full stop."""

NOTIFY_AFTER: Final = timedelta(hours=6)
"""A delivery that waits for so long is told of, whether or not it is given up one day."""


_OPEN, _OVER = "given up", "over"
_UNREACHED: Final = (DeliveryState.RETRY, DeliveryState.AMBIGUOUS)


def is_undelivered(delivery: Delivery, now: datetime) -> bool:
    """Tell whether a delivery was given up, waits for a person, or for longer than can pass unmentioned."""
    is_urgent = delivery.reason.startswith(NEEDS_ACTION_PREFIX) or now - delivery.created_at >= NOTIFY_AFTER
    return delivery.state is DeliveryState.DEAD or (delivery.state in _UNREACHED and is_urgent)


def notice(name: str, now: datetime, headline: str, *sentences: str) -> Digest:
    """Return a message to the operator; ``name`` is the problem's, without :data:`PREFIX`."""
    return Digest(f"{PREFIX}{name}", now, headline, (), (), (), (), coverage=None, notes=sentences)


def due_notices(outbox: Outbox, operator: str, now: datetime) -> Iterator[tuple[Digest, str]]:
    """Yield what is to be told now, each with the occasion that it may be queued for.

    Args:
        outbox: Where it stands what became of the deliveries, and what the operator was told.
        operator: The operator's channel.
        now: The present.
    """
    for delivery in outbox.newest():
        if delivery.channel == operator or delivery.digest_name.startswith(PREFIX):
            continue
        name = f"{delivery.digest_name}.{delivery.channel}"
        is_open = (outbox.last_occasion(f"{PREFIX}{name}") or "").startswith(_OPEN)
        if is_undelivered(delivery, now) and not is_open:
            yield _failure_notice(name, delivery, now), f"{_OPEN} {delivery.delivery_id}"
        elif delivery.state is DeliveryState.SENT and is_open:
            yield _recovery_notice(name, delivery, now), f"{_OVER} {delivery.delivery_id}"


def _failure_notice(name: str, delivery: Delivery, now: datetime) -> Digest:
    return notice(
        name,
        now,
        f"The digest {delivery.digest_name} could not be delivered to {delivery.channel}",
        f"The reason: {delivery.reason}",
        f"Nothing is lost: {_outlook(delivery)}. To send this one at once, when the reason is mended:"
        f" jobspider outbox retry {delivery.delivery_id}",
    )


def _outlook(delivery: Delivery) -> str:
    if delivery.state is DeliveryState.DEAD:
        return "the next digest holds its news"
    return f"it is tried again until {delivery.deadline_at:%d %B %Y, %H:%M} UTC"


def _recovery_notice(name: str, delivery: Delivery, now: datetime) -> Digest:
    return notice(
        name,
        now,
        f"The digest {delivery.digest_name} is delivered to {delivery.channel} again",
        "What it could not be told meanwhile was in this delivery.",
    )
