from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from alerts.digests.assembly import assemble_digest, newly_watched
from alerts.model.changes import AssessedChange, Coverage, Decision, Digest, NewlyWatched, Significance
from alerts.model.topics import Topic
from jobspider.model import Basis, Content, JobType, Snapshot
from tests.support.digest_factories import (
    CREATED_AT,
    change,
    coverage,
    failure,
    head,
    line,
    location,
    rank,
    skill,
    vacancies,
)
from tests.support.digest_scenarios import SKILLS, content, pay

HERE = head()
THERE = head(region="Midlands", subject_id=2)


def digest(*lines: AssessedChange, watching: tuple[NewlyWatched, ...] = (), of: Coverage | None = None) -> Digest:
    return assemble_digest("weekly", CREATED_AT, lines, watching, of or coverage())


def snapshot(figures: Content, job_type: JobType = JobType.PERMANENT) -> Snapshot:
    return Snapshot(head(job_type=job_type), figures)


def test_lines_of_one_subject_stand_together_the_most_important_first() -> None:
    found = digest(
        line(location(of=HERE)),
        line(skill(of=HERE)),
        line(change(statistic="p90", of=HERE)),
        line(vacancies(of=HERE)),
        line(change(of=THERE)),
        line(rank(of=HERE)),
        line(change(of=HERE)),
    )
    (one, two) = sorted(found.groups, key=lambda group: group.snapshot.subject_id)
    assert [each.change.statistic for each in one.lines] == ["median", "rank", "vacancies", "share", "p90", "median"]
    assert one.lines[-1].change.item == "Manchester"
    assert [each.change.snapshot for each in two.lines] == [THERE]


def test_of_two_equal_changes_the_surer_one_comes_first_and_then_the_larger() -> None:
    likely = line(change(of=HERE), Significance.LIKELY)
    clear = line(change(of=THERE), Significance.CLEAR)
    larger = line(change(new=Decimal(80_000), of=head(region="London", subject_id=3)), Significance.CLEAR)
    assert [group.lines[0] for group in digest(likely, clear, larger).groups] == [larger, clear, likely]


def test_the_order_does_not_depend_on_that_of_the_lines() -> None:
    lines = [line(change(of=of)) for of in (HERE, THERE)] + [line(rank(of=of)) for of in (THERE, HERE)]
    assert digest(*lines) == digest(*reversed(lines))


def test_each_line_stands_where_it_was_put() -> None:
    told, nearly, held_back = (line(vacancies(), standing=standing) for standing in Decision)
    found = digest(told, nearly, held_back)
    assert ([group.lines for group in found.groups], found.below_threshold, found.suppressed) == (
        [(told,)],
        (nearly,),
        (held_back,),
    )


def test_the_headline_is_the_most_important_change_and_how_many_more() -> None:
    one = digest(line(change())).headline
    assert one == "Backend Developer pay in the North West is up £2,500 to £62,500"
    assert digest(line(rank()), line(change())).headline == f"{one}; 1 more change"
    assert digest(line(rank()), line(change()), line(skill(of=THERE))).headline == f"{one}; 2 more changes"


def test_the_headline_of_new_pages_counts_them() -> None:
    new = newly_watched(snapshot(content()), [*map(Topic, ["pay/annual"])])
    assert digest(watching=(new,)).headline == "Now watching 1 page of the tech job market"
    assert digest(watching=(new, new)).headline == "Now watching 2 pages of the tech job market"


def test_nothing_to_tell_nothing_read_and_nothing_asked_for_never_look_alike() -> None:
    subjects = tuple(head(region=region).subject for region in ("London", "Leeds"))
    headlines = [
        digest(of=coverage(read=4, unchanged=6)).headline,
        digest(of=coverage(0, 0, failed=(failure(), failure()))).headline,
        digest(of=coverage(0, 0, not_looked=subjects)).headline,
    ]
    assert headlines == [
        "No change worth telling on 10 of 10 pages",
        "Nothing could be read: 2 of 2 pages failed",
        "Nothing was looked at yet, of 2 pages watched",
    ]


def test_one_page_is_counted_as_one() -> None:
    here = (head().subject,)
    found = [coverage(1, 0), coverage(0, 0, failed=(failure(),)), coverage(0, 0, not_looked=here), coverage(0, 0)]
    assert [digest(of=each).headline for each in found] == [
        "No change worth telling on 1 of 1 page",
        "Nothing could be read: 1 of 1 page failed",
        "Nothing was looked at yet, of 1 page watched",
        "No page is watched",
    ]


def test_since_when_nobody_asked_is_said_by_the_days_of_its_reader() -> None:
    looked, since = coverage(0, 0, not_looked=(head().subject,)), datetime(2026, 11, 22, 18, 31, tzinfo=UTC)
    for zone, day in (("UTC", 22), ("Pacific/Auckland", 23)):
        made = (since + timedelta(hours=1)).astimezone(ZoneInfo(zone))
        headline = assemble_digest("weekly", made, (), (), looked, since=since).headline
        assert headline == f"No page was asked for since the last digest, of {day} Nov 2026"


def test_a_quiet_digest_does_not_claim_that_all_pages_were_read() -> None:
    assert digest(of=coverage(1, 0, failed=(failure(),))).headline == "No change worth telling on 1 of 2 pages"


def test_what_is_held_back_or_nearly_there_leaves_a_digest_quiet() -> None:
    quiet = digest(line(standing=Decision.BELOW_THRESHOLD), line(standing=Decision.SUPPRESSED))
    assert quiet.is_empty
    assert not digest(line()).is_empty
    assert not digest(watching=(newly_watched(snapshot(content()), [*map(Topic, ["rank"])]),)).is_empty


# What is told first

EVERYTHING = ["pay/annual", "rank", "vacancies", "skills", "locations"]


def test_a_page_is_first_told_with_its_figures() -> None:
    found = newly_watched(snapshot(content()), [*map(Topic, EVERYTHING)])
    assert found.figures == {
        "median": 60_000,
        "p25": 50_000,
        "p75": 72_500,
        "quotes": 200,
        "rank": 150,
        "vacancies": 240,
    }
    assert (found.basis, found.top_skills, found.topics) == (Basis.ANNUAL, tuple(SKILLS), tuple(EVERYTHING))


def test_a_figure_that_the_page_does_not_state_is_absent_when_first_told() -> None:
    found = newly_watched(snapshot(content(median=None, p25=None, rank=None)), [*map(Topic, EVERYTHING)])
    assert found.figures == {"p75": 72_500, "quotes": 200, "vacancies": 240}


def test_no_ads_is_told_as_a_figure() -> None:
    assert newly_watched(snapshot(content(vacancies=0, skills={})), [*map(Topic, ["vacancies"])]).figures == {
        "vacancies": 0
    }


def test_only_the_first_five_skills_are_told_first() -> None:
    many = {f"skill {number}": 100 - number for number in range(9)}
    assert newly_watched(snapshot(content(skills=many)), [*map(Topic, ["skills"])]).top_skills == tuple(many)[:5]


@pytest.mark.parametrize(
    ("topics", "basis", "figures"),
    [
        (["pay/daily", "pay/hourly"], Basis.DAILY, {"median": 500}),
        (["pay/hourly"], Basis.HOURLY, {"median": 60}),
        (["rank"], None, {"rank": 150}),
        (["skills"], None, {}),
    ],
)
def test_a_topic_that_is_new_is_told_with_its_own_figures_alone(
    topics: list[str], basis: Basis | None, figures: dict[str, int]
) -> None:
    unstated = {"quotes": None, "p25": None, "p75": None}
    rows = {**pay(Basis.DAILY, median=500, **unstated), **pay(Basis.HOURLY, median=60, **unstated)}
    found = newly_watched(snapshot(content(rows), JobType.CONTRACT), [*map(Topic, topics)])
    assert (found.basis, found.figures) == (basis, figures)
    assert bool(found.top_skills) == ("skills" in topics)
