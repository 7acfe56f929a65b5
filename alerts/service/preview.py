"""Show what would be sent, and send test messages. Nothing is written to the outbox."""

from typing import Final

from alerts.config import DigestConfig
from alerts.detection.figures import topics_of
from alerts.digests.assembly import newly_watched
from alerts.model.changes import Coverage, Digest
from alerts.service.context import ServiceContext
from alerts.service.publish import build_digest, new_message_metadata
from jobspider.errors import UsageError
from jobspider.store.database import Database
from jobspider.store.reader import Reader

_EXAMPLES: Final = 5


def preview(context: ServiceContext, definition: DigestConfig) -> dict[str, Digest]:
    """Return what a digest would tell each of its channels now; nothing is written, nothing is sent.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
    """
    with Database.open(context.config.database_path, read_only=True) as database:
        return {
            name: build_digest(context, database, definition, name, context.clock()) for name in definition.channels
        }


def dry_run(context: ServiceContext, definition: DigestConfig, channel: str) -> bytes:
    """Return exactly what a digest would send through one of its channels now; nothing is written, nothing is sent.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
        DigestError: A template of the user's own has a mistake.
    """
    now = context.clock()
    with Database.open(context.config.database_path, read_only=True) as database:
        digest = build_digest(context, database, definition, channel, now)
    return context.channels({channel: None})[channel].render(
        digest, new_message_metadata(definition.name, channel, now)
    )


def example_digest(context: ServiceContext, channel: str) -> Digest:
    """Return a digest of the last figures of a few pages that says of itself that it is a test.

    Raises:
        StoreError: There is no database yet, or it cannot be read.
        UsageError: Nothing is in it yet.
    """
    with Database.open(context.config.database_path, read_only=True) as database:
        reader = Reader(database)
        heads = reader.latest_snapshots()[:_EXAMPLES]
        snapshots = [reader.snapshot(head.snapshot_id) for head in heads]
    if not heads:
        raise UsageError("there are no figures yet to make a test of: run jobspider crawl first")
    return Digest(
        name="test",
        created_at=context.clock().astimezone(context.config.schedule.zone),
        headline=f"Test: jobspider reaches {channel}",
        groups=(),
        watching=tuple(newly_watched(each, topics_of(each.content)) for each in snapshots),
        below_threshold=(),
        suppressed=(),
        coverage=Coverage(len(heads), 0, len(heads), (), (), min(head.as_of for head in heads)),
        notes=("This is a test, sent by hand. Its figures are the last ones known; nothing counts as told by it.",),
    )


def send_test(context: ServiceContext, channel: str) -> str:
    """Send :func:`example_digest` through a channel at once, past the outbox; return what the channel remarks.

    Raises:
        DeliveryError: It did not arrive.
        UsageError: A secret is missing, or there is nothing to make a test of.
        StoreError: There is no database yet, or it cannot be read.
        DigestError: A template of the user's own has a mistake.
    """
    now, digest = context.clock(), example_digest(context, channel)
    out = context.channels({channel: None})[channel]
    return out.send(out.render(digest, new_message_metadata("test", channel, now)), now=now, possible_repeat=False)
