"""An Atom feed in a file: each digest is one more entry, and a repeat replaces itself."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts.config import FeedChannel
from alerts.errors import TransientDeliveryError
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render.formats.atom import Entry, read_feed, render_feed
from jobspider.files import replace_file, unwritable


class Feed:
    """The feed channel."""

    min_interval_seconds: Final = 0.0

    def __init__(self, config: FeedChannel, folder: Path) -> None:
        self.name = config.name
        self._path = folder / config.path
        self._most = config.entries
        self._templates = config.templates_folder(folder)

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the digest as one entry, as JSON."""
        return json.dumps(asdict(Entry.of(digest, envelope, self._templates)), ensure_ascii=False).encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Put the entry on top of those that the file has; the oldest ones go."""
        del now, possible_repeat
        entry = Entry(**json.loads(payload))
        try:
            others = [each for each in self._known() if each.entry_id != entry.entry_id]
            newest = sorted([entry, *others], key=lambda each: each.updated, reverse=True)[: self._most]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, render_feed(newest))
        except OSError as error:
            raise TransientDeliveryError(f"{self._path} cannot be written: {error.strerror}") from error
        return ""

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether its file can be written, and is a feed of this program where there is one already."""
        return (self._check,)

    def _check(self) -> None:
        if why := unwritable(self._path):
            raise TransientDeliveryError(f"channel {self.name!r}: {self._path} cannot be written: {why}")
        try:
            self._known()
        except OSError as error:
            raise TransientDeliveryError(f"{self._path} cannot be read: {error.strerror}") from error

    def _known(self) -> list[Entry]:
        if not self._path.exists():
            return []
        try:
            return read_feed(self._path.read_bytes())
        except ValueError:
            raise TransientDeliveryError(f"{self._path} is no feed of this program: move it away") from None
