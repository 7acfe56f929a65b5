"""The report: what is kept of some subjects, as one page that needs nothing but itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from alerts.config import Config, DigestConfig, NoiseSettings
from alerts.detection import skills
from alerts.detection.figures import Comparison, detect_changes, figure_changes, main_basis
from alerts.detection.restatements import MAX_DAYS_APART, a_year_before, detect_restatement
from alerts.detection.significance import assess_changes
from alerts.digests.baselines import BaselineReader
from alerts.digests.coverage import coverage_of
from alerts.model.changes import DatedContent, Restatement
from alerts.model.report import JudgedChange, Report, SnapshotComparison, SnapshotPoint, SubjectReport
from alerts.model.topics import RANK_TOPIC, VACANCIES_TOPIC, pay_topic
from alerts.render import charts
from alerts.reports.render import render_report
from alerts.reports.snapshots import load_snapshot_points
from jobspider.errors import StoreError, UsageError
from jobspider.files import replace_file
from jobspider.model import Basis, Content, LedgerRow, Snapshot, SnapshotInfo, Subject
from jobspider.site.statistics import PERCENTILES
from jobspider.store.database import Database
from jobspider.store.reader import Reader

_SHARES: Final = ("share_of_all", "share_of_category")
"""Of these and of the number of quotes the moves are shown, but what chance does to them is not judged."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is to be about: the subjects of a digest, those named, or else all that is watched.

    Moves are counted from the day ``since``.
    """

    digest: DigestConfig | None
    named: Sequence[Subject]
    since: date


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written: where, how many bytes it has, and how many charts; ``None``: none can be drawn."""

    report: Report
    path: Path
    size: int
    charts: int | None


def write_report(report: Report, path: Path) -> WrittenReport:
    """Write a report into a file, whole or not at all; what stands there is replaced.

    Raises:
        StoreError: Nothing is kept of what it is about, or the file cannot be written.
    """
    if not report.subjects:
        raise StoreError(f"nothing is kept yet of {_first(report)}: run jobspider crawl, then ask again")
    drawing = charts.chart_bundle()
    page = render_report(report, drawing)
    content = page.html.encode()
    try:
        replace_file(path, content)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; name another file") from error
    return WrittenReport(report, path, len(content), None if drawing is None else page.charts)


def build_report(database: Database, config: Config, asked: ReportRequest, now: datetime) -> Report:
    """Return a report out of an open database.

    Raises:
        UsageError: Nothing is watched that it could be about.
        StoreError: The database cannot be read.
    """
    reader = Reader(database)
    heads = {head.subject: head for head in reader.latest_snapshots()}
    subjects = _chosen(config, asked)
    rows = {row.subject: row for row in reader.latest_fetches_since(None) if row.subject is not None}
    known = {subject: heads[subject] for subject in subjects if subject in heads}
    painter = _SubjectReportBuilder(database, config, asked, now)
    return Report(
        name=asked.digest.name if asked.digest else "",
        created_at=now.astimezone(config.schedule.zone),
        since=asked.since,
        subjects=tuple(painter.portrait(head, rows.get(subject)) for subject, head in known.items()),
        without_data=tuple((subject, rows.get(subject)) for subject in subjects if subject not in heads),
        coverage=coverage_of(subjects, {each: rows[each] for each in subjects if each in rows}, [*known.values()]),
        crawl=reader.last_full_crawl("roles"),
    )


def _chosen(config: Config, asked: ReportRequest) -> list[Subject]:
    """Return the subjects that are asked for, each once."""
    if asked.named:
        return [*dict.fromkeys(asked.named)]
    covers = asked.digest.includes if asked.digest else lambda _: True
    found = [subject for subject in dict.fromkeys(config.subjects()) if covers(subject)]
    if not found and asked.digest and config.subjects():
        raise UsageError(
            f"a report shows pages, and digest {asked.digest.name!r} covers none, only derived watches: name pages or"
            " another digest"
        )
    if not found:
        raise UsageError("config.toml watches no page that the report could be about: add a [[watch]], or name pages")
    return found


def _first(report: Report) -> str:
    first, *others = (subject.key for subject, _ in report.without_data)
    return f"{first} and {len(others):,} more" if others else first


class _SubjectReportBuilder:
    """Makes portraits of subjects, one after the other: only one at a time need be known whole."""

    def __init__(self, database: Database, config: Config, asked: ReportRequest, now: datetime) -> None:
        self._database = database
        self._reader = Reader(database)
        self._min_quotes = (asked.digest.noise if asked.digest else NoiseSettings()).min_quotes
        self._past = BaselineReader(self._reader, self._min_quotes)
        self._stale_days = config.operator.stale_days
        self._since = asked.since
        self._now = now

    def portrait(self, head: SnapshotInfo, last_try: LedgerRow | None) -> SubjectReport:
        """Return all that the report says of a subject of which something is kept."""
        newest = self._reader.snapshot(head.snapshot_id)
        kept = load_snapshot_points(self._database, head.subject_id)
        earlier = [each for each in kept if each.as_of < head.as_of]
        then = [each for each in earlier if each.as_of <= self._since < head.as_of]
        age_days = (self._now.date() - head.as_of).days
        return SubjectReport(
            newest=newest,
            bases=_bases(newest, kept),
            history=kept,
            first=self._compared(newest, earlier[0]) if earlier else None,
            since=self._compared(newest, then[-1]) if then else None,
            last_fetch=last_try,
            age_days=age_days,
            is_stale=age_days >= self._stale_days,
            restated=self._restated(newest),
        )

    def _restated(self, newest: Snapshot) -> Restatement | None:
        head = newest.head
        near = self._reader.nearest_content(
            head.subject_id, a_year_before(head.as_of), MAX_DAYS_APART, head.parser_version
        )
        if near is None:
            return None
        as_of, content_id = near
        then = self._reader.contents([content_id], whole=False)[content_id]
        return detect_restatement(head, newest.content, DatedContent(as_of, then), (), self._min_quotes)

    def _compared(self, newest: Snapshot, then: SnapshotPoint) -> SnapshotComparison | None:
        """Compare like with like: a page of then as today's parser reads it, or else the first that it has read."""
        head, known = newest.head, (then.content_id, then.as_of)
        if then.parser_version != head.parser_version:
            known = self._reader.content_by_parser(head.parser_version, then.snapshot_id, then.content_id)
        content_id, as_of = known
        if as_of >= head.as_of:
            return None
        old = self._reader.content(content_id)
        comparison = Comparison(
            head, DatedContent(as_of, old), DatedContent(head.as_of, newest.content), then.fetched_at
        )
        moved = {(each.change.basis, each.change.statistic): each for each in self._moved(comparison)}
        return SnapshotComparison(
            as_of=as_of,
            then=old.term,
            moved=moved,
            shares=_shares(old) if old.top_skills else {},
            skills={each.change.item or "": each for each in self._skills(comparison)},
        )

    def _moved(self, comparison: Comparison) -> Iterator[JudgedChange]:
        """Yield every move of a figure of the first table."""
        for topic in (*map(pay_topic, Basis), RANK_TOPIC, VACANCIES_TOPIC):
            since = self._past.intermediate_content(comparison) if topic.is_pay else ()
            compared = replace(comparison, intermediate=since)
            for change, evidence in assess_changes(detect_changes(compared, topic), compared, self._min_quotes):
                yield JudgedChange(change, evidence.verdict)
        for basis in Basis:
            for change in figure_changes(comparison, pay_topic(basis), ("quotes",), basis):
                yield JudgedChange(change, None)
        for change in figure_changes(comparison, VACANCIES_TOPIC, _SHARES, None):
            yield JudgedChange(change, None)

    def _skills(self, comparison: Comparison) -> Iterator[JudgedChange]:
        """Yield every move of the share of a skill."""
        found = skills.changes(comparison, top=0)
        for change, evidence in assess_changes(found, comparison, self._min_quotes):
            yield JudgedChange(change, evidence.verdict)


def _bases(newest: Snapshot, kept: Sequence[SnapshotPoint]) -> tuple[Basis, ...]:
    """Return on which bases pay was ever stated, the page's main one first; that one alone where none was."""
    keys = {key for each in kept for key in each.figures}
    keys |= {key for key, (now, *_) in newest.content.term.rows.items() if now is not None}
    paid = {basis for basis, statistic in keys if statistic in PERCENTILES}
    main = main_basis(newest.head.subject.job_type)
    stated = [basis for basis in Basis if basis in paid]
    return tuple(sorted(stated, key=lambda basis: basis is not main)) or (main,)


def _shares(content: Content) -> dict[str, Decimal | None]:
    """Return the shares of all skills that a page lists; the top list's count, should a category's be others."""
    lists = [*content.skills.values(), content.top_skills]
    return {skill.name: skill.share for each in lists for skill in each}
