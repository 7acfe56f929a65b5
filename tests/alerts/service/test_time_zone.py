"""Moments are told by the days of ``[schedule] timezone``, whichever way a digest, a notice or a report goes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.config import load
from alerts.render import presenter
from alerts.reports.builder import ReportRequest, build_report
from alerts.service.context import ServiceContext
from alerts.service.notices import notice
from alerts.service.preview import dry_run, example_digest, preview
from alerts.service.publish import render_digest
from jobspider.store.database import Database
from tests.support.digest_scenarios import NORTH_WEST, DigestScenario, content

# Half past seven on Monday in Auckland, whose day has begun eleven hours and a half before that of UTC.
NOW = datetime(2026, 11, 22, 18, 31, tzinfo=UTC)
CONFIG = """
[store]
path = "jobs.db"
[[watch]]
terms = ["backend developer"]
regions = ["north west"]
[schedule]
timezone = "Pacific/Auckland"
[[digest]]
name = "weekly"
channels = ["folder"]
[[channel]]
name = "folder"
type = "file"
path = "out"
formats = ["txt"]
"""


@pytest.fixture
def context(tmp_path: Path) -> ServiceContext:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    with Database.open(tmp_path / "jobs.db") as database:
        DigestScenario(database).crawl(NOW - timedelta(hours=1), {NORTH_WEST: content()})
    return ServiceContext(load(path), path, {}, lambda: NOW)


def test_a_digest_is_of_its_reader_s_day(context: ServiceContext) -> None:
    assert (
        presenter.present_digest(preview(context, context.config.digest[0])["folder"]).title
        == "weekly digest, 23 Nov 2026"
    )
    assert b"weekly digest, 23 Nov 2026" in dry_run(context, context.config.digest[0], "folder")
    assert presenter.present_digest(example_digest(context, "folder")).title == "test digest, 23 Nov 2026"


def test_a_notice_is_of_the_operator_s_day(context: ServiceContext) -> None:
    written = json.loads(render_digest(context, notice("disk", NOW, "The disk is nearly full"), "folder", NOW))
    assert "notice to the operator, 23 Nov 2026" in written["digest.txt"]


def test_a_report_is_made_by_the_clocks_of_its_reader(context: ServiceContext) -> None:
    with Database.open(context.config.database_path, read_only=True) as database:
        report = build_report(
            database, context.config, ReportRequest(None, (NORTH_WEST,), NOW.date() - timedelta(weeks=1)), NOW
        )
    assert report.created_at.isoformat() == "2026-11-23T07:31:00+13:00"
