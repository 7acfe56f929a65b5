"""``jobspider schedule``: the service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from alerts import config
from alerts.commands import open_context
from alerts.service.event_log import configure_logging
from jobspider.commands import config_option

Command = TypeVar("Command", bound=Callable[..., Any])


def log_options(command: Command) -> Command:
    """Give a command ``--log-format`` and ``--log-file``."""
    named = click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="How the log is written: text or json.",
    )(command)
    return click.option(
        "--log-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Log into this file, of which the last five are kept, and not to stderr.",
    )(named)


@click.command("schedule")
@log_options
@config_option
def command(config_name: str | None, log_format: str, log_file: Path | None) -> None:
    """Crawl and send digests at their hours, until ended: the service.

    What came due while it did not run (or the machine slept) is done once, at once. SIGTERM ends it within seconds,
    with everything kept that was fetched; SIGHUP makes it read config.toml anew, and a broken one leaves it as it is.

    \b
    Example:
      jobspider schedule --log-format json
    """
    # APScheduler takes a while to import; the other commands need not wait for it.
    from alerts.service.scheduler import serve  # noqa: PLC0415 - as just said

    context = open_context(config_name)
    configure_logging(as_json=log_format == "json", file=log_file)
    raise SystemExit(serve(context, lambda: config.load(context.config_path)))
