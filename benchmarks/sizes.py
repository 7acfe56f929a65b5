"""What a page costs to keep for a year: ``python benchmarks/sizes.py [MARKET_INDEX.csv]``.

Whole pages are built, read and stored day by day: the bundled page of the UK with its 111 skills and 12 places, its
term's figures moved as those of a market index did from day to day. Of each skill a few advertisements leave the
window every day and a few come, by Poisson as many as its length and their number make likely (seeded). The index is
a CSV with the columns ``as_of, window, term, rank, median, vacancies, share``; without one, three made-up terms of
different size move by chance alone. Bytes are those of the tables in the file, indexes included.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from jobspider.model import Capture, CrawlResult, FetchStatus, PlannedPage
from jobspider.pages import PARSER_VERSION, read_page
from jobspider.site.cell_values import parse_count, parse_money, parse_share
from jobspider.site.urls import make_subject, subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from tests.support.page_builder.role_page import build_page
from tests.support.page_builder.site_facts import document_of, load_facts

FACTS: Final = (
    Path(__file__).parents[1] / "fixtures" / "sites" / "backend-developer" / "2025-11-23" / "permanent-uk.toml"
)
WINDOW: Final = 6
WINDOW_DAYS: Final = 183
KEEP_DAYS: Final = 90
"""How long raw pages are kept where the configuration says nothing else."""
MOST_FIGURES: Final = 9 * 1024
MOST_RAW: Final = 4 * 1024
EVERY: Final = {"daily": 1, "weekly": 7}
FIGURES: Final = frozenset({"snapshots", "contents", "figures", "skill_shares", "locations", "live_jobs"})
LEDGER: Final = frozenset({"fetches", "crawls"})


class Day(NamedTuple):
    """A term's line in the index."""

    as_of: date
    rank: int
    median: int
    vacancies: int
    all_vacancies: int


def index_of(path: Path) -> dict[str, list[Day]]:
    """Return each term's days."""
    days: dict[str, list[Day]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["window"]) == WINDOW:
                rank, ads, part = parse_count(row["rank"]), parse_count(row["vacancies"]), parse_share(row["share"])
                median = parse_money(row["median"])
                if rank is None or ads is None or part is None or median is None:
                    raise ValueError(f"{path}: a line without a figure: {row}")
                day = Day(date.fromisoformat(row["as_of"]), rank, int(median), ads, int(ads * 100 / part))
                if day.as_of not in {known.as_of for known in days.setdefault(row["term"], [])}:
                    days[row["term"]].append(day)
    return days


def made_up() -> dict[str, list[Day]]:
    """Return terms of three sizes that move by chance alone."""
    chance = Random(7)  # noqa: S311 - a simulation
    first = date(2025, 6, 1)
    return {
        f"{size:,} vacancies": [
            Day(first + timedelta(days=day), 100, 60_000, size + chance.randrange(-size // 50, size // 50), 52_000)
            for day in range(28)
        ]
        for size in (100, 1_000, 10_000)
    }


def pages_of(term: str, days: list[Day]) -> Iterator[tuple[date, bytes]]:
    """Yield a whole page for each day."""
    chance = Random(term)  # noqa: S311 - likewise
    facts = load_facts(FACTS)
    scale = days[0].vacancies / facts["term"]["vacancies"][0]
    for skills in facts["skills"].values():
        skills.update({name: max(1, round(number * scale)) for name, number in skills.items()})
    for before, day in pairwise([days[0], *days]):
        _slide(facts["skills"].values(), (day.as_of - before.as_of).days, chance)
        today = deepcopy(facts)
        today.update(term_name=term, as_of=day.as_of, all_vacancies=[day.all_vacancies, *facts["all_vacancies"][1:]])
        today["term"]["rank"][0], today["term"]["vacancies"][0] = day.rank, day.vacancies
        today["term"]["pay"]["annual"]["median"][0] = day.median
        for skills in today["skills"].values():
            skills.update({name: min(number, day.vacancies) for name, number in skills.items()})
        for place in today["locations"]:
            place["vacancies"] = max(1, round(place["vacancies"] * scale * chance.uniform(0.98, 1.02)))
            place["live_jobs"] = chance.randrange(1, 1000)
        yield day.as_of, build_page(document_of(today)).encode()


def _slide(lists: Iterable[dict[str, int]], days: int, chance: Random) -> None:
    """Let advertisements leave the window and come into it for some days."""
    for skills in lists:
        for name, number in skills.items():
            flow = number * days / WINDOW_DAYS
            skills[name] = max(1, number + _poisson(flow, chance) - _poisson(flow, chance))


def _poisson(mean: float, chance: Random) -> int:
    found, waited = 0, chance.expovariate(1)
    while waited < mean:
        found, waited = found + 1, waited + chance.expovariate(1)
    return found


def store(path: Path, index: Mapping[str, list[Day]], every: int) -> tuple[dict[str, float], float]:
    """Store every so many days' pages; return the bytes that each table has a page, and the part that had changed."""
    of = {term: make_subject("permanent", "UK", term) for term in index}
    by_date: dict[date, dict[str, bytes]] = {}
    for term, days in index.items():
        for as_of, body in pages_of(term, days[::every]):
            by_date.setdefault(as_of, {})[term] = body
    found: Counter[FetchStatus] = Counter()
    with Database.open(path) as database:
        database.connection.execute("PRAGMA synchronous = OFF")
        writer = Writer(database)
        for as_of, bodies in sorted(by_date.items()):
            at = datetime.combine(as_of + timedelta(days=1), time(6, 30), UTC)
            plan = [PlannedPage(subject_url(of[term]), of[term]) for term in bodies]
            crawl_id = writer.begin_crawl(as_of.isoformat(), "roles", at, "0.1.0", plan)
            for planned, body in zip(plan, bodies.values(), strict=True):
                capture = Capture(planned.url, body, sha256(body).hexdigest(), at)
                page = read_page(body, planned.url)
                found[writer.store_page(crawl_id, planned.url, page, capture, PARSER_VERSION, 200)] += 1
            writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
        sizes = dict(
            database.rows("SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY 1")
        )
        (whole,), (difference,) = database.rows("SELECT avg(length(body)) FROM captures GROUP BY base IS NOT NULL")
    pages = found.total()
    by_page = {name: size / pages for name, size in sizes.items()} | {"whole": whole, "difference": difference}
    return by_page, found[FetchStatus.STORED] / pages


def main(arguments: list[str]) -> int:
    """Print the figures, and return 1 if a budget is overrun."""
    index = index_of(Path(arguments[0])) if arguments else made_up()
    worst_figures = worst_raw = 0.0
    for name, every in EVERY.items():
        with TemporaryDirectory() as folder:
            sizes, changed = store(Path(folder) / "jobs.db", index, every)
        figures = sum(size for table, size in sizes.items() if table in FIGURES)
        ledger = sum(size for table, size in sizes.items() if table in LEDGER)
        year, kept = 365 / every, KEEP_DAYS / every
        raw = sizes["whole"] + kept * sizes["difference"]
        print(f"{name}: {len(index)} terms; {changed:.0%} of the pages had changed; bytes a page:")
        print(
            f"  figures {figures:,.0f}; ledger {ledger:,.0f};"
            f" raw {sizes['difference']:,.0f}, whole {sizes['whole']:,.0f}"
        )
        print(f"  a page-year, KB: figures {figures * year / 1024:,.0f}, ledger {ledger * year / 1024:,.0f};", end=" ")
        print(f"raw pages of {KEEP_DAYS} days {raw / 1024:,.0f}")
        worst_figures, worst_raw = max(worst_figures, figures), max(worst_raw, sizes["difference"])
    print(
        f"budgets: figures {MOST_FIGURES:,} bytes a changed page, raw {MOST_RAW:,} where it resembles its predecessor"
    )
    return int(worst_figures > MOST_FIGURES or worst_raw > MOST_RAW)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
