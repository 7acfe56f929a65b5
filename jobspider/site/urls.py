"""Convert subjects and pages of the market index to URLs and back, normalised.

The site serves one page under several URLs (with or without ``?p=6``, encoded twice, with ``:443``, without ``www``,
over ``http``). Every subject that becomes a key is created here, so that each page has exactly one key.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from jobspider.errors import UsageError
from jobspider.model import DEFAULT_WINDOW, WINDOWS, JobType, Market, Subject

SITE: Final = "https://www.itjobswatch.co.uk"
"""The live site, as in its canonical links (2020 to 2026)."""
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are always this machine. They may be addressed without TLS and without a crawl delay."""

_SECTIONS: Final = {JobType.PERMANENT: "jobs", JobType.CONTRACT: "contracts"}
_JOB_TYPES: Final = {section: job_type for job_type, section in _SECTIONS.items()}
_ROLE_PATH: Final = re.compile(r"/(?P<section>jobs|contracts)/(?P<region>[^/]+)/(?P<term>.+)\.do")
_UNQUOTED: Final = "+()!*',;:@&=$/"
_MAX_DECODINGS: Final = 5
_ARTICLES: Final = re.compile(r"^(?:the )+")
_WINDOW_VALUES: Final = {str(window): window for window in WINDOWS}
_INDEX_PATHS: Final = {JobType.PERMANENT: "/default.aspx", JobType.CONTRACT: "/contract.aspx"}
_INDEX_JOB_TYPES: Final = {"": JobType.PERMANENT, "/": JobType.PERMANENT} | {
    path: job_type for job_type, path in _INDEX_PATHS.items()
}
_WHOLE_INDEX: Final = {"ql": "", "id": "0", "sortby": "5", "orderby": "0"}
"""The parameters that filter or sort the index, with their values for the complete index (2025)."""
_NATION: Final = "uk"
_SMALL_WORDS: Final = frozenset({"and", "excluding", "from", "in", "of", "on", "the", "under", "upon"})
_PAGE: Final = re.compile(r"[1-9][0-9]{0,3}")


def make_subject(job_type: str, region: str, term: str, window_months: int = DEFAULT_WINDOW) -> Subject:
    """Return a normalised subject: lower case, one space between words, no leading "the" in the region.

    Percent-encoded names copied from a URL (``north%20west``) are decoded.

    Raises:
        UsageError: A part is empty, cannot be part of a URL, or is not an accepted value.
    """
    try:
        kind = JobType(job_type.strip().lower())
    except ValueError:
        raise UsageError(f"job type {job_type!r} is unknown: use permanent or contract") from None
    if window_months not in WINDOWS:
        raise UsageError(f"window {window_months} is unknown: use 3 or 6 (months)")
    region_slug, term_slug = _ARTICLES.sub("", _slug(region)), _slug(term)
    if not _is_slug(region_slug) or "/" in region_slug:
        raise UsageError(f"region {region!r} is not a region: use a name as in the site's URLs, like 'north west'")
    if not _is_slug(term_slug):
        raise UsageError(f"term {term!r} is not a term: use a name as in the site's URLs, like 'backend developer'")
    return Subject(kind, region_slug, term_slug, window_months)


def subject_url(subject: Subject, base_url: str = SITE) -> str:
    """Return the canonical URL of a subject on the site at ``base_url``."""
    region, term = (quote(part, safe=_UNQUOTED) for part in (subject.region, subject.term))
    query = "" if subject.window_months == DEFAULT_WINDOW else f"?p={subject.window_months}"
    return f"{base_url.rstrip('/')}/{_SECTIONS[subject.job_type]}/{region}/{term}.do{query}"


def parse_subject_url(url: str) -> Subject:
    """Return the subject of the URL of a role or skill page, in any of its forms.

    Raises:
        UsageError: The URL is not that of a role or skill page.
    """
    parts = _split(url)
    match = _ROLE_PATH.fullmatch(_decoded(parts.path))
    if not match:
        raise UsageError(
            f"{url!r} is not the URL of a role or skill page: expected {SITE}/jobs/REGION/TERM.do or /contracts/..."
        )
    windows = dict.fromkeys(parse_qs(parts.query.lower()).get("p", [str(DEFAULT_WINDOW)]))
    window = _WINDOW_VALUES.get(" and ".join(windows))
    if window is None:
        raise UsageError(f"{url!r}: the window p={' and '.join(windows)} is unknown: use 3 or 6 (months)")
    return make_subject(_JOB_TYPES[match["section"]], match["region"], match["term"], window)


def is_role_page(url: str) -> bool:
    """Return whether a URL is that of a role or skill page. Raises ``UsageError`` for a malformed URL."""
    return _ROLE_PATH.fullmatch(_decoded(_split(url).path)) is not None


def make_market(job_type: str, region: str, window_months: int = DEFAULT_WINDOW, page: int = 1) -> Market:
    """Return a page of the market index, normalised like a subject.

    Raises:
        UsageError: A part is empty, cannot be part of a URL, or is not an accepted value.
    """
    subject = make_subject(job_type, region, "any", window_months)
    if page < 1:
        raise UsageError(f"page {page} is not a page of the market index: the first is 1")
    return Market(subject.job_type, subject.region, subject.window_months, page)


def market_url(market: Market, base_url: str = SITE) -> str:
    """Return the canonical URL of a page of the market index on the site at ``base_url``."""
    region = quote(region_display_name(market.region), safe="")
    return (
        f"{base_url.rstrip('/')}{_INDEX_PATHS[market.job_type]}?ql=&ll={region}&id=0"
        f"&p={market.window_months}&e=0&page={market.page}&sortby=5&orderby=0"
    )


def parse_market_url(url: str) -> Market:
    """Return the page of the market index of a URL, in any of its forms.

    Raises:
        UsageError: The URL is not that of the index, or it filters or sorts the index.
    """
    parts = _split(url)
    if not is_market_page(url):
        raise UsageError(f"{url!r} is not the URL of the market index: expected {SITE}/default.aspx?ll=REGION&...")
    query = {name: values[-1].strip() for name, values in parse_qs(parts.query.lower()).items()}
    for name, value in _WHOLE_INDEX.items():
        if query.get(name, value) != value:
            raise UsageError(f"{url!r} filters or sorts the market index: remove {name}=")
    window, page = _WINDOW_VALUES.get(query.get("p", str(DEFAULT_WINDOW))), query.get("page", "1")
    if window is None:
        raise UsageError(f"{url!r}: the window p={query['p']} is unknown: use 3 or 6 (months)")
    if not _PAGE.fullmatch(page):
        raise UsageError(f"{url!r}: page={page} is not a page of the market index: the first is 1")
    return make_market(_INDEX_JOB_TYPES[_decoded(parts.path).lower()], query.get("ll") or _NATION, window, int(page))


def is_market_page(url: str) -> bool:
    """Return whether a URL is that of the market index. Raises ``UsageError`` for a malformed URL."""
    parts = _split(url)
    return bool(parts.netloc) and _decoded(parts.path).lower() in _INDEX_JOB_TYPES


def region_display_name(region: str) -> str:
    """Return the display name of a region, capitalised as in the URLs of the index: ``City of London``."""
    words = (
        "UK" if word == _NATION else word if word in _SMALL_WORDS else word.capitalize() for word in region.split()
    )
    return " ".join(words)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise UsageError(f"{url!r} is not a URL: expected one like {SITE}/jobs/REGION/TERM.do") from None


def _slug(text: str) -> str:
    return " ".join(_decoded(text).lower().split())


def _is_slug(text: str) -> bool:
    """Return whether a normalised name survives the round trip through a URL: not "../x", encoded or garbled."""
    return (
        text.isprintable()
        and "\N{REPLACEMENT CHARACTER}" not in text
        and unquote(text) == text
        and not {"", ".", ".."} & set(text.split("/"))
    )


def _decoded(path: str) -> str:
    """Decode percent-encoding repeatedly, because archives contain ``%2520`` for a space."""
    for _ in range(_MAX_DECODINGS):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    return path
