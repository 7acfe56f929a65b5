"""One digest for one recipient, as of now: what was told and what is known, compared, weighed, decided.

Nothing is written and nothing is sent here, so ``changes`` and a dry run are the same computation as the real thing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final

from alerts.config import DigestConfig
from alerts.detection import locations, skills
from alerts.detection.composition import composition_effect
from alerts.detection.figures import Comparison, detect_changes, is_median, pay_context, topics_of
from alerts.detection.selection import ChangeSelector, ChangeWithResult, has_rule, min_share_points, threshold_ratio
from alerts.detection.significance import assess_changes
from alerts.digests.assembly import assemble_digest, newly_watched
from alerts.digests.baselines import BaselineReader
from alerts.digests.coverage import coverage_of
from alerts.digests.derived_watches import DerivedResult, DerivedWatchReader, WatchedSide
from alerts.model.changes import (
    AssessedChange,
    Baseline,
    Change,
    ChangeKind,
    CompositionEffect,
    DatedContent,
    Decision,
    Digest,
    NewlyWatched,
    PayContext,
    Restatement,
)
from alerts.model.delivery import Baselines
from alerts.model.derived import DerivedWatch
from alerts.model.topics import LOCATIONS_TOPIC, SKILLS_TOPIC, Topic
from jobspider.model import Content, Snapshot, SnapshotInfo, Subject
from jobspider.store.reader import Reader

_BATCH_SIZE: Final = 25
"""So many subjects are compared together: fewer cost more queries, more keep too much in memory at once."""


class DigestBuilder:
    """Builds the editions of one digest out of an open database, one for each recipient.

    Args:
        reader: What is known.
        definition: The digest.
        watched: Every subject that config.toml watches; the digest's patterns choose among them.
        since: Only what was asked for in crawls begun since then counts as looked at; ``None``: since ever.
        until: Only what was known by then is; ``None``: all.
        derived: Every derived watch; likewise. The pages of those chosen are looked at with the others.
    """

    def __init__(
        self,
        reader: Reader,
        definition: DigestConfig,
        watched: tuple[Subject, ...],
        since: datetime | None,
        until: datetime | None = None,
        derived: Sequence[DerivedWatch] = (),
    ) -> None:
        self._reader = reader
        self._definition = definition
        self._since = since
        self._past = BaselineReader(reader, definition.noise.min_quotes)
        self._pairing = DerivedWatchReader(reader, self._past, definition.noise.min_quotes)
        self._subjects = dict.fromkeys(subject for subject in watched if definition.includes(subject))
        self._pairs = [watch for watch in derived if definition.includes(watch)]
        pages = [*dict.fromkeys([*self._subjects, *(page for each in self._pairs for page in (each.of, each.against))])]
        ledger = {row.subject: row for row in reader.latest_fetches_since(since, until)}
        rows = {subject: ledger[subject] for subject in pages if subject in ledger}
        heads = {head.subject: head for head in reader.latest_snapshots(until=until)}
        self._read = {
            subject: heads[subject]
            for subject in pages
            # What was read by then may be known no more: the source has corrected it since, within its day.
            if subject in heads
            and ((subject in rows and rows[subject].status.is_success) or _is_new(heads[subject], since))
        }
        unseen = [each.name for each in self._pairs if not {each.of, each.against} <= self._read.keys()]
        names = {subject: heads[subject].names for subject in pages if subject in heads}
        self._coverage = replace(coverage_of(pages, rows, [*self._read.values()], unseen), names=names)

    def build(self, told: Baselines, created_at: datetime) -> Digest:
        """Return the digest for a recipient who was last told ``told``.

        ``created_at`` is the present, in the zone in which the recipient counts the days of moments.
        """
        by_subject: dict[int, dict[Topic, Baseline]] = defaultdict(dict)
        of_pairs: dict[Topic, dict[int, Baseline]] = defaultdict(dict)
        for (subject_id, topic), baseline in told.items():
            by_subject[subject_id][topic] = baseline
            if topic.is_derived:
                of_pairs[topic][subject_id] = baseline
        found = _Results(ChangeSelector(self._definition.rules, self._definition.noise))
        left = iter(head for subject, head in self._read.items() if subject in self._subjects)
        while some := list(islice(left, _BATCH_SIZE)):
            self._compare([(head, by_subject[head.subject_id]) for head in some], found)
        for watch in self._pairs:
            of, against = (self._read.get(page) for page in (watch.of, watch.against))
            if of and against:
                pages = WatchedSide(of, by_subject[of.subject_id]), WatchedSide(against, by_subject[against.subject_id])
                found.add(self._pairing.compare(watch, *pages, of_pairs[watch.topic]))
        lines = self._in_context(found.docket.select(), found.mixes)
        restated = [*found.restated.values()]
        return assemble_digest(
            self._definition.name, created_at, lines, found.watching, self._coverage, restated, self._since
        )

    def _in_context(
        self, lines: Sequence[AssessedChange], mixes: Mapping[tuple[int, Topic], CompositionEffect | None]
    ) -> list[AssessedChange]:
        """Add to the medians that are told how pay around them changed within a year, and what places have to do."""
        medians = {id(each): each for each in lines if each.decision is Decision.REPORTED and is_median(each.change)}
        yearly = self._reader.yearly_changes({each.change.snapshot.content_id for each in medians.values()})
        return [
            replace(each, pay_context=_beside(each.change, yearly), composition=mixes.get(_recipient_key(each.change)))
            if id(each) in medians
            else each
            for each in lines
        ]

    def _compare(self, told: Sequence[tuple[SnapshotInfo, Mapping[Topic, Baseline]]], found: "_Results") -> None:
        """Compare some subjects with what was told of them; their figures are loaded together."""
        alike = [(head, of, self._past.with_parser_version(_of_subject(of), head)) for head, of in told]
        wanted = [{each.content_id for each in of.values()} or {head.content_id} for head, _, of in alike]
        # Where what is known is what was told, nothing need be loaded.
        news = [
            (head, of, baselines, old)
            for (head, of, baselines), old in zip(alike, wanted, strict=True)
            if not baselines or old != {head.content_id}
        ]
        ids = {(each, head.content_id) for head, _, _, old in news for each in old}
        pairs = self._reader.content_pairs(ids, self._top, min_share_points(self._definition.rules))
        lengths = self._reader.skill_counts({head.content_id for head, *_ in news})
        for head, of, baselines, old_ids in news:
            sides = {old: pairs[old, head.content_id] for old in old_ids}
            content = next(new for _, new in sides.values())
            restated = self._past.restated(head, content, of)
            if restated is not None:
                found.add_restated(restated)
                continue
            _add_missing_baselines(baselines, {old: topics_of(then) for old, (then, _) in sides.items()})
            new_topics = [topic for topic in topics_of(content) if topic not in baselines]
            if new_topics:
                whole = self._reader.contents([head.content_id])[head.content_id]
                found.watching.append(newly_watched(Snapshot(head, whole), new_topics, is_new=not baselines))
            left = _left(baselines)
            for topic, baseline, is_of in _baseline_groups(baselines):
                old, new = sides[baseline.content_id]
                readings = DatedContent(baseline.as_of, old), DatedContent(head.as_of, new)
                comparison = Comparison(head, *readings, baseline.notified_at, left_skills=left)
                if topic == SKILLS_TOPIC and is_of(None):
                    found.docket.add_hypotheses(skills.hypothesis_counts(*lengths[head.content_id]))
                for change, evidence in self._weighed(comparison, topic):
                    if is_of(change.item):
                        found.docket.add(change, evidence)
                        if self._may_be_told(change):
                            found.mixes[_recipient_key(change)] = composition_effect(comparison, change)

    def _may_be_told(self, change: Change) -> bool:
        """Whether a median moved by as much as its rule asks; most do not, and then nobody asks why."""
        return (
            is_median(change)
            and change.kind is ChangeKind.MOVED
            and (threshold_ratio(change, self._definition.rules) or 0) >= 1
        )

    def _weighed(self, comparison: Comparison, topic: Topic) -> Sequence[ChangeWithResult]:
        rules, noise = self._definition.rules, self._definition.noise
        if not has_rule(topic, rules):
            return ()
        found = self._changes(comparison, topic)
        if found and topic.is_pay:
            comparison = replace(comparison, intermediate=self._past.intermediate_content(comparison))
        return assess_changes(found, comparison, noise.min_quotes)

    def _changes(self, comparison: Comparison, topic: Topic) -> Sequence[Change]:
        if topic == SKILLS_TOPIC:
            return tuple(skills.changes(comparison, self._top, min_share_points(self._definition.rules)))
        return tuple(locations.changes(comparison)) if topic == LOCATIONS_TOPIC else detect_changes(comparison, topic)

    @property
    def _top(self) -> int:
        """How many places of a list of skills are its first."""
        rule = self._definition.rules.skills
        return rule.top if rule else 0


@dataclass(frozen=True, slots=True)
class _Results:
    """What comes of comparing, subject by subject."""

    docket: ChangeSelector
    watching: list[NewlyWatched] = field(default_factory=list)
    restated: dict[SnapshotInfo, Restatement] = field(default_factory=dict)
    mixes: dict[tuple[int, Topic], CompositionEffect | None] = field(default_factory=dict)

    def add(self, news: DerivedResult) -> None:
        """Add what there is to say of a derived watch."""
        if news.weighed:
            self.docket.add(*news.weighed)
        if news.watching:
            self.watching.append(news.watching)
        for each in news.restated:
            self.add_restated(each)

    def add_restated(self, restated: Restatement) -> None:
        """Add that the source restated the past of a page; it is said once, for all topics that count as told by it."""
        known = self.restated.get(restated.snapshot, restated)
        topics = tuple(dict.fromkeys((*known.topics, *restated.topics)))
        self.restated[restated.snapshot] = replace(known, topics=topics)


def _baseline_groups(
    baselines: Mapping[Topic, Baseline],
) -> Iterator[tuple[Topic, Baseline, Callable[[str | None], bool]]]:
    """Yield against what each topic is compared, and which of its items are.

    A skill or a place that was told alone has an account of its own, so that telling it takes nothing from the others;
    it ends when the whole topic is told again.
    """
    items = {topic: baseline for topic, baseline in baselines.items() if topic.is_item}
    for topic, whole in baselines.items():
        if topic in items:
            continue
        alone = {
            item.key: baseline
            for item, baseline in items.items()
            if item.family == topic and baseline.notified_at > whole.notified_at
        }
        for baseline in dict.fromkeys((whole, *alone.values())):
            yield topic, baseline, partial(_belongs_to, baseline, whole, alone)


def _left(baselines: Mapping[Topic, Baseline]) -> dict[str, str]:
    """Return which skills are known to have left the first of a list, with the list."""
    return {topic.key: baseline.left_list for topic, baseline in baselines.items() if topic.key and baseline.left_list}


def _belongs_to(baseline: Baseline, whole: Baseline, alone: Mapping[str | None, Baseline], item: str | None) -> bool:
    return (alone.get(item, whole) if item else whole) == baseline


def _add_missing_baselines(baselines: dict[Topic, Baseline], topics: Mapping[int, Sequence[Topic]]) -> None:
    """Take a topic as told that the page last told of has always shown, though it took a better parser to see it."""
    if baselines:
        last = max(baselines.values(), key=lambda each: each.notified_at)
        for topic in topics[last.content_id]:
            baselines.setdefault(topic, last)


def _is_new(head: SnapshotInfo, since: datetime | None) -> bool:
    """Whether a subject's newest figures came within the time, though the last attempt to read them failed."""
    return since is None or head.fetched_at >= since


def _recipient_key(change: Change) -> tuple[int, Topic]:
    """Return of what a change is told."""
    return change.snapshot.subject_id, change.topic


def _beside(change: Change, yearly: Mapping[int, Content]) -> PayContext | None:
    content = yearly.get(change.snapshot.content_id)
    return pay_context(change, content) if content else None


def _of_subject(told: Mapping[Topic, Baseline]) -> dict[Topic, Baseline]:
    """Return what was told of a page itself, without what was told of derived watches that it belongs to."""
    return {topic: baseline for topic, baseline in told.items() if not topic.is_derived}
