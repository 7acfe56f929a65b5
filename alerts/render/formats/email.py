"""A digest as a whole e-mail, ready for the wire."""

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

_LONGEST_SUBJECT: Final = 200
_NOT_IN_A_LIST_ID: Final = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class EmailOptions:
    """What a channel may have otherwise: where its own templates are, and whether the changes come as a table too."""

    templates: Path | None = None
    attach_csv: bool = False


def render_email(
    digest: Digest,
    envelope: MessageMetadata,
    sender: str,
    to: Sequence[str],
    look: EmailOptions = EmailOptions(),
    charts: Mapping[int, bytes] = MappingProxyType({}),
) -> bytes:
    """Return a message with CRLF line ends: the text first and complete in itself, the HTML last.

    The same arguments give the same bytes.

    Args:
        digest: What to tell.
        envelope: Message-ID, thread and date, the same at every attempt.
        sender: A mailbox, ``Job market <jobs@example.org>``.
        to: Mailboxes.
        look: What is not as usual.
        charts: Pictures (PNG) of its groups' histories, by the id of the subject.

    Raises:
        DigestError: A template of the user's own has a mistake.
    """
    message = EmailMessage(policy=SMTP)
    _address(message, digest, envelope, sender, to)
    # Quoted-printable whatever the text: 7 bits wide, short lines, and the size that the HTML was cut to.
    message.set_content(render_text(digest, look.templates), cte="quoted-printable")
    names = {subject: _content_id(subject, envelope) for subject in charts}
    html = render_html(digest, {subject: f"cid:{name}" for subject, name in names.items()}, look.templates)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    *_, part = message.iter_parts()
    assert isinstance(part, EmailMessage), "what was just added is a part"
    for subject, picture in charts.items():
        part.add_related(picture, "image", "png", cid=f"<{names[subject]}>", disposition="inline")
    if look.attach_csv:
        message.add_attachment(
            render_csv(digest), subtype="csv", filename=FILE_NAME, charset="utf-8", cte="quoted-printable"
        )
    for number, each in enumerate(part for part in message.walk() if part.is_multipart()):
        # "=_" cannot occur in quoted-printable nor in base64, so no line of a part can look like a boundary.
        each.set_boundary(f"=_{hashlib.sha256(f'{number} {envelope.message_id}'.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _address(message: EmailMessage, digest: Digest, envelope: MessageMetadata, sender: str, to: Sequence[str]) -> None:
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = clean_text(presenter.present_digest(digest).headline, _LONGEST_SUBJECT)
    message["Date"] = envelope.created_at
    message["Message-ID"] = envelope.message_id
    message["In-Reply-To"] = envelope.thread_root
    message["References"] = envelope.thread_root
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = _list_id(digest.name, sender)
    message["List-Unsubscribe"] = f"<mailto:{_plain(sender)}?subject={quote(f'unsubscribe {_slug(digest.name)}')}>"


def _content_id(subject: int, envelope: MessageMetadata) -> str:
    return f"chart-{subject}.{envelope.message_id.strip('<>')}"


def _list_id(name: str, sender: str) -> str:
    domain = _plain(sender).rpartition("@")[2]
    return f"<{_slug(name)}.jobspider.{domain}>"


def _slug(name: str) -> str:
    return _NOT_IN_A_LIST_ID.sub("-", name.lower())[:60].strip("-") or "digest"


def _plain(mailbox: str) -> str:
    return parseaddr(mailbox)[1]
