"""Where secrets come from: the environment, or a file that the environment names; never config.toml.

The password of channel ``team-mail`` is ``JOBSPIDER_TEAM_MAIL_PASSWORD``, or stands alone in the file that
``JOBSPIDER_TEAM_MAIL_PASSWORD_FILE`` names (as Docker and systemd hand secrets over).
"""

from collections.abc import Mapping
from pathlib import Path

from alerts.errors import CredentialError


def env_var_name(channel: str, secret: str) -> str:
    """Return the environment variable's name for a channel's secret, ``JOBSPIDER_TEAM_MAIL_PASSWORD``."""
    return f"JOBSPIDER_{channel}_{secret}".upper().replace("-", "_")


def find_secret(channel: str, secret: str, environ: Mapping[str, str]) -> str | None:
    """Return a channel's secret, or ``None`` if neither variable is set.

    Args:
        channel: The channel's name in config.toml.
        secret: What it is: ``PASSWORD``, ``WEBHOOK_URL``.
        environ: The environment.

    Raises:
        CredentialError: The file cannot be read, or the secret is empty.
    """
    name = env_var_name(channel, secret)
    value = environ.get(name)
    file = environ.get(f"{name}_FILE")
    if value is None and file is not None:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise CredentialError(f"{name}_FILE: the file {file} cannot be read") from None
    if value is not None and not value:
        raise CredentialError(f"{name} is set but empty")
    return value


def require_secret(channel: str, secret: str, environ: Mapping[str, str]) -> str:
    """Return a channel's secret.

    Raises:
        CredentialError: It is not set, empty or unreadable.
    """
    value = find_secret(channel, secret, environ)
    if value is None:
        name = env_var_name(channel, secret)
        raise CredentialError(f"channel {channel!r} has no secret: set {name} or {name}_FILE")
    return value
