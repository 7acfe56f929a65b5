"""A derived watch of one digest, out of the store: what was told of both its pages against what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.detection.derived import Half, change_of, first_told, judge, pair_of
from alerts.digests.baselines import Past
from alerts.model.changes import Baseline, Change, Evidence, Reading, Restated, Watching
from alerts.model.derived import DerivedWatch
from alerts.model.topics import HISTORY_TOPIC
from jobspider.model import SnapshotHead
from jobspider.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Page:
    """The newest snapshot of a page, and what a recipient was last told of it, by topic."""

    head: SnapshotHead
    told: Mapping[str, Baseline]


@dataclass(frozen=True, slots=True)
class PairNews:
    """What there is to say of a derived watch: a change that was weighed, or that it is new, or nothing.

    ``restated`` are those of its pages whose past the source has restated; then there is nothing else.
    """

    weighed: tuple[Change, Evidence] | None = None
    watching: Watching | None = None
    restated: tuple[Restated, ...] = ()


class Pairing:
    """Compares derived watches out of an open database.

    Args:
        reader: What is known.
        past: What was told, as it can be compared.
        min_quotes: As :func:`alerts.detection.derived.judge` takes it.
    """

    def __init__(self, reader: Reader, past: Past, min_quotes: int) -> None:
        self._reader = reader
        self._past = past
        self._min_quotes = min_quotes

    def compare(self, watch: DerivedWatch, of: Page, against: Page, told_of: Mapping[int, Baseline]) -> PairNews:
        """Compare a derived watch with what was told of it: one snapshot of each of its two pages, under one topic.

        Where that is lacking of either page, the watch is new, or was about another page; then it is told anew.

        Args:
            watch: The watch.
            of: Its one page.
            against: Its other page.
            told_of: What was told under its topic, by the subject's id, of whatever pages it was about since ever.
        """
        topic, pages = watch.topic, (of, against)
        if not _is_account_of(pages, told_of):
            halves = self._halves(pages, [(page.head.content_id, page.head.as_of) for page in pages])
            return PairNews(watching=first_told(pair_of(watch, *halves)))
        told = [self._past.alike({topic: page.told[topic]}, page.head)[topic] for page in pages]
        if [each.content_id for each in told] == [page.head.content_id for page in pages]:
            return PairNews()
        one, other = self._halves(pages, [(each.content_id, each.as_of) for each in told])
        restated = tuple(filter(None, (self._restated(topic, *each) for each in ((one, of), (other, against)))))
        if restated:
            return PairNews(restated=restated)
        pair = pair_of(watch, one, other)
        change = change_of(pair, min(each.told_at for each in told))
        return PairNews((change, judge(pair, one, other, self._min_quotes)) if change else None)

    def _halves(self, pages: Sequence[Page], told: Sequence[tuple[int, date]]) -> tuple[Half, Half]:
        """Return both pages, with the content that was told of each and its date."""
        wanted = {page.head.content_id for page in pages} | {content_id for content_id, _ in told}
        contents = self._reader.contents(wanted, whole=False)
        of, against = (
            Half(page.head, Reading(as_of, contents[content_id]), contents[page.head.content_id])
            for page, (content_id, as_of) in zip(pages, told, strict=True)
        )
        return of, against

    def _restated(self, topic: str, half: Half, page: Page) -> Restated | None:
        told = {key: page.told[key] for key in (topic, HISTORY_TOPIC) if key in page.told}
        return self._past.restated(half.head, half.now, told)


def _is_account_of(pages: Sequence[Page], told_of: Mapping[int, Baseline]) -> bool:
    """Whether the two pages were told together, and none of them since then together with a third."""
    ids = {page.head.subject_id for page in pages}
    if not ids <= told_of.keys():
        return False
    together = min(told_of[each].told_at for each in ids)
    return all(each.told_at < together for subject_id, each in told_of.items() if subject_id not in ids)
