import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from alerts.delivery.outbox import GIVE_UP_AFTER, Outbox, OutboxEntry
from alerts.model.delivery import Delivery, DeliveryState
from jobspider.errors import StoreError
from jobspider.store.database import Database
from tests.support.digest_scenarios import (
    CHANNEL,
    DAY,
    HOUR,
    MORNING,
    NORTH_WEST,
    WEEK,
    DigestScenario,
    Letterbox,
    content,
)

ROOT = Path(__file__).parents[3]
NOON = MORNING + 6 * HOUR
TOPICS = {"pay/annual", "rank", "vacancies", "skills"}
OPEN = [DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.AMBIGUOUS, DeliveryState.SENDING]
CLOSED = [DeliveryState.SENT, DeliveryState.DEAD]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture
def stage(path: Path) -> Iterator[DigestScenario]:
    with Database.open(path) as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: content()})
        yield stage


def only(outbox: Outbox) -> Delivery:
    (delivery,) = outbox.deliveries()
    return delivery


def queued(stage: DigestScenario, at: datetime = NOON, channel: str = CHANNEL) -> Delivery:
    delivery_id = stage.queue(stage.edition(at, channel), at, channel)
    return next(each for each in stage.outbox.deliveries() if each.delivery_id == delivery_id)


def leased(stage: DigestScenario, at: datetime = NOON, channel: str = CHANNEL) -> Delivery:
    delivery = queued(stage, at, channel)
    assert stage.outbox.lease(delivery, at, HOUR)
    return delivery


def bring_to(stage: DigestScenario, delivery: Delivery, state: DeliveryState, at: datetime = NOON) -> None:
    """Take a pending delivery to another state by the doors that lead there."""
    if state is DeliveryState.PENDING:
        return
    assert stage.outbox.lease(delivery, at, HOUR)
    if state is DeliveryState.SENT:
        stage.outbox.mark_sent(delivery.delivery_id, at, "")
    elif state is DeliveryState.DEAD:
        stage.outbox.mark_dead(delivery.delivery_id, "refused")
    elif state is not DeliveryState.SENDING:
        repeat = state is DeliveryState.AMBIGUOUS
        stage.outbox.mark_retry(delivery.delivery_id, at, "timed out", possible_repeat=repeat)


def test_a_queued_digest_waits_with_its_payload(stage: DigestScenario) -> None:
    delivery = queued(stage)
    assert (delivery.state, delivery.attempts, delivery.payload) == (DeliveryState.PENDING, 0, b"a digest")
    assert (delivery.digest_name, delivery.channel) == ("weekly", CHANNEL)
    assert (delivery.created_at, delivery.due_at, delivery.deadline_at) == (NOON, NOON, NOON + GIVE_UP_AFTER)
    assert stage.outbox.due(NOON) == (delivery,)
    assert stage.outbox.due(NOON - HOUR) == ()


def test_told_moves_with_sent_and_not_before(stage: DigestScenario) -> None:
    delivery = leased(stage)
    assert stage.outbox.baselines("weekly", CHANNEL) == {}
    stage.outbox.mark_sent(delivery.delivery_id, NOON + HOUR, "refused: nobody@example.org")
    told = stage.outbox.baselines("weekly", CHANNEL)
    assert {topic for _, topic in told} == TOPICS
    assert {(each.as_of, each.notified_at) for each in told.values()} == {(MORNING.date(), NOON + HOUR)}
    sent = only(stage.outbox)
    assert (sent.state, sent.sent_at, sent.reason) == (DeliveryState.SENT, NOON + HOUR, "refused: nobody@example.org")


@pytest.mark.parametrize("state", [*OPEN, DeliveryState.DEAD])
def test_told_does_not_move_without_sent(stage: DigestScenario, state: DeliveryState) -> None:
    bring_to(stage, queued(stage), state)
    assert stage.outbox.baselines("weekly", CHANNEL) == {}


def test_told_moves_for_the_topics_of_the_digest_alone(stage: DigestScenario) -> None:
    stage.tell(NOON)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=400, median=61_000)})
    stage.tell(NOON + WEEK)
    dates = {str(topic): each.as_of for (_, topic), each in stage.outbox.baselines("weekly", CHANNEL).items()}
    assert dates["vacancies"] == (MORNING + WEEK).date()
    assert (dates["pay/annual"], dates["rank"]) == (MORNING.date(), MORNING.date())


def test_what_is_nearly_there_or_held_back_is_kept_and_not_told(stage: DigestScenario) -> None:
    stage.tell(NOON)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(median=62_500, rank=100)})
    stage.tell(NOON + WEEK)
    rows = stage.database.rows(
        "SELECT statistic, old, new, standing FROM changes WHERE kind = 'moved' ORDER BY statistic"
    )
    assert rows == [("median", 60_000, 62_500, "held back"), ("rank", 150, 100, "held back")]
    assert {each.as_of for each in stage.outbox.baselines("weekly", CHANNEL).values()} == {MORNING.date()}


def test_one_recipient_is_told_and_the_other_is_not(stage: DigestScenario) -> None:
    digest = stage.edition(NOON)
    stage.outbox.queue("weekly", "monday", NOON, [OutboxEntry(name, digest, b"") for name in (CHANNEL, "slack")])
    first, second = stage.outbox.due(NOON)
    stage.outbox.mark_sent(first.delivery_id, NOON, "")
    stage.outbox.mark_retry(second.delivery_id, NOON + HOUR, "timed out", possible_repeat=False)
    assert {topic for _, topic in stage.outbox.baselines("weekly", CHANNEL)} == TOPICS
    assert stage.outbox.baselines("weekly", "slack") == {}
    assert stage.outbox.baselines("daily", CHANNEL) == {}


# One occasion


def test_the_same_occasion_cannot_be_queued_twice(stage: DigestScenario) -> None:
    orders = [OutboxEntry(CHANNEL, stage.edition(NOON), b"first")]
    stage.outbox.queue("weekly", "monday", NOON, orders)
    with pytest.raises(StoreError):
        stage.outbox.queue("weekly", "monday", NOON, [OutboxEntry(CHANNEL, stage.edition(NOON), b"second")])
    delivery = only(stage.outbox)
    assert (delivery.state, delivery.payload) == (DeliveryState.PENDING, b"first")
    stage.outbox.queue("daily", "monday", NOON, orders)


def test_an_occasion_with_nothing_to_send_was_still_dealt_with(stage: DigestScenario) -> None:
    assert not stage.outbox.is_queued("weekly", "monday")
    stage.outbox.queue("weekly", "monday", NOON, [])
    assert stage.outbox.is_queued("weekly", "monday")
    assert not stage.outbox.is_queued("weekly", "tuesday")
    assert not stage.outbox.is_queued("daily", "monday")
    assert stage.outbox.deliveries() == ()


def test_a_digest_that_cannot_be_queued_whole_is_not_queued_at_all(stage: DigestScenario) -> None:
    waiting = queued(stage)
    digest = stage.edition(NOON)
    twice = [
        OutboxEntry(CHANNEL, digest, b"one"),
        OutboxEntry("slack", digest, b"two"),
        OutboxEntry("slack", digest, b"three"),
    ]
    with pytest.raises(StoreError):
        stage.outbox.queue("weekly", "tuesday", NOON + DAY, twice)
    assert stage.outbox.deliveries() == (waiting,)
    assert not stage.outbox.is_queued("weekly", "tuesday")


# Superseding


@pytest.mark.parametrize("state", OPEN)
def test_a_newer_digest_supersedes_one_that_is_not_sent(stage: DigestScenario, state: DeliveryState) -> None:
    bring_to(stage, queued(stage), state)
    newer = queued(stage, NOON + DAY)
    states = {delivery.delivery_id: delivery.state for delivery in stage.outbox.deliveries()}
    assert set(states.values()) == {DeliveryState.SUPERSEDED, DeliveryState.PENDING}
    assert stage.outbox.due(NOON + WEEK) == (newer,)
    assert stage.outbox.expire_leases(NOON + WEEK) == 0


@pytest.mark.parametrize("state", CLOSED)
def test_what_is_over_is_not_superseded(stage: DigestScenario, state: DeliveryState) -> None:
    delivery = queued(stage)
    bring_to(stage, delivery, state)
    queued(stage, NOON + DAY)
    assert [each.state for each in stage.outbox.deliveries() if each.delivery_id == delivery.delivery_id] == [state]


@pytest.mark.parametrize("state", OPEN)
def test_news_that_is_over_is_not_sent_unless_it_may_have_arrived(stage: DigestScenario, state: DeliveryState) -> None:
    bring_to(stage, queued(stage), state)
    stage.outbox.queue("weekly", "tuesday", NOON + DAY, [], quiet=[CHANNEL])
    may_have_arrived = state in (DeliveryState.SENDING, DeliveryState.AMBIGUOUS)
    assert only(stage.outbox).state is (state if may_have_arrived else DeliveryState.SUPERSEDED)


def test_news_that_is_over_leaves_other_channels_and_other_digests_alone(stage: DigestScenario) -> None:
    queued(stage)
    stage.outbox.queue("weekly", "tuesday", NOON + DAY, [], quiet=["slack"])
    stage.outbox.queue("daily", "tuesday", NOON + DAY, [], quiet=[CHANNEL])
    assert only(stage.outbox).state is DeliveryState.PENDING


def test_a_newer_digest_leaves_other_channels_and_other_digests_alone(stage: DigestScenario) -> None:
    digest = stage.edition(NOON)
    stage.outbox.queue("weekly", "monday", NOON, [OutboxEntry("slack", digest, b"")])
    stage.outbox.queue("daily", "monday", NOON, [OutboxEntry(CHANNEL, digest, b"")])
    stage.outbox.queue("weekly", "tuesday", NOON + DAY, [OutboxEntry(CHANNEL, digest, b"")])
    assert {delivery.state for delivery in stage.outbox.deliveries()} == {DeliveryState.PENDING}


def test_a_superseded_digest_that_was_sent_all_the_same_has_been_told(stage: DigestScenario) -> None:
    older = leased(stage)
    queued(stage, NOON + DAY)
    stage.outbox.mark_sent(older.delivery_id, NOON + DAY, "")
    states = [delivery.state for delivery in stage.outbox.deliveries()]
    assert states == [DeliveryState.PENDING, DeliveryState.SENT]
    assert {topic for _, topic in stage.outbox.baselines("weekly", CHANNEL)} == TOPICS


@pytest.mark.parametrize("ends", ["retry", "dead"])
def test_a_superseded_digest_that_fails_does_not_come_back(stage: DigestScenario, ends: str) -> None:
    older = leased(stage)
    newer = queued(stage, NOON + DAY)
    if ends == "retry":
        stage.outbox.mark_retry(older.delivery_id, NOON + DAY, "timed out", possible_repeat=False)
    else:
        stage.outbox.mark_dead(older.delivery_id, "refused")
    assert stage.outbox.due(NOON + WEEK) == (newer,)
    assert stage.outbox.deliveries()[1].state is DeliveryState.SUPERSEDED


def test_older_news_that_comes_in_late_does_not_take_back_newer_news(stage: DigestScenario) -> None:
    stage.tell(NOON)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: content(vacancies=400)})
    late = leased(stage, NOON + WEEK)
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: content(vacancies=700)})
    stage.tell(NOON + 2 * WEEK)
    stage.outbox.mark_sent(late.delivery_id, NOON + 3 * WEEK, "")
    told = {str(topic): each for (_, topic), each in stage.outbox.baselines("weekly", CHANNEL).items()}
    assert (told["vacancies"].as_of, told["vacancies"].notified_at) == ((MORNING + 2 * WEEK).date(), NOON + 2 * WEEK)


# Leases


def test_a_delivery_is_leased_once(stage: DigestScenario) -> None:
    delivery = leased(stage)
    assert not stage.outbox.lease(delivery, NOON, HOUR)
    assert (only(stage.outbox).state, only(stage.outbox).attempts) == (DeliveryState.SENDING, 1)
    assert stage.outbox.due(NOON + WEEK) == ()


@pytest.mark.parametrize("state", [*CLOSED, DeliveryState.SENDING])
def test_what_is_over_or_under_way_cannot_be_leased(stage: DigestScenario, state: DeliveryState) -> None:
    bring_to(stage, queued(stage), state)
    assert not stage.outbox.lease(only(stage.outbox), NOON + DAY, HOUR)


def test_a_delivery_that_another_process_has_tried_meanwhile_is_not_tried_before_its_time(
    stage: DigestScenario,
) -> None:
    seen = queued(stage)
    assert stage.outbox.lease(seen, NOON, HOUR)
    stage.outbox.mark_retry(seen.delivery_id, NOON + DAY, "429", possible_repeat=False)
    assert not stage.outbox.lease(seen, NOON, HOUR)
    assert stage.outbox.due(NOON + DAY - HOUR) == ()
    (due,) = stage.outbox.due(NOON + DAY)
    assert stage.outbox.lease(due, NOON + DAY, HOUR)


def test_a_lease_that_runs_out_leaves_a_delivery_of_which_nobody_knows_whether_it_was_made(
    stage: DigestScenario,
) -> None:
    leased(stage)
    before = NOON + HOUR - HOUR / 3600
    assert stage.outbox.expire_leases(before) == 0
    assert only(stage.outbox).state is DeliveryState.SENDING
    assert stage.outbox.expire_leases(NOON + HOUR) == 1
    delivery = only(stage.outbox)
    assert (delivery.state, delivery.due_at, delivery.reason) == (
        DeliveryState.AMBIGUOUS,
        NOON + HOUR,
        "sending was cut off",
    )
    assert stage.outbox.due(NOON + HOUR) == (delivery,)
    assert stage.outbox.expire_leases(NOON + DAY) == 0


def test_a_retry_waits_until_it_is_due(stage: DigestScenario) -> None:
    delivery = leased(stage)
    stage.outbox.mark_retry(delivery.delivery_id, NOON + DAY, "no answer", possible_repeat=False)
    found = only(stage.outbox)
    assert (found.state, found.due_at, found.reason) == (DeliveryState.RETRY, NOON + DAY, "no answer")
    assert stage.outbox.due(NOON + DAY - HOUR) == ()
    assert stage.outbox.due(NOON + DAY) == (found,)


# When everything has been heard


def heard(stage: DigestScenario, channel: str = CHANNEL) -> datetime | None:
    return stage.outbox.informed_until("weekly", channel)


def test_who_was_never_sent_anything_has_heard_nothing(stage: DigestScenario) -> None:
    assert heard(stage) is None
    stage.outbox.queue("weekly", "monday", NOON, [])
    assert heard(stage) is None


@pytest.mark.parametrize("state", [*OPEN, DeliveryState.DEAD])
def test_a_digest_that_was_not_sent_was_not_heard(stage: DigestScenario, state: DeliveryState) -> None:
    stage.tell(NOON)
    bring_to(stage, queued(stage, NOON + DAY), state)
    assert heard(stage) == NOON


def test_a_digest_is_heard_as_of_when_it_was_made_not_of_when_it_came_through(stage: DigestScenario) -> None:
    delivery = leased(stage)
    stage.outbox.mark_sent(delivery.delivery_id, NOON + DAY, "")
    assert heard(stage) == NOON


def test_a_digest_that_held_nothing_for_a_recipient_counts_as_heard(stage: DigestScenario) -> None:
    stage.tell(NOON)
    stage.outbox.queue("weekly", "tuesday", NOON + DAY, [])
    assert heard(stage) == NOON + DAY
    assert heard(stage, "slack") is None


# Without writing


def test_a_database_without_digests_that_is_only_read_has_an_empty_outbox(path: Path) -> None:
    Database.open(path).close()
    with Database.open(path, read_only=True) as database:
        outbox = Outbox(database)
        assert (outbox.deliveries(), outbox.due(NOON), outbox.baselines("weekly", CHANNEL)) == ((), (), {})
        assert (outbox.informed_until("weekly", CHANNEL), outbox.is_queued("weekly", "monday")) == (None, False)
        assert database.rows("SELECT 1 FROM sqlite_master WHERE name = 'told'") == []


def test_an_outbox_that_is_only_read_says_what_is_in_it(path: Path, stage: DigestScenario) -> None:
    delivery = queued(stage)
    with Database.open(path, read_only=True) as database:
        assert Outbox(database).deliveries() == (delivery,)


# Crashes and races, in real processes

PREPARED = """
import os, sys
from datetime import timedelta
from pathlib import Path
from random import Random
from alerts.delivery.sender import deliver_due
from alerts.delivery.outbox import OutboxEntry
from jobspider.store.database import Database
from tests.support.digest_scenarios import CHANNEL, HOUR, MORNING, NORTH_WEST, Letterbox, DigestScenario, content

root = Path(sys.argv[1])
NOON = MORNING + 6 * HOUR
"""
DYING = (
    PREPARED
    + """
def cycle(folder, dies_at):
    done = 0

    def step(statement=None):
        nonlocal done
        done += 1
        if done == dies_at:
            os._exit(9)

    with Database.open(folder / "jobs.db") as database:
        stage = DigestScenario(database)
        database.connection.set_trace_callback(step)
        stage.queue(stage.edition(NOON), NOON, payload=b"news")
        letterbox = Letterbox(folder / "letters", step)
        deliver_due(stage.outbox, {CHANNEL: letterbox}, lambda: NOON, Random(1))

for dies_at in range(1, 1000):
    folder = root / str(dies_at)
    folder.mkdir()
    with Database.open(folder / "jobs.db") as database:
        DigestScenario(database).crawl(MORNING, {NORTH_WEST: content()})
    child = os.fork()
    if not child:
        cycle(folder, dies_at)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 9:
        break
    print(dies_at, flush=True)
"""
)
RACING = (
    PREPARED
    + """
waiting, go = os.pipe()
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        os.close(go)
        os.read(waiting, 1)
        with Database.open(root / "jobs.db") as database:
            letterbox = Letterbox(root / "letters")
            sent = deliver_due(DigestScenario(database).outbox, {CHANNEL: letterbox}, lambda: NOON, Random(1))
        os._exit(0)
    children.append(child)
os.close(go)
for child in children:
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
)


def run(program: str, folder: Path) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", program, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def state_of(database: Database) -> tuple[set[DeliveryState], bool]:
    """Return the states of all deliveries, and whether anything was told."""
    outbox = Outbox(database)
    return {delivery.state for delivery in outbox.deliveries()}, bool(outbox.baselines("weekly", CHANNEL))


def next_cycle(folder: Path) -> None:
    """Do what the next run does: queue the digest if that was not done, deliver what is due."""
    later = NOON + HOUR
    with Database.open(folder / "jobs.db") as database:
        stage = DigestScenario(database)
        if not stage.outbox.is_queued("weekly", f"{CHANNEL} at {NOON}"):
            stage.queue(stage.edition(NOON), NOON, payload=b"news")
        Letterbox(folder / "letters").deliver(stage.outbox, later)


def test_wherever_a_process_dies_nothing_is_lost_and_at_most_one_message_comes_twice(tmp_path: Path) -> None:
    deaths = run(DYING, tmp_path)
    assert len(deaths) > 20
    seen = set()
    for death in deaths:
        folder = tmp_path / str(death)
        with Database.open(folder / "jobs.db") as database:
            assert database.rows("PRAGMA integrity_check") == [("ok",)]
            assert database.rows("PRAGMA foreign_key_check") == []
            states, was_told = state_of(database)
        before = Letterbox(folder / "letters").letters()
        assert was_told == (states == {DeliveryState.SENT})
        assert len(before) <= 1
        assert before or not was_told
        seen.add((*states, len(before)))
        next_cycle(folder)
        with Database.open(folder / "jobs.db") as database:
            assert state_of(database) == ({DeliveryState.SENT}, True)
            assert {topic for _, topic in Outbox(database).baselines("weekly", CHANNEL)} == TOPICS
        letters = Letterbox(folder / "letters").letters()
        assert 1 <= len(letters) <= 2
        assert {message for message, _ in letters} == {"news"}
        assert [is_repeat for _, is_repeat in letters[1:]] == [True] * (len(letters) - 1)
    assert seen == {
        (0,),
        (DeliveryState.PENDING, 0),
        (DeliveryState.SENDING, 0),
        (DeliveryState.SENDING, 1),
        (DeliveryState.SENT, 1),
    }


def test_processes_that_deliver_at_once_send_each_message_once(tmp_path: Path) -> None:
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: content()})
        digest = stage.edition(NOON)
        names = {f"digest {number}" for number in range(12)}
        for name in names:
            stage.outbox.queue(name, "monday", NOON, [OutboxEntry(CHANNEL, digest, name.encode())])
    assert run(RACING, tmp_path) == [0, 0, 0, 0]
    letters = [message for message, _ in Letterbox(tmp_path / "letters").letters()]
    assert sorted(letters) == sorted(names)
    with Database.open(tmp_path / "jobs.db") as database:
        deliveries = Outbox(database).deliveries()
    assert {(delivery.state, delivery.attempts) for delivery in deliveries} == {(DeliveryState.SENT, 1)}
