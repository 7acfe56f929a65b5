"""Measure the cost of parsing a page against lxml's own parse: ``python benchmarks/parse.py [--memory] [FILE URL]``.

Prints one line per page: the milliseconds of ``lxml.html.document_fromstring``, those of ``read`` plus ``document``,
and their ratio. Both are measured alternately in one run, so that the ratio hardly depends on the machine. Pages: a
saved role page of each job type, a page with all lists at full length (as long as the page of Developer in the UK of
2020), and a page of the market index. Exits with 1 if the worst ratio is above the limit.

The built pages lack the site's navigation, which costs lxml more than it costs the parser. The two pages that are
known as served, that of 2020 and an index of 2025, cost 2.5 and 2.7 times lxml's parse (November 2026). The same page
is parsed repeatedly, so the caches of labels and cells are full.

Measured without gain (November 2026): XSLT, serialising the whole tree, lxml's removal of blank text, collapsing white
space before the parse, one serialised text per table, and selectolax instead of lxml. A regular expression over the
serialised rows of skill lists gained 0 to 7 % and was deleted (December 2026).

``--memory`` also parses 10,000 pages and prints the memory of the process after the first thousand and after the last.
It fails if the difference is above the limit.
"""

import resource
import sys
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from time import process_time
from timeit import repeat

sys.path.insert(0, str(Path(__file__).parents[1]))

from lxml import html

from jobspider.pages import read
from jobspider.pages.json_document import document
from tests.support.page_builder import build_page, load_document
from tests.support.page_builder.site_facts import CATEGORY_LENGTH, skill_lists
from tests.support.saved_pages import CONTRACT, LONDON, PERMANENT

ROUNDS = 200
CALLS = 5
GOAL_TIMES_LXML = 3.0
MAX_TIMES_LXML = 4.0
"""The limit: 10 % above the worst ratio on a busy machine, which was 3.6 in November 2026 (3.4 on an idle one)."""
PAGES_FOR_MEMORY = 10_000
MAX_MEMORY_GROWTH_MB = 8.0
CATEGORIES = 13
TOP = 30

Page = tuple[str, bytes, str]
"""Name, body and URL."""


def full_page() -> Page:
    """Return a synthetic page with the largest number of skills that the site shows."""
    large = load_document(PERMANENT.folder / "expected.json")
    vacancies = large["figures"]["term"]["vacancies"][0]
    counts = {
        f"Category {number}": {
            f"Skill {number}.{place}": int(vacancies or 0) - place for place in range(CATEGORY_LENGTH)
        }
        for number in range(CATEGORIES)
    }
    large["top_skills"], large["skills"] = skill_lists(counts, int(vacancies or 0), TOP)
    return "all lists full", build_page(large).encode(), large["url"]


def pages() -> Iterator[Page]:
    """Yield the measured pages."""
    yield PERMANENT.name, PERMANENT.body, PERMANENT.url
    yield CONTRACT.name, CONTRACT.body, CONTRACT.url
    yield full_page()
    yield LONDON.name, LONDON.body, LONDON.url


def parse_to_document(body: bytes, url: str) -> None:
    """Do the work of ``jobspider parse`` between opening the file and printing."""
    document(read(body, url))


def compare(body: bytes, url: str) -> tuple[float, float]:
    """Return the CPU milliseconds of lxml's parse and of this parser, each the minimum of several rounds."""
    lxml_times, our_times = [], []
    for _ in range(ROUNDS):
        lxml_times += repeat(partial(html.document_fromstring, body), timer=process_time, number=CALLS, repeat=1)
        our_times += repeat(partial(parse_to_document, body, url), timer=process_time, number=CALLS, repeat=1)
    return min(lxml_times) / CALLS * 1000, min(our_times) / CALLS * 1000


def peak_memory_mb() -> float:
    """Return the peak memory of the process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory_growth_mb() -> float:
    """Return the memory growth between the thousandth page and the last."""
    many = cycle(pages())
    for _, body, url in islice(many, PAGES_FOR_MEMORY // 10):
        parse_to_document(body, url)
    before = peak_memory_mb()
    for _, body, url in islice(many, PAGES_FOR_MEMORY - PAGES_FOR_MEMORY // 10):
        parse_to_document(body, url)
    after = peak_memory_mb()
    print(f"memory after {PAGES_FOR_MEMORY // 10:,} pages {before:.0f} MB, after {PAGES_FOR_MEMORY:,} {after:.0f} MB")
    return after - before


def main(arguments: list[str]) -> int:
    """Measure the built-in pages, or one file with its URL."""
    with_memory = "--memory" in arguments
    paths = [argument for argument in arguments if argument != "--memory"]
    measured = iter([(Path(paths[0]).stem, Path(paths[0]).read_bytes(), paths[1])]) if paths else pages()
    worst = 0.0
    for name, body, url in measured:
        lxml_ms, our_ms = compare(body, url)
        worst = max(worst, our_ms / lxml_ms)
        print(
            f"{name:<40} {len(body) // 1024:>4} KB  lxml {lxml_ms:.2f}  read {our_ms:.2f} ms"
            f"  ratio {our_ms / lxml_ms:.2f}"
        )
    print(f"worst ratio {worst:.2f}, goal {GOAL_TIMES_LXML}")
    return int(worst > MAX_TIMES_LXML or (with_memory and memory_growth_mb() > MAX_MEMORY_GROWTH_MB))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
