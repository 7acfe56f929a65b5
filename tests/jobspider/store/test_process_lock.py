import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobspider.errors import StoreError, StoreLockedError
from jobspider.store.process_lock import process_lock

HOLDING = """
import sys
from pathlib import Path
from jobspider.store.process_lock import process_lock
with process_lock(Path(sys.argv[1]), "crawl", "jobspider crawl since 06:30"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(path: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the crawl lock until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_process_is_told_who_holds_the_lock(database_path: Path) -> None:
    with holding(database_path) as child:
        with (
            pytest.raises(
                StoreLockedError,
                match=rf"another crawl holds .*jobs\.db \(process {child.pid}, jobspider crawl since 06:30\): wait",
            ),
            process_lock(database_path, "crawl", "second"),
        ):
            pass
        child.communicate()
    with process_lock(database_path, "crawl", "after the first has ended"):
        pass


def test_the_lock_of_a_killed_process_is_free_at_once(database_path: Path) -> None:
    with holding(database_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
    with process_lock(database_path, "crawl", "second") as held:
        assert held is None


def test_a_second_holder_in_the_same_process_is_refused_too_and_the_first_keeps_its_note(database_path: Path) -> None:
    with process_lock(database_path, "crawl", "first"):
        for _ in range(2):
            with (
                pytest.raises(StoreLockedError, match=rf"\(process {os.getpid()}, first\)"),
                process_lock(database_path, "crawl", "second"),
            ):
                pass


def test_two_jobs_have_two_locks(database_path: Path) -> None:
    with process_lock(database_path, "crawl", "first"), process_lock(database_path, "run", "second"):
        assert sorted(each.suffixes[-2] for each in database_path.parent.iterdir()) == [
            *(".crawl", ".crawl"),
            *(".run", ".run"),
        ]


def test_a_database_under_two_names_has_one_lock(tmp_path: Path, database_path: Path) -> None:
    database_path.touch()
    other = tmp_path / "other.db"
    other.symlink_to(database_path)
    with (
        process_lock(database_path, "crawl", "first"),
        pytest.raises(StoreLockedError),
        process_lock(other, "crawl", "second"),
    ):
        pass


def test_the_lock_can_be_held_before_there_is_a_database_or_its_folder(tmp_path: Path) -> None:
    with process_lock(tmp_path / "data" / "jobs.db", "crawl", "first"):
        assert (tmp_path / "data").is_dir()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with (
        pytest.raises(StoreError, match=r"jobs\.db\.crawl\.lock cannot be written: "),
        process_lock(tmp_path / "data" / "jobs.db", "crawl", "first"),
    ):
        pass


def test_a_note_that_cannot_be_written_frees_the_lock(database_path: Path) -> None:
    note = database_path.with_name("jobs.db.crawl.holder")
    note.mkdir()
    with pytest.raises(StoreError, match="cannot be written"), process_lock(database_path, "crawl", "first"):
        pass
    note.rmdir()
    with process_lock(database_path, "crawl", "second"):
        assert "second" in note.read_text()


def test_what_goes_wrong_inside_is_not_taken_for_trouble_with_the_lock(database_path: Path) -> None:
    with pytest.raises(TimeoutError, match="the site"), process_lock(database_path, "crawl", "first"):
        raise TimeoutError("the site")
    with process_lock(database_path, "crawl", "second"):
        pass
