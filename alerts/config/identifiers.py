"""Validate the names of channels and digests in config.toml."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

_IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _validate_identifier(value: str) -> str:
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError("a name of lower-case letters, digits and hyphens is expected, like team-mail")
    return value


Identifier = Annotated[str, AfterValidator(_validate_identifier)]
"""A name that can be part of an environment variable and of a Message-ID."""
