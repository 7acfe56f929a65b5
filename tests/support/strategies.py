"""Hypothesis strategies for the nouns of ``jobspider.model``: anything a page could say, whether or not it adds up."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from jobspider.model import (
    TOP_SKILLS_LIST,
    WINDOWS,
    Basis,
    CategoryFigures,
    Content,
    FigureKey,
    Figures,
    JobType,
    LocationRow,
    RolePage,
    SkillShare,
    Subject,
    SubjectNames,
    ThreeYears,
)
from jobspider.site.statistics import BY_KEY, STATISTICS, Unit

names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
counts = st.integers(0, 2_000_000)
places = st.integers(-5_000, 5_000)
pounds = st.decimals(0, 1_000_000, places=2)
shares = st.decimals(0, 100, places=3)
changes = st.decimals(-1_000, 1_000, places=2)

_BY_UNIT: dict[Unit, st.SearchStrategy[int] | st.SearchStrategy[Decimal]] = {
    Unit.RANK: counts,
    Unit.PLACES: places,
    Unit.ADS: counts,
    Unit.PERCENT: shares,
    Unit.CHANGE: changes,
    Unit.POUNDS: pounds,
}
_KEYS: list[FigureKey] = [
    (basis, statistic.key) for statistic in STATISTICS for basis in (Basis if statistic.is_pay else (None,))
]

as_of_dates = st.dates(date(2013, 1, 1), date(2035, 12, 31))
subjects = st.builds(
    Subject,
    job_type=st.sampled_from(JobType),
    region=st.sampled_from(["uk", "north west", "west midlands"]),
    term=st.sampled_from(["backend developer", ".net", "tcp/ip", "c++"]),
    window_months=st.sampled_from(WINDOWS),
)
subject_names = st.builds(
    SubjectNames,
    term_name=names,
    term_kind=st.sampled_from(["role", "skill"]),
    category=names,
    region_name=names,
    parent_region=st.none() | names,
)


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """Any rows of a table, each with figures of its own unit."""
    keys = draw(st.lists(st.sampled_from(_KEYS), unique=True, max_size=12))
    return Figures({key: draw(_triple(key)) for key in keys})


def _triple(key: FigureKey) -> st.SearchStrategy[ThreeYears]:
    value = st.none() | _BY_UNIT[BY_KEY[key[1]].unit]
    return st.tuples(value, value, value)


locations = st.lists(
    st.builds(
        LocationRow,
        name=names,
        rank_change=st.none() | places,
        vacancies=counts,
        median=st.none() | pounds,
        median_change=st.none() | changes,
        live_jobs=st.none() | counts,
    ),
    unique_by=lambda row: row.name,
    max_size=4,
).map(tuple)

skill_lists = st.lists(
    st.builds(SkillShare, rank=st.integers(1, 30), name=names, count=counts, share=st.none() | shares),
    unique_by=lambda skill: skill.name,
    max_size=5,
).map(tuple)

contents = st.builds(
    Content,
    term=figures(),
    category=st.none() | st.builds(CategoryFigures, name=names, figures=figures()),
    locations=locations,
    top_skills=skill_lists,
    skills=st.dictionaries(names.filter(lambda name: name != TOP_SKILLS_LIST), skill_lists.filter(bool), max_size=3),
)


@st.composite
def role_pages(draw: st.DrawFn) -> RolePage:
    """Any role page."""
    as_of = draw(as_of_dates)
    return RolePage(
        url=f"https://www.itjobswatch.co.uk/jobs/{draw(st.integers(0, 9))}.do",
        subject=draw(subjects),
        names=draw(subject_names),
        as_of=as_of,
        years=(as_of.year, as_of.year - 1, as_of.year - 2),
        content=draw(contents),
    )
