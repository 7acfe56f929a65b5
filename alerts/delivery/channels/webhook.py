"""A signed JSON document, posted to a program of one's own; docs/WEBHOOK.md is the contract.

Signed as the Standard Webhooks specification says (standardwebhooks.com, version 1, 2023), which has a library that
verifies it for most languages.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http.client import HTTPMessage
from typing import IO, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from alerts.config import WebhookChannel
from alerts.delivery.channels import credentials
from alerts.delivery.channels.http import NO_ANSWER, connection_error, status_error, webhook_url
from alerts.errors import CredentialError
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render.formats.json_data import digest_data

SCHEMA: Final = 1
"""The version of the document; it grows when a key is taken out or means something else."""

_KEY_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)  # as the specification asks


class _NoRedirects(HTTPRedirectHandler):
    """Takes a redirect for a refusal: urllib would ask the new place with GET, and its 200 would look like success."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


class Webhook:
    """The webhook channel."""

    min_interval_seconds: Final = 0.0

    def __init__(self, config: WebhookChannel, environ: Mapping[str, str]) -> None:
        self.name = config.name
        self._timeout_seconds = config.timeout_seconds
        self._environ = environ

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the body of the request. ``delivery`` is the same at every attempt: by it a repeat is known."""
        delivery = envelope.message_id.strip("<>").partition("@")[0]
        document = {"schema": SCHEMA, "delivery": delivery, **digest_data(digest)}
        return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Post the document; its id tells the receiver whether it has come before."""
        del possible_repeat
        url, key = self._url(), self._key()
        delivery, timestamp = json.loads(payload)["delivery"], str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "jobspider",
            "webhook-id": delivery,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(key, delivery, timestamp, payload),
        }
        request = Request(url, payload, headers, method="POST")  # noqa: S310 - webhook_url lets https pass alone
        try:
            with build_opener(_NoRedirects).open(request, timeout=self._timeout_seconds):
                return ""
        except HTTPError as error:
            with error:
                raise status_error(f"the webhook answered {error.code}", error.code, dict(error.headers), now) from None
        except NO_ANSWER as error:
            raise connection_error("the webhook", error) from None

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether its secrets are an address and a key to sign with."""
        return self._url, self._key

    def _url(self) -> str:
        return webhook_url(self.name, "https://", self._environ)

    def _key(self) -> bytes:
        text = credentials.require_secret(self.name, "SIGNING_KEY", self._environ)
        try:
            key = base64.b64decode(text.removeprefix(_KEY_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not text.startswith(_KEY_PREFIX) or len(key) not in _KEY_BYTES:
            name = credentials.env_var_name(self.name, "SIGNING_KEY")
            raise CredentialError(
                f"{name} is no signing key: make one with echo {_KEY_PREFIX}$(openssl rand -base64 32)"
            )
        return key


def signature(key: bytes, delivery: str, timestamp: str, body: bytes) -> str:
    """Return the value of ``webhook-signature`` for a document posted at a time (Unix seconds, as text)."""
    signed = b".".join((delivery.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
