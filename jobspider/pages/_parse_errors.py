"""What the readers of a page's parts expect and raise; who reads the page adds its address and makes it a PageError."""

from collections.abc import Iterable
from typing import Final

_LONGEST_QUOTE: Final = 100


class PageContentError(Exception):
    """A part of the page is not as the site is known to print it.

    Args:
        expected: What would have been accepted, in words.
        found: What stands there, quoted from the page or told in words.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")


class OtherPageError(PageContentError):
    """The page is in order but about something else than was asked for."""


def is_name(text: str) -> bool:
    """Tell whether a text can name anything: a dash or a blank does not."""
    return any(map(str.isalnum, text))


def quote(text: str | Iterable[str]) -> str:
    """Return the page's own words for a one-line message: in quotes, cut where they run long."""
    words = text if isinstance(text, str) else " | ".join(text)
    return repr(words if len(words) <= _LONGEST_QUOTE else words[:_LONGEST_QUOTE] + "...")
