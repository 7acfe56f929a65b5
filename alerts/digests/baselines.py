"""What was told and what has been since, as it can be compared with what is known now."""

from collections.abc import Mapping
from dataclasses import replace

from alerts.detection.figures import Comparison, anchors, may_help, topics_of
from alerts.detection.restatements import NEAR_DAYS, a_year_before, find
from alerts.model.changes import Baseline, Reading, Restated
from alerts.model.topics import DERIVED_TOPICS, HISTORY_TOPIC
from jobspider.model import Content, SnapshotHead
from jobspider.store.reader import Reader


class Past:
    """Looks into the past of subjects in an open database.

    Args:
        reader: What is known.
        min_quotes: With fewer quotes pay says nothing of whether the source has restated its history.
    """

    def __init__(self, reader: Reader, min_quotes: int) -> None:
        self._reader = reader
        self._min_quotes = min_quotes

    def alike(self, told: Mapping[str, Baseline], head: SnapshotHead) -> dict[str, Baseline]:
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

    def restated(self, head: SnapshotHead, content: Content, told: Mapping[str, Baseline]) -> Restated | None:
        """Find that the source states a subject's past otherwise than it did then; said once, not again for a year."""
        near = self._reader.near(head.subject_id, a_year_before(head.as_of), NEAR_DAYS, head.parser_version)
        # What was read before the last restatement is known to be of another reckoning.
        if near is None or (HISTORY_TOPIC in told and near[0] < told[HISTORY_TOPIC].as_of):
            return None
        topics = [topic for topic in topics_of(content) if topic in told]
        topics += [topic for topic in told if topic.startswith(DERIVED_TOPICS)]
        if not topics:
            return None
        as_of, content_id = near
        then = self._reader.contents([content_id], whole=False)[content_id]
        return find(head, content, Reading(as_of, then), topics, self._min_quotes)

    def since(self, comparison: Comparison) -> tuple[Reading, ...]:
        """Return the pages of the time since that help to tell a move of pay from chance."""
        head, told, now = comparison.head, comparison.old.as_of, comparison.new.as_of
        if not may_help(told, now, head.subject.window_months):
            return ()
        known = dict(self._reader.between(head.subject_id, told, now, head.parser_version))
        chosen = anchors([*known], told, now, head.subject.window_months)
        contents = self._reader.contents([known[day] for day in chosen], whole=False)
        return tuple(Reading(day, contents[known[day]]) for day in chosen)
