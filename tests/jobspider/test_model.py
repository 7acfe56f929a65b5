from decimal import Decimal

import pytest
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
def test_a_subject_s_key_names_all_that_it_is(subject: Subject) -> None:
    assert subject.key == f"{subject.job_type.value}/{subject.region}/{subject.term}/{subject.window_months}"


def test_a_row_is_found_by_its_figure_and_basis() -> None:
    assert PAY.row("median", Basis.DAILY) == (Decimal(650), None, Decimal(400))
    assert PAY.now("median", Basis.HOURLY) == Decimal("25.15")
    assert PAY.now("vacancies") == 7


def test_a_row_that_the_page_does_not_have_is_not_stated() -> None:
    assert PAY.row("median", Basis.ANNUAL) is None
    assert PAY.row("median") is None
    assert PAY.now("vacancies", Basis.DAILY) is None


def test_a_figure_that_is_zero_is_stated() -> None:
    assert Figures({(None, "vacancies"): (0, None, None)}).now("vacancies") == 0


def test_the_pay_bases_come_in_one_order_whatever_the_rows() -> None:
    assert PAY.bases == (Basis.DAILY, Basis.HOURLY)
    assert Figures({}).bases == ()


@given(figures())
def test_only_a_basis_with_rows_is_present(table: Figures) -> None:
    assert set(table.bases) == {basis for basis, _ in table.rows if basis is not None}


def test_a_page_was_read_if_its_figures_are_known_as_of_this_crawl() -> None:
    assert {status for status in FetchStatus if status.is_success} == {FetchStatus.STORED, FetchStatus.UNCHANGED}


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (CrawlResult.COMPLETE, 0),
        (CrawlResult.PARTIAL, 3),
        (CrawlResult.FAILED, 4),
        (CrawlResult.INTERRUPTED, 5),
    ],
)
def test_a_verdict_has_its_exit_code(verdict: CrawlResult, code: int) -> None:
    assert verdict.exit_code == code
