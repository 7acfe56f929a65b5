"""Define the errors and helpers of the modules that parse parts of a page.

The parser of the whole page adds the URL and converts the error to a ``PageError``.
"""

from collections.abc import Iterable
from typing import Final

_MAX_QUOTE_LENGTH: Final = 100


class PageContentError(Exception):
    """A part of the page has an unknown format.

    Args:
        expected: A description of the accepted content.
        actual: The content of the page, quoted or described.
    """

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"expected {expected}, found {actual}")


class OtherPageError(PageContentError):
    """The page is valid, but it is not the requested one."""


def is_name(text: str) -> bool:
    """Return whether a text contains a letter or digit. A dash or a blank is not a name."""
    return any(map(str.isalnum, text))


def quote(text: str | Iterable[str]) -> str:
    """Return text of the page for a one-line message: quoted and truncated."""
    words = text if isinstance(text, str) else " | ".join(text)
    return repr(words if len(words) <= _MAX_QUOTE_LENGTH else words[:_MAX_QUOTE_LENGTH] + "...")
