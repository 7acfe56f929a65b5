"""What a crawl costs beside the same crawl that neither reads nor stores, and beside Scrapy alone, in one run.

Pages are served on loopback and asked for without a delay. Prints pages a second, what a page costs the processor and
peak memory, and fails where a budget is passed: memory at most 1.3 times that of the bare crawl and flat in the number
of pages, processor at most that of Scrapy alone, reading and storing together, plus a tenth, and so beside the bare
crawl.

Scrapy alone is a spider of four lines under Scrapy's own settings, with one request at a time. The bare crawl has this
project's conduct (manners, cache, ledger) and yet costs less than that, for what is not used is not loaded.

The processor is held to its budget in instructions, which valgrind counts, the same on every machine and in every hour.
Seconds are printed beside them and not judged, for they tell of the machine as well: a processor that has waited for a
page, or has run other code since the last one, is slower at the same instructions. On two virtual cores (November 2026)
the whole crawl took 1.02 to 1.41 times the seconds of Scrapy alone, reading and storing (seven runs, median 1.25), and
1.08 to 1.7 times those of the bare crawl, reading and storing.

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
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from jobspider import pages  # noqa: E402 - the project's folder must be on the path first
from jobspider.addresses import page_url, subject  # noqa: E402 - likewise
from jobspider.model import Capture, PlannedPage  # noqa: E402 - likewise
from jobspider.store.database import Database  # noqa: E402 - likewise
from jobspider.store.writer import Writer  # noqa: E402 - likewise
from tests import manypages  # noqa: E402 - likewise
from tests.livesite import LiveSite  # noqa: E402 - likewise

PAGES, MANY_PAGES = 1000, 5000
ROUNDS = 5
COUNTED_PAGES = (40, 140)
"""Two crawls under valgrind; what lies between them is the pages' own, without the start of the program."""
MOST_MEMORY, MOST_INSTRUCTIONS = 1.3, 1.1
# Flat but for the plan and its ledger, of which each page has some hundred bytes.
FLAT = 1.1
NOW = datetime(2025, 11, 24, tzinfo=UTC)

WHOLE = "import sys; from jobspider.crawl import main; sys.exit(main(['--token', 'whole']))"
# The same conduct and the same settings, but for the pipeline.
BARE = """
from pathlib import Path
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from jobspider import config, crawl
from jobspider.addon import RUN_SETTING
from jobspider.spiders.roles import RolesSpider
loaded = config.load(Path("config.toml"))
with crawl.running(loaded, crawl.Order("bare")) as run:
    settings = Settings({"LOG_LEVEL": "WARNING", RUN_SETTING: run})
    settings.setmodule("jobspider.settings", priority="project")
    settings.set("ITEM_PIPELINES", {}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    process.crawl(RolesSpider)
    process.start()
"""
# What Scrapy costs whoever uses it; robots.txt is obeyed in every project that it sets up.
ALONE = """
import tomllib
from pathlib import Path
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from tests import manypages
config = tomllib.loads(Path("config.toml").read_text())
class Alone(scrapy.Spider):
    name = "alone"
    start_urls = [config["site"]["base_url"] + manypages.path(n) for n in range(len(config["watch"][0]["terms"]))]
    def parse(self, response):
        pass
settings = {"ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 1, "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING"}
process = AsyncCrawlerProcess(settings)
process.crawl(Alone)
process.start()
"""
PARTS = f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r}); from crawl import *; read_and_stored({{count}})"
_INSTRUCTIONS = re.compile(r"I\s+refs:\s+([0-9,]+)")


@dataclass(frozen=True)
class Cost:
    """What a crawl took: seconds by the clock, of the processor, and its peak memory in MiB."""

    seconds: float
    processor: float
    memory: float


@contextmanager
def served(count: int) -> Iterator[tuple[LiveSite, Path, dict[str, str]]]:
    """Serve so many pages; give the site, an empty folder, and the environment of a crawl of them all."""
    with LiveSite(fault=manypages.answer) as site, tempfile.TemporaryDirectory() as folder:
        path = manypages.config(site, Path(folder), count)
        yield site, Path(folder), {**os.environ, "PYTHONPATH": str(ROOT), "JOBSPIDER_CONFIG": str(path)}


def crawled(program: str, count: int) -> Cost:
    """Run a crawl of so many pages as a process of its own."""
    with served(count) as (site, folder, environ):
        began = time.perf_counter()
        with subprocess.Popen([sys.executable, "-c", program], env=environ, cwd=folder) as process:  # noqa: S603 - our own
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode or len(site.pages_asked) != count:
            sys.exit(f"the crawl failed: exit code {process.returncode}, {len(site.pages_asked)} pages")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def instructions(valgrind: str, program: str) -> float:
    """Return the instructions that a program takes for each page, in millions; it may name its ``{count}``."""
    taken = []
    for count in COUNTED_PAGES:
        with served(count) as (_, folder, environ):
            counter = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            command = [*counter, sys.executable, "-c", program.replace("{count}", str(count))]
            environ["PYTHONHASHSEED"] = "0"
            done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        found = _INSTRUCTIONS.search(done.stderr)
        if done.returncode or not found:
            sys.exit(f"valgrind has counted nothing: {done.stderr[-500:]}")
        taken.append(int(found[1].replace(",", "")))
    return (taken[1] - taken[0]) / (COUNTED_PAGES[1] - COUNTED_PAGES[0]) / 1e6


def read_and_stored(count: int) -> tuple[float, float]:
    """Return the seconds of the processor that reading and storing so many pages takes by itself.

    Each page is stored when it has been read, as it must be where pages come one by one. A thousand that are read and
    then stored cost an eighth less, for the processor's caches hold one program at a time; no crawl can have that.
    """
    bodies = [manypages.body(number) for number in range(count)]
    subjects = [subject("permanent", manypages.REGION, manypages.term(number)) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "jobspider.db") as database:
        writer = Writer(database)
        plan = [PlannedPage(page_url(of), of) for of in subjects]
        crawl_id = writer.begin_crawl("store", "roles", NOW, "0", plan)
        reading = storing = 0.0
        for planned, body in zip(plan, bodies, strict=True):
            began = time.process_time()
            page = pages.accept(pages.read_page(body, planned.url))
            was_read = time.process_time()
            capture = Capture(planned.url, body, sha256(body).hexdigest(), NOW)
            writer.store_page(crawl_id, planned.url, page, capture, pages.PARSER_VERSION, 200)
            reading += was_read - began
            storing += time.process_time() - was_read
    return reading, storing


def main() -> int:
    """Measure, print, and say whether the budgets hold."""
    few, many = map(int, sys.argv[1:]) if sys.argv[1:] else (PAGES, MANY_PAGES)
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.exit("valgrind counts the instructions of a crawl: install it (Debian: apt install valgrind)")
    # What else the machine does only ever adds: the least of several is what the work itself takes.
    rounds = [
        ([crawled(program, few) for program in (ALONE, BARE, WHOLE)], read_and_stored(few)) for _ in range(ROUNDS)
    ]
    alone, bare, whole = (
        min((costs[place] for costs, _ in rounds), key=lambda cost: cost.processor) for place in range(3)
    )
    reading, storing = min((parts for _, parts in rounds), key=sum)
    longer = crawled(WHOLE, many)
    for name, cost, count in (
        ("alone", alone, few),
        ("bare", bare, few),
        ("whole", whole, few),
        ("whole", longer, many),
    ):
        print(
            f"{name:>6} {count:5} pages: {count / cost.seconds:5.0f} pages/s,"
            f" {1000 * cost.processor / count:5.2f} ms of CPU a page, {cost.memory:5.0f} MiB at most"
        )
    print(f"by themselves: reading {1000 * reading / few:.2f} ms a page, storing {1000 * storing / few:.2f} ms")
    for name, cost in (("Scrapy alone", alone), ("the bare crawl", bare)):
        ratio = whole.processor / (cost.processor + reading + storing)
        print(f"seconds of CPU beside {name} + reading + storing: {ratio:.2f} (not judged)")
    of_alone, of_bare, of_whole, of_parts = (instructions(valgrind, each) for each in (ALONE, BARE, WHOLE, PARTS))
    print(
        f"millions of instructions a page: alone {of_alone:.2f}, bare {of_bare:.2f}, whole {of_whole:.2f},"
        f" reading + storing {of_parts:.2f}"
    )
    budgets = {
        f"memory beside the bare crawl (at most {MOST_MEMORY})": (whole.memory / bare.memory, MOST_MEMORY),
        f"memory at {many} beside {few} pages (at most {FLAT})": (longer.memory / whole.memory, FLAT),
        f"instructions beside Scrapy alone + reading + storing (at most {MOST_INSTRUCTIONS})": (
            of_whole / (of_alone + of_parts),
            MOST_INSTRUCTIONS,
        ),
        f"instructions beside the bare crawl + reading + storing (at most {MOST_INSTRUCTIONS})": (
            of_whole / (of_bare + of_parts),
            MOST_INSTRUCTIONS,
        ),
    }
    for name, (ratio, most) in budgets.items():
        print(f"{'ok' if ratio <= most else 'TOO MUCH':>8}  {ratio:.2f}  {name}")
    return int(any(ratio > most for ratio, most in budgets.values()))


if __name__ == "__main__":
    sys.exit(main())
