"""What a reader is shown, as plain strings: the nouns that every medium renders, and that templates speak of."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TruncatedList(Generic[Item]):
    """A list of which ``more`` items were cut off."""

    items: tuple[Item, ...]
    omitted: int = 0

    @property
    def count(self) -> int:
        """How many there are, cut ones included."""
        return len(self.items) + self.omitted

    def take(self, most: int) -> "TruncatedList[Item]":
        """Return the list cut to ``most`` items."""
        return TruncatedList(self.items[:most], self.count - len(self.items[:most]))


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
    """The told lines of one subject, or of a derived watch: then ``term`` is its name and ``place`` says which pages.

    ``url`` is empty where there is no address to link to, ``other_url`` is that of a derived watch's second page.
    ``history`` says in words what a chart shows, ``chart`` is where the picture of it is; either may be empty.
    ``few_ads`` are the places that moved on too few ads to be judged: no news, to be shown in grey, and not only so.
    """

    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    lines: TruncatedList[LineView]
    history: str = ""
    chart: str = ""
    few_ads: tuple[str, ...] = ()
    other_url: str = ""

    @property
    def name(self) -> str:
        """The whole subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class WatchingView:
    """A subject or derived watch that is new to the reader: pairs of title and figure, then whole sentences."""

    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    skills: str
    other_url: str = ""

    @property
    def name(self) -> str:
        """The whole subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of such a list, and why it stands there; ``is_thin`` where too few ads are behind it to judge it."""

    text: str
    because: str
    is_thin: bool = False


@dataclass(frozen=True, slots=True)
class ListView:
    """What one subject has in a list below the told lines."""

    name: str
    url: str
    entries: TruncatedList[EntryView]


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
    notices: TruncatedList[str]
    groups: TruncatedList[GroupView]
    watching: TruncatedList[WatchingView]
    nearly: TruncatedList[ListView]
    nearly_count: int
    held_back: TruncatedList[ListView]
    held_back_count: int
    coverage: str
    failed: TruncatedList[FailureView]
    not_looked: TruncatedList[str]
