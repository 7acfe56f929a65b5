"""What a crawl costs beside Scrapy alone, reading and storing, and beside the same crawl that does neither of these.

Pages are served on loopback and asked for without a delay. Prints pages a second, what a page costs the processor in
seconds and in instructions, and peak memory; fails where a budget is passed: memory at most 1.3 times that of the bare
crawl and flat in the number of pages, processor at most that of Scrapy alone, reading and storing, plus a tenth. The
programs that are compared are in ``benchmarks/crawls/``; each is a process of its own. What a page costs is what lies
between a short crawl and a longer one, so that nobody's start counts.

"Scrapy alone, reading and storing" is one program: a spider of a few lines under Scrapy's own settings, which reads and
stores each page in its callback. Its seconds are what such work takes in a process that waits for pages and runs
Scrapy's code between them. Measured apart, the three cost less than together, for a processor that has just waited, or
has run other code, is slower at the same instructions; how much so is the machine's affair. So seconds beside the sum
of the parts are printed and not judged. Instructions, which valgrind counts, are the same in every hour and are judged
beside the sum too; and beside the sum with the bare crawl, which costs less than Scrapy alone, for it does not load
what it does not use.

    python benchmarks/crawl.py [PAGES MANY_PAGES]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import large_site  # noqa: E402 - the project's folder must be on the path first
from tests.support.fake_site import LiveSite  # noqa: E402 - likewise

PAGES, MANY_PAGES = 1000, 5000
ROUNDS = 12
TIMED_PAGES = (20, 420)
COUNTED_PAGES = (40, 140)
MOST_MEMORY, MOST_PROCESSOR = 1.3, 1.1
# Flat but for the plan and its ledger, of which each page has some hundred bytes.
FLAT = 1.1

ALONE, BY_HAND, TOGETHER, BARE = (f"benchmarks.crawls.{name}" for name in ("alone", "by_hand", "together", "bare"))
WHOLE = "jobspider.crawl"
PROGRAMS = {"alone": ALONE, "by hand": BY_HAND, "together": TOGETHER, "bare": BARE, "whole": WHOLE}
_ARGUMENTS = {WHOLE: ["--token", "whole"]}
_INSTRUCTIONS = re.compile(r"I\s+refs:\s+([0-9,]+)")


@dataclass(frozen=True)
class Cost:
    """What a program took: seconds by the clock, of the processor, and its peak memory in MiB."""

    seconds: float
    processor: float
    memory: float


@contextmanager
def served(count: int) -> Iterator[tuple[LiveSite, Path, dict[str, str]]]:
    """Serve so many pages; give the site, an empty folder, and the environment of a crawl of them all."""
    with LiveSite(fault=large_site.answer) as site, tempfile.TemporaryDirectory() as folder:
        path = large_site.config(site, Path(folder), count)
        yield site, Path(folder), {**os.environ, "PYTHONPATH": str(ROOT), "JOBSPIDER_CONFIG": str(path)}


def command(program: str) -> list[str]:
    """Return how a program is started."""
    return [sys.executable, "-m", program, *_ARGUMENTS.get(program, [])]


def cost(program: str, count: int) -> Cost:
    """Run a program on so many pages."""
    with served(count) as (site, folder, environ):
        began = time.perf_counter()
        with subprocess.Popen(command(program), env=environ, cwd=folder) as process:  # noqa: S603 - our own
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        asked = 0 if program == BY_HAND else count
        if process.returncode or len(site.pages_asked) != asked:
            sys.exit(f"{program} failed: exit code {process.returncode}, {len(site.pages_asked)} pages")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def seconds_a_page() -> dict[str, float]:
    """Return the seconds of the processor that a page takes in each program.

    What else the machine does only ever adds, and comes and goes within seconds: the programs take turns, and the least
    of many runs is what the work itself takes.
    """
    few, many = TIMED_PAGES
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for program in PROGRAMS.values():
            for count in TIMED_PAGES:
                taken.setdefault((program, count), []).append(cost(program, count).processor)
    return {
        program: (min(taken[program, many]) - min(taken[program, few])) / (many - few) for program in PROGRAMS.values()
    }


def instructions_a_page(valgrind: str, program: str) -> float:
    """Return the instructions that a page takes in a program, in millions."""
    taken = []
    for count in COUNTED_PAGES:
        with served(count) as (_, folder, environ):
            counter = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            environ["PYTHONHASHSEED"] = "0"
            done = subprocess.run(  # noqa: S603 - our own
                [*counter, *command(program)], env=environ, cwd=folder, capture_output=True, text=True, check=False
            )
        found = _INSTRUCTIONS.search(done.stderr)
        if done.returncode or not found:
            sys.exit(f"valgrind has counted nothing: {done.stderr[-500:]}")
        taken.append(int(found[1].replace(",", "")))
    return (taken[1] - taken[0]) / (COUNTED_PAGES[1] - COUNTED_PAGES[0]) / 1e6


def main() -> int:
    """Measure, print, and say whether the budgets hold."""
    pages, many_pages = map(int, sys.argv[1:]) if sys.argv[1:] else (PAGES, MANY_PAGES)
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.exit("valgrind counts the instructions of a crawl: install it (Debian: apt install valgrind)")
    crawls = {program: cost(program, pages) for program in (ALONE, TOGETHER, BARE, WHOLE)}
    longer = cost(WHOLE, many_pages)
    for name, count, took in (
        *((name, pages, crawls[program]) for name, program in PROGRAMS.items() if program in crawls),
        ("whole", many_pages, longer),
    ):
        print(f"{name:>8}: {count:5} pages, {count / took.seconds:4.0f} pages/s, {took.memory:4.0f} MiB at most")
    seconds = seconds_a_page()
    instructions = {program: instructions_a_page(valgrind, program) for program in PROGRAMS.values()}
    for name, program in PROGRAMS.items():
        counted = f"{instructions[program]:5.2f} million instructions"
        print(f"{name:>8}: {1000 * seconds[program]:5.2f} ms of CPU a page, {counted}")
    apart = seconds[WHOLE] / (seconds[ALONE] + seconds[BY_HAND])
    print(f"seconds beside Scrapy alone and, measured apart, reading and storing: {apart:.2f} (not judged)")
    return judged(
        {
            "memory beside the bare crawl": (crawls[WHOLE].memory / crawls[BARE].memory, MOST_MEMORY),
            f"memory at {many_pages} beside {pages} pages": (longer.memory / crawls[WHOLE].memory, FLAT),
            "seconds beside Scrapy alone, reading and storing": (seconds[WHOLE] / seconds[TOGETHER], MOST_PROCESSOR),
            "instructions beside Scrapy alone, reading and storing": (
                instructions[WHOLE] / instructions[TOGETHER],
                MOST_PROCESSOR,
            ),
            "instructions beside the same, measured apart": (
                instructions[WHOLE] / (instructions[ALONE] + instructions[BY_HAND]),
                MOST_PROCESSOR,
            ),
            "instructions beside the bare crawl, reading and storing": (
                instructions[WHOLE] / (instructions[BARE] + instructions[BY_HAND]),
                MOST_PROCESSOR,
            ),
        }
    )


def judged(budgets: dict[str, tuple[float, float]]) -> int:
    """Print each ratio with the most that it may be; return 1 if one is passed, else 0."""
    for name, (ratio, most) in budgets.items():
        print(f"{'ok' if ratio <= most else 'TOO MUCH':>8}  {ratio:.2f}  {name} (at most {most})")
    return int(any(ratio > most for ratio, most in budgets.values()))


if __name__ == "__main__":
    sys.exit(main())
