"""A disk of a few megabytes that can truly be full: a file system of its own, seen only by what is run on it.

A process with a mount namespace of its own mounts it; no other process of the machine sees it, and it is gone with that
process. Run as a program, this file is that process: it reads a line of JSON for each command and answers with one.
"""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which
from typing import IO, Any, Final

from tests.support.cli import environment
from tests.support.fake_site import PROJECT

_WAYS: Final = (("unshare", "--mount"), ("unshare", "--user", "--map-root-user", "--mount"))
"""The first for root, the second for anybody else."""
_BALLAST: Final = "ballast"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    stdout: str
    stderr: str


class SmallDisk:
    """The disk, at ``path`` for the commands that are run on it; nobody else sees what is there."""

    def __init__(self, path: Path, asked: IO[str], answered: IO[str]) -> None:
        self.path = path
        self._asked = asked
        self._answered = answered

    def run(self, *arguments: str) -> Ended:
        """Run ``jobspider`` with these arguments and ``config.toml`` of the disk to its end."""
        return self.command(sys.executable, "-m", "alerts.cli", *arguments)

    def command(self, *command: str) -> Ended:
        """Run a command to its end."""
        return Ended(**self._answer({"command": command}))

    def fill(self, leave: int = 0) -> None:
        """Fill the disk with one useless file, but for so many bytes."""
        self._answer({"fill": leave})

    def clear(self) -> None:
        """Remove the useless file."""
        self._answer({"clear": True})

    def remount(self, option: str) -> None:
        """Make the disk read-only (``ro``) or writable again (``rw``)."""
        self.command("mount", "-o", f"remount,{option}", str(self.path))

    def _answer(self, line: dict[str, object]) -> Any:
        self._asked.write(json.dumps(line) + "\n")
        self._asked.flush()
        return json.loads(self._answered.readline())


@cache
def private_mounts() -> Sequence[str] | None:
    """Return how to start a process that may mount a file system of its own; ``None`` where nobody may."""
    for way in _WAYS if which("unshare") else ():
        tried = subprocess.run([*way, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
        if not tried.returncode:
            return way
    return None


def missing() -> str:
    """Return why this machine does not allow such a disk; empty where it does."""
    return "" if private_mounts() else "this machine lets no process mount a file system of its own (unshare --mount)"


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at an empty folder while inside."""
    way = private_mounts()
    assert way is not None, missing()
    command = [*way, sys.executable, "-m", "tests.support.small_disk", str(path), f"size={megabytes}m"]
    with subprocess.Popen(
        command, env=environment(), cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield SmallDisk(path, process.stdin, process.stdout)
        process.stdin.close()


def main(path: Path, size: str) -> None:
    """Mount the disk and do what is asked, line by line."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(path)], check=True)
    for line in sys.stdin:
        print(json.dumps(_done(path, json.loads(line))), flush=True)  # noqa: T201 - the answer


def _done(path: Path, asked: dict[str, Any]) -> dict[str, object]:
    if "fill" in asked:
        _fill(path / _BALLAST, asked["fill"])
    elif "clear" in asked:
        (path / _BALLAST).unlink()
    else:
        ended = subprocess.run(
            asked["command"],
            cwd=PROJECT,
            env=environment(path / "config.toml"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return {"code": ended.returncode, "stdout": ended.stdout, "stderr": ended.stderr}
    return {}


def _fill(ballast: Path, leave: int) -> None:
    disk = os.statvfs(ballast.parent)
    with ballast.open("wb", buffering=0) as file:
        left = disk.f_bavail * disk.f_frsize - leave
        try:
            while left > 0:
                left -= file.write(bytes(min(left, 1 << 20)))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
