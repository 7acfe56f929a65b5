"""Digests as an Atom feed (RFC 4287): one entry a digest, the newest first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self
from xml.etree import ElementTree as ET

from feedgen.feed import FeedGenerator

from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render import presenter
from alerts.render.formats.html import render_html
from jobspider.site import attribution

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_GENERATOR: Final = "jobspider"
_FIELDS: Final = {
    "entry_id": "id", "title": "title", "updated": "updated", "summary": "summary", "content": "content",
}  # fmt: skip
_NAMESPACE: Final = uuid.UUID("6f0f7f6e-3f0c-5a52-9d0f-1f1f6a9f2f0e")
"""Made up for this project, so that its ids meet no one else's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One digest in a feed. ``entry_id`` and ``updated`` are those of its delivery, the same at every attempt."""

    entry_id: str
    feed_id: str
    title: str
    updated: str
    summary: str
    content: str

    @classmethod
    def of(cls, digest: Digest, envelope: MessageMetadata, templates: Path | None = None) -> Self:
        """Return a digest as an entry.

        Raises:
            DigestError: A template of the user's own has a mistake.
        """
        shown = presenter.present_digest(digest)
        return cls(
            entry_id=_urn(envelope.message_id),
            feed_id=_urn(envelope.thread_root),
            title=shown.headline,
            updated=envelope.created_at.isoformat(),
            summary=" ".join(filter(None, (shown.status, shown.coverage))),
            content=_inside(render_html(digest, templates=templates)),
        )


def render_feed(entries: Sequence[Entry]) -> bytes:
    """Return a feed of these entries, the newest first; there must be at least one."""
    newest = entries[0]
    feed = FeedGenerator()
    feed.id(newest.feed_id)
    feed.title("jobspider: what moved in the tech job market")
    feed.author(name="jobspider")
    feed.rights(attribution.ATTRIBUTION)
    feed.link(href=presenter.SITE_URL, rel="via")
    feed.generator(_GENERATOR)
    for each in entries:
        entry = feed.add_entry(order="append")
        entry.id(each.entry_id)
        entry.title(each.title)
        entry.updated(each.updated)
        entry.summary(each.summary)
        entry.content(each.content, type="html")
    feed.updated(max(datetime.fromisoformat(each.updated) for each in entries))
    return bytes(feed.atom_str(pretty=True))


def read_feed(feed: bytes) -> list[Entry]:
    """Return the entries of a feed of :func:`render_feed`.

    Raises:
        ValueError: It is none.
    """
    try:
        root = ET.fromstring(feed)  # noqa: S314 - a file that this program wrote; expat bounds what entities can do
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != f"{_ATOM}feed" or root.findtext(f"{_ATOM}generator") != _GENERATOR:
        raise ValueError("no feed of this program")
    feed_id = root.findtext(f"{_ATOM}id", "")
    return [
        Entry(feed_id=feed_id, **{field: entry.findtext(f"{_ATOM}{tag}", "") for field, tag in _FIELDS.items()})
        for entry in root.iter(f"{_ATOM}entry")
    ]


def _urn(message_id: str) -> str:
    return uuid.uuid5(_NAMESPACE, message_id).urn


def _inside(html: str) -> str:
    """Return what stands in a document's body: a reader shows an entry inside of a page of its own."""
    _, _, rest = html.partition("<body")
    body = rest.partition(">")[2].rpartition("</body>")[0]
    return body.strip() or html
