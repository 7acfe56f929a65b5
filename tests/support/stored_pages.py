"""Databases that hold real pages, parsers that read them otherwise, and this project's commands on them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.cli import jobspider
from jobspider import pages
from jobspider.errors import AuditFailedError, JobspiderError, PageError
from jobspider.model import Basis, Capture, CrawlResult, Figures, JobType, PlannedPage, RolePage, Subject
from jobspider.replay import load_site
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database

MORNING = datetime(2025, 11, 16, 6, 30, tzinfo=UTC)
WEEK = timedelta(weeks=1)
NORTH_WEST = Subject(JobType.PERMANENT, "north west", "backend developer")

Reader = Callable[[bytes | str, str], RolePage]


def bodies(folder: Path) -> dict[Subject, bytes]:
    """Return the pages of a saved site."""
    return {urls.parse_subject_url(page.path): page.body for page in load_site(folder).pages.values()}


def fetch(database: Database, found: dict[Subject, bytes], at: datetime) -> int:
    """Run a crawl that is answered with these pages and read them with the parser of the moment; return its id."""
    writer = Writer(database)
    plan = [PlannedPage(urls.subject_url(subject), subject) for subject in found]
    crawl_id = writer.begin_crawl(at.isoformat(), "roles", at, "0", plan)
    for planned, body in zip(plan, found.values(), strict=True):
        capture = Capture(planned.url, body, hashlib.sha256(body).hexdigest(), at)
        try:
            page = pages.accept(pages.read_page(body, planned.url))
        except PageError as error:
            findings = error.findings if isinstance(error, AuditFailedError) else ()
            writer.record_failure(crawl_id, planned.url, error.status, error.reason, 200, at, capture, findings)
        else:
            writer.store_page(crawl_id, planned.url, page, capture, pages.PARSER_VERSION, 200)
    writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
    return crawl_id


def use_parser(monkeypatch: pytest.MonkeyPatch, version: int, change: Callable[[RolePage], RolePage]) -> None:
    """Let pages be read by a parser of another version: as by the true one, and then changed."""
    monkeypatch.setattr(pages, "PARSER_VERSION", version)
    monkeypatch.setattr(pages, "read_page", lambda body, url: change(_read_page(body, url)))


_read_page: Reader = pages.read_page


def as_it_is(page: RolePage) -> RolePage:
    """Read a page as the true parser does."""
    return page


def with_more_pay(page: RolePage) -> RolePage:
    """Read every salary and rate of table 1 a fifth higher: a jump that nobody would take for chance."""
    rows = dict(page.content.term.rows)
    for key, (now, *years) in rows.items():
        if isinstance(key[0], Basis) and not key[1].endswith("_change") and isinstance(now, Decimal):
            rows[key] = (now * Decimal("1.2"), years[0], years[1])
    return replace(page, content=replace(page.content, term=Figures(rows)))


def without_skills(page: RolePage) -> RolePage:
    """Overlook the top list of skills."""
    return replace(page, content=replace(page.content, top_skills=()))


def damaged(body: bytes) -> bytes:
    """Return a page whose header row today's parser does not understand."""
    return body.replace(b"6 months to", b"half a year until")


def contradictory(body: bytes) -> bytes:
    """Return a page with two percentiles the wrong way round."""
    return (
        body.replace(b"25th Percentile", b"XX")
        .replace(b"75th Percentile", b"25th Percentile")
        .replace(b"XX", b"75th Percentile")
    )


def configured(folder: Path) -> Path:
    """Write a configuration whose database is ``jobspider.db`` beside it; return its path."""
    path = folder / "config.toml"
    path.write_text('[store]\npath = "jobspider.db"\n', encoding="utf-8")
    return path


def command(config: Path, *arguments: str) -> Result:
    """Run a command in this process, so that it reads with the parser of the moment."""
    result = CliRunner().invoke(jobspider, [*arguments, "--config", str(config)])
    if isinstance(result.exception, JobspiderError):
        result.exit_code = result.exception.exit_code
    elif result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
