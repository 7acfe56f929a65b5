"""What the outbox knows of skills that were told to have left a list."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.digests.backtest import baselines_after
from alerts.model.changes import AssessedChange, Baseline, ChangeKind, Digest, SubjectSection
from alerts.model.topics import Topic
from jobspider.model import SnapshotInfo
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support import digest_factories
from tests.support.digest_scenarios import CHANNEL, HOUR, MORNING, NORTH_WEST, DigestScenario, content


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def crossing(kind: ChangeKind, list_name: str = "top", name: str = "Java") -> AssessedChange:
    return digest_factories.line(digest_factories.skill(name, kind, list_name=list_name))


def about(head: SnapshotInfo, line: AssessedChange) -> Digest:
    """Return a digest that tells this of a subject."""
    told = replace(line, change=replace(line.change, snapshot=head))
    return replace(digest_factories.quiet(), groups=(SubjectSection(head, (told,)),))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ([crossing(ChangeKind.LEFT, "Vendors")], "Vendors"),
        ([crossing(ChangeKind.LEFT, "Vendors"), crossing(ChangeKind.MOVED)], "Vendors"),
        ([crossing(ChangeKind.LEFT), crossing(ChangeKind.RETURNED)], None),
        ([crossing(ChangeKind.ENTERED), crossing(ChangeKind.LEFT)], "top"),
        ([crossing(ChangeKind.LEFT), crossing(ChangeKind.ENTERED, name="SQL")], "top"),
        ([crossing(ChangeKind.ENTERED)], None),
    ],
)
def test_it_is_known_which_skill_had_left_a_list_by_what_was_last_told_of_it(
    stage: DigestScenario, told: list[AssessedChange], left: str | None
) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    (head,) = Reader(stage.database).latest_snapshots()
    known: dict[tuple[int, Topic], Baseline] = {}
    for hour, line in enumerate(told):
        at, digest = MORNING + hour * HOUR, about(head, line)
        stage.outbox.mark_sent(stage.queue(digest, at), at, "")
        known |= baselines_after(digest, [*digest.groups[0].lines], at, known)
    baseline = stage.outbox.baselines("weekly", CHANNEL)[head.subject_id, Topic("skills/Java")]
    assert baseline.left_list == left
    assert known[head.subject_id, Topic("skills/Java")].left_list == left


def test_what_was_never_sent_has_not_told_that_a_skill_left(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: content()})
    (head,) = Reader(stage.database).latest_snapshots()
    for hour, kind in enumerate((ChangeKind.MOVED, ChangeKind.LEFT)):
        delivery_id = stage.queue(about(head, crossing(kind)), MORNING + hour * HOUR)
        if kind is ChangeKind.MOVED:
            stage.outbox.mark_sent(delivery_id, MORNING, "")
    assert stage.outbox.baselines("weekly", CHANNEL)[head.subject_id, Topic("skills/Java")].left_list is None
