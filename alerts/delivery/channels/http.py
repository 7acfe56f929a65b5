"""What every way out over HTTP has in common: an address that is a secret, and how an answer is to be taken."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from ssl import SSLCertVerificationError
from typing import Final
from urllib.error import URLError
from urllib.parse import urlsplit

from alerts.delivery.channels import credentials
from alerts.errors import (
    CredentialError,
    DeliveryBlockedError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from jobspider.site.urls import LOOPBACK_HOSTS

NO_ANSWER: Final = (OSError, HTTPException, ValueError, LookupError)
"""What urllib ends in where no answer came that can be read."""

_SECONDS: Final = re.compile(r"\d{1,7}", re.ASCII)
_NEEDS_ACTION: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""What is wrong is the address or what it is allowed, not the message. Slack: ``invalid_token``, ``no_service``."""
_TRY_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})


def webhook_url(channel: str, example: str, environ: Mapping[str, str]) -> str:
    """Return a channel's address, which goes over the network encrypted or not at all.

    Args:
        channel: Its name.
        example: How a right one begins.
        environ: The environment.

    Raises:
        CredentialError: It is missing or no such address; it is never shown.
    """
    url = credentials.require_secret(channel, "WEBHOOK_URL", environ)
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_safe = is_whole = False
    if not (is_safe and is_whole and url.isascii() and url.isprintable() and " " not in url):
        raise CredentialError(
            f"{credentials.env_var_name(channel, 'WEBHOOK_URL')} is no webhook: it begins with {example}"
        )
    return url


def connection_error(whom: str, error: Exception) -> DeliveryError:
    """Return what an error means that came instead of an answer. Its text may hold the address, its type does not."""
    # urllib wraps what happens until the request is sent, and nothing of what comes later.
    was_sent = not isinstance(error, URLError)
    reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(reason, SSLCertVerificationError):
        # "Hostname mismatch, certificate is not valid for '...'": what follows names the host.
        because = reason.verify_message.partition(",")[0]
        return DeliveryBlockedError(f"the certificate of {whom} is not accepted: {because}")
    return TransientDeliveryError(f"no answer from {whom}: {type(reason).__name__}", may_have_arrived=was_sent)


def status_error(answer: str, status: int, headers: Mapping[str, str], now: datetime) -> DeliveryError:
    """Return what an answer means that is no success.

    Args:
        answer: The answer in a few words.
        status: The HTTP status.
        headers: The answer's.
        now: The present, for a ``Retry-After`` that names a moment.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        said = {name.lower(): value for name, value in headers.items()}
        return TransientDeliveryError(answer, _retry_after(said.get("retry-after", ""), now))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_LATER:
        return TransientDeliveryError(answer)
    return DeliveryBlockedError(answer) if status in _NEEDS_ACTION else PermanentDeliveryError(answer)


def _retry_after(said: str, now: datetime) -> timedelta | None:
    """Return how long the other side asks to be left alone: in seconds or as a date (RFC 9110, section 10.2.3)."""
    if found := _SECONDS.fullmatch(said):
        return timedelta(seconds=int(found[0]))
    try:
        until = parsedate_to_datetime(said)
        return max(until - now, timedelta())
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a time zone
        return None
