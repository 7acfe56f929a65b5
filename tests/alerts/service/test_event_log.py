import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.service import event_log
from alerts.service.event_log import configure_logging, log_event
from jobspider.errors import UsageError


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give the root logger back its handlers."""
    root, kept, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    yield
    for handler in set(root.handlers) - set(kept):
        handler.close()
    root.handlers[:] = kept
    root.setLevel(level)


def test_an_event_is_one_line_of_json(tmp_path: Path) -> None:
    file = tmp_path / "log"
    configure_logging(as_json=True, file=file)
    log_event("crawl ended", crawl=7, outcome="complete", reason="", market=None)
    log_event("delivery", digest="weekly", reason='first line\nsecond: £ "quoted"')
    ended, delivered = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert ended.pop("at").endswith("+00:00")
    assert ended == {"level": "INFO", "event": "crawl ended", "crawl": 7, "outcome": "complete"}
    assert delivered["reason"] == 'first line\nsecond: £ "quoted"'


def test_an_event_is_one_line_for_people(tmp_path: Path) -> None:
    file = tmp_path / "log"
    configure_logging(as_json=False, file=file)
    log_event("delivery", delivery=3, reason="first line\nsecond")
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert line.endswith(' delivery delivery=3 reason="first line second"')


@pytest.mark.parametrize("as_json", [True, False])
def test_a_fault_is_logged_with_where_it_happened(tmp_path: Path, as_json: bool) -> None:  # noqa: FBT001 - a case
    file = tmp_path / "log"
    configure_logging(as_json=as_json, file=file)
    try:
        int("a")
    except ValueError:
        logging.getLogger("anything").exception("boom")
    assert "test_event_log.py" in file.read_text(encoding="utf-8")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 or not as_json


def test_a_file_is_turned_over_when_it_has_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_MOST_BYTES", 1000)
    configure_logging(as_json=True, file=tmp_path / "log")
    for number in range(200):
        log_event("tick", number=number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["log", "log.1", "log.2", "log.3", "log.4", "log.5"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name another --log-file"):
        configure_logging(as_json=True, file=tmp_path / "missing" / "log")
