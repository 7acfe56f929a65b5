"""What names a channel or a digest in config.toml."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _is_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name of lower-case letters, digits and hyphens is expected, like team-mail")
    return value


Identifier = Annotated[str, AfterValidator(_is_name)]
