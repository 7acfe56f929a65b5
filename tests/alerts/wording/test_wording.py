import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import wording
from alerts.model.changes import Change, ChangeKind, Figure, Significance
from jobspider.model import Basis, FetchStatus, JobType, Subject
from jobspider.site.statistics import BY_KEY
from tests.support import digest_factories

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("statistic", "value", "basis", "said"),
    [
        ("median", Decimal(62500), Basis.ANNUAL, "£62,500"),
        ("median", Decimal("62500.0"), Basis.ANNUAL, "£62,500"),
        ("p90", Decimal(525), Basis.DAILY, "£525 a day"),
        ("p90", Decimal("526.25"), Basis.DAILY, "£526.25 a day"),
        ("median", Decimal("25.15"), Basis.HOURLY, "£25.15 an hour"),
        ("median", Decimal(26), Basis.HOURLY, "£26.00 an hour"),
        ("share_of_all", Decimal("0.37"), None, "0.37 %"),
        ("share_of_all", Decimal("0.029"), None, "0.029 %"),
        ("share", Decimal(100), None, "100.00 %"),
        ("share", Decimal(0), None, "0.00 %"),
        ("rank_change", 3, None, "+3 places"),
        ("rank_change", -1, None, f"{MINUS}1 place"),
        ("rank_change", 0, None, "0 places"),
        ("median_change", Decimal("-8.33"), Basis.ANNUAL, f"{MINUS}8.3 %"),
        ("vacancies", 1675, None, "1,675"),
        ("vacancies", Decimal("1675.0"), None, "1,675"),
        ("rank", 1086, None, "1,086"),
    ],
)
def test_a_figure_stands_in_its_unit(statistic: str, value: Figure, basis: Basis | None, said: str) -> None:
    assert wording.format_value_with_period(statistic, value, basis) == said


def test_a_figure_that_the_page_does_not_state_is_not_a_zero() -> None:
    assert wording.format_value_with_period("median", None, Basis.DAILY) == "not stated"


def test_a_skill_without_a_share_is_below_the_cut_and_not_gone() -> None:
    assert wording.format_value_with_period("share", None) == "below the cut"


def test_an_amount_leaves_the_basis_to_its_title() -> None:
    assert wording.format_value("median", Decimal(525), Basis.DAILY) == "£525"
    assert wording.statistic_title("median", Basis.DAILY) == "Median day rate"


@pytest.mark.parametrize(
    ("statistic", "value", "basis", "said"),
    [
        ("median", Decimal(2500), Basis.ANNUAL, "+£2,500"),
        ("median", Decimal(-25), Basis.DAILY, f"{MINUS}£25"),
        ("median", Decimal("0.5"), Basis.HOURLY, "+£0.50"),
        ("vacancies", -1200, None, f"{MINUS}1,200"),
        ("vacancies", 0, None, "0"),
        ("share", Decimal("3.2"), None, "+3.20 points"),
        ("rank", -34, None, "34 places up"),
        ("rank", 1, None, "1 place down"),
        ("rank", 0, None, "no change"),
        ("median_change", Decimal(2), None, "+2.0 %"),
        ("rank_change", -2, None, f"{MINUS}2 places"),
    ],
)
def test_a_difference_says_which_way(statistic: str, value: Figure, basis: Basis | None, said: str) -> None:
    assert wording.format_difference(statistic, value, basis) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("4.1666"), "+4.2 %"),
        (Decimal("-1234.56"), f"{MINUS}1,234.6 %"),
        (Decimal("0.0018"), "+0.0018 %"),
        (Decimal("-0.5"), f"{MINUS}0.5 %"),
        (0, "0 %"),
        (100, "+100.0 %"),
    ],
)
def test_percent_is_signed_and_rounded(value: Figure, said: str) -> None:
    assert wording.format_percent(value) == said


@given(st.decimals(-10_000, 10_000, places=6).filter(bool))
def test_no_change_in_percent_is_rounded_to_nothing(value: Decimal) -> None:
    assert re.search("[1-9]", wording.format_percent(value))


@given(st.sampled_from(sorted(BY_KEY)), st.integers(-(10**7), 10**7), st.none() | st.sampled_from(Basis))
def test_whole_figures_can_be_read_back(statistic: str, value: int, basis: Basis | None) -> None:
    said = wording.format_value(statistic, value, basis)
    number = Decimal(re.sub(r"[^\d.]", "", said))
    assert number == abs(value)
    assert (MINUS in said) == (value < 0)
    assert "-" not in said


def test_year_on_year_is_as_the_page_prints_it() -> None:
    assert wording.format_year_on_year("median", Decimal("-8.33")) == f"{MINUS}8.3 % on the year"
    assert wording.format_year_on_year("rank", 28) == "28 places up on the year"


def test_a_date_does_not_depend_on_the_machines_language() -> None:
    assert wording.format_date(date(2025, 11, 3)) == "3 Nov 2025"


@pytest.mark.parametrize(("count", "said"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (1675, "1,675 pages")])
def test_a_count_agrees_with_its_noun(count: int, said: str) -> None:
    assert wording.pluralize(count, "page") == said


@pytest.mark.parametrize(
    ("key", "basis", "item", "said"),
    [
        ("median", Basis.ANNUAL, None, "Median salary"),
        ("median", Basis.HOURLY, None, "Median hourly rate"),
        ("median", None, None, "Median pay"),
        ("p10", Basis.DAILY, None, "10th percentile day rate"),
        ("rank", None, None, "Demand rank"),
        ("vacancies", None, None, "Vacancies"),
        ("share", None, "Python", "Skill Python: share"),
        ("median", Basis.ANNUAL, "Manchester", "Manchester: median salary"),
    ],
)
def test_titles_are_for_people(key: str, basis: Basis | None, item: str | None, said: str) -> None:
    assert wording.statistic_title(key, basis, item) == said


def test_every_statistic_and_topic_has_a_title() -> None:
    assert all(wording.statistic_title(key) for key in BY_KEY)
    assert [wording.topic_title(f"pay/{basis}") for basis in Basis] == ["Salary", "Day rate", "Hourly rate"]


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("North West", "in the North West"),
        ("UK", "in the UK"),
        ("City of London", "in the City of London"),
        ("UK excluding London", "in the UK excluding London"),
        ("London", "in London"),
        ("Scotland", "in Scotland"),
        ("Work from Home", "working from home"),
    ],
)
def test_regions_take_the_where_english_puts_it(region: str, said: str) -> None:
    assert wording.in_region(region) == said


def test_a_subject_is_called_as_its_page_calls_it() -> None:
    head = digest_factories.head()
    assert wording.subject_name(head.subject, head.names) == "Backend Developer, North West, permanent"


def test_a_window_is_named_only_where_it_is_not_the_usual_one() -> None:
    head = digest_factories.head(window=3, job_type=JobType.CONTRACT)
    assert wording.subject_name(head.subject, head.names) == "Backend Developer, North West, contract, 3 months"


def test_a_page_never_read_is_called_by_its_address() -> None:
    subject = Subject(JobType.PERMANENT, "uk excluding london", "csharp")
    assert wording.subject_name(subject, None) == "csharp, UK excluding London, permanent"


def test_every_status_has_a_reason_in_words() -> None:
    said = {wording.fetch_failure_text(digest_factories.failure(status=status)) for status in FetchStatus}
    assert len(said) == len(FetchStatus)


def test_a_reason_names_the_answer_and_what_went_wrong() -> None:
    row = digest_factories.failure()
    assert wording.fetch_failure_text(row) == "not found on the site (HTTP 404)"
    timed_out = digest_factories.failure(status=FetchStatus.FETCH_FAILED, reason="timed out")
    assert wording.fetch_failure_text(timed_out) == "could not be fetched: timed out"


MEDIAN = digest_factories.change()
CONTRACT = digest_factories.head("Backend Developer", "London", JobType.CONTRACT, window=3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (MEDIAN, "Backend Developer pay in the North West is up £2,500 to £62,500"),
        (
            digest_factories.change("pay/daily", "median", Decimal(575), Decimal(550), of=CONTRACT, basis=Basis.DAILY),
            "Backend Developer day rate in London is down £25 to £550 a day (3 months)",
        ),
        (
            digest_factories.change("pay/annual", "p90", Decimal(90000), Decimal(95000)),
            "Backend Developer 90th percentile salary in the North West is up £5,000 to £95,000",
        ),
        (
            digest_factories.change(new=None, kind=ChangeKind.DISAPPEARED),
            "Backend Developer pay in the North West is no longer stated (it was £60,000)",
        ),
        (
            digest_factories.change(old=None, kind=ChangeKind.APPEARED),
            "Backend Developer pay in the North West is now stated: £62,500",
        ),
        (
            digest_factories.change(new=Decimal(60000)),
            "Backend Developer pay in the North West is unchanged at £60,000",
        ),
        (digest_factories.rank(), "Backend Developer is up 34 places to rank 120 in the North West (permanent)"),
        (
            digest_factories.rank(120, 121),
            "Backend Developer is down 1 place to rank 121 in the North West (permanent)",
        ),
        (
            digest_factories.vacancies(of=CONTRACT),
            "Backend Developer vacancies in London are up 25 to 171 (contract, 3 months)",
        ),
        (
            digest_factories.skill(),
            "Azure is now among the top skills for Backend Developer in the North West (permanent)",
        ),
        (
            digest_factories.skill("Rust", list_name="Programming Languages"),
            "Rust is now among the top Programming Languages for Backend Developer in the North West (permanent)",
        ),
        (
            digest_factories.skill("Java", ChangeKind.RETURNED),
            "Java is back among the top skills for Backend Developer in the North West (permanent)",
        ),
        (
            digest_factories.skill("Java", ChangeKind.LEFT, Decimal(20), None),
            "Java is no longer among the top skills for Backend Developer in the North West (permanent)",
        ),
        (
            digest_factories.skill("Java", ChangeKind.MOVED, Decimal(20), Decimal("14.5")),
            "Java is in 14.50 % of the ads for Backend Developer in the North West, down 5.50 points (permanent)",
        ),
        (
            digest_factories.skill("Java", ChangeKind.APPEARED),
            "Java is newly listed among the skills for Backend Developer in the North West (permanent)",
        ),
        (
            digest_factories.skill("Java", ChangeKind.DISAPPEARED, Decimal(3), None),
            "Java is no longer listed among the skills for Backend Developer in the North West (permanent)",
        ),
        (digest_factories.location(), "Backend Developer pay in Manchester is up £5,000 to £70,000"),
    ],
)
def test_a_headline_is_a_sentence(change: Change, said: str) -> None:
    assert wording.headline_text(digest_factories.line(change)) == said


@given(digest_factories.changes())
def test_every_change_has_a_headline_of_plain_words(change: Change) -> None:
    said = wording.headline_text(digest_factories.line(change))
    assert "None" not in said.replace(str(change.item), "").replace(change.snapshot.names.term_name, "").replace(
        change.snapshot.names.region_name, ""
    )


@pytest.mark.parametrize(
    ("change", "way", "good"),
    [
        (MEDIAN, "up", True),
        (digest_factories.change(new=Decimal(59000)), "down", False),
        (digest_factories.change(new=Decimal(60000)), "level", None),
        (digest_factories.rank(154, 120), "up", True),
        (digest_factories.rank(120, 154), "down", False),
        (digest_factories.skill(), "up", None),
        (digest_factories.skill(kind=ChangeKind.LEFT), "down", None),
        (digest_factories.change(new=None, kind=ChangeKind.DISAPPEARED), "down", None),
    ],
)
def test_up_is_what_people_call_up(change: Change, way: str, *, good: bool | None) -> None:
    assert wording.direction(change) == way
    assert wording.is_good_news(change) is good


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (MEDIAN, "+£2,500 (+4.2 %)"),
        (digest_factories.vacancies(), "+25 (+17.1 %)"),
        (digest_factories.vacancies(0, 25), "+25"),
        (digest_factories.rank(), "34 places up"),
        (digest_factories.skill(), "entered the top skills"),
        (digest_factories.skill(kind=ChangeKind.RETURNED, list_name="top"), "back among the top skills"),
        (digest_factories.skill(list_name="Vendors"), "entered the top Vendors"),
        (
            digest_factories.skill("C", ChangeKind.LEFT, Decimal(20), Decimal(12)),
            f"left the top skills, {MINUS}8.00 points",
        ),
        (digest_factories.change(old=None, kind=ChangeKind.APPEARED), "now stated"),
        (digest_factories.change(new=None, kind=ChangeKind.DISAPPEARED), "no longer stated"),
    ],
)
def test_a_percentage_is_given_only_where_it_says_something(change: Change, said: str) -> None:
    assert wording.change_text(change) == said


def test_every_verdict_has_words() -> None:
    assert len({wording.significance_text(verdict) for verdict in Significance}) == len(Significance)


def test_a_figures_way_through_time_is_said_by_its_moves() -> None:
    assert wording.series_text(digest_factories.series(step=2_500)) == (
        "Median salary: £60,000 from 1 Jun 2025, £62,500 from 13 Jul 2025, £65,000 from 24 Aug 2025,"
        " £67,500 from 5 Oct 2025, £70,000 from 16 Nov 2025, last seen 23 Nov 2025"
    )
    assert wording.series_text(digest_factories.series("rank", None, 90, 0)) == (
        "Demand rank: 90 from 1 Jun 2025, last seen 23 Nov 2025"
    )


def test_of_a_long_way_only_the_last_moves_are_said() -> None:
    restless = digest_factories.series()
    moves = tuple((at, Decimal(100 + number)) for number, (at, _) in enumerate(restless.points))
    assert wording.series_text(replace(restless, points=moves)).count(" from ") == 6
