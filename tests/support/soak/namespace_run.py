"""Live through a plan, in a mount namespace of its own."""

import logging
import subprocess
import sys
import warnings
from pathlib import Path

from pydantic import TypeAdapter

from tests.support.cli import environment
from tests.support.fake_site import PROJECT
from tests.support.small_disk import missing, private_mounts
from tests.support.soak.checks import Verdict, judge
from tests.support.soak.environment import Year
from tests.support.soak.fault_plan import Plan

_PLAN = TypeAdapter(Plan)
_VERDICT = TypeAdapter(Verdict)


def soak(plan: Plan, folder: Path) -> Verdict:
    """Live through a plan and say what came of it.

    Args:
        plan: What to live through.
        folder: An empty folder.
    """
    lived = subprocess.run(
        [*(private_mounts() or ()), sys.executable, "-m", "tests.support.soak.namespace_run", str(folder), missing()],
        cwd=PROJECT, env=environment(), input=_PLAN.dump_json(plan), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return _VERDICT.validate_json(lived.stdout)


def main(folder: Path, no_disk: str) -> None:
    """Read a plan on stdin, live through it, write the verdict to stdout."""
    # A mail server that is hung up on says so at length.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    year = Year(_PLAN.validate_json(sys.stdin.buffer.read()), folder, no_disk)
    year.live()
    sys.stdout.buffer.write(_VERDICT.dump_json(judge(year)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
