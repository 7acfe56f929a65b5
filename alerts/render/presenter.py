"""A digest as plain strings, prepared once, so that text, HTML and Slack say the same.

Every string here is clean (:mod:`alerts.render.sanitize`) but not escaped: escaping is the medium's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType
from typing import Final, TypeVar

from alerts import wording
from alerts.model.changes import AssessedChange, Change, Coverage, Digest, NewlyWatched, Significance, SubjectSection
from alerts.model.derived import DerivedFigure
from alerts.model.topics import SKILLS_TOPIC
from alerts.render import coverage as looked
from alerts.render.line_order import (
    NAMELESS,
    format_locations,
    group_skills,
    has_insufficient_data,
    insufficient_locations,
    shares,
    title_of,
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
Item = TypeVar("Item")
Shown = TypeVar("Shown")

LICENCE: Final = "CC BY-NC-SA 4.0"
ATTRIBUTION: Final = f"Source: IT Jobs Watch (www.itjobswatch.co.uk), {LICENCE}"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"
SITE_URL: Final = "https://www.itjobswatch.co.uk"

NO_CHARTS: Final[Mapping[int, str]] = MappingProxyType({})

_ARROWS: Final = {"up": "▲", "down": "▼", "level": "="}
_SKILLS_NAMED: Final = 6
_MOST_TOLD: Final = 0.025
"""The largest p-value that is reported. A test compares it with that of :mod:`alerts.detection.selection`."""
# Held back for itself and not for its company; said in the measure of that limit.
_NOT_RARE_ENOUGH: Final = "likely, but chance alone makes as much in more than one look of forty"
# The order in which people ask for the figures of a page they see for the first time; others follow.
_FIRST: Final = ("median", "p25", "p75", "p10", "p90", "quotes", "vacancies", "rank")


def present_digest(digest: Digest, charts: Mapping[int, str] = NO_CHARTS) -> DigestView:
    """Return a digest as strings, whole.

    Args:
        digest: What to tell. The days of moments are those of the zone that it was made in.
        charts: Where the picture of a group's history is, by the id of its subject.
    """
    coverage, zone = digest.coverage, digest.created_at.tzinfo
    known = _DisplayNames(digest)
    thin = insufficient_locations(digest)
    below = {id(line) for lines in thin.values() for line in lines}
    held_back = [line for line in digest.suppressed if id(line) not in below]
    title = f"{clean_text(digest.name)} digest" if coverage else "notice to the operator"
    title = f"{title}, {wording.format_date(digest.created_at)}"
    return DigestView(
        headline=clean_text(digest.headline, SENTENCE_LIMIT) or title,
        title=title,
        status=looked.status(digest),
        is_blind=looked.nothing_was_read(digest),
        notices=_part(lambda notice: clean_text(notice, SENTENCE_LIMIT), digest.notes),
        groups=_part(
            lambda group: _group(
                group, charts.get(group.snapshot.subject_id, ""), thin.get(group.snapshot.subject_id, ()), zone
            ),
            digest.groups,
        ),
        watching=_part(_watching, digest.watching),
        nearly=_lists(digest.below_threshold, lambda line: clean_text(line.reason, SENTENCE_LIMIT)),
        nearly_count=len(digest.below_threshold),
        held_back=_lists(held_back, _why_held_back),
        held_back_count=len(held_back),
        coverage=looked.coverage_sentence(coverage) if coverage else "",
        failed=_part(known.failure, coverage.failed if coverage else ()),
        not_looked=_part(str, known.not_looked(coverage) if coverage else ()),
    )


def _part(view: Callable[[Item], Shown], items: Iterable[Item]) -> TruncatedList[Shown]:
    return TruncatedList(tuple(view(item) for item in items))


class _DisplayNames:
    """Names as printed, for subjects whose own page was not read: an address's slug does not know its capitals."""

    def __init__(self, digest: Digest) -> None:
        heads = [group.snapshot for group in digest.groups] + [each.snapshot for each in digest.watching]
        heads += [line.change.snapshot for line in (*digest.below_threshold, *digest.suppressed)]
        names = {head.subject: head.names for head in heads}
        names |= digest.coverage.names if digest.coverage else {}
        self._terms = {subject.term: of.term_name for subject, of in names.items()}
        self._regions = {subject.region: of.region_name for subject, of in names.items()}

    def name(self, subject: Subject) -> str:
        term = self._terms.get(subject.term, subject.term)
        region = self._regions.get(subject.region) or region_display_name(subject.region)
        return ", ".join(_term_and_place(subject, term, region))

    def not_looked(self, coverage: Coverage) -> Iterator[str]:
        yield from map(self.name, coverage.not_fetched)
        yield from (f"{clean_text(name)}: one of its two pages was not read" for name in coverage.not_compared)

    def failure(self, row: LedgerRow) -> FailureView:
        name = self.name(row.subject) if row.subject else clean_text(row.url, SENTENCE_LIMIT)
        return FailureView(name, clean_text(wording.fetch_failure_text(row), SENTENCE_LIMIT))


def _term_and_place(subject: Subject, term: str, region: str) -> tuple[str, str]:
    names = SubjectNames(clean_text(term) or NAMELESS, "role", "", clean_text(region) or NAMELESS, None)
    return names.term_name, wording.subject_name(subject, names).removeprefix(f"{names.term_name}, ")


def subject_of(head: SnapshotInfo) -> tuple[str, str, str]:
    """Return a subject's term and place as they are shown, and the link to its page, empty where it has none."""
    return *_term_and_place(head.subject, head.names.term_name, head.names.region_name), safe_url(head.url)


def _group(group: SubjectSection, chart: str, thin: tuple[AssessedChange, ...], zone: tzinfo | None) -> GroupView:
    """Show a subject; since when and as of when is said once, in its heading, if it is the same for all its lines."""
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
            *_pair(group.derived),
            tuple(facts),
            TruncatedList(lines),
            other_url=safe_url(group.derived.reference.head.url),
        )
    history = wording.series_text(group.series) if group.series else ""
    return GroupView(
        *subject_of(group.snapshot), tuple(facts), TruncatedList(lines), history, chart, few_ads=format_locations(thin)
    )


def _pair(pair: DerivedFigure) -> tuple[str, str, str]:
    """Return a derived watch's name, its pages and the link to the first."""
    return (
        clean_text(pair.watch.name),
        clean_text(wording.derived_subjects(pair), SENTENCE_LIMIT),
        safe_url(pair.target.head.url),
    )


def _line(line: AssessedChange, since: tuple[str, ...]) -> LineView:
    change = line.change
    good = wording.is_good_news(change)
    yearly = [] if change.year_on_year is None else [wording.format_year_on_year(change.statistic, change.year_on_year)]
    around = [
        *(wording.pay_context_text(line.pay_context) if line.pay_context else ()),
        *([wording.composition_text(line.composition)] if line.composition else []),
    ]
    return LineView(
        title=_title(change),
        old=wording.format_value(change.statistic, change.old, change.basis),
        new=wording.format_value(change.statistic, change.new, change.basis),
        arrow=_ARROWS[wording.direction(change)],
        moved=wording.change_text(change),
        tone="plain" if good is None else "good" if good else "bad",
        facts=(
            *_sides(change),
            *yearly,
            *(clean_text(said, SENTENCE_LIMIT) for said in around),
            *_evidence(line),
            *since,
        ),
    )


def _sides(change: Change) -> tuple[str, ...]:
    """Return both figures of a derived watch, now and as they were told, each dated where its page has its own date."""
    if change.derived is None:
        return ()
    said = (wording.current_values(change.derived), f"told: {wording.baseline_values(change.derived)}")
    return tuple(clean_text(each, SENTENCE_LIMIT) for each in said)


def _title(change: Change) -> str:
    if change.derived is not None:
        return wording.derived_statistic(change.derived)
    return title_of(change)


def _evidence(line: AssessedChange) -> tuple[str, ...]:
    """Return what stands behind a line: how many ads, and the verdict with what it rests on."""
    change = line.change
    noun = "pay quote" if change.topic.is_pay else "ad"
    # The evidence of a pair says how many stand behind each of its pages.
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
        return _watching_pair(watching.derived)
    keys = sorted(watching.figures, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key))
    topics = ", ".join(wording.topic_title(topic).lower() for topic in watching.topics)
    facts = [f"as of {wording.format_date(watching.snapshot.as_of)}"] + ([f"watched for {topics}"] if topics else [])
    return WatchingView(
        *subject_of(watching.snapshot),
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


def _watching_pair(pair: DerivedFigure) -> WatchingView:
    more = wording.format_value(pair.statistic, pair.new, pair.target.basis)
    figures = tuple((clean_text(title), figure) for title, figure in wording.derived_figures(pair))
    shown = (*figures, (wording.derived_statistic(pair), more))
    as_of = f"as of {wording.derived_as_of(pair)}"
    return WatchingView(*_pair(pair), (as_of,), shown, "", safe_url(pair.reference.head.url))


def _lists(lines: Iterable[AssessedChange], because: Callable[[AssessedChange], str]) -> TruncatedList[ListView]:
    """Gather lines by their subject, and under it those that stand there for the same reason."""
    found: dict[tuple[Subject, str], dict[_Reason, list[Change]]] = {}
    for line in lines:
        change = line.change
        key = change.snapshot.subject, change.topic if change.derived else ""
        found.setdefault(key, {}).setdefault((because(line), has_insufficient_data(line)), []).append(change)
    return TruncatedList(tuple(map(_list, found.values())))


def _list(reasons: Mapping[_Reason, Sequence[Change]]) -> ListView:
    first = next(iter(reasons.values()))[0]
    term, place, url = subject_of(first.snapshot) if first.derived is None else _pair(first.derived)
    entries = (EntryView(entry, *reason) for reason, changes in reasons.items() for entry in _entries(changes))
    return ListView(f"{term}, {place}", url, TruncatedList(tuple(entries)))


def _entries(changes: Sequence[Change]) -> list[str]:
    """List changes, the skills in one entry: on a thin page all of them move."""
    skills = [change for change in changes if change.topic == SKILLS_TOPIC]
    others = [_entry(change) for change in changes if change.topic != SKILLS_TOPIC]
    if len(skills) <= 1:
        return others + [_entry(change) for change in skills]
    named = shares(skills[:_SKILLS_NAMED])
    more = f" and {len(skills) - _SKILLS_NAMED} more" if len(skills) > _SKILLS_NAMED else ""
    return [*others, f"{len(skills)} skill shares: {named}{more}"]


def _entry(change: Change) -> str:
    old, new = (wording.format_value(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{_title(change)} {old} → {new}, {wording.change_text(change)}"


def _why_held_back(line: AssessedChange) -> str:
    because = clean_text(line.evidence.explanation, SENTENCE_LIMIT)
    verdict, p_value = line.evidence.verdict, line.evidence.p_value
    if verdict in (Significance.NOISE, Significance.INSUFFICIENT_DATA):
        said = wording.significance_text(verdict)
    elif p_value is not None and p_value > _MOST_TOLD:
        said = _NOT_RARE_ENOUGH
    else:
        # One that is likely by itself was held back for the company it is in: of many such, some are chance.
        said = "may be chance among so many"
    return f"{said}: {because}" if because else said
