import json
import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.config import SlackChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.errors import (
    CredentialError,
    DeliveryBlockedError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from alerts.render.formats.slack import mark_as_repeat, render_slack
from tests.support import digest_factories

SECRET_PATH = "/services/T000/B000/abcdefghijklmnop"  # noqa: S105 - a made-up one
VARIABLE = "JOBSPIDER_TEAM_SLACK_WEBHOOK_URL"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def channel(environ: Mapping[str, str], timeout_seconds: float = 5.0) -> Channel:
    config = SlackChannel(type="slack", name="team-slack", timeout_seconds=timeout_seconds)
    return open_channel(config, Path("unused"), environ)


def webhook(server: HTTPServer) -> dict[str, str]:
    return {VARIABLE: server.url_for(SECRET_PATH)}


def send(to: Channel, *, possible_repeat: bool = False) -> str:
    payload = to.render(digest_factories.sample(), digest_factories.ENVELOPE)
    return to.send(payload, now=digest_factories.CREATED_AT, possible_repeat=possible_repeat)


def test_the_message_arrives_as_it_was_rendered(httpserver: HTTPServer) -> None:
    httpserver.expect_request(SECRET_PATH, method="POST").respond_with_data("ok")
    assert send(channel(webhook(httpserver))) == ""
    ((request, _),) = httpserver.log
    assert request.get_json() == json.loads(json.dumps(render_slack(digest_factories.sample())))
    assert request.content_type.startswith("application/json")


def test_a_possible_repeat_says_so(httpserver: HTTPServer) -> None:
    httpserver.expect_request(SECRET_PATH).respond_with_data("ok")
    send(channel(webhook(httpserver)), possible_repeat=True)
    ((request, _),) = httpserver.log
    assert request.get_json() == json.loads(json.dumps(mark_as_repeat(render_slack(digest_factories.sample()))))


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("30", timedelta(seconds=30)),
        ("Mon, 24 Nov 2025 07:31:30 GMT", timedelta(seconds=90)),
        ("Mon, 24 Nov 2025 07:00:00 GMT", timedelta()),
        (None, None),
        ("soon", None),
        ("9" * 40, None),
    ],
)
def test_too_many_requests_waits_as_long_as_slack_asks(
    httpserver: HTTPServer, header: str | None, asked: timedelta | None
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    httpserver.expect_request(SECRET_PATH).respond_with_data("rate_limited", status=429, headers=headers)
    with pytest.raises(TransientDeliveryError, match="429 rate_limited") as caught:
        send(channel(webhook(httpserver)))
    assert caught.value.retry_after == asked
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (500, "server_error", TransientDeliveryError, "500 server_error"),
        (503, "<html>busy</html>", TransientDeliveryError, "503"),
        (408, "", TransientDeliveryError, "408"),
        (404, "no_service", DeliveryBlockedError, "404 no_service"),
        (400, "invalid_blocks", PermanentDeliveryError, "400 invalid_blocks"),
        (403, "invalid_token", DeliveryBlockedError, "403 invalid_token"),
        (410, "channel_is_archived", PermanentDeliveryError, "410 channel_is_archived"),
        (200, "<html>log in to the hotel's network</html>", PermanentDeliveryError, "200"),
    ],
)
def test_an_answer_says_whether_to_try_again(
    httpserver: HTTPServer, status: int, body: str, kind: type[DeliveryError], said: str
) -> None:
    httpserver.expect_request(SECRET_PATH).respond_with_data(body, status=status)
    with pytest.raises(kind) as caught:
        send(channel(webhook(httpserver)))
    assert str(caught.value) == f"Slack answered {said}"
    assert len(httpserver.log) == 1


def test_an_answer_nobody_can_read_is_tried_again(httpserver: HTTPServer) -> None:
    answer = Response(b"\xff\xfe", status=502, content_type="text/plain; charset=utf-8")
    httpserver.expect_request(SECRET_PATH).respond_with_response(answer)
    with pytest.raises(TransientDeliveryError, match="UnicodeDecodeError"):
        send(channel(webhook(httpserver)))


@pytest.fixture
def release(httpserver: HTTPServer) -> Iterator[threading.Event]:
    event = threading.Event()

    def wait(_: Request) -> Response:
        event.wait()
        return Response("ok")

    httpserver.expect_request(SECRET_PATH).respond_with_handler(wait)
    yield event
    event.set()


def test_no_answer_in_time_is_tried_again(httpserver: HTTPServer, release: threading.Event) -> None:
    with pytest.raises(TransientDeliveryError, match="no answer from Slack: TimeoutError") as caught:
        send(channel(webhook(httpserver), timeout_seconds=0.1))
    release.set()
    assert caught.value.may_have_arrived


def test_nobody_listening_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TransientDeliveryError, match="ConnectionRefusedError") as caught:
        send(channel({VARIABLE: f"http://127.0.0.1:{port}{SECRET_PATH}"}))
    assert not caught.value.may_have_arrived


def test_a_connection_that_breaks_is_left_to_the_next_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        breaking = threading.Thread(target=hang_up)
        breaking.start()
        port = server.getsockname()[1]
        with pytest.raises(TransientDeliveryError, match="no answer from Slack"):
            send(channel({VARIABLE: f"http://127.0.0.1:{port}{SECRET_PATH}"}, timeout_seconds=1))
        breaking.join()
        server.setblocking(False)  # noqa: FBT003 - the socket's own signature
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("status", [200, 404, 429, 500])
def test_the_webhooks_address_is_in_no_log_and_no_error(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    httpserver.expect_request(SECRET_PATH).respond_with_data(SECRET_PATH if status != 200 else "ok", status=status)
    said = ""
    with caplog.at_level(logging.DEBUG):
        try:
            send(channel(webhook(httpserver)))
        except DeliveryError as error:
            said = f"{error!r} {error.__context__!r} {error.__cause__!r}"
    assert bool(said) == (status != 200)
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")]
    assert "abcdefghijklmnop" not in said + "".join(logged)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/abcdefghijklmnop",
        "ftp://127.0.0.1/abcdefghijklmnop",
        "https:///abcdefghijklmnop",
        "https://hooks.slack.com/abcdefghijklmnop x",
        "https://hooks.slack.com:port/abcdefghijklmnop",
        "https://[::1/abcdefghijklmnop",
        "abcdefghijklmnop",
    ],
)
def test_what_is_no_safe_webhook_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(CredentialError, match=VARIABLE) as caught:
        send(channel({VARIABLE: url}))
    assert "abcdefghijklmnop" not in str(caught.value)


def test_a_missing_webhook_is_said() -> None:
    with pytest.raises(CredentialError, match=f"set {VARIABLE}"):
        send(channel({}))


def test_the_payload_holds_no_secret() -> None:
    to = channel({VARIABLE: f"https://hooks.slack.com{SECRET_PATH}"})
    assert b"abcdefghijklmnop" not in to.render(digest_factories.sample(), digest_factories.ENVELOPE)
