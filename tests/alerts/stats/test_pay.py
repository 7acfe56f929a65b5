"""Pay against simulations whose truth is known, and against the pages since it was told."""

import math
import random
from collections.abc import Sequence
from statistics import fmean, pstdev

import pytest

from alerts.model.changes import Significance, SignificanceResult
from alerts.stats.counts import WindowOverlap, normal_p_value, t_p_value
from alerts.stats.pay import (
    PROBABILITY,
    PaySample,
    assess_pay_change,
    estimate_sigma,
    normalised_weights,
    pooled_log_ratio,
    pooled_standard_error,
)
from jobspider.model import Basis, Figures
from jobspider.site.statistics import PERCENTILES
from tests.support.digest_scenarios import pay

SIGMA = 0.30
WEEKS = 26
USUAL = {"p10": 40_000, "p25": 50_000, "median": 60_000, "p75": 72_500, "p90": 85_000}


def seeded(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - a simulation that must repeat itself


def quantiles(ordered: Sequence[float]) -> dict[str, float]:
    """Return the percentiles that a page would print of these ads."""
    found = {}
    for key, probability in PROBABILITY.items():
        place = (len(ordered) - 1) * probability
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        found[key] = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return found


def pooled(ads: list[float]) -> float:
    weights, page = normalised_weights(PERCENTILES), quantiles(sorted(ads))
    return sum(weights[key] * page[key] for key in PERCENTILES)


def simulated(rng: random.Random, quotes: int, middle: float = 24) -> dict[str, float]:
    """Return what a page would print of so many ads on the site's grid, about a median of so many of its steps."""
    ads = sorted(2500 * max(1, round(middle * math.exp(rng.gauss(0, SIGMA)))) for _ in range(quotes))
    return {"quotes": quotes, **quantiles(ads)}


def figures(factor: float = 1.0, quotes: int = 200) -> Figures:
    """Return the usual pay times a factor, on the site's grid."""
    return Figures(pay(quotes=quotes, **{key: round(value * factor / 500) * 500 for key, value in USUAL.items()}))


def judged(weeks: int, now: float, *since: tuple[int, float], quotes: int = 200) -> SignificanceResult:
    """Weigh a factor of pay now against the usual one told so many weeks ago; ``since`` are (weeks ago, factor)."""
    pages = [PaySample(figures(factor, quotes), WindowOverlap(7 * ago, 6)) for ago, factor in since]
    told = figures(quotes=quotes)
    return assess_pay_change(told, figures(now, quotes), Basis.ANNUAL, WindowOverlap(7 * weeks, 6), 10, pages)


@pytest.mark.parametrize(("quotes", "repeats"), [(10, 3000), (50, 1200), (1000, 300), (5000, 120)])
@pytest.mark.parametrize("weeks", [1, 4, 13, 26, 52])
def test_the_standard_error_is_the_simulated_one_at_every_size_and_gap(quotes: int, repeats: int, weeks: int) -> None:
    """Within 15 %, and what so many repeats leave to chance."""
    rng = seeded(f"error {quotes} {weeks}")
    moves = []
    fresh = min(1.0, weeks / WEEKS)
    for _ in range(repeats):
        replaced = sum(rng.random() < fresh for _ in range(quotes))
        shared = [rng.gauss(0, SIGMA) for _ in range(quotes - replaced)]
        old, new = (pooled(shared + [rng.gauss(0, SIGMA) for _ in range(replaced)]) for _ in range(2))
        moves.append(new - old)
    independent = 2 * (pooled_standard_error(PERCENTILES) * SIGMA) ** 2 / quotes
    formula = math.sqrt(WindowOverlap(7 * weeks, 6).variance(independent))
    assert pstdev(moves) == pytest.approx(formula, rel=0.15 + 1 / math.sqrt(2 * repeats))


@pytest.mark.parametrize(("quotes", "repeats"), [(50, 800), (200, 500), (1000, 200)])
@pytest.mark.parametrize("windows", [1, 3])
def test_the_standard_error_against_the_mean_of_windows_is_the_simulated_one(
    quotes: int, repeats: int, windows: int
) -> None:
    """On the site's grid, medians lying anywhere on it; within 15 %, and what so many repeats leave to chance."""
    rng = seeded(f"mean {quotes} {windows}")
    moves, variances = [], []
    for _ in range(repeats):
        middle = rng.uniform(20, 30)
        now, *before = (Figures(pay(**simulated(rng, quotes, middle))) for _ in range(windows + 1))
        of = estimate_sigma(now, Basis.ANNUAL)
        assert of is not None
        pages = [PaySample(each, WindowOverlap(189 * (1 + ago), 6)) for ago, each in enumerate(before)]
        found = pooled_log_ratio(pages, now, Basis.ANNUAL, PERCENTILES, of)
        moves.append(found.effect)
        variances.append(found.variance)
    assert pstdev(moves) == pytest.approx(math.sqrt(fmean(variances)), rel=0.15 + 1 / math.sqrt(2 * repeats))


@pytest.mark.parametrize(("quotes", "weeks"), [(10, 1), (10, 26), (20, 4), (30, 26)])
def test_few_quotes_are_called_clear_by_chance_as_seldom_as_many(quotes: int, weeks: int) -> None:
    rng = seeded(f"few {quotes} {weeks}")
    spacing = WindowOverlap(7 * weeks, 6)

    def ads(count: int) -> list[float]:
        return [2500 * max(1, round(24 * math.exp(rng.gauss(0, SIGMA)))) for _ in range(count)]

    clear = []
    for _ in range(1500):
        replaced = sum(rng.random() < spacing.unshared_fraction for _ in range(quotes))
        shared = ads(quotes - replaced)
        old, new = (Figures(pay(quotes=quotes, **quantiles(sorted(shared + ads(replaced))))) for _ in range(2))
        clear.append(assess_pay_change(old, new, Basis.ANNUAL, spacing, 10).verdict is Significance.CLEAR)
    assert fmean(clear) < 0.02


def test_students_t_is_that_of_its_tables() -> None:
    """Two-sided 1 % points: 3.355 with 8 degrees of freedom, 2.750 with 30 (Fisher and Yates)."""
    assert t_p_value(3.355, 1, 8) == pytest.approx(0.01, rel=0.05)
    assert t_p_value(2.750, 1, 30) == pytest.approx(0.01, rel=0.02)
    assert t_p_value(2.576, 1, 10**6) == pytest.approx(normal_p_value(2.576, 1), rel=0.001)
    assert (t_p_value(0, 0, 5), t_p_value(1, 0, 5)) == (1.0, 0.0)


def test_windows_since_that_stood_still_average_out_the_noise_of_what_was_told() -> None:
    alone, asked = judged(120, 1.06), judged(120, 1.06, (27, 1.0), (54, 1.0), (81, 1.0))
    assert alone.p_value is not None
    assert asked.p_value is not None
    assert asked.p_value < alone.p_value
    assert "against the mean of 4 windows since" in asked.explanation  # what was told is the fourth


def test_pages_since_say_nothing_for_a_move_that_they_contradict() -> None:
    asked = judged(60, 1.02, (27, 1.10))
    assert asked.verdict is Significance.NOISE
    assert "against" not in asked.explanation


def test_the_question_that_pages_since_may_be_put_is_paid_for_from_the_first_week() -> None:
    told, now, spacing = figures(), figures(1.10), WindowOverlap(140, 6)
    alone = assess_pay_change(told, now, Basis.ANNUAL, spacing, 10)
    assert alone.p_value is not None
    assert assess_pay_change(told, now, Basis.ANNUAL, spacing, 10, []).p_value == pytest.approx(2 * alone.p_value)


def test_a_page_since_that_prints_less_or_has_too_few_quotes_is_not_asked() -> None:
    told, now, spacing = figures(), figures(1.06), WindowOverlap(420, 6)
    nobody = assess_pay_change(told, now, Basis.ANNUAL, spacing, 10, [])
    for odd in (figures(quotes=9), Figures(pay(p10=None))):
        assert (
            assess_pay_change(told, now, Basis.ANNUAL, spacing, 10, [PaySample(odd, WindowOverlap(189, 6))]) == nobody
        )


def with_years(a_year_ago: float, two_years_ago: float, quotes: int = 200) -> Figures:
    """Return the usual pay with that of a year and of two years before, each times its factor."""
    return of_columns(*(figures(factor, quotes) for factor in (1.0, a_year_ago, two_years_ago)))


def of_columns(now: Figures, year_ago: Figures, two_years_ago: Figures) -> Figures:
    """Return the page whose columns these are."""
    rows = zip(now.rows.items(), year_ago.rows.values(), two_years_ago.rows.values(), strict=True)
    return Figures({key: (row[0], before[0], long_before[0]) for (key, row), before, long_before in rows})


def over_years(now: float, a_year_ago: float, two_years_ago: float, quotes: int = 200) -> SignificanceResult:
    """Weigh a factor of pay half a year after a page that stated those of the two years before."""
    then, spacing = with_years(a_year_ago, two_years_ago, quotes), WindowOverlap(182, 6)
    return assess_pay_change(then, figures(now, quotes), Basis.ANNUAL, spacing, 10, [])


@pytest.mark.parametrize("sign", [1, -1])
def test_pay_that_goes_on_as_in_both_years_before_is_believed_twenty_times_sooner(sign: int) -> None:
    flat = over_years(1 + 0.04 * sign, 1.0, 1.0)
    going_on = over_years(1 + 0.04 * sign, 1 - 0.04 * sign, 1 - 0.08 * sign)
    assert flat.p_value is not None
    assert going_on.p_value == pytest.approx(flat.p_value / 20, rel=0.2)  # the spread of log pay is not quite the same
    assert "as in the two years before" in going_on.explanation
    assert dict(going_on.details)["times easier to believe, for the two years before"] == 20


@pytest.mark.parametrize(
    "factors", [(0.90, 0.90), (1.0, 0.90), (0.96, 1.0), (1.10, 1.20)], ids=["a step", "older", "to and fro", "a fall"]
)
def test_years_that_did_not_both_move_that_way_say_nothing(factors: tuple[float, float]) -> None:
    assert "years" not in over_years(1.04, *factors).explanation


def test_years_of_too_few_quotes_say_nothing() -> None:
    assert "years" in over_years(1.20, 0.80, 0.60, quotes=12).explanation
    then = with_years(0.80, 0.60, quotes=12)
    thin = Figures({**then.rows, (Basis.ANNUAL, "quotes"): (12, 9, 12)})
    found = assess_pay_change(thin, figures(1.20, 12), Basis.ANNUAL, WindowOverlap(182, 6), 10, [])
    assert "years" not in found.explanation


def test_a_page_compared_with_one_of_the_same_day_a_year_ago_is_not_asked_of_the_years_before() -> None:
    then = with_years(0.80, 0.60)
    assert "years" not in assess_pay_change(then, figures(1.20), Basis.ANNUAL, WindowOverlap(4, 6), 10).explanation


def test_chance_moves_pay_the_same_way_two_years_running_as_seldom_as_the_weight_supposes() -> None:
    """Of pages without a true change 0.8 % go on either way; three windows of independent ads make one page."""
    rng = seeded("going on")
    going_on = 0
    for _ in range(1500):
        pages = [simulated(rng, 100) for _ in range(3)]
        then = of_columns(*(Figures(pay(**page)) for page in pages))
        for factor in (0.8, 1.2):
            now = Figures(pay(**{key: value * factor for key, value in pages[0].items()}))
            going_on += "years" in assess_pay_change(then, now, Basis.ANNUAL, WindowOverlap(182, 6), 10, []).explanation
    assert 0.002 < going_on / 1500 < 0.016


@pytest.mark.parametrize("quotes", [50, 200])
def test_the_spread_is_as_good_a_guess_as_its_degrees_of_freedom_say(quotes: int) -> None:
    """A spread of d degrees errs by 1 / sqrt(2 d) of itself; here d is the quotes over 2.1."""
    rng = seeded(f"spread {quotes}")
    found = [estimate_sigma(Figures(pay(**simulated(rng, quotes))), Basis.ANNUAL) for _ in range(800)]
    sigmas = [of.sigma for of in found if of]
    assert len(sigmas) == 800
    assert fmean(sigmas) == pytest.approx(SIGMA, rel=0.05)
    assert pstdev(sigmas) / fmean(sigmas) == pytest.approx(math.sqrt(2.1 / quotes / 2), rel=0.15)


def test_the_years_before_make_the_spread_a_better_guess() -> None:
    alone, of_three = estimate_sigma(figures(), Basis.ANNUAL), estimate_sigma(with_years(0.9, 0.8), Basis.ANNUAL)
    assert alone is not None
    assert of_three is not None
    assert (alone.ads, of_three.ads) == (200, 600)
    assert of_three.sigma == pytest.approx(alone.sigma, rel=0.03)


def test_the_numbers_behind_a_verdict_are_named() -> None:
    numbers = dict(judged(60, 1.06, (27, 1.0)).details)
    assert numbers["questions"] == 2
    assert numbers["move against what was told, %"] == pytest.approx(6, abs=0.5)
    assert {name for name in numbers if "the mean of 2 windows since" in name}
