"""Build the HTML report of stored snapshots and write it to a file."""

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
"""Changes of these, and of the number of quotes, are shown without a test of significance."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The subjects of a report: those named, those of a digest, or else all watched ones.

    Changes are measured from the day ``since``.
    """

    digest: DigestConfig | None
    named: Sequence[Subject]
    since: date


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A written report: its path, its size in bytes, and the number of charts (``None`` without the extra)."""

    report: Report
    path: Path
    size: int
    charts: int | None


def write_report(report: Report, path: Path) -> WrittenReport:
    """Write a report to a file atomically; an existing file is replaced.

    Raises:
        StoreError: None of its subjects has a snapshot, or the file cannot be written.
    """
    if not report.subjects:
        raise StoreError(f"no snapshot is stored of {_first_missing(report)}: run jobspider crawl first")
    bundle = charts.chart_bundle()
    rendered = render_report(report, bundle)
    content = rendered.html.encode()
    try:
        replace_file(path, content)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; name another file") from error
    return WrittenReport(report, path, len(content), None if bundle is None else rendered.charts)


def build_report(database: Database, config: Config, request: ReportRequest, now: datetime) -> Report:
    """Return a report of the snapshots in an open database.

    Raises:
        UsageError: There is no subject to report on.
        StoreError: The database cannot be read.
    """
    reader = Reader(database)
    heads = {head.subject: head for head in reader.latest_snapshots()}
    subjects = _select_subjects(config, request)
    rows = {row.subject: row for row in reader.latest_fetches_since(None) if row.subject is not None}
    known = {subject: heads[subject] for subject in subjects if subject in heads}
    builder = _SubjectReportBuilder(database, config, request, now)
    return Report(
        name=request.digest.name if request.digest else "",
        created_at=now.astimezone(config.schedule.zone),
        since=request.since,
        subjects=tuple(builder.build(head, rows.get(subject)) for subject, head in known.items()),
        without_data=tuple((subject, rows.get(subject)) for subject in subjects if subject not in heads),
        coverage=coverage_of(
            subjects, {subject: rows[subject] for subject in subjects if subject in rows}, [*known.values()]
        ),
        crawl=reader.last_full_crawl("roles"),
    )


def _select_subjects(config: Config, request: ReportRequest) -> list[Subject]:
    """Return the distinct subjects of a request."""
    if request.named:
        return [*dict.fromkeys(request.named)]
    includes = request.digest.includes if request.digest else lambda _: True
    selected = [subject for subject in dict.fromkeys(config.subjects()) if includes(subject)]
    if not selected and request.digest and config.subjects():
        raise UsageError(
            f"a report shows pages, and digest {request.digest.name!r} covers none, only derived watches: name pages or"
            " another digest"
        )
    if not selected:
        raise UsageError("config.toml watches no page that the report could be about: add a [[watch]], or name pages")
    return selected


def _first_missing(report: Report) -> str:
    first, *others = (subject.key for subject, _ in report.without_data)
    return f"{first} and {len(others):,} more" if others else first


class _SubjectReportBuilder:
    """Builds one subject after the other, so that only one is in memory at a time."""

    def __init__(self, database: Database, config: Config, request: ReportRequest, now: datetime) -> None:
        self._database = database
        self._reader = Reader(database)
        self._min_quotes = (request.digest.noise if request.digest else NoiseSettings()).min_quotes
        self._past = BaselineReader(self._reader, self._min_quotes)
        self._stale_days = config.operator.stale_days
        self._since = request.since
        self._now = now

    def build(self, head: SnapshotInfo, last_fetch: LedgerRow | None) -> SubjectReport:
        """Return the report of a subject that has snapshots."""
        newest = self._reader.snapshot(head.snapshot_id)
        history = load_snapshot_points(self._database, head.subject_id)
        earlier = [point for point in history if point.as_of < head.as_of]
        before_since = [point for point in earlier if point.as_of <= self._since < head.as_of]
        age_days = (self._now.date() - head.as_of).days
        return SubjectReport(
            newest=newest,
            bases=_bases(newest, history),
            history=history,
            first=self._compare(newest, earlier[0]) if earlier else None,
            since=self._compare(newest, before_since[-1]) if before_since else None,
            last_fetch=last_fetch,
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

    def _compare(self, newest: Snapshot, then: SnapshotPoint) -> SnapshotComparison | None:
        """Compare with an older snapshot as the current parser parses it, or with the first one that it has parsed."""
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
        moved = {(judged.change.basis, judged.change.statistic): judged for judged in self._figure_changes(comparison)}
        return SnapshotComparison(
            as_of=as_of,
            then=old.term,
            moved=moved,
            shares=_shares(old) if old.top_skills else {},
            skills={judged.change.item or "": judged for judged in self._skill_changes(comparison)},
        )

    def _figure_changes(self, comparison: Comparison) -> Iterator[JudgedChange]:
        """Yield all changes of figures of table 1."""
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

    def _skill_changes(self, comparison: Comparison) -> Iterator[JudgedChange]:
        """Yield all changes of skill shares."""
        changes = skills.changes(comparison, top=0)
        for change, evidence in assess_changes(changes, comparison, self._min_quotes):
            yield JudgedChange(change, evidence.verdict)


def _bases(newest: Snapshot, history: Sequence[SnapshotPoint]) -> tuple[Basis, ...]:
    """Return the bases on which pay was ever stated, the main one first; only the main one if there are none."""
    keys = {key for point in history for key in point.figures}
    keys |= {key for key, (now, *_) in newest.content.term.rows.items() if now is not None}
    paid = {basis for basis, statistic in keys if statistic in PERCENTILES}
    main = main_basis(newest.head.subject.job_type)
    stated = [basis for basis in Basis if basis in paid]
    return tuple(sorted(stated, key=lambda basis: basis is not main)) or (main,)


def _shares(content: Content) -> dict[str, Decimal | None]:
    """Return the shares of all skills on a page; the top list takes precedence over the categories."""
    lists = [*content.skills.values(), content.top_skills]
    return {skill.name: skill.share for skills_of_list in lists for skill in skills_of_list}
