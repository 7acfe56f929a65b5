"""View models: a digest as plain strings. All formats and the templates use them."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TruncatedList(Generic[Item]):
    """A list of which ``omitted`` items were cut off."""

    items: tuple[Item, ...]
    omitted: int = 0

    @property
    def count(self) -> int:
        """The number of items, including those that were cut off."""
        return len(self.items) + self.omitted

    def take(self, limit: int) -> "TruncatedList[Item]":
        """Return the list cut to ``limit`` items."""
        return TruncatedList(self.items[:limit], self.count - len(self.items[:limit]))


@dataclass(frozen=True, slots=True)
class LineView:
    """A reported change. ``tone`` sets the colour; ``arrow`` and ``moved`` carry the same information."""

    title: str
    old: str
    new: str
    arrow: str
    moved: str
    tone: Literal["good", "bad", "plain"]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The reported changes of one subject, or of a derived watch: then ``term`` is its name, ``place`` its subjects.

    ``url`` is empty if there is no page to link to; ``other_url`` is the second page of a derived watch. ``history``
    describes the chart in words, ``chart`` is the address of the image; either may be empty. ``few_ads`` are locations
    whose medians changed on too few ads to be tested; they are shown in grey and marked in words.
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
        """The name of the subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class WatchingView:
    """A subject or derived watch that is reported for the first time; ``figures`` are pairs of title and figure."""

    term: str
    place: str
    url: str
    facts: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    skills: str
    other_url: str = ""

    @property
    def name(self) -> str:
        """The name of the subject in one line."""
        return f"{self.term}, {self.place}"


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry with its reason. ``is_thin`` means that there are too few ads to test it."""

    text: str
    because: str
    is_thin: bool = False


@dataclass(frozen=True, slots=True)
class ListView:
    """The entries of one subject in a list below the reported changes."""

    name: str
    url: str
    entries: TruncatedList[EntryView]


@dataclass(frozen=True, slots=True)
class FailureView:
    """A page that could not be read, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """A complete digest. ``is_blind`` means that no page could be read.

    ``status`` and ``coverage`` are empty in a notice to the operator, which concerns no page.
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
