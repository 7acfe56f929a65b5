"""The process: exit code and output when the reader of its output stops early."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cli import environment
from tests.support.fake_site import FIRST, PROJECT, Answer, LiveSite

LONDON = "/jobs/london/backend%20developer.do"
JOBSPIDER = [sys.executable, "-m", "alerts.cli"]
PARSE = [*JOBSPIDER, "parse", str(FIRST / "permanent-london.html"), "--url", LONDON]


@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """Return the writing end of a pipe whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "config.toml", PYTHONUNBUFFERED=request.param)


def run_with_output(
    command: list[str], environ: dict[str, str], stdout: int, stderr: int = subprocess.PIPE
) -> tuple[int, str]:
    """Run a command; return its exit code and what it wrote to stderr."""
    completed = subprocess.run(
        command, env=environ, cwd=PROJECT, stdout=stdout, stderr=stderr, text=True, timeout=60, check=False
    )
    return completed.returncode, completed.stderr or ""


def at_london(answer: Answer | None) -> Callable[[str], Answer | None]:
    return lambda path: answer if path == LONDON else None


def test_crawl_with_closed_pipe_keeps_its_exit_code(environ: dict[str, str], closed_pipe: int, tmp_path: Path) -> None:
    for options, fault, exit_code in ((["--json"], None, 0), ([], Answer(404), 3)):
        with LiveSite(fault=at_london(fault)) as site:
            site.config(tmp_path)
            pages = len(site.site.pages)
            ended = run_with_output([*JOBSPIDER, "crawl", *options], environ, closed_pipe)
            assert (ended[0], len(ended[1].splitlines())) == (exit_code, 0 if options else pages)
            ended = run_with_output([*JOBSPIDER, "crawl", *options], environ, closed_pipe, closed_pipe)
            assert ended[0] == exit_code
            assert len(site.pages_asked) == 2 * pages


def test_output_to_a_closed_pipe_is_not_an_error(environ: dict[str, str], closed_pipe: int) -> None:
    for command in ([*JOBSPIDER, "--help"], PARSE):
        assert run_with_output(command, environ, closed_pipe) == (0, "")
    assert run_with_output([*JOBSPIDER, "crawl", "nonsense"], environ, closed_pipe, closed_pipe)[0] == 2


def test_reader_that_stops_after_one_line_gets_that_line(environ: dict[str, str]) -> None:
    with subprocess.Popen(PARSE, env=environ, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"{\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_output_that_is_read_to_its_end_is_complete(environ: dict[str, str]) -> None:
    completed = subprocess.run(PARSE, env=environ, cwd=PROJECT, capture_output=True, timeout=60, check=True)
    assert json.loads(completed.stdout)["term_name"] == "Backend Developer"


@pytest.mark.parametrize("descriptor", ["1", "2"], ids=["stdout", "stderr"])
def test_crawl_with_closed_descriptor_keeps_its_exit_code(descriptor: str, tmp_path: Path) -> None:
    command = ["sh", "-c", f'exec "$@" {descriptor}>&-', "sh", *JOBSPIDER, "crawl"]
    with LiveSite() as site:
        environ = environment(site.config(tmp_path))
        completed = subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, timeout=60, check=False)
    assert completed.returncode == 0
    assert b"Traceback" not in completed.stdout + completed.stderr
