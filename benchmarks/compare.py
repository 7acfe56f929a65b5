"""What comparing 1,000 subjects with what was told costs, and what history adds: ``python benchmarks/compare.py``.

Every subject's figures differ from what was told, so each is loaded twice, compared on all topics and weighed, and one
of its lists of skills by category holds news; the usual week, in which most pages are as they were, is cheaper. History
is timed on fewer subjects, in two databases in turn within one run, so that the ratio does not depend on the machine.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.config import DigestConfig
from alerts.delivery.outbox import Outbox, OutboxEntry
from alerts.digests.builder import DigestBuilder
from jobspider.model import Basis, Capture, Content, CrawlResult, Figures, PlannedPage, RolePage, SkillShare, Subject
from jobspider.pages import read_page
from jobspider.site.urls import subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader

CASE = Path(__file__).parents[1] / "fixtures" / "pages" / "role" / "permanent-north-west-2025-11-23"
URL = "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
FIRST = datetime(2025, 11, 24, 6, 30, tzinfo=UTC)
WEEK = timedelta(weeks=1)
WEEKLY = DigestConfig(name="weekly", channels=["folder"])
CHANNEL = "folder"
SUBJECTS = 1000
MOST_SECONDS = 0.5
SUBJECTS_WITH_HISTORY = 50
SHORT, LONG = 4, 104
DRIFT, MOVE = 25, 20_000  # pounds: a week's, and the one that is to be told
MOST_TIMES_SHORT = 1.2
CATEGORY = "Cloud Services"
HUNDREDTH = Decimal("0.01")
ROUNDS = 9


def subjects(page: RolePage, count: int) -> list[Subject]:
    """Return so many subjects."""
    return [replace(page.subject, term=f"term {number}") for number in range(count)]


def moved(content: Content, pounds: int, year_ago: int) -> Content:
    """Return a page's figures with its pay and, once it has moved far, its skills moved too.

    With one ad more all shares are others, and one skill of a category is asked for as often as the last of the top
    list. ``year_ago`` is how far pay had moved then: a source whose past is not what it was is another matter.
    """
    rows = {key: (now, now, None) for key, (now, *_) in content.term.rows.items()}
    for key in ((Basis.ANNUAL, "p25"), (Basis.ANNUAL, "median"), (Basis.ANNUAL, "p75")):
        now = content.term.rows[key][0] or 0
        rows[key] = (now + pounds, now + year_ago, None)
    if pounds < MOVE:
        return replace(content, term=Figures(rows))
    ads = int(content.term.now("vacancies") or 0) + 1
    rows[None, "vacancies"] = (ads, ads - 1, None)
    *others, last = content.skills[CATEGORY]
    risen = last._replace(count=content.top_skills[-1].count)
    lists = {**content.skills, CATEGORY: tuple(sorted((*others, risen), key=lambda skill: -skill.count))}
    return replace(
        content,
        term=Figures(rows),
        top_skills=shares_of(content.top_skills, ads),
        skills={name: shares_of(skills, ads) for name, skills in lists.items()},
    )


def shares_of(skills: Iterable[SkillShare], ads: int) -> tuple[SkillShare, ...]:
    """Return skills with their shares of so many ads, as the site prints them."""
    return tuple(
        skill._replace(share=(100 * Decimal(skill.count) / ads).quantize(HUNDREDTH, ROUND_HALF_UP)) for skill in skills
    )


def keep(database: Database, page: RolePage, of: list[Subject], week: int, pounds: int) -> datetime:
    """Store a crawl of every subject and return when it began."""
    writer, at = Writer(database), FIRST + week * WEEK
    plan = [PlannedPage(subject_url(subject), subject) for subject in of]
    crawl_id = writer.begin_crawl(f"week {week}", "roles", at, "0", plan)
    content, as_of = moved(page.content, pounds, (week - 52) * DRIFT), page.as_of + week * WEEK
    body = b"week %d" % week
    for planned, subject in zip(plan, of, strict=True):
        capture = Capture(planned.url, body, sha256(body).hexdigest(), at)
        read = replace(page, url=planned.url, subject=subject, as_of=as_of, content=content)
        writer.store_page(crawl_id, planned.url, read, capture, 1, 200)
    writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
    return at


def tell(database: Database, of: list[Subject], at: datetime) -> None:
    """Send a digest about what is known."""
    outbox = Outbox(database)
    digest = DigestBuilder(Reader(database), WEEKLY, tuple(of), None).build(outbox.baselines(WEEKLY.name, CHANNEL), at)
    outbox.queue(WEEKLY.name, at.isoformat(), at, [OutboxEntry(CHANNEL, digest, b"")])
    for delivery in outbox.due(at):
        outbox.mark_sent(delivery.delivery_id, at, "")


def filled(path: Path, page: RolePage, of: list[Subject], weeks: int) -> Database:
    """Return a database with so many weeks of history, all but the last of them told."""
    database = Database.open(path)
    database.connection.execute("PRAGMA synchronous = OFF")  # how fast the disk is does not matter here
    for week in range(weeks - 1):
        at = keep(database, page, of, week, week * DRIFT)
    tell(database, of, at)
    keep(database, page, of, weeks, MOVE)
    return database


def compared(database: Database, of: list[Subject]) -> float:
    """Return the seconds that building a digest takes, from opening the outbox on."""
    began = perf_counter()
    outbox = Outbox(database)
    since, told = outbox.informed_until(WEEKLY.name, CHANNEL), outbox.baselines(WEEKLY.name, CHANNEL)
    digest = DigestBuilder(Reader(database), WEEKLY, tuple(of), since).build(told, FIRST)
    seconds = perf_counter() - began
    if len(digest.groups) != len(of):
        raise AssertionError(f"{len(of)} subjects moved, {len(digest.groups)} are told")
    return seconds


def main() -> int:
    """Print the figures, and return 1 if a budget is overrun."""
    page = read_page((CASE / "page.html").read_bytes(), URL)
    with TemporaryDirectory() as folder:
        of = subjects(page, SUBJECTS)
        with filled(Path(folder) / "all.db", page, of, 2) as database:
            seconds = min(compared(database, of) for _ in range(3))
        few = of[:SUBJECTS_WITH_HISTORY]
        with (
            filled(Path(folder) / "short.db", page, few, SHORT) as short,
            filled(Path(folder) / "long.db", page, few, LONG) as long,
        ):
            pairs = [(compared(short, few), compared(long, few)) for _ in range(ROUNDS)]
    shortest, longest = (min(times) for times in zip(*pairs, strict=True))
    ratio = longest / shortest
    print(f"{SUBJECTS:,} subjects, all of them moved  {seconds:7.2f} s   (budget {MOST_SECONDS})")
    print(f"{SUBJECTS_WITH_HISTORY} subjects, {SHORT} weeks of history {shortest * 1000:7.1f} ms")
    print(f"{SUBJECTS_WITH_HISTORY} subjects, {LONG} weeks            {longest * 1000:7.1f} ms")
    print(f"ratio                            {ratio:7.2f}     (budget {MOST_TIMES_SHORT})")
    return int(seconds > MOST_SECONDS or ratio > MOST_TIMES_SHORT)


if __name__ == "__main__":
    sys.exit(main())
