"""Tests of the value types in jobspider.model."""

from decimal import Decimal

from hypothesis import given

from jobspider.model import Basis, CrawlResult, FetchStatus, Figures, Subject
from tests.support.strategies import figures, subjects

PAY = Figures(
    {
        (None, "vacancies"): (7, 0, 2),
        (Basis.HOURLY, "median"): (Decimal("25.15"), None, None),
        (Basis.DAILY, "median"): (Decimal(650), None, Decimal(400)),
    }
)


@given(subjects)
def test_subject_key_contains_all_fields(subject: Subject) -> None:
    assert subject.key == f"{subject.job_type.value}/{subject.region}/{subject.term}/{subject.window_months}"


def test_figures_lookup_returns_row_of_statistic_and_basis() -> None:
    assert PAY.row("median", Basis.DAILY) == (Decimal(650), None, Decimal(400))
    assert PAY.now("median", Basis.HOURLY) == Decimal("25.15")
    assert PAY.now("vacancies") == 7


def test_figures_lookup_of_missing_row_returns_none() -> None:
    assert PAY.row("median", Basis.ANNUAL) is None
    assert PAY.row("median") is None
    assert PAY.now("vacancies", Basis.DAILY) is None


def test_figures_lookup_of_zero_returns_zero() -> None:
    assert Figures({(None, "vacancies"): (0, None, None)}).now("vacancies") == 0


@given(figures())
def test_figures_bases_are_those_with_rows(table: Figures) -> None:
    assert set(table.bases) == {basis for basis, _ in table.rows if basis is not None}
    assert PAY.bases == (Basis.DAILY, Basis.HOURLY)


def test_fetch_status_success_is_stored_or_unchanged() -> None:
    assert {status for status in FetchStatus if status.is_success} == {FetchStatus.STORED, FetchStatus.UNCHANGED}


def test_crawl_result_exit_codes() -> None:
    assert {result.value: result.exit_code for result in CrawlResult} == {
        "complete": 0,
        "partial": 3,
        "failed": 4,
        "interrupted": 5,
    }
