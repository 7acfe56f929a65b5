from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.detection import selection
from alerts.model.changes import AssessedChange, Decision, Significance, SubjectSection
from alerts.render import presenter
from alerts.render.formats.json_data import digest_data
from alerts.render.view_models import FailureView
from alerts.stats import counts
from jobspider.model import FetchStatus, JobType, SnapshotInfo, Subject
from tests.support import digest_factories


def test_a_digest_that_could_not_look_and_one_without_news_never_look_alike() -> None:
    blind = presenter.present_digest(
        digest_factories.quiet(digest_factories.coverage(0, 0, (digest_factories.failure(),)))
    )
    unchanged = presenter.present_digest(digest_factories.quiet(digest_factories.coverage(0, 6)))
    moved = presenter.present_digest(digest_factories.quiet(digest_factories.coverage(4, 6)))
    assert blind.is_blind
    assert (
        blind.status == "We could not look: of 1 watched page none was read, so whether anything changed is not known."
    )
    assert unchanged.status == "Nothing changed. Read: all 6 watched pages."
    assert moved.status == "Nothing to tell: what moved is small or within chance. Read: all 10 watched pages."
    assert not unchanged.is_blind
    assert not moved.is_blind


def test_pages_that_nobody_asked_for_are_not_known_either_and_are_no_failure() -> None:
    shown = presenter.present_digest(
        digest_factories.quiet(digest_factories.coverage(0, 0, not_looked=(digest_factories.head().subject,)))
    )
    assert shown.status == "Nothing was looked at: no page was asked for, so whether anything changed is not known."
    assert not shown.is_blind
    tried = digest_factories.coverage(0, 0, (digest_factories.failure(),), (digest_factories.head().subject,))
    assert presenter.present_digest(digest_factories.quiet(tried)).is_blind


def test_a_quiet_digest_names_how_many_pages_it_rests_on() -> None:
    shown = presenter.present_digest(
        digest_factories.quiet(digest_factories.coverage(0, 6, (digest_factories.failure(),)))
    )
    assert (
        shown.status
        == "Nothing changed. Read: 6 of 7 watched pages. 1 page could not be read at the last try: see below."
    )


def test_news_of_pages_that_were_read_before_their_last_try_failed_is_news() -> None:
    shown = presenter.present_digest(
        replace(digest_factories.sample(), coverage=digest_factories.coverage(0, 0, (digest_factories.failure(),) * 3))
    )
    assert not shown.is_blind
    assert shown.status.endswith("3 pages could not be read at the last try: see below.")
    assert "We could not look" not in shown.status


def test_nothing_watched_is_said() -> None:
    assert presenter.present_digest(digest_factories.quiet(digest_factories.coverage(0, 0))).status.startswith(
        "Nothing is watched"
    )


def test_coverage_adds_up_in_words() -> None:
    assert presenter.present_digest(digest_factories.sample()).coverage == (
        "12 pages watched: 4 with new figures, 6 unchanged, 1 could not be read, 1 not looked at. "
        "The oldest figures are as of 20 Nov 2025."
    )


def test_a_told_line_carries_all_that_is_known_of_it() -> None:
    group = presenter.present_digest(digest_factories.sample()).groups.items[0]
    first = group.lines.items[0]
    assert (group.term, group.place) == ("Backend Developer", "North West, permanent")
    assert group.url == "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
    assert group.facts == ("as of 23 Nov 2025", "compared with 16 Nov 2025, told 17 Nov 2025")
    assert (first.title, first.old, first.arrow, first.new) == ("Median salary", "£60,000", "▲", "£62,500")
    assert first.moved == "+£2,500 (+4.2 %)"
    assert first.facts == (
        "+8.7 % on the year",
        "116 pay quotes",
        "clear change: all percentiles, 112 and 116 quotes",
    )


def test_lines_told_at_different_times_each_say_when() -> None:
    head = digest_factories.head()
    late = digest_factories.change(of=head, told_at=digest_factories.TOLD_AT + timedelta(days=3))
    group = SubjectSection(head, (digest_factories.line(digest_factories.change(of=head)), digest_factories.line(late)))
    shown = presenter.present_digest(replace(digest_factories.quiet(), groups=(group,))).groups.items[0]
    assert shown.facts == ("as of 23 Nov 2025",)
    assert [line.facts[-1] for line in shown.lines.items] == [
        "compared with 16 Nov 2025, told 17 Nov 2025",
        "compared with 16 Nov 2025, told 20 Nov 2025",
    ]


def test_days_of_moments_are_those_of_the_zone_that_the_digest_was_made_in() -> None:
    # Half past seven on Monday in Auckland is Sunday evening in UTC, and what was told then was told on a Monday.
    auckland = ZoneInfo("Pacific/Auckland")
    made, told = (datetime(2026, 11, day, 18, 31, tzinfo=UTC) for day in (22, 15))
    group = SubjectSection(digest_factories.head(), (digest_factories.line(digest_factories.change(told_at=told)),))
    shown = presenter.present_digest(
        replace(digest_factories.quiet(), created_at=made.astimezone(auckland), groups=(group,))
    )
    assert shown.title == "weekly digest, 23 Nov 2026"
    assert shown.groups.items[0].facts == ("as of 23 Nov 2025", "compared with 16 Nov 2025, told 16 Nov 2026")
    assert (
        digest_data(replace(digest_factories.quiet(), created_at=made.astimezone(auckland)))["created_at"]
        == made.isoformat()
    )


def test_every_line_says_how_many_ads_stand_behind_it_and_what_its_verdict_rests_on() -> None:
    lines = presenter.present_digest(digest_factories.sample()).groups.items[0].lines.items
    assert lines[1].facts[-2:] == ("116 pay quotes", "clear change: all percentiles, 112 and 116 quotes")
    assert lines[2].facts[-1] == "likely change: its share moved with it"


def test_held_back_lines_say_what_speaks_against_them() -> None:
    reasons = {
        entry.because
        for each in presenter.present_digest(digest_factories.sample()).held_back.items
        for entry in each.entries.items
    }
    assert reasons == {"within chance: others moved: its own share stayed within chance"}


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.04, "likely, but chance alone makes as much in more than one look of forty: counts of ads"),
        (selection.MAX_P_VALUE, "may be chance among so many: counts of ads"),
        (0.004, "may be chance among so many: counts of ads"),
    ],
)
def test_one_held_back_for_itself_is_not_said_to_be_so_for_its_company(p_value: float, said: str) -> None:
    likely = digest_factories.line(because="counts of ads", standing=Decision.SUPPRESSED)
    held = replace(likely, evidence=counts.significance_result(p_value, "counts of ads"))
    shown = presenter.present_digest(replace(digest_factories.quiet(), suppressed=(held,)))
    assert shown.held_back.items[0].entries.items[0].because == said


def test_the_limit_that_is_said_is_the_one_that_is_kept() -> None:
    assert presenter._MOST_TOLD == selection.MAX_P_VALUE == 1 / 40


def thin(name: str, of: SnapshotInfo) -> AssessedChange:
    return digest_factories.line(
        digest_factories.location(name, of),
        Significance.INSUFFICIENT_DATA,
        "fewer than 10 quotes (about 8)",
        Decision.SUPPRESSED,
    )


def test_places_that_moved_on_too_few_ads_stand_below_their_subject_and_are_no_news() -> None:
    here, there = digest_factories.head(), digest_factories.head(region="London", subject_id=9)
    told = SubjectSection(
        here,
        (
            digest_factories.line(digest_factories.rank(of=here)),
            digest_factories.line(digest_factories.location("Manchester", here)),
        ),
    )
    held_back = (thin("Cheshire", here), thin("Croydon", there), digest_factories.line(standing=Decision.SUPPRESSED))
    shown = presenter.present_digest(replace(digest_factories.quiet(), groups=(told,), suppressed=held_back))
    (group,) = shown.groups.items
    assert group.few_ads == ("Cheshire £65,000 → £70,000, +£5,000 (+7.7 %)",)
    assert [line.title for line in group.lines.items] == ["Demand rank", "Manchester: median salary"]
    assert shown.held_back_count == 2
    entries = {each.name: [entry.is_thin for entry in each.entries.items] for each in shown.held_back.items}
    assert entries == {
        "Backend Developer, London, permanent": [True],
        "Backend Developer, North West, permanent": [False],
    }


def test_of_many_such_places_a_few_are_named_and_the_others_counted() -> None:
    told = SubjectSection(digest_factories.head(), (digest_factories.line(),))
    held_back = tuple(thin(f"place {number}", told.snapshot) for number in range(9))
    (group,) = presenter.present_digest(
        replace(digest_factories.quiet(), groups=(told,), suppressed=held_back)
    ).groups.items
    assert len(group.few_ads) == 7
    assert group.few_ads[-1] == "3 more"


def test_skills_of_one_list_stand_beside_each_other_and_are_named_by_it() -> None:
    lists = [None, "Vendors", "top", "Vendors", "Languages"]
    skills = [
        digest_factories.line(digest_factories.skill(f"skill {number}", list_name=name))
        for number, name in enumerate(lists)
    ]
    lines = (digest_factories.line(), *skills, digest_factories.line(digest_factories.location()))
    (group,) = presenter.present_digest(
        replace(digest_factories.quiet(), groups=(SubjectSection(digest_factories.head(), lines),))
    ).groups.items
    assert [line.title for line in group.lines.items] == [
        "Median salary",
        "Skill skill 0: share",
        "Skill skill 2: share",
        "Skill skill 1: share (Vendors)",
        "Skill skill 3: share (Vendors)",
        "Skill skill 4: share (Languages)",
        "Manchester: median salary",
    ]
    assert group.lines.items[3].moved == "entered the top Vendors"


def test_lines_of_one_subject_are_listed_under_it_once() -> None:
    held = digest_factories.line(verdict=Significance.NOISE, standing=Decision.SUPPRESSED)
    few = digest_factories.line(digest_factories.rank(), Significance.INSUFFICIENT_DATA, "6 ads", Decision.SUPPRESSED)
    shown = presenter.present_digest(replace(digest_factories.quiet(), suppressed=(held, few, held)))
    assert (shown.held_back.count, shown.held_back_count) == (1, 3)
    assert [entry.because for entry in shown.held_back.items[0].entries.items] == [
        *["within chance: all percentiles, 112 and 116 quotes"] * 2,
        "too few ads to judge: 6 ads",
    ]


def test_a_page_that_was_not_read_is_called_as_its_neighbours_are() -> None:
    of_another_case = Subject(JobType.CONTRACT, "city of london", "backend developer")
    shown = presenter.present_digest(
        replace(
            digest_factories.sample(),
            coverage=digest_factories.coverage(failed=(digest_factories.failure(of_another_case),)),
        )
    )
    assert shown.failed.items[0].name == "Backend Developer, City of London, contract"


def test_an_index_page_that_was_not_read_is_called_by_its_address() -> None:
    row = replace(
        digest_factories.failure(status=FetchStatus.BLOCKED), subject=None, url="https://www.itjobswatch.co.uk/"
    )
    shown = presenter.present_digest(digest_factories.quiet(digest_factories.coverage(failed=(row,))))
    assert shown.failed.items[0] == FailureView(
        "https://www.itjobswatch.co.uk/", "the site refused or challenged the crawler (HTTP 403)"
    )


def test_a_new_subject_shows_its_figures_in_the_order_people_ask() -> None:
    new = presenter.present_digest(digest_factories.sample()).watching.items[0]
    assert new.name == "Junior Backend Developer, West Midlands, permanent"
    assert new.figures[:2] == (("Median salary", "£32,500"), ("25th percentile salary", "£28,750"))
    assert new.figures[-1] == ("Demand rank", "402")
    assert new.skills == "C#, .NET, SQL, Azure, Git"


def test_a_name_with_nothing_to_see_is_said_to_be_missing() -> None:
    head = digest_factories.head("\N{ZERO WIDTH SPACE}")
    shown = presenter.present_digest(
        replace(
            digest_factories.quiet(),
            groups=(SubjectSection(head, (digest_factories.line(digest_factories.change(of=head)),)),),
        )
    )
    assert shown.groups.items[0].name == "(no name), North West, permanent"
