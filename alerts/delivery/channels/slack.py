"""A Slack channel by way of an incoming webhook. The webhook's address is the secret."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

from slack_sdk.webhook import WebhookClient

from alerts.config import SlackChannel
from alerts.delivery.channels.http import NO_ANSWER, connection_error, status_error, webhook_url
from alerts.errors import PermanentDeliveryError
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render.formats.slack import mark_as_repeat, render_slack

# Slack's errors are words like "invalid_blocks"; any other answer may hold anything and is not repeated.
_AN_ERROR: Final = re.compile(r"[a-z][a-z_]{0,60}")

# The SDK writes the webhook's address into its log. A logger outside the tree, set above every level, says nothing.
_SILENT: Final = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - getLogger would put it into the tree


class Slack:
    """The Slack channel."""

    min_interval_seconds: Final = 1.0
    """"1 per second" for each webhook (docs.slack.dev, "Rate limits", 2026)."""

    def __init__(self, config: SlackChannel, environ: Mapping[str, str]) -> None:
        self.name = config.name
        self._timeout_seconds = config.timeout_seconds
        self._environ = environ

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the body of the request to the webhook, as JSON."""
        del envelope
        return json.dumps(render_slack(digest), ensure_ascii=False).encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Post the message; Slack cannot tell a repeat, so a possible one says so itself."""
        message = json.loads(payload)
        client = WebhookClient(
            self._url(),
            timeout=self._timeout_seconds,  # type: ignore[arg-type] # the socket below takes fractions
            logger=_SILENT,
            retry_handlers=[],
        )
        try:
            response = client.send_dict(mark_as_repeat(message) if possible_repeat else message)
        except NO_ANSWER as error:
            raise connection_error("Slack", error) from None
        said = response.body.strip()
        if response.status_code == HTTPStatus.OK and said == "ok":
            return ""
        answer = f"Slack answered {response.status_code}" + (f" {said}" if _AN_ERROR.fullmatch(said) else "")
        if response.status_code == HTTPStatus.OK:
            # Someone else's: to post again and again would not make it Slack.
            raise PermanentDeliveryError(answer)
        raise status_error(answer, response.status_code, response.headers, now)

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether its secret is the address of a webhook."""
        return (self._url,)

    def _url(self) -> str:
        return webhook_url(self.name, "https://hooks.slack.com/services/", self._environ)
