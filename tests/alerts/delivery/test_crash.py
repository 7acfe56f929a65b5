"""A process that dies anywhere between queueing and the last mark, over real e-mail and over real HTTP.

Each child dies (``os._exit``) one step later than the one before: at every statement of the database, before a message
is sent and after it.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from random import Random
from typing import Final

import pytest
from pytest_httpserver import HTTPServer

from alerts.config import EmailChannel, SlackChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.delivery.outbox import OutboxEntry
from alerts.delivery.sender import LEASE, deliver_due
from alerts.model.delivery import DeliveryState
from jobspider.store.database import Database
from tests.support.cli import environment
from tests.support.digest_factories import ENVELOPE
from tests.support.digest_scenarios import HOUR, MORNING, NORTH_WEST, DigestScenario, content
from tests.support.fake_site import PROJECT
from tests.support.mail_server import Manners, serving

NOON: Final = MORNING + 6 * HOUR
LATER: Final = NOON + LEASE
MOST_STEPS: Final = 200

DYING: Final = """
import os, sys
from pathlib import Path
from jobspider.store.database import Database
from tests.alerts.delivery import test_crash as crash

kind, port, root = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
for dies_at in range(1, crash.MOST_STEPS):
    child = os.fork()
    if not child:
        folder = root / str(dies_at)
        folder.mkdir()
        done = 0

        def step(statement=None):
            global done
            done += 1
            if done == dies_at:
                os._exit(9)

        with Database.open(folder / "jobs.db") as database:
            stage = crash.stage_in(database)
            database.connection.set_trace_callback(step)
            crash.cycle(stage, crash.Stepping(crash.channel(kind, port, dies_at), step), dies_at, crash.NOON)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 9:
        break
    print(dies_at, flush=True)
"""


class Stepping:
    """A way out with a step before and after each message."""

    def __init__(self, inner: Channel, step: Callable[[], None]) -> None:
        self.name, self.min_interval_seconds, self.render = inner.name, inner.min_interval_seconds, inner.render
        self._inner, self._step = inner, step

    def send(self, payload: bytes, **how: object) -> str:
        """Send it by the real channel."""
        self._step()
        said = self._inner.send(payload, **how)  # type: ignore[arg-type] # handed on as it came
        self._step()
        return said


def channel(kind: str, port: int, number: int) -> Channel:
    """Return a real channel to the test's own server; ``number`` tells one crash's messages from another's."""
    if kind == "slack":
        url = f"http://127.0.0.1:{port}/services/{number}"
        environ = {"JOBSPIDER_CHANNEL_WEBHOOK_URL": url}
        return open_channel(SlackChannel(type="slack", name="channel"), Path("unused"), environ)
    mail = {"type": "email", "name": "channel", "to": [f"team-{number}@example.org"], "from": "jobs@example.org"}
    config = EmailChannel.model_validate({**mail, "smtp": f"smtp://127.0.0.1:{port}"})
    return open_channel(config, Path("unused"), {})


def stage_in(database: Database) -> DigestScenario:
    """Return a database with figures that nobody was told yet."""
    stage = DigestScenario(database)
    if not stage.outbox.deliveries():
        stage.crawl(MORNING, {NORTH_WEST: content()})
    return stage


def cycle(stage: DigestScenario, out: Channel, number: int, when: datetime) -> None:
    """Queue the digest if that was not done, and deliver what is due."""
    if not stage.outbox.is_queued("weekly", "monday"):
        digest = stage.edition(when, "channel")
        envelope = replace(ENVELOPE, message_id=f"<{number}.{when:%H%M}@jobspider.invalid>")
        stage.outbox.queue("weekly", "monday", when, [OutboxEntry("channel", digest, out.render(digest, envelope))])
    deliver_due(stage.outbox, {"channel": out}, lambda: when, Random(1))  # noqa: S311 - spreads pauses only


def crashes(kind: str, port: int, root: Path) -> list[int]:
    """Let children die at every step, and then do what the next run does; return the steps."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, kind, str(port), root],
        cwd=PROJECT, env=environment(no_proxy="*"), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    deaths = [int(line) for line in done.stdout.split()]
    assert 10 < len(deaths) < MOST_STEPS - 1
    for death in deaths:
        with Database.open(root / str(death) / "jobs.db") as database:
            stage = DigestScenario(database)
            cycle(stage, channel(kind, port, death), death, LATER)
            assert {each.state for each in stage.outbox.deliveries()} == {DeliveryState.SENT}
            assert stage.outbox.baselines("weekly", "channel")
    return deaths


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mailbox() -> Iterator[tuple[Manners, int]]:
    manners = Manners()
    with serving(manners) as port:
        yield manners, port


def test_a_mail_is_never_lost_and_comes_at_most_twice_under_one_message_id(
    mailbox: tuple[Manners, int], tmp_path: Path
) -> None:
    manners, port = mailbox
    deaths = crashes("email", port, tmp_path)
    arrived: dict[str, list[str]] = {}
    for letter in manners.received:
        message = message_from_bytes(letter.original_content or b"")
        arrived.setdefault(letter.rcpt_tos[0], []).append(message["Message-ID"])
    counts = [len(arrived[f"team-{death}@example.org"]) for death in deaths]
    assert set(counts) == {1, 2}
    assert all(len(set(ids)) == 1 for ids in arrived.values())


def test_a_post_is_never_lost_and_a_second_one_says_that_it_may_be_a_repeat(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request(re.compile("/services/.*")).respond_with_data("ok")
    deaths = crashes("slack", httpserver.port, tmp_path)
    posts: dict[str, list[bool]] = {}
    for request, _ in httpserver.log:
        posts.setdefault(request.path, []).append("Possible repeat" in request.get_json()["text"])
    found = [posts[f"/services/{death}"] for death in deaths]
    assert {len(each) for each in found} == {1, 2}
    assert all(each[1] for each in found if len(each) == 2)
    assert not any(each[0] for each in found if len(each) == 2)
