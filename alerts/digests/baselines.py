"""What was told and what has been since, as it can be compared with what is known now."""

from collections.abc import Mapping
from dataclasses import replace

from alerts.detection.figures import Comparison, has_independent_dates, independent_dates, topics_of
from alerts.detection.restatements import MAX_DAYS_APART, a_year_before, detect_restatement
from alerts.model.changes import Baseline, DatedContent, Restatement
from alerts.model.topics import RESTATEMENT_TOPIC, Topic
from jobspider.model import Content, SnapshotInfo
from jobspider.store.reader import Reader


class BaselineReader:
    """Looks into the past of subjects in an open database.

    Args:
        reader: What is known.
        min_quotes: With fewer quotes pay says nothing of whether the source has restated its history.
    """

    def __init__(self, reader: Reader, min_quotes: int) -> None:
        self._reader = reader
        self._min_quotes = min_quotes

    def with_parser_version(self, told: Mapping[Topic, Baseline], head: SnapshotInfo) -> dict[Topic, Baseline]:
        """Return what was told as the parser reads it that has read the newest figures.

        Only like is compared with like, so a better parser is never told as a market that moved.
        """
        known = {(head.snapshot_id, head.content_id): (head.content_id, head.as_of)}
        alike = {}
        for topic, baseline in told.items():
            if topic == RESTATEMENT_TOPIC or baseline.parser_version == head.parser_version:
                alike[topic] = baseline
                continue
            key = baseline.snapshot_id, baseline.content_id
            if key not in known:
                known[key] = self._reader.content_by_parser(head.parser_version, *key)
            content_id, as_of = known[key]
            alike[topic] = replace(baseline, content_id=content_id, as_of=as_of)
        alike.pop(RESTATEMENT_TOPIC, None)
        return alike

    def restated(self, head: SnapshotInfo, content: Content, told: Mapping[Topic, Baseline]) -> Restatement | None:
        """Find that the source states a subject's past otherwise than it did then; said once, not again for a year."""
        near = self._reader.nearest_content(
            head.subject_id, a_year_before(head.as_of), MAX_DAYS_APART, head.parser_version
        )
        # What was read before the last restatement is known to be of another reckoning.
        if near is None or (RESTATEMENT_TOPIC in told and near[0] < told[RESTATEMENT_TOPIC].as_of):
            return None
        topics = [topic for topic in topics_of(content) if topic in told]
        topics += [topic for topic in told if topic.is_derived]
        if not topics:
            return None
        as_of, content_id = near
        then = self._reader.contents([content_id], whole=False)[content_id]
        return detect_restatement(head, content, DatedContent(as_of, then), topics, self._min_quotes)

    def intermediate_content(self, comparison: Comparison) -> tuple[DatedContent, ...]:
        """Return the pages of the time since that help to tell a move of pay from chance."""
        head, told, now = comparison.head, comparison.baseline.as_of, comparison.current.as_of
        if not has_independent_dates(told, now, head.subject.window_months):
            return ()
        known = dict(self._reader.between(head.subject_id, told, now, head.parser_version))
        chosen = independent_dates([*known], told, now, head.subject.window_months)
        contents = self._reader.contents([known[day] for day in chosen], whole=False)
        return tuple(DatedContent(day, contents[known[day]]) for day in chosen)
