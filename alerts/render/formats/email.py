"""Render a digest as a complete e-mail message."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render import presenter
from alerts.render.formats.csv_table import FILE_NAME, render_csv
from alerts.render.formats.html import render_html
from alerts.render.formats.text import render_text
from alerts.render.sanitize import clean_text

_MAX_SUBJECT_LENGTH: Final = 200
_NOT_LIST_ID_CHARACTERS: Final = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class EmailOptions:
    """Options of a channel: directory of user templates, and whether the changes are attached as CSV."""

    templates: Path | None = None
    attach_csv: bool = False


def render_email(
    digest: Digest,
    metadata: MessageMetadata,
    sender: str,
    to: Sequence[str],
    options: EmailOptions = EmailOptions(),
    charts: Mapping[int, bytes] = MappingProxyType({}),
) -> bytes:
    """Return a message with CRLF line endings, with a text part followed by the HTML part.

    The same arguments give the same bytes.

    Args:
        digest: The digest.
        metadata: Message-ID, thread and date; the same for every attempt.
        sender: A mailbox, ``Job market <jobs@example.org>``.
        to: Mailboxes.
        options: Options of the channel.
        charts: PNG charts by subject id.

    Raises:
        DigestError: A user template is invalid.
    """
    message = EmailMessage(policy=SMTP)
    _add_headers(message, digest, metadata, sender, to)
    # Always quoted-printable: 7-bit, short lines, and the size that the HTML was fitted to.
    message.set_content(render_text(digest, options.templates), cte="quoted-printable")
    names = {subject: _content_id(subject, metadata) for subject in charts}
    html = render_html(digest, {subject: f"cid:{name}" for subject, name in names.items()}, options.templates)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    *_, part = message.iter_parts()
    assert isinstance(part, EmailMessage), "the part that was just added"
    for subject, picture in charts.items():
        part.add_related(picture, "image", "png", cid=f"<{names[subject]}>", disposition="inline")
    if options.attach_csv:
        message.add_attachment(
            render_csv(digest), subtype="csv", filename=FILE_NAME, charset="utf-8", cte="quoted-printable"
        )
    for number, multipart in enumerate(part for part in message.walk() if part.is_multipart()):
        # "=_" occurs neither in quoted-printable nor in base64, so no line of a part can look like a boundary.
        multipart.set_boundary(f"=_{hashlib.sha256(f'{number} {metadata.message_id}'.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _add_headers(
    message: EmailMessage, digest: Digest, metadata: MessageMetadata, sender: str, to: Sequence[str]
) -> None:
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = clean_text(presenter.present_digest(digest).headline, _MAX_SUBJECT_LENGTH)
    message["Date"] = metadata.created_at
    message["Message-ID"] = metadata.message_id
    message["In-Reply-To"] = metadata.thread_root
    message["References"] = metadata.thread_root
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = _list_id(digest.name, sender)
    message["List-Unsubscribe"] = (
        f"<mailto:{_bare_address(sender)}?subject={quote(f'unsubscribe {_slug(digest.name)}')}>"
    )


def _content_id(subject: int, metadata: MessageMetadata) -> str:
    return f"chart-{subject}.{metadata.message_id.strip('<>')}"


def _list_id(name: str, sender: str) -> str:
    domain = _bare_address(sender).rpartition("@")[2]
    return f"<{_slug(name)}.jobspider.{domain}>"


def _slug(name: str) -> str:
    return _NOT_LIST_ID_CHARACTERS.sub("-", name.lower())[:60].strip("-") or "digest"


def _bare_address(mailbox: str) -> str:
    return parseaddr(mailbox)[1]
