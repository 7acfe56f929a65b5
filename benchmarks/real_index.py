"""What would have been told of a real market index: ``python benchmarks/real_index.py FILE.csv``.

The file has a line for each term and day: scraped, as_of, window, term, rank, median, vacancies, share, as the index
printed them. Each line is stored as a page; a weekly digest with the usual rules, and one that only asks whether the
median moved 2 % since the week before, are then told from them, through the real store and comparison. An index states
no percentiles and no quotes, so pay cannot be judged from it; ranks, shares and vacancies can.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts import wording
from alerts.config import DigestConfig, NoiseSettings, Rules
from alerts.digests.backtest import baselines_after
from alerts.digests.builder import DigestBuilder
from alerts.model.changes import AssessedChange, Baseline, Change
from alerts.model.topics import Topic
from jobspider.model import (
    Basis,
    Capture,
    Content,
    CrawlResult,
    Figures,
    JobType,
    PlannedPage,
    RolePage,
    Subject,
    SubjectNames,
)
from jobspider.site.cell_values import parse_count, parse_money, parse_share
from jobspider.site.urls import subject_url
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.reader import Reader

USUAL: Final = DigestConfig(name="usual", channels=["folder"])
ONLY_MEDIAN: Final = Rules.model_validate(
    {"percentiles": False, "rank": False, "vacancies": False, "skills": False, "locations": False}
)
MONITOR: Final = DigestConfig(
    name="monitor", channels=["folder"], rules=ONLY_MEDIAN, noise=NoiseSettings(false_alarm_budget=1.0)
)
EVERY_DAYS: Final = 7

Rows = Sequence[Mapping[str, str]]


def content(row: Mapping[str, str]) -> Content:
    """Return what a line of the index says."""
    return Content(
        Figures(
            {
                (Basis.ANNUAL, "median"): (parse_money(row["median"]), None, None),
                (None, "rank"): (parse_count(row["rank"]), None, None),
                (None, "vacancies"): (parse_count(row["vacancies"]), None, None),
                (None, "share_of_category"): (parse_share(row["share"]), None, None),
            }
        ),
        None,
    )


def subject(row: Mapping[str, str]) -> Subject:
    """Return what a line of the index is about."""
    return Subject(JobType.PERMANENT, "uk", row["term"].lower(), int(row["window"]))


def publish(database: Database, rows: Rows, day: date) -> datetime:
    """Store a day's lines as pages."""
    writer, at = Writer(database), datetime.combine(day, time(6, 30), UTC)
    plan = [PlannedPage(subject_url(subject(row)), subject(row)) for row in rows]
    crawl_id = writer.begin_crawl(day.isoformat(), "roles", at, "0", plan)
    for planned, row in zip(plan, rows, strict=True):
        as_of, body = date.fromisoformat(row["as_of"]), repr(row).encode()
        names = SubjectNames(row["term"], "skill", "Index", "UK", None)
        years = (as_of.year, as_of.year - 1, as_of.year - 2)
        page = RolePage(planned.url, subject(row), names, as_of, years, content(row))
        writer.store_page(crawl_id, planned.url, page, Capture(planned.url, body, sha256(body).hexdigest(), at), 1, 200)
    writer.finish_crawl(crawl_id, at, CrawlResult.COMPLETE)
    return at


def told_of(
    database: Database, days: Mapping[date, Rows]
) -> tuple[dict[str, list[AssessedChange]], dict[str, list[AssessedChange]]]:
    """Publish day by day and tell weekly; return what each digest told of each subject, by its key."""
    usual: dict[str, list[AssessedChange]] = defaultdict(list)
    monitor: dict[str, list[AssessedChange]] = defaultdict(list)
    heard: dict[tuple[int, Topic], Baseline] = {}
    last: dict[tuple[int, Topic], Baseline] = {}
    due = min(days)
    for day, rows in sorted(days.items()):
        at = publish(database, rows, day)
        if day < due:
            continue
        due = day + timedelta(days=EVERY_DAYS)
        reader, watched = Reader(database), tuple(map(subject, rows))
        for definition, told, of in ((USUAL, heard, usual), (MONITOR, last, monitor)):
            digest = DigestBuilder(reader, definition, watched, at).build(told, at)
            lines = [line for group in digest.groups for line in group.lines]
            told.update(baselines_after(digest, lines, at))
            for line in lines:
                of[line.change.snapshot.subject.key].append(line)
        last = {
            (head.subject_id, topic): Baseline(head.snapshot_id, head.content_id, head.as_of, at, head.parser_version)
            for head in reader.latest_snapshots()
            for topic in map(Topic, ("pay/annual", "rank", "vacancies"))
        }
    return usual, monitor


def report(
    days: Mapping[date, Rows], usual: Mapping[str, list[AssessedChange]], monitor: Mapping[str, list[AssessedChange]]
) -> Iterator[str]:
    """Yield a row of Markdown for each term and window."""
    first, last = days[min(days)], days[max(days)]
    yield "| term, window | median | rank | ads | told | 2 % since the week before |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for before in sorted(first, key=lambda row: (row["term"].lower(), row["window"])):
        now = next((row for row in last if subject(row) == subject(before)), before)
        said = "; ".join(map(_said, usual[subject(before).key])) or "nothing"
        spans = " | ".join(f"{before[key]} → {now[key]}" for key in ("median", "rank", "vacancies"))
        steps = ", ".join(_step(line.change) for line in monitor[subject(before).key]) or "nothing"
        yield f"| {before['term']}, {before['window']} | {spans} | {said} | {steps} |"


def _said(line: AssessedChange) -> str:
    change = line.change
    old, new = (wording.format_value(change.statistic, side, change.basis) for side in (change.old, change.new))
    title = wording.statistic_title(change.statistic, change.basis).lower()
    return f"{wording.format_date(change.snapshot.as_of)}: {title} {old} → {new} ({line.evidence.verdict})"


def _step(change: Change) -> str:
    return f"{wording.format_date(change.snapshot.as_of)} {float(change.percent or 0):+.1f} %"


def main(arguments: Sequence[str]) -> int:
    """Print the report of the file that is named, if one is."""
    if not arguments:
        print(__doc__)
        return 0
    days: dict[date, list[Mapping[str, str]]] = defaultdict(list)
    with Path(arguments[0]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days[date.fromisoformat(row["scraped"])].append(row)
    with TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")
        print("\n".join(report(days, *told_of(database, days))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
