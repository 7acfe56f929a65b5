"""The labels below are those seen on saved pages, 2013 to 2026 (Source: IT Jobs Watch, CC BY-NC-SA 4.0)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.model import Basis, Scope
from jobspider.site.statistics import BY_KEY, PERCENTILES, STATISTICS, Unit, match_label, parse_basis

# What a label says: key, basis, job type, place, name.
Said = tuple[str, Basis | None, str | None, str | None, str | None]

TERM_ONLY: dict[str, Said] = {
    "Rank": ("rank", None, None, None, None),
    "Rank change year-on-year": ("rank_change", None, None, None, None),
    "Permanent jobs requiring a Backend Developer": ("vacancies", None, "permanent", None, "Backend Developer"),
    "Permanent jobs requiring an Analyst Programmer": ("vacancies", None, "permanent", None, "Analyst Programmer"),
    "Permanent jobs requiring a QA Engineer": ("vacancies", None, "permanent", None, "QA Engineer"),
    "Permanent jobs citing SQL": ("vacancies", None, "permanent", None, "SQL"),
    "Permanent jobs citing .NET": ("vacancies", None, "permanent", None, ".NET"),
    "Permanent jobs citing C++": ("vacancies", None, "permanent", None, "C++"),
    "Permanent jobs citing Git (software)": ("vacancies", None, "permanent", None, "Git (software)"),
    "Permanent jobs citing A/B Testing": ("vacancies", None, "permanent", None, "A/B Testing"),
    "Contract jobs requiring a Backend Developer": ("vacancies", None, "contract", None, "Backend Developer"),
    "Contract jobs requiring an Android Developer": ("vacancies", None, "contract", None, "Android Developer"),
    "Contract jobs citing TCP/IP": ("vacancies", None, "contract", None, "TCP/IP"),
    "As % of the Job Titles category": ("share_of_category", None, None, None, "Job Titles"),
    "As % of the Processes & Methodologies category": (
        "share_of_category", None, None, None, "Processes & Methodologies",
    ),
    "As % of the Programming Languages category": ("share_of_category", None, None, None, "Programming Languages"),
}  # fmt: skip

CATEGORY_ONLY: dict[str, Said] = {
    "Permanent vacancies in the North West with a recognized job title": (
        "vacancies", None, "permanent", "North West", None,
    ),
    "Permanent vacancies in London with a recognized job title": ("vacancies", None, "permanent", "London", None),
    "Contract vacancies in the Midlands with a recognized job title": (
        "vacancies", None, "contract", "Midlands", None,
    ),
    "Contract vacancies with a requirement for process or methodology skills": (
        "vacancies", None, "contract", None, None,
    ),
    "Permanent vacancies with a requirement for generic IT skills": ("vacancies", None, "permanent", None, None),
    "Contract vacancies with a requirement for common skills": ("vacancies", None, "contract", None, None),
    "Permanent vacancies with a requirement for general skills": ("vacancies", None, "permanent", None, None),
    "Permanent vacancies with a requirement for coding skills": ("vacancies", None, "permanent", None, None),
    "Contract vacancies requiring academic qualifications or professional certifications": (
        "vacancies", None, "contract", None, None,
    ),
    "Contract job vacancies with a job title containing a recognized job role": (
        "vacancies", None, "contract", None, None,
    ),
    "Permanent IT job ads with a match in the General category": ("vacancies", None, "permanent", None, None),
    "Contract IT job ads with a match in the Programming Languages category": (
        "vacancies", None, "contract", None, None,
    ),
    "% of permanent jobs with a recognized job title": ("share_of_all", None, "permanent", None, None),
    "% of permanent IT jobs with a recognized job title": ("share_of_all", None, "permanent", None, None),
    "% of contract IT jobs with a recognized job title": ("share_of_all", None, "contract", None, None),
}  # fmt: skip


def _share_of_all() -> dict[str, Said]:
    """Return the wordings of one share, as they changed up to October 2025."""
    places = {"the UK": "UK", "the North West": "North West", "the City of London": "City of London",
              "London": "London", "Newcastle upon Tyne": "Newcastle upon Tyne",
              "the UK excluding London": "UK excluding London"}  # fmt: skip
    wordings = ("jobs in", "jobs advertised in", "IT jobs advertised in", "IT jobs located in",
                "IT job vacancies advertised in", "jobs located in")  # fmt: skip
    return {
        f"As % of all {job_type} {wording} {printed}": ("share_of_all", None, job_type, place, None)
        for job_type in ("permanent", "contract")
        for wording in wordings
        for printed, place in places.items()
    }


def _pay() -> dict[str, Said]:
    """Return the pay labels, which stand in both tables."""
    said: dict[str, Said] = {
        "10th Percentile": ("p10", None, None, None, None),
        "25th Percentile": ("p25", None, None, None, None),
        "75th Percentile": ("p75", None, None, None, None),
        "90th Percentile": ("p90", None, None, None, None),
        "Median % change year-on-year": ("median_change", None, None, None, None),
        "% change year-on-year": ("parent_median_change", None, None, None, None),
        "Number of salaries quoted": ("quotes", Basis.ANNUAL, None, None, None),
        "Number of daily rates quoted": ("quotes", Basis.DAILY, None, None, None),
        "Number of hourly rates quoted": ("quotes", Basis.HOURLY, None, None, None),
        # To 2017, told from above: nine in ten get more than the 10th percentile.
        "90% offered a salary of more than": ("p10", Basis.ANNUAL, None, None, None),
        "90% offered a daily rate of more than": ("p10", Basis.DAILY, None, None, None),
        "90% offered an hourly rate of more than": ("p10", Basis.HOURLY, None, None, None),
        "10% offered a salary of more than": ("p90", Basis.ANNUAL, None, None, None),
        "10% offered a daily rate of more than": ("p90", Basis.DAILY, None, None, None),
        "10% offered an hourly rate of more than": ("p90", Basis.HOURLY, None, None, None),
        "Median annual salary (50th Percentile)": ("median", Basis.ANNUAL, None, None, None),
        "Median daily rate (50th Percentile)": ("median", Basis.DAILY, None, None, None),
        "Median hourly rate (50th Percentile)": ("median", Basis.HOURLY, None, None, None),
        "Median annual salary": ("median", Basis.ANNUAL, None, None, None),
        "Median daily rate": ("median", Basis.DAILY, None, None, None),
        "Median hourly rate": ("median", Basis.HOURLY, None, None, None),
        # To 2016 the site called the median an average.
        "Average salary": ("median", Basis.ANNUAL, None, None, None),
        "Average daily rate": ("median", Basis.DAILY, None, None, None),
        "Average hourly rate": ("median", Basis.HOURLY, None, None, None),
        "Median salary % change year-on-year": ("median_change", Basis.ANNUAL, None, None, None),
        "Median daily rate % change year-on-year": ("median_change", Basis.DAILY, None, None, None),
        "Median hourly rate % change year-on-year": ("median_change", Basis.HOURLY, None, None, None),
        "Average salary % change year-on-year": ("median_change", Basis.ANNUAL, None, None, None),
        "Average daily rate % change year-on-year": ("median_change", Basis.DAILY, None, None, None),
    }
    pay = {"annual salary": Basis.ANNUAL, "daily rate": Basis.DAILY, "hourly rate": Basis.HOURLY}
    for place in ("England", "UK", "UK excluding London", "North West", "Central London", "Tyne and Wear"):
        for words, basis in pay.items():
            said[f"{place} median {words}"] = ("parent_median", basis, None, place, None)
    said["UK excluding London average salary"] = ("parent_median", Basis.ANNUAL, None, "UK excluding London", None)
    said["UK excluding London average hourly rate"] = ("parent_median", Basis.HOURLY, None, "UK excluding London", None)
    return said


IN_BOTH = _share_of_all() | _pay()
LABELS = {
    Scope.TERM: TERM_ONLY | IN_BOTH,
    Scope.CATEGORY: CATEGORY_ONLY | IN_BOTH,
}
ALL = [(scope, label, said) for scope, labels in LABELS.items() for label, said in labels.items()]

NOBODYS = [
    "", " ", "Location", "Live jobs", "Matching ads", "Job Vacancies", "6 months to 13 Oct 2025", "Same period 2024",
    "Mean annual salary", "Mode daily rate", "5th Percentile", "50th Percentile", "10th Percentiles",
    "10 th Percentile", "11th Percentile", "110th Percentile", "90th Percentile of daily rates",
    "Number of weekly rates quoted", "Number of rates quoted", "Number of salaries", "Median weekly rate", "Median",
    "Median monthly salary",
    "Median annual salary (60th Percentile)", "Median annual salary (50th Percentile) in London",
    "Median annual salary 50th Percentile", "Rank 2024", "Ranking", "Rank change", "Rank change month-on-month",
    "% change", "% change month-on-month", "Median % change", "Median % change month-on-month",
    "80% offered a salary of more than", "10% offered a salary of less than", "10% offered a salary",
    "Temporary jobs citing SQL", "Permanent jobs", "Permanent jobs citing", "Permanent jobs with SQL",
    "As % of all temporary jobs in the UK", "As % of all permanent jobs in", "As % of all jobs in the UK",
    "As % of the category", "% of permanent jobs", "Permanent vacancies", "Permanent vacancies in London",
    "Total permanent vacancies with a recognized job title", "Source: Rank", "Rank:", "x10th Percentile",
    "London median", "London annual salary", "London mean annual salary",
]  # fmt: skip


@pytest.mark.parametrize(("scope", "label", "said"), ALL)
def test_every_label_of_every_era_says_what_it_means(scope: Scope, label: str, said: Said) -> None:
    found = match_label(label, scope)
    assert found is not None
    assert (found.statistic.key, found.basis, found.job_type, found.place, found.name) == said


@pytest.mark.parametrize(("scope", "label", "said"), ALL)
def test_no_two_statistics_claim_a_label(scope: Scope, label: str, said: Said) -> None:
    claimants = [
        statistic.key
        for statistic in STATISTICS
        if any(pattern.fullmatch(label) for pattern in statistic.labels.get(scope, ()))
    ]
    assert claimants == [said[0]]


@pytest.mark.parametrize("scope", Scope)
def test_each_pattern_has_been_seen_on_a_page(scope: Scope) -> None:
    unseen = [
        pattern.pattern
        for statistic in STATISTICS
        for pattern in statistic.labels.get(scope, ())
        if not any(pattern.fullmatch(label) for label in LABELS[scope])
    ]
    assert unseen == []


@pytest.mark.parametrize("label", TERM_ONLY)
def test_a_label_of_table_1_alone_is_unknown_in_table_2(label: str) -> None:
    assert match_label(label, Scope.CATEGORY) is None


@pytest.mark.parametrize("label", CATEGORY_ONLY)
def test_a_label_of_table_2_alone_is_unknown_in_table_1(label: str) -> None:
    assert match_label(label, Scope.TERM) is None


@pytest.mark.parametrize("label", NOBODYS)
@pytest.mark.parametrize("scope", Scope)
def test_a_label_that_was_never_seen_is_claimed_by_nobody(scope: Scope, label: str) -> None:
    assert match_label(label, scope) is None


@pytest.mark.parametrize(("scope", "label", "said"), ALL)
def test_a_label_is_known_whatever_its_case_and_white_space(scope: Scope, label: str, said: Said) -> None:
    for spelt in (label.upper(), label.lower(), "\n\t" + label.replace(" ", "\u00a0 \n ") + "\u00a0"):
        found = match_label(spelt, scope)
        assert found is not None
        assert (found.statistic.key, found.basis, found.job_type) == said[:3]


@given(st.sampled_from(ALL), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=3))
def test_a_label_with_more_words_after_it_is_not_another_figure(row: tuple[Scope, str, Said], more: str) -> None:
    scope, label, (key, *_, place, name) = row
    found = match_label(f"{label} {more}", scope)
    # A name or a place may be longer than the one known; nothing else may.
    if found is not None:
        assert found.statistic.key == key
        assert (place, name) != (None, None) or key == "vacancies" or label.startswith("%")


@pytest.mark.parametrize(
    ("words", "basis"),
    [
        ("annual salary", Basis.ANNUAL),
        ("salary", Basis.ANNUAL),
        ("Salaries", Basis.ANNUAL),
        ("daily rate", Basis.DAILY),
        ("DAILY RATES", Basis.DAILY),
        ("hourly rate", Basis.HOURLY),
        ("hourly rates", Basis.HOURLY),
    ],
)
def test_pay_words_name_their_basis(words: str, basis: Basis) -> None:
    assert parse_basis(words) is basis


def test_other_pay_words_name_none() -> None:
    with pytest.raises(KeyError):
        parse_basis("weekly rate")


def test_each_statistic_is_registered_once() -> None:
    assert len(BY_KEY) == len(STATISTICS)
    assert len({statistic.title for statistic in STATISTICS}) == len(STATISTICS)


def test_the_percentiles_are_in_order_and_are_pay_in_pounds() -> None:
    assert PERCENTILES == ("p10", "p25", "median", "p75", "p90")
    assert all(BY_KEY[key].is_pay and BY_KEY[key].unit is Unit.POUNDS for key in PERCENTILES)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("rank", "1,234", 1234),
        ("rank_change", "No change0", 0),
        ("vacancies", "1,838", 1838),
        ("share_of_all", "0.029%", Decimal("0.029")),
        ("share_of_category", "100.00%", Decimal(100)),
        ("quotes", "117", 117),
        ("median", "£26.50", Decimal("26.50")),
        ("median_change", "-8.33%", Decimal("-8.33")),
        ("parent_median", "£25,438", Decimal(25438)),
        ("parent_median_change", "-", None),
    ],
)
def test_a_statistic_reads_cells_of_its_own_unit(key: str, text: str, value: int | Decimal | None) -> None:
    assert BY_KEY[key].read(text) == value


def test_a_lower_rank_is_the_better_one_and_higher_pay_too() -> None:
    assert BY_KEY["rank"].better == "lower"
    assert {statistic.better for statistic in STATISTICS if statistic.is_pay} == {"higher"}
