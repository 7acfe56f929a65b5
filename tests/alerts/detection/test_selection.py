from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.config import NoiseSettings, PercentRule, RankRule, Rules, SkillsRule
from alerts.detection.selection import ChangeSelector, min_share_points, threshold_ratio
from alerts.model.changes import AssessedChange, Change, ChangeKind, Decision, Figure, Significance, SignificanceResult
from alerts.stats.counts import CLEAR_ALPHA, LIKELY_ALPHA
from alerts.stats.multiple_testing import benjamini_hochberg
from jobspider.model import Basis
from tests.support.digest_factories import change, head, location, rank, skill, vacancies

RULES = Rules()
GATE = NoiseSettings(false_alarm_budget=0.10)
OPEN = NoiseSettings(false_alarm_budget=1.0)
OFF: Literal[False] = False


def evidence(p_value: float | None, verdict: Significance | None = None) -> SignificanceResult:
    if verdict is None:
        assert p_value is not None
        verdict = (
            Significance.CLEAR
            if p_value < CLEAR_ALPHA
            else Significance.LIKELY
            if p_value < LIKELY_ALPHA
            else Significance.NOISE
        )
    return SignificanceResult(verdict, p_value, "as found")


CLEAR = evidence(0.0001)
FACT = evidence(None, Significance.CLEAR)
TOO_FEW = evidence(None, Significance.INSUFFICIENT_DATA)
NOISE = evidence(0.3)


def decide(
    weighed: Iterable[tuple[Change, SignificanceResult]], rules: Rules, noise: NoiseSettings
) -> tuple[AssessedChange, ...]:
    """Return what a docket makes of these changes."""
    docket = ChangeSelector(rules, noise)
    for of, found in weighed:
        docket.add(of, found)
    return docket.select()


def standings(
    *weighed: tuple[Change, SignificanceResult], rules: Rules = RULES, noise: NoiseSettings = GATE
) -> list[Decision | None]:
    """Return what becomes of each change; ``None`` where it is not in the digest at all."""
    found = {id(line.change): line.decision for line in decide(weighed, rules, noise)}
    return [found.get(id(of)) for of, _ in weighed]


def median(new: Figure, old: Figure = Decimal(100_000), subject_id: int = 1) -> Change:
    return change("pay/annual", "median", old, new, of=head(subject_id=subject_id))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (median(Decimal(102_000)), 1.0),
        (median(Decimal(98_000)), 1.0),
        (median(Decimal(103_000)), 1.5),
        (change("pay/annual", "p90", Decimal(100), Decimal(105)), 1.0),
        (change("pay/daily", "p10", Decimal(100), Decimal(90), basis=Basis.DAILY), 2.0),
        (rank(150, 160), 1.0),
        (rank(150, 135), 1.5),
        (vacancies(100, 120), 1.0),
        (vacancies(100, 80), 1.0),
        (vacancies(0, 5), 1.0),
        (skill("Java", ChangeKind.MOVED, Decimal("10.00"), Decimal("15.00")), 1.0),
        (skill("Java", ChangeKind.MOVED, Decimal("15.00"), Decimal("12.50")), 0.5),
        (skill("Java", ChangeKind.APPEARED, None, Decimal("15.00"), min_share_change=Decimal("2.50")), 0.5),
        (skill("Java", ChangeKind.ENTERED, None, Decimal("1.00")), 1.0),
        (skill("Java", ChangeKind.LEFT, Decimal("1.00"), None), 1.0),
        (skill("Java", ChangeKind.RETURNED, None, Decimal("1.00")), 1.0),
        (change("locations", "median", Decimal(40_000), Decimal(42_000), item="Wigan"), 1.0),
        (change(kind=ChangeKind.APPEARED, old=None), 1.0),
        (change(kind=ChangeKind.DISAPPEARED, new=None), 1.0),
        (change(statistic="p10", kind=ChangeKind.APPEARED, old=None), None),
        (change("rank", "rank", None, 150, kind=ChangeKind.APPEARED, basis=None), None),
    ],
)
def test_a_change_is_measured_against_the_threshold_of_its_own_rule(of: Change, expected: float | None) -> None:
    assert threshold_ratio(of, RULES) == expected


@pytest.mark.parametrize(
    ("just", "reached"),
    [
        (median(Decimal(101_999)), median(Decimal(102_000))),
        (rank(150, 159), rank(150, 160)),
        (vacancies(1000, 1199), vacancies(1000, 1200)),
        (
            skill("Java", ChangeKind.MOVED, Decimal("10.01"), Decimal("15.00")),
            skill("Java", ChangeKind.MOVED, Decimal("10.00"), Decimal("15.00")),
        ),
    ],
)
def test_a_change_is_told_or_held_back_from_its_threshold_on(just: Change, reached: Change) -> None:
    assert standings((just, CLEAR)) == [Decision.BELOW_THRESHOLD]
    assert standings((reached, CLEAR)) == [Decision.REPORTED]
    assert standings((just, NOISE)) == [None]
    assert standings((reached, NOISE)) == [Decision.SUPPRESSED]


@settings(max_examples=200)
@given(st.integers(1, 10**7), st.integers(1, 400), st.sampled_from([1, 10, 100]))
def test_a_change_of_exactly_its_percentage_always_reaches_it(old: int, tenths: int, scale: int) -> None:
    before = Decimal(old) / scale
    after = before + before * tenths / 1000
    rules = Rules(median=PercentRule(percent=tenths / 10))
    assert threshold_ratio(median(after, before), rules) == pytest.approx(1.0)
    assert standings((median(after, before), CLEAR), rules=rules) == [Decision.REPORTED]


def test_from_three_quarters_of_its_threshold_on_a_change_is_nearly_there() -> None:
    below, at = median(Decimal(101_499)), median(Decimal(101_500))
    assert standings((below, CLEAR), (at, CLEAR)) == [None, Decision.BELOW_THRESHOLD]


def test_what_is_nearly_there_by_chance_is_not_in_the_digest() -> None:
    assert standings((median(Decimal(101_900)), NOISE)) == [None]


@pytest.mark.parametrize(
    ("of", "rules"),
    [
        (median(Decimal(150_000)), Rules(median=OFF)),
        (change(kind=ChangeKind.APPEARED, old=None), Rules(median=OFF)),
        (change("pay/annual", "p75", Decimal(100), Decimal(150)), Rules(percentiles=OFF)),
        (rank(), Rules(rank=OFF)),
        (vacancies(), Rules(vacancies=OFF)),
        (skill(), Rules(skills=OFF)),
        (location(), Rules(locations=OFF)),
    ],
)
def test_a_rule_that_is_off_tells_nothing_and_holds_nothing_back(of: Change, rules: Rules) -> None:
    assert standings((of, CLEAR), (of, NOISE), rules=rules) == [None, None]
    assert threshold_ratio(of, rules) is None


def test_what_may_be_chance_is_held_back_with_its_reason() -> None:
    (line,) = decide([(median(Decimal(110_000)), NOISE)], RULES, GATE)
    assert (line.decision, line.reason, line.evidence) == (Decision.SUPPRESSED, "as found", NOISE)


@pytest.mark.parametrize("found", [NOISE, TOO_FEW, evidence(None, Significance.NOISE)])
def test_the_gate_switched_off_lets_everything_through(found: SignificanceResult) -> None:
    assert standings((median(Decimal(110_000)), found)) == [Decision.SUPPRESSED]
    assert standings((median(Decimal(110_000)), found), noise=OPEN) == [Decision.REPORTED]


@pytest.mark.parametrize(("p_value", "expected"), [(0.025, Decision.REPORTED), (0.026, Decision.SUPPRESSED)])
def test_what_chance_does_in_more_than_one_look_of_forty_is_not_told_however_large_the_budget(
    p_value: float, expected: Decision
) -> None:
    generous = NoiseSettings(false_alarm_budget=0.9)
    assert standings((median(Decimal(110_000)), evidence(p_value)), noise=generous) == [expected]
    true = [(median(Decimal(110_000), subject_id=number), CLEAR) for number in range(2, 20)]
    assert standings((median(Decimal(110_000)), evidence(p_value)), *true, noise=generous)[0] is expected


def test_a_stated_fact_needs_no_p_value() -> None:
    assert standings((change(kind=ChangeKind.APPEARED, old=None), FACT)) == [Decision.REPORTED]


def test_that_a_median_is_newly_stated_does_not_vouch_for_a_percentile_that_moved_by_chance() -> None:
    moved = change("pay/annual", "p75", Decimal(70_000), Decimal(80_000))
    assert standings((moved, NOISE), (change(kind=ChangeKind.APPEARED, old=None), FACT)) == [
        Decision.SUPPRESSED,
        Decision.REPORTED,
    ]


def test_the_percentiles_of_one_pay_stand_or_fall_together() -> None:
    def three(found: SignificanceResult) -> list[Decision | None]:
        return standings(
            (median(Decimal(110_000)), found),
            (change("pay/annual", "p10", Decimal(40_000), Decimal(44_000)), found),
            (change("pay/annual", "p90", Decimal(80_000), Decimal(83_200)), found),
        )

    assert three(CLEAR) == [Decision.REPORTED, Decision.REPORTED, Decision.BELOW_THRESHOLD]
    assert three(NOISE) == [Decision.SUPPRESSED, Decision.SUPPRESSED, None]


def test_the_percentiles_of_one_pay_are_one_test_of_the_budget() -> None:
    pay = [
        (change("pay/annual", key, Decimal(100), Decimal(150)), evidence(0.03))
        for key in ("p10", "p25", "median", "p75", "p90")
    ]
    chance = [(median(Decimal(110_000), subject_id=number), evidence(0.9)) for number in range(2, 7)]
    # Five tests of 0.03 among ten would pass 0.05; one among six does not pass 0.1 / 6.
    assert standings(*pay, *chance)[:5] == [Decision.SUPPRESSED] * 5


def test_many_chances_in_one_digest_make_each_less_credible() -> None:
    lone = (median(Decimal(110_000)), evidence(0.02))
    chance = [(median(Decimal(110_000), subject_id=number), evidence(0.5)) for number in range(2, 20)]
    assert standings(lone) == [Decision.REPORTED]
    assert standings(lone, *chance)[0] is Decision.SUPPRESSED


def test_changes_that_no_rule_asks_for_do_not_spend_the_budget() -> None:
    lone = (median(Decimal(110_000)), evidence(0.02))
    percentiles = [
        (change("pay/annual", "p10", Decimal(100), Decimal(150), of=head(subject_id=number)), evidence(0.5))
        for number in range(2, 20)
    ]
    assert standings(lone, *percentiles, rules=Rules(percentiles=OFF))[0] is Decision.REPORTED
    assert standings(lone, *percentiles)[0] is Decision.SUPPRESSED


def test_a_page_s_many_skills_do_not_make_its_pay_less_credible() -> None:
    lone = (median(Decimal(110_000)), evidence(0.02))
    skills = [(skill(f"skill {number}"), evidence(0.5)) for number in range(60)]
    assert standings(lone, *skills)[0] is Decision.REPORTED
    assert standings(*skills, (skill("Go"), evidence(0.02)))[-1] is Decision.SUPPRESSED


def test_a_skill_of_a_category_is_weighed_with_those_of_categories() -> None:
    top = [(skill(f"skill {number}"), evidence(0.5)) for number in range(20)]
    category = skill("Rust", list_name="Programming Languages")
    assert standings((category, evidence(0.02)), *top)[0] is Decision.REPORTED
    assert standings((skill("Rust"), evidence(0.02)), *top)[0] is Decision.SUPPRESSED


def test_the_budget_is_spread_over_all_skills_that_are_followed_and_not_over_those_alone_that_moved() -> None:
    docket = ChangeSelector(RULES, GATE)
    docket.add(skill("Rust"), evidence(0.02))
    docket.add_hypotheses({"skills": 6, "skills by category": 100})
    (line,) = docket.select()
    assert (line.decision, dict(line.details)["changes weighed with it"]) == (Decision.SUPPRESSED, 6)
    docket = ChangeSelector(RULES, GATE)
    docket.add(skill("Rust"), evidence(0.02))
    docket.add_hypotheses({"skills": 5})
    assert [line.decision for line in docket.select()] == [Decision.REPORTED]


def test_shares_below_the_least_points_are_in_no_digest() -> None:
    least = min_share_points(RULES)
    assert (least, min_share_points(Rules(skills=OFF))) == (Decimal("3.75"), Decimal(0))
    moves = [skill("Java", ChangeKind.MOVED, Decimal(10), 10 + least - by) for by in (Decimal(0), Decimal("0.01"))]
    assert standings(*((move, CLEAR) for move in moves)) == [Decision.BELOW_THRESHOLD, None]


def test_a_line_names_every_number_that_led_to_its_standing() -> None:
    (line, _) = decide(
        [(median(Decimal(110_000)), CLEAR), (median(Decimal(110_000), subject_id=2), CLEAR)], RULES, GATE
    )
    assert dict(line.details) == {
        "times what its rule asks": 5.0,
        "changes weighed with it": 2,
        "p-value up to which the budget reaches": 0.0001,
    }


def test_thresholds_are_those_of_the_configuration() -> None:
    rules = Rules(
        median=PercentRule(percent=10),
        percentiles=PercentRule(percent=20),
        rank=RankRule(places=1),
        vacancies=PercentRule(percent=50),
        skills=SkillsRule(top=3, share_points=2.5),
        locations=PercentRule(percent=25),
    )
    sizes = [
        threshold_ratio(of, rules)
        for of in (
            median(Decimal(105_000)),
            change("pay/annual", "p10", Decimal(100), Decimal(110)),
            rank(150, 149),
            vacancies(100, 125),
            skill("Java", ChangeKind.MOVED, Decimal(10), Decimal(15)),
            change("locations", "median", Decimal(100), Decimal(75), item="Wigan"),
        )
    ]
    assert sizes == [0.5, 0.5, 1.0, 0.5, 2.0, 1.0]


# Benjamini and Hochberg

THEIRS = [
    *[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459],
    *[0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000],
]
"""The fifteen p-values of the example in their paper of 1995, section 3.2: at 0.05, four hypotheses are rejected."""


def test_the_example_of_their_paper_rejects_four() -> None:
    assert benjamini_hochberg(THEIRS, 0.05) == 0.0095


def test_the_order_of_the_p_values_does_not_matter() -> None:
    shuffled = THEIRS[::2] + THEIRS[1::2]
    assert benjamini_hochberg(shuffled, 0.05) == 0.0095


def test_without_p_values_nothing_passes() -> None:
    assert benjamini_hochberg([], 0.10) < 0


def test_a_p_value_above_its_own_step_passes_if_a_larger_one_is_below_its() -> None:
    assert benjamini_hochberg([0.03, 0.04], 0.05) == 0.04


@settings(max_examples=200)
@given(st.lists(st.floats(0, 1), max_size=30), st.integers(0, 30), st.floats(0.001, 0.999))
def test_hypotheses_without_a_p_value_count_as_pure_chance(p_values: list[float], more: int, budget: float) -> None:
    without = benjamini_hochberg(p_values, budget, len(p_values) + more)
    assert without == benjamini_hochberg([*p_values, *[1.0] * more], budget)


@settings(max_examples=200)
@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_larger_budget_never_lets_less_through(p_values: list[float], one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert benjamini_hochberg(p_values, small) <= benjamini_hochberg(p_values, large)


@settings(max_examples=200)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.999))
def test_what_passes_lies_between_each_for_itself_and_divided_by_all(p_values: list[float], budget: float) -> None:
    limit = benjamini_hochberg(p_values, budget)
    passing = [p_value for p_value in p_values if p_value <= limit]
    assert set(passing) <= {p_value for p_value in p_values if p_value <= budget}
    assert set(passing) >= {p_value for p_value in p_values if p_value <= budget / len(p_values)}
