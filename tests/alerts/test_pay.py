"""Pay against simulations whose truth is known, and against the pages since it was told."""

import math
import random
from statistics import fmean, pstdev

import pytest

from alerts.chance import Spacing, of_few, two_sided
from alerts.model import Evidence, Verdict
from alerts.pay import PROBABILITY, Page, judge_pay, pooled_error, weights_of
from jobspider.model import Basis, Figures
from jobspider.statistic import PERCENTILES
from tests.alerts.stages import pay

SIGMA = 0.30
WEEKS = 26
USUAL = {"p10": 40_000, "p25": 50_000, "median": 60_000, "p75": 72_500, "p90": 85_000}


def seeded(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - a simulation that must repeat itself


def quantiles(ordered: list[float]) -> dict[str, float]:
    """Return the percentiles that a page would print of these ads."""
    found = {}
    for key, probability in PROBABILITY.items():
        place = (len(ordered) - 1) * probability
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        found[key] = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return found


def pooled(ads: list[float]) -> float:
    weights, page = weights_of(PERCENTILES), quantiles(sorted(ads))
    return sum(weights[key] * page[key] for key in PERCENTILES)


def figures(factor: float = 1.0, quotes: int = 200) -> Figures:
    """Return the usual pay times a factor, on the site's grid."""
    return Figures(pay(quotes=quotes, **{key: round(value * factor / 500) * 500 for key, value in USUAL.items()}))


def judged(weeks: int, now: float, *since: tuple[int, float], quotes: int = 200) -> Evidence:
    """Weigh a factor of pay now against the usual one told so many weeks ago; ``since`` are (weeks ago, factor)."""
    pages = [Page(figures(factor, quotes), Spacing(7 * ago, 6)) for ago, factor in since]
    told = figures(quotes=quotes)
    return judge_pay(told, figures(now, quotes), Basis.ANNUAL, Spacing(7 * weeks, 6), 10, pages)


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
    independent = 2 * (pooled_error(PERCENTILES) * SIGMA) ** 2 / quotes
    formula = math.sqrt(Spacing(7 * weeks, 6).variance(independent))
    assert pstdev(moves) == pytest.approx(formula, rel=0.15 + 1 / math.sqrt(2 * repeats))


@pytest.mark.parametrize(("quotes", "weeks"), [(10, 1), (10, 26), (20, 4), (30, 26)])
def test_few_quotes_are_called_clear_by_chance_as_seldom_as_many(quotes: int, weeks: int) -> None:
    rng = seeded(f"few {quotes} {weeks}")
    spacing = Spacing(7 * weeks, 6)

    def ads(count: int) -> list[float]:
        return [2500 * max(1, round(24 * math.exp(rng.gauss(0, SIGMA)))) for _ in range(count)]

    clear = []
    for _ in range(1500):
        replaced = sum(rng.random() < spacing.fresh for _ in range(quotes))
        shared = ads(quotes - replaced)
        old, new = (Figures(pay(quotes=quotes, **quantiles(sorted(shared + ads(replaced))))) for _ in range(2))
        clear.append(judge_pay(old, new, Basis.ANNUAL, spacing, 10).verdict is Verdict.CLEAR)
    assert fmean(clear) < 0.02


def test_students_t_is_that_of_its_tables() -> None:
    """Two-sided 1 % points: 3.355 with 8 degrees of freedom, 2.750 with 30 (Fisher and Yates)."""
    assert of_few(3.355, 1, 8) == pytest.approx(0.01, rel=0.05)
    assert of_few(2.750, 1, 30) == pytest.approx(0.01, rel=0.02)
    assert of_few(2.576, 1, 10**6) == pytest.approx(two_sided(2.576, 1), rel=0.001)
    assert (of_few(0, 0, 5), of_few(1, 0, 5)) == (1.0, 0.0)


def test_a_move_since_half_a_window_ago_is_seen_sooner_than_against_what_was_told_long_ago() -> None:
    alone = judged(60, 1.06)
    asked = judged(60, 1.06, (13, 1.0))
    assert alone.p_value is not None
    assert asked.p_value is not None
    assert asked.p_value < alone.p_value
    assert "against half a window ago" in asked.because


def test_windows_since_that_stood_still_average_out_the_noise_of_what_was_told() -> None:
    alone, asked = judged(120, 1.06), judged(120, 1.06, (27, 1.0), (54, 1.0), (81, 1.0))
    assert alone.p_value is not None
    assert asked.p_value is not None
    assert asked.p_value < alone.p_value
    assert "against the mean of 4 windows since" in asked.because  # what was told is the fourth


def test_pages_since_say_nothing_for_a_move_that_they_contradict() -> None:
    asked = judged(60, 1.02, (13, 1.10), (27, 1.10))
    assert asked.verdict is Verdict.NOISE
    assert "against" not in asked.because


def test_every_question_that_is_put_makes_the_answer_less_credible() -> None:
    alone, asked = judged(20, 1.10), judged(20, 1.10, (13, 1.10))
    assert alone.p_value is not None
    assert asked.p_value == pytest.approx(2 * alone.p_value)


def test_a_page_since_that_prints_less_or_has_too_few_quotes_is_not_asked() -> None:
    told, now, spacing = figures(), figures(1.06), Spacing(420, 6)
    alone = judge_pay(told, now, Basis.ANNUAL, spacing, 10)
    for odd in (figures(quotes=9), Figures(pay(p10=None))):
        assert judge_pay(told, now, Basis.ANNUAL, spacing, 10, [Page(odd, Spacing(91, 6))]) == alone


def test_the_numbers_behind_a_verdict_are_named() -> None:
    numbers = dict(judged(60, 1.06, (13, 1.0)).numbers)
    assert numbers["questions"] == 2
    assert numbers["move against what was told, %"] == pytest.approx(6, abs=0.5)
    assert {name for name in numbers if "half a window ago" in name}
