"""The formulas against simulations whose truth is known; ads are independent and log-normally paid."""

import math
import random
from collections.abc import Iterator
from itertools import combinations, pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detection.figures import Comparison
from alerts.detection.significance import assess_change
from alerts.model.changes import Change, Significance, SignificanceResult
from alerts.model.topics import Topic
from alerts.stats.counts import DISPERSION_FACTOR, WindowOverlap, poisson_p_value, two_proportion_p_value
from alerts.stats.counts import significance_result as _of
from alerts.stats.pay import PROBABILITY as _PROBABILITY
from alerts.stats.pay import assess_pay_change, estimate_sigma, pooled_standard_error
from alerts.stats.pay import normalised_weights as _weights
from jobspider.model import Basis, Content, Figures
from jobspider.site.statistics import PERCENTILES
from tests.support import strategies
from tests.support.digest_scenarios import EVERY_TOPIC, comparison, content, differences, pay, place

WINDOW_DAYS = 6 * 365.25 / 12
SIGMA = 0.30
ALONE: dict[str, float | None] = dict.fromkeys(("p10", "p25", "p75", "p90"))
"""The other percentiles of a page that states its median alone."""
SUBSETS = [keys for size in range(1, 6) for keys in combinations(PERCENTILES, size)]


def seeded(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - a simulation that must repeat itself


def judged(of: Comparison, topic: str, min_quotes: int = 10) -> list[tuple[Change, SignificanceResult]]:
    return [(change, assess_change(change, of, min_quotes)) for change in differences(of, Topic(topic))]


def only(of: Comparison, topic: str, min_quotes: int = 10) -> SignificanceResult:
    (evidence,) = {evidence for _, evidence in judged(of, topic, min_quotes)}
    return evidence


def pay_of(ads: list[float]) -> dict[str, float]:
    """Return the percentiles that a page would print of these ads."""
    ordered = sorted(ads)
    found = {}
    for key, probability in _PROBABILITY.items():
        place = (len(ordered) - 1) * probability
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        found[key] = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return found


def poisson_draw(rng: random.Random, mean: float) -> int:
    """Return how many ads come in a time in which so many are to be expected."""
    count, waited = 0, rng.expovariate(1)
    while waited < mean:
        count += 1
        waited += rng.expovariate(1)
    return count


# How exact the formulas are


@pytest.mark.parametrize(("quotes", "repeats"), [(50, 4000), (200, 1500), (1000, 600)])
def test_the_pooled_error_of_any_percentiles_is_that_of_simulated_pages(quotes: int, repeats: int) -> None:
    rng = seeded(f"pooled {quotes}")
    pages = [pay_of([rng.gauss(0, SIGMA) for _ in range(quotes)]) for _ in range(repeats)]
    for keys in SUBSETS:
        weights = _weights(keys)
        simulated = pstdev(sum(weights[key] * page[key] for key in keys) for page in pages)
        assert simulated == pytest.approx(pooled_standard_error(keys) * SIGMA / math.sqrt(quotes), rel=0.1), keys


def test_the_pooled_error_is_what_its_description_says() -> None:
    assert pooled_standard_error(("median",)) == pytest.approx(math.sqrt(math.pi / 2), abs=1e-4)
    assert pooled_standard_error(PERCENTILES) == pytest.approx(1.0333, abs=1e-4)


def test_weights_of_the_percentiles_that_are_there_add_up_to_1() -> None:
    for keys in SUBSETS:
        assert sum(_weights(keys).values()) == pytest.approx(1)


@pytest.mark.parametrize("days", [7, 30, 91, 182, 400])
def test_windows_that_share_ads_differ_as_little_as_the_formula_says(days: int) -> None:
    rng = seeded(f"overlap {days}")
    quotes, fresh = 120, min(1.0, days / WINDOW_DAYS)
    weights = _weights(PERCENTILES)
    moves = []
    for _ in range(1500):
        replaced = sum(rng.random() < fresh for _ in range(quotes))
        shared = [rng.gauss(0, SIGMA) for _ in range(quotes - replaced)]
        old, new = (pay_of(shared + [rng.gauss(0, SIGMA) for _ in range(replaced)]) for _ in range(2))
        moves.append(sum(weights[key] * (new[key] - old[key]) for key in PERCENTILES))
    independent = 2 * (pooled_standard_error(PERCENTILES) * SIGMA) ** 2 / quotes
    assert pstdev(moves) == pytest.approx(math.sqrt(WindowOverlap(days, 6).variance(independent)), rel=0.1)


@pytest.mark.parametrize(
    ("months", "days", "fresh"), [(6, 7, 0.03833), (3, 7, 0.07666), (6, 182, 0.99658), (3, 182, 1)]
)
def test_two_windows_share_what_the_days_between_their_ends_leave(months: int, days: int, fresh: float) -> None:
    assert WindowOverlap(days, months).unshared_fraction == pytest.approx(fresh, abs=1e-5)


def counts(rng: random.Random, mean: float, fresh: float) -> tuple[int, int]:
    """Return how many ads two windows hold when nothing has changed."""
    shared = in_batches(rng, mean * (1 - fresh))
    return shared + in_batches(rng, mean * fresh), shared + in_batches(rng, mean * fresh)


def in_batches(rng: random.Random, mean: float) -> int:
    """Return how many ads come in batches of 2.5 on average, see ``alerts.stats.counts.DISPERSION_FACTOR``."""
    sizes = (1 + math.floor(math.log(1 - rng.random()) / math.log(0.6)) for _ in range(poisson_draw(rng, mean / 2.5)))
    return sum(sizes)


def assert_calibrated(p_values: list[float]) -> None:
    """Make sure that chance is taken for news about as often as it says, and not much more often."""
    for level in (0.01, 0.05):
        false = fmean(p_value < level for p_value in p_values)
        assert false < 2 * level, f"{false:.3f} below {level}"


@pytest.mark.parametrize("mean", [3, 12, 50, 170])
@pytest.mark.parametrize("days", [1, 7, 182])
def test_counts_that_differ_by_chance_are_seldom_called_clear(mean: int, days: int) -> None:
    rng = seeded(f"counts {mean} {days}")
    spacing = WindowOverlap(days, 6)
    assert_calibrated([poisson_p_value(*counts(rng, mean, spacing.unshared_fraction), spacing) for _ in range(2500)])


@pytest.mark.parametrize("ads", [15, 60, 170])
@pytest.mark.parametrize("share", [0.05, 0.4, 0.9])
@pytest.mark.parametrize("days", [7, 182])
def test_shares_that_differ_by_chance_are_seldom_called_clear(ads: int, share: float, days: int) -> None:
    rng = seeded(f"shares {ads} {share} {days}")
    spacing = WindowOverlap(days, 6)
    found = []
    for _ in range(1200):
        asking, others = (
            counts(rng, ads * share, spacing.unshared_fraction),
            counts(rng, ads * (1 - share), spacing.unshared_fraction),
        )
        old_of, new_of = (sum(side) for side in zip(asking, others, strict=True))
        if old_of and new_of:
            found.append(two_proportion_p_value(asking[0] / old_of, old_of, asking[1] / new_of, new_of, spacing))
    assert_calibrated(found)


@pytest.mark.parametrize(("quotes", "days"), [(60, 30), (100, 7), (100, 182), (400, 1), (400, 7)])
def test_pay_on_a_grid_that_differs_by_chance_is_seldom_called_clear(quotes: int, days: int) -> None:
    rng = seeded(f"grid {quotes} {days}")
    spacing = WindowOverlap(days, 6)

    def ads(count: int) -> list[float]:
        return [2500 * max(1, round(24 * math.exp(rng.gauss(0, SIGMA)))) for _ in range(count)]

    found = []
    for _ in range(600):
        replaced = sum(rng.random() < spacing.unshared_fraction for _ in range(quotes))
        shared = ads(quotes - replaced)
        old, new = (Figures(pay(quotes=quotes, **pay_of(shared + ads(replaced)))) for _ in range(2))
        if old != new:
            found.append(assess_pay_change(old, new, Basis.ANNUAL, spacing, 10).p_value or 0.0)
    false = sum(p_value < 0.01 for p_value in found) / 600
    assert false < 0.025


def test_a_true_move_of_pay_is_seen_though_every_ad_stands_on_a_grid() -> None:
    figures = {key: round(1.1 * value / 2500) * 2500 for key, value in pay_of_page().items()}
    assert only(comparison(content(), content(pay(**figures))), "pay/annual").verdict is Significance.CLEAR


def pay_of_page() -> dict[str, float]:
    return {key: float(triple[0] or 0) for (_, key), triple in pay().items() if key != "quotes"}


@settings(max_examples=100)
@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 400))
def test_the_more_counts_differ_the_less_it_is_chance(one: int, other: int, days: int) -> None:
    small, large = sorted((one, other))
    total, spacing = large * 2 + 2, WindowOverlap(days, 6)
    p_values = [poisson_p_value(total - more, total + more, spacing) for more in (small, large)]
    assert p_values == sorted(p_values, reverse=True)


# What a verdict rests on


@pytest.mark.parametrize(
    ("p_value", "verdict"),
    [
        (0.0, Significance.CLEAR),
        (0.00999, Significance.CLEAR),
        (0.01, Significance.LIKELY),
        (0.04999, Significance.LIKELY),
        (0.05, Significance.NOISE),
        (1.0, Significance.NOISE),
    ],
)
def test_a_verdict_is_a_range_of_p_values(p_value: float, verdict: Significance) -> None:
    assert _of(p_value, "").verdict is verdict


def test_all_percentiles_of_one_pay_have_one_verdict() -> None:
    found = judged(comparison(content(), content(p10=45_000, median=67_500, p90=95_000)), "pay/annual")
    assert len(found) == 3
    assert len({evidence for _, evidence in found}) == 1


def test_one_step_of_the_median_among_five_percentiles_is_chance() -> None:
    evidence = only(comparison(content(quotes=1000), content(quotes=1000, median=62_500)), "pay/annual")
    assert evidence.verdict is Significance.NOISE
    assert evidence.explanation == "all percentiles, 1,000 and 1,000 quotes"


@pytest.mark.parametrize("side", [0, 1])
def test_pay_with_too_few_quotes_on_either_side_is_not_judged(side: int) -> None:
    quotes = [200, 200]
    quotes[side] = 9
    pages = content(quotes=quotes[0]), content(quotes=quotes[1], median=90_000)
    evidence = only(comparison(*pages), "pay/annual")
    assert (evidence.verdict, evidence.p_value) == (Significance.INSUFFICIENT_DATA, None)
    assert "9" in evidence.explanation
    assert only(comparison(*pages), "pay/annual", min_quotes=9).p_value is not None


def test_quotes_that_are_a_dash_are_too_few() -> None:
    assert (
        only(comparison(content(quotes=None), content(quotes=None, p75=90_000)), "pay/annual").verdict
        is Significance.INSUFFICIENT_DATA
    )


def test_pay_without_a_known_spread_is_not_judged() -> None:
    evidence = only(comparison(content(pay(**ALONE)), content(pay(**ALONE, median=90_000))), "pay/annual")
    assert (evidence.verdict, evidence.p_value) == (Significance.INSUFFICIENT_DATA, None)


def test_the_spread_of_one_side_serves_where_the_other_states_none() -> None:
    moved = judged(comparison(content(), content(pay(**ALONE, median=90_000))), "pay/annual")
    (median,) = (evidence for change, evidence in moved if change.statistic == "median")
    assert (median.verdict, median.explanation) == (Significance.CLEAR, "median, 200 and 200 quotes")


@pytest.mark.parametrize(("basis", "step"), [(Basis.ANNUAL, 2500), (Basis.DAILY, 25), (Basis.HOURLY, 2.5)])
def test_one_step_of_a_median_alone_is_not_enough(basis: Basis, step: float) -> None:
    old = pay(basis, quotes=100_000, p10=None, p25=step * 16, median=step * 20, p75=step * 24, p90=None)
    for steps, verdict in ((1, Significance.NOISE), (3, Significance.CLEAR)):
        new = pay(basis, **ALONE, quotes=100_000, median=step * (20 + steps))
        evidence = assess_pay_change(Figures(old), Figures(new), basis, WindowOverlap(7, 6), 10)
        assert evidence.verdict is verdict


def test_sigma_comes_of_the_quartiles_and_the_deciles_or_of_those_that_are_apart() -> None:
    p10, p25, p75, p90 = (round(60_000 * math.exp(SIGMA * z)) for z in (-1.2816, -0.6745, 0.6745, 1.2816))
    wide = round(60_000 * math.exp(2 * SIGMA * 1.2816))
    for figures, sigma in (
        ({"p10": p10, "p25": p25, "p75": p75, "p90": p90}, SIGMA),
        ({"p10": p10, "p25": p25, "p75": p75, "p90": wide}, 1.25 * SIGMA),
        ({"p10": None, "p25": p25, "p75": p75, "p90": None}, SIGMA),
        ({"p10": p10, "p25": 60_000, "p75": 60_000, "p90": p90}, SIGMA),
    ):
        found = estimate_sigma(Figures(pay(**figures)), Basis.ANNUAL)
        assert found is not None
        assert found.sigma == pytest.approx(sigma, abs=1e-3)
        assert found.ads == 200
    assert estimate_sigma(Figures(pay(p10=60_000, p25=60_000, p75=60_000, p90=60_000)), Basis.ANNUAL) is None
    assert estimate_sigma(Figures({}), Basis.ANNUAL) is None


@pytest.mark.parametrize("topic", ["pay/annual", "vacancies", "rank"])
def test_what_the_source_corrected_on_the_same_date_is_no_chance(topic: str) -> None:
    old, new = content(), content(median=62_500, vacancies=241, rank=149, share="0.41")
    assert only(comparison(old, new, days=0), topic).verdict is Significance.CLEAR


def test_a_figure_newly_stated_or_no_longer_is_a_fact_if_ads_stand_behind_it() -> None:
    thin, thick = content(quotes=3, p10=None), content(quotes=12)
    for pages in ((thin, thick), (thick, thin)):
        assert only(comparison(*pages), "pay/annual") == SignificanceResult(
            Significance.CLEAR, None, "as the page states it"
        )
    assert only(comparison(thin, content(quotes=9)), "pay/annual").verdict is Significance.INSUFFICIENT_DATA


def test_a_rank_is_judged_by_the_share_behind_it() -> None:
    others = only(comparison(content(rank=150), content(rank=90)), "rank")
    assert others.verdict is Significance.NOISE
    assert "others moved" in others.explanation
    own = only(comparison(content(rank=150), content(rank=90, vacancies=480, share="0.80")), "rank")
    assert own.verdict is Significance.CLEAR


def test_a_rank_whose_share_is_a_dash_is_not_judged() -> None:
    assert only(comparison(content(), content(rank=90, share=None)), "rank").verdict is Significance.INSUFFICIENT_DATA


@pytest.mark.parametrize("fresh", [0.1, 1.0])
def test_counts_that_come_in_batches_vary_as_the_formula_says(fresh: float) -> None:
    rng = seeded(f"batches {fresh}")
    found = [counts(rng, 200, fresh) for _ in range(3000)]
    formula = math.sqrt(DISPERSION_FACTOR * 2 * 200 * fresh)
    assert pstdev(new - old for old, new in found) == pytest.approx(formula, rel=0.05)


def test_a_skill_is_judged_by_its_ads_among_all() -> None:
    old = content(skills={"Python": 100, "SQL": 90})
    assert only(comparison(old, content(skills={"Python": 101, "SQL": 90})), "skills").verdict is Significance.NOISE
    assert only(comparison(old, content(skills={"Python": 150, "SQL": 90})), "skills").verdict is Significance.CLEAR
    few, enough = content(vacancies=9, skills={"SQL": 2}), content(vacancies=10, skills={"SQL": 9})
    for pages in ((few, enough), (enough, few)):
        assert only(comparison(*pages), "skills") == SignificanceResult(
            Significance.INSUFFICIENT_DATA, None, "fewer than 10 ads (9)"
        )


def test_a_skill_below_the_cut_is_judged_as_if_it_stood_at_the_cut() -> None:
    lists = [{f"skill {place}": 200 - place for place in range(12)} for _ in range(3)]
    lists[1]["new"] = 189
    lists[2]["new"] = 230
    old, close, far = (content(skills=each) for each in lists)
    assert [
        evidence.verdict for change, evidence in judged(comparison(old, close), "skills") if change.item == "new"
    ] == []
    (found,) = (evidence for change, evidence in judged(comparison(old, far), "skills") if change.item == "new")
    assert found.p_value == two_proportion_p_value(189 / 240, 240, 230 / 240, 240, WindowOverlap(7, 6))


def test_a_place_is_judged_by_its_own_ads_and_the_pages_spread() -> None:
    def evidence(median: int, ads: int = 60, **page: float | None) -> SignificanceResult:
        old = content(pay(**page), locations=[place()])
        return only(comparison(old, content(pay(**page), locations=[place("Manchester", median, ads)])), "locations")

    assert evidence(90_000).verdict is Significance.CLEAR
    assert evidence(67_500).explanation == "one step of the median alone"
    assert evidence(90_000, ads=9).verdict is Significance.INSUFFICIENT_DATA
    assert evidence(90_000, p10=None, p25=None, p75=None).explanation == "no spread of pay is stated"


def test_a_place_that_is_judged_needs_the_spread_of_one_page_only() -> None:
    old = content(locations=[place()])
    new = content(p10=None, p25=None, locations=[place(median=90_000)])
    assert only(comparison(old, new), "locations").verdict is Significance.CLEAR


# Whatever a page may say

_some_pay = st.none() | st.sampled_from([0, 1, 2_500, 60_000, 60_000.01, 62_500, 10_000_000])
_blocks = st.fixed_dictionaries(dict.fromkeys(PERCENTILES, _some_pay) | {"quotes": st.none() | st.integers(0, 30)})


@st.composite
def _thin_contents(draw: st.DrawFn) -> Content:
    """Return pages on the brink: dashes, zeros, equal figures, few ads, shares of nothing and of all."""
    vacancies = draw(st.integers(1, 30))
    counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, vacancies), max_size=6)
    return content(
        pay(draw(st.sampled_from(Basis)), **draw(_blocks)),
        rank=draw(st.none() | st.integers(0, 3)),
        vacancies=vacancies,
        share=draw(st.sampled_from([None, "0", "0.001", "0.40", "100.00"])),
        skills=draw(counts),
        categories={"All": draw(counts)},
        locations=[place("Wigan", draw(st.sampled_from([None, 0, 60_000, 90_000])), draw(st.integers(0, 30)))],
    )


def _all_evidence(old: Content, new: Content, days: int, min_quotes: int) -> Iterator[SignificanceResult]:
    for topic in EVERY_TOPIC:
        for _, evidence in judged(comparison(old, new, days=days), topic, min_quotes):
            yield evidence


@settings(max_examples=150)
@given(
    *[st.one_of(_thin_contents(), strategies.contents)] * 2,
    st.sampled_from([0, 1, 7, 182, 4000]),
    st.integers(1, 12),
)
def test_every_change_can_be_judged_and_every_p_value_is_a_chance(
    old: Content, new: Content, days: int, min_quotes: int
) -> None:
    for evidence in _all_evidence(old, new, days, min_quotes):
        assert evidence.p_value is None or 0 <= evidence.p_value <= 1
        assert evidence.explanation


@settings(max_examples=100)
@given(_thin_contents(), _thin_contents(), st.integers(0, 400))
def test_a_rise_is_judged_like_the_fall_that_undoes_it(old: Content, new: Content, days: int) -> None:
    def p_values(of: Comparison) -> list[float]:
        return sorted(
            evidence.p_value
            for topic in EVERY_TOPIC
            for _, evidence in judged(of, topic)
            if evidence.p_value is not None
        )

    assert p_values(comparison(old, new, days=days)) == pytest.approx(p_values(comparison(new, old, days=days)))


def test_more_days_between_two_pages_leave_more_to_chance() -> None:
    p_values = [
        only(comparison(content(), content(vacancies=270), days=days), "vacancies").p_value for days in (1, 7, 99)
    ]
    assert all(less < more for less, more in pairwise(map(float, filter(None, p_values))))
    assert len(p_values) == 3
