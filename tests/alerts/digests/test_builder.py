from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.config import DigestConfig, NoiseSettings, Rules
from alerts.delivery.outbox import OutboxEntry
from alerts.model.changes import ChangeKind, Coverage, Digest
from alerts.render.formats.text import render_text
from jobspider.model import Basis, CategoryFigures, FetchStatus, Figures, LocationRow, Subject
from jobspider.store.database import Database
from tests.support.digest_scenarios import (
    DAY,
    HOUR,
    LONDON,
    MIDLANDS,
    MORNING,
    NORTH_WEST,
    WEEK,
    WEEKLY,
    DigestScenario,
    content,
    pay,
    place,
)

CLEARLY_UP: dict[str, float | None] = {"p10": 44_000, "p25": 55_000, "median": 66_000, "p75": 80_000, "p90": 93_500}
UNGATED = WEEKLY.model_copy(update={"noise": NoiseSettings(false_alarm_budget=1.0)})


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def told(digest: Digest, statistic: str = "median") -> list[tuple[object, object]]:
    return [
        (line.change.old, line.change.new)
        for group in digest.groups
        for line in group.lines
        if line.change.statistic == statistic
    ]


def coverage_of(digest: Digest) -> Coverage:
    assert digest.coverage is not None
    return digest.coverage


def after(number: int) -> timedelta:
    return number * WEEK + HOUR


def test_a_page_seen_for_the_first_time_is_told_once_with_its_figures(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content(locations=[place()])})
    first = stage.tell(MORNING + HOUR)
    (watching,) = first.watching
    assert watching.topics == ("pay/annual", "rank", "vacancies", "skills", "locations")
    assert (watching.figures["median"], first.groups) == (60_000, ())
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(locations=[place()])})
    second = stage.tell(MORNING + after(1))
    assert (second.watching, second.groups) == ((), ())


def test_a_change_is_told_once_against_what_was_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    digest = stage.tell(MORNING + after(1))
    (line, *_) = digest.groups[0].lines
    assert [line.change.old, line.change.new, line.change.percent] == [60_000, 66_000, 10]
    assert (line.change.baseline_notified_at, line.change.old_as_of) == (MORNING + HOUR, MORNING.date())
    assert line.change.snapshot.as_of == (MORNING + WEEK).date()
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    assert stage.tell(MORNING + after(2)).is_empty


def test_a_drift_below_the_threshold_adds_up_until_it_is_told(stage: DigestScenario) -> None:
    stage = replace(stage, definition=UNGATED)
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    found = []
    for week in range(1, 8):
        stage.crawl(MORNING + week * WEEK, {NORTH_WEST: content(median=60_000 + 400 * week)})
        found.append(told(stage.tell(MORNING + after(week))))
    assert found == [[], [], [(60_000, 61_200)], [], [], [], [(61_200, 62_800)]]


def test_a_change_that_was_held_back_stays_in_the_account(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(median=62_500)})
    held = stage.tell(MORNING + after(1))
    assert (held.groups, [line.change.new for line in held.suppressed]) == ((), [62_500])
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    assert told(stage.tell(MORNING + after(2))) == [(60_000, 66_000)]


def test_what_came_back_to_what_was_told_is_no_news(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    stage.bounce(MORNING + after(1))
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content()})
    digest = stage.tell(MORNING + after(2))
    assert (digest.is_empty, digest.suppressed, digest.below_threshold) == (True, (), ())


def test_a_recipient_whose_mail_bounced_gets_the_whole_difference(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    for week in range(1, 5):
        stage.crawl(MORNING + week * WEEK, {NORTH_WEST: content(vacancies=240 + 100 * week)})
        stage.bounce(MORNING + after(week))
    stage.crawl(MORNING + 5 * WEEK, {NORTH_WEST: content(vacancies=740)})
    assert told(stage.tell(MORNING + after(5)), "vacancies") == [(240, 740)]


def test_one_recipients_bounced_mail_leaves_what_another_was_told(stage: DigestScenario) -> None:
    def send(at: datetime, *received: str) -> dict[str, list[tuple[object, object]]]:
        digests = {channel: stage.edition(at, channel) for channel in ("folder", "slack")}
        orders = [OutboxEntry(channel, digest, b"") for channel, digest in digests.items()]
        stage.outbox.queue(WEEKLY.name, at.isoformat(), at, orders)
        for delivery in stage.outbox.due(at):
            if delivery.channel in received:
                stage.outbox.mark_sent(delivery.delivery_id, at, "")
        return {channel: told(digest, "vacancies") for channel, digest in digests.items()}

    stage.crawl(MORNING, {NORTH_WEST: content()})
    send(MORNING + HOUR, "folder", "slack")
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=340)})
    assert send(MORNING + after(1), "slack") == {"folder": [(240, 340)], "slack": [(240, 340)]}
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(vacancies=440)})
    assert send(MORNING + after(2), "folder") == {"folder": [(240, 440)], "slack": [(340, 440)]}
    assert send(MORNING + after(2) + HOUR) == {"folder": [], "slack": [(340, 440)]}


def test_a_digest_that_was_not_sent_is_told_again_though_nothing_was_read_since(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    bounced = stage.bounce(MORNING + after(1))
    again = stage.edition(MORNING + after(1) + HOUR)
    assert again.groups == bounced.groups
    assert (coverage_of(again).read, coverage_of(again).not_fetched) == (1, ())


def test_what_a_sent_digest_covered_was_not_looked_at_again(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    digest = stage.edition(MORNING + 2 * HOUR)
    assert digest.is_empty
    assert (coverage_of(digest).read, coverage_of(digest).not_fetched) == (0, (NORTH_WEST,))


def test_only_pages_read_since_the_last_digest_are_compared(stage: DigestScenario) -> None:
    stage = replace(stage, watched=(NORTH_WEST, MIDLANDS))
    stage.crawl(MORNING, {NORTH_WEST: content(), MIDLANDS: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=400), MIDLANDS: FetchStatus.FETCH_FAILED})
    digest = stage.tell(MORNING + after(1))
    assert [group.snapshot.subject for group in digest.groups] == [NORTH_WEST]
    (failed,) = coverage_of(digest).failed
    assert (failed.subject, failed.status, failed.reason) == (MIDLANDS, FetchStatus.FETCH_FAILED, "it timed out")


def test_a_page_that_was_read_and_could_not_be_read_later_is_told_and_counts_as_failed(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + DAY, {NORTH_WEST: content(vacancies=400)})
    stage.crawl(MORNING + 2 * DAY, {NORTH_WEST: FetchStatus.NOT_FOUND})
    digest = stage.edition(MORNING + WEEK)
    assert told(digest, "vacancies") == [(240, 400)]
    assert [row.status for row in coverage_of(digest).failed] == [FetchStatus.NOT_FOUND]
    assert coverage_of(digest).oldest_as_of == (MORNING + DAY).date()


def test_a_page_that_could_not_be_read_is_not_gone(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: FetchStatus.FETCH_FAILED})
    blind = stage.tell(MORNING + after(1))
    assert blind.headline == "Nothing could be read: 1 of 1 page failed"
    assert (blind.groups, coverage_of(blind).oldest_as_of) == ((), None)
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(vacancies=400)})
    assert told(stage.tell(MORNING + after(2)), "vacancies") == [(240, 400)]


NEVER_READ = sorted(set(FetchStatus) - {FetchStatus.STORED, FetchStatus.UNCHANGED, FetchStatus.STALE})


@pytest.mark.parametrize("status", NEVER_READ)
def test_a_page_that_was_never_read_is_in_the_coverage_and_not_watched(
    stage: DigestScenario, status: FetchStatus
) -> None:
    stage.crawl(MORNING, {NORTH_WEST: status})
    digest = stage.tell(MORNING + HOUR)
    coverage = coverage_of(digest)
    assert digest.is_empty
    assert (coverage.watched, coverage.read, coverage.unchanged) == (1, 0, 0)
    planned = status is FetchStatus.PLANNED
    assert coverage.not_fetched == ((NORTH_WEST,) if planned else ())
    assert [row.status for row in coverage.failed] == ([] if planned else [status])


def test_an_older_page_than_the_one_known_was_not_read(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))}, as_of=(MORNING - WEEK).date())
    digest = stage.tell(MORNING + after(1))
    assert [row.status for row in coverage_of(digest).failed] == [FetchStatus.STALE]
    assert digest.groups == ()


def test_a_crawl_that_was_cut_off_does_not_hide_what_an_earlier_one_read(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.crawl(MORNING + DAY, {NORTH_WEST: FetchStatus.PLANNED})
    digest = stage.edition(MORNING + DAY + HOUR)
    assert (coverage_of(digest).read, coverage_of(digest).not_fetched) == (1, ())
    assert len(digest.watching) == 1


def test_where_nobody_asked_since_the_last_digest_it_says_since_when(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    for later in (2 * HOUR, WEEK):
        quiet = stage.edition(MORNING + later)
        assert quiet.headline == "No page was asked for since the last digest, of 17 Nov 2025"
        assert quiet.is_empty
        assert coverage_of(quiet).not_fetched == (NORTH_WEST,)


def test_a_page_that_is_not_looked_at_is_called_as_it_was_when_it_was_read(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    assert "- Not looked at: Backend Developer, North West, permanent\n" in render_text(stage.edition(MORNING + DAY))


def test_coverage_adds_up_and_names_the_oldest_date(stage: DigestScenario) -> None:
    stage = replace(stage, watched=(NORTH_WEST, MIDLANDS, LONDON, Subject(LONDON.job_type, "uk", "java")))
    stage.crawl(MORNING, {NORTH_WEST: content(), MIDLANDS: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=1)})
    stage.crawl(MORNING + WEEK + HOUR, {MIDLANDS: content(), LONDON: FetchStatus.BLOCKED}, as_of=(MORNING + DAY).date())
    coverage = coverage_of(stage.edition(MORNING + after(2)))
    assert (coverage.watched, coverage.read, coverage.unchanged) == (4, 1, 1)
    assert [row.subject for row in coverage.failed] == [LONDON]
    assert [subject.term for subject in coverage.not_fetched] == ["java"]
    assert coverage.oldest_as_of == (MORNING + DAY).date()


def test_a_topic_that_a_known_page_newly_has_is_told_alone(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content(median=None, skills={})})
    assert stage.tell(MORNING + HOUR).watching[0].topics == ("rank", "vacancies")
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(skills={})})
    digest = stage.tell(MORNING + after(1))
    (watching,) = digest.watching
    assert (watching.topics, watching.basis) == (("pay/annual",), Basis.ANNUAL)
    assert watching.figures == {"median": 60_000, "p25": 50_000, "p75": 72_500, "quotes": 200}
    assert digest.groups == ()
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP), skills={})})
    assert told(stage.tell(MORNING + after(2))) == [(60_000, 66_000)]


def test_a_median_that_goes_and_comes_is_told_both_times(stage: DigestScenario) -> None:
    kinds = []
    for week, median in enumerate((60_000, None, 60_000)):
        stage.crawl(MORNING + week * WEEK, {NORTH_WEST: content(median=median)})
        digest = stage.tell(MORNING + after(week))
        kinds += [line.change.kind for group in digest.groups for line in group.lines]
    assert kinds == [ChangeKind.DISAPPEARED, ChangeKind.APPEARED]


def test_each_topic_is_compared_with_what_was_told_of_it(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=400, median=61_000)})
    assert (told(first := stage.tell(MORNING + after(1)), "vacancies"), told(first)) == ([(240, 400)], [])
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP), vacancies=600)})
    second = stage.tell(MORNING + after(2))
    assert (told(second, "vacancies"), told(second)) == ([(400, 600)], [(60_000, 66_000)])
    since = {line.change.statistic: line.change.baseline_notified_at for line in second.groups[0].lines}
    assert {key: since[key] for key in ("vacancies", "median")} == {
        "vacancies": MORNING + after(1),
        "median": MORNING + HOUR,
    }


def test_a_skill_known_only_from_its_category_is_found_by_the_digest(stage: DigestScenario) -> None:
    before = {"Python": 200, "Java": 180, "SQL": 100}
    stage.crawl(MORNING, {NORTH_WEST: content(skills=before, categories={"Languages": before})})
    stage.tell(MORNING + HOUR)
    now = {"Python": 200, "SQL": 190, "Go": 150}
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(skills=now, categories={"Languages": {**now, "Java": 12}})})
    rules = Rules.model_validate({"skills": {"top": 2, "share_points": 5.0}})
    digest = replace(stage, definition=WEEKLY.model_copy(update={"rules": rules})).edition(MORNING + after(1))
    (left,) = (line.change for line in digest.groups[0].lines if line.change.item == "Java")
    assert (left.kind, left.old, left.new) == (ChangeKind.LEFT, 75, 5)


def test_a_page_corrected_on_the_same_date_is_told_against_what_was_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + 2 * HOUR, {NORTH_WEST: content(median=66_000)})
    digest = stage.tell(MORNING + 3 * HOUR)
    assert told(digest) == [(60_000, 66_000)]
    assert stage.edition(MORNING + 4 * HOUR).groups == ()


def test_a_watch_that_was_removed_and_comes_back_is_told_since_it_was_last_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    without = replace(stage, watched=(MIDLANDS,))
    without.crawl(MORNING + WEEK, {MIDLANDS: content()})
    assert [each.snapshot.subject for each in without.tell(MORNING + after(1)).watching] == [MIDLANDS]
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(pay(**CLEARLY_UP))})
    digest = stage.tell(MORNING + after(2))
    assert (digest.watching, told(digest)) == ((), [(60_000, 66_000)])


def test_a_digest_is_about_the_pages_that_its_patterns_name(stage: DigestScenario) -> None:
    contracts = DigestConfig(name="contracts", channels=["folder"], watch=["contract/*", "*/midlands/*"])
    stage = replace(stage, watched=(NORTH_WEST, MIDLANDS, LONDON), definition=contracts)
    stage.crawl(MORNING, dict.fromkeys(stage.watched, content(pay(Basis.DAILY))))
    digest = stage.tell(MORNING + HOUR)
    assert {each.snapshot.subject for each in digest.watching} == {MIDLANDS, LONDON}
    assert coverage_of(digest).watched == 2


def test_what_is_in_the_database_but_not_watched_is_not_told(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content(), LONDON: content()})
    assert [each.snapshot.subject for each in stage.tell(MORNING + HOUR).watching] == [NORTH_WEST]


def test_telling_one_skill_leaves_the_drift_of_the_others_in_the_account(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content(skills={"Python": 60, "SQL": 120, "Java": 80})})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(skills={"Python": 140, "SQL": 112, "Java": 80})})
    first = stage.tell(MORNING + after(1))
    assert [line.change.item for group in first.groups for line in group.lines] == ["Python"]
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(skills={"Python": 139, "SQL": 98, "Java": 80})})
    (line,) = stage.tell(MORNING + after(2)).groups[0].lines
    assert (line.change.item, line.change.old, line.change.baseline_notified_at) == ("SQL", 50, MORNING + HOUR)
    stage.crawl(MORNING + 3 * WEEK, {NORTH_WEST: content(skills={"Python": 80, "SQL": 98, "Java": 80})})
    (line,) = stage.tell(MORNING + after(3)).groups[0].lines
    assert (line.change.item, line.change.baseline_notified_at) == ("Python", MORNING + after(1))


def test_telling_one_place_leaves_the_others_in_the_account(stage: DigestScenario) -> None:
    def places(manchester: int, wigan: int) -> list[LocationRow]:
        return [place("Manchester", manchester, 150), place("Wigan", wigan, 150)]

    stage.crawl(MORNING, {NORTH_WEST: content(locations=places(60_000, 60_000))})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(locations=places(75_000, 62_500))})
    first = stage.tell(MORNING + after(1))
    assert [line.change.item for group in first.groups for line in group.lines] == ["Manchester"]
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(locations=places(75_000, 75_000))})
    (line,) = stage.tell(MORNING + after(2)).groups[0].lines
    assert (line.change.item, line.change.old) == ("Wigan", 60_000)


def test_a_known_page_with_a_new_topic_is_not_counted_as_a_new_page(stage: DigestScenario) -> None:
    stage = replace(stage, watched=(NORTH_WEST, MIDLANDS))
    stage.crawl(MORNING, {NORTH_WEST: content(skills={})})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(), MIDLANDS: content()})
    digest = stage.edition(MORNING + after(1))
    assert digest.headline == "Now watching 1 page of the tech job market"
    assert [(each.snapshot.subject, each.is_new) for each in digest.watching] == [(NORTH_WEST, False), (MIDLANDS, True)]
    alone = replace(stage, watched=(NORTH_WEST,)).edition(MORNING + after(1))
    assert alone.headline == "New figures on 1 page already watched"


def test_pay_is_weighed_against_the_pages_since_it_was_told(stage: DigestScenario) -> None:
    stage = replace(stage, watched=(NORTH_WEST, MIDLANDS))
    stage.crawl(MORNING, dict.fromkeys(stage.watched, content()))
    stage.tell(MORNING + HOUR)
    for week in range(1, 60):
        stage.crawl(MORNING + week * WEEK, {NORTH_WEST: content(vacancies=240 + week)})
    up = content(pay(**{key: (value or 0) * 0.96 for key, value in CLEARLY_UP.items()}))
    stage.crawl(MORNING + 60 * WEEK, dict.fromkeys(stage.watched, up))
    digest = stage.edition(MORNING + after(60))
    lines = [*digest.suppressed, *(line for group in digest.groups for line in group.lines)]
    found = {line.change.snapshot.subject: line.evidence for line in lines if line.change.statistic == "median"}
    p_values = [found[subject].p_value or 0.0 for subject in stage.watched]
    assert 0 < p_values[0] < p_values[1]
    assert "against" in found[NORTH_WEST].explanation
    assert "against" not in found[MIDLANDS].explanation


def test_a_told_median_is_seen_beside_the_market(stage: DigestScenario) -> None:
    market = CategoryFigures("Job Titles", Figures({(Basis.ANNUAL, "median_change"): (Decimal("-9.00"), None, None)}))
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: replace(content(pay(**CLEARLY_UP)), category=market)})
    digest = stage.tell(MORNING + after(1))
    assert "Job Titles −9.0 % on the year" in render_text(digest).replace("\N{NO-BREAK SPACE}", " ")  # noqa: RUF001 - a minus
    assert [line.pay_context is None for line in digest.groups[0].lines] == [
        line.change.statistic != "median" for line in digest.groups[0].lines
    ]


def test_two_recipients_of_one_digest_each_have_their_own_account(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    stage.tell(MORNING + HOUR)
    assert stage.edition(MORNING + 2 * HOUR, channel="slack").watching
    assert not stage.edition(MORNING + 2 * HOUR).watching


def test_building_an_edition_writes_nothing(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    before = list(stage.database.connection.iterdump())
    stage.edition(MORNING + HOUR)
    assert list(stage.database.connection.iterdump()) == before
