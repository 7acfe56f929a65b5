"""What a person may do to deliveries that wait or were given up."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from alerts.delivery.outbox import GIVE_UP_AFTER
from alerts.model.delivery import Delivery, DeliveryState
from jobspider.store.database import Database
from tests.support.digest_scenarios import DAY, HOUR, MORNING, NORTH_WEST, WEEK, DigestScenario, content

NOON = MORNING + 6 * HOUR
WAITING = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.AMBIGUOUS)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: content()})
        yield stage


def in_state(stage: DigestScenario, state: DeliveryState, at: datetime = NOON) -> Delivery:
    delivery_id = stage.queue(stage.edition(at), at)
    delivery = stage.outbox.delivery(delivery_id)
    assert delivery is not None
    if state is not DeliveryState.PENDING:
        assert stage.outbox.lease(delivery, at, HOUR)
    if state is DeliveryState.SENT:
        stage.outbox.mark_sent(delivery_id, at, "")
    elif state is DeliveryState.DEAD:
        stage.outbox.mark_dead(delivery_id, "refused")
    elif state in (DeliveryState.RETRY, DeliveryState.AMBIGUOUS):
        repeat = state is DeliveryState.AMBIGUOUS
        stage.outbox.mark_retry(delivery_id, at + DAY, "timed out", possible_repeat=repeat)
    return now(stage, delivery_id)


def now(stage: DigestScenario, delivery_id: int) -> Delivery:
    found = stage.outbox.delivery(delivery_id)
    assert found is not None
    return found


@pytest.mark.parametrize("state", [*WAITING, DeliveryState.DEAD])
def test_what_waits_or_was_given_up_can_be_tried_again_at_once(stage: DigestScenario, state: DeliveryState) -> None:
    delivery = in_state(stage, state)
    later = NOON + WEEK
    assert stage.outbox.retry_now(delivery, later)
    found = now(stage, delivery.delivery_id)
    assert found.state is (state if state is DeliveryState.AMBIGUOUS else DeliveryState.RETRY)
    assert (found.due_at, found.deadline_at) == (later, later + GIVE_UP_AFTER)
    assert stage.outbox.due(later) == (found,)


@pytest.mark.parametrize("state", [*WAITING, DeliveryState.DEAD])
def test_what_was_cancelled_is_not_sent_and_its_news_comes_with_the_next(
    stage: DigestScenario, state: DeliveryState
) -> None:
    delivery = in_state(stage, state)
    assert stage.outbox.cancel(delivery)
    assert now(stage, delivery.delivery_id).state is DeliveryState.CANCELLED
    assert stage.outbox.due(NOON + WEEK) == ()
    assert stage.outbox.informed_until("weekly", "folder") is None
    assert stage.edition(NOON + DAY).watching


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.SENT])
def test_what_is_under_way_or_over_is_left_as_it_is(stage: DigestScenario, state: DeliveryState) -> None:
    delivery = in_state(stage, state)
    assert not stage.outbox.retry_now(delivery, NOON)
    assert not stage.outbox.cancel(delivery)
    assert now(stage, delivery.delivery_id) == delivery


def test_what_was_sent_meanwhile_is_not_tried_again(stage: DigestScenario) -> None:
    seen = in_state(stage, DeliveryState.RETRY)
    assert stage.outbox.lease(seen, NOON + DAY, HOUR)
    stage.outbox.mark_sent(seen.delivery_id, NOON + DAY, "")
    assert not stage.outbox.retry_now(seen, NOON + DAY)
    assert not stage.outbox.cancel(seen)


def test_the_newest_delivery_of_each_recipient_is_known(stage: DigestScenario) -> None:
    older = in_state(stage, DeliveryState.DEAD)
    newer = in_state(stage, DeliveryState.RETRY, NOON + DAY)
    other = stage.queue(stage.edition(NOON + DAY, "mail"), NOON + DAY, "mail")
    assert [each.delivery_id for each in stage.outbox.newest()] == [newer.delivery_id, other]
    assert now(stage, older.delivery_id).state is DeliveryState.DEAD
    assert stage.outbox.delivery(99) is None


def test_the_last_occasion_of_a_digest_is_known(stage: DigestScenario) -> None:
    assert stage.outbox.last_occasion("weekly") is None
    stage.outbox.queue("weekly", "monday", NOON, [])
    stage.outbox.queue("weekly", "tuesday", NOON, [])
    assert stage.outbox.last_occasion("weekly") == "tuesday"


def test_a_channel_is_left_alone_by_what_waits_and_not_sooner_than_planned(stage: DigestScenario) -> None:
    until = NOON + 2 * HOUR
    waiting = in_state(stage, DeliveryState.RETRY)
    pending = stage.queue(stage.edition(NOON, "folder"), NOON + HOUR)
    stage.outbox.pause_channel("folder", until)
    assert now(stage, pending).due_at == until
    assert now(stage, waiting.delivery_id).state is DeliveryState.SUPERSEDED
    stage.outbox.pause_channel("folder", NOON)
    stage.outbox.pause_channel("mail", NOON + WEEK)
    assert now(stage, pending).due_at == until
