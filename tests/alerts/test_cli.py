"""Who reads the output may stop before its end; what was done counts, and nothing else is said of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import environment
from tests.support.fake_site import FIRST, PROJECT, Answer, LiveSite

LONDON = "/jobs/london/backend%20developer.do"
PAGE = ["parse", str(FIRST / "permanent-london.html"), "--url", LONDON]


@pytest.fixture
def unread() -> Iterator[int]:
    """Return a pipe that nobody reads any more."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "config.toml", PYTHONUNBUFFERED=request.param)


def ended(*arguments: str, environ: dict[str, str], out: int, err: int = subprocess.PIPE) -> tuple[int, str]:
    """Run ``jobspider``; return its exit code and what it said on stderr."""
    command = [sys.executable, "-m", "alerts.cli", *arguments]
    done = subprocess.run(command, env=environ, cwd=PROJECT, stdout=out, stderr=err, text=True, timeout=60, check=False)
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize(
    ("said", "fault", "code"), [(["--json"], None, 0), ([], Answer(404), 3)], ids=["complete", "partial"]
)
def test_a_crawl_whose_summary_nobody_reads_ends_with_its_verdicts_exit_code(
    said: list[str], fault: Answer | None, code: int, environ: dict[str, str], unread: int, tmp_path: Path
) -> None:
    with LiveSite(fault=lambda path: fault if path == LONDON else None) as site:
        site.config(tmp_path)
        assert (found := ended("crawl", *said, environ=environ, out=unread))[0] == code
        assert len(found[1].splitlines()) == (0 if said else len(site.site.pages))
        assert ended("crawl", *said, environ=environ, out=unread, err=unread)[0] == code
        assert len(site.pages_asked) == 2 * len(site.site.pages)


@pytest.mark.parametrize("arguments", [["--help"], PAGE], ids=["short", "long"])
def test_output_that_nobody_reads_is_no_mistake(arguments: list[str], environ: dict[str, str], unread: int) -> None:
    assert ended(*arguments, environ=environ, out=unread) == (0, "")


def test_a_mistake_that_nobody_reads_keeps_its_exit_code(environ: dict[str, str], unread: int) -> None:
    assert ended("crawl", "nonsense", environ=environ, out=unread, err=unread)[0] == 2


def test_a_reader_of_the_first_line_gets_it(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "alerts.cli", *PAGE]
    with subprocess.Popen(command, env=environ, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"{\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_what_is_read_to_its_end_is_whole(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "alerts.cli", *PAGE]
    read = subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, timeout=60, check=True)
    assert json.loads(read.stdout)["term_name"] == "Backend Developer"


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_crawl_with_its_output_closed_ends_with_its_verdicts_exit_code(
    closed: str, environ: dict[str, str], tmp_path: Path
) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", sys.executable, "-m", "alerts.cli", "crawl"]
    with LiveSite() as site:
        site.config(tmp_path)
        done = subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stdout + done.stderr
