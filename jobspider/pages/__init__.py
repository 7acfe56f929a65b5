"""Parse a response body into a dataclass. Pure: no network, clock or configuration.

``read`` takes a body and its URL and returns a page of either type. ``read_page`` and ``read_market_page`` parse one
type only. ``accept`` raises an error for a page whose figures contradict each other. Called by the crawl, by
``reparse`` and by the commands ``parse`` and ``save-page``.
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
from jobspider.pages.market_index import has_index, parse_market_page
from jobspider.pages.role import has_statistics, parse_role_page
from jobspider.site import urls

__all__ = ["PARSER_VERSION", "accept", "read", "read_market_page", "read_page"]

PARSER_VERSION: Final = 1
"""Increase this number with every change that alters the result for any page. Stored pages are then parsed again from
their captures before a comparison, so that a parser change is never reported as a market change."""

_Page = TypeVar("_Page", bound=RolePage | MarketPage)


class _PageType(NamedTuple, Generic[_Page]):
    """A type of page: its description, the tests for its URL and content, its parser and its audit."""

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
    matches_content=has_statistics,
    parse=parse_role_page,
    audit=audit,
    needs_links=False,
)
_INDEX: Final = _PageType(
    description="the market index",
    expected="the market index with a table headed like 'Rank 6 Months to 30 Jul 2025'",
    matches_url=urls.is_market_page,
    matches_content=has_index,
    parse=parse_market_page,
    audit=audit_index,
    needs_links=True,
)
_PAGE_TYPES: Final = (_ROLE, _INDEX)


def read(body: bytes | str, url: str) -> RolePage | MarketPage:
    """Parse a page of the type that its URL names; see :func:`read_page`."""
    return read_market_page(body, url) if _INDEX.matches_url(url) else read_page(body, url)


def read_market_page(body: bytes | str, url: str) -> MarketPage:
    """Parse a page of the market index; see :func:`read_page`."""
    return _parse(_INDEX, body, url)


def read_page(body: bytes | str, url: str) -> RolePage:
    """Parse a role or skill page.

    Args:
        body: The body of the response. Bytes are decoded with the declared encoding, otherwise as UTF-8, otherwise as
            Windows-1252.
        url: The requested URL, which names the subject.

    Returns:
        The page with a finding for each failed audit check. :func:`accept` rejects a page with serious findings.

    Raises:
        UsageError: The URL is not that of a role or skill page.
        BlockedPageError: The response is a challenge, a consent wall or a maintenance page.
        NotFoundError: The response says that the page does not exist.
        WrongPageError: The page is about another subject or of another type.
        LayoutChangedError: The page is incomplete or contains something that the parser does not understand.
    """
    return _parse(_ROLE, body, url)


def _parse(page_type: _PageType[_Page], body: bytes | str, url: str) -> _Page:
    if not page_type.matches_url(url):
        raise UsageError(f"{url!r} is not the URL of {page_type.description}")
    try:
        root, is_html, is_whole = _html_source.parse(body)
    except PageContentError as error:
        raise LayoutChangedError(url, str(error)) from error
    outline = build_outline(root, with_links=page_type.needs_links)
    del root  # the tree needs ten times the memory of the page
    if not page_type.matches_content(outline):
        other = next((other.description for other in _PAGE_TYPES if other.matches_content(outline)), None)
        if other:
            raise error_pages.other_page_type(outline, url, page_type.description, other)
        raise error_pages.error_for_page(outline, url, page_type.expected, is_html=is_html, is_whole=is_whole)
    if not is_whole:
        raise error_pages.truncated_page(url)
    page = page_type.parse(outline, url)
    findings = page_type.audit(page)
    return replace(page, findings=page.findings + findings) if findings else page


def accept(page: _Page) -> _Page:
    """Return the page if its figures are consistent.

    Raises:
        AuditFailedError: A failed audit check rejects the page.
    """
    if any(finding.rejects_page for finding in page.findings):
        raise AuditFailedError(page.url, page.findings)
    return page
