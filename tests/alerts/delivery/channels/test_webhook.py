import base64
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.config import WebhookChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.channels.webhook import signature
from alerts.errors import (
    CredentialError,
    DeliveryBlockedError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from alerts.model.changes import Digest
from alerts.render.formats.json_data import digest_data
from tests.support import digest_factories
from tests.support.digest_factories import CREATED_AT, ENVELOPE

DOCUMENT = Path(__file__).parents[4] / "docs" / "WEBHOOK.md"
URL, KEY = "JOBSPIDER_OUR_PROGRAM_WEBHOOK_URL", "JOBSPIDER_OUR_PROGRAM_SIGNING_KEY"
RAW_KEY = bytes(range(32))
SIGNING_KEY = "whsec_" + base64.b64encode(RAW_KEY).decode()
PATH = "/hook/abcdefghijklmnop"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def channel(environ: Mapping[str, str], timeout_seconds: float = 5.0) -> Channel:
    config = WebhookChannel(type="webhook", name="our-program", timeout_seconds=timeout_seconds)
    return open_channel(config, Path("unused"), environ)


def to(server: HTTPServer) -> dict[str, str]:
    return {URL: server.url_for(PATH), KEY: SIGNING_KEY}


def send(out: Channel, of: Digest | None = None) -> str:
    return out.send(out.render(of or digest_factories.sample(), ENVELOPE), now=CREATED_AT, possible_repeat=False)


@pytest.fixture
def is_genuine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Return the verification that the document shows to those who receive."""
    source = DOCUMENT.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    names: dict[str, Callable[..., bool]] = {}
    exec(source, names)  # noqa: S102 - the document's own example
    monkeypatch.setattr("time.time", CREATED_AT.timestamp)
    return names["is_genuine"]


def test_the_document_arrives_signed_as_the_receiver_verifies_it(
    httpserver: HTTPServer, is_genuine: Callable[..., bool]
) -> None:
    httpserver.expect_request(PATH, method="POST").respond_with_data(status=204)
    assert send(channel(to(httpserver))) == ""
    ((request, _),) = httpserver.log
    headers, body = dict(request.headers), request.get_data()
    lower = {name.lower(): value for name, value in headers.items()}
    assert lower["content-type"] == "application/json"
    assert is_genuine(SIGNING_KEY, lower, body)
    assert not is_genuine(SIGNING_KEY, lower, body + b" ")
    assert not is_genuine(SIGNING_KEY, lower | {"webhook-timestamp": "1"}, body)
    assert not is_genuine(SIGNING_KEY, lower | {"webhook-id": "another"}, body)
    expected = {"schema": 1, "delivery": "delivery-1", **digest_data(digest_factories.sample())}
    assert json.loads(body) == json.loads(json.dumps(expected))
    assert lower["webhook-id"] == "delivery-1"


def test_a_signature_is_the_one_that_the_specification_shows() -> None:
    """From the specification's repository, standard-webhooks/standard-webhooks, 2023."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_key_of_the_document_is_in_its_contract() -> None:
    contract = DOCUMENT.read_text(encoding="utf-8")

    def names(data: object) -> Iterator[str]:
        if isinstance(data, list):
            for each in data:
                yield from names(each)
        elif isinstance(data, dict):
            for name, value in data.items():
                yield name
                yield from names(value) if name != "figures" else ()

    missing = [name for name in names(digest_data(digest_factories.sample())) if f"`{name}`" not in contract]
    assert not missing


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_answer_of_success_is_one(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=status)
    assert send(channel(to(httpserver))) == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, TransientDeliveryError), (503, TransientDeliveryError), (408, TransientDeliveryError),
     (401, DeliveryBlockedError), (403, DeliveryBlockedError), (404, DeliveryBlockedError),
     (400, PermanentDeliveryError), (410, PermanentDeliveryError),
     (301, PermanentDeliveryError), (302, PermanentDeliveryError), (308, PermanentDeliveryError)],
)  # fmt: skip
def test_an_answer_says_whether_to_try_again(httpserver: HTTPServer, status: int, kind: type[DeliveryError]) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=status, headers={"Location": httpserver.url_for("/other")})
    httpserver.expect_request("/other").respond_with_data("welcome")
    with pytest.raises(kind, match=f"the webhook answered {status}"):
        send(channel(to(httpserver)))
    assert len(httpserver.log) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_believed() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        with pytest.raises(DeliveryBlockedError, match="the certificate of the webhook is not accepted"):
            send(channel(to(server)))
        assert not server.log


def test_a_certificate_of_somebody_else_does_not_give_away_whom_it_was_shown_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context, ca = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    ca.issue_cert("somebody.example").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with HTTPServer(host="localhost", ssl_context=context) as server:
        with pytest.raises(DeliveryBlockedError, match=r"is not accepted: Hostname mismatch$"):
            send(channel(to(server)))
        assert not server.log


@pytest.mark.parametrize(
    ("said", "asked"), [("90", timedelta(seconds=90)), ("Mon, 24 Nov 2025 07:40:00 GMT", timedelta(minutes=10))]
)
def test_a_wish_to_be_left_alone_is_passed_on(httpserver: HTTPServer, said: str, asked: timedelta) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=429, headers={"retry-after": said})
    with pytest.raises(TransientDeliveryError) as caught:
        send(channel(to(httpserver)))
    assert caught.value.retry_after == asked


def test_no_answer_in_time_is_tried_again_and_may_have_arrived(httpserver: HTTPServer) -> None:
    release = threading.Event()

    def wait(_: Request) -> Response:
        release.wait()
        return Response("ok")

    httpserver.expect_request(PATH).respond_with_handler(wait)
    with pytest.raises(TransientDeliveryError, match="no answer from the webhook: TimeoutError") as caught:
        send(channel(to(httpserver), timeout_seconds=0.1))
    release.set()
    assert caught.value.may_have_arrived


def test_nobody_listening_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TransientDeliveryError, match="ConnectionRefusedError") as caught:
        send(channel({URL: f"http://127.0.0.1:{port}{PATH}", KEY: SIGNING_KEY}))
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize(
    "key", ["", "whsec_", "whsec_c2hvcnQ=", SIGNING_KEY.removeprefix("whsec_"), "whsec_!!!!", "whsec_é" + "A" * 40]
)
def test_what_is_no_signing_key_is_refused_with_how_to_make_one(httpserver: HTTPServer, key: str) -> None:
    with pytest.raises(CredentialError, match=KEY) as caught:
        send(channel(to(httpserver) | {KEY: key}))
    assert len(key) < 7 or key not in str(caught.value)
    assert not httpserver.log


@pytest.mark.parametrize("url", ["http://jobs.example.org/hook/abcdefghijklmnop", "abcdefghijklmnop", "https:///x"])
def test_what_is_no_safe_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(CredentialError, match=URL) as caught:
        send(channel({URL: url, KEY: SIGNING_KEY}))
    assert url not in str(caught.value)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_neither_address_nor_key_is_in_any_log_or_error(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    httpserver.expect_request(PATH).respond_with_data(PATH, status=status)
    said = ""
    with caplog.at_level(logging.DEBUG):
        try:
            send(channel(to(httpserver)))
        except DeliveryError as error:
            said = f"{error!r} {error.__context__!r} {error.__cause__!r}"
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")]
    assert "abcdefghijklmnop" not in said + "".join(logged)
    assert SIGNING_KEY not in said + "".join(logged)
    assert b"abcdefghijklmnop" not in channel(to(httpserver)).render(digest_factories.sample(), ENVELOPE)
