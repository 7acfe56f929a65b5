"""The commands of this half, one module a family. ``alerts/cli.py`` assembles them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from jobspider import config

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    """Give a command ``--config``."""
    return click.option(
        "--config",
        "config_name",
        metavar="FILE",
        help="The configuration; else JOBSPIDER_CONFIG, else config.toml beside scrapy.cfg.",
    )(command)


def json_option(command: Command) -> Command:
    """Give a command ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def config_path(config_name: str | None) -> Path:
    """Return the configuration file that a command is to obey; raises ``ConfigError``."""
    return config.find(Path.cwd(), config_name, os.environ)


def print_json(document: object) -> None:
    """Print a JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
