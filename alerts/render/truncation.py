"""What does not fit is cut by whole subjects, the least important first, and is counted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from alerts.render.view_models import DigestView, TruncatedList

Candidate = TypeVar("Candidate")

_ALL: Final = 1_000_000
# In which order the parts of a digest get their room. The first failures stand before all changes: a reader must see
# that something could not be read, however much there is to tell.
_PRIORITIES: Final = (
    ("notices", 5),
    ("failed", 3),
    ("groups", _ALL),
    ("watching", _ALL),
    ("nearly", _ALL),
    ("failed", _ALL),
    ("held_back", _ALL),
    ("not_looked", _ALL),
    ("notices", _ALL),
)


def fit_digest(view: DigestView, fits: Callable[[DigestView], bool]) -> DigestView:
    """Return as much of a digest as fits: all of it, or the most of its items in the order of their importance.

    Args:
        view: The digest, whole.
        fits: Whether the medium takes it. A digest without any item is taken to fit.
    """
    if fits(view):
        return view
    best = _largest(_size(view) - 1, lambda items: truncate(view, items), fits)
    if best.groups.items or not view.groups.items:
        return best
    # The first subject alone is too long: its first lines are worth more than no line at all.
    first = view.groups.items[0]

    def with_lines(most: int) -> DigestView:
        part = TruncatedList((replace(first, lines=first.lines.take(most)),), view.groups.count - 1)
        return replace(best, groups=part) if most else best

    return _largest(first.lines.count - 1, with_lines, fits)


def truncate(view: DigestView, keep: int) -> DigestView:
    """Return a digest with its ``keep`` most important items; the others are counted."""
    parts: dict[str, TruncatedList[object]] = {name: getattr(view, name) for name, _ in _PRIORITIES}
    kept: Counter[str] = Counter()
    for name, most in _PRIORITIES:
        taken = min(most, keep, len(parts[name].items) - kept[name])
        kept[name] += taken
        keep -= taken
    # mypy cannot see that each part goes back under the name it came from.
    return replace(view, **{name: part.take(kept[name]) for name, part in parts.items()})  # type: ignore[arg-type]


def _size(view: DigestView) -> int:
    return sum(len(getattr(view, name).items) for name in dict(_PRIORITIES))


def _largest(most: int, build: Callable[[int], Candidate], fits: Callable[[Candidate], bool]) -> Candidate:
    """Return the largest of ``build(0)`` to ``build(most)`` that fits, by bisection; ``build(0)`` if none does."""
    best, low = build(0), 1
    while low <= most:
        middle = (low + most) // 2
        candidate = build(middle)
        if fits(candidate):
            best, low = candidate, middle + 1
        else:
            most = middle - 1
    return best
