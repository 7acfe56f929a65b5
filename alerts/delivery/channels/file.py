"""Files in a folder, each replaced whole by the next digest."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts.config import FileChannel
from alerts.errors import TransientDeliveryError
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render.formats.email import EmailOptions, render_email
from alerts.render.formats.html import render_html
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_text
from jobspider.files import replace_file, unwritable

_MAILBOX: Final = "jobspider <jobspider@localhost>"
"""Sender and recipient of a mail that is only written, never sent."""

_FILES: Final[dict[str, tuple[str, Callable[[Digest, MessageMetadata, Path | None], str]]]] = {
    "txt": ("digest.txt", lambda digest, _, templates: render_text(digest, templates)),
    "html": ("digest.html", lambda digest, _, templates: render_html(digest, templates=templates)),
    # A rendered mail is seven bits wide.
    "eml": (
        "digest.eml",
        lambda digest, envelope, templates: render_email(
            digest, envelope, _MAILBOX, [_MAILBOX], EmailOptions(templates)
        ).decode("ascii"),
    ),
    "slack": ("slack.json", lambda digest, *_: json.dumps(render_slack(digest), ensure_ascii=False, indent=2) + "\n"),
}


class Files:
    """The file channel."""

    min_interval_seconds: Final = 0.0

    def __init__(self, config: FileChannel, folder: Path) -> None:
        self.name = config.name
        self._formats = config.formats
        self._folder = folder / config.path
        self._templates = config.templates_folder(folder)

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return a JSON object of file names and their texts."""
        chosen = [_FILES[each] for each in self._formats]
        files = {name: write(digest, envelope, self._templates) for name, write in chosen}
        return json.dumps(files, ensure_ascii=False).encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Replace the files; writing them twice does no harm."""
        del now, possible_repeat
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, text in json.loads(payload).items():
                replace_file(self._folder / name, text.encode())
        except OSError as error:
            raise TransientDeliveryError(f"{self._folder} cannot be written: {error.strerror}") from error
        return ""

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether its files can be written."""
        return (self._check,)

    def _check(self) -> None:
        for each in self._formats:
            if why := unwritable(self._folder / _FILES[each][0]):
                raise TransientDeliveryError(f"channel {self.name!r}: {self._folder} cannot be written: {why}")
