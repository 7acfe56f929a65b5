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

from alerts.compare import Comparison, anchors, beside, changes, is_median, may_help, topics_of
from alerts.config import DigestConfig
from alerts.digest import build, first_told
from alerts.model import (
    HISTORY_TOPIC,
    ITEM_TOPICS,
    PAY_TOPICS,
    Baseline,
    Coverage,
    Digest,
    Line,
    Reading,
    Restated,
    Standing,
    Watching,
    item_topic,
)
from alerts.noise import weigh
from alerts.outbox import Told
from alerts.restated import NEAR_DAYS, a_year_before, find
from alerts.rules import Docket, Weighed, is_asked
from jobspider.model import Content, FetchStatus, LedgerRow, Snapshot, SnapshotHead, Subject
from jobspider.store.reader import Reader

_AT_ONCE: Final = 25
"""So many subjects are compared together: fewer cost more queries, more keep too much in memory at once."""


class Editor:
    """Builds the editions of one digest out of an open database, one for each recipient.

    Args:
        reader: What is known.
        definition: The digest.
        watched: Every subject that config.toml watches; the digest's patterns choose among them.
        since: Only what was asked for in crawls begun since then counts as looked at; ``None``: since ever.
        until: Only what was known by then is; ``None``: all.
    """

    def __init__(
        self,
        reader: Reader,
        definition: DigestConfig,
        watched: tuple[Subject, ...],
        since: datetime | None,
        until: datetime | None = None,
    ) -> None:
        self._reader = reader
        self._definition = definition
        subjects = [subject for subject in watched if definition.covers(subject)]
        ledger = {row.subject: row for row in reader.readings_since(since, until)}
        rows = {subject: ledger[subject] for subject in subjects if subject in ledger}
        heads = {head.subject: head for head in reader.heads(until=until)}
        self._read = [
            heads[subject]
            for subject in subjects
            if (subject in rows and rows[subject].status.was_read) or _is_new(heads.get(subject), since)
        ]
        self._coverage = _coverage(subjects, rows, self._read)

    def edition(self, told: Told, created_at: datetime) -> Digest:
        """Return the digest for a recipient who was last told ``told``."""
        by_subject: dict[int, dict[str, Baseline]] = defaultdict(dict)
        for (subject_id, topic), baseline in told.items():
            by_subject[subject_id][topic] = baseline
        found = _Found(Docket(self._definition.rules, self._definition.noise))
        left = iter(self._read)
        while some := list(islice(left, _AT_ONCE)):
            self._compare({head: by_subject[head.subject_id] for head in some}, found)
        lines = self._in_context(found.docket.lines())
        return build(self._definition.name, created_at, lines, found.watching, self._coverage, found.restated)

    def _in_context(self, lines: Sequence[Line]) -> list[Line]:
        """Add to the medians that are told how pay around them changed within a year."""
        medians = [each for each in lines if each.standing is Standing.TOLD and is_median(each.change)]
        yearly = self._reader.yearly({each.change.head.content_id for each in medians})
        around = {each: yearly.get(each.change.head.content_id) for each in medians}
        return [
            replace(each, beside=beside(each.change, content)) if (content := around.get(each)) else each
            for each in lines
        ]

    def _compare(self, told: Mapping[SnapshotHead, Mapping[str, Baseline]], found: "_Found") -> None:
        """Compare some subjects with what was told of them; their figures are loaded together."""
        alike = {head: self._alike(of, head) for head, of in told.items()}
        wanted = {head: {each.content_id for each in of.values()} or {head.content_id} for head, of in alike.items()}
        # Where what is known is what was told, nothing need be loaded.
        news = [head for head, of in alike.items() if not of or wanted[head] != {head.content_id}]
        pairs = self._reader.pairs({(old, head.content_id) for head in news for old in wanted[head]})
        for head in news:
            sides = {old: pairs[old, head.content_id] for old in wanted[head]}
            content = next(new for _, new in sides.values())
            restated = self._restated(head, content, told[head])
            if restated is not None:
                found.restated.append(restated)
                continue
            baselines = alike[head]
            _add_what_was_overread(baselines, {old: topics_of(then) for old, (then, _) in sides.items()})
            new_topics = [topic for topic in topics_of(content) if topic not in baselines]
            if new_topics:
                found.watching.append(first_told(Snapshot(head, content), new_topics, is_new=not baselines))
            for topic, baseline, is_of in _accounts(baselines):
                old, new = sides[baseline.content_id]
                comparison = Comparison(head, Reading(baseline.as_of, old), Reading(head.as_of, new), baseline.told_at)
                for change, evidence in self._weighed(comparison, topic):
                    if is_of(change.item):
                        found.docket.add(change, evidence)

    def _alike(self, told: Mapping[str, Baseline], head: SnapshotHead) -> dict[str, Baseline]:
        """Return what was told as the parser reads it that has read the newest figures.

        Only like is compared with like, so a better parser is never told as a market that moved.
        """
        known = {(head.snapshot_id, head.content_id): (head.content_id, head.as_of)}
        alike = {}
        for topic, baseline in told.items():
            if topic == HISTORY_TOPIC or baseline.parser_version == head.parser_version:
                alike[topic] = baseline
                continue
            key = baseline.snapshot_id, baseline.content_id
            if key not in known:
                known[key] = self._reader.as_read_by(head.parser_version, *key)
            content_id, as_of = known[key]
            alike[topic] = replace(baseline, content_id=content_id, as_of=as_of)
        alike.pop(HISTORY_TOPIC, None)
        return alike

    def _restated(self, head: SnapshotHead, content: Content, told: Mapping[str, Baseline]) -> Restated | None:
        """Find that the source states a subject's past otherwise than it did then; said once, not again for a year."""
        topics = [topic for topic in topics_of(content) if topic in told]
        near = self._reader.near(head.subject_id, a_year_before(head.as_of), NEAR_DAYS, head.parser_version)
        # What was read before the last restatement is known to be of another reckoning.
        if not topics or near is None or (HISTORY_TOPIC in told and near[0] < told[HISTORY_TOPIC].as_of):
            return None
        as_of, content_id = near
        then = self._reader.contents([content_id], whole=False)[content_id]
        return find(head, content, Reading(as_of, then), topics, self._definition.noise.min_quotes)

    def _weighed(self, comparison: Comparison, topic: str) -> Sequence[Weighed]:
        rules, noise = self._definition.rules, self._definition.noise
        if not is_asked(topic, rules):
            return ()
        found = changes(comparison, topic, rules.skills.top if rules.skills else 0)
        if found and topic.startswith(PAY_TOPICS):
            comparison = replace(comparison, since=self._since(comparison))
        return weigh(found, comparison, noise.min_quotes)

    def _since(self, comparison: Comparison) -> tuple[Reading, ...]:
        """Return the pages of the time since that help to tell a move of pay from chance."""
        head, told, now = comparison.head, comparison.old.as_of, comparison.new.as_of
        if not may_help(told, now, head.subject.window_months):
            return ()
        known = dict(self._reader.between(head.subject_id, told, now, head.parser_version))
        chosen = anchors([*known], told, now, head.subject.window_months)
        contents = self._reader.contents([known[day] for day in chosen], whole=False)
        return tuple(Reading(day, contents[known[day]]) for day in chosen)


@dataclass(frozen=True, slots=True)
class _Found:
    """What comes of comparing, subject by subject."""

    docket: Docket
    watching: list[Watching] = field(default_factory=list)
    restated: list[Restated] = field(default_factory=list)


def _accounts(baselines: Mapping[str, Baseline]) -> Iterator[tuple[str, Baseline, Callable[[str | None], bool]]]:
    """Yield against what each topic is compared, and which of its items are.

    A skill or a place that was told alone has an account of its own, so that telling it takes nothing from the others;
    it ends when the whole topic is told again.
    """
    for topic, whole in baselines.items():
        if topic.startswith(ITEM_TOPICS):
            continue
        prefix = item_topic(topic, "")
        alone = {
            key.removeprefix(prefix): each
            for key, each in baselines.items()
            if key.startswith(prefix) and each.told_at > whole.told_at
        }
        for baseline in dict.fromkeys((whole, *alone.values())):
            yield topic, baseline, partial(_is_of, baseline, whole, alone)


def _is_of(baseline: Baseline, whole: Baseline, alone: Mapping[str, Baseline], item: str | None) -> bool:
    return (alone.get(item, whole) if item else whole) == baseline


def _add_what_was_overread(baselines: dict[str, Baseline], topics: Mapping[int, Sequence[str]]) -> None:
    """Take a topic as told that the page last told of has always shown, though it took a better parser to see it."""
    if baselines:
        last = max(baselines.values(), key=lambda each: each.told_at)
        for topic in topics[last.content_id]:
            baselines.setdefault(topic, last)


def _is_new(head: SnapshotHead | None, since: datetime | None) -> bool:
    """Whether a subject's newest figures came within the time, though the last attempt to read them failed."""
    return head is not None and (since is None or head.fetched_at >= since)


def _coverage(subjects: list[Subject], rows: Mapping[Subject, LedgerRow], read: list[SnapshotHead]) -> Coverage:
    statuses = [row.status for row in rows.values()]
    asked = {subject for subject, row in rows.items() if row.status is not FetchStatus.PLANNED}
    return Coverage(
        watched=len(subjects),
        read=statuses.count(FetchStatus.STORED),
        unchanged=statuses.count(FetchStatus.UNCHANGED),
        failed=tuple(row for subject, row in rows.items() if subject in asked and not row.status.was_read),
        not_looked=tuple(subject for subject in subjects if subject not in asked),
        oldest_as_of=min((head.as_of for head in read), default=None),
    )
