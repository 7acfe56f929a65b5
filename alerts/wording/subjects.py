"""Which page is meant, and why it could not be read."""

from typing import Final

from jobspider.model import DEFAULT_WINDOW, FetchStatus, LedgerRow, SnapshotInfo, Subject, SubjectNames
from jobspider.site.urls import region_display_name

# English puts "the" before compass points, plurals and names made of a common noun; other regions are proper names.
# Names as in the site's breadcrumbs and location tables, 2013 to 2026.
_WITH_THE: Final = frozenset(
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
_BESIDE_THE_UK: Final = "UK excluding London"
_NO_PLACE: Final = "work from home"
_HTTP_OK: Final = 200
_REASONS: Final = {
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
_SAY_ALL_BY_THEMSELVES: Final = frozenset({FetchStatus.NOT_FOUND, FetchStatus.ROBOTS_DENIED})


def in_region(region: str) -> str:
    """Return where: ``in the North West``, ``in London``, ``working from home``."""
    lower = region.lower()
    if lower == _NO_PLACE:
        return "working from home"
    return f"in the {region}" if lower in _WITH_THE else f"in {region}"


def compared_region(head: SnapshotInfo) -> str | None:
    """Return the region whose median stands on a page beside its own, ``None`` where the page does not name it.

    It is the parent region; the whole country has none and is compared with a part of it (saved pages, 2013 to 2026).
    """
    return _BESIDE_THE_UK if head.subject.region == "uk" else head.names.parent_region


def window_text(subject: Subject) -> tuple[str, ...]:
    """Return ``("3 months",)``, or nothing for the usual window."""
    return () if subject.window_months == DEFAULT_WINDOW else (f"{subject.window_months} months",)


def subject_name(subject: Subject, names: SubjectNames | None) -> str:
    """Return ``Backend Developer, North West, permanent``; with ``, 3 months`` where that is not the usual window.

    ``names`` are those that the page prints. Without them (the page was never read) the address's words stand in: a
    place's capitals can be known, a term's cannot ("sql", "devops").
    """
    return ", ".join(name_parts(subject, names))


def name_parts(subject: Subject, names: SubjectNames | None) -> tuple[str, ...]:
    """Return what :func:`subject_name` is made of."""
    term, region = (
        (names.term_name, names.region_name) if names else (subject.term, region_display_name(subject.region))
    )
    return term, region, subject.job_type, *window_text(subject)


def fetch_failure_text(row: LedgerRow) -> str:
    """Return why a page was not read: ``not found on the site (HTTP 404)``, ``could not be fetched: timed out``."""
    said = _REASONS[row.status]
    if row.http_status not in (None, _HTTP_OK):
        said += f" (HTTP {row.http_status})"
    return f"{said}: {row.reason}" if row.reason and row.status not in _SAY_ALL_BY_THEMSELVES else said
