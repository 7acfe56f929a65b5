"""Whole cycles with real peers on loopback: the site, a mail server, files."""

import email
import email.message
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobspider.replay import load_site
from tests.support.cli import run
from tests.support.fake_site import FIRST, SECOND, LiveSite
from tests.support.mail_server import Manners, serving


@pytest.fixture
def mailbox() -> Iterator[tuple[Manners, int]]:
    """Serve mail for a test: a server that takes everything, and its port."""
    manners = Manners()
    with serving(manners) as port:
        yield manners, port


def mails(box: Manners) -> list[email.message.EmailMessage]:
    """Read what arrived."""
    received = [envelope.original_content or b"" for envelope in box.received]
    return [email.message_from_bytes(content, policy=email.policy.default) for content in received]


def with_digest(config: Path, channel: str, when_quiet: str = "skip") -> None:
    """Let the configuration send a digest after each crawl to this channel and to files beside it."""
    config.write_text(
        f"""{config.read_text(encoding="utf-8")}
{channel}
[[channel]]
name = "folder"
type = "file"
path = "out"
[[digest]]
name = "watch"
when = "after crawl"
channels = ["mail", "folder"]
when_quiet = "{when_quiet}"
""",
        encoding="utf-8",
    )


def mail_channel(port: int) -> str:
    return f"""
[[channel]]
name = "mail"
type = "email"
to = ["team@example.org"]
from = "Job market <jobs@example.org>"
smtp = "smtp://127.0.0.1:{port}"
timeout_seconds = 10
"""


def test_a_cycle_tells_what_moved_once_to_everyone(tmp_path: Path, mailbox: tuple[Manners, int]) -> None:
    box, port = mailbox
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(port))
        assert run("run", config=config).returncode == 0
        site.site = load_site(SECOND)
        assert run("run", config=config).returncode == 3, "the Wales page is gone"
        assert run("run", config=config).returncode == 3
    assert [mail["Subject"] for mail in mails(box)] == [
        "Now watching 10 pages of the tech job market",
        (tmp_path / "out" / "digest.txt").read_text(encoding="utf-8").splitlines()[0],
    ]
    assert "pay in the UK is up £2,500 to £67,500" in mails(box)[1]["Subject"]


def test_a_mail_server_that_is_down_delays_its_mail_and_nothing_else(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(9))
        ended = run("run", "--json", config=config)
        states = {each["channel"]: each["state"] for each in json.loads(ended.stdout)["deliveries"]}
    assert ended.returncode == 3
    assert states == {"mail": "retry", "folder": "sent"}
    assert (tmp_path / "out" / "digest.txt").exists()
    status = run("status", config=config)
    assert status.returncode == 3
    assert "watch to mail: retry" in status.stdout


def test_a_run_that_could_not_look_does_not_look_like_a_quiet_week(
    tmp_path: Path, mailbox: tuple[Manners, int]
) -> None:
    box, port = mailbox
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(port), when_quiet="send")
        run("run", config=config)
        assert run("run", config=config).returncode == 0
    assert run("run", config=config).returncode == 4, "nobody answers any more"
    quiet, blind = mails(box)[1:]
    assert "No change worth telling" in quiet["Subject"]
    assert "Nothing could be read" in blind["Subject"]
    body = blind.get_body(("plain",))
    assert body is not None
    assert "could not be read" in body.get_content()


def test_a_dry_run_and_changes_send_nothing_and_write_nothing(tmp_path: Path, mailbox: tuple[Manners, int]) -> None:
    box, port = mailbox
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(port))
        run("crawl", config=config)
    database = tmp_path / "jobspider.db"
    before = database.read_bytes()
    dry = run("digest", "watch", "--dry-run", config=config)
    changes = run("changes", "--json", config=config)
    assert (dry.returncode, changes.returncode) == (0, 0), changes.stderr
    assert "Now watching 10 pages" in dry.stdout
    assert len(json.loads(changes.stdout)["watch to folder"]["watching"]) == 10
    assert database.read_bytes() == before
    assert not box.received
    assert not (tmp_path / "out").exists()


def test_a_digest_by_hand_is_sent_and_then_known(tmp_path: Path, mailbox: tuple[Manners, int]) -> None:
    box, port = mailbox
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(port))
        run("crawl", config=config)
        assert run("digest", "watch", config=config).returncode == 0
        again = run("digest", "watch", config=config)
    assert again.returncode == 0
    assert "Nothing to tell" in again.stdout
    assert len(mails(box)) == 1


def test_a_password_that_is_asked_for_and_not_set_keeps_the_mail_for_later(tmp_path: Path) -> None:
    with LiveSite(FIRST) as site:
        config = site.config(tmp_path)
        with_digest(config, mail_channel(9).replace("smtp://", "smtp+starttls://jobs@"))
        checked = run("check", config=config)
        ended = run("run", config=config)
    assert checked.returncode == 2
    assert "JOBSPIDER_MAIL_PASSWORD" in checked.stdout
    assert ended.returncode == 3
    assert "watch to mail: retry" in ended.stdout
