"""A source whose past is not what it was: one notice, and no alerts from it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.detection.restatements import a_year_before, detect_restatement, restatement_note
from alerts.model.changes import DatedContent, Restatement
from alerts.model.topics import RESTATEMENT_TOPIC, Topic
from jobspider.model import Basis, Content, FigureKey, Figures, JobType, ThreeYears
from jobspider.pages import read_page
from jobspider.site.statistics import PERCENTILES
from jobspider.site.urls import subject_url
from jobspider.store.database import Database
from tests.support.digest_factories import head
from tests.support.digest_scenarios import DAY, HOUR, MORNING, NORTH_WEST, WEEK, DigestScenario, content, pay

REAL_PAGE = Path(__file__).parents[3] / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23"
YEAR = 52 * WEEK
RESTATED_PAY: dict[str, float | None] = {"p10": 44_000, "p25": 55_000, "median": 66_000, "p75": 80_000, "p90": 93_500}
TOPICS = (Topic("pay/daily"), Topic("vacancies"))

# Contract Backend Developer in London as its pages of 12 and 19 November 2025 print it, now and a year ago.
# Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0.
REAL = {
    12: {"vacancies": (50, 31), "quotes": (30, 23), "p10": (362, 340), "p25": (431, 400), "median": (525, 409),
         "p75": (581, 523), "p90": (708, 595)},
    19: {"vacancies": (49, 31), "quotes": (30, 23), "p10": (362, 340), "p25": (431, 400), "median": (525, 409),
         "p75": (634, 523), "p90": (776, 595)},
}  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def with_year_ago(now: Content, then: Content) -> Content:
    """Return a page that states for a year ago what another says of its present."""
    rows: dict[FigureKey, ThreeYears] = {
        key: (value, then.term.now(key[1], key[0]), None) for key, (value, *_) in now.term.rows.items()
    }
    return replace(now, term=Figures(rows))


def real(day: int, column: int = 0) -> Content:
    """Return one column of a real page."""
    figures = {key: columns[column] for key, columns in REAL[day].items()}
    vacancies = figures.pop("vacancies")
    return content(pay(Basis.DAILY, **figures), vacancies=vacancies)


def found(now: Content, then: Content, days: int = 0) -> Restatement | None:
    of = head(job_type=JobType.CONTRACT)
    reading = DatedContent(a_year_before(of.as_of) + timedelta(days=days), then)
    return detect_restatement(of, now, reading, TOPICS, 10)


def test_a_year_before_the_leap_day_is_the_day_before_march() -> None:
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert a_year_before(date(2025, 11, 23)) == date(2024, 11, 23)


def test_a_real_page_a_week_later_states_the_year_before_as_it_was() -> None:
    assert found(with_year_ago(real(19), real(19, 1)), real(12, 1), days=-3) is None


def test_a_real_past_that_is_stated_otherwise_is_found() -> None:
    now = with_year_ago(real(19), real(12, 0))
    restated = found(now, real(12, 1))
    assert restated is not None
    assert (restated.statistic, restated.original, restated.restated) == ("median", 409, 525)
    assert restated.topics == (*TOPICS, RESTATEMENT_TOPIC)


def test_a_few_ads_that_were_found_later_are_no_restatement() -> None:
    usual = content(pay(Basis.DAILY, median=500), vacancies=240)
    assert found(with_year_ago(usual, content(pay(Basis.DAILY, median=500), vacancies=243)), usual) is None
    restated = found(with_year_ago(usual, content(pay(Basis.DAILY, median=500), vacancies=300)), usual)
    assert restated is not None
    assert restated.statistic == "vacancies"


def test_a_page_that_states_no_year_before_contradicts_nothing() -> None:
    assert found(real(19), real(12, 1)) is None


def test_a_restated_past_is_told_once_and_nothing_from_it(stage: DigestScenario) -> None:
    first, restated = content(), content(pay(**RESTATED_PAY))
    stage.crawl(MORNING, {NORTH_WEST: first})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + YEAR, {NORTH_WEST: with_year_ago(restated, restated)})
    digest = stage.tell(MORNING + YEAR + HOUR)
    assert (digest.groups, digest.suppressed, digest.is_empty) == ((), (), False)
    assert digest.headline == "The source restated its history of 1 page"
    assert "median salary of 17 Nov 2025 was £60,000, and is now given as £66,000" in digest.notes[0]
    # Said once; from here on the market's own moves are told, against today's figures.
    later = content(pay(**{key: (value or 0) * 1.2 for key, value in RESTATED_PAY.items()}))
    stage.crawl(MORNING + YEAR + WEEK, {NORTH_WEST: with_year_ago(later, restated)})
    second = stage.tell(MORNING + YEAR + WEEK + HOUR)
    assert second.notes == ()
    assert second.groups[0].lines[0].change.old == 66_000


def test_a_past_that_is_as_it_was_keeps_nothing_back(stage: DigestScenario) -> None:
    first, risen = content(), content(pay(**RESTATED_PAY))
    stage.crawl(MORNING, {NORTH_WEST: first})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + YEAR, {NORTH_WEST: with_year_ago(risen, first)})
    digest = stage.tell(MORNING + YEAR + HOUR)
    assert digest.notes == ()
    assert digest.groups[0].lines[0].change.new == 66_000


def whole_page() -> Content:
    """Return a real page of November 2025, whole."""
    return read_page((REAL_PAGE / "page.html").read_bytes(), subject_url(NORTH_WEST)).content


def year_ago_of(page: Content) -> Content:
    """Return what a page of the year before printed, as the second column of a page has it."""
    rows: dict[FigureKey, ThreeYears] = {key: (row[1], row[2], None) for key, row in page.term.rows.items()}
    return Content(Figures(rows), None)


def with_second_column(page: Content, factor: Decimal) -> Content:
    """Return a page whose pay of a year ago is another."""
    rows = {
        key: (row[0], round(row[1] * factor, -2) if key[1] in PERCENTILES and row[1] is not None else row[1], row[2])
        for key, row in page.term.rows.items()
    }
    return replace(page, term=Figures(rows))


@pytest.mark.parametrize(("factor", "pages"), [(Decimal(1), 0), (Decimal("1.3"), 1)])
def test_a_whole_real_page_a_year_later_is_held_against_what_it_said_then(
    stage: DigestScenario, factor: Decimal, pages: int
) -> None:
    now = whole_page()
    assert now.term.now("median", Basis.ANNUAL) != year_ago_of(now).term.now("median", Basis.ANNUAL)
    stage.crawl(MORNING, {NORTH_WEST: year_ago_of(now)})
    stage.tell(MORNING + HOUR)
    later = MORNING + timedelta(days=365)
    stage.crawl(later, {NORTH_WEST: with_second_column(now, factor)})
    digest = stage.tell(later + HOUR)
    assert (len(digest.restated), len(digest.notes)) == (pages, pages)
    if pages:
        assert (digest.groups, digest.below_threshold, digest.suppressed) == ((), (), ())
    # Said once: the next day's page, with the same past, is no notice any more.
    stage.crawl(later + DAY, {NORTH_WEST: with_second_column(now, factor)})
    assert stage.tell(later + DAY + HOUR).notes == ()


def test_who_was_never_told_of_a_page_is_not_told_of_its_past(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    restated = content(pay(**RESTATED_PAY))
    stage.crawl(MORNING + YEAR, {NORTH_WEST: with_year_ago(restated, restated)})
    digest = stage.edition(MORNING + YEAR + HOUR)
    assert (len(digest.watching), digest.restated) == (1, ())


def test_a_notice_names_three_pages_and_counts_the_others() -> None:
    each = found(with_year_ago(real(19), real(12, 0)), real(12, 1))
    assert each is not None
    said = restatement_note([each] * 5)
    assert said.startswith("The source restated its history of 5 pages: ")
    assert said.count("is now given as") == 3
    assert "; and 2 more" in said
