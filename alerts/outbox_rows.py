"""Digests and deliveries to the rows of the outbox and back."""

from collections.abc import Iterable
from typing import Any, Final

from alerts.model import Delivery, DeliveryState, Digest, Line
from jobspider.model import SnapshotHead
from jobspider.store import times

_OTHER_PAGE: Final = "against"
_FIRST_TOLD: Final = {"watching": "first told", "restated": "the source restated its history"}


def change_rows(digest: Digest) -> list[tuple[object, ...]]:
    """Return what a digest holds as rows of ``changes``, each without its delivery's id."""
    lines = [line for group in digest.groups for line in group.lines] + [*digest.nearly, *digest.held_back]
    watching = [(head, each.topics) for each in digest.watching for head in each.heads]
    return [
        *map(_line_row, lines),
        *(_other_page_row(line) for line in lines if line.change.pair),
        *(row for head, topics in watching for row in _first_told_rows(head, topics, "watching")),
        *(row for each in digest.restated for row in _first_told_rows(each.head, each.topics, "restated")),
    ]


def _line_row(line: Line) -> tuple[object, ...]:
    change, evidence = line.change, line.evidence
    return (
        change.head.subject_id,
        change.topic,
        change.head.snapshot_id,
        change.head.content_id,
        change.kind.value,
        change.statistic,
        change.basis and change.basis.value,
        change.item,
        change.skill_list,
        None if change.old is None else float(change.old),
        None if change.new is None else float(change.new),
        change.old_as_of.isoformat(),
        evidence.p_value,
        evidence.verdict.value,
        line.standing.value,
        line.because,
    )


def _other_page_row(line: Line) -> tuple[object, ...]:
    """Return a row without figures for the other page of a derived watch: it counts as told together with the first."""
    *_, head = line.change.heads
    row = (head.subject_id, line.change.topic, head.snapshot_id, head.content_id, _OTHER_PAGE)
    return (*row, *[None] * 9, line.standing.value, line.because)


def _first_told_rows(head: SnapshotHead, topics: Iterable[str], kind: str) -> list[tuple[object, ...]]:
    """Return a row without figures for each topic that counts as told from here on: the snapshot has them."""
    return [
        (head.subject_id, topic, head.snapshot_id, head.content_id, kind, *[None] * 9, "told", _FIRST_TOLD[kind])
        for topic in topics
    ]


def delivery_of(row: tuple[Any, ...]) -> Delivery:
    """Return the delivery that a row of the outbox is, its columns in the order of :class:`~alerts.model.Delivery`."""
    delivery_id, digest, channel, state, attempts, created_at, due_at, deadline_at, sent_at, payload, reason = row
    return Delivery(
        delivery_id=delivery_id,
        digest_name=digest,
        channel=channel,
        state=DeliveryState(state),
        attempts=attempts,
        created_at=times.from_text(created_at),
        due_at=times.from_text(due_at),
        deadline_at=times.from_text(deadline_at),
        sent_at=None if sent_at is None else times.from_text(sent_at),
        payload=payload,
        reason=reason,
    )
