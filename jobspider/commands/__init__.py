"""Commands of the package ``jobspider``, one module per topic, and the options that they share.

``alerts/cli.py`` assembles all commands into the command line program.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from jobspider import config
from jobspider.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    """Add the option ``--config`` to a command."""
    return click.option(
        "--config",
        "config_name",
        metavar="FILE",
        help="Configuration file. Default: $JOBSPIDER_CONFIG, then config.toml next to scrapy.cfg.",
    )(command)


def json_option(command: Command) -> Command:
    """Add the option ``--json`` to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def config_path(config_name: str | None) -> Path:
    """Return the path of the configuration file. Raises ``ConfigError`` if there is none."""
    return config.find(Path.cwd(), config_name, os.environ)


def read_file(path: Path) -> bytes:
    """Return the content of a file that the user named. Raises ``UsageError`` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def print_json(document: object) -> None:
    """Print a JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
