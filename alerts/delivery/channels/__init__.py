"""Ways out of the house. A new one is one file in this package and one line in :func:`open_channel`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from alerts.config import (
    AnyChannel,
    AppriseChannel,
    EmailChannel,
    FeedChannel,
    FileChannel,
    SlackChannel,
    WebhookChannel,
)
from alerts.delivery.channels.apprise import Apprise
from alerts.delivery.channels.file import Files
from alerts.delivery.channels.smtp import Mail
from alerts.delivery.channels.webhook import Webhook
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """The channel's name in config.toml."""

    @property
    def min_interval_seconds(self) -> float:
        """How long to wait between two messages through channels of this kind."""

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the whole payload of a delivery, as it will be kept until it is sent: pure, and without any secret.

        Raises:
            DigestError: A template of the user's own has a mistake.
        """

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Send a payload of :meth:`render`, once.

        Args:
            payload: What to send.
            now: The present.
            possible_repeat: Whether an earlier attempt may have arrived.

        Returns:
            What is to be remarked of a delivery that was made (recipients who were refused), else nothing.

        Raises:
            TransientDeliveryError: Try again later.
            BarredDeliveryError: No message gets through until a person has mended something.
            PermanentDeliveryError: Trying again cannot help.
            CredentialError: The secret is missing, unreadable or refused.
        """


class CheckedChannel(Channel, Protocol):
    """A way out that can say beforehand what would keep it from sending."""

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return what must hold for anything to be sent.

        Each asks for one thing, raises what :meth:`send` would raise for the want of it, and sends nothing.
        """


def open_channel(config: AnyChannel, folder: Path, environ: Mapping[str, str]) -> CheckedChannel:
    """Return the way out that a section of config.toml describes. Nothing is connected and no secret is read yet.

    Args:
        config: The section.
        folder: Where config.toml is; relative paths count from here.
        environ: The environment, for secrets.
    """
    match config:
        case EmailChannel():
            return Mail(config, folder, environ)
        case SlackChannel():
            # These two bring a dozen megabytes along, which a service that does not use them need not hold for months.
            from alerts.delivery.channels.slack import Slack  # noqa: PLC0415 - as just said

            return Slack(config, environ)
        case FileChannel():
            return Files(config, folder)
        case FeedChannel():
            from alerts.delivery.channels.feed import Feed  # noqa: PLC0415 - likewise

            return Feed(config, folder)
        case WebhookChannel():
            return Webhook(config, environ)
        case AppriseChannel():
            return Apprise(config, folder, environ)
