"""Answers that are no page: a challenge, a consent wall, maintenance, "not found", the site's index, half a page.

Looked for only where the page has no statistics: a real page may speak of cookies in its footer.
"""

import re
from typing import Final

from jobspider.errors import BlockedPageError, LayoutChangedError, NotFoundError, PageError, WrongPageError
from jobspider.pages._parse_errors import quote
from jobspider.pages.html.outline import Heading, Outline, TextLine

# Wordings of the common guards and servers, collected 2025: none has been seen on this site yet.
_BLOCKED: Final = re.compile(
    r"just a moment|attention required|checking (?:if the site|your browser)|"
    r"verif(?:y|ying) (?:that )?you are (?:a )?human|"
    r"security check|captcha|access (?:denied|to this page)|request (?:blocked|unsuccessful)|unusual traffic|"
    r"(?:not|are you) a robot|pardon our interruption|ddos protection|too many requests|"
    r"before you continue|(?:cookie|your) consent|consent (?:to|required)|accept (?:all )?cookies|value your privacy|"
    r"(?:under|scheduled|down for|site) maintenance|\bmaintenance\b|temporarily unavailable|service unavailable|"
    r"(?:be|back) (?:back )?(?:soon|shortly)|bad gateway|gateway time-?out",
    re.IGNORECASE,
)
_NOT_FOUND: Final = re.compile(
    r"not found|\b404\b|\b410\b|(?:cannot|can't|could not|couldn't) (?:be found|find)|no longer (?:available|exists)|"
    r"does(?:n't| not) exist|no (?:statistics|results|data) (?:found|available|for)",
    re.IGNORECASE,
)
_FIRST_LINES: Final = 60


def error_for_page(page: Outline, url: str, expected: str, *, is_html: bool, is_whole: bool) -> PageError:
    """Return why an answer without the figures asked for is no page of its kind, nor of another that is known.

    Args:
        page: What its reader sees.
        url: The address that was asked for.
        expected: What its kind of page shows.
        is_html: Whether it holds markup at all.
        is_whole: Whether it ends as a page ends.
    """
    for words in (_headings(page), _opening(page)):
        for wording, error, kind in (
            (_BLOCKED, BlockedPageError, "a challenge, a consent wall or maintenance"),
            (_NOT_FOUND, NotFoundError, "'not found'"),
        ):
            found = wording.search(words)
            if found:
                return error(url, f"expected {expected}, found {kind}: {quote(words[found.start() :])}")
    if not is_html:
        return LayoutChangedError(url, f"expected an HTML page, found other text: {quote(_opening(page))}")
    if not is_whole:
        return truncated_page(url)
    instead = quote(page.title or _opening(page))
    return LayoutChangedError(url, f"expected {expected}, found {instead}")


def truncated_page(url: str) -> PageError:
    """Return the refusal of a page whose end is missing: its last list may end anywhere."""
    return LayoutChangedError(url, "expected a page up to its closing </html>, found one that breaks off")


def other_page_type(page: Outline, url: str, expected: str, found: str) -> PageError:
    """Return the refusal of a page of another kind than asked for."""
    return WrongPageError(url, f"expected {expected}, found {found}: {quote(page.title)}")


def _headings(page: Outline) -> str:
    return " | ".join([page.title, *(heading.text for heading in page.headings)])


def _opening(page: Outline) -> str:
    lines = [piece.text for piece in page.pieces if isinstance(piece, TextLine | Heading)]
    return " | ".join(lines[:_FIRST_LINES])
