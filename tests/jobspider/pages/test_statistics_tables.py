"""The rules of the two tables of figures: labels of every year, pay blocks, what is refused."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

import pytest

from jobspider.errors import LayoutChangedError, WrongPageError
from jobspider.model import Basis
from jobspider.pages import read_page
from tests.support.small_pages import (
    DAILY,
    HEADER,
    HOURLY,
    NONE,
    PERMANENT_ROWS,
    PERMANENT_URL,
    Row,
    contract,
    html_page,
    permanent,
    table,
)


def test_figures_belong_to_their_pay_block() -> None:
    term = contract(
        DAILY,
        ("10th Percentile", "£300", "-", "£250"),
        ("Median daily rate (50th Percentile)", "£400", "£380", "£350"),
        HOURLY,
        ("10th Percentile", "£20.00", "£18.50", "-"),
        ("Median hourly rate", "£30.00", "£28.00", "£26.50"),
    ).content.term
    assert term.row("p10", Basis.DAILY) == (300, None, 250)
    assert term.row("p10", Basis.HOURLY) == (20, Decimal("18.50"), None)
    assert term.now("median", Basis.HOURLY) == 30
    assert term.bases == (Basis.DAILY, Basis.HOURLY)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("10th Percentile", "£300", "-", "-"), DAILY], "Number of daily rates quoted"),
        ([DAILY, ("10th Percentile", "£300", "-", "-"), ("10th Percentile", "£310", "-", "-")], "again"),
        ([DAILY, ("Median hourly rate", "£30.00", "-", "-")], "a row of the daily block"),
        ([DAILY, DAILY], "again"),
        ([("Number of salaries quoted", "1", "1", "1")], "contract jobs"),
        ([DAILY, ("10th Percentile", "£20.00", "-", "-")], "whole pounds"),
        ([DAILY, HOURLY, ("10th Percentile", "£20", "-", "-")], "pounds and pence"),
        ([DAILY, ("% change year-on-year", "+1.00%", "-", "-")], "in the row before"),
        (
            [DAILY, ("UK median daily rate", "£400", "-", "-"), ("Foo", *NONE), ("% change year-on-year", *NONE)],
            "in the row before",
        ),
        ([DAILY, ("10th Percentile", "£300", "-")], "a label and three figures"),
        ([DAILY, ("10th Percentile", "£300", "-", "-", "-")], "a label and three figures"),
        ([DAILY, ("10th Percentile",)], "a label and three figures"),
        ([DAILY, ("", "£300", "-", "-")], "a label"),
        ([DAILY, ("10th Percentile", "£3,00", "-", "-")], "an amount like"),
        ([DAILY, ("10th Percentile", "300", "-", "-")], "an amount like"),
        ([DAILY, ("10th Percentile", "n/a", "-", "-")], "an amount like"),
        ([DAILY, ("10th Percentile", "£" + "9" * 60, "-", "-")], "an amount like"),
        ([("Number of daily rates quoted", "-", "1", "1")], "three numbers of ads"),
    ],
)
def test_statistics_table_malformed_rows_are_rejected(rows: Sequence[Row], problem: str) -> None:
    with pytest.raises(LayoutChangedError, match=problem):
        contract(*rows)


def test_label_of_other_job_type_raises_wrong_page() -> None:
    with pytest.raises(WrongPageError, match="figures of contract jobs"):
        contract(DAILY, ("As % of all permanent jobs in Scotland", *NONE))


def test_unknown_label_is_recorded_and_ignored() -> None:
    page = permanent(("Number of <b>remote</b> jobs", "1", "2", "3"))
    assert page.unknown_labels == ("Number of remote jobs",)


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Median annual salary (50<sup>th</sup> Percentile)", "median"),
        ("Scotland median annual salary", "median"),
        ("Average salary", "median"),
        ("UK median annual salary", "parent_median"),
        ("UK excluding London average salary", "parent_median"),
        ("90% offered a salary of more than", "p10"),
        ("10% offered a salary of more than", "p90"),
        ("10<sup>th</sup> Percentile", "p10"),
        ("90th&nbsp;Percentile", "p90"),
    ],
)
def test_labels_of_each_year_are_parsed(label: str, key: str) -> None:
    row = permanent((label, "&pound;50,000", "£51,000", "£52,500")).content.term.row(key, Basis.ANNUAL)
    assert row == (50_000, 51_000, 52_500)


def test_blank_cell_is_valid_only_for_changes() -> None:
    quoted = ("Number of salaries quoted", "20", "0", "17")
    median = ("Median annual salary", "£50,000", "-", "£48,000")
    rows = [row for row in PERMANENT_ROWS if row[0] != quoted[0]]
    change = ("Median % change year-on-year", "", "-", "")
    assert read_page(html_page([*rows, quoted, median, change]), PERMANENT_URL).findings == ()
    blank = ("Median annual salary", "£50,000", "", "£48,000")
    with pytest.raises(LayoutChangedError, match="three figures or dashes"):
        read_page(html_page([*rows, quoted, blank]), PERMANENT_URL)


def test_second_median_of_own_region_is_parent_median() -> None:
    term = permanent(
        ("Scotland median annual salary", "£50,000", "£50,000", "£50,000"),
        ("UK median annual salary", "£60,000", "-", "-"),
        ("% change year-on-year", "-", "-", "-"),
    ).content.term
    assert term.now("median", Basis.ANNUAL) == 50_000
    assert term.now("parent_median", Basis.ANNUAL) == 60_000


def test_rank_changes_in_each_format_are_parsed() -> None:
    changes = ("<span title='Up 10 places'></span>+10", "<i>Down -4 places</i>-4", "No change0")
    term = permanent(("Rank change year-on-year", *changes)).content.term
    assert term.row("rank_change") == (10, -4, 0)


TITLE = ("<span>All Programming Languages</span><div>Scotland</div>",)
SECOND: tuple[Row, ...] = (
    ("Permanent vacancies with a requirement for coding skills", "260", "170", "190"),
    ("Number of salaries quoted", "200", "150", "170"),
)


@pytest.mark.parametrize(
    "below",
    [
        f"<p>Text.</p>{table([TITLE, *SECOND])}",
        f"<h2>All Programming Languages<div>Scotland</div></h2><p>Text.</p>{table(SECOND)}",
        f"<h2>All Programming Languages<br>Scotland</h2>{table(SECOND)}",
        f"<div>All Programming Languages</div><div>Scotland</div><p>Text.</p>{table(SECOND)}",
        f"<h3>All Programming Languages in Scotland</h3>{table(SECOND)}",
        table([("<h2>All Programming Languages</h2>",), *SECOND]),
        table(SECOND).replace("<table>", "<table><caption>All Programming Languages</caption>"),
    ],
)
def test_category_table_is_identified_by_labels_and_title(below: str) -> None:
    category = permanent(below=below).content.category
    assert category is not None
    assert category.name == "All Programming Languages"
    assert category.figures.row("vacancies") == (260, 170, 190)
    assert category.figures.now("quotes", Basis.ANNUAL) == 200


@pytest.mark.parametrize(
    "name",
    [
        *("All Permanent IT Job Vacancies", "All Permanent IT Job Roles", "Permanent IT Job Roles", "General Category"),
        *("All Generic Skills", "All Process &amp; Methodology Skills"),
    ],
)
def test_category_table_known_titles_are_accepted(name: str) -> None:
    category = permanent(below=table([(name,), *SECOND])).content.category
    assert category is not None
    assert escape(category.name) == name


@pytest.mark.parametrize(
    ("below", "problem"),
    [
        (table(SECOND), "a title like"),
        (table([TITLE, *SECOND]) * 2, "2 of them"),
        (table([("What", "ever", "1", "2")]) + table([("Visits", "1", "2", "3")]), "labels that are known"),
        (table([HEADER, *PERMANENT_ROWS]), "2 of them"),
    ],
)
def test_unidentified_statistics_tables_are_rejected(below: str, problem: str) -> None:
    with pytest.raises(LayoutChangedError, match=problem):
        permanent(below=below)
