"""One change with every number that led to its verdict and to what the digest does with it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, tzinfo

from alerts import wording
from alerts.model.changes import Change, Digest, Line, Numbers
from alerts.render.sanitize import SENTENCE_LIMIT, clean


def lines_about(digest: Digest, text: str) -> Iterator[Line]:
    """Yield a digest's lines whose subject, topic, statistic or item have a text in them, told, nearly or held back."""
    told = [line for group in digest.groups for line in group.lines]
    for line in (*told, *digest.nearly, *digest.held_back):
        if text.casefold() in name_of(line).casefold():
            yield line


def name_of(line: Line) -> str:
    """Return what a line is found by: ``permanent/north west/backend developer/6 skills share Python``."""
    change = line.change
    return clean(" ".join(filter(None, (change.head.subject.key, change.topic, change.statistic, change.item))))


def render_explained(line: Line, zone: tzinfo | None = UTC) -> str:
    """Return all that speaks for and against one change, as text; ``zone`` is where the days of moments are counted."""
    change, evidence = line.change, line.evidence
    sides = change.pair.sides if change.pair else ()
    told = [side.old_as_of for side in sides] or [change.old_as_of]
    known = [head.as_of for head in change.heads]
    old, new = (wording.figure(change.statistic, side, change.basis) for side in (change.old, change.new))
    rows = [
        ("told", f"{old}, as of {_dates(told)}, on {change.told_at.astimezone(zone):%Y-%m-%d}"),
        ("now", f"{new}, as of {_dates(known)}"),
        ("moved", wording.moved(change)),
        *_sides(change),
        *((name, f"{value:.4g}") for name, value in (*evidence.numbers, *_of_mix(line))),
        ("p-value", "none" if evidence.p_value is None else f"{evidence.p_value:.4g}"),
        ("verdict", f"{evidence.verdict} ({evidence.because})"),
        *((name, f"{value:.4g}") for name, value in line.numbers),
        ("so it is", f"{line.standing} ({line.because})"),
    ]
    width = max(len(name) for name, _ in rows)
    shown = [f"  {name:{width}}  {clean(value, SENTENCE_LIMIT)}" for name, value in rows]
    return "\n".join([name_of(line), *shown])


def _dates(of: Sequence[date]) -> str:
    """Return dates, one that is both pages' of a derived watch once."""
    return " and ".join(each.isoformat() for each in dict.fromkeys(of))


def _sides(change: Change) -> tuple[tuple[str, str], ...]:
    """Return both figures of a derived watch, each as of the date of its own page."""
    if change.pair is None:
        return ()
    dates = [f"{side.old_as_of.isoformat()} to {side.head.as_of.isoformat()}" for side in change.pair.sides]
    return (
        ("what of them", wording.pair_statistic(change.pair)),
        ("pages told", wording.pair_told_dated(change.pair)),
        ("pages now", wording.pair_now_dated(change.pair)),
        ("their dates", ", ".join(dates)),
    )


def _of_mix(line: Line) -> Numbers:
    """Return what the shares of the region's places have to do with a median."""
    if line.mix is None:
        return ()
    return (
        ("part of the move that is mix, %", 100 * line.mix.part),
        ("standard error of that part, %", 100 * line.mix.error),
        (f"share of {clean(line.mix.place)} then, %", line.mix.share_then),
        (f"share of {clean(line.mix.place)} now, %", line.mix.share_now),
    )


def explained_data(line: Line) -> dict[str, object]:
    """Return the same as JSON's types."""
    return {
        "change": name_of(line),
        "numbers": dict((*line.evidence.numbers, *_of_mix(line), *line.numbers)),
        "p_value": line.evidence.p_value,
        "verdict": line.evidence.verdict,
        "because": clean(line.evidence.because, SENTENCE_LIMIT),
        "standing": line.standing,
    }
