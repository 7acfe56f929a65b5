"""What a crawl costs beside the same crawl that neither reads nor stores its pages, in one run.

Pages are served on loopback and asked for without a delay. Prints pages a second, processor time a page and peak
memory, and fails where a budget is passed: memory at most 1.3 times that of the bare crawl and flat in the number of
pages, processor time at most that of the bare crawl, reading and storing together, plus a tenth. The last one mostly
fails (1.08 to 1.20 in November 2026, on two cores): a crawl waits for each page, then reads and stores it in turns with
Scrapy, which is dearer than each by itself, though no call is made that its parts do not make. The busier the machine,
the more so.

    python benchmarks/crawl.py [PAGES MANY_PAGES]
"""

import os
import subprocess
import sys
import tempfile
import time
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
MOST_MEMORY, MOST_TIME = 1.3, 1.1
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


@dataclass(frozen=True)
class Cost:
    """What a crawl took: seconds by the clock, of the processor, and its peak memory in MiB."""

    seconds: float
    processor: float
    memory: float


def crawled(program: str, count: int) -> Cost:
    """Run a crawl of so many pages as a process of its own."""
    with LiveSite(fault=manypages.answer) as site, tempfile.TemporaryDirectory() as folder:
        path = manypages.config(site, Path(folder), count)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "JOBSPIDER_CONFIG": str(path)}
        began = time.perf_counter()
        with subprocess.Popen([sys.executable, "-c", program], env=environ, cwd=folder) as process:  # noqa: S603 - our own
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode or len(site.pages_asked) != count:
            sys.exit(f"the crawl failed: exit code {process.returncode}, {len(site.pages_asked)} pages")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


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
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}; the budgets are for one that does nothing else")
    # What else the machine does only ever adds: the least of several is what the work itself takes.
    rounds = [(crawled(BARE, few), crawled(WHOLE, few), read_and_stored(few)) for _ in range(ROUNDS)]
    bare = min((each for each, _, _ in rounds), key=lambda cost: cost.processor)
    whole = min((each for _, each, _ in rounds), key=lambda cost: cost.processor)
    reading, storing = min((each for _, _, each in rounds), key=sum)
    longer = crawled(WHOLE, many)
    for name, cost, count in (("bare", bare, few), ("whole", whole, few), ("whole", longer, many)):
        print(
            f"{name:>6} {count:5} pages: {count / cost.seconds:5.0f} pages/s,"
            f" {1000 * cost.processor / count:5.2f} ms of CPU a page, {cost.memory:5.0f} MiB at most"
        )
    print(f"by themselves: reading {1000 * reading / few:.2f} ms a page, storing {1000 * storing / few:.2f} ms")
    budgets = {
        f"memory beside the bare crawl (at most {MOST_MEMORY})": (whole.memory / bare.memory, MOST_MEMORY),
        f"memory at {many} beside {few} pages (at most {FLAT})": (longer.memory / whole.memory, FLAT),
        f"CPU beside bare + reading + storing (at most {MOST_TIME})": (
            whole.processor / (bare.processor + reading + storing),
            MOST_TIME,
        ),
    }
    for name, (ratio, most) in budgets.items():
        print(f"{'ok' if ratio <= most else 'TOO MUCH':>8}  {ratio:.2f}  {name}")
    return int(any(ratio > most for ratio, most in budgets.values()))


if __name__ == "__main__":
    sys.exit(main())
