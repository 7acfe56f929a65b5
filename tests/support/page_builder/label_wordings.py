"""How the site worded its labels and headings at a time.

Each text is a format string over the page's names: ``term``, ``a_term`` ("a Backend Developer"), ``region`` and
``parent`` (names as printed), ``in_region`` ("in the North West"), ``category``, ``job_type``, ``date`` ("13 October
2025"), ``pay`` (the median as printed) and ``top`` (how many skills the top list holds). Labels come from the texts of
three saved pages, to 2 May, 13 October and 23 November 2025, and from the statistics of pages of the same months.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

Labels = Mapping[str, str]

_PERCENTILES: Final = {
    "p10": "10th Percentile",
    "p25": "25th Percentile",
    "p75": "75th Percentile",
    "p90": "90th Percentile",
}
_CHANGES: Final = {"median_change": "Median % change year-on-year", "parent_median_change": "% change year-on-year"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one time.

    ``table`` maps a statistic to its label in table 1, ``pay`` a basis to its labels by statistic, ``chart`` a chart's
    title to the image's ``alt``. ``titles_share`` and ``requirement_share`` map a job type to the label of table 2's
    second row: for job titles, and for every other category.
    """

    heading: Labels
    lead: Labels
    table: Labels
    pay: Mapping[str, Labels]
    titles_share: Labels
    requirement_share: Labels
    chart: Labels
    top_skills: str
    skills: str
    trail: str = ">"


_PAY: Final = MappingProxyType(
    {
        "annual": {
            "quotes": "Number of salaries quoted",
            "median": "Median annual salary (50th Percentile)",
            "parent_median": "{parent} median annual salary",
            **_PERCENTILES,
            **_CHANGES,
        },
        "daily": {
            "quotes": "Number of daily rates quoted",
            "median": "Median daily rate (50th Percentile)",
            "parent_median": "{parent} median daily rate",
            **_PERCENTILES,
            **_CHANGES,
        },
        "hourly": {
            "quotes": "Number of hourly rates quoted",
            "median": "Median hourly rate",
            "parent_median": "{parent} median hourly rate",
            **_PERCENTILES,
            **_CHANGES,
        },
    }
)

JOB_TITLES: Final = "Job Titles"
TITLES_VACANCIES: Final = "{Job_type} vacancies {in_region} with a recognized job title"
REQUIREMENT_VACANCIES: Final = "{Job_type} vacancies with a requirement for {requirement}"
REQUIREMENTS: Final = MappingProxyType(
    {
        "General": "common skills",
        "Miscellaneous": "generic IT skills",
        "Processes & Methodologies": "process or methodology skills",
        "Programming Languages": "coding skills",
    }
)
"""What table 2 says of the skill categories that were seen (captures of September 2025 to June 2026)."""

_TABLE: Final = MappingProxyType(
    {
        "rank": "Rank",
        "rank_change": "Rank change year-on-year",
        "vacancies/role": "{Job_type} jobs requiring {a_term}",
        "vacancies/skill": "{Job_type} jobs citing {term}",
        "share_of_all": "As % of all {job_type} jobs {in_region}",
        "share_of_category": "As % of the {category} category",
    }
)

AUTUMN_2025: Final = Wording(
    heading=MappingProxyType(
        {"permanent": "{term} Job Trends{where}", "contract": "{term} Contract Job Trends{where}"}
    ),
    lead=MappingProxyType(
        {
            "permanent": "The median {term} salary {in_region} is {pay} per year, according to job vacancies posted "
            "during the {window} months leading to {date}.",
            "contract": "The median {term} daily rate {in_region} is {pay}, according to job vacancies posted "
            "in the {window} months leading up to {date}.",
        }
    ),
    table=_TABLE,
    pay=_PAY,
    titles_share=MappingProxyType(
        {
            "permanent": "% of permanent jobs with a recognized job title",
            "contract": "% of contract IT jobs with a recognized job title",
        }
    ),
    requirement_share=MappingProxyType(
        {
            "permanent": "As % of all permanent jobs advertised {in_region}",
            "contract": "As % of all contract IT jobs advertised {in_region}",
        }
    ),
    chart=MappingProxyType(
        {
            "Job Vacancy Trend": "{term} job vacancy trend {in_region}",
            "Salary Trend": "Salary distribution trend for {term} job vacancies {in_region}",
            "Salary Histogram": "Salary histogram for {term} {in_region}",
            "Daily Rate Trend": "Contractor daily rate distribution trend for {term} job vacancies {in_region}",
            "Daily Rate Histogram": "Daily rate histogram for {term} {in_region}",
            "Hourly Rate Trend": "Contractor hourly rate distribution trend for {term} job vacancies {in_region}",
        }
    ),
    top_skills="Top {top} Co-Occurring Skills & Capabilities{where}",
    skills="Co-Occurring Skills & Capabilities{where} by Category",
)
"""October and November 2025."""

SPRING_2025: Final = replace(
    AUTUMN_2025,
    heading=MappingProxyType({"permanent": "{term} Jobs{where}", "contract": "{term} Contracts{where}"}),
    table=MappingProxyType({**_TABLE, "share_of_all": "As % of all {job_type} jobs advertised {in_region}"}),
    chart=MappingProxyType(
        {
            **AUTUMN_2025.chart,
            "Job Vacancy Trend": "Job vacancy trend for {term} {in_region}",
            "Salary Trend": "Salary trend for {term} {in_region}",
        }
    ),
    top_skills="Top {top} Co-occurring Skills and Capabilities{where}",
    skills="Co-occurring Skills and Capabilities{where} by Category",
)
"""May 2025."""

RELATED: Final = replace(
    SPRING_2025, top_skills="Top {top} Related IT Skills{where}", skills="Related IT Skills{where} by Category"
)
"""To 2018 or later; the labels of the tables changed several times, so pages of then are printed word for word."""

SLASHED: Final = replace(RELATED, trail="/")
"""June 2017: "UK / Scotland"."""

WORDINGS: Final = MappingProxyType(
    {"autumn 2025": AUTUMN_2025, "spring 2025": SPRING_2025, "related": RELATED, "slashed": SLASHED}
)
