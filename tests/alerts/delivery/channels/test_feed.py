from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.config import FeedChannel
from alerts.delivery.channels import Channel, open_channel
from alerts.errors import TransientDeliveryError
from alerts.render.formats.atom import read_feed
from tests.support import digest_factories
from tests.support.digest_factories import CREATED_AT, ENVELOPE


def channel(folder: Path, entries: int = 30) -> Channel:
    return open_channel(FeedChannel(type="feed", name="feed", path="out/feed.xml", entries=entries), folder, {})


def send(to: Channel, week: int = 0) -> None:
    at = CREATED_AT + timedelta(weeks=week)
    envelope = replace(ENVELOPE, message_id=f"<delivery-{week}@jobspider.invalid>", created_at=at)
    payload = to.render(replace(digest_factories.quiet(), headline=f"Week {week}"), envelope)
    assert to.send(payload, now=at, possible_repeat=False) == ""


def titles(folder: Path) -> list[str]:
    return [entry.title for entry in read_feed((folder / "out" / "feed.xml").read_bytes())]


def test_each_digest_is_one_more_entry_the_newest_first(tmp_path: Path) -> None:
    for week in range(3):
        send(channel(tmp_path), week)
    assert titles(tmp_path) == ["Week 2", "Week 1", "Week 0"]


def test_a_repeat_replaces_itself(tmp_path: Path) -> None:
    for week in (0, 1, 0, 1):
        send(channel(tmp_path), week)
    assert titles(tmp_path) == ["Week 1", "Week 0"]


def test_the_oldest_entries_go(tmp_path: Path) -> None:
    for week in range(4):
        send(channel(tmp_path, entries=2), week)
    assert titles(tmp_path) == ["Week 3", "Week 2"]


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "out" / "feed.xml"
    mine.parent.mkdir()
    mine.write_text("my notes", encoding="utf-8")
    with pytest.raises(TransientDeliveryError, match="move it away"):
        send(channel(tmp_path))
    assert mine.read_text(encoding="utf-8") == "my notes"


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(TransientDeliveryError, match=r"feed\.xml cannot be written"):
        send(channel(tmp_path))
