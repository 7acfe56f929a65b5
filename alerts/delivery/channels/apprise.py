"""Everything else that Apprise knows: one text, as long as the service takes. Needs the extra ``apprise``."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from alerts.config import AppriseChannel
from alerts.delivery.channels import credentials
from alerts.errors import CredentialError, DeliveryBlockedError, TransientDeliveryError
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render.formats.text import render_short_text, render_text
from alerts.render.presenter import present_digest
from alerts.render.sanitize import clean_text

# Which service it is stands in the secret, which nobody reads before sending: so the text is kept in several sizes.
# Services take from 140 characters (SMS) to about 32,000 (appriseit.com, 2026).
SIZES: Final = (30_000, 15_000, 7_500, 3_900, 1_900, 900, 450, 220, 120)

_REPEAT: Final = "Possible repeat: an earlier attempt may have arrived.\n\n"


class Apprise:
    """The Apprise channel."""

    min_interval_seconds: Final = 1.0
    """Most services behind it allow about one message a second."""

    def __init__(self, config: AppriseChannel, folder: Path, environ: Mapping[str, str]) -> None:
        self.name = config.name
        self._templates = config.templates_folder(folder)
        self._environ = environ

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the headline and the text in sizes from whole to a few words, as JSON."""
        del envelope
        whole = render_text(digest, self._templates)
        texts = [whole, *(render_short_text(digest, most, self._templates) for most in SIZES if most < len(whole))]
        return json.dumps({"title": present_digest(digest).headline, "texts": texts}, ensure_ascii=False).encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Send the longest text that the service takes."""
        del now
        apprise = _library()
        message = json.loads(payload)
        with _in_silence():
            service = self._service()
            # What a text grows by when Apprise turns it into HTML is known to Apprise alone: it has the last word.
            service.overflow_mode = apprise.OverflowMode.TRUNCATE
            sender = apprise.Apprise()
            sender.add(service)
            title = clean_text(message["title"], service.title_maxlen) if service.title_maxlen > 0 else ""
            body = _fitting(message["texts"], service.body_maxlen, _REPEAT if possible_repeat else "")
            was_sent = sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        if not was_sent:
            # Apprise tells no more than that: whether it arrived, and what would help, it keeps to itself.
            raise TransientDeliveryError("Apprise could not deliver it", may_have_arrived=True)
        return ""

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether there is a secret, and whether Apprise knows the service that it names."""
        return self._url, self._service

    def _url(self) -> str:
        return credentials.require_secret(self.name, "APPRISE_URL", self._environ)

    def _service(self) -> Any:
        with _in_silence():
            service = _library().Apprise.instantiate(self._url())
        if service is None:
            raise CredentialError(f"{credentials.env_var_name(self.name, 'APPRISE_URL')} is no Apprise URL")
        return service


def _library() -> Any:
    try:
        import apprise  # noqa: PLC0415 - is not there without the extra
    except ImportError:
        raise DeliveryBlockedError("Apprise is not installed: pip install -e '.[apprise]'") from None
    return apprise


def _fitting(texts: list[str], most: int, mark: str) -> str:
    whole = (mark + text for text in texts)
    return next((text for text in whole if len(text) <= most), texts[-1][:most])


@contextmanager
def _in_silence() -> Iterator[None]:
    """Log nothing meanwhile: Apprise and the libraries it posts with write addresses into the log."""
    manager: Any = logging.root.manager
    before = manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
