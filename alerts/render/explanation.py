"""Render one change with all numbers behind its verdict and decision, for ``changes --explain``."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, tzinfo

from alerts import wording
from alerts.model.changes import AssessedChange, Change, Digest, NamedValues
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text


def matching_changes(digest: Digest, text: str) -> Iterator[AssessedChange]:
    """Yield the changes of a digest, reported or not, whose label contains a text."""
    reported = [line for group in digest.groups for line in group.lines]
    for line in (*reported, *digest.below_threshold, *digest.suppressed):
        if text.casefold() in change_label(line).casefold():
            yield line


def change_label(line: AssessedChange) -> str:
    """Return the label that ``--explain`` searches: ``permanent/uk/java/6 skills share Python``."""
    change = line.change
    return clean_text(
        " ".join(filter(None, (change.snapshot.subject.key, change.topic, change.statistic, change.item)))
    )


def render_explained(line: AssessedChange, zone: tzinfo | None = UTC) -> str:
    """Return one change with its evidence as text; dates are in the time zone ``zone``."""
    change, evidence = line.change, line.evidence
    sides = change.derived.sides if change.derived else ()
    old_dates = [side.old_as_of for side in sides] or [change.old_as_of]
    new_dates = [head.as_of for head in change.snapshots]
    old, new = (
        wording.format_value_with_period(change.statistic, side, change.basis) for side in (change.old, change.new)
    )
    rows = [
        ("told", f"{old}, as of {_dates(old_dates)}, on {change.baseline_notified_at.astimezone(zone):%Y-%m-%d}"),
        ("now", f"{new}, as of {_dates(new_dates)}"),
        ("moved", wording.change_text(change)),
        *_sides(change),
        *((name, f"{value:.4g}") for name, value in (*evidence.details, *_composition_details(line))),
        ("p-value", "none" if evidence.p_value is None else f"{evidence.p_value:.4g}"),
        ("verdict", f"{evidence.verdict} ({evidence.explanation})"),
        *((name, f"{value:.4g}") for name, value in line.details),
        ("so it is", f"{line.decision} ({line.reason})"),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:{width}}  {clean_text(value, SENTENCE_LIMIT)}" for name, value in rows]
    return "\n".join([change_label(line), *lines])


def _dates(dates: Sequence[date]) -> str:
    """Return the distinct dates as text."""
    return " and ".join(day.isoformat() for day in dict.fromkeys(dates))


def _sides(change: Change) -> tuple[tuple[str, str], ...]:
    """Return both figures of a derived watch with their dates."""
    if change.derived is None:
        return ()
    dates = [f"{side.old_as_of.isoformat()} to {side.head.as_of.isoformat()}" for side in change.derived.sides]
    return (
        ("what of them", wording.derived_statistic(change.derived)),
        ("pages told", wording.baseline_values(change.derived)),
        ("pages now", wording.current_values(change.derived)),
        ("their dates", ", ".join(dates)),
    )


def _composition_details(line: AssessedChange) -> NamedValues:
    """Return the effect of changed location shares on a median."""
    if line.composition is None:
        return ()
    return (
        ("part of the move that is mix, %", 100 * line.composition.fraction),
        ("standard error of that part, %", 100 * line.composition.standard_error),
        (f"share of {clean_text(line.composition.location)} then, %", line.composition.share_then),
        (f"share of {clean_text(line.composition.location)} now, %", line.composition.share_now),
    )


def explanation_data(line: AssessedChange) -> dict[str, object]:
    """Return the content of :func:`render_explained` as JSON types."""
    return {
        "change": change_label(line),
        "numbers": dict((*line.evidence.details, *_composition_details(line), *line.details)),
        "p_value": line.evidence.p_value,
        "verdict": line.evidence.verdict,
        "because": clean_text(line.evidence.explanation, SENTENCE_LIMIT),
        "standing": line.decision,
    }
