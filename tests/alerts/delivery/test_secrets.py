"""No secret gets into the database, whatever the other side answers and however it fails."""

import base64
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from pytest_httpserver import HTTPServer

from alerts.config import AppriseChannel, EmailChannel, SlackChannel, WebhookChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.outbox import OutboxEntry
from alerts.delivery.sender import deliver_due
from jobspider.store.database import Database
from tests.support.digest_factories import ENVELOPE
from tests.support.digest_scenarios import MORNING, NORTH_WEST, DigestScenario, content
from tests.support.mail_server import Manners, serving

# Apprise loads a module that Python 3.13 has no more, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "3ccdd113474722377935511fc85d3dd4"  # noqa: S105 - a made-up one
KEY = "whsec_" + base64.b64encode(SECRET.encode()).decode()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mail_port() -> Iterator[int]:
    with serving(Manners(password=b"another")) as port:
        yield port


def channels(server: HTTPServer, mail_port: int) -> list[Channel]:
    url = server.url_for(f"/hooks/{SECRET}")
    mail = {"type": "email", "name": "mail", "to": ["a@example.org"], "from": "b@example.org"}
    configs = (
        SlackChannel(type="slack", name="slack"),
        WebhookChannel(type="webhook", name="hook"),
        AppriseChannel(type="apprise", name="phone"),
        EmailChannel.model_validate({**mail, "smtp": f"smtp://jobs@127.0.0.1:{mail_port}"}),
    )
    environ = {
        "JOBSPIDER_SLACK_WEBHOOK_URL": url,
        "JOBSPIDER_HOOK_WEBHOOK_URL": url,
        "JOBSPIDER_HOOK_SIGNING_KEY": KEY,
        "JOBSPIDER_PHONE_APPRISE_URL": f"mmost://127.0.0.1:{server.port}/{SECRET}",
        "JOBSPIDER_MAIL_PASSWORD": SECRET,
    }
    return [open_channel(config, Path("unused"), environ) for config in configs]


@pytest.mark.parametrize("status", [200, 302, 404, 429, 500])
def test_no_secret_is_in_the_database(tmp_path: Path, httpserver: HTTPServer, mail_port: int, status: int) -> None:
    answer = {"Location": f"/hooks/{SECRET}", "Retry-After": "1"}
    httpserver.expect_request(f"/hooks/{SECRET}").respond_with_data(SECRET, status=status, headers=answer)
    with Database.open(tmp_path / "jobs.db") as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: content()})
        out = {channel.name: channel for channel in channels(httpserver, mail_port)}
        digest = stage.edition(MORNING)
        orders = [OutboxEntry(name, digest, channel.render(digest, ENVELOPE)) for name, channel in out.items()]
        stage.outbox.queue("weekly", "monday", MORNING, orders)
        tried = deliver_due(stage.outbox, out, lambda: MORNING, Random(1), lambda _: None)  # noqa: S311 - spreads pauses
        assert {each.channel for each in tried} == {"slack", "hook", "phone", "mail"}
        rows = "".join(f"{delivery.reason}{delivery.payload!r}" for delivery in stage.outbox.deliveries())
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (SECRET, KEY.removeprefix("whsec_")):
        assert secret not in rows
        assert secret.encode() not in files
