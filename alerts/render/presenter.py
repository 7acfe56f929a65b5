"""Convert a digest to its view model, so that all formats show the same texts.

All strings are sanitised (:mod:`alerts.render.sanitize`) but not escaped; each format escapes its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType
from typing import Final, TypeVar

from alerts import wording
from alerts.model.changes import AssessedChange, Change, Coverage, Digest, NewlyWatched, Significance, SubjectSection
from alerts.model.derived import DerivedFigure
from alerts.model.topics import SKILLS_TOPIC
from alerts.render import coverage as coverage_texts
from alerts.render.line_order import (
    NAMELESS,
    change_title,
    format_locations,
    format_shares,
    group_skills,
    has_insufficient_data,
    insufficient_locations,
)
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text, safe_url
from alerts.render.view_models import (
    DigestView,
    EntryView,
    FailureView,
    GroupView,
    LineView,
    ListView,
    TruncatedList,
    WatchingView,
)
from jobspider.model import LedgerRow, SnapshotInfo, Subject, SubjectNames
from jobspider.site.urls import region_display_name

_Reason = tuple[str, bool]
"""The reason of an entry, and whether there are too few ads to test it."""
Item = TypeVar("Item")
Shown = TypeVar("Shown")

SITE_URL: Final = "https://www.itjobswatch.co.uk"

NO_CHARTS: Final[Mapping[int, str]] = MappingProxyType({})

_ARROWS: Final = {"up": "▲", "down": "▼", "level": "="}
_MAX_SKILLS: Final = 6
_MOST_TOLD: Final = 0.025
"""The largest p-value that is reported. A test compares it with that of :mod:`alerts.detection.selection`."""
# Suppressed by the limit for single changes, not by the false-discovery procedure.
_NOT_RARE_ENOUGH: Final = "likely, but chance alone makes as much in more than one look of forty"
# The order of the figures of a newly watched subject; other figures follow.
_FIGURE_ORDER: Final = ("median", "p25", "p75", "p10", "p90", "quotes", "vacancies", "rank")


def present_digest(digest: Digest, charts: Mapping[int, str] = NO_CHARTS) -> DigestView:
    """Return the complete view model of a digest.

    Args:
        digest: The digest. Dates of notifications are in the time zone of its ``created_at``.
        charts: Addresses of chart images by subject id.
    """
    coverage, zone = digest.coverage, digest.created_at.tzinfo
    display_names = _DisplayNames(digest)
    untested = insufficient_locations(digest)
    shown_above = {id(line) for lines in untested.values() for line in lines}
    suppressed = [line for line in digest.suppressed if id(line) not in shown_above]
    title = f"{clean_text(digest.name)} digest" if coverage else "notice to the operator"
    title = f"{title}, {wording.format_date(digest.created_at)}"
    return DigestView(
        headline=clean_text(digest.headline, SENTENCE_LIMIT) or title,
        title=title,
        status=coverage_texts.status_text(digest),
        is_blind=coverage_texts.nothing_was_read(digest),
        notices=_part(lambda note: clean_text(note, SENTENCE_LIMIT), digest.notes),
        groups=_part(
            lambda group: _group(
                group, charts.get(group.snapshot.subject_id, ""), untested.get(group.snapshot.subject_id, ()), zone
            ),
            digest.groups,
        ),
        watching=_part(_watching, digest.watching),
        nearly=_lists(digest.below_threshold, lambda line: clean_text(line.reason, SENTENCE_LIMIT)),
        nearly_count=len(digest.below_threshold),
        held_back=_lists(suppressed, _suppression_reason),
        held_back_count=len(suppressed),
        coverage=coverage_texts.coverage_sentence(coverage) if coverage else "",
        failed=_part(display_names.failure, coverage.failed if coverage else ()),
        not_looked=_part(str, display_names.not_fetched(coverage) if coverage else ()),
    )


def _part(view: Callable[[Item], Shown], items: Iterable[Item]) -> TruncatedList[Shown]:
    return TruncatedList(tuple(view(item) for item in items))


class _DisplayNames:
    """Printed names for subjects whose own page was not read; a URL does not contain capital letters."""

    def __init__(self, digest: Digest) -> None:
        heads = [group.snapshot for group in digest.groups] + [section.snapshot for section in digest.watching]
        heads += [line.change.snapshot for line in (*digest.below_threshold, *digest.suppressed)]
        names = {head.subject: head.names for head in heads}
        names |= digest.coverage.names if digest.coverage else {}
        self._terms = {subject.term: printed.term_name for subject, printed in names.items()}
        self._regions = {subject.region: printed.region_name for subject, printed in names.items()}

    def name(self, subject: Subject) -> str:
        term = self._terms.get(subject.term, subject.term)
        region = self._regions.get(subject.region) or region_display_name(subject.region)
        return ", ".join(_term_and_place(subject, term, region))

    def not_fetched(self, coverage: Coverage) -> Iterator[str]:
        yield from map(self.name, coverage.not_fetched)
        yield from (f"{clean_text(name)}: one of its two pages was not read" for name in coverage.not_compared)

    def failure(self, row: LedgerRow) -> FailureView:
        name = self.name(row.subject) if row.subject else clean_text(row.url, SENTENCE_LIMIT)
        return FailureView(name, clean_text(wording.fetch_failure_text(row), SENTENCE_LIMIT))


def _term_and_place(subject: Subject, term: str, region: str) -> tuple[str, str]:
    names = SubjectNames(clean_text(term) or NAMELESS, "role", "", clean_text(region) or NAMELESS, None)
    return names.term_name, wording.subject_name(subject, names).removeprefix(f"{names.term_name}, ")


def subject_titles(snapshot: SnapshotInfo) -> tuple[str, str, str]:
    """Return the displayed term, the displayed region and job type, and the URL of a subject (may be empty)."""
    names = snapshot.names
    return *_term_and_place(snapshot.subject, names.term_name, names.region_name), safe_url(snapshot.url)


def _group(group: SubjectSection, chart: str, untested: tuple[AssessedChange, ...], zone: tzinfo | None) -> GroupView:
    """Return a subject with its changes. Dates that all changes share are shown once, in the heading."""
    since = {_since(line.change, zone) for line in group.lines}
    facts = [
        f"as of {wording.derived_as_of(group.derived) if group.derived else wording.format_date(group.snapshot.as_of)}"
    ]
    if len(since) == 1:
        facts += since
    lines = tuple(
        _line(line, () if len(since) == 1 else (_since(line.change, zone),)) for line in group_skills(group.lines)
    )
    if group.derived is not None:
        return GroupView(
            *_derived_titles(group.derived),
            tuple(facts),
            TruncatedList(lines),
            other_url=safe_url(group.derived.reference.head.url),
        )
    history = wording.series_text(group.series) if group.series else ""
    return GroupView(
        *subject_titles(group.snapshot),
        tuple(facts),
        TruncatedList(lines),
        history,
        chart,
        few_ads=format_locations(untested),
    )


def _derived_titles(pair: DerivedFigure) -> tuple[str, str, str]:
    """Return the name of a derived watch, its subjects, and the URL of the first."""
    return (
        clean_text(pair.watch.name),
        clean_text(wording.derived_subjects(pair), SENTENCE_LIMIT),
        safe_url(pair.target.head.url),
    )


def _line(line: AssessedChange, since: tuple[str, ...]) -> LineView:
    change = line.change
    is_good = wording.is_good_news(change)
    yearly = [] if change.year_on_year is None else [wording.format_year_on_year(change.statistic, change.year_on_year)]
    context = [
        *(wording.pay_context_text(line.pay_context) if line.pay_context else ()),
        *([wording.composition_text(line.composition)] if line.composition else []),
    ]
    return LineView(
        title=_title(change),
        old=wording.format_value(change.statistic, change.old, change.basis),
        new=wording.format_value(change.statistic, change.new, change.basis),
        arrow=_ARROWS[wording.direction(change)],
        moved=wording.change_text(change),
        tone="plain" if is_good is None else "good" if is_good else "bad",
        facts=(
            *_sides(change),
            *yearly,
            *(clean_text(text, SENTENCE_LIMIT) for text in context),
            *_evidence(line),
            *since,
        ),
    )


def _sides(change: Change) -> tuple[str, ...]:
    """Return both figures of a derived watch, now and in the baseline, with dates if they differ."""
    if change.derived is None:
        return ()
    texts = (wording.current_values(change.derived), f"told: {wording.baseline_values(change.derived)}")
    return tuple(clean_text(text, SENTENCE_LIMIT) for text in texts)


def _title(change: Change) -> str:
    if change.derived is not None:
        return wording.derived_statistic(change.derived)
    return change_title(change)


def _evidence(line: AssessedChange) -> tuple[str, ...]:
    """Return the number of ads behind a change, and its verdict with the explanation."""
    change = line.change
    noun = "pay quote" if change.topic.is_pay else "ad"
    # The explanation of a derived watch states the quotes of both pages.
    quotes = [] if change.sample_size is None or change.derived else [wording.pluralize(change.sample_size, noun)]
    because = clean_text(line.evidence.explanation, SENTENCE_LIMIT)
    verdict = wording.significance_text(line.evidence.verdict)
    return (*quotes, f"{verdict}: {because}" if because else verdict)


def _since(change: Change, zone: tzinfo | None) -> str:
    old_as_of = (
        wording.derived_baseline_as_of(change.derived) if change.derived else wording.format_date(change.old_as_of)
    )
    return f"compared with {old_as_of}, told {wording.format_date(change.baseline_notified_at.astimezone(zone))}"


def _watching(watching: NewlyWatched) -> WatchingView:
    if watching.derived is not None:
        return _watching_derived(watching.derived)
    keys = sorted(
        watching.figures,
        key=lambda key: (_FIGURE_ORDER.index(key) if key in _FIGURE_ORDER else len(_FIGURE_ORDER), key),
    )
    topics = ", ".join(wording.topic_title(topic).lower() for topic in watching.topics)
    facts = [f"as of {wording.format_date(watching.snapshot.as_of)}"] + ([f"watched for {topics}"] if topics else [])
    return WatchingView(
        *subject_titles(watching.snapshot),
        tuple(facts),
        tuple(
            (
                wording.statistic_title(key, watching.basis),
                wording.format_value(key, watching.figures[key], watching.basis),
            )
            for key in keys
        ),
        ", ".join(clean_text(skill) for skill in watching.top_skills),
    )


def _watching_derived(pair: DerivedFigure) -> WatchingView:
    value = wording.format_value(pair.statistic, pair.new, pair.target.basis)
    figures = tuple((clean_text(title), figure) for title, figure in wording.derived_figures(pair))
    rows = (*figures, (wording.derived_statistic(pair), value))
    as_of = f"as of {wording.derived_as_of(pair)}"
    return WatchingView(*_derived_titles(pair), (as_of,), rows, "", safe_url(pair.reference.head.url))


def _lists(lines: Iterable[AssessedChange], reason: Callable[[AssessedChange], str]) -> TruncatedList[ListView]:
    """Group changes by subject, then by reason."""
    by_subject: dict[tuple[Subject, str], dict[_Reason, list[Change]]] = {}
    for line in lines:
        change = line.change
        key = change.snapshot.subject, change.topic if change.derived else ""
        by_subject.setdefault(key, {}).setdefault((reason(line), has_insufficient_data(line)), []).append(change)
    return TruncatedList(tuple(map(_list, by_subject.values())))


def _list(reasons: Mapping[_Reason, Sequence[Change]]) -> ListView:
    first = next(iter(reasons.values()))[0]
    term, place, url = subject_titles(first.snapshot) if first.derived is None else _derived_titles(first.derived)
    entries = (EntryView(entry, *reason) for reason, changes in reasons.items() for entry in _entries(changes))
    return ListView(f"{term}, {place}", url, TruncatedList(tuple(entries)))


def _entries(changes: Sequence[Change]) -> list[str]:
    """Return one entry per change, but one for all skills: on a page with few ads all of them change."""
    skills = [change for change in changes if change.topic == SKILLS_TOPIC]
    others = [_entry(change) for change in changes if change.topic != SKILLS_TOPIC]
    if len(skills) <= 1:
        return others + [_entry(change) for change in skills]
    first = format_shares(skills[:_MAX_SKILLS])
    more = f" and {len(skills) - _MAX_SKILLS} more" if len(skills) > _MAX_SKILLS else ""
    return [*others, f"{len(skills)} skill shares: {first}{more}"]


def _entry(change: Change) -> str:
    old, new = (wording.format_value(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{_title(change)} {old} → {new}, {wording.change_text(change)}"


def _suppression_reason(line: AssessedChange) -> str:
    because = clean_text(line.evidence.explanation, SENTENCE_LIMIT)
    verdict, p_value = line.evidence.verdict, line.evidence.p_value
    if verdict in (Significance.NOISE, Significance.INSUFFICIENT_DATA):
        reason = wording.significance_text(verdict)
    elif p_value is not None and p_value > _MOST_TOLD:
        reason = _NOT_RARE_ENOUGH
    else:
        # Significant by itself, but suppressed by the false-discovery procedure.
        reason = "may be chance among so many"
    return f"{reason}: {because}" if because else reason
