from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from alerts.config import EmailChannel, FileChannel, SlackChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.outbox import GIVE_UP_AFTER, OutboxEntry
from alerts.delivery.sender import LEASE, backoff, deliver_due
from alerts.model.changes import Digest
from alerts.model.delivery import Delivery, DeliveryState, MessageMetadata
from alerts.service.notices import NOTIFY_AFTER, due_notices
from jobspider.store.database import Database
from tests.support.digest_factories import ENVELOPE
from tests.support.digest_scenarios import DAY, HOUR, MORNING, NORTH_WEST, DigestScenario, Letterbox, content
from tests.support.mail_server import Manners, serving

NOON = MORNING + 6 * HOUR
MINUTE = timedelta(minutes=1)
HOOK = "/services/T000/B000/abcdefghijklmnop"
SECRET = {"JOBSPIDER_SLACK_WEBHOOK_URL": "http://127.0.0.1:9" + HOOK}


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


@pytest.fixture
def letterbox(tmp_path: Path) -> Letterbox:
    return Letterbox(tmp_path / "letters")


class Broken:
    """A way out with a fault, whose text holds what nobody may see."""

    name = "broken"
    min_interval_seconds = 0.0

    def render(self, digest: Digest, envelope: MessageMetadata) -> bytes:
        return f"{digest.headline} {envelope.message_id}".encode()

    def send(self, payload: bytes, *, now: datetime, possible_repeat: bool) -> str:
        raise ZeroDivisionError(f"{SECRET} {payload!r} {now} {possible_repeat}")


def slack(environ: dict[str, str]) -> Channel:
    return open_channel(SlackChannel(type="slack", name="slack", timeout_seconds=5.0), Path("unused"), environ)


def mail(port: int, *to: str, user: str = "", environ: dict[str, str] | None = None) -> Channel:
    config = EmailChannel.model_validate(
        {
            "type": "email",
            "name": "mail",
            "to": list(to) or ["team@example.org"],
            "from": "jobs@example.org",
            "smtp": f"smtp://{user}127.0.0.1:{port}",
            "timeout_seconds": 5.0,
        }
    )
    return open_channel(config, Path("unused"), environ or {})


def hook(server: HTTPServer, status: int = 200, said: str = "ok", **headers: str) -> Channel:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    server.clear()
    server.expect_request(HOOK).respond_with_data(said, status=status, headers=named)
    return slack({"JOBSPIDER_SLACK_WEBHOOK_URL": server.url_for(HOOK)})


def queue(stage: DigestScenario, *channels: Channel, at: datetime = NOON) -> None:
    digest = stage.edition(at)
    orders = [OutboxEntry(channel.name, digest, channel.render(digest, ENVELOPE)) for channel in channels]
    stage.outbox.queue("weekly", at.isoformat(), at, orders)


def deliver(stage: DigestScenario, *channels: Channel, at: datetime = NOON) -> dict[str, Delivery]:
    tried = deliver_due(stage.outbox, {channel.name: channel for channel in channels}, lambda: at, seeded())
    return {delivery.channel: delivery for delivery in tried}


def seeded() -> Random:
    return Random(1)  # noqa: S311 - spreads pauses, guards nothing


def test_a_mail_that_the_server_takes_is_sent_and_told(stage: DigestScenario) -> None:
    with serving(manners := Manners()) as port:
        queue(stage, mail(port))
        sent = deliver(stage, mail(port))["mail"]
    assert (sent.state, sent.sent_at, sent.attempts, sent.reason) == (DeliveryState.SENT, NOON, 1, "")
    assert [envelope.rcpt_tos for envelope in manners.received] == [["team@example.org"]]
    assert stage.outbox.baselines("weekly", "mail")


def test_recipients_who_were_refused_are_remarked_upon(stage: DigestScenario) -> None:
    with serving(Manners(recipients={"gone@example.org": "550 no such user"})) as port:
        channel = mail(port, "team@example.org", "gone@example.org")
        queue(stage, channel)
        sent = deliver(stage, channel)["mail"]
    assert sent.state is DeliveryState.SENT
    assert "gone@example.org" in sent.reason


def test_a_mail_that_is_refused_for_good_is_dead_and_not_told(stage: DigestScenario) -> None:
    with serving(Manners(data="554 no thanks")) as port:
        queue(stage, mail(port))
        dead = deliver(stage, mail(port))["mail"]
        assert deliver(stage, mail(port), at=NOON + DAY) == {}
    assert dead.state is DeliveryState.DEAD
    assert "554" in dead.reason
    assert stage.outbox.baselines("weekly", "mail") == {}


def test_a_mail_that_is_refused_for_now_comes_later_under_the_same_message_id(stage: DigestScenario) -> None:
    with serving(manners := Manners(data="451 later")) as port:
        queue(stage, mail(port))
        waiting = deliver(stage, mail(port))["mail"]
        assert waiting.state is DeliveryState.RETRY
        assert NOON + MINUTE / 2 <= waiting.due_at <= NOON + MINUTE
        assert deliver(stage, mail(port), at=NOON) == {}
        manners.data = "250 OK"
        assert deliver(stage, mail(port), at=waiting.due_at)["mail"].state is DeliveryState.SENT
    (envelope,) = manners.received
    assert isinstance(envelope.content, bytes)
    assert message_from_bytes(envelope.content)["Message-ID"] == ENVELOPE.message_id


def test_a_digest_in_a_folder_is_delivered(stage: DigestScenario, tmp_path: Path) -> None:
    channel = open_channel(FileChannel(type="file", name="folder", path="out"), tmp_path, {})
    queue(stage, channel)
    assert deliver(stage, channel)["folder"].state is DeliveryState.SENT
    assert "Now watching" in (tmp_path / "out" / "digest.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("seconds", [1, 30, 86_400])
def test_who_asks_to_be_left_alone_is_left_alone_exactly_so_long(
    stage: DigestScenario, httpserver: HTTPServer, seconds: int
) -> None:
    channel = hook(httpserver, 429, "rate_limited", Retry_After=str(seconds))
    queue(stage, channel)
    waiting = deliver(stage, channel)["slack"]
    assert (waiting.state, waiting.due_at) == (DeliveryState.RETRY, NOON + timedelta(seconds=seconds))
    almost = waiting.due_at - timedelta(milliseconds=1)
    assert deliver(stage, hook(httpserver), at=almost) == {}
    assert deliver(stage, hook(httpserver), at=waiting.due_at)["slack"].state is DeliveryState.SENT


def test_who_asks_to_be_left_alone_past_the_deadline_is_given_up_at_once(
    stage: DigestScenario, httpserver: HTTPServer
) -> None:
    until = GIVE_UP_AFTER + timedelta(seconds=1)
    channel = hook(httpserver, 429, "rate_limited", Retry_After=str(int(until.total_seconds())))
    queue(stage, channel)
    dead = deliver(stage, channel)["slack"]
    assert dead.state is DeliveryState.DEAD
    assert dead.reason.startswith("given up after 1 attempts: ")


def test_a_delivery_is_tried_until_its_deadline_and_then_dead(stage: DigestScenario, httpserver: HTTPServer) -> None:
    channel = hook(httpserver, 503, "down")
    queue(stage, channel)
    times, delivery = [NOON], deliver(stage, channel)["slack"]
    while delivery.state is DeliveryState.RETRY:
        times.append(delivery.due_at)
        delivery = deliver(stage, channel, at=delivery.due_at)["slack"]
    assert delivery.state is DeliveryState.DEAD
    assert delivery.attempts == len(times) == len(httpserver.log)
    assert NOON + GIVE_UP_AFTER - 6 * HOUR <= times[-1] <= NOON + GIVE_UP_AFTER
    assert all(later - earlier <= 6 * HOUR for earlier, later in pairwise(times))
    assert stage.outbox.baselines("weekly", "slack") == {}


@given(st.integers(0, 10_000), st.integers())
def test_pauses_double_up_to_six_hours_and_keep_at_least_their_half(attempts: int, seed: int) -> None:
    longest = min(timedelta(minutes=2 ** min(attempts, 10)), 6 * HOUR)
    assert longest / 2 <= backoff(attempts, Random(seed)) <= longest  # noqa: S311 - spreads pauses, guards nothing


def test_a_channel_that_is_no_longer_configured_makes_its_delivery_dead(
    stage: DigestScenario, letterbox: Letterbox
) -> None:
    queue(stage, letterbox)
    dead = deliver(stage)[letterbox.name]
    assert dead.state is DeliveryState.DEAD
    assert dead.reason == "config.toml has no channel 'folder' any more"
    assert stage.outbox.baselines("weekly", letterbox.name) == {}


def test_a_digest_waits_for_a_secret_that_is_missing(stage: DigestScenario, httpserver: HTTPServer) -> None:
    queue(stage, slack({}))
    waiting = deliver(stage, slack({}))["slack"]
    assert waiting.state is DeliveryState.RETRY
    assert "JOBSPIDER_SLACK_WEBHOOK_URL" in waiting.reason
    assert deliver(stage, hook(httpserver), at=waiting.due_at)["slack"].state is DeliveryState.SENT


def test_what_a_person_must_mend_is_told_at_once_and_tried_on(stage: DigestScenario) -> None:
    user = {"JOBSPIDER_MAIL_PASSWORD": "s3cret"}
    with serving(manners := Manners(password=b"another")) as port:
        queue(stage, mail(port))
        waiting = deliver(stage, mail(port, user="jobs@", environ=user))["mail"]
        assert (waiting.state, waiting.reason[:14]) == (DeliveryState.RETRY, "to be mended: ")
        ((told, occasion),) = due_notices(stage.outbox, "operator", NOON)
        stage.outbox.queue(told.name, occasion, NOON, [])
        assert "correct JOBSPIDER_MAIL_PASSWORD" in told.notes[0]
        assert "it is tried again until 24 November 2025, 12:30 UTC" in told.notes[1]
        assert not list(due_notices(stage.outbox, "operator", waiting.due_at))
        manners.password = b"s3cret"
        deliver(stage, mail(port, user="jobs@", environ=user), at=waiting.due_at)
        ((over, _),) = due_notices(stage.outbox, "operator", waiting.due_at)
    assert over.headline == "The digest weekly is delivered to mail again"


def test_what_may_heal_by_itself_is_told_after_a_while(stage: DigestScenario) -> None:
    with serving(Manners(data="451 later")) as port:
        queue(stage, mail(port))
        deliver(stage, mail(port))
    assert not list(due_notices(stage.outbox, "operator", NOON + NOTIFY_AFTER - MINUTE))
    assert list(due_notices(stage.outbox, "operator", NOON + NOTIFY_AFTER))


def test_one_channels_failure_never_touches_another(
    stage: DigestScenario, letterbox: Letterbox, httpserver: HTTPServer
) -> None:
    with serving(Manners(data="554 no thanks")) as port:
        channels = [mail(port), hook(httpserver, 500, "down"), letterbox]
        queue(stage, *channels)
        states = {name: delivery.state for name, delivery in deliver(stage, *channels).items()}
    assert states == {"mail": DeliveryState.DEAD, "slack": DeliveryState.RETRY, "folder": DeliveryState.SENT}
    assert [bool(stage.outbox.baselines("weekly", name)) for name in states] == [
        state is DeliveryState.SENT for state in states.values()
    ]


def test_a_fault_in_one_channel_is_raised_when_the_others_have_sent(
    stage: DigestScenario, letterbox: Letterbox
) -> None:
    queue(stage, Broken(), letterbox)
    with pytest.raises(ZeroDivisionError):
        deliver(stage, Broken(), letterbox)
    states = {delivery.channel: delivery for delivery in stage.outbox.deliveries()}
    assert states["folder"].state is DeliveryState.SENT
    broken = states["broken"]
    assert (broken.state, broken.reason) == (DeliveryState.AMBIGUOUS, "a fault of this program: ZeroDivisionError")
    assert NOON < broken.due_at <= NOON + MINUTE


def cut_off(stage: DigestScenario, at: datetime = NOON) -> None:
    """Leave every delivery that is due as a process does that dies while it sends."""
    for delivery in stage.outbox.due(at):
        assert stage.outbox.lease(delivery, at, LEASE)


def test_a_delivery_that_was_cut_off_is_sent_again_as_a_possible_repeat(
    stage: DigestScenario, letterbox: Letterbox
) -> None:
    queue(stage, letterbox)
    cut_off(stage)
    assert deliver(stage, letterbox, at=NOON + LEASE - MINUTE) == {}
    sent = deliver(stage, letterbox, at=NOON + LEASE)[letterbox.name]
    assert (sent.state, sent.attempts) == (DeliveryState.SENT, 2)
    assert [is_repeat for _, is_repeat in letterbox.letters()] == [True]


def test_a_first_attempt_is_no_possible_repeat_nor_is_one_after_a_clear_refusal(
    stage: DigestScenario, letterbox: Letterbox
) -> None:
    queue(stage, letterbox)
    (delivery,) = stage.outbox.due(NOON)
    assert stage.outbox.lease(delivery, NOON, LEASE)
    stage.outbox.mark_retry(delivery.delivery_id, NOON, "refused", possible_repeat=False)
    deliver(stage, letterbox)
    assert [is_repeat for _, is_repeat in letterbox.letters()] == [False]


def test_a_possible_repeat_that_fails_stays_one(stage: DigestScenario, httpserver: HTTPServer) -> None:
    queue(stage, hook(httpserver))
    cut_off(stage)
    waiting = deliver(stage, hook(httpserver, 503, "down"), at=NOON + LEASE)["slack"]
    assert waiting.state is DeliveryState.AMBIGUOUS
    assert deliver(stage, hook(httpserver), at=waiting.due_at)["slack"].state is DeliveryState.SENT
    (*_, (last, _)) = httpserver.log
    assert "repeat" in last.get_data(as_text=True)


def test_a_lease_outlasts_what_a_mail_server_may_take() -> None:
    assert timedelta(minutes=10) < LEASE


@pytest.mark.parametrize("at", [NOON - MINUTE, NOON - timedelta(milliseconds=1)])
def test_what_is_not_due_is_not_tried(stage: DigestScenario, letterbox: Letterbox, at: datetime) -> None:
    queue(stage, letterbox)
    assert deliver(stage, letterbox, at=at) == {}
    assert letterbox.letters() == []


def test_only_what_was_tried_is_reported(stage: DigestScenario, letterbox: Letterbox) -> None:
    queue(stage, letterbox)
    assert list(deliver(stage, letterbox)) == [letterbox.name]
    stage.crawl(MORNING + DAY, {NORTH_WEST: content(vacancies=400)})
    queue(stage, letterbox, at=NOON + DAY)
    (again,) = deliver_due(stage.outbox, {letterbox.name: letterbox}, clock_at(NOON + DAY), seeded())
    assert again.created_at == NOON + DAY


def clock_at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment
