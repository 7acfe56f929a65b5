"""Tests of the registry of statistics.

The labels are those of saved pages, 2013 to 2026 (Source: IT Jobs Watch, CC BY-NC-SA 4.0).
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.model import Basis, Scope
from jobspider.site.statistics import BY_KEY, PERCENTILES, STATISTICS, Unit, match_label, parse_basis

# The meaning of a label: key, basis, job type, place, name.
Meaning = tuple[str, Basis | None, str | None, str | None, str | None]

TERM_ONLY: dict[str, Meaning] = {
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

CATEGORY_ONLY: dict[str, Meaning] = {
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


def _share_of_all() -> dict[str, Meaning]:
    """Return the labels of the share of all vacancies, 2013 to October 2025."""
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


def _pay() -> dict[str, Meaning]:
    """Return the pay labels, which are the same in both tables."""
    labels: dict[str, Meaning] = {
        "10th Percentile": ("p10", None, None, None, None),
        "25th Percentile": ("p25", None, None, None, None),
        "75th Percentile": ("p75", None, None, None, None),
        "90th Percentile": ("p90", None, None, None, None),
        "Median % change year-on-year": ("median_change", None, None, None, None),
        "% change year-on-year": ("parent_median_change", None, None, None, None),
        "Number of salaries quoted": ("quotes", Basis.ANNUAL, None, None, None),
        "Number of daily rates quoted": ("quotes", Basis.DAILY, None, None, None),
        "Number of hourly rates quoted": ("quotes", Basis.HOURLY, None, None, None),
        # Until 2017 the label named the share above: 90% get more than the 10th percentile.
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
        # Until 2016 the site called the median an average.
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
            labels[f"{place} median {words}"] = ("parent_median", basis, None, place, None)
    labels["UK excluding London average salary"] = ("parent_median", Basis.ANNUAL, None, "UK excluding London", None)
    labels["UK excluding London average hourly rate"] = (
        "parent_median",
        Basis.HOURLY,
        None,
        "UK excluding London",
        None,
    )
    return labels


IN_BOTH = _share_of_all() | _pay()
LABELS = {
    Scope.TERM: TERM_ONLY | IN_BOTH,
    Scope.CATEGORY: CATEGORY_ONLY | IN_BOTH,
}
ALL = [(scope, label, meaning) for scope, labels in LABELS.items() for label, meaning in labels.items()]

UNKNOWN = [
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


def matching_keys(label: str, scope: Scope) -> list[str]:
    return [
        statistic.key
        for statistic in STATISTICS
        if any(pattern.fullmatch(label) for pattern in statistic.labels.get(scope, ()))
    ]


def test_match_label_known_label_returns_its_meaning() -> None:
    for scope, label, meaning in ALL:
        match = match_label(label, scope)
        assert match is not None, label
        assert (match.statistic.key, match.basis, match.job_type, match.place, match.name) == meaning, label
        assert matching_keys(label, scope) == [meaning[0]], label


def test_match_label_ignores_case_and_whitespace() -> None:
    for scope, label, meaning in ALL:
        for variant in (label.upper(), label.lower(), "\n\t" + label.replace(" ", "\u00a0 \n ") + "\u00a0"):
            match = match_label(variant, scope)
            assert match is not None, variant
            assert (match.statistic.key, match.basis, match.job_type) == meaning[:3], variant


@pytest.mark.parametrize("scope", Scope)
def test_label_patterns_all_match_a_known_label(scope: Scope) -> None:
    unused = [
        pattern.pattern
        for statistic in STATISTICS
        for pattern in statistic.labels.get(scope, ())
        if not any(pattern.fullmatch(label) for label in LABELS[scope])
    ]
    assert unused == []


def test_match_label_of_other_table_or_unknown_returns_none() -> None:
    assert [label for label in (*TERM_ONLY, *UNKNOWN) if match_label(label, Scope.CATEGORY)] == []
    assert [label for label in (*CATEGORY_ONLY, *UNKNOWN) if match_label(label, Scope.TERM)] == []


@given(st.sampled_from(ALL), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=3))
def test_match_label_with_suffix_never_changes_statistic(case: tuple[Scope, str, Meaning], suffix: str) -> None:
    """Only labels that end in a name or a place may match with a suffix."""
    scope, label, (key, *_, place, name) = case
    match = match_label(f"{label} {suffix}", scope)
    if match is not None:
        assert match.statistic.key == key
        assert (place, name) != (None, None) or key == "vacancies" or label.startswith("%")


def test_parse_basis_pay_words_return_basis() -> None:
    for basis, texts in {
        Basis.ANNUAL: ("annual salary", "salary", "Salaries"),
        Basis.DAILY: ("daily rate", "DAILY RATES"),
        Basis.HOURLY: ("hourly rate", "hourly rates"),
    }.items():
        assert {parse_basis(text) for text in texts} == {basis}


def test_parse_basis_unknown_words_raise() -> None:
    with pytest.raises(KeyError):
        parse_basis("weekly rate")


def test_statistics_keys_and_titles_are_unique() -> None:
    assert len(BY_KEY) == len(STATISTICS)
    assert len({statistic.title for statistic in STATISTICS}) == len(STATISTICS)


def test_percentiles_are_sorted_pay_in_pounds() -> None:
    assert PERCENTILES == ("p10", "p25", "median", "p75", "p90")
    assert all(BY_KEY[key].is_pay and BY_KEY[key].unit is Unit.POUNDS for key in PERCENTILES)


def test_statistic_parser_reads_cells_of_its_unit() -> None:
    cells: dict[str, tuple[str, int | Decimal | None]] = {
        "rank": ("1,234", 1234),
        "rank_change": ("No change0", 0),
        "vacancies": ("1,838", 1838),
        "share_of_all": ("0.029%", Decimal("0.029")),
        "median": ("£26.50", Decimal("26.50")),
        "median_change": ("-8.33%", Decimal("-8.33")),
        "parent_median_change": ("-", None),
    }
    assert {key: BY_KEY[key].read(text) for key, (text, _) in cells.items()} == {
        key: value for key, (_, value) in cells.items()
    }


def test_statistic_better_direction_is_lower_rank_and_higher_pay() -> None:
    assert BY_KEY["rank"].better == "lower"
    assert {statistic.better for statistic in STATISTICS if statistic.is_pay} == {"higher"}
