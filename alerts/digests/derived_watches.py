"""A derived watch of one digest, out of the store: what was told of both its pages against what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.detection.derived import DerivedSnapshot, derived_change, derived_figure, judge, newly_watched
from alerts.digests.baselines import BaselineReader
from alerts.model.changes import Baseline, Change, DatedContent, NewlyWatched, Restatement, SignificanceResult
from alerts.model.derived import DerivedWatch
from alerts.model.topics import RESTATEMENT_TOPIC, Topic
from jobspider.model import SnapshotInfo
from jobspider.store.reader import Reader


@dataclass(frozen=True, slots=True)
class WatchedSide:
    """The newest snapshot of a page, and what a recipient was last told of it, by topic."""

    head: SnapshotInfo
    told: Mapping[Topic, Baseline]


@dataclass(frozen=True, slots=True)
class DerivedResult:
    """What there is to say of a derived watch: a change that was weighed, or that it is new, or nothing.

    ``restated`` are those of its pages whose past the source has restated; then there is nothing else.
    """

    weighed: tuple[Change, SignificanceResult] | None = None
    watching: NewlyWatched | None = None
    restated: tuple[Restatement, ...] = ()


class DerivedWatchReader:
    """Compares derived watches out of an open database.

    Args:
        reader: What is known.
        past: What was told, as it can be compared.
        min_quotes: As :func:`alerts.detection.derived.judge` takes it.
    """

    def __init__(self, reader: Reader, past: BaselineReader, min_quotes: int) -> None:
        self._reader = reader
        self._past = past
        self._min_quotes = min_quotes

    def compare(
        self, watch: DerivedWatch, of: WatchedSide, against: WatchedSide, told_of: Mapping[int, Baseline]
    ) -> DerivedResult:
        """Compare a derived watch with what was told of it: one snapshot of each of its two pages, under one topic.

        Where that is lacking of either page, the watch is new, or was about another page; then it is told anew.

        Args:
            watch: The watch.
            of: Its one page.
            against: Its other page.
            told_of: What was told under its topic, by the subject's id, of whatever pages it was about since ever.
        """
        topic, pages = watch.topic, (of, against)
        if not _is_shared_baseline(pages, told_of):
            halves = self._load_sides(pages, [(page.head.content_id, page.head.as_of) for page in pages])
            return DerivedResult(watching=newly_watched(derived_figure(watch, *halves)))
        told = [self._past.with_parser_version({topic: page.told[topic]}, page.head)[topic] for page in pages]
        if [each.content_id for each in told] == [page.head.content_id for page in pages]:
            return DerivedResult()
        one, other = self._load_sides(pages, [(each.content_id, each.as_of) for each in told])
        restated = tuple(filter(None, (self._restated(topic, *each) for each in ((one, of), (other, against)))))
        if restated:
            return DerivedResult(restated=restated)
        pair = derived_figure(watch, one, other)
        change = derived_change(pair, min(each.notified_at for each in told))
        return DerivedResult((change, judge(pair, one, other, self._min_quotes)) if change else None)

    def _load_sides(
        self, pages: Sequence[WatchedSide], told: Sequence[tuple[int, date]]
    ) -> tuple[DerivedSnapshot, DerivedSnapshot]:
        """Return both pages, with the content that was told of each and its date."""
        wanted = {page.head.content_id for page in pages} | {content_id for content_id, _ in told}
        contents = self._reader.contents(wanted, whole=False)
        of, against = (
            DerivedSnapshot(page.head, DatedContent(as_of, contents[content_id]), contents[page.head.content_id])
            for page, (content_id, as_of) in zip(pages, told, strict=True)
        )
        return of, against

    def _restated(self, topic: Topic, half: DerivedSnapshot, page: WatchedSide) -> Restatement | None:
        told = {key: page.told[key] for key in (topic, RESTATEMENT_TOPIC) if key in page.told}
        return self._past.restated(half.head, half.current, told)


def _is_shared_baseline(pages: Sequence[WatchedSide], told_of: Mapping[int, Baseline]) -> bool:
    """Whether the two pages were told together, and none of them since then together with a third."""
    ids = {page.head.subject_id for page in pages}
    if not ids <= told_of.keys():
        return False
    together = min(told_of[each].notified_at for each in ids)
    return all(each.notified_at < together for subject_id, each in told_of.items() if subject_id not in ids)
