"""The site's grammar of addresses: a subject or a page of the market index to its URL and back, normalised.

The site has answered for one page under several spellings (``?p=6`` or none, doubly encoded, with ``:443``, without
``www``, over ``http``). Everything that becomes a key goes through here first.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from jobspider.errors import UsageError
from jobspider.model import DEFAULT_WINDOW, WINDOWS, JobType, Market, Subject

SITE: Final = "https://www.itjobswatch.co.uk"
"""The live site, as it spells itself in its canonical links (2020 to 2026)."""

_SECTIONS: Final = {JobType.PERMANENT: "jobs", JobType.CONTRACT: "contracts"}
_JOB_TYPES: Final = {section: job_type for job_type, section in _SECTIONS.items()}
_ROLE_PATH: Final = re.compile(r"/(?P<section>jobs|contracts)/(?P<region>[^/]+)/(?P<term>.+)\.do")
_KEPT_IN_SLUGS: Final = "+()!*',;:@&=$/"
_MOST_DECODINGS: Final = 5
_ARTICLES: Final = re.compile(r"^(?:the )+")
_WINDOWS_SAID: Final = {str(window): window for window in WINDOWS}
_INDEX_PATHS: Final = {JobType.PERMANENT: "/default.aspx", JobType.CONTRACT: "/contract.aspx"}
_INDEX_JOB_TYPES: Final = {"": JobType.PERMANENT, "/": JobType.PERMANENT} | {
    path: job_type for job_type, path in _INDEX_PATHS.items()
}
_WHOLE_INDEX: Final = {"ql": "", "id": "0", "sortby": "5", "orderby": "0"}
"""The parameters of the index that choose some of its rows or another order, and what they say of the whole (2025)."""
_NATION: Final = "uk"
_SMALL_WORDS: Final = frozenset({"and", "excluding", "from", "in", "of", "on", "the", "under", "upon"})
_PAGE: Final = re.compile(r"[1-9][0-9]{0,3}")


def make_subject(job_type: str, region: str, term: str, window_months: int = DEFAULT_WINDOW) -> Subject:
    """Return the subject that a user names, normalised: lower case, one space between words, no leading "the".

    A name copied out of an address (``north%20west``) is the name it stands for.

    Raises:
        UsageError: A part is empty, cannot stand in an address, or is not one of the accepted values.
    """
    try:
        kind = JobType(job_type.strip().lower())
    except ValueError:
        raise UsageError(f"job type {job_type!r} is unknown: use permanent or contract") from None
    if window_months not in WINDOWS:
        raise UsageError(f"window {window_months} is unknown: use 3 or 6 (months)")
    place, name = _ARTICLES.sub("", _slug(region)), _slug(term)
    if not _is_slug(place) or "/" in place:
        raise UsageError(f"region {region!r} is not a region: use a name as in the site's addresses, like 'north west'")
    if not _is_slug(name):
        raise UsageError(f"term {term!r} is no term: use a name as in the site's addresses, like 'backend developer'")
    return Subject(kind, place, name, window_months)


def subject_url(of: Subject, base_url: str = SITE) -> str:
    """Return the address of a subject's page on the site at ``base_url``, in its one canonical spelling."""
    region, term = (quote(part, safe=_KEPT_IN_SLUGS) for part in (of.region, of.term))
    query = "" if of.window_months == DEFAULT_WINDOW else f"?p={of.window_months}"
    return f"{base_url.rstrip('/')}/{_SECTIONS[of.job_type]}/{region}/{term}.do{query}"


def parse_subject_url(url: str) -> Subject:
    """Return the subject of a role or skill page's address, in whichever spelling.

    Raises:
        UsageError: The address is not that of such a page.
    """
    parts = _split(url)
    found = _ROLE_PATH.fullmatch(_decoded(parts.path))
    if not found:
        raise UsageError(
            f"{url!r} is not the URL of a role or skill page: expected {SITE}/jobs/REGION/TERM.do or /contracts/..."
        )
    windows = dict.fromkeys(parse_qs(parts.query.lower()).get("p", [str(DEFAULT_WINDOW)]))
    window = _WINDOWS_SAID.get(" and ".join(windows))
    if window is None:
        raise UsageError(f"{url!r}: the window p={' and '.join(windows)} is unknown: use 3 or 6 (months)")
    return make_subject(_JOB_TYPES[found["section"]], found["region"], found["term"], window)


def is_role_page(url: str) -> bool:
    """Tell whether an address is that of a role or skill page; raises ``UsageError`` for what is no address at all."""
    return _ROLE_PATH.fullmatch(_decoded(_split(url).path)) is not None


def make_market(job_type: str, region: str, window_months: int = DEFAULT_WINDOW, page: int = 1) -> Market:
    """Return the page of the market index that a user names, normalised like a subject.

    Raises:
        UsageError: A part is empty, cannot stand in an address, or is not one of the accepted values.
    """
    of = make_subject(job_type, region, "any", window_months)
    if page < 1:
        raise UsageError(f"page {page} is no page of the market index: the first is 1")
    return Market(of.job_type, of.region, of.window_months, page)


def market_url(of: Market, base_url: str = SITE) -> str:
    """Return the address of a page of the market index on the site at ``base_url``, in its one canonical spelling."""
    region = quote(region_display_name(of.region), safe="")
    return (
        f"{base_url.rstrip('/')}{_INDEX_PATHS[of.job_type]}?ql=&ll={region}&id=0"
        f"&p={of.window_months}&e=0&page={of.page}&sortby=5&orderby=0"
    )


def parse_market_url(url: str) -> Market:
    """Return the page of the market index that an address names, in whichever spelling.

    Raises:
        UsageError: It is no address of the index, or one of a part of it or of another order.
    """
    parts = _split(url)
    if not is_market_page(url):
        raise UsageError(f"{url!r} is not the URL of the market index: expected {SITE}/default.aspx?ll=REGION&...")
    said = {name: values[-1].strip() for name, values in parse_qs(parts.query.lower()).items()}
    for name, value in _WHOLE_INDEX.items():
        if said.get(name, value) != value:
            raise UsageError(f"{url!r} names a part of the market index or another order: leave {name}= out")
    window, page = _WINDOWS_SAID.get(said.get("p", str(DEFAULT_WINDOW))), said.get("page", "1")
    if window is None:
        raise UsageError(f"{url!r}: the window p={said['p']} is unknown: use 3 or 6 (months)")
    if not _PAGE.fullmatch(page):
        raise UsageError(f"{url!r}: page={page} is no page of the market index: the first is 1")
    return make_market(_INDEX_JOB_TYPES[_decoded(parts.path).lower()], said.get("ll") or _NATION, window, int(page))


def is_market_page(url: str) -> bool:
    """Tell whether an address is one of the market index; raises ``UsageError`` for what is no address at all."""
    parts = _split(url)
    return bool(parts.netloc) and _decoded(parts.path).lower() in _INDEX_JOB_TYPES


def region_display_name(region: str) -> str:
    """Return a region's name as the site spells it in the addresses of its index: ``City of London``."""
    words = (
        "UK" if word == _NATION else word if word in _SMALL_WORDS else word.capitalize() for word in region.split()
    )
    return " ".join(words)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise UsageError(f"{url!r} is not an address: expected one like {SITE}/jobs/REGION/TERM.do") from None


def _slug(text: str) -> str:
    return " ".join(_decoded(text).lower().split())


def _is_slug(text: str) -> bool:
    """Whether a normalised name reads back from its address as it is: not "../x", not half-decoded, not garbled."""
    return (
        text.isprintable()
        and "\N{REPLACEMENT CHARACTER}" not in text
        and unquote(text) == text
        and not {"", ".", ".."} & set(text.split("/"))
    )


def _decoded(path: str) -> str:
    """Undo percent-encoding until nothing changes: archives hold ``%2520`` for a space."""
    for _ in range(_MOST_DECODINGS):
        once = unquote(path)
        if once == path:
            break
        path = once
    return path
