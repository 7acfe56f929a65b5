"""Describe the coverage of a digest, so that "nothing changed" and "nothing was read" are never confused."""

from collections.abc import Sequence

from alerts.model.changes import Coverage, Digest, NewlyWatched, SubjectSection
from alerts.wording import format_date, pluralize


def nothing_was_read(digest: Digest) -> bool:
    """Whether pages were requested and none could be read since the last digest."""
    coverage = digest.coverage
    return coverage is not None and bool(coverage.failed) and _is_unknown(digest, coverage)


def coverage_sentence(coverage: Coverage, singular: str = "page watched", plural: str = "pages watched") -> str:
    """Return ``12 pages watched: 4 with new figures, 6 unchanged, 2 could not be read. The oldest figures are ...``.

    ``singular`` and ``plural`` are the nouns for the pages.
    """
    parts = [
        f"{count:,} {text}"
        for count, text in (
            (coverage.read, "with new figures"),
            (coverage.unchanged, "unchanged"),
            (len(coverage.failed), "could not be read"),
            (len(coverage.not_fetched), "not looked at"),
        )
        if count
    ]
    oldest = f" The oldest figures are as of {format_date(coverage.oldest_as_of)}." if coverage.oldest_as_of else ""
    return f"{pluralize(coverage.watched, singular, plural)}{': ' if parts else ''}{', '.join(parts)}.{oldest}"


def status_text(digest: Digest) -> str:
    """Return one or two sentences on what changed and which pages are missing; empty for a notice."""
    coverage = digest.coverage
    if coverage is None:
        return ""
    if not coverage.watched:
        return "Nothing is watched: no page of config.toml belongs to this digest."
    if nothing_was_read(digest):
        pages = pluralize(coverage.watched, "watched page")
        return f"We could not look: of {pages} none was read, so whether anything changed is not known."
    if _is_unknown(digest, coverage):
        # No page was requested, for example because the digest was built before the next crawl. That is not a failure.
        return "Nothing was looked at: no page was asked for, so whether anything changed is not known."
    summary = _empty_summary(digest, coverage) if digest.is_empty else _change_summary(digest)
    return f"{summary}.{_unread_sentence(coverage)}"


def _unread_sentence(coverage: Coverage) -> str:
    """Return the number of pages that were not read at the last attempt; earlier attempts may have succeeded."""
    counts = (len(coverage.failed), "could not be read at the last try"), (len(coverage.not_fetched), "not asked for")
    text = ", ".join(f"{pluralize(count, 'page')} {reason}" for count, reason in counts if count)
    return f" {text}: see below." if text else ""


def _empty_summary(digest: Digest, coverage: Coverage) -> str:
    missing = _missing(coverage)
    read = f"{coverage.watched - missing:,} of " if missing else "all "
    has_moved = coverage.read or digest.below_threshold or digest.suppressed
    summary = "Nothing to tell: what moved is small or within chance" if has_moved else "Nothing changed"
    return f"{summary}. Read: {read}{pluralize(coverage.watched, 'watched page')}"


def _change_summary(digest: Digest) -> str:
    count = sum(len(group.lines) for group in digest.groups)
    parts = [f"{pluralize(count, 'change')} in {_subjects(digest.groups)}"] if count else []
    if digest.watching:
        parts.append(f"{_subjects(digest.watching)} now watched")
    return ", ".join(parts)


def _subjects(sections: Sequence[SubjectSection | NewlyWatched]) -> str:
    """Return the number of subjects and derived watches: ``2 subjects and 1 derived watch``."""
    derived = sum(section.derived is not None for section in sections)
    counts = (len(sections) - derived, "subject", "subjects"), (derived, "derived watch", "derived watches")
    return " and ".join(pluralize(*count) for count in counts if count[0])


def _is_unknown(digest: Digest, coverage: Coverage) -> bool:
    return 0 < coverage.watched <= _missing(coverage) and digest.is_empty


def _missing(coverage: Coverage) -> int:
    return len(coverage.failed) + len(coverage.not_fetched)
