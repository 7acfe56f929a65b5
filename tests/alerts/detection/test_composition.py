"""Mix against level: whether a median moved with the medians of its places, or with their shares of the ads."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest

from alerts import wording
from alerts.detection.composition import composition_effect
from alerts.detection.figures import Comparison, detect_changes
from alerts.model.changes import Change, CompositionEffect, Digest
from alerts.model.topics import pay_topic
from alerts.render.explanation import render_explained
from alerts.render.formats.html import render_html
from alerts.render.formats.json_data import digest_data
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_text
from jobspider.model import Basis, Content, JobType, LocationRow
from jobspider.store.database import Database
from tests.support.digest_scenarios import (
    HOUR,
    MORNING,
    NORTH_WEST,
    WEEK,
    DigestScenario,
    comparison,
    content,
    pay,
    place,
)

# The places of permanent Developer in the UK, 2 March 2020: 34,634 ads.
# Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0.
REAL: Mapping[str, tuple[int, int]] = {
    "England": (31840, 52500), "UK excluding London": (19769, 45000), "London": (14110, 65000),
    "South East": (6575, 50000), "North of England": (4643, 45000), "North West": (2702, 45000),
    "Midlands": (2647, 43000), "South West": (2344, 43000), "Yorkshire": (1641, 45000),
    "East of England": (1499, 50000), "West Midlands": (1424, 45000), "Scotland": (1280, 45000),
    "East Midlands": (1218, 42500), "Wales": (609, 42500), "North East": (301, 41500),
    "Northern Ireland": (239, 47500), "Isle of Man": (8, 47500), "Channel Islands": (3, 66250),
}  # fmt: skip
REAL_ADS = 34634
UP: dict[str, float | None] = {"p10": 42_000, "p25": 52_500, "median": 63_000, "p75": 76_000, "p90": 89_000}


def places(of: Mapping[str, tuple[int, int]]) -> tuple[LocationRow, ...]:
    return tuple(place(name, median, ads) for name, (ads, median) in of.items())


def two(
    london: int,
    outside: int,
    pays: Mapping[str, float | None] = MappingProxyType({}),
    medians: tuple[int, int] = (80_000, 50_000),
    ads: int | None = None,
) -> Content:
    """Return a page of two places."""
    rows = places({"London": (london, medians[0]), "South East": (outside, medians[1])})
    return content(pay(**pays), vacancies=ads or london + outside, locations=rows)


def median_of(between: Comparison) -> Change:
    return next(each for each in detect_changes(between, pay_topic(Basis.ANNUAL)) if each.statistic == "median")


def found(old: Content, new: Content, days: int = 200) -> CompositionEffect | None:
    between = comparison(old, new, days=days)
    return composition_effect(between, median_of(between))


def test_pay_that_rises_because_a_dear_place_has_more_of_the_ads_is_mix() -> None:
    mix = found(two(4000, 6000), two(4600, 5400, UP))
    assert mix is not None
    assert mix.is_cause
    assert mix.fraction == pytest.approx(0.06 * math.log(80 / 50) / math.log(63 / 60))
    assert (mix.location, round(mix.share_then), round(mix.share_now)) == ("London", 40, 46)
    assert wording.composition_text(mix) == "about 60 % of it is mix: London rose from 40.0 % to 46.0 % of the ads"


def test_pay_that_rises_in_every_place_is_level() -> None:
    mix = found(two(40_000, 60_000), two(40_100, 59_900, UP, (84_000, 52_500)))
    assert mix is not None
    assert not mix.is_cause
    assert wording.composition_text(mix) == "the places' own medians moved, not their mix"


def test_a_cheap_place_that_loses_ads_is_named_where_it_says_most() -> None:
    rows = {"London": (4000, 60_000), "South East": (3000, 60_000), "Wales": (3000, 40_000)}
    fewer = {**rows, "London": (4800, 60_000), "South East": (3600, 60_000), "Wales": (1600, 40_000)}
    old = content(vacancies=10_000, locations=places(rows))
    mix = found(old, content(pay(**UP), vacancies=10_000, locations=places(fewer)))
    assert mix is not None
    assert mix.location == "Wales"
    assert "Wales fell from 30.0 % to 16.0 %" in wording.composition_text(mix)


def test_a_share_that_chance_moves_so_is_not_called_a_cause() -> None:
    assert found(two(40, 60), two(46, 54, UP)) is None


def test_nothing_is_claimed_between_a_cause_and_none() -> None:
    assert found(two(400, 600), two(412, 588, UP)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (two(4000, 6000, ads=9000), two(4600, 5400, UP, ads=9000)),  # ads that stand in both places
        (two(4000, 6000, ads=12_000), two(4600, 5400, UP, ads=12_000)),  # many that stand in none
        (two(4000, 6000), content(pay(**UP), vacancies=10_000)),
        (content(vacancies=10_000), two(4600, 5400, UP)),
    ],
    ids=["overlapping", "not covered", "no places now", "none then"],
)
def test_nothing_is_claimed_of_places_that_do_not_share_out_the_ads(old: Content, new: Content) -> None:
    assert found(old, new) is None


def test_places_that_lie_in_one_another_are_counted_once_on_a_real_page() -> None:
    """London's ads stand under England too; what is left out leaves 98 % of the page's ads, each once."""
    more = {**REAL, "London": (16_110, 65_000), "South East": (5075, 50_000), "Wales": (109, 42_500)}
    more |= {"England": (32_340, 52_500), "UK excluding London": (17_769, 45_000)}
    old = content(vacancies=REAL_ADS, locations=places(REAL))
    mix = found(old, content(pay(**UP), vacancies=REAL_ADS, locations=places(more)))
    assert mix is not None
    wholes = {"England", "UK excluding London", "North of England", "Midlands"}
    once = sum(ads for name, (ads, _) in REAL.items() if name not in wholes)
    assert 0.97 < once / REAL_ADS < 1
    assert mix.share_then == pytest.approx(100 * 14_110 / once)
    assert mix.location == "London"


def test_the_places_medians_are_of_the_first_basis_only() -> None:
    rows = places({"London": (4000, 600), "South East": (6000, 400)})
    more = places({"London": (4600, 600), "South East": (5400, 400)})
    hourly = ({**pay(Basis.HOURLY, median=median), **pay(Basis.DAILY)} for median in (30, 33))
    old, new = (content(each, vacancies=10_000, locations=of) for each, of in zip(hourly, (rows, more), strict=True))
    between = comparison(old, new, days=200, job_type=JobType.CONTRACT)
    change = next(each for each in detect_changes(between, pay_topic(Basis.HOURLY)) if each.statistic == "median")
    assert composition_effect(between, change) is None


def test_its_error_is_that_of_simulated_shares() -> None:
    """Ads in batches of four, of independent windows, which is what the factor for batches stands for."""
    random, parts = Random(5), []  # noqa: S311 - simulates a market

    def london() -> int:
        return 4 * sum(random.random() < 0.4 for _ in range(500))

    for _ in range(200):
        old, new = london(), london()
        shares = old / 2000, new / 2000
        parts.append((shares[1] - shares[0]) * math.log(80 / 50) / math.log(63 / 60))
    mix = found(two(800, 1200), two(1300, 700, UP))
    assert mix is not None
    simulated = math.sqrt(sum(part**2 for part in parts) / len(parts))
    assert mix.standard_error == pytest.approx(simulated, rel=0.15)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def told(stage: DigestScenario) -> Digest:
    stage.crawl(MORNING, {NORTH_WEST: two(4000, 6000, {"quotes": 5000})})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + 4 * WEEK, {NORTH_WEST: two(4600, 5400, {**UP, "quotes": 5000})})
    return stage.tell(MORNING + 4 * WEEK + HOUR)


def test_it_is_said_beside_the_median_in_every_medium(stage: DigestScenario) -> None:
    digest = told(stage)
    (line,) = (line for group in digest.groups for line in group.lines if line.change.statistic == "median")
    said = "of it is mix: London rose from 40.0 % to 46.0 % of the ads"
    for rendered in (render_text(digest), render_html(digest), str(render_slack(digest)["blocks"])):
        assert said in " ".join(rendered.split())
    assert "part of the move that is mix, %" in render_explained(line)
    (first, *_) = (each for each in digest_data(digest)["told"] if each["statistic"] == "median")  # type: ignore[attr-defined]
    assert first["mix"]["place"] == "London"
    others = [line for group in digest.groups for line in group.lines if line.change.statistic != "median"]
    assert others
    assert not any(line.composition for line in others)


def test_a_change_of_mix_alone_tells_nothing(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: two(4000, 6000)})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + 4 * WEEK, {NORTH_WEST: two(4600, 5400)})
    assert stage.tell(MORNING + 4 * WEEK + HOUR).is_empty
