"""Send what is due: take it, try it, record how it went; one channel's failure never touches another."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from alerts.delivery.channels import Channel
from alerts.delivery.outbox import Outbox
from alerts.errors import CredentialError, DeliveryBlockedError, PermanentDeliveryError, TransientDeliveryError
from alerts.model.delivery import NEEDS_ACTION_PREFIX, Delivery, DeliveryState

LEASE: Final = timedelta(minutes=15)
"""Longer than any channel may take: mail may wait ten minutes after the final dot (RFC 5321, section 4.5.3.2.6)."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)


def deliver_due(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    clock: Callable[[], datetime],
    jitter: random.Random,
    wait: Callable[[float], None] = time.sleep,
) -> tuple[Delivery, ...]:
    """Try every delivery that is due, once.

    Args:
        outbox: Where they are kept.
        channels: The ways out, by name.
        clock: Returns the present in UTC.
        jitter: Spreads the pauses between attempts.
        wait: Waits for so many seconds, between two messages through channels that ask for it.

    Returns:
        Each delivery that was tried, as it now stands.

    Raises:
        Exception: A fault of a channel's program, when all others have been tried; its delivery will be tried again.
    """
    outbox.expire_leases(clock())
    tried, faults = [], []
    used: dict[type[Channel], datetime] = {}
    for due in outbox.due(clock()):
        delivery = outbox.delivery(due.delivery_id)
        if delivery is None or delivery.due_at > clock():
            continue  # its channel has asked meanwhile to be left alone
        channel = channels.get(delivery.channel)
        if channel is not None:
            _rate_limit(channel, used, clock, wait)
        if outbox.lease(delivery, clock(), LEASE):
            tried.append(delivery.delivery_id)
            fault = _attempt(outbox, channel, delivery, clock, jitter)
            if fault is not None:
                faults.append(fault)
            if channel is not None:
                used[type(channel)] = clock()
    if faults:
        raise faults[0]
    found = (outbox.delivery(delivery_id) for delivery_id in reversed(tried))
    return tuple(delivery for delivery in found if delivery is not None)


def backoff(attempts: int, jitter: random.Random) -> timedelta:
    """Return how long to wait after so many failed attempts: doubling, with full jitter on the upper half."""
    longest = min(_FIRST_PAUSE * (1 << min(attempts, 20)), _LONGEST_PAUSE)
    return longest * jitter.uniform(0.5, 1.0)


def _rate_limit(
    channel: Channel,
    used: Mapping[type[Channel], datetime],
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
) -> None:
    """Wait until a channel of this kind may be used again: two of them may lead to the same place."""
    if type(channel) in used:
        left = channel.min_interval_seconds - (clock() - used[type(channel)]).total_seconds()
        if left > 0:
            wait(left)


def _attempt(
    outbox: Outbox,
    channel: Channel | None,
    delivery: Delivery,
    clock: Callable[[], datetime],
    jitter: random.Random,
) -> Exception | None:
    """Make one attempt and record how it went; return what no channel should have raised."""
    if channel is None:
        outbox.mark_dead(delivery.delivery_id, f"config.toml has no channel {delivery.channel!r} any more")
        return None
    may_have_arrived = delivery.state is DeliveryState.AMBIGUOUS
    try:
        note = channel.send(delivery.payload, now=clock(), possible_repeat=may_have_arrived)
    except PermanentDeliveryError as error:
        outbox.mark_dead(delivery.delivery_id, str(error))
    except TransientDeliveryError as error:
        asked, may_have_arrived = error.retry_after, may_have_arrived or error.may_have_arrived
        due_at = clock() + (asked if asked is not None else backoff(delivery.attempts, jitter))
        _retry_or_give_up(outbox, delivery, due_at, str(error), possible_repeat=may_have_arrived)
        if asked is not None:
            outbox.pause_channel(delivery.channel, due_at)
    except (DeliveryBlockedError, CredentialError) as error:
        # The operator's to mend, who is told by these words; and then the digest should still go out.
        due_at = clock() + backoff(delivery.attempts, jitter)
        _retry_or_give_up(outbox, delivery, due_at, f"{NEEDS_ACTION_PREFIX}{error}", possible_repeat=may_have_arrived)
    except Exception as error:  # noqa: BLE001 - the border: one channel's fault must not keep the others from sending
        due_at = clock() + backoff(delivery.attempts, jitter)
        # Its text may hold a secret, its type does not.
        _retry_or_give_up(
            outbox, delivery, due_at, f"a fault of this program: {type(error).__name__}", possible_repeat=True
        )
        return error
    else:
        outbox.mark_sent(delivery.delivery_id, clock(), note)
    return None


def _retry_or_give_up(
    outbox: Outbox, delivery: Delivery, due_at: datetime, reason: str, *, possible_repeat: bool
) -> None:
    """Have a delivery tried again, unless that would be past its deadline."""
    if due_at > delivery.deadline_at:
        outbox.mark_dead(delivery.delivery_id, f"given up after {delivery.attempts + 1} attempts: {reason}")
    else:
        outbox.mark_retry(delivery.delivery_id, due_at, reason, possible_repeat=possible_repeat)
