"""Digests, deliveries and what was told, to the rows of the outbox and back.

A statement stands here where a function beside it relies on the order of its columns.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from alerts.model.changes import AssessedChange, Baseline, Digest
from alerts.model.delivery import Delivery, DeliveryState
from alerts.model.topics import Topic
from jobspider.model import SnapshotInfo
from jobspider.store import timestamps

INSERT_CHANGE: Final = """
INSERT INTO changes (delivery_id, subject_id, topic, snapshot_id, content_id, kind, statistic, basis, item, list, old,
    new, old_as_of, p_value, verdict, standing, because)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_DELIVERIES: Final = """
SELECT deliveries.id, digests.name, channel, state, attempts, deliveries.created_at, due_at, deadline_at, sent_at,
    payload, reason
FROM deliveries JOIN digests ON digests.id = digest_id
"""
SELECT_TOLD: Final = """
SELECT told.subject_id, topic, snapshot_id, told.content_id, as_of, told_at,
    iif(snapshots.content_id = told.content_id, parser_version, NULL)
FROM told JOIN snapshots ON snapshots.id = snapshot_id WHERE digest = ? AND channel = ?
"""

_OTHER_PAGE: Final = "against"
_FIRST_TOLD: Final = {"watching": "first told", "restated": "the source restated its history"}


def change_rows(digest: Digest) -> list[tuple[object, ...]]:
    """Return what a digest holds as rows of ``changes``, each without its delivery's id."""
    lines = [line for group in digest.groups for line in group.lines] + [*digest.below_threshold, *digest.suppressed]
    watching = [(head, each.topics) for each in digest.watching for head in each.heads]
    return [
        *map(_line_row, lines),
        *(_other_page_row(line) for line in lines if line.change.derived),
        *(row for head, topics in watching for row in _first_told_rows(head, topics, "watching")),
        *(row for each in digest.restated for row in _first_told_rows(each.snapshot, each.topics, "restated")),
    ]


def _line_row(line: AssessedChange) -> tuple[object, ...]:
    change, evidence = line.change, line.evidence
    return (
        change.snapshot.subject_id,
        change.topic,
        change.snapshot.snapshot_id,
        change.snapshot.content_id,
        change.kind.value,
        change.statistic,
        change.basis and change.basis.value,
        change.item,
        change.skill and change.skill.list_name,
        None if change.old is None else float(change.old),
        None if change.new is None else float(change.new),
        change.old_as_of.isoformat(),
        evidence.p_value,
        evidence.verdict.value,
        line.decision.value,
        line.reason,
    )


def _other_page_row(line: AssessedChange) -> tuple[object, ...]:
    """Return a row without figures for the other page of a derived watch: it counts as told together with the first."""
    *_, head = line.change.snapshots
    row = (head.subject_id, line.change.topic, head.snapshot_id, head.content_id, _OTHER_PAGE)
    return (*row, *[None] * 9, line.decision.value, line.reason)


def _first_told_rows(head: SnapshotInfo, topics: Iterable[Topic], kind: str) -> list[tuple[object, ...]]:
    """Return a row without figures for each topic that counts as told from here on: the snapshot has them."""
    return [
        (head.subject_id, topic, head.snapshot_id, head.content_id, kind, *[None] * 9, "told", _FIRST_TOLD[kind])
        for topic in topics
    ]


def delivery_of(row: tuple[Any, ...]) -> Delivery:
    """Return the delivery that a row of ``SELECT_DELIVERIES`` is."""
    delivery_id, digest, channel, state, attempts, created_at, due_at, deadline_at, sent_at, payload, reason = row
    return Delivery(
        delivery_id=delivery_id,
        digest_name=digest,
        channel=channel,
        state=DeliveryState(state),
        attempts=attempts,
        created_at=timestamps.from_text(created_at),
        due_at=timestamps.from_text(due_at),
        deadline_at=timestamps.from_text(deadline_at),
        sent_at=None if sent_at is None else timestamps.from_text(sent_at),
        payload=payload,
        reason=reason,
    )


def baseline_of(row: tuple[Any, ...], left: str | None) -> Baseline:
    """Return what was told of a topic: its row of ``SELECT_TOLD``, and which list its skill had left, if it had."""
    _, _, snapshot_id, content_id, as_of, told_at, parser_version = row
    return Baseline(
        snapshot_id, content_id, date.fromisoformat(as_of), timestamps.from_text(told_at), parser_version, left
    )
