from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts import config
from alerts.config import Config
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.service import problems
from alerts.service.notices import NOTIFY_AFTER
from alerts.service.problems import CHANNEL, CRAWL, DISK, LAYOUT, SOURCE, Problem, ProblemReport, find_problems
from jobspider.model import CrawlResult, FetchStatus, PlannedPage
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.fake_site import FIRST, SECOND
from tests.support.stored_pages import bodies, fetch

NOW = datetime(2025, 11, 17, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PLENTY = 10**12
SETTINGS = """
[[watch]]
terms = ["Backend Developer"]
regions = ["UK"]
[[channel]]
name = "ops"
type = "file"
path = "ops"
[[channel]]
name = "spare"
type = "file"
path = "spare"
[operator]
channel = "ops"
spare_channel = "{spare}"
stale_days = 7
min_free_mb = 500
"""


def configured(folder: Path, spare: str = "spare") -> Config:
    path = folder / "config.toml"
    path.write_text(SETTINGS.format(spare=spare), encoding="utf-8")
    return config.load(path)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database.open(tmp_path / "jobspider.db")


def found(
    database: Database, folder: Path, now: datetime = NOW, free_bytes: int = PLENTY, failure: str = ""
) -> ProblemReport:
    with database:
        return find_problems(Reader(database), Outbox(database), configured(folder), now, free_bytes, failure)


def names(found: ProblemReport) -> set[str]:
    return {problem.name for problem in found.problems}


def crawl(database: Database, ends: dict[FetchStatus, str], at: datetime = NOW) -> None:
    """Run a crawl whose pages end so, and judge it as failed."""
    writer = Writer(database)
    subjects = list(bodies(FIRST))
    plan = [PlannedPage(f"https://example.org/{status}", subjects[number]) for number, status in enumerate(ends)]
    crawl_id = writer.begin_crawl(at.isoformat(), "roles", at, "0", plan)
    for page, (status, reason) in zip(plan, ends.items(), strict=True):
        writer.record_failure(crawl_id, page.url, status, reason, None, at)
    writer.finish_crawl(crawl_id, at, CrawlResult.FAILED)


def test_a_crawl_that_went_well_is_no_problem(database: Database, tmp_path: Path) -> None:
    fetch(database, bodies(FIRST), NOW)
    assert found(database, tmp_path) == ProblemReport((), frozenset({CHANNEL}))


def test_before_the_first_crawl_nothing_can_be_said(database: Database, tmp_path: Path) -> None:
    assert found(database, tmp_path) == ProblemReport((), frozenset({CRAWL, LAYOUT, SOURCE, CHANNEL}))


def test_a_failed_crawl_says_why(database: Database, tmp_path: Path) -> None:
    crawl(database, {FetchStatus.FETCH_FAILED: "connection refused", FetchStatus.NOT_FOUND: "HTTP 404"})
    seen = found(database, tmp_path)
    (problem,) = seen.problems
    assert (problem.name, problem.is_failing) == (CRAWL, True)
    assert "0 of 2 pages were read" in problem.sentences[0]
    assert "1 x fetch failed: connection refused" in problem.sentences
    assert {LAYOUT, SOURCE} <= seen.undetermined, "nobody could look at the pages"


def test_another_layout_is_named_with_its_page_and_is_not_told_as_a_failed_crawl_too(
    database: Database, tmp_path: Path
) -> None:
    crawl(database, {FetchStatus.LAYOUT_CHANGED: "expected a table, found none", FetchStatus.FETCH_FAILED: "timeout"})
    (problem,) = found(database, tmp_path).problems
    assert problem.name == LAYOUT
    assert "https://example.org/layout_changed: expected a table, found none" in problem.sentences


def test_a_crawl_that_was_interrupted_says_nothing(database: Database, tmp_path: Path) -> None:
    writer = Writer(database)
    writer.begin_crawl("t", "roles", NOW, "0", [PlannedPage("https://example.org/", next(iter(bodies(FIRST))))])
    seen = found(database, tmp_path)
    assert not seen.problems
    assert CRAWL in seen.undetermined


def test_a_crawl_that_never_comes_to_its_end_is_a_problem(database: Database, tmp_path: Path) -> None:
    (problem,) = found(database, tmp_path, failure="exit code 1").problems
    assert (problem.name, problem.is_failing) == (CRAWL, True)


@pytest.mark.parametrize(("days", "is_stale"), [(5, False), (6, True)])
def test_a_source_is_stale_when_its_newest_figures_are_so_many_days_old(
    database: Database,
    tmp_path: Path,
    days: int,
    is_stale: bool,  # noqa: FBT001 - a case
) -> None:
    """The newest page is as of 16 November; NOW is a day later."""
    fetch(database, bodies(FIRST), NOW)
    assert (SOURCE in names(found(database, tmp_path, NOW + days * DAY))) is is_stale


def test_real_pages_whose_date_stands_still_are_a_problem_until_new_figures_come(
    database: Database, tmp_path: Path
) -> None:
    """They are read every day and are as they were, as of 16 November; then come those of a week later."""
    days = []
    for day in range(9):
        with Database.open(database.path) as opened:
            fetch(opened, bodies(FIRST), NOW + day * DAY)
        seen = found(Database.open(database.path), tmp_path, NOW + day * DAY)
        days.append([problem.name for problem in seen.problems])
    assert days == [[]] * 6 + [[SOURCE]] * 3
    fetch(database, bodies(SECOND), NOW + 9 * DAY)
    seen = found(database, tmp_path, NOW + 9 * DAY)
    assert SOURCE not in names(seen) | seen.undetermined, "it is over"


def test_a_disk_is_full_below_the_least_and_well_a_quarter_above_it(database: Database, tmp_path: Path) -> None:
    at = [found(Database.open(database.path), tmp_path, free_bytes=mb * 10**6) for mb in (499, 500, 624, 625)]
    assert [DISK in names(each) for each in at] == [True, False, False, False]
    assert [DISK in each.undetermined for each in at] == [False, True, True, False]
    database.close()


# What is told.


def problem(name: str = DISK) -> Problem:
    return Problem(name, "Something is wrong", ("Because.",))


def tell(database: Database, loaded: Config, found: ProblemReport, now: datetime) -> list[tuple[str, str]]:
    """Queue what is due; return channels and headlines."""
    outbox = Outbox(database)
    notices = list(problems.problem_notices(outbox, found, loaded, now))
    for each in notices:
        outbox.queue(each.digest.name, each.occasion, now, [OutboxEntry(each.channel, each.digest, b"")])
    return [(each.channel, each.digest.headline) for each in notices]


def test_a_problem_is_told_once_and_once_when_it_is_over(database: Database, tmp_path: Path) -> None:
    loaded, wrong = configured(tmp_path), ProblemReport((problem(),))
    with database:
        told = [
            tell(database, loaded, each, NOW + DAY * day)
            for day, each in enumerate(
                [wrong, wrong, ProblemReport((), frozenset({DISK})), ProblemReport(()), ProblemReport(()), wrong]
            )
        ]
    opened, over = [("ops", "Something is wrong")], [("ops", "Over: Something is wrong")]
    assert told == [opened, [], [], over, [], opened]  # fmt: skip


def test_trouble_with_the_operator_s_channel_is_told_through_the_spare_one(database: Database, tmp_path: Path) -> None:
    with database:
        wrong = ProblemReport((problem(CHANNEL), problem()))
        assert tell(database, configured(tmp_path, spare=""), wrong, NOW) == [("ops", "Something is wrong")]
        assert tell(database, configured(tmp_path), wrong, NOW + DAY) == [("spare", "Something is wrong")]


def test_the_operator_s_channel_is_a_problem_when_nothing_reaches_it_for_hours(
    database: Database, tmp_path: Path
) -> None:
    loaded = configured(tmp_path)
    tell(database, loaded, ProblemReport((problem(),)), NOW)
    outbox = Outbox(database)
    (delivery,) = outbox.due(NOW)
    outbox.lease(delivery, NOW, DAY)
    outbox.mark_retry(delivery.delivery_id, NOW + DAY, "no route to host", possible_repeat=False)
    look_at = (Reader(database), outbox, loaded)
    assert CHANNEL not in names(find_problems(*look_at, NOW + NOTIFY_AFTER - timedelta.resolution, PLENTY))
    stuck = find_problems(*look_at, NOW + NOTIFY_AFTER, PLENTY)
    assert CHANNEL in names(stuck)
    assert "no route to host" in str(stuck.problems)
    database.close()
