"""Format the names of subjects and the reasons of failed fetches."""

from typing import Final

from jobspider.model import DEFAULT_WINDOW, FetchStatus, LedgerRow, SnapshotInfo, Subject, SubjectNames
from jobspider.site.urls import region_display_name

# Regions that English uses with "the". Names as in the breadcrumbs and location tables of the site, 2013 to 2026.
_REGIONS_WITH_ARTICLE: Final = frozenset(
    {
        "channel islands",
        "city of london",
        "east midlands",
        "east of england",
        "home counties",
        "isle of man",
        "midlands",
        "north east",
        "north of england",
        "north west",
        "scottish borders",
        "south east",
        "south of england",
        "south west",
        "thames valley",
        "uk",
        "uk excluding london",
        "west country",
        "west midlands",
    }
)
_UK_COMPARISON_REGION: Final = "UK excluding London"
_HOME_WORKING: Final = "work from home"
_HTTP_OK: Final = 200
_STATUS_TEXTS: Final = {
    FetchStatus.PLANNED: "not fetched before the crawl ended",
    FetchStatus.STORED: "read",
    FetchStatus.UNCHANGED: "read, unchanged",
    FetchStatus.STALE: "the site served an older page than the one already known",
    FetchStatus.NOT_FOUND: "not found on the site",
    FetchStatus.BLOCKED: "the site refused or challenged the crawler",
    FetchStatus.ROBOTS_DENIED: "the site's robots.txt does not allow it",
    FetchStatus.WRONG_PAGE: "the site answered with another page",
    FetchStatus.LAYOUT_CHANGED: "the page was not understood",
    FetchStatus.AUDIT_FAILED: "the page's figures contradict each other",
    FetchStatus.FETCH_FAILED: "could not be fetched",
}
_SELF_EXPLANATORY: Final = frozenset({FetchStatus.NOT_FOUND, FetchStatus.ROBOTS_DENIED})


def in_region(region: str) -> str:
    """Return a region with its preposition: ``in the North West``, ``in London``, ``working from home``."""
    lower = region.lower()
    if lower == _HOME_WORKING:
        return "working from home"
    return f"in the {region}" if lower in _REGIONS_WITH_ARTICLE else f"in {region}"


def compared_region(head: SnapshotInfo) -> str | None:
    """Return the region whose median a page prints for comparison; ``None`` if the page does not name it.

    It is the parent region. The UK has none and is compared with "UK excluding London" (saved pages, 2013 to 2026).
    """
    return _UK_COMPARISON_REGION if head.subject.region == "uk" else head.names.parent_region


def window_text(subject: Subject) -> tuple[str, ...]:
    """Return ``("3 months",)``, or an empty tuple for the default window."""
    return () if subject.window_months == DEFAULT_WINDOW else (f"{subject.window_months} months",)


def subject_name(subject: Subject, names: SubjectNames | None) -> str:
    """Return ``Backend Developer, North West, permanent``; with ``, 3 months`` if the window is not the default.

    ``names`` are the names that the page prints. For a page that was never read they are ``None``, and the words of the
    URL are used: the capitals of a region are known, those of a term are not ("sql", "devops").
    """
    return ", ".join(name_parts(subject, names))


def name_parts(subject: Subject, names: SubjectNames | None) -> tuple[str, ...]:
    """Return the parts of :func:`subject_name`: term, region, job type and possibly the window."""
    term, region = (
        (names.term_name, names.region_name) if names else (subject.term, region_display_name(subject.region))
    )
    return term, region, subject.job_type, *window_text(subject)


def fetch_failure_text(row: LedgerRow) -> str:
    """Return the reason why a page was not read: ``not found on the site (HTTP 404)``."""
    text = _STATUS_TEXTS[row.status]
    if row.http_status not in (None, _HTTP_OK):
        text += f" (HTTP {row.http_status})"
    return f"{text}: {row.reason}" if row.reason and row.status not in _SELF_EXPLANATORY else text
