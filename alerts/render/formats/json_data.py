"""A digest as plain data, for programs: what ``--json`` prints."""

from datetime import UTC

from alerts.model.changes import AssessedChange, CompositionEffect, Coverage, Digest, NewlyWatched, PayContext
from alerts.model.derived import DerivedFigure, DerivedSide
from alerts.render.sanitize import SENTENCE_LIMIT, clean_text, safe_url
from jobspider.model import LedgerRow, SnapshotInfo, Subject, to_json_number
from jobspider.site.attribution import ATTRIBUTION


def digest_data(digest: Digest) -> dict[str, object]:
    """Return a digest as JSON's types: dates in ISO 8601, figures as numbers in the units of the store."""
    return {
        "digest": clean_text(digest.name),
        "created_at": digest.created_at.astimezone(UTC).isoformat(),
        "headline": clean_text(digest.headline, SENTENCE_LIMIT),
        "notices": [clean_text(notice, SENTENCE_LIMIT) for notice in digest.notes],
        "told": [_line(line) for group in digest.groups for line in group.lines],
        "watching": [_watching(each) for each in digest.watching],
        "nearly": [_line(line) for line in digest.below_threshold],
        "held_back": [_line(line) for line in digest.suppressed],
        "coverage": digest.coverage and _coverage(digest.coverage),
        "source": ATTRIBUTION,
    }


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "watched": coverage.watched,
        "read": coverage.read,
        "unchanged": coverage.unchanged,
        "failed": [_failure(row) for row in coverage.failed],
        "not_looked": [_key(subject) for subject in coverage.not_fetched],
        "not_compared": [clean_text(name) for name in coverage.not_compared],
        "oldest_as_of": coverage.oldest_as_of and coverage.oldest_as_of.isoformat(),
    }


def _line(line: AssessedChange) -> dict[str, object]:
    change, evidence = line.change, line.evidence
    return {
        **_head(change.snapshot),
        "topic": clean_text(change.topic),
        "derived": change.derived and _pair(change.derived),
        "statistic": change.statistic,
        "basis": change.basis,
        "item": None if change.item is None else clean_text(change.item),
        "list": None if change.skill is None else clean_text(change.skill.list_name),
        "kind": change.kind,
        "old": to_json_number(change.old),
        "new": to_json_number(change.new),
        "difference": to_json_number(change.difference),
        "percent": None if change.percent is None else round(float(change.percent), 2),
        "year_on_year": None if change.year_on_year is None else round(float(change.year_on_year), 2),
        "quotes": change.sample_size,
        "beside": line.pay_context and _beside(line.pay_context),
        "mix": line.composition and _mix(line.composition),
        "old_as_of": change.old_as_of.isoformat(),
        "told_at": change.baseline_notified_at.isoformat(),
        "verdict": evidence.verdict,
        "p_value": evidence.p_value,
        "standing": line.decision,
        "because": clean_text(line.reason, SENTENCE_LIMIT),
    }


def _watching(watching: NewlyWatched) -> dict[str, object]:
    return {
        **_head(watching.snapshot),
        "topics": [clean_text(topic) for topic in watching.topics],
        "derived": watching.derived and _pair(watching.derived),
        "basis": watching.basis,
        "figures": {statistic: to_json_number(figure) for statistic, figure in watching.figures.items()},
        "top_skills": [clean_text(skill) for skill in watching.top_skills],
    }


def _beside(around: PayContext) -> dict[str, object]:
    named = (around.category_name, around.category_change), (around.parent_name, around.region_change)
    category, parent = (
        None if change is None else {"name": clean_text(name or ""), "change": round(float(change), 2)}
        for name, change in named
    )
    return {"category": category, "parent": parent}


def _mix(mix: CompositionEffect) -> dict[str, object]:
    return {
        "is_cause": mix.is_cause,
        "part": round(mix.fraction, 3),
        "error": round(mix.standard_error, 3),
        "place": clean_text(mix.location),
        "share_then": round(mix.share_then, 2),
        "share_now": round(mix.share_now, 2),
    }


def _pair(pair: DerivedFigure) -> dict[str, object]:
    return {
        "name": clean_text(pair.watch.name),
        "statistic": pair.watch.statistic,
        "days_a_year": pair.watch.days_a_year,
        "of": _side(pair.target),
        "against": _side(pair.reference),
    }


def _side(side: DerivedSide) -> dict[str, object]:
    return {
        **_head(side.head),
        "basis": side.basis,
        "old": to_json_number(side.old),
        "new": to_json_number(side.new),
        "old_as_of": side.old_as_of.isoformat(),
        "quotes": side.quotes,
    }


def _head(head: SnapshotInfo) -> dict[str, object]:
    names = {"term": clean_text(head.names.term_name), "region": clean_text(head.names.region_name)}
    return {"subject": _key(head.subject), **names, "url": safe_url(head.url), "as_of": head.as_of.isoformat()}


def _key(subject: Subject) -> str:
    return clean_text(subject.key, SENTENCE_LIMIT)


def _failure(row: LedgerRow) -> dict[str, object]:
    return {
        "subject": row.subject and _key(row.subject),
        "url": safe_url(row.url),
        "status": row.status,
        "reason": clean_text(row.reason, SENTENCE_LIMIT),
    }
