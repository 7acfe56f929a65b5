"""The project's commands as real processes."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.fake_site import PROJECT


def run(
    *arguments: str, config: Path | None = None, cwd: Path = PROJECT, **environ: str
) -> "subprocess.CompletedProcess[str]":
    """Run ``jobspider`` with these arguments to its end."""
    return _run([sys.executable, "-m", "alerts.cli", *arguments], config, cwd, environ)


def scrapy(*arguments: str, config: Path | None = None, cwd: Path = PROJECT) -> "subprocess.CompletedProcess[str]":
    """Run ``scrapy`` with these arguments to its end."""
    return _run([sys.executable, "-m", "scrapy", *arguments], config, cwd, {})


def environment(config: Path | None = None, **environ: str) -> dict[str, str]:
    """Return an environment in which the packages are found and no other configuration is."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("JOBSPIDER_")}
    named = {"JOBSPIDER_CONFIG": str(config)} if config else {}
    return {**own, "PYTHONPATH": str(PROJECT), **named, **environ}


def _run(
    command: list[str], config: Path | None, cwd: Path, environ: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=cwd, env=environment(config, **environ), capture_output=True, text=True, timeout=120, check=False
    )
