"""A small page to store, and a crawl in one call. Figures: contract Backend Developer, West Midlands, to 13 Oct 2025.

Source: IT Jobs Watch, CC BY-NC-SA 4.0.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from jobspider.model import (
    Basis,
    Capture,
    CategoryFigures,
    Content,
    CrawlResult,
    FetchStatus,
    Figures,
    LocationRow,
    PlannedPage,
    RolePage,
    SkillShare,
    Subject,
    SubjectNames,
)
from jobspider.site.urls import make_subject, subject_url
from jobspider.store.crawl_writer import Writer

MONDAY = date(2025, 10, 13)
MORNING = datetime(2025, 10, 13, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST = "first"
BACKEND = make_subject("contract", "west midlands", "backend developer")
JAVA = make_subject("permanent", "uk", "java")


def content(median: int = 650, live_jobs: Mapping[str, int] | None = None) -> Content:
    """Return a page's figures; two calls differ only where their arguments do."""
    live = {"Herefordshire": 1} if live_jobs is None else live_jobs
    daily = Basis.DAILY
    languages = (SkillShare(1, "SQL", 7, Decimal("100.00")), SkillShare(1, "Python", 7, Decimal("100.00")))
    return Content(
        term=Figures(
            {
                (None, "rank"): (120, None, 120),
                (None, "vacancies"): (7, 0, 2),
                (None, "share_of_all"): (Decimal("0.37"), None, Decimal("0.099")),
                (daily, "quotes"): (7, 0, 2),
                (daily, "p25"): (None, None, Decimal(381)),
                (daily, "median"): (Decimal(median), None, Decimal(400)),
                (daily, "p75"): (Decimal(700), None, Decimal(419)),
            }
        ),
        category=CategoryFigures(
            "All Contract IT Job Vacancies",
            Figures({(Basis.HOURLY, "median"): (Decimal("25.15"), Decimal("21.80"), Decimal("22.65"))}),
        ),
        locations=tuple(
            LocationRow(name, None, 6, Decimal(650), None, live.get(name))
            for name in ("Herefordshire", "Worcestershire")
        ),
        top_skills=languages,
        skills={"Programming Languages": languages},
    )


def page(as_of: date = MONDAY, figures: Content | None = None, of: Subject = BACKEND) -> RolePage:
    """Return a whole page."""
    return RolePage(
        url=subject_url(of),
        subject=of,
        names=SubjectNames("Backend Developer", "role", "Job Titles", "West Midlands", "England"),
        as_of=as_of,
        years=(as_of.year, as_of.year - 1, as_of.year - 2),
        content=content() if figures is None else figures,
    )


def capture(body: bytes = b"<html>a page</html>", at: datetime = MORNING, of: Subject = BACKEND) -> Capture:
    """Return a page's bytes."""
    return Capture(subject_url(of), body, sha256(body).hexdigest(), at)


def plan(*subjects: Subject) -> tuple[PlannedPage, ...]:
    """Return a plan of subjects' pages."""
    return tuple(PlannedPage(subject_url(each), each) for each in subjects)


def begin(writer: Writer, token: str = FIRST, at: datetime = MORNING, *subjects: Subject) -> int:
    """Begin a crawl of these subjects' pages, or of the one sample page."""
    return writer.begin_crawl(token, "roles", at, "0.1.0", plan(*(subjects or (BACKEND,))))


def store(
    writer: Writer, crawl_id: int, what: RolePage, captured: Capture | None = None, parser: int = 1
) -> FetchStatus:
    """Store a page in a crawl that planned it."""
    return writer.store_page(
        crawl_id, subject_url(what.subject), what, captured or capture(of=what.subject), parser, http_status=200
    )


def crawl(
    writer: Writer, what: RolePage, token: str, at: datetime = MORNING, body: bytes = b"<html>a page</html>"
) -> FetchStatus:
    """Run a whole crawl of one page."""
    crawl_id = begin(writer, token, at, what.subject)
    status = store(writer, crawl_id, what, capture(body, at, what.subject))
    writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
    return status
