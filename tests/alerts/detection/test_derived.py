"""Derived watches: told once, compared with what was told of both pages, weighed with the noise of both."""

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import DigestConfig, NoiseSettings, PercentRule, Rules
from alerts.detection.derived import DerivedSnapshot, derived_change, derived_figure, judge, newly_watched
from alerts.digests.backtest import baselines_after
from alerts.model.changes import Change, ChangeKind, DatedContent, Digest, Significance, SignificanceResult
from alerts.model.derived import DerivedFigure, DerivedWatch
from alerts.model.topics import RESTATEMENT_TOPIC, Topic
from alerts.stats.pay import PROBABILITY
from jobspider.model import Basis, Content, FetchStatus, JobType, Subject
from jobspider.store.database import Database
from tests.alerts.detection.test_restatements import with_year_ago
from tests.support.cli import run
from tests.support.digest_factories import TOLD_AT, head
from tests.support.digest_scenarios import (
    AS_OF,
    DAY,
    HOUR,
    LONDON,
    MIDLANDS,
    MORNING,
    NORTH_WEST,
    WEEK,
    DigestScenario,
    content,
    pay,
)

PREMIUM = DerivedWatch("Midlands premium", MIDLANDS, NORTH_WEST, "median", is_ratio=True)
TOPIC = PREMIUM.topic
ENGLAND = replace(NORTH_WEST, region="england")
CONTRACTING = DerivedWatch("Contracting", LONDON, NORTH_WEST, "median", is_ratio=True, days_a_year=220)
CLEARLY_UP: dict[str, float | None] = {"p10": 48_000, "p25": 60_000, "median": 72_000, "p75": 87_000, "p90": 102_000}
DASHES: dict[str, float | None] = {"p10": None, "p25": None, "median": None, "p75": None, "p90": None}
DAY_RATES: dict[str, float | None] = {"p10": 350, "p25": 430, "median": 500, "p75": 600, "p90": 700}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database, (NORTH_WEST, MIDLANDS), derived=(PREMIUM,))


def after(number: int) -> timedelta:
    return number * WEEK + HOUR


def derived_lines(digest: Digest) -> list[Change]:
    return [line.change for group in digest.groups for line in group.lines if line.change.derived]


def both(here: Content, there: Content) -> Mapping[Subject, Content | FetchStatus]:
    return {MIDLANDS: here, NORTH_WEST: there}


def half(
    old: Content, new: Content, *, days: int = 7, job_type: JobType = JobType.PERMANENT, region: str = "Midlands"
) -> DerivedSnapshot:
    of = replace(head(region=region, job_type=job_type), as_of=AS_OF + timedelta(days=days))
    return DerivedSnapshot(of, DatedContent(AS_OF, old), new)


def weighed(
    of: DerivedSnapshot, against: DerivedSnapshot, watch: DerivedWatch = PREMIUM
) -> tuple[Change, SignificanceResult]:
    pair = derived_figure(watch, of, against)
    change = derived_change(pair, TOLD_AT)
    assert change is not None
    return change, judge(pair, of, against, 10)


# What is told, and when.


def test_it_is_told_once_with_both_figures_and_what_they_come_to(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(median=66_000), content(median=60_000)))
    first = stage.tell(MORNING + HOUR)
    (watching,) = (each for each in first.watching if each.derived)
    assert watching.figures == {"ratio": Decimal("10.00")}
    assert watching.derived is not None
    assert (watching.derived.target.new, watching.derived.reference.new) == (66_000, 60_000)
    stage.crawl(MORNING + WEEK, both(content(median=66_000), content(median=60_000)))
    assert stage.tell(MORNING + after(1)).is_empty


def test_it_moves_when_either_page_does(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    (change,) = derived_lines(stage.tell(MORNING + after(1)))
    assert (change.old, change.new) == (0, Decimal("-16.67"))
    assert change.topic == TOPIC
    stage.crawl(MORNING + 2 * WEEK, both(content(pay(**CLEARLY_UP)), content(pay(**CLEARLY_UP))))
    (change,) = derived_lines(stage.tell(MORNING + after(2)))
    assert (change.old, change.new) == (Decimal("-16.67"), 0)


def test_each_page_keeps_the_date_that_it_was_told_of(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {MIDLANDS: content()})
    stage.crawl(MORNING + 2 * HOUR, {NORTH_WEST: content()}, as_of=AS_OF - 9 * DAY)
    (first,) = (each.derived for each in stage.tell(MORNING + 3 * HOUR).watching if each.derived)
    assert [head.as_of for head in first.heads] == [AS_OF, AS_OF - 9 * DAY]
    stage.crawl(MORNING + WEEK, {MIDLANDS: content()})
    stage.crawl(MORNING + WEEK + HOUR, {NORTH_WEST: content(pay(**CLEARLY_UP))}, as_of=AS_OF + 2 * DAY)
    (change,) = derived_lines(stage.tell(MORNING + after(2)))
    assert change.derived is not None
    assert [(side.old_as_of, side.head.as_of) for side in change.derived.sides] == [
        (AS_OF, AS_OF + WEEK), (AS_OF - 9 * DAY, AS_OF + 2 * DAY),
    ]  # fmt: skip
    assert change.old_as_of == AS_OF, "like its head, of the first page"


def test_pages_that_move_together_leave_it_where_it_was(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(pay(**CLEARLY_UP)), content(pay(**CLEARLY_UP))))
    digest = stage.tell(MORNING + after(1))
    assert digest.groups
    assert not derived_lines(digest)


def test_a_drift_of_both_pages_adds_up_until_it_is_told(stage: DigestScenario) -> None:
    stage.definition = DigestConfig(name="weekly", channels=["folder"], noise=NoiseSettings(false_alarm_budget=1.0))
    told = []
    for week in range(6):
        up, down = 60_000 + 300 * week, 60_000 - 300 * week
        stage.crawl(MORNING + week * WEEK, both(content(median=up), content(median=down)))
        told.append(derived_lines(stage.tell(MORNING + after(week))))
    assert [len(each) for each in told] == [0, 0, 1, 0, 1, 0]
    assert told[2][0].old_as_of == MORNING.date()
    assert told[4][0].old == told[2][0].new


def test_a_failed_delivery_leaves_it_in_the_account(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    assert derived_lines(stage.bounce(MORNING + after(1)))
    (change,) = derived_lines(stage.tell(MORNING + after(1) + HOUR))
    assert change.old == 0
    assert not derived_lines(stage.edition(MORNING + after(1) + 2 * HOUR))


def test_two_channels_each_have_their_own_account(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR, "one")
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    assert derived_lines(stage.edition(MORNING + after(1), "one"))
    (watching,) = (each for each in stage.edition(MORNING + after(1), "other").watching if each.derived)
    assert watching.figures == {"ratio": Decimal("-16.67")}


@pytest.mark.parametrize("unread", [MIDLANDS, NORTH_WEST])
def test_a_page_that_was_not_read_makes_it_not_compared_and_never_gone(stage: DigestScenario, unread: Subject) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    pages = {**both(content(pay(**CLEARLY_UP)), content(pay(**CLEARLY_UP))), unread: FetchStatus.FETCH_FAILED}
    stage.crawl(MORNING + WEEK, pages)
    digest = stage.tell(MORNING + after(1))
    assert not derived_lines(digest)
    assert digest.coverage is not None
    assert digest.coverage.not_compared == ("Midlands premium",)


def test_a_watch_that_was_removed_and_comes_back_goes_on_from_what_was_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.derived = ()
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    assert not derived_lines(stage.tell(MORNING + after(1)))
    stage.derived = (PREMIUM,)
    stage.crawl(MORNING + 2 * WEEK, both(content(), content(pay(**CLEARLY_UP))))
    (change,) = derived_lines(stage.tell(MORNING + after(2)))
    assert change.old_as_of == MORNING.date()


def test_a_name_that_is_given_to_another_page_is_told_anew(stage: DigestScenario) -> None:
    stage.watched = (NORTH_WEST, MIDLANDS, LONDON)
    pages = {**both(content(), content()), LONDON: content(pay(Basis.DAILY, **DAY_RATES))}
    stage.crawl(MORNING, pages)
    stage.tell(MORNING + HOUR)
    stage.derived = (replace(CONTRACTING, name=PREMIUM.name),)
    stage.crawl(MORNING + WEEK, pages)
    (watching,) = stage.tell(MORNING + after(1)).watching
    assert watching.figures == {"ratio": Decimal("83.33")}


@pytest.mark.parametrize(
    ("elsewhere", "risen", "by"),
    [
        (replace(PREMIUM, against=ENGLAND), MIDLANDS, Decimal("20.00")),
        (replace(PREMIUM, of=ENGLAND), NORTH_WEST, Decimal("-16.67")),
    ],
)
def test_a_watch_that_comes_back_to_a_page_is_told_anew_for_its_pages_were_last_told_apart(
    stage: DigestScenario, elsewhere: DerivedWatch, risen: Subject, by: Decimal
) -> None:
    stage.watched = (NORTH_WEST, MIDLANDS, ENGLAND)
    pages = {**both(content(), content()), ENGLAND: content()}
    up = {**pages, risen: content(pay(**CLEARLY_UP))}
    told: list[Digest] = []
    for week, (watch, crawled) in enumerate(((PREMIUM, pages), (elsewhere, up), (PREMIUM, up), (PREMIUM, pages))):
        stage.derived = (watch,)
        stage.crawl(MORNING + week * WEEK, crawled)
        told.append(stage.tell(MORNING + after(week)))
    new = [[each.figures["ratio"] for each in digest.watching if each.derived] for digest in told]
    assert new == [[0], [by], [by], []]
    assert [[(each.old, each.new) for each in derived_lines(digest)] for digest in told] == [[], [], [], [(by, 0)]]


def test_whatever_pages_a_name_is_given_to_a_change_counts_from_what_was_told_of_its_two_together(
    stage: DigestScenario,
) -> None:
    ungated = NoiseSettings(false_alarm_budget=1.0)
    stage.definition = DigestConfig(name="weekly", channels=["folder"], watch=["derived/*"], noise=ungated)
    random, told, measured = Random(1), dict[frozenset[Subject], dict[Subject, object]](), 0  # noqa: S311 - a walk
    of, against = MIDLANDS, NORTH_WEST
    for week in range(50):
        if random.random() < 0.3:
            of, against = random.sample((NORTH_WEST, MIDLANDS, ENGLAND), 2)
        stage.derived = (replace(PREMIUM, of=of, against=against),)
        medians = {page: 1000 * random.randrange(50, 70) for page in (NORTH_WEST, MIDLANDS, ENGLAND)}
        stage.crawl(MORNING + week * WEEK, {page: content(median=median) for page, median in medians.items()})
        is_sent = random.random() < 0.7
        digest = (stage.tell if is_sent else stage.bounce)(MORNING + after(week))
        for change in derived_lines(digest):
            assert change.derived is not None
            assert {side.head.subject: side.old for side in change.derived.sides} == told[frozenset((of, against))]
            measured += 1
        if is_sent and not digest.is_empty:
            told[frozenset((of, against))] = {of: medians[of], against: medians[against]}
    assert measured > 10


def test_another_unit_of_the_same_pages_is_reckoned_from_what_was_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.derived = (replace(PREMIUM, is_ratio=False),)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    (change,) = derived_lines(stage.tell(MORNING + after(1)))
    assert (change.old, change.new, change.statistic) == (0, -12_000, "pay_difference")


def test_a_digest_about_derived_watches_alone_looks_at_their_pages_and_tells_nothing_else_of_them(
    stage: DigestScenario,
) -> None:
    stage.definition = DigestConfig(name="weekly", channels=["folder"], watch=["derived/*"])
    stage.crawl(MORNING, both(content(), content()))
    first = stage.tell(MORNING + HOUR)
    assert [each.topics for each in first.watching] == [(TOPIC,)]
    assert first.coverage is not None
    assert first.coverage.watched == 2
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    digest = stage.tell(MORNING + after(1))
    assert [line.change.topic for group in digest.groups for line in group.lines] == [TOPIC]


def test_a_digest_whose_patterns_leave_it_out_does_not_tell_of_it(stage: DigestScenario) -> None:
    stage.definition = DigestConfig(name="weekly", channels=["folder"], watch=["permanent/*"])
    stage.crawl(MORNING, both(content(), content()))
    assert not any(each.derived for each in stage.tell(MORNING + HOUR).watching)


def test_a_figure_that_is_not_stated_yet_is_waited_for(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content(median=None)))
    assert not any(each.derived for each in stage.tell(MORNING + HOUR).watching)
    stage.crawl(MORNING + WEEK, both(content(), content()))
    assert any(each.derived for each in stage.tell(MORNING + after(1)).watching)


def test_a_figure_that_is_stated_no_more_is_told_as_that(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(median=None)))
    (change,) = derived_lines(stage.tell(MORNING + after(1)))
    assert (change.kind, change.old, change.new) == (ChangeKind.DISAPPEARED, 0, None)


def test_a_figure_that_goes_and_comes_with_the_ads_behind_it_is_told_and_not_held_back_for_their_number(
    stage: DigestScenario,
) -> None:
    pages = [both(content(), content()), both(content(), content(pay(**DASHES, quotes=0))), both(content(), content())]
    told: list[Digest] = []
    for week, each in enumerate(pages):
        stage.crawl(MORNING + week * WEEK, each)
        told.append(stage.tell(MORNING + after(week)))
    assert [(each.kind, each.old, each.new) for digest in told for each in derived_lines(digest)] == [
        (ChangeKind.DISAPPEARED, 0, None),
        (ChangeKind.APPEARED, None, 0),
    ]


def test_a_figure_that_comes_and_goes_on_a_thin_page_is_no_news(stage: DigestScenario) -> None:
    stage.crawl(MORNING, both(content(), content(quotes=9)))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**DASHES, quotes=0))))
    digest = stage.tell(MORNING + after(1))
    assert not derived_lines(digest)
    (held,) = (line for line in digest.suppressed if line.change.derived)
    assert held.reason == "fewer than 10 ads on one of the pages (9)"


def test_a_restated_past_is_no_move_of_a_pair_either_whose_other_page_was_not_read(stage: DigestScenario) -> None:
    year = 52 * WEEK
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    restated = with_year_ago(content(pay(**CLEARLY_UP)), content(pay(**CLEARLY_UP)))
    stage.crawl(MORNING + year, {MIDLANDS: restated, NORTH_WEST: FetchStatus.FETCH_FAILED})
    assert stage.tell(MORNING + year + HOUR).restated
    stage.crawl(MORNING + year + WEEK, both(restated, with_year_ago(content(), content())))
    assert not derived_lines(stage.tell(MORNING + year + WEEK + HOUR))


def test_a_page_whose_past_was_restated_makes_no_alert_of_it_and_later_moves_count_from_then(
    stage: DigestScenario,
) -> None:
    stage.definition = DigestConfig(name="weekly", channels=["folder"], watch=["derived/*"])
    year = 52 * WEEK
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    restated = with_year_ago(content(pay(**CLEARLY_UP)), content(pay(**CLEARLY_UP)))
    stage.crawl(MORNING + year, both(restated, with_year_ago(content(), content())))
    digest = stage.tell(MORNING + year + HOUR)
    assert not derived_lines(digest)
    assert [each.topics for each in digest.restated] == [(TOPIC, RESTATEMENT_TOPIC)]
    stage.crawl(MORNING + year + WEEK, both(restated, with_year_ago(content(pay(**CLEARLY_UP)), content())))
    (change,) = derived_lines(stage.tell(MORNING + year + after(1)))
    assert (change.old, change.new) == (20, 0)


def test_a_replay_knows_the_same_as_the_outbox(stage: DigestScenario) -> None:
    told: dict[tuple[int, Topic], object] = {}
    for week, there in enumerate((content(), content(pay(**CLEARLY_UP)))):
        stage.crawl(MORNING + week * WEEK, both(content(), there))
        at = MORNING + after(week)
        digest = stage.tell(at)
        told |= baselines_after(digest, [line for group in digest.groups for line in group.lines], at)
    kept = stage.outbox.baselines("weekly", "folder")
    assert dict(kept) == told
    assert sum(topic == TOPIC for _, topic in kept) == 2


def test_a_rule_that_is_off_is_off_for_what_is_derived_from_its_figure(stage: DigestScenario) -> None:
    stage.definition = DigestConfig(name="weekly", channels=["folder"], rules=Rules(median=False))
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    assert not derived_lines(stage.tell(MORNING + after(1)))


def test_vacancies_are_held_against_their_own_rule(stage: DigestScenario) -> None:
    stage.derived = (DerivedWatch("ads", MIDLANDS, NORTH_WEST, "vacancies", is_ratio=False),)
    stage.definition = DigestConfig(name="weekly", channels=["folder"], rules=Rules(vacancies=PercentRule(percent=60)))
    stage.crawl(MORNING, both(content(vacancies=900), content(vacancies=300)))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + 30 * WEEK, both(content(vacancies=1060), content(vacancies=300)))
    assert not derived_lines(stage.tell(MORNING + after(30)))
    stage.crawl(MORNING + 60 * WEEK, both(content(vacancies=1200), content(vacancies=300)))
    (change,) = derived_lines(stage.tell(MORNING + after(60)))
    assert (change.statistic, change.old, change.new) == ("vacancies_difference", 600, 900)
    assert change.percent == 100


# What it is reckoned from.


def test_a_day_rate_is_set_against_a_salary_by_the_days_that_were_chosen() -> None:
    rates, salaries = content(pay(Basis.DAILY, **DAY_RATES)), content()
    watch = replace(CONTRACTING, days_a_year=200)
    of, against = half(rates, rates, job_type=JobType.CONTRACT), half(salaries, salaries)
    assert derived_figure(watch, of, against).new == Decimal("66.67")
    reverse = replace(watch, of=watch.against, against=watch.of)
    assert derived_figure(reverse, against, of).new == Decimal(-40)


def test_the_days_do_not_change_what_is_a_move() -> None:
    old, new = (
        content(pay(Basis.DAILY, **{key: rate and rate * by for key, rate in DAY_RATES.items()})) for by in (1, 1.1)
    )
    of, against = half(old, new, job_type=JobType.CONTRACT), half(content(), content())
    found = [weighed(of, against, replace(CONTRACTING, days_a_year=days)) for days in (100, 300)]
    assert found[0][0].percent == pytest.approx(found[1][0].percent)
    assert found[0][1].p_value == found[1][1].p_value


def test_what_has_come_to_it_within_a_year_is_from_both_pages_columns() -> None:
    now = with_year_ago(content(median=66_000), content(median=63_000))
    other = with_year_ago(content(median=60_000), content(median=60_000))
    pair = derived_figure(PREMIUM, half(now, now), half(other, other))
    assert pair.year_on_year == Decimal("5.00")


def test_nothing_is_made_of_a_figure_against_none() -> None:
    empty = content(vacancies=0, skills={})
    none = half(empty, empty)
    watch = DerivedWatch("ads", MIDLANDS, NORTH_WEST, "vacancies", is_ratio=True)
    assert derived_figure(watch, half(content(), content()), none).new is None
    assert newly_watched(derived_figure(watch, half(content(), content()), none)) is None


@given(st.tuples(*[st.integers(1, 10**6)] * 4), st.booleans())
def test_a_move_of_both_by_the_same_part_is_no_move_and_any_other_has_its_sign(
    figures: tuple[int, int, int, int],
    is_ratio: bool,  # noqa: FBT001 - drawn
) -> None:
    a, b, c, d = figures
    watch = replace(PREMIUM, is_ratio=is_ratio)
    pair = derived_figure(watch, half(content(median=a), content(median=b)), half(content(median=c), content(median=d)))
    assert pair.percent is not None
    moved = b * c - a * d if is_ratio else (b - d) - (a - c)
    assert (pair.percent > 0, pair.percent < 0) == (moved > 0, moved < 0)


# How large a move of it chance makes.


def test_fewer_ads_than_asked_on_either_page_then_or_now_are_too_few() -> None:
    few, enough = content(quotes=9), content()
    for of, against in ((few, enough), (enough, few)):
        _, evidence = weighed(half(of, content(pay(**CLEARLY_UP))), half(against, enough))
        assert evidence.verdict is Significance.INSUFFICIENT_DATA


def test_medians_alone_that_moved_by_a_step_are_no_news() -> None:
    alone: dict[str, float | None] = {"p10": None, "p25": None, "p75": None, "p90": None}
    old, new = content(pay(**alone)), content(pay(median=62_500, **alone))
    spread = content()
    assert weighed(half(old, new), half(spread, spread))[1].verdict is Significance.INSUFFICIENT_DATA
    quartiles: dict[str, float | None] = {"p10": None, "p90": None}
    mixed = content(pay(**quartiles)), content(pay(median=62_500, **quartiles))
    _, evidence = weighed(half(*mixed), half(spread, spread))
    assert evidence.explanation.startswith("p25 and median and p75 of both pages")


def test_the_noise_of_both_pages_adds_up() -> None:
    here, there = half(content(), content(pay(**CLEARLY_UP))), half(content(quotes=50), content(quotes=50))
    _, evidence = weighed(here, there)
    numbers = dict(evidence.details)
    both = math.hypot(numbers["its standard error, %"], numbers["its standard error of the other page, %"])
    assert numbers["its standard error, the pages taken as independent, %"] == pytest.approx(both)
    assert "200 and 50 quotes" in evidence.explanation


def test_a_median_that_moves_against_its_percentiles_is_chance() -> None:
    new = content(p10=35_000, p25=45_000, median=62_500, p75=65_000, p90=75_000)
    _, evidence = weighed(half(content(), new), half(content(), content()))
    assert (evidence.verdict, evidence.p_value) == (Significance.NOISE, 1.0)


def test_a_move_is_about_as_sure_in_percent_as_in_its_unit() -> None:
    up = {key: figure and figure * 1.04 for key, figure in CLEARLY_UP.items()}
    here, there = half(content(pay(**CLEARLY_UP)), content(pay(**up))), half(content(), content())
    in_percent, in_pounds = (weighed(here, there, replace(PREMIUM, is_ratio=is_ratio))[1] for is_ratio in (True, False))
    assert in_percent.p_value is not None
    assert in_pounds.p_value is not None
    # The page that did not move has the lower figure, so its noise weighs less in pounds.
    assert in_percent.p_value / 10 < in_pounds.p_value < in_percent.p_value < 0.01


def simulated(random: Random, quotes: int, shared: list[float]) -> tuple[Content, list[float]]:
    """Return a page of log-normal pay on its grid, and the pay of its ads; some of them may stand on another page."""
    ads = sorted(shared + [random.lognormvariate(11, 0.3) for _ in range(quotes - len(shared))])
    printed: dict[str, float | None] = {
        key: 2500 * round(ads[int(p * len(ads))] / 2500) for key, p in PROBABILITY.items()
    }
    return content(pay(**printed, quotes=quotes)), ads


@pytest.mark.parametrize(("quotes", "others", "share"), [(60, 60, 0.0), (100, 1000, 0.0), (300, 600, 1.0)])
def test_where_nothing_moves_the_sure_are_as_rare_as_their_p_value_says(quotes: int, others: int, share: float) -> None:
    """Also where the smaller page's ads all stand on the larger one: then they are rarer still."""
    random, found, trials = Random(7), [], 250  # noqa: S311 - simulates a market
    for _ in range(trials):
        sides = []
        for _ in range(2):
            page, ads = simulated(random, quotes, [])
            sides.append((page, simulated(random, others, ads[: int(share * quotes)])[0]))
        (old, other_old), (new, other_new) = sides
        of, against = half(old, new, days=200), half(other_old, other_new, days=200)
        pair = derived_figure(PREMIUM, of, against)
        found.append(judge(pair, of, against, 10).p_value)
    rare = sum(p is not None and p < 0.05 for p in found) / trials
    assert rare < 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)
    if not share:
        assert rare > 0.005


def test_the_formula_s_error_is_that_of_simulated_ratios() -> None:
    random, moves, errors = Random(3), [], []  # noqa: S311 - likewise
    for _ in range(300):
        pages = [simulated(random, quotes, [])[0] for quotes in (200, 200, 800, 800)]
        of, against = half(pages[0], pages[1], days=200), half(pages[2], pages[3], days=200)
        pair: DerivedFigure = derived_figure(PREMIUM, of, against)
        if pair.old == pair.new:
            continue
        numbers = dict(judge(pair, of, against, 10).details)
        moves.append(numbers["move against each other, %"])
        errors.append(numbers["its standard error, the pages taken as independent, %"])
    assert statistics.fmean(errors) == pytest.approx(statistics.pstdev(moves), rel=0.15)


def test_counts_vary_as_ads_that_come_in_batches() -> None:
    """Of two counts of 400 a fifth more is within chance, and twice as many are not; nothing is sure of 12 ads."""
    watch = DerivedWatch("ads", MIDLANDS, NORTH_WEST, "vacancies", is_ratio=True)

    def p_value(old: int, new: int, other: int) -> float:
        pages = content(vacancies=old), content(vacancies=new), content(vacancies=other)
        _, evidence = weighed(half(*pages[:2], days=200), half(pages[2], pages[2], days=200), watch)
        return evidence.p_value or 0.0

    assert p_value(400, 480, 400) == pytest.approx(0.36, abs=0.05)
    assert p_value(400, 900, 400) < 0.001
    assert p_value(12, 18, 400) > 0.3


# From config.toml to the terminal.


def test_it_is_followed_from_the_file_to_the_commands(stage: DigestScenario, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        """
[store]
path = "jobs.db"
[[watch]]
terms = ["backend developer"]
regions = ["midlands", "north west"]
[[derived]]
name = "Midlands premium"
of = "permanent/midlands/backend developer/6"
against = "permanent/north west/backend developer/6"
[[digest]]
name = "weekly"
channels = ["folder"]
watch = ["derived/*"]
[[channel]]
name = "folder"
type = "file"
path = "out"
""",
        encoding="utf-8",
    )
    stage.definition = DigestConfig(name="weekly", channels=["folder"], watch=["derived/*"])
    stage.crawl(MORNING, both(content(), content()))
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, both(content(), content(pay(**CLEARLY_UP))))
    replayed = run("backtest", "--digest", "weekly", "--since", f"{MORNING:%Y-%m-%d}", config=path)
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert "Now watching 1 derived watch" in replayed.stdout
    assert "Midlands premium is down 16.7 points" in replayed.stdout
    explained = run("changes", "--explain", "midlands premium", config=path)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "its standard error, the pages taken as independent, %" in explained.stdout
    assert "Midlands £60,000, North West £72,000" in explained.stdout
