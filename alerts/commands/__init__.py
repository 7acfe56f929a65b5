"""The commands of this half, one module a family. ``alerts/cli.py`` assembles them."""

import os
from datetime import UTC, datetime

from alerts import config
from alerts.config import DigestConfig
from alerts.model.delivery import Delivery
from alerts.service.context import ServiceContext
from jobspider.commands import config_path
from jobspider.errors import UsageError


def open_context(config_name: str | None) -> ServiceContext:
    """Read the whole configuration and return what the commands work with.

    Raises:
        ConfigError: With every mistake found.
    """
    path = config_path(config_name)
    return ServiceContext(config.load(path), path, os.environ, lambda: datetime.now(UTC))


def delivery_status_line(delivery: Delivery) -> str:
    """Say in one line how a delivery stands."""
    said = f"{delivery.digest_name} to {delivery.channel}: {delivery.state}"
    return f"{said} ({delivery.reason})" if delivery.reason else said


def digest_config(context: ServiceContext, name: str) -> DigestConfig:
    """Return a digest's definition.

    Raises:
        UsageError: There is none of that name.
    """
    found = context.config.digest_named(name)
    if found is None:
        known = ", ".join(each.name for each in context.config.digest) or "none"
        raise UsageError(f"config.toml defines no digest {name!r}; it has {known}")
    return found
