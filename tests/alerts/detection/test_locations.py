"""Places of a region: whose median moved, and which of them too few ads stand behind."""

from decimal import Decimal

from alerts.detection.locations import changes
from alerts.model.changes import Change
from jobspider.model import Basis, Content, JobType
from tests.support.digest_scenarios import comparison, content, place


def between(old: Content, new: Content) -> list[Change]:
    return [*changes(comparison(old, new))]


def test_a_place_that_comes_or_goes_is_no_change() -> None:
    old, new = content(locations=[place("Manchester"), place("Wigan")]), content(locations=[place("Manchester")])
    assert between(old, new) == []
    assert between(new, old) == []


def test_a_place_whose_median_is_a_dash_on_one_side_is_no_change() -> None:
    old, new = content(locations=[place(median=None)]), content(locations=[place()])
    assert between(old, new) == []
    assert between(new, old) == []


def test_a_places_median_is_compared_by_name_and_carries_its_own_ads() -> None:
    old = content(locations=[place("Manchester"), place("Cheshire", 60_000)])
    new = content(locations=[place("Cheshire", 57_000, 31, "-5.00"), place("Manchester", vacancies=80)])
    (change,) = between(old, new)
    assert [change.item, change.statistic, change.difference, change.percent] == ["Cheshire", "median", -3_000, -5]
    assert (change.sample_size, change.year_on_year, change.basis) == (31, Decimal("-5.00"), Basis.ANNUAL)


def test_a_contracts_places_are_paid_by_the_day() -> None:
    old, new = content(locations=[place(median=500)]), content(locations=[place(median=550)])
    (change,) = changes(comparison(old, new, job_type=JobType.CONTRACT))
    assert change.basis is Basis.DAILY
