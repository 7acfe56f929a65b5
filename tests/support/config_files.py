"""Load a configuration from text, and compare the reported mistakes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from jobspider.config import CrawlConfig
from jobspider.errors import ConfigError

AnyConfig = TypeVar("AnyConfig", bound=CrawlConfig)
LoadText = Callable[[str], AnyConfig]


def text_loader(load: Callable[[Path], AnyConfig], folder: Path) -> LoadText[AnyConfig]:
    """Return a function that loads a text as the file config.toml in ``folder``."""

    def load_text(text: str) -> AnyConfig:
        path = folder / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return load_text


def mistakes(load_text: LoadText[AnyConfig], text: str) -> tuple[str, ...]:
    """Return all mistakes that loading the text reports, without the name of the file."""
    with pytest.raises(ConfigError) as error:
        load_text(text)
    assert all(mistake.startswith("config.toml: ") for mistake in error.value.mistakes)
    return tuple(mistake.removeprefix("config.toml: ") for mistake in error.value.mistakes)


def assert_mistakes(load_text: LoadText[AnyConfig], expected: Mapping[str, str]) -> None:
    """Check that loading each text reports exactly one mistake, which starts with the expected message."""
    for text, message in expected.items():
        reported = mistakes(load_text, text)
        assert len(reported) == 1, (text, reported)
        assert reported[0].startswith(message), (text, reported)
