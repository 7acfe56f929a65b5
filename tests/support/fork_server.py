"""Crawls as processes of their own, each forked from one that has everything imported: a start costs no second.

Run as a program it reads a line of arguments for each crawl on stdin, and answers with the process's id at its start
and with its exit code (negative: the signal that killed it) at its end.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

# Imported once, though not used here: Scrapy would load them in each crawl.
import scrapy.core.downloader.contextfactory
import scrapy.core.downloader.handlers.http11  # noqa: F401 - as said above

import jobspider.scraping.http_cache
import jobspider.scraping.shutdown  # noqa: F401 - as said above
from jobspider import crawl
from tests.support.cli import environment


class Forker:
    """Starts crawls, one at a time; what they say on stderr is added to a file."""

    def __init__(self, asked: IO[str], answered: IO[str], stderr: Path) -> None:
        self._asked = asked
        self._answered = answered
        self.stderr = stderr

    def start(self, config: Path, token: str, *arguments: str) -> int:
        """Start ``python -m jobspider.crawl`` on a configuration; return its process's id."""
        self._asked.write("\t".join(["--config", str(config), "--token", token, *arguments]) + "\n")
        self._asked.flush()
        return int(self._answered.readline())

    def wait(self) -> int:
        """Return its exit code when it has ended."""
        return int(self._answered.readline())

    def crawl(self, config: Path, *arguments: str) -> int:
        """Run a crawl to its end; return its exit code."""
        self.start(config, uuid.uuid4().hex, *arguments)
        return self.wait()


@contextmanager
def forking(stderr: Path) -> Iterator[Forker]:
    """Start crawls inside."""
    command = [sys.executable, "-m", "tests.support.fork_server"]
    with (
        stderr.open("w", encoding="utf-8") as said,
        subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        yield Forker(process.stdin, process.stdout, stderr)
        process.stdin.close()


def main() -> None:
    """Fork a crawl for each line."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(line.rstrip("\n").split("\t"))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(arguments: list[str]) -> NoReturn:
    code = 1
    try:
        code = crawl.main(arguments)
    finally:
        # Not sys.exit: that would run on into the loop of the process it was forked from.
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
