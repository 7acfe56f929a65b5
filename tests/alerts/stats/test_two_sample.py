"""Whether the pay of two subjects differs by more than chance makes."""

import math
import random
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model.changes import Significance
from alerts.stats.two_sample import assess_median_difference
from jobspider.model import Basis, FigureKey, Figures, ThreeYears
from jobspider.site.statistics import PERCENTILES

ANNUAL = Basis.ANNUAL
PLACES = dict(zip(PERCENTILES, (0.10, 0.25, 0.50, 0.75, 0.90), strict=True))
MIN_QUOTES = 10
STEP = 2500
"""Pay is quoted in round numbers: in steps of so many pounds."""


def page(quotes: int | None, without: tuple[str, ...] = (), /, **pounds: int) -> Figures:
    rows: dict[FigureKey, ThreeYears] = {(ANNUAL, "quotes"): (quotes, None, None)}
    for key in pounds.keys() - {*without}:
        rows[ANNUAL, key] = (Decimal(pounds[key]), None, None)
    return Figures(rows)


def spread_about(median: int, quotes: int = 400, sigma: float = 0.3, *, without: tuple[str, ...] = ()) -> Figures:
    deviates = (-1.2816, -0.6745, 0, 0.6745, 1.2816)
    pounds = {key: round(median * math.exp(sigma * z)) for key, z in zip(PERCENTILES, deviates, strict=True)}
    return page(quotes, without, **pounds)


def drawn(chance: random.Random, quotes: int, median: float, sigma: float, batch: float = 1) -> Figures:
    """Return the page of ads drawn from a log-normal market, which come in batches of so many on average."""
    pay: list[int] = []
    while len(pay) < quotes:
        size = 1
        while chance.random() > 1 / batch:
            size += 1
        pay += [round(median * math.exp(chance.gauss(0, sigma)) / STEP) * STEP] * size
    pay = sorted(pay[:quotes])
    pounds = {
        key: (pay[math.floor(at * (quotes - 1))] + pay[math.ceil(at * (quotes - 1))]) // 2 for key, at in PLACES.items()
    }
    return page(quotes, **pounds)


@pytest.mark.parametrize("batch", [1, 2.5])
@pytest.mark.parametrize(
    ("quotes", "sigmas"), [((40, 60), (0.3, 0.3)), ((60, 200), (0.25, 0.45)), ((400, 100), (0.3, 0.2))]
)
def test_subjects_that_pay_the_same_are_seldom_told_apart(
    quotes: tuple[int, int], sigmas: tuple[float, float], batch: float
) -> None:
    """The verdicts hold what they say, one job posted several times or not: "clear" at most once in 100."""
    chance = random.Random(4)  # noqa: S311 - chance that can be repeated
    times = 400
    verdicts: Counter[Significance] = Counter()
    for _ in range(times):
        one, other = (drawn(chance, count, 61_000, sigma, batch) for count, sigma in zip(quotes, sigmas, strict=True))
        verdicts[assess_median_difference(one, other, ANNUAL, MIN_QUOTES).verdict] += 1
    margin = 2.5 * math.sqrt(0.05 * 0.95 / times)
    assert not verdicts[Significance.INSUFFICIENT_DATA]
    assert (verdicts[Significance.CLEAR] + verdicts[Significance.LIKELY]) / times < 0.05 + margin
    assert verdicts[Significance.CLEAR] / times < 0.01 + margin / 2


def test_a_true_difference_of_a_tenth_is_found_where_ads_are_many() -> None:
    chance = random.Random(4)  # noqa: S311 - likewise
    pairs = [tuple(drawn(chance, 1_600, median, 0.3, 2.5) for median in (66_000, 60_000)) for _ in range(40)]
    found = [assess_median_difference(one, other, ANNUAL, MIN_QUOTES) for one, other in pairs]
    assert sum(each.verdict in (Significance.CLEAR, Significance.LIKELY) for each in found) > 30


@given(st.integers(40_000, 90_000), st.integers(40_000, 90_000), st.integers(10, 2_000), st.integers(10, 2_000))
def test_which_of_two_is_named_first_does_not_matter(one: int, other: int, quotes: int, others: int) -> None:
    pages = spread_about(one, quotes), spread_about(other, others, 0.2)
    there, back = (
        assess_median_difference(*pages, ANNUAL, MIN_QUOTES),
        assess_median_difference(pages[1], pages[0], ANNUAL, MIN_QUOTES),
    )
    assert there.verdict == back.verdict
    assert there.p_value == pytest.approx(back.p_value)


@given(st.integers(50_000, 80_000), st.integers(1, 20))
def test_the_more_are_compared_the_less_one_difference_proves(median: int, questions: int) -> None:
    pages = spread_about(median), spread_about(60_000)
    alone = assess_median_difference(*pages, ANNUAL, MIN_QUOTES).p_value
    among = assess_median_difference(*pages, ANNUAL, MIN_QUOTES, questions).p_value
    assert alone is not None
    assert among == pytest.approx(min(1, alone * questions))


@pytest.mark.parametrize("few", [0, 1, 9, None])
def test_too_few_quotes_on_either_page_are_not_judged(few: int | None) -> None:
    thin, thick = page(few, p25=40_000, median=50_000, p75=60_000), spread_about(80_000)
    for pages in ((thin, thick), (thick, thin)):
        assert assess_median_difference(*pages, ANNUAL, MIN_QUOTES).verdict is Significance.INSUFFICIENT_DATA


def test_without_a_spread_on_either_page_nothing_is_judged() -> None:
    bare, whole = page(400, median=50_000), spread_about(80_000)
    for pages in ((bare, whole), (whole, bare)):
        assert assess_median_difference(*pages, ANNUAL, MIN_QUOTES).verdict is Significance.INSUFFICIENT_DATA


def test_pay_that_is_only_spread_further_is_not_taken_for_higher_pay() -> None:
    """Were the upper quartile taken without the lower one, the wider spread would pass for a rise."""
    wide, narrow = spread_about(60_100, sigma=0.6, without=("p25",)), spread_about(60_000, sigma=0.1)
    assert assess_median_difference(wide, narrow, ANNUAL, MIN_QUOTES).verdict is Significance.NOISE
    assert (assess_median_difference(wide, narrow, ANNUAL, MIN_QUOTES).p_value or 0) > 0.5


def test_one_step_between_medians_that_stand_alone_is_nothing() -> None:
    one, other = (
        spread_about(62_500, 5_000, without=("p10", "p90")),
        spread_about(60_000, 5_000, without=("p25", "p75")),
    )
    assert assess_median_difference(one, other, ANNUAL, MIN_QUOTES).verdict is Significance.NOISE
    two_steps = spread_about(65_000, 5_000, without=("p10", "p90"))
    assert assess_median_difference(two_steps, other, ANNUAL, MIN_QUOTES).verdict is Significance.CLEAR


def test_medians_that_are_the_same_do_not_differ_whatever_stands_around_them() -> None:
    one, other = spread_about(60_000, 5_000), page(5_000, p10=30_000, p25=35_000, median=60_000, p75=62_000, p90=65_000)
    assert assess_median_difference(one, other, ANNUAL, MIN_QUOTES).explanation == "the medians are the same"


def test_medians_that_lie_otherwise_than_all_percentiles_together_prove_nothing() -> None:
    one = page(400, p10=30_000, p25=40_000, median=61_000, p75=70_000, p90=80_000)
    other = page(400, p10=40_000, p25=50_000, median=60_000, p75=80_000, p90=95_000)
    found = assess_median_difference(one, other, ANNUAL, MIN_QUOTES)
    assert (found.verdict, found.explanation) == (Significance.NOISE, "all percentiles together do not differ that way")
