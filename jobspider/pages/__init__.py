"""The reading room: the text of an answer to a dataclass. No network, no clock, no configuration.

``read`` takes the body and the address it was asked for under, ``read_page`` and ``read_market_page`` likewise for one
kind of page; ``accept`` turns away a page that contradicts itself.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Generic, NamedTuple, TypeVar

from jobspider.errors import AuditFailedError, LayoutChangedError, UsageError
from jobspider.model import AuditFinding, MarketPage, RolePage
from jobspider.pages import error_pages
from jobspider.pages._parse_errors import PageContentError
from jobspider.pages.audit.market_index import audit_index
from jobspider.pages.audit.role import audit
from jobspider.pages.html import source as _html_source
from jobspider.pages.html.outline import Outline
from jobspider.pages.html.outline_builder import build_outline
from jobspider.pages.market_index import parse_market_page, shows_index
from jobspider.pages.role import parse_role_page, shows_statistics
from jobspider.site import urls

__all__ = ["PARSER_VERSION", "accept", "read", "read_market_page", "read_page"]

PARSER_VERSION: Final = 1
"""Raise it with every change after which some page reads differently: stored pages are then read anew from their
captures before anything is compared with them, so that a better parser is never told as a market that moved."""

_Page = TypeVar("_Page", bound=RolePage | MarketPage)


class _PageType(NamedTuple, Generic[_Page]):
    """A kind of page: what it is called, the addresses that name it, what shows that an answer is one, its parser."""

    description: str
    expected: str
    matches_url: Callable[[str], bool]
    matches_content: Callable[[Outline], bool]
    parse: Callable[[Outline, str], _Page]
    audit: Callable[[_Page], tuple[AuditFinding, ...]]
    needs_links: bool


_ROLE: Final = _PageType(
    description="a role page",
    expected="a role page with a table headed like '6 months to 13 Oct 2025'",
    matches_url=urls.is_role_page,
    matches_content=shows_statistics,
    parse=parse_role_page,
    audit=audit,
    needs_links=False,
)
_INDEX: Final = _PageType(
    description="the market index",
    expected="the market index with a table headed like 'Rank 6 Months to 30 Jul 2025'",
    matches_url=urls.is_market_page,
    matches_content=shows_index,
    parse=parse_market_page,
    audit=audit_index,
    needs_links=True,
)
_KINDS: Final = (_ROLE, _INDEX)


def read(body: bytes | str, url: str) -> RolePage | MarketPage:
    """Read an answer of the site, of whichever kind its address names; see :func:`read_page`."""
    return read_market_page(body, url) if _INDEX.matches_url(url) else read_page(body, url)


def read_market_page(body: bytes | str, url: str) -> MarketPage:
    """Read a page of the market index; see :func:`read_page`."""
    return _read(_INDEX, body, url)


def read_page(body: bytes | str, url: str) -> RolePage:
    """Read a role or skill page.

    Args:
        body: The answer's body. Bytes are decoded as they declare themselves, else as UTF-8, else as Windows-1252.
        url: The address it was asked for under; it names the subject.

    Returns:
        The page, with a finding for every identity that fails. It is not judged: see :func:`accept`.

    Raises:
        UsageError: The address names no such page.
        BlockedPageError: The answer is a challenge, a consent wall or a note of maintenance.
        NotFoundError: The answer says that there is no such page.
        WrongPageError: The answer is about something else than asked for.
        LayoutChangedError: The answer is no whole page, or holds something that is not understood.
    """
    return _read(_ROLE, body, url)


def _read(kind: _PageType[_Page], body: bytes | str, url: str) -> _Page:
    if not kind.matches_url(url):
        raise UsageError(f"{url!r} is not the address of {kind.description}")
    try:
        root, is_html, is_whole = _html_source.parse(body)
    except PageContentError as error:
        raise LayoutChangedError(url, str(error)) from error
    seen = build_outline(root, with_links=kind.needs_links)
    del root  # a tree takes ten times the memory of its page
    if not kind.matches_content(seen):
        other = next((other.description for other in _KINDS if other.matches_content(seen)), None)
        if other:
            raise error_pages.other_page_type(seen, url, kind.description, other)
        raise error_pages.error_for_page(seen, url, kind.expected, is_html=is_html, is_whole=is_whole)
    if not is_whole:
        raise error_pages.truncated_page(url)
    page = kind.parse(seen, url)
    findings = kind.audit(page)
    return replace(page, findings=page.findings + findings) if findings else page


def accept(page: _Page) -> _Page:
    """Return a page whose figures agree with each other.

    Raises:
        AuditFailedError: An identity fails that refuses the page.
    """
    if any(finding.rejects_page for finding in page.findings):
        raise AuditFailedError(page.url, page.findings)
    return page
