import json
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Literal

import pytest

from alerts.config import FileChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.errors import TransientDeliveryError
from alerts.render.formats.html import render_html
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_text
from tests.support import digest_factories

Format = Literal["txt", "html", "eml", "slack"]
ALL: tuple[Format, ...] = ("txt", "html", "eml", "slack")


def channel(folder: Path, *formats: Format) -> Channel:
    config = FileChannel(type="file", name="folder", path="data/digests", formats=list(formats))
    return open_channel(config, folder, {})


def send(to: Channel) -> None:
    assert (
        to.send(
            to.render(digest_factories.sample(), digest_factories.ENVELOPE),
            now=digest_factories.CREATED_AT,
            possible_repeat=False,
        )
        == ""
    )


def test_every_format_is_written_beside_config_toml(tmp_path: Path) -> None:
    send(channel(tmp_path, *ALL))
    folder = tmp_path / "data/digests"
    assert sorted(path.name for path in folder.iterdir()) == ["digest.eml", "digest.html", "digest.txt", "slack.json"]
    assert (folder / "digest.txt").read_text(encoding="utf-8") == render_text(digest_factories.sample())
    assert (folder / "digest.html").read_text(encoding="utf-8") == render_html(digest_factories.sample())
    assert json.loads((folder / "slack.json").read_bytes()) == render_slack(digest_factories.sample())


def test_the_mail_can_be_opened_by_a_mail_program(tmp_path: Path) -> None:
    send(channel(tmp_path, "eml"))
    raw = (tmp_path / "data/digests/digest.eml").read_bytes()
    message = message_from_bytes(raw, policy=SMTP)
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert message["Message-ID"] == digest_factories.ENVELOPE.message_id
    assert message["Subject"] == digest_factories.sample().headline


def test_only_the_formats_asked_for_are_written(tmp_path: Path) -> None:
    send(channel(tmp_path, "txt"))
    assert [path.name for path in (tmp_path / "data/digests").iterdir()] == ["digest.txt"]


def test_the_next_digest_replaces_the_last_one(tmp_path: Path) -> None:
    to = channel(tmp_path, "txt")
    send(to)
    to.send(
        to.render(digest_factories.quiet(), digest_factories.ENVELOPE),
        now=digest_factories.CREATED_AT,
        possible_repeat=True,
    )
    assert (tmp_path / "data/digests/digest.txt").read_text(encoding="utf-8") == render_text(digest_factories.quiet())


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(TransientDeliveryError, match="data/digests cannot be written"):
        send(channel(tmp_path, "txt"))


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "data/digests"
    (folder / "digest.txt").mkdir(parents=True)
    with pytest.raises(TransientDeliveryError):
        send(channel(tmp_path, "txt"))
    assert [path.name for path in folder.iterdir()] == ["digest.txt"]
