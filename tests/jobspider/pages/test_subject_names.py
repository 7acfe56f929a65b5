"""What a page calls its subject, and what its sentences and headings say."""

import pytest

from jobspider.errors import LayoutChangedError, WrongPageError
from jobspider.model import Basis
from jobspider.pages import read_page
from tests.support.small_pages import PERMANENT_ROWS, PERMANENT_URL, html_page, permanent


def test_thin_page_has_few_rows_and_no_sections() -> None:
    page = permanent()
    assert page.content.category is None
    assert page.content.locations == ()
    assert page.content.top_skills == ()
    assert page.content.skills == {}
    assert page.content.term.row("median", Basis.ANNUAL) is None


def test_names_are_those_printed_on_page() -> None:
    names = permanent().names
    assert (names.term_name, names.term_kind, names.category) == ("Java", "skill", "Programming Languages")
    assert (names.region_name, names.parent_region) == ("Scotland", "UK")


@pytest.mark.parametrize(
    ("above", "parent"),
    [
        ("<p>England &gt; Scotland</p>", "England"),
        ("<p><a>UK</a><span>&gt;</span><a>Scotland</a></p>", "UK"),
        ("<p>UK » Scotland</p>", "UK"),
        ("<nav><ol><li><a>UK</a></li><li>Scotland</li></ol></nav>", "UK"),
        ("<ul><li>Home</li><li>About</li></ul><p>Scotland</p>", None),
        ("<h1>Java Job Trends in Scotland</h1>", None),
        ("<h2>Java<div>Scotland</div></h2>", None),
    ],
)
def test_parent_region_precedes_region_in_breadcrumb(above: str, parent: str | None) -> None:
    names = read_page(html_page(PERMANENT_ROWS, above=above), PERMANENT_URL).names
    assert (names.region_name, names.parent_region) == ("Scotland", parent)


def test_page_without_region_name_is_rejected() -> None:
    with pytest.raises(LayoutChangedError, match="the region's name 'scotland'"):
        read_page(html_page(PERMANENT_ROWS, above=""), PERMANENT_URL)


def test_region_name_excludes_article() -> None:
    url = PERMANENT_URL.replace("scotland", "north%20west")
    rows = [*PERMANENT_ROWS, ("As % of all permanent jobs in the North West", "0.50%", "0.59%", "0.42%")]
    names = read_page(html_page(rows, above="<h1>Java Job Trends in the North West</h1>"), url).names
    assert names.region_name == "North West"


def test_row_of_other_region_raises_wrong_page() -> None:
    with pytest.raises(WrongPageError, match="'Wales' in a row's label"):
        permanent(("As % of all permanent jobs in Wales", "0.50%", "0.59%", "0.42%"))


def test_role_without_category_row_belongs_to_job_titles() -> None:
    rows = [row for row in PERMANENT_ROWS if "category" not in row[0]]
    as_role = [(row[0].replace("citing Java", "requiring a Java"), *row[1:]) for row in rows]
    assert read_page(html_page(as_role), PERMANENT_URL).names.category == "Job Titles"
    with pytest.raises(LayoutChangedError, match="category"):
        read_page(html_page(rows), PERMANENT_URL)


def test_role_name_after_an_is_parsed() -> None:
    rows = [(row[0].replace("citing Java", "requiring an Architect"), *row[1:]) for row in PERMANENT_ROWS]
    above = "<h1>Architect Jobs in Scotland</h1>"
    names = read_page(html_page(rows, above=above), PERMANENT_URL.replace("java", "architect")).names
    assert (names.term_name, names.term_kind) == ("Architect", "role")


LEAD = "<h1>Java Jobs in Scotland</h1><p>{}</p>"


@pytest.mark.parametrize(
    ("lead", "broken"),
    [
        (
            "The median Java salary in Scotland is £50,000 per year, in the 6 months leading to 21 January 2019.",
            (),
        ),
        ("The median annual salary for Java was £50,000 in ads during the 6 months to 21 January 2019.", ()),
        ("The median Java salary in Scotland is £50,500 per year.", ("lead_median",)),
        ("The median Java salary in Scotland was - per year.", ("lead_median",)),
        ("The median Java salary is £50,000 in the 6 months leading up to 22 January 2019.", ("lead_window",)),
        ("The median Java salary is £50,000 in the 3 months to 21 January 2019.", ("lead_window",)),
        ("The median Java salary is £5,0000.", ("lead_median",)),
        ("The median Java salary is £ 50,000.", ("lead_median",)),
        ("Java is a language.", ()),
    ],
)
def test_lead_sentence_must_match_median_and_date(lead: str, broken: tuple[str, ...]) -> None:
    rows = [*PERMANENT_ROWS, ("Median annual salary (50th Percentile)", "£50,000", "£49,000", "£48,000")]
    page = read_page(html_page(rows, above=LEAD.format(lead)), PERMANENT_URL)
    assert tuple(finding.identity for finding in page.findings) == broken


def test_lead_sentence_dash_matches_missing_median() -> None:
    text = html_page(PERMANENT_ROWS, above=LEAD.format("The median Java salary in Scotland was - per year."))
    assert read_page(text, PERMANENT_URL).findings == ()


def test_chart_title_is_heading_above() -> None:
    below = (
        "<h2><span>Java</span><br>Salary Trend in Scotland</h2><img src='/charts/salary-trend.aspx?s=java' alt='x'>"
        "<h2>Java Job Vacancy Trend</h2><p><img data-src='/charts/demand.webp'></p><img src='/static/icon.svg'>"
    )
    assert [(chart.title, chart.url) for chart in permanent(below=below).charts] == [
        ("Salary Trend", "https://www.itjobswatch.co.uk/charts/salary-trend.aspx?s=java"),
        ("Job Vacancy Trend", "https://www.itjobswatch.co.uk/charts/demand.webp"),
    ]


def test_chart_with_malformed_url_is_rejected() -> None:
    with pytest.raises(LayoutChangedError, match="the URL of a chart"):
        permanent(below="<img src='http://[/charts/x.webp'>")
