"""What is to be sent, what was sent, and what each recipient was last told.

The tables live in the same file as the snapshots, in a migration set of their own. At least once, never lost: a digest,
its changes and its deliveries are written together or not at all, and ``told`` moves only together with ``sent``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.delivery.rows import INSERT_CHANGE, SELECT_DELIVERIES, SELECT_TOLD, baseline_of, change_rows, delivery_of
from alerts.delivery.schema import OUTBOX
from alerts.model.changes import Digest
from alerts.model.delivery import Baselines, Delivery, DeliveryState
from alerts.model.topics import Topic
from jobspider.store import timestamps
from jobspider.store.database import Database

GIVE_UP_AFTER: Final = timedelta(days=7)
"""A delivery that could not be made for so long is dead; the next digest tells the whole difference anyway."""

_LIST_CHANGES: Final = """
SELECT subject_id, topic || '/' || item, iif(kind = 'left', list, NULL)
FROM changes JOIN deliveries ON deliveries.id = delivery_id JOIN digests ON digests.id = digest_id
WHERE kind IN ('entered', 'left', 'returned') AND standing = 'told' AND state = 'sent' AND name = ? AND channel = ?
ORDER BY changes.id
"""
_INFORMED_UNTIL: Final = """
SELECT max(created_at) FROM (
    SELECT digests.created_at, state, count(state) OVER (ORDER BY digests.id) AS deliveries_so_far
    FROM digests LEFT JOIN deliveries ON digest_id = digests.id AND channel = :channel
    WHERE name = :digest
) WHERE state = 'sent' OR (state IS NULL AND deliveries_so_far > 0)
"""
_SUPERSEDE: Final = """
UPDATE deliveries SET state = 'superseded', reason = 'a newer digest holds its news'
WHERE channel = ? AND state IN ('pending', 'retry', 'ambiguous', 'sending')
    AND digest_id IN (SELECT id FROM digests WHERE name = ?)
"""
# What may have arrived is left to be sent: whoever has read of a move is then told that it is over.
_SUPERSEDE_WITHOUT_SUCCESSOR: Final = """
UPDATE deliveries SET state = 'superseded', reason = 'its news is over, a newer digest finds'
WHERE channel = ? AND state IN ('pending', 'retry') AND digest_id IN (SELECT id FROM digests WHERE name = ?)
"""


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A digest for one channel, rendered, as it is to be sent."""

    channel: str
    digest: Digest
    payload: bytes


class Outbox:
    """The outbox of an open database. Of one opened read-only that never held a digest, everything is empty."""

    def __init__(self, database: Database) -> None:
        self._database = database
        if database.read_only:
            found = database.rows("SELECT count(*) FROM sqlite_master WHERE name = 'told'")
            self._is_there = bool(found[0][0])
        else:
            database.apply(OUTBOX)
            self._is_there = True

    def baselines(self, digest: str, channel: str) -> Baselines:
        """Return what a digest's recipients behind a channel were last told.

        What they were told of one skill or place alone has a topic of its own, see
        :func:`~alerts.model.topics.item_topic`.
        """
        rows = self._rows(SELECT_TOLD, (digest, channel))
        left_lists = {row[:2]: row[2] for row in self._rows(_LIST_CHANGES, (digest, channel))}
        return {(row[0], Topic(row[1])): baseline_of(row, left_lists.get(row[:2])) for row in rows}

    def is_queued(self, digest: str, due: str) -> bool:
        """Whether a digest was queued for an occasion, were it only to find that there is nothing to send."""
        return bool(self._rows("SELECT 1 FROM digests WHERE name = ? AND due = ?", (digest, due)))

    def last_occasion(self, digest: str) -> str | None:
        """Return the newest occasion that a digest was queued for, ``None`` if it never was."""
        rows = self._rows("SELECT due FROM digests WHERE name = ? ORDER BY id DESC LIMIT 1", (digest,))
        return rows[0][0] if rows else None

    def last_notices(self, prefix: str) -> list[tuple[str, str, str, datetime]]:
        """Return, of each digest whose name begins so, its name and its newest occasion, headline and moment."""
        rows = self._rows(
            "SELECT name, due, headline, created_at FROM digests WHERE id IN ("
            "SELECT max(id) FROM digests WHERE substr(name, 1, length(:prefix)) = :prefix GROUP BY name) ORDER BY name",
            {"prefix": prefix},
        )
        return [(name, due, headline, timestamps.from_text(at)) for name, due, headline, at in rows]

    def informed_until(self, digest: str, channel: str) -> datetime | None:
        """Return until when a channel's recipients have heard all that there was to tell, ``None`` if never.

        That is when the newest digest was made that was sent to them or, after their first, held nothing for them. What
        was read since then belongs into the next one, also where a digest in between could not be sent.
        """
        rows = self._rows(_INFORMED_UNTIL, {"digest": digest, "channel": channel})
        return timestamps.from_text(rows[0][0]) if rows and rows[0][0] else None

    def queue(
        self, digest: str, due: str, created_at: datetime, orders: Sequence[OutboxEntry], quiet: Sequence[str] = ()
    ) -> int:
        """Write a digest, its changes and one delivery for each channel, in one transaction.

        A delivery of the same digest to the same channel that is not sent yet is superseded: the new one is computed
        from what was last told, so it holds the old one's news too. So is one whose news is over, unless it may have
        arrived.

        Args:
            digest: The digest's name.
            due: The occasion; it is unique for a digest.
            created_at: The present.
            orders: What to send; none if there is nothing to tell.
            quiet: Other channels of the digest, to which it has nothing to say.

        Returns:
            The digest's id.
        """
        at = timestamps.to_text(created_at)
        headline = orders[0].digest.headline if orders else ""
        with self._database.immediate() as connection:
            cursor = connection.execute(
                "INSERT INTO digests (name, due, created_at, headline) VALUES (?, ?, ?, ?)",
                (digest, due, at, headline),
            )
            digest_id = int(cursor.lastrowid or 0)
            for channel in quiet:
                connection.execute(_SUPERSEDE_WITHOUT_SUCCESSOR, (channel, digest))
            for order in orders:
                connection.execute(_SUPERSEDE, (order.channel, digest))
                cursor = connection.execute(
                    "INSERT INTO deliveries"
                    " (digest_id, channel, state, attempts, created_at, due_at, deadline_at, payload, reason)"
                    " VALUES (?, ?, 'pending', 0, ?, ?, ?, ?, '')",
                    (digest_id, order.channel, at, at, timestamps.to_text(created_at + GIVE_UP_AFTER), order.payload),
                )
                connection.executemany(INSERT_CHANGE, [(cursor.lastrowid, *row) for row in change_rows(order.digest)])
        return digest_id

    def due(self, now: datetime) -> tuple[Delivery, ...]:
        """Return the deliveries that may be tried now, the oldest first."""
        return self._deliveries(
            "WHERE state IN ('pending', 'retry', 'ambiguous') AND due_at <= ? ORDER BY deliveries.id",
            timestamps.to_text(now),
        )

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return every delivery, the newest first."""
        return self._deliveries("ORDER BY deliveries.id DESC")

    def delivery(self, delivery_id: int) -> Delivery | None:
        """Return a delivery, ``None`` if there is none of that id."""
        return next(iter(self._deliveries("WHERE deliveries.id = ?", delivery_id)), None)

    def newest(self) -> tuple[Delivery, ...]:
        """Return the newest delivery of each digest to each channel, in the order they were made."""
        return self._deliveries(
            "WHERE deliveries.id IN ("
            "SELECT max(deliveries.id) FROM deliveries JOIN digests ON digests.id = digest_id GROUP BY name, channel"
            ") ORDER BY deliveries.id"
        )

    def lease(self, delivery: Delivery, now: datetime, lease_for: timedelta) -> bool:
        """Take a delivery for sending.

        ``False`` if another process was faster, were it that it has tried and failed meanwhile, or if the delivery is
        no longer to be sent.
        """
        with self._database.immediate() as connection:
            cursor = connection.execute(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease_until = ?"
                " WHERE id = ? AND state = ? AND attempts = ? AND state IN ('pending', 'retry', 'ambiguous')",
                (timestamps.to_text(now + lease_for), delivery.delivery_id, delivery.state.value, delivery.attempts),
            )
            return cursor.rowcount == 1

    def expire_leases(self, now: datetime) -> int:
        """Mark as ambiguous what was being sent by a process that has not come back; return how many.

        Nobody knows whether those were sent: they are tried again under the same Message-ID.
        """
        at = timestamps.to_text(now)
        with self._database.immediate() as connection:
            cursor = connection.execute(
                "UPDATE deliveries SET state = 'ambiguous', due_at = ?, reason = 'sending was cut off'"
                " WHERE state = 'sending' AND lease_until <= ?",
                (at, at),
            )
            return cursor.rowcount

    def mark_sent(self, delivery_id: int, now: datetime, note: str) -> None:
        """Record that a delivery was made, and with it what its recipients now know, in one transaction.

        It was made, so nothing that was recorded meanwhile undoes that. But news that comes in after newer news, from
        a process whose lease had run out, does not take back what was told.
        """
        at = timestamps.to_text(now)
        with self._database.immediate() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'sent', sent_at = ?, lease_until = NULL, reason = ? WHERE id = ?",
                (at, note, delivery_id),
            )
            connection.execute(
                "INSERT INTO told (digest, channel, subject_id, topic, snapshot_id, content_id, told_at)"
                " SELECT DISTINCT digests.name, channel, subject_id, topic || coalesce('/' || item, ''), snapshot_id,"
                " content_id, ?"
                " FROM changes JOIN deliveries ON deliveries.id = delivery_id JOIN digests ON digests.id = digest_id"
                " WHERE delivery_id = ? AND standing = 'told'"
                " ON CONFLICT DO UPDATE SET snapshot_id = excluded.snapshot_id, content_id = excluded.content_id,"
                " told_at = excluded.told_at WHERE excluded.snapshot_id >= told.snapshot_id",
                (at, delivery_id),
            )

    def mark_retry(self, delivery_id: int, due_at: datetime, reason: str, *, possible_repeat: bool) -> None:
        """Record that an attempt failed, and when the next may be made.

        Args:
            delivery_id: Which.
            due_at: When.
            reason: Why it failed, in one line.
            possible_repeat: Whether this attempt or an earlier one may have arrived all the same.
        """
        state = DeliveryState.AMBIGUOUS if possible_repeat else DeliveryState.RETRY
        self._mark_failed(delivery_id, state, reason, timestamps.to_text(due_at))

    def mark_dead(self, delivery_id: int, reason: str) -> None:
        """Record that a delivery is given up."""
        self._mark_failed(delivery_id, DeliveryState.DEAD, reason, None)

    def pause_channel(self, channel: str, until: datetime) -> None:
        """Let nothing through a channel before a moment, as its other side has asked."""
        at = timestamps.to_text(until)
        with self._database.immediate() as connection:
            connection.execute(
                "UPDATE deliveries SET due_at = ?"
                " WHERE channel = ? AND state IN ('pending', 'retry', 'ambiguous') AND due_at < ?",
                (at, channel, at),
            )

    def retry_now(self, delivery: Delivery, now: datetime) -> bool:
        """Make due what waits or was given up, by hand; ``False`` if it is over or has moved on meanwhile.

        One that may have arrived stays marked as such.
        """
        return self._update_if_unchanged(
            delivery,
            "UPDATE deliveries SET state = iif(state = 'ambiguous', state, 'retry'), due_at = ?, deadline_at = ?",
            timestamps.to_text(now),
            timestamps.to_text(now + GIVE_UP_AFTER),
        )

    def cancel(self, delivery: Delivery) -> bool:
        """Give up by hand what waits, or was given up already; ``False`` if it is over or has moved on meanwhile."""
        return self._update_if_unchanged(
            delivery, "UPDATE deliveries SET state = 'cancelled', reason = ?", "cancelled by hand"
        )

    def _update_if_unchanged(self, delivery: Delivery, update: str, *values: object) -> bool:
        with self._database.immediate() as connection:
            cursor = connection.execute(
                f"{update} WHERE id = ? AND state = ? AND attempts = ?"
                " AND state IN ('pending', 'retry', 'ambiguous', 'dead')",
                (*values, delivery.delivery_id, delivery.state.value, delivery.attempts),
            )
            return cursor.rowcount == 1

    def _mark_failed(self, delivery_id: int, state: DeliveryState, reason: str, due_at: str | None) -> None:
        """Record a failure of the attempt that is under way: what was sent or superseded meanwhile stays so."""
        with self._database.immediate() as connection:
            connection.execute(
                "UPDATE deliveries SET state = ?, reason = ?, lease_until = NULL, due_at = coalesce(?, due_at)"
                " WHERE id = ? AND state = 'sending'",
                (state.value, reason, due_at, delivery_id),
            )

    def _deliveries(self, which: str, *parameters: object) -> tuple[Delivery, ...]:
        return tuple(delivery_of(row) for row in self._rows(SELECT_DELIVERIES + which, parameters))

    def _rows(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        return self._database.rows(sql, parameters) if self._is_there else []
