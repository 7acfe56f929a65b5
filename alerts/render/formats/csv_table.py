"""The changes of a digest as CSV, for spreadsheets: those told, those nearly there and those held back."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from alerts.model.changes import AssessedChange, Digest
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text, safe_url

FILE_NAME: Final = "changes.csv"
COLUMNS: Final = (
    "standing", "subject", "term", "region", "job_type", "window_months", "topic", "statistic", "basis", "item", "list",
    "kind",
    "old", "new", "difference", "percent", "year_on_year", "quotes", "verdict", "p_value", "because",
    "old_as_of", "as_of", "told_at", "url", "against", "against_old_as_of", "against_as_of",
)  # fmt: skip
"""The last three are of the second page of a derived watch, whose dates are its own."""

# With one of these a spreadsheet takes a text for a formula and runs it (owasp.org, "CSV Injection", seen 2026).
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\N{MINUS SIGN}", "\N{FULLWIDTH EQUALS SIGN}")


def render_csv(digest: Digest) -> str:
    """Return every change of a digest as a line under :data:`COLUMNS`, with figures as plain numbers; CRLF ends."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    told = [line for group in digest.groups for line in group.lines]
    writer.writerows([*_cells(line)] for line in (*told, *digest.below_threshold, *digest.suppressed))
    return file.getvalue()


def _cells(line: AssessedChange) -> Iterator[object]:
    change, evidence = line.change, line.evidence
    subject, names = change.snapshot.subject, change.snapshot.names
    yield from (line.decision, _text(subject.key), _text(names.term_name), _text(names.region_name))
    yield from (subject.job_type, subject.window_months, change.topic, change.statistic, change.basis)
    yield from (
        _text(change.item or ""),
        _text(change.skill.list_name if change.skill else ""),
        change.kind,
        change.old,
        change.new,
        change.difference,
    )
    yield None if change.percent is None else round(change.percent, 2)
    yield from (change.year_on_year, change.sample_size, evidence.verdict, evidence.p_value, _text(line.reason))
    yield from (
        change.old_as_of,
        change.snapshot.as_of,
        change.baseline_notified_at.isoformat(),
        safe_url(change.snapshot.url),
    )
    other = change.derived.reference if change.derived else None
    yield from (_text(other.head.subject.key), other.old_as_of, other.head.as_of) if other else ("", "", "")


def _text(scraped: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    text = clean_text(scraped, SENTENCE_LIMIT)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
