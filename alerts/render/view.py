"""A digest as plain strings, prepared once, so that text, HTML and Slack say the same.

Every string here is clean (:mod:`alerts.render.scraped`) but not escaped: escaping is the medium's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, Literal, TypeVar

from alerts import wording
from alerts.model import SKILLS_TOPIC, Change, Digest, Group, Line, Verdict, Watching
from alerts.render import looked
from alerts.render.scraped import SENTENCE_LIMIT, clean, link
from jobspider.model import LedgerRow, SnapshotHead, Subject, SubjectNames

Item = TypeVar("Item")
Shown = TypeVar("Shown")

LICENCE: Final = "CC BY-NC-SA 4.0"
ATTRIBUTION: Final = f"Source: IT Jobs Watch (www.itjobswatch.co.uk), {LICENCE}"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"
SITE_URL: Final = "https://www.itjobswatch.co.uk"

NO_CHARTS: Final[Mapping[int, str]] = MappingProxyType({})

_ARROWS: Final = {"up": "▲", "down": "▼", "level": "="}
_SKILLS_NAMED: Final = 6
_NAMELESS: Final = "(no name)"
# The order in which people ask for the figures of a page they see for the first time; others follow.
_FIRST: Final = ("median", "p25", "p75", "p10", "p90", "quotes", "vacancies", "rank")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """A list of which ``more`` items were cut off."""

    items: tuple[Item, ...]
    more: int = 0

    @property
    def count(self) -> int:
        """How many there are, cut ones included."""
        return len(self.items) + self.more

    def first(self, most: int) -> "Part[Item]":
        """Return the list cut to ``most`` items."""
        return Part(self.items[:most], self.count - len(self.items[:most]))


@dataclass(frozen=True, slots=True)
class LineView:
    """A told line. ``tone`` is for colour, which says nothing that ``arrow`` and ``moved`` do not."""

    title: str
    old: str
    new: str
    arrow: str
    moved: str
    tone: Literal["good", "bad", "plain"]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The told lines of one subject. ``url`` is empty where there is no address to link to.

    ``history`` says in words what a chart shows, ``chart`` is where the picture of it is; either may be empty.
    """

    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    lines: Part[LineView]
    history: str = ""
    chart: str = ""

    @property
    def name(self) -> str:
        """The whole subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class WatchingView:
    """A subject that is new to the reader: pairs of title and figure, then whole sentences."""

    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    skills: str

    @property
    def name(self) -> str:
        """The whole subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of such a list, and why it stands there."""

    text: str
    because: str


@dataclass(frozen=True, slots=True)
class ListView:
    """What one subject has in a list below the told lines."""

    name: str
    url: str
    entries: Part[EntryView]


@dataclass(frozen=True, slots=True)
class FailureView:
    """A page that could not be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """A whole digest. ``is_blind`` is true where nothing could be read.

    ``status`` and ``coverage`` are empty in a notice to the operator, which is about no page.
    """

    headline: str
    title: str
    status: str
    is_blind: bool
    notices: Part[str]
    groups: Part[GroupView]
    watching: Part[WatchingView]
    nearly: Part[ListView]
    nearly_count: int
    held_back: Part[ListView]
    held_back_count: int
    coverage: str
    failed: Part[FailureView]
    not_looked: Part[str]


def of(digest: Digest, charts: Mapping[int, str] = NO_CHARTS) -> DigestView:
    """Return a digest as strings, whole.

    Args:
        digest: What to tell.
        charts: Where the picture of a group's history is, by the id of its subject.
    """
    coverage = digest.coverage
    known = _Known(digest)
    title = f"{clean(digest.name)} digest" if coverage else "notice to the operator"
    title = f"{title}, {wording.day(digest.created_at)}"
    return DigestView(
        headline=clean(digest.headline, SENTENCE_LIMIT) or title,
        title=title,
        status=looked.status(digest),
        is_blind=looked.is_blind(digest),
        notices=_part(lambda notice: clean(notice, SENTENCE_LIMIT), digest.notices),
        groups=_part(lambda group: _group(group, charts.get(group.head.subject_id, "")), digest.groups),
        watching=_part(_watching, digest.watching),
        nearly=_lists(digest.nearly, lambda line: clean(line.because, SENTENCE_LIMIT)),
        nearly_count=len(digest.nearly),
        held_back=_lists(digest.held_back, _why_held_back),
        held_back_count=len(digest.held_back),
        coverage=looked.counts(coverage) if coverage else "",
        failed=_part(known.failure, coverage.failed if coverage else ()),
        not_looked=_part(known.name, coverage.not_looked if coverage else ()),
    )


def _part(view: Callable[[Item], Shown], items: Iterable[Item]) -> Part[Shown]:
    return Part(tuple(view(item) for item in items))


class _Known:
    """Names as printed, for subjects whose own page was not read: an address's slug does not know its capitals."""

    def __init__(self, digest: Digest) -> None:
        heads = [group.head for group in digest.groups] + [each.head for each in digest.watching]
        heads += [line.change.head for line in (*digest.nearly, *digest.held_back)]
        self._terms = {head.subject.term: head.names.term_name for head in heads}
        self._regions = {head.subject.region: head.names.region_name for head in heads}

    def name(self, subject: Subject) -> str:
        term = self._terms.get(subject.term, subject.term)
        region = self._regions.get(subject.region) or wording.region_name(subject.region)
        return ", ".join(_term_and_place(subject, term, region))

    def failure(self, row: LedgerRow) -> FailureView:
        name = self.name(row.subject) if row.subject else clean(row.url, SENTENCE_LIMIT)
        return FailureView(name, clean(wording.reason(row), SENTENCE_LIMIT))


def _term_and_place(subject: Subject, term: str, region: str) -> tuple[str, str]:
    names = SubjectNames(clean(term) or _NAMELESS, "role", "", clean(region) or _NAMELESS, None)
    return names.term_name, wording.subject_name(subject, names).removeprefix(f"{names.term_name}, ")


def _head(head: SnapshotHead) -> tuple[str, str, str]:
    """Return a subject's term, place and link."""
    return *_term_and_place(head.subject, head.names.term_name, head.names.region_name), link(head.url)


def _group(group: Group, chart: str) -> GroupView:
    """Show a subject; since when and as of when is said once, in its heading, if it is the same for all its lines."""
    since = {_since(line.change) for line in group.lines}
    facts = [f"as of {wording.day(group.head.as_of)}"]
    if len(since) == 1:
        facts += since
    lines = tuple(_line(line, () if len(since) == 1 else (_since(line.change),)) for line in group.lines)
    history = wording.history(group.series) if group.series else ""
    return GroupView(*_head(group.head), tuple(facts), Part(lines), history, chart)


def _line(line: Line, since: tuple[str, ...]) -> LineView:
    change = line.change
    good = wording.is_good(change)
    yearly = [] if change.year_on_year is None else [wording.year_on_year(change.statistic, change.year_on_year)]
    around = [clean(said, SENTENCE_LIMIT) for said in wording.beside(line.beside)] if line.beside else []
    return LineView(
        title=_title(change),
        old=wording.amount(change.statistic, change.old, change.basis),
        new=wording.amount(change.statistic, change.new, change.basis),
        arrow=_ARROWS[wording.direction(change)],
        moved=wording.moved(change),
        tone="plain" if good is None else "good" if good else "bad",
        facts=(*yearly, *around, *_evidence(line), *since),
    )


def _title(change: Change) -> str:
    item = None if change.item is None else clean(change.item) or _NAMELESS
    return wording.statistic(change.statistic, change.basis, item)


def _evidence(line: Line) -> tuple[str, ...]:
    """Return what stands behind a line: how many ads, and the verdict with what it rests on."""
    change = line.change
    noun = "pay quote" if change.topic.startswith("pay/") else "ad"
    quotes = [] if change.quotes is None else [wording.counted(change.quotes, noun)]
    because = clean(line.evidence.because, SENTENCE_LIMIT)
    verdict = wording.verdict(line.evidence.verdict)
    return (*quotes, f"{verdict}: {because}" if because else verdict)


def _since(change: Change) -> str:
    return f"compared with {wording.day(change.old_as_of)}, told {wording.day(change.told_at)}"


def _watching(watching: Watching) -> WatchingView:
    keys = sorted(watching.figures, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key))
    topics = ", ".join(wording.topic(topic).lower() for topic in watching.topics)
    facts = [f"as of {wording.day(watching.head.as_of)}"] + ([f"watched for {topics}"] if topics else [])
    return WatchingView(
        *_head(watching.head),
        tuple(facts),
        tuple(
            (wording.statistic(key, watching.basis), wording.amount(key, watching.figures[key], watching.basis))
            for key in keys
        ),
        ", ".join(clean(skill) for skill in watching.top_skills),
    )


def _lists(lines: Iterable[Line], because: Callable[[Line], str]) -> Part[ListView]:
    """Gather lines by their subject, and under it those that stand there for the same reason."""
    found: dict[Subject, dict[str, list[Change]]] = {}
    heads: dict[Subject, SnapshotHead] = {}
    for line in lines:
        head = line.change.head
        heads.setdefault(head.subject, head)
        found.setdefault(head.subject, {}).setdefault(because(line), []).append(line.change)
    return Part(tuple(_list(heads[subject], reasons) for subject, reasons in found.items()))


def _list(head: SnapshotHead, reasons: Mapping[str, Sequence[Change]]) -> ListView:
    term, place, url = _head(head)
    entries = (EntryView(entry, because) for because, changes in reasons.items() for entry in _entries(changes))
    return ListView(f"{term}, {place}", url, Part(tuple(entries)))


def _entries(changes: Sequence[Change]) -> list[str]:
    """List changes, the skills in one entry: on a thin page all of them move."""
    skills = [change for change in changes if change.topic == SKILLS_TOPIC]
    others = [_entry(change) for change in changes if change.topic != SKILLS_TOPIC]
    if len(skills) <= 1:
        return others + [_entry(change) for change in skills]
    named = ", ".join(
        f"{clean(change.item or '') or _NAMELESS} {wording.amount('share', change.old)} →"
        f" {wording.amount('share', change.new)}"
        for change in skills[:_SKILLS_NAMED]
    )
    more = f" and {len(skills) - _SKILLS_NAMED} more" if len(skills) > _SKILLS_NAMED else ""
    return [*others, f"{len(skills)} skill shares: {named}{more}"]


def _entry(change: Change) -> str:
    old, new = (wording.amount(change.statistic, value, change.basis) for value in (change.old, change.new))
    return f"{_title(change)} {old} → {new}, {wording.moved(change)}"


def _why_held_back(line: Line) -> str:
    because = clean(line.evidence.because, SENTENCE_LIMIT)
    verdict = line.evidence.verdict
    is_chance = verdict in (Verdict.NOISE, Verdict.TOO_FEW)
    # One that is likely by itself was held back for the company it is in: of many such, some are chance.
    said = wording.verdict(verdict) if is_chance else "may be chance among so many"
    return f"{said}: {because}" if because else said
