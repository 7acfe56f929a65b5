"""The site's grammar of addresses: a subject to its page's URL and back, normalised.

The site has answered for one page under several spellings (``?p=6`` or none, doubly encoded, with ``:443``, without
``www``, over ``http``). Everything that becomes a key goes through here first.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from jobspider.errors import UsageError
from jobspider.model import DEFAULT_WINDOW, WINDOWS, JobType, Subject

SITE: Final = "https://www.itjobswatch.co.uk"
"""The live site, as it spells itself in its canonical links (2020 to 2026)."""

_SECTIONS: Final = {JobType.PERMANENT: "jobs", JobType.CONTRACT: "contracts"}
_JOB_TYPES: Final = {section: job_type for job_type, section in _SECTIONS.items()}
_ROLE_PATH: Final = re.compile(r"/(?P<section>jobs|contracts)/(?P<region>[^/]+)/(?P<term>.+)\.do")
_KEPT_IN_SLUGS: Final = "+()!*',;:@&=$/"
_MOST_DECODINGS: Final = 5
_ARTICLES: Final = re.compile(r"^(?:the )+")
_WINDOWS_SAID: Final = {str(window): window for window in WINDOWS}


def subject(job_type: str, region: str, term: str, window_months: int = DEFAULT_WINDOW) -> Subject:
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
        raise UsageError(
            f"term {term!r} is not a term: use a name as in the site's addresses, like 'backend developer'"
        )
    return Subject(kind, place, name, window_months)


def page_url(of: Subject, base_url: str = SITE) -> str:
    """Return the address of a subject's page on the site at ``base_url``, in its one canonical spelling."""
    region, term = (quote(part, safe=_KEPT_IN_SLUGS) for part in (of.region, of.term))
    query = "" if of.window_months == DEFAULT_WINDOW else f"?p={of.window_months}"
    return f"{base_url.rstrip('/')}/{_SECTIONS[of.job_type]}/{region}/{term}.do{query}"


def subject_of(url: str) -> Subject:
    """Return the subject of a role or skill page's address, in whichever spelling.

    Raises:
        UsageError: The address is not that of such a page.
    """
    parts = _split(url)
    found = _ROLE_PATH.fullmatch(_decoded(parts.path))
    if not found:
        raise UsageError(
            f"{url!r} is not the address of a role or skill page: expected {SITE}/jobs/REGION/TERM.do or /contracts/..."
        )
    windows = dict.fromkeys(parse_qs(parts.query.lower()).get("p", [str(DEFAULT_WINDOW)]))
    window = _WINDOWS_SAID.get(" and ".join(windows))
    if window is None:
        raise UsageError(f"{url!r}: the window p={' and '.join(windows)} is unknown: use 3 or 6 (months)")
    return subject(_JOB_TYPES[found["section"]], found["region"], found["term"], window)


def is_role_page(url: str) -> bool:
    """Tell whether an address is that of a role or skill page; raises ``UsageError`` for what is no address at all."""
    return _ROLE_PATH.fullmatch(_decoded(_split(url).path)) is not None


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
