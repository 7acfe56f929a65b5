"""A digest as plain data, for programs: what ``--json`` prints."""

from decimal import Decimal

from alerts.model import Coverage, Digest, Figure, Line, Watching
from alerts.render.scraped import SENTENCE_LIMIT, clean, link
from alerts.render.view import ATTRIBUTION
from jobspider.model import LedgerRow, SnapshotHead, Subject


def digest_data(digest: Digest) -> dict[str, object]:
    """Return a digest as JSON's types: dates in ISO 8601, figures as numbers in the units of the store."""
    return {
        "digest": clean(digest.name),
        "created_at": digest.created_at.isoformat(),
        "headline": clean(digest.headline, SENTENCE_LIMIT),
        "notices": [clean(notice, SENTENCE_LIMIT) for notice in digest.notices],
        "told": [_line(line) for group in digest.groups for line in group.lines],
        "watching": [_watching(each) for each in digest.watching],
        "nearly": [_line(line) for line in digest.nearly],
        "held_back": [_line(line) for line in digest.held_back],
        "coverage": digest.coverage and _coverage(digest.coverage),
        "source": ATTRIBUTION,
    }


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "watched": coverage.watched,
        "read": coverage.read,
        "unchanged": coverage.unchanged,
        "failed": [_failure(row) for row in coverage.failed],
        "not_looked": [_key(subject) for subject in coverage.not_looked],
        "oldest_as_of": coverage.oldest_as_of and coverage.oldest_as_of.isoformat(),
    }


def _line(line: Line) -> dict[str, object]:
    change, evidence = line.change, line.evidence
    return {
        **_head(change.head),
        "topic": change.topic,
        "statistic": change.statistic,
        "basis": change.basis,
        "item": None if change.item is None else clean(change.item),
        "kind": change.kind,
        "old": _number(change.old),
        "new": _number(change.new),
        "difference": _number(change.difference),
        "percent": None if change.percent is None else round(float(change.percent), 2),
        "year_on_year": None if change.year_on_year is None else round(float(change.year_on_year), 2),
        "quotes": change.quotes,
        "old_as_of": change.old_as_of.isoformat(),
        "told_at": change.told_at.isoformat(),
        "verdict": evidence.verdict,
        "p_value": evidence.p_value,
        "standing": line.standing,
        "because": clean(line.because, SENTENCE_LIMIT),
    }


def _watching(watching: Watching) -> dict[str, object]:
    return {
        **_head(watching.head),
        "topics": list(watching.topics),
        "basis": watching.basis,
        "figures": {statistic: _number(figure) for statistic, figure in watching.figures.items()},
        "top_skills": [clean(skill) for skill in watching.top_skills],
    }


def _head(head: SnapshotHead) -> dict[str, object]:
    names = {"term": clean(head.names.term_name), "region": clean(head.names.region_name)}
    return {"subject": _key(head.subject), **names, "url": link(head.url), "as_of": head.as_of.isoformat()}


def _key(subject: Subject) -> str:
    return clean(subject.key, SENTENCE_LIMIT)


def _failure(row: LedgerRow) -> dict[str, object]:
    return {
        "subject": row.subject and _key(row.subject),
        "url": link(row.url),
        "status": row.status,
        "reason": clean(row.reason, SENTENCE_LIMIT),
    }


def _number(figure: Figure | None) -> float | int | None:
    if isinstance(figure, Decimal):
        return int(figure) if figure == figure.to_integral_value() else float(figure)
    return figure
