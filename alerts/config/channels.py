"""The ways out: ``[[channel]]`` of config.toml."""

from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from alerts.config.identifiers import Identifier
from jobspider.config import FilePathText, PathText, Section, is_mail_address, parse_server_url


def _is_mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if not is_mail_address(address) or "," in value or not value.isprintable():
        raise ValueError("an e-mail address is expected, like team@example.org or Team <team@example.org>")
    if not address.isascii():  # SMTP takes others only from servers that say so (RFC 6531), and few do
        raise ValueError("an address of ASCII letters is expected; a domain of others is written xn--...")
    return value


def _is_smtp_address(value: str) -> str:
    parts = parse_server_url(value)
    if parts is not None and parts.password is not None:
        raise ValueError(
            "a password does not belong into this file: leave it out and set JOBSPIDER_<CHANNEL>_PASSWORD or ..._FILE"
        )
    if parts is None or parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise ValueError(
            "an address like smtp://localhost:1025, smtp+starttls://user@host:587 or smtps://user@host is expected"
        )
    return value


TimeoutSeconds = Annotated[float, Field(gt=0, le=600)]
Mailbox = Annotated[str, AfterValidator(_is_mailbox)]


class _Channel(Section):
    """What every way out has."""

    name: Identifier

    @property
    def secrets(self) -> tuple[str, ...]:
        """What its secrets are called in the environment, after the channel's name: ``PASSWORD``."""
        return ()


class TemplatedChannel(_Channel):
    """A way out whose messages are made by templates, the project's or those of a folder of one's own."""

    templates: PathText | None = None

    def templates_folder(self, folder: Path) -> Path | None:
        """Return where its own templates are; a relative path counts from ``folder``, that of config.toml."""
        return None if self.templates is None else folder / self.templates


class EmailChannel(TemplatedChannel):
    """Mail over SMTP."""

    type: Literal["email"]
    to: Annotated[list[Mailbox], Field(min_length=1)]
    sender: Annotated[Mailbox, Field(alias="from")]
    smtp: Annotated[str, AfterValidator(_is_smtp_address)]
    timeout_seconds: TimeoutSeconds = 60.0
    charts: bool = True
    attach_csv: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """A password, where the server's address names a user to log in as."""
        return () if urlsplit(self.smtp).username is None else ("PASSWORD",)


class SlackChannel(_Channel):
    """A Slack incoming webhook; its URL is a secret and comes from the environment."""

    type: Literal["slack"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address: who knows it can post."""
        return ("WEBHOOK_URL",)


class FileChannel(TemplatedChannel):
    """Files in a folder, replaced by each digest: ``digest.txt``, ``digest.html``, ``digest.eml``, ``slack.json``."""

    type: Literal["file"]
    path: PathText
    formats: Annotated[list[Literal["txt", "html", "eml", "slack"]], Field(min_length=1)] = ["txt", "html"]


class FeedChannel(TemplatedChannel):
    """An Atom feed in a file, for a feed reader or a web server to pick up."""

    type: Literal["feed"]
    path: FilePathText
    entries: Annotated[int, Field(ge=1, le=1000)] = 30


class WebhookChannel(_Channel):
    """A signed JSON document, posted to a program of one's own."""

    type: Literal["webhook"]
    timeout_seconds: TimeoutSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where it is posted to, and what it is signed with."""
        return ("WEBHOOK_URL", "SIGNING_KEY")


class AppriseChannel(TemplatedChannel):
    """Any service that Apprise knows; its Apprise URL is a secret and comes from the environment."""

    type: Literal["apprise"]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The Apprise URL."""
        return ("APPRISE_URL",)


AnyChannel = EmailChannel | SlackChannel | FileChannel | FeedChannel | WebhookChannel | AppriseChannel
