"""How well the digests tell what moved, and how seldom they tell chance: ``python benchmarks/alert_quality.py``.

A market whose truth is known (``admarket.py``) is published weekly, stored by the real store, compared and weighed by
the real comparison, told through the real outbox, by several digests at once: this engine with several budgets, and
what change monitors do, a threshold against the last crawl or against what was last told. The same seed gives the same
figures. ``--full`` runs three years of 240 subjects (some minutes) and draws the plots of ``docs/alert-quality.md``;
without it there are fewer subjects and two years, enough to see that nothing has become worse.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.config import DigestConfig, Noise, Rules
from alerts.edition import Editor
from alerts.model import Baseline, Digest
from alerts.outbox import Order, Outbox, Told
from benchmarks.admarket import RISING, Page, Truth
from jobspider.addresses import page_url
from jobspider.model import Capture, CrawlVerdict, JobType, PlannedPage, RolePage, SnapshotHead, Subject, SubjectNames
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.writer import Writer

SIZES: Final = (10, 50, 100, 260, 1040, 5000)
FIRST: Final = date(2023, 1, 2)
WEEK: Final = timedelta(weeks=1)
CHANNEL: Final = "folder"
SOON: Final = 26
DRIFT: Final = 0.04
DRIFT_WITHIN: Final = 100
A_LOOK: Final = 1
"""Weeks: what two medians of a few delays differ by is no difference."""
DRIFT_FROM: Final = 1040
STEP: Final = 1.10
MARKET: Final = 1.06
TRUTHS: Final = ("nothing", "nothing", "step", "step", "step", "drift", "skill", "market")
BUDGETS: Final = (0.02, 0.10, 0.40, 0.99)
DEFAULT_BUDGET: Final = 0.10
THRESHOLDS: Final = (2.0, 3.0, 5.0, 8.0)
ENGINE, TOLD, CRAWL = "this engine", "since told", "since last crawl"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to decide what is told: its rule's name, its setting, and the digest that does it."""

    rule: str
    setting: float
    digest: DigestConfig


@dataclass
class Record:
    """What was told of each subject: the week, ``pay`` or another family, the item, and whether it rose."""

    told: dict[int, list[tuple[int, str, str | None, bool]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Score:
    """How a contestant did with subjects of one size.

    ``false`` are alerts a subject-year by family, where nothing had happened; ``delay`` is in weeks (``None``: more
    than half were never told), ``soon`` the part told within 26 weeks; ``drift`` the weeks until each drift was told.
    """

    contestant: Contestant
    quotes: int
    false: dict[str, float]
    delay: float | None
    soon: float
    market: float | None
    skill: float | None
    drift: tuple[int | None, ...]


def contestants() -> list[Contestant]:
    """Return who is compared."""
    off = {"rank": False, "vacancies": False, "skills": False, "locations": False, "percentiles": False}
    found = [Contestant(ENGINE, budget, _digest(f"engine-{budget}", Rules(), budget)) for budget in BUDGETS]
    for rule, name in ((TOLD, "told"), (CRAWL, "crawl")):
        for percent in THRESHOLDS:
            rules = Rules.model_validate({**off, "median": {"percent": percent}})
            found.append(Contestant(rule, percent, _digest(f"{name}-{percent}", rules, 1.0)))
    return found


def _digest(name: str, rules: Rules, budget: float) -> DigestConfig:
    noise = Noise(false_alarm_budget=budget)
    return DigestConfig(name=name.replace(".", "-"), channels=[CHANNEL], rules=rules, noise=noise)


def truths(count: int, weeks: int, rng: Random) -> list[Truth]:
    """Return what happens to each of so many subjects; what happens to the market does so to all in the same week."""
    market = weeks // 2
    found = []
    for number in range(count):
        kind = TRUTHS[number % len(TRUTHS)]
        at = {"nothing": weeks, "drift": 0, "market": market}.get(kind, weeks // 2 + rng.randint(-6, 6))
        factor = {"step": STEP, "drift": DRIFT, "market": MARKET}.get(kind, 1.0)
        found.append(Truth(kind, at, factor))
    return found


class Market:
    """A database that is filled weekly with the pages of simulated subjects of one size."""

    def __init__(self, database: Database, quotes: int, truth: Sequence[Truth], seed: str) -> None:
        self._writer = Writer(database)
        self.subjects = tuple(
            Subject(JobType.PERMANENT, "north west", f"term {number:03}") for number in range(len(truth))
        )
        self._pages = [
            Page(each, quotes, Random(f"{seed} {number}"))  # noqa: S311 - a simulation that must repeat itself
            for number, each in enumerate(truth)
        ]

    def publish(self, week: int) -> datetime:
        """Store a crawl of every subject and return when it began."""
        as_of = FIRST + week * WEEK
        at = datetime(as_of.year, as_of.month, as_of.day, 6, 30, tzinfo=UTC)
        plan = [PlannedPage(page_url(subject), subject) for subject in self.subjects]
        crawl_id = self._writer.begin_crawl(f"week {week}", "roles", at, "0", plan)
        for planned, subject, page in zip(plan, self.subjects, self._pages, strict=True):
            body = f"{subject.term} {week}".encode()
            names = SubjectNames(subject.term.title(), "role", "Job Titles", "North West", "England")
            read = RolePage(
                planned.url, subject, names, as_of, (as_of.year, as_of.year - 1, as_of.year - 2), page.next()
            )
            capture = Capture(planned.url, body, sha256(body).hexdigest(), at)
            self._writer.store_page(crawl_id, planned.url, read, capture, 1, 200)
        self._writer.finish_crawl(crawl_id, at, CrawlVerdict.COMPLETE)
        return at


def run(quotes: int, count: int, weeks: int) -> list[Score]:
    """Let every contestant tell so many subjects of one size for so many weeks."""
    seed = f"alert quality {quotes}"
    truth = truths(count, weeks, Random(seed))  # noqa: S311 - likewise
    records = {each.digest.name: Record() for each in contestants()}
    with TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        database.connection.execute("PRAGMA synchronous = OFF")  # how fast the disk is does not matter here
        market = Market(database, quotes, truth, seed)
        before: tuple[SnapshotHead, ...] = ()
        for week in range(weeks):
            at = market.publish(week)
            for each in contestants():
                digest = _tell(database, market.subjects, each, before, at)
                _note(records[each.digest.name], digest, week)
            before = Reader(database).heads()
    return [_score(each, quotes, truth, weeks, records[each.digest.name]) for each in contestants()]


def _tell(
    database: Database, subjects: tuple[Subject, ...], who: Contestant, before: tuple[SnapshotHead, ...], at: datetime
) -> Digest:
    """Build a digest and send it; a change monitor takes the last crawl for what was told."""
    outbox, name = Outbox(database), who.digest.name
    if who.rule == CRAWL:
        return Editor(Reader(database), who.digest, subjects, at).edition(_as_if_told(before, at), at)
    digest = Editor(Reader(database), who.digest, subjects, at).edition(outbox.told(name, CHANNEL), at)
    if not digest.is_quiet:
        outbox.queue(name, at.isoformat(), at, [Order(CHANNEL, digest, b"")])
        for delivery in outbox.due(at):
            outbox.mark_sent(delivery.delivery_id, at, "")
    return digest


def _as_if_told(heads: tuple[SnapshotHead, ...], at: datetime) -> Told:
    return {
        (head.subject_id, "pay/annual"): Baseline(
            head.snapshot_id, head.content_id, head.as_of, at, head.parser_version
        )
        for head in heads
    }


def _note(record: Record, digest: Digest, week: int) -> None:
    for group in digest.groups:
        number = int(group.head.subject.term.removeprefix("term "))
        seen = set()
        for line in group.lines:
            change = line.change
            family = change.topic.partition("/")[0]
            if (family, change.item) not in seen:
                seen.add((family, change.item))
                record.told[number].append((week, family, change.item, (change.difference or 0) > 0))


def _score(who: Contestant, quotes: int, truth: Sequence[Truth], weeks: int, record: Record) -> Score:
    false: dict[str, int] = defaultdict(int)
    years = dict.fromkeys(("pay", "rank", "vacancies", "skills"), 0.0)
    found: dict[str, list[int | None]] = defaultdict(list)
    for number, each in enumerate(truth):
        told = record.told[number]
        for family in years:
            innocent = weeks if each.kind == "nothing" else _innocent_until(each, family, weeks)
            years[family] += innocent / 52
            false[family] += sum(week < innocent and of == family for week, of, _, _ in told)
        wanted = "skills" if each.kind == "skill" else "pay"
        rises = (
            week - each.at
            for week, family, item, rose in told
            if week >= each.at and family == wanted and rose and item in (None, RISING)
        )
        found[each.kind].append(next(rises, None))
    step = found["step"]
    return Score(
        who,
        quotes,
        {family: false[family] / years[family] for family in years},
        _median(step),
        sum(each is not None and each <= SOON for each in step) / len(step),
        _median(found["market"]),
        _median(found["skill"]),
        tuple(found["drift"]),
    )


def _innocent_until(truth: Truth, family: str, weeks: int) -> int:
    """Return until which week nothing had happened to a family of figures."""
    touched = {"skill": "skills"}.get(truth.kind, "pay")
    return truth.at if family == touched else weeks


def _median(delays: Sequence[int | None]) -> float | None:
    """Return the median delay, never told being longer than any; ``None`` if that is the median."""
    never = 10**6
    found = median([never if each is None else each for each in delays])
    return None if found >= never / 2 else found


def best_threshold(scores: Sequence[Score], rule: str, quotes: int, false: float) -> Score | None:
    """Return the quickest setting of a threshold rule that makes no more false alerts than another rule does."""
    able = [each for each in scores if each.contestant.rule == rule and each.quotes == quotes]
    able = [each for each in able if each.false["pay"] <= false]
    return min(able, key=lambda each: (each.delay if each.delay is not None else 999, -each.soon), default=None)


def said(weeks: float | None) -> str:
    """Return a delay in words."""
    return "never" if weeks is None else f"{weeks:g}"


def table(scores: Sequence[Score]) -> Iterator[str]:
    """Return the scores as the rows of a table in Markdown."""
    yield "| quotes | rule | setting | false: pay | rank | ads | skills | +10 %: weeks | in 26 weeks | market | skill |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for each in scores:
        others = " | ".join(f"{each.false[family]:.2f}" for family in ("rank", "vacancies", "skills"))
        if each.contestant.rule != ENGINE:
            others = "| |"
        yield (
            f"| {each.quotes:,} | {each.contestant.rule} | {each.contestant.setting:g} | {each.false['pay']:.2f} |"
            f" {others} | {said(each.delay)} | {each.soon:.0%} | {said(each.market)} | {said(each.skill)} |"
        )


def failures(scores: Sequence[Score]) -> Iterator[str]:
    """Return where a threshold rule with no more false alerts is quicker, and which drifts were told too late."""
    for each in scores:
        if (each.contestant.rule, each.contestant.setting) != (ENGINE, DEFAULT_BUDGET) or each.quotes < SIZES[1]:
            continue
        for rule in (TOLD, CRAWL):
            other = best_threshold(scores, rule, each.quotes, each.false["pay"])
            mine = each.delay if each.delay is not None else 999
            if other is not None and other.delay is not None and other.delay + A_LOOK < mine:
                yield (
                    f"{each.quotes} quotes: {said(each.delay)} weeks at"
                    f" {each.false['pay']:.2f} false alerts; {rule}, {other.contestant.setting:g} %: {other.delay:g}"
                    f" at {other.false['pay']:.2f}"
                )
        late = [weeks for weeks in each.drift if weeks is None or weeks > DRIFT_WITHIN]
        if each.quotes >= DRIFT_FROM and late:
            yield f"{each.quotes} quotes: a drift of 4 % a year was told after {late} weeks"


def main(arguments: Sequence[str]) -> int:
    """Print the figures, and return 1 if a threshold rule is better anywhere."""
    full = "--full" in arguments
    work: Callable[[int], list[Score]] = partial(run, count=40 if full else 16, weeks=156 if full else 104)
    with ProcessPoolExecutor() as pool:
        scores = [score for of_size in pool.map(work, reversed(SIZES)) for score in of_size]
    scores.sort(key=lambda each: each.quotes)
    print("\n".join(table(scores)))
    print()
    for each in scores:
        if each.contestant.setting == DEFAULT_BUDGET:
            print(f"{each.quotes:,} quotes: drifts of 4 % a year told after {[*map(said, each.drift)]} weeks")
    found = list(failures(scores))
    print("\n".join(found) if found else "no threshold rule is better at any size from 50 quotes on")
    if full:
        from benchmarks.alert_quality_plots import draw  # noqa: PLC0415 - needs the charts extra, only for the plots

        draw(scores, Path(__file__).parents[1] / "docs")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
