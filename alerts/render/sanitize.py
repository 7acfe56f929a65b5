"""Sanitise scraped text. Each medium additionally escapes its own special characters."""

import unicodedata
from typing import Final
from urllib.parse import urlsplit

NAME_LIMIT: Final = 100
"""Maximum length of a name in characters; the longest on the site has about 60 (2013 to 2026)."""
SENTENCE_LIMIT: Final = 300

_MAX_URL_LENGTH: Final = 300
_UNSAFE_URL_CHARACTERS: Final = frozenset('<>"|`\\^{}')


def clean_text(text: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` on one line, without invisible characters, cut to ``limit`` characters.

    Removed are the Unicode categories C*: control characters break headers and terminals, format characters
    (bidirectional marks, zero-width characters) disguise text, lone surrogates cannot be encoded, and unassigned code
    points have no glyph.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """Return ``url`` if it is an http(s) URL that every medium can link to, otherwise an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc)
    is_plain = url.isascii() and url.isprintable() and " " not in url and not _UNSAFE_URL_CHARACTERS & set(url)
    return url if is_web and is_plain and len(url) <= _MAX_URL_LENGTH else ""
