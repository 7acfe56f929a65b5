import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from alerts.config import AppriseChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.channels.apprise import SIZES
from alerts.errors import CredentialError, DeliveryBlockedError, DeliveryError, TransientDeliveryError
from alerts.model.changes import Digest
from alerts.render.formats.text import render_text
from tests.support import digest_factories

# Apprise loads a module that Python 3.13 has no more, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

VARIABLE = "JOBSPIDER_PHONE_APPRISE_URL"
TOKEN = "3ccdd113474722377935511fc85d3dd4"  # noqa: S105 - a made-up one
MATTERMOST_TAKES = 4000


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def channel(environ: Mapping[str, str]) -> Channel:
    return open_channel(AppriseChannel(type="apprise", name="phone"), Path("unused"), environ)


def send(url: str, of: Digest | None = None, *, possible_repeat: bool = False) -> None:
    to = channel({VARIABLE: url})
    payload = to.render(of or digest_factories.sample(), digest_factories.ENVELOPE)
    assert to.send(payload, now=digest_factories.CREATED_AT, possible_repeat=possible_repeat) == ""


def long() -> Digest:
    return replace(digest_factories.sample(), groups=digest_factories.sample().groups * 20)


def ntfy(server: HTTPServer) -> str:
    server.expect_request("/", method="POST").respond_with_json({"id": "x"})
    return f"ntfy://127.0.0.1:{server.port}/{TOKEN}?mode=private"


def mattermost(server: HTTPServer, status: int = 200) -> str:
    server.expect_request(f"/hooks/{TOKEN}", method="POST").respond_with_data("ok", status=status)
    return f"mmost://127.0.0.1:{server.port}/{TOKEN}"


def test_the_text_arrives_whole_where_it_fits(httpserver: HTTPServer) -> None:
    send(ntfy(httpserver))
    ((request, _),) = httpserver.log
    said = request.get_json()
    assert said["title"] == digest_factories.sample().headline
    assert said["message"].strip() == render_text(digest_factories.sample()).strip()


@pytest.mark.parametrize("possible_repeat", [False, True])
def test_what_does_not_fit_is_cut_by_whole_subjects_into_one_message(
    httpserver: HTTPServer, *, possible_repeat: bool
) -> None:
    send(mattermost(httpserver), long(), possible_repeat=possible_repeat)
    ((request, _),) = httpserver.log
    text = request.get_json()["text"]
    assert MATTERMOST_TAKES / 4 < len(text) <= MATTERMOST_TAKES
    assert text.startswith("Possible repeat: ") == possible_repeat
    assert "more subjects" in text
    assert "Source: IT Jobs Watch" in text


def test_the_text_is_kept_in_sizes_down_to_a_few_words() -> None:
    payload = json.loads(channel({}).render(long(), digest_factories.ENVELOPE))
    whole, *shorter = payload["texts"]
    assert whole == render_text(long())
    assert all(len(text) <= most for text, most in zip(reversed(shorter), reversed(SIZES), strict=False))
    assert shorter[-1] == digest_factories.sample().headline


def test_what_apprise_could_not_deliver_is_tried_again_and_may_have_arrived(httpserver: HTTPServer) -> None:
    with pytest.raises(TransientDeliveryError, match="could not deliver") as caught:
        send(mattermost(httpserver, status=500))
    assert caught.value.may_have_arrived


def test_what_is_no_apprise_url_is_refused_without_showing_it() -> None:
    with pytest.raises(CredentialError, match=VARIABLE) as caught:
        send(f"nosuchservice://{TOKEN}")
    assert TOKEN not in str(caught.value)


def test_a_missing_url_is_said() -> None:
    with pytest.raises(CredentialError, match=f"set {VARIABLE}"):
        channel({}).send(b'{"title": "", "texts": [""]}', now=digest_factories.CREATED_AT, possible_repeat=False)


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryBlockedError, match=r"pip install -e '\.\[apprise\]'"):
        send("ntfy://127.0.0.1/x")


@pytest.mark.parametrize("status", [200, 404, 500])
def test_its_url_is_in_no_log_and_no_error(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    url, said = mattermost(httpserver, status), ""
    with caplog.at_level(logging.DEBUG):
        try:
            send(url)
        except DeliveryError as error:
            said = f"{error!r} {error.__context__!r} {error.__cause__!r}"
    assert bool(said) == (status != 200)
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")]
    assert TOKEN not in said + "".join(logged)
    assert logging.root.manager.disable == 0
