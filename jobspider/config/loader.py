"""Find config.toml, read it and validate it: once, before anything else happens, and with all mistakes together."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from jobspider.config.error_messages import ALERTS_SECTIONS, format_error
from jobspider.config.sections import FILE_NAME, CrawlConfig
from jobspider.errors import ConfigError

VARIABLE: Final = "JOBSPIDER_CONFIG"
_NOT_FOUND: Final = (
    f"no {FILE_NAME} found: run this inside the project's folder, make one with jobspider init,"
    f" or name one with --config or {VARIABLE}"
)

AnyConfig = TypeVar("AnyConfig", bound=CrawlConfig)


def find(start: Path, named: str | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration file: the one named, else the variable's, else the one beside ``scrapy.cfg``.

    Args:
        start: The folder the command was started in; it and those above it are searched for ``scrapy.cfg``.
        named: What ``--config`` says, if anything.
        environ: The environment.

    Raises:
        ConfigError: There is none.
    """
    chosen = named or environ.get(VARIABLE)
    if chosen:
        return start / chosen
    for folder in (start, *start.parents):
        if (folder / "scrapy.cfg").is_file():
            return folder / FILE_NAME
    if (start / FILE_NAME).is_file():
        raise ConfigError([f"{start / FILE_NAME} has no scrapy.cfg beside it: name it with --config or {VARIABLE}"])
    raise ConfigError([_NOT_FOUND])


def read(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file: jobspider init makes one"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8 text"]) from None
    return parsed(text, path)


def parsed(text: str, path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file's text.

    Raises:
        ConfigError: It is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None


def load(path: Path) -> CrawlConfig:
    """Read and validate this half of a configuration file.

    Raises:
        ConfigError: With every mistake found.
    """
    own = {key: value for key, value in read(path).items() if key not in ALERTS_SECTIONS}
    return validated(CrawlConfig, own, path)


def validated(model: type[AnyConfig], tables: Mapping[str, Any], path: Path) -> AnyConfig:
    """Build ``model`` from a file's tables.

    Raises:
        ConfigError: With every mistake found, in the order of the model's sections.
    """
    mistakes: list[str] = []
    broken: set[str] = set()
    try:
        loaded = model.model_validate(tables)
    except ValidationError as error:
        mistakes = [format_error(model, tables, each) for each in error.errors()]
        broken = {str(each["loc"][0]) for each in error.errors()}
        loaded = model.model_validate({key: table for key, table in tables.items() if key not in broken})
    mistakes += loaded.cross_section_errors(broken)
    if mistakes:
        raise ConfigError([f"{path.name}: {each}" for each in mistakes])
    return loaded.model_copy(update={"folder": path.resolve().parent})
