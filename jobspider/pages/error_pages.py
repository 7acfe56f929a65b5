"""Classify responses without statistics: challenge, consent wall, maintenance, "not found", truncated or other page.

Called only if the page has no statistics table, because a valid page may mention cookies in its footer.
"""

import re
from typing import Final

from jobspider.errors import BlockedPageError, LayoutChangedError, NotFoundError, PageError, WrongPageError
from jobspider.pages._parse_errors import quote
from jobspider.pages.html.outline import Heading, Outline, TextLine

# Texts of common bot protections and servers, collected in 2025. None has been observed on this site yet.
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
_MAX_LINES: Final = 60


def error_for_page(page: Outline, url: str, expected: str, *, is_html: bool, is_whole: bool) -> PageError:
    """Return the error for a response that is not a page of a known type.

    Args:
        page: The outline of the response.
        url: The requested URL.
        expected: A description of the expected page.
        is_html: Whether the response contains markup.
        is_whole: Whether the response ends with a closing tag.
    """
    for text in (_headings(page), _opening(page)):
        for wording, error, kind in (
            (_BLOCKED, BlockedPageError, "a challenge, a consent wall or maintenance"),
            (_NOT_FOUND, NotFoundError, "'not found'"),
        ):
            match = wording.search(text)
            if match:
                return error(url, f"expected {expected}, found {kind}: {quote(text[match.start() :])}")
    if not is_html:
        return LayoutChangedError(url, f"expected an HTML page, found other text: {quote(_opening(page))}")
    if not is_whole:
        return truncated_page(url)
    instead = quote(page.title or _opening(page))
    return LayoutChangedError(url, f"expected {expected}, found {instead}")


def truncated_page(url: str) -> PageError:
    """Return the error for a page without its end. Its last list may be incomplete."""
    return LayoutChangedError(url, "expected a page up to its closing </html>, found one that breaks off")


def other_page_type(page: Outline, url: str, expected: str, actual: str) -> PageError:
    """Return the error for a page of another type than requested."""
    return WrongPageError(url, f"expected {expected}, found {actual}: {quote(page.title)}")


def _headings(page: Outline) -> str:
    return " | ".join([page.title, *(heading.text for heading in page.headings)])


def _opening(page: Outline) -> str:
    lines = [piece.text for piece in page.pieces if isinstance(piece, TextLine | Heading)]
    return " | ".join(lines[:_MAX_LINES])
