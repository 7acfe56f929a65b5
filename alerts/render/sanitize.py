"""Text from a page made harmless for every medium; each medium still escapes what means something to it alone."""

import unicodedata
from typing import Final
from urllib.parse import urlsplit

NAME_LIMIT: Final = 100
"""Characters of a name; the longest on the site has about 60 (2013 to 2026)."""
SENTENCE_LIMIT: Final = 300

_LONGEST_LINK: Final = 300
_ENDS_A_LINK: Final = frozenset('<>"|`\\^{}')


def clean_text(text: str, most: int = NAME_LIMIT) -> str:
    """Return ``text`` on one line, with nothing in it that is not seen, cut to ``most`` characters.

    Control characters break headers and terminals; format characters (bidi marks, zero-width ones) make text look like
    other text; a lone surrogate cannot be encoded; what is not assigned has no look at all.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    seen = "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """Return ``url`` if it is a plain web address that every medium can link to, and else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc)
    is_plain = url.isascii() and url.isprintable() and " " not in url and not _ENDS_A_LINK & set(url)
    return url if is_web and is_plain and len(url) <= _LONGEST_LINK else ""
