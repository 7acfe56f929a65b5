"""Mail over SMTP."""

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from alerts.config import EmailChannel
from alerts.delivery.channels import credentials
from alerts.errors import (
    CredentialError,
    DeliveryBlockedError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from alerts.model.changes import Digest
from alerts.model.delivery import MessageMetadata
from alerts.render import charts
from alerts.render.formats.email import EmailOptions, render_email
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text
from jobspider.site.urls import LOOPBACK_HOSTS

_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PATIENCE_SECONDS: Final = 600.0
"""How long a server may take to accept a message it was sent (RFC 5321, section 4.5.3.2.6). Who hangs up earlier and
tries again sends the message twice."""
_PERMANENT_FAILURE: Final = 500
_NOT_LOGGED_IN: Final = frozenset({530, 534, 535, 538})
"""What is refused is who sends, not the message (RFC 4954, sections 4 and 6, read in 2026)."""

_Refused = Mapping[str, tuple[int, bytes]]


class Mail:
    """The e-mail channel. Connecting, encrypting and logging in must each be done within the channel's time-out."""

    min_interval_seconds: Final = 0.0

    def __init__(self, config: EmailChannel, folder: Path, environ: Mapping[str, str]) -> None:
        self.name = config.name
        self._look = EmailOptions(config.templates_folder(folder), config.attach_csv)
        self._config = config
        self._environ = environ
        parts = urlsplit(config.smtp)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        """Return the message as it goes over the wire."""
        pictures = charts.render_png_charts(digest) if self._config.charts else {}
        return render_email(digest, envelope, self._config.sender, self._config.to, self._look, pictures)

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        """Hand the message over; a repeat carries the same Message-ID, by which mail programs know it."""
        del now, possible_repeat
        password = self._password()
        sender = parseaddr(self._config.sender)[1]
        recipients = [parseaddr(mailbox)[1] for mailbox in self._config.to]
        is_connected = False
        try:
            with closing(self._connect(password)) as server:
                is_connected = True
                refused = server.sendmail(sender, recipients, payload)
                # The message is the server's by now: a clumsy farewell must not have it sent again.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            raise _all_refused(error.recipients) from None
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise PermanentDeliveryError(f"{self._where}: {clean_text(str(error), SENTENCE_LIMIT)}") from None
        except ssl.SSLCertVerificationError as error:
            raise DeliveryBlockedError(
                f"the certificate of {self._where} is not accepted: {error.verify_message}"
            ) from None
        except UnicodeError:
            raise PermanentDeliveryError(f"{self._where}: host and addresses must be ASCII") from None
        except (smtplib.SMTPException, OSError) as error:
            said = f"{self._where}: {_in_a_line(error)}"
            raise TransientDeliveryError(said, may_have_arrived=is_connected) from None
        return f"refused: {_listed(refused)}" if refused else ""

    def preconditions(self) -> tuple[Callable[[], object], ...]:
        """Return whether there is a password, where one is needed, that can be sent as it is to be sent."""
        return (self._password,)

    @property
    def _where(self) -> str:
        return f"{self._host}:{self._port}"

    def _password(self) -> str | None:
        if self._user is None:
            return None
        if self._scheme == "smtp" and self._host not in LOOPBACK_HOSTS:
            raise CredentialError(
                f"channel {self.name!r}: the password is not sent unencrypted: write smtp+starttls:// or smtps://"
            )
        password = credentials.require_secret(self.name, "PASSWORD", self._environ)
        if not (password + self._user).isascii():
            # smtplib can log in with ASCII alone, and its own error would show the password.
            raise CredentialError(f"channel {self.name!r}: user and password must be ASCII")
        return password

    def _connect(self, password: str | None) -> smtplib.SMTP:
        """Return a connection that is encrypted and logged in as far as the configuration asks."""
        timeout = self._config.timeout_seconds
        if self._scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=timeout)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._user is not None and password is not None:
                self._log_in(server, self._user, password)
        except BaseException:
            server.close()
            raise
        assert server.sock is not None, "a connected server has a socket"
        server.sock.settimeout(max(timeout, _PATIENCE_SECONDS))
        return server

    def _log_in(self, server: smtplib.SMTP, user: str, password: str) -> None:
        try:
            server.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < _PERMANENT_FAILURE:
                raise
            name = credentials.env_var_name(self.name, "PASSWORD")
            raise CredentialError(
                f"{self._where} refused user {user!r}: correct {name} or {name}_FILE ({error.smtp_code})"
            ) from None


def _all_refused(refused: _Refused) -> DeliveryError:
    return _error_class(*(code for code, _ in refused.values()))(f"every recipient was refused: {_listed(refused)}")


def _answered(code: int, text: bytes | str) -> DeliveryError:
    return _error_class(code)(f"the mail server answered {code} {_reply_text(text)}")


def _error_class(*codes: int) -> type[DeliveryError]:
    """Return what answers come to, whatever they answer; where one refuses the sender, a login may mend the others."""
    if _NOT_LOGGED_IN.intersection(codes):
        return DeliveryBlockedError
    return PermanentDeliveryError if min(codes) >= _PERMANENT_FAILURE else TransientDeliveryError


def _listed(refused: _Refused) -> str:
    return "; ".join(f"{address} ({code} {_reply_text(text)})" for address, (code, text) in refused.items())


def _reply_text(text: bytes | str) -> str:
    return clean_text(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, SENTENCE_LIMIT)


def _in_a_line(error: Exception) -> str:
    return clean_text(str(error), SENTENCE_LIMIT) or type(error).__name__
