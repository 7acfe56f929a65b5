"""What the outbox knows of skills that were told to have left a list."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.digests.backtest import heard_of
from alerts.model.changes import Baseline, Digest, Group, Kind, Line
from jobspider.model import SnapshotHead
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support import digest_factories
from tests.support.digest_scenarios import CHANNEL, HOUR, MORNING, NORTH_WEST, Stage, content


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield Stage(database)


def crossing(kind: Kind, skill_list: str | None = "top", name: str = "Java") -> Line:
    return digest_factories.line(replace(digest_factories.skill(name, kind), skill_list=skill_list))


def about(head: SnapshotHead, line: Line) -> Digest:
    """Return a digest that tells this of a subject."""
    told = replace(line, change=replace(line.change, head=head))
    return replace(digest_factories.quiet(), groups=(Group(head, (told,)),))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ([crossing(Kind.LEFT, "Vendors")], "Vendors"),
        ([crossing(Kind.LEFT, "Vendors"), crossing(Kind.MOVED)], "Vendors"),
        ([crossing(Kind.LEFT), crossing(Kind.RETURNED)], None),
        ([crossing(Kind.ENTERED), crossing(Kind.LEFT)], "top"),
        ([crossing(Kind.LEFT), crossing(Kind.ENTERED, name="SQL")], "top"),
        ([crossing(Kind.ENTERED)], None),
    ],
)
def test_it_is_known_which_skill_had_left_a_list_by_what_was_last_told_of_it(
    stage: Stage, told: list[Line], left: str | None
) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    (head,) = Reader(stage.database).heads()
    known: dict[tuple[int, str], Baseline] = {}
    for hour, line in enumerate(told):
        at, digest = MORNING + hour * HOUR, about(head, line)
        stage.outbox.mark_sent(stage.queue(digest, at), at, "")
        known |= heard_of(digest, [*digest.groups[0].lines], at, known)
    baseline = stage.outbox.told("weekly", CHANNEL)[head.subject_id, "skills/Java"]
    assert baseline.left == left
    assert known[head.subject_id, "skills/Java"].left == left


def test_what_was_never_sent_has_not_told_that_a_skill_left(stage: Stage) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    (head,) = Reader(stage.database).heads()
    for hour, kind in enumerate((Kind.MOVED, Kind.LEFT)):
        delivery_id = stage.queue(about(head, crossing(kind)), MORNING + hour * HOUR)
        if kind is Kind.MOVED:
            stage.outbox.mark_sent(delivery_id, MORNING, "")
    assert stage.outbox.told("weekly", CHANNEL)[head.subject_id, "skills/Java"].left is None


def test_before_lists_were_named_who_had_left_had_left_the_top_list(stage: Stage) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    (head,) = Reader(stage.database).heads()
    stage.outbox.mark_sent(stage.queue(about(head, crossing(Kind.LEFT, None)), MORNING), MORNING, "")
    assert stage.outbox.told("weekly", CHANNEL)[head.subject_id, "skills/Java"].left == "top"
