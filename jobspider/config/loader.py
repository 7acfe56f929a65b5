"""Find config.toml, read it and validate it.

Input: the command line option, the environment and the file. Output: a configuration object, or one ``ConfigError``
with all mistakes. Called by every command that uses a configuration, before it does anything else.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from jobspider.config.error_messages import ALERTS_SECTIONS, format_error
from jobspider.config.sections import FILE_NAME, CrawlConfig
from jobspider.errors import ConfigError

CONFIG_VARIABLE: Final = "JOBSPIDER_CONFIG"
"""Environment variable with the path of the configuration file."""
_NOT_FOUND: Final = (
    f"no {FILE_NAME} found: run this in the project's directory, create one with jobspider init,"
    f" or name one with --config or {CONFIG_VARIABLE}"
)

AnyConfig = TypeVar("AnyConfig", bound=CrawlConfig)


def find_config_file(start: Path, option: str | None, environ: Mapping[str, str]) -> Path:
    """Return the path of the configuration file.

    The order is: the option, the environment variable, the file next to the nearest ``scrapy.cfg``.

    Args:
        start: Directory to search for ``scrapy.cfg``, followed by its parents.
        option: Value of ``--config``, if any.
        environ: Environment variables.

    Raises:
        ConfigError: There is no configuration file.
    """
    path = option or environ.get(CONFIG_VARIABLE)
    if path:
        return start / path
    for folder in (start, *start.parents):
        if (folder / "scrapy.cfg").is_file():
            return folder / FILE_NAME
    if (start / FILE_NAME).is_file():
        raise ConfigError(
            [f"{start / FILE_NAME} has no scrapy.cfg next to it: name the file with --config or {CONFIG_VARIABLE}"]
        )
    raise ConfigError([_NOT_FOUND])


def read_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file and return its tables.

    Raises:
        ConfigError: The file cannot be read or is not valid TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file: create one with jobspider init"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8 text: save it with the encoding UTF-8"]) from None
    return parse_toml(text, path)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Parse TOML and return its tables. ``path`` is only used in the error message.

    Raises:
        ConfigError: The text is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None


def load(path: Path) -> CrawlConfig:
    """Read a configuration file and validate the sections of this package.

    Raises:
        ConfigError: The file has mistakes; the error contains all of them.
    """
    tables = {key: value for key, value in read_tables(path).items() if key not in ALERTS_SECTIONS}
    return validate(CrawlConfig, tables, path)


def validate(model: type[AnyConfig], tables: Mapping[str, Any], path: Path) -> AnyConfig:
    """Validate the tables of a file and return them as an instance of ``model``.

    Raises:
        ConfigError: The tables have mistakes; the error contains all of them, in the order of the model's sections.
    """
    mistakes: list[str] = []
    invalid_sections: set[str] = set()
    try:
        loaded = model.model_validate(tables)
    except ValidationError as error:
        mistakes = [format_error(model, tables, details) for details in error.errors()]
        invalid_sections = {str(details["loc"][0]) for details in error.errors()}
        valid_tables = {key: table for key, table in tables.items() if key not in invalid_sections}
        loaded = model.model_validate(valid_tables)
    mistakes += loaded.cross_section_errors(invalid_sections)
    if mistakes:
        raise ConfigError([f"{path.name}: {mistake}" for mistake in mistakes])
    return loaded.model_copy(update={"folder": path.resolve().parent})
