"""The nouns of a delivery: one digest on its way to one channel. All are frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from alerts.model.changes import Baseline
from alerts.model.topics import Topic


@dataclass(frozen=True, slots=True)
class MessageMetadata:
    """What a channel needs to know of a delivery beside its digest, the same at every attempt.

    ``message_id`` and ``thread_root`` are whole Message-IDs, with angle brackets; all digests of one definition
    share the root.
    """

    message_id: str
    thread_root: str
    created_at: datetime


class DeliveryState(StrEnum):
    """Where a delivery is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    RETRY = "retry"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    """Given up by hand."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest for one channel.

    ``due_at`` is when the next attempt may be made, ``deadline_at`` when it is given up. ``reason`` is one line: why
    the last attempt failed, or what the channel remarked on a success.
    """

    delivery_id: int
    digest_name: str
    channel: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    deadline_at: datetime
    sent_at: datetime | None
    payload: bytes
    reason: str


NEEDS_ACTION_PREFIX: Final = "to be mended: "
"""With it begins the reason of a delivery that only a person can help: that is told of at once."""


Baselines = Mapping[tuple[int, Topic], Baseline]
"""What a recipient was last told, by subject and topic."""
