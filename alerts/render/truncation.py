"""Fit a digest to the limits of a medium: cut whole subjects, the least important first, and count them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from alerts.render.view_models import DigestView, TruncatedList

Candidate = TypeVar("Candidate")

_UNLIMITED: Final = 1_000_000
# The order in which the parts of a digest get space, with the number of items. The first failures precede all changes,
# so that a reader always sees that some page could not be read.
_PRIORITIES: Final = (
    ("notices", 5),
    ("failed", 3),
    ("groups", _UNLIMITED),
    ("watching", _UNLIMITED),
    ("nearly", _UNLIMITED),
    ("failed", _UNLIMITED),
    ("held_back", _UNLIMITED),
    ("not_looked", _UNLIMITED),
    ("notices", _UNLIMITED),
)


def fit_digest(view: DigestView, fits: Callable[[DigestView], bool]) -> DigestView:
    """Return the largest part of a digest that fits, in the order of importance.

    Args:
        view: The complete digest.
        fits: Whether a digest is within the limits of the medium. A digest without items is assumed to fit.
    """
    if fits(view):
        return view
    best = _largest(_size(view) - 1, lambda items: truncate(view, items), fits)
    if best.groups.items or not view.groups.items:
        return best
    # The first subject alone is too long: show its first changes.
    first = view.groups.items[0]

    def with_lines(count: int) -> DigestView:
        groups = TruncatedList((replace(first, lines=first.lines.take(count)),), view.groups.count - 1)
        return replace(best, groups=groups) if count else best

    return _largest(first.lines.count - 1, with_lines, fits)


def truncate(view: DigestView, limit: int) -> DigestView:
    """Return a digest with its ``limit`` most important items; the others are counted."""
    parts: dict[str, TruncatedList[object]] = {name: getattr(view, name) for name, _ in _PRIORITIES}
    counts: Counter[str] = Counter()
    for name, max_items in _PRIORITIES:
        added = min(max_items, limit, len(parts[name].items) - counts[name])
        counts[name] += added
        limit -= added
    # mypy cannot see that each part is assigned to the field that it came from.
    return replace(view, **{name: part.take(counts[name]) for name, part in parts.items()})  # type: ignore[arg-type]


def _size(view: DigestView) -> int:
    return sum(len(getattr(view, name).items) for name in dict(_PRIORITIES))


def _largest(upper: int, build: Callable[[int], Candidate], fits: Callable[[Candidate], bool]) -> Candidate:
    """Return the largest of ``build(0)`` to ``build(upper)`` that fits, by bisection; ``build(0)`` if none does."""
    best, lower = build(0), 1
    while lower <= upper:
        middle = (lower + upper) // 2
        candidate = build(middle)
        if fits(candidate):
            best, lower = candidate, middle + 1
        else:
            upper = middle - 1
    return best
