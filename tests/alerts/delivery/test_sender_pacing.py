"""One message a second for each kind of channel that asks for it; who asks to be left alone is left alone by all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pytest_httpserver import HTTPServer

from alerts.config import SlackChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.outbox import OutboxEntry
from alerts.delivery.sender import deliver_due
from alerts.model.delivery import Delivery, DeliveryState
from jobspider.store.database import Database
from tests.support.digest_factories import ENVELOPE
from tests.support.digest_scenarios import MORNING, NORTH_WEST, DigestScenario, Letterbox, content

HOOK = "/services/T000/B000/abcdefghijklmnop"


@dataclass
class Watch:
    """A clock that only waiting moves."""

    now: datetime = MORNING
    waited: list[float] = field(default_factory=list)

    def read(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: content()})
        yield stage


def slack(server: HTTPServer, name: str) -> Channel:
    variable = f"JOBSPIDER_{name.upper()}_WEBHOOK_URL"
    return open_channel(SlackChannel(type="slack", name=name), Path("unused"), {variable: server.url_for(HOOK)})


def queue(stage: DigestScenario, channels: Mapping[str, Channel], count: int) -> None:
    digest = stage.edition(MORNING)
    for number in range(count):
        orders = [OutboxEntry(name, digest, channel.render(digest, ENVELOPE)) for name, channel in channels.items()]
        stage.outbox.queue(f"digest-{number}", "today", MORNING, orders)


def deliver(stage: DigestScenario, channels: Mapping[str, Channel], watch: Watch) -> tuple[Delivery, ...]:
    return deliver_due(stage.outbox, channels, watch.read, Random(1), watch.wait)  # noqa: S311 - spreads pauses only


def test_slack_is_posted_to_once_a_second_whatever_the_channel_is_called(
    stage: DigestScenario, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(HOOK).respond_with_data("ok")
    channels = {name: slack(httpserver, name) for name in ("slack", "other")}
    queue(stage, channels, 2)
    watch = Watch()
    assert {each.state for each in deliver(stage, channels, watch)} == {DeliveryState.SENT}
    assert watch.waited == [1.0, 1.0, 1.0]
    assert len(httpserver.log) == 4


def test_other_channels_are_not_waited_for(stage: DigestScenario, tmp_path: Path) -> None:
    box = Letterbox(tmp_path / "letters")
    queue(stage, {box.name: box}, 3)
    watch = Watch()
    deliver(stage, {box.name: box}, watch)
    assert watch.waited == []
    assert len(box.letters()) == 3


def test_who_asks_to_be_left_alone_is_left_alone_by_every_delivery_of_the_channel(
    stage: DigestScenario, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request(HOOK).respond_with_data("rate_limited", status=429, headers={"Retry-After": "30"})
    box = Letterbox(tmp_path / "letters")
    channels: dict[str, Channel] = {"slack": slack(httpserver, "slack"), box.name: box}
    queue(stage, channels, 2)
    watch = Watch()
    deliver(stage, channels, watch)
    assert len(httpserver.log) == 1
    assert len(box.letters()) == 2
    waiting = [each for each in stage.outbox.deliveries() if each.channel == "slack"]
    assert {each.due_at for each in waiting} == {MORNING + timedelta(seconds=30)}
    httpserver.clear()
    httpserver.expect_request(HOOK).respond_with_data("ok")
    assert deliver(stage, channels, Watch(MORNING + timedelta(seconds=29))) == ()
    assert [each.state for each in deliver(stage, channels, Watch(MORNING + timedelta(seconds=30)))] == [
        DeliveryState.SENT
    ] * 2


def test_an_answer_that_stays_out_makes_a_possible_repeat(stage: DigestScenario, httpserver: HTTPServer) -> None:
    httpserver.expect_request(HOOK).respond_with_data(b"\xff", status=200, content_type="text/plain; charset=utf-8")
    channels = {"slack": slack(httpserver, "slack")}
    queue(stage, channels, 1)
    (waiting,) = deliver(stage, channels, Watch())
    assert waiting.state is DeliveryState.AMBIGUOUS
    httpserver.clear()
    httpserver.expect_request(HOOK).respond_with_data("ok")
    deliver(stage, channels, Watch(waiting.due_at))
    ((request, _),) = httpserver.log
    assert "Possible repeat" in request.get_json()["text"]
