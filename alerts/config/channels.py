"""Define ``[[channel]]`` of config.toml: where digests are delivered to.

Secrets are not part of the file; :mod:`alerts.delivery.channels.credentials` reads them from the environment.
"""

from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from alerts.config.identifiers import Identifier
from jobspider.config import FilePathText, PathText, Section, is_mail_address, parse_server_url


def _validate_mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if not is_mail_address(address) or "," in value or not value.isprintable():
        raise ValueError("an e-mail address is expected, like team@example.org or Team <team@example.org>")
    if not address.isascii():  # few servers support SMTPUTF8 (RFC 6531)
        raise ValueError("the address has characters outside ASCII: write its domain in the form xn--...")
    return value


def _validate_smtp_url(value: str) -> str:
    parts = parse_server_url(value)
    if parts is not None and parts.password is not None:
        raise ValueError(
            "the URL contains a password: remove it and set JOBSPIDER_<CHANNEL>_PASSWORD or ..._FILE in the environment"
        )
    if parts is None or parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise ValueError(
            "a URL like smtp://localhost:1025, smtp+starttls://user@host:587 or smtps://user@host is expected"
        )
    return value


TimeoutSeconds = Annotated[float, Field(gt=0, le=600)]
Mailbox = Annotated[str, AfterValidator(_validate_mailbox)]


class _Channel(Section):
    """Keys of every channel."""

    name: Identifier

    @property
    def secrets(self) -> tuple[str, ...]:
        """Suffixes of the environment variables with the channel's secrets, for example ``PASSWORD``."""
        return ()


class TemplatedChannel(_Channel):
    """A channel whose messages are rendered with templates: those of the project, or the user's own."""

    templates: PathText | None = None

    def templates_folder(self, folder: Path) -> Path | None:
        """Return the directory of the user's templates. A relative path starts at ``folder``, that of config.toml."""
        return None if self.templates is None else folder / self.templates


class EmailChannel(TemplatedChannel):
    """E-mail through an SMTP server."""

    type: Literal["email"]
    to: Annotated[list[Mailbox], Field(min_length=1)]
    sender: Annotated[Mailbox, Field(alias="from")]
    smtp: Annotated[str, AfterValidator(_validate_smtp_url)]
    timeout_seconds: TimeoutSeconds = 60.0
    charts: bool = True
    attach_csv: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, if the URL of the server contains a user name."""
        return () if urlsplit(self.smtp).username is None else ("PASSWORD",)


class SlackChannel(_Channel):
    """A Slack incoming webhook."""

    type: Literal["slack"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The URL of the webhook: everybody who knows it can post."""
        return ("WEBHOOK_URL",)


class FileChannel(TemplatedChannel):
    """The latest digest as files in a directory: ``digest.txt``, ``digest.html``, ``digest.eml``, ``slack.json``."""

    type: Literal["file"]
    path: PathText
    formats: Annotated[list[Literal["txt", "html", "eml", "slack"]], Field(min_length=1)] = ["txt", "html"]


class FeedChannel(TemplatedChannel):
    """An Atom feed in a file, for a feed reader or a web server."""

    type: Literal["feed"]
    path: FilePathText
    entries: Annotated[int, Field(ge=1, le=1000)] = 30


class WebhookChannel(_Channel):
    """A signed JSON document, sent to another program by HTTP POST."""

    type: Literal["webhook"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The URL of the webhook and the key of the signature."""
        return ("WEBHOOK_URL", "SIGNING_KEY")


class AppriseChannel(TemplatedChannel):
    """A service that Apprise supports."""

    type: Literal["apprise"]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The Apprise URL."""
        return ("APPRISE_URL",)


AnyChannel = EmailChannel | SlackChannel | FileChannel | FeedChannel | WebhookChannel | AppriseChannel
