"""What was looked at, in sentences: that nothing changed and that nobody could look never look alike."""

from collections.abc import Sequence

from alerts.model.changes import Coverage, Digest, NewlyWatched, SubjectSection
from alerts.wording import format_date, pluralize


def nothing_was_read(digest: Digest) -> bool:
    """Whether pages were asked for and nothing is known of them: none was read at the last try, and none before it."""
    coverage = digest.coverage
    return coverage is not None and bool(coverage.failed) and _is_unknown(digest, coverage)


def coverage_sentence(coverage: Coverage, pages: str = "page watched", many: str = "pages watched") -> str:
    """Return ``12 pages watched: 4 with new figures, 6 unchanged, 2 could not be read. The oldest figures are ...``.

    ``pages`` and ``many`` are what one and more of them are called.
    """
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (coverage.read, "with new figures"),
            (coverage.unchanged, "unchanged"),
            (len(coverage.failed), "could not be read"),
            (len(coverage.not_fetched), "not looked at"),
        )
        if count
    ]
    oldest = f" The oldest figures are as of {format_date(coverage.oldest_as_of)}." if coverage.oldest_as_of else ""
    return f"{pluralize(coverage.watched, pages, many)}{': ' if parts else ''}{', '.join(parts)}.{oldest}"


def status(digest: Digest) -> str:
    """Return in a sentence or two what was found, and of how many pages nothing is known; nothing for a notice."""
    coverage = digest.coverage
    if coverage is None:
        return ""
    if not coverage.watched:
        return "Nothing is watched: no page of config.toml belongs to this digest."
    if nothing_was_read(digest):
        pages = pluralize(coverage.watched, "watched page")
        return f"We could not look: of {pages} none was read, so whether anything changed is not known."
    if _is_unknown(digest, coverage):
        # Nobody tried, which is no failure: a digest was asked for before the next crawl, or there was none.
        return "Nothing was looked at: no page was asked for, so whether anything changed is not known."
    found = _quiet(digest, coverage) if digest.is_empty else _found(digest)
    return f"{found}.{_unread_sentence(coverage)}"


def _unread_sentence(coverage: Coverage) -> str:
    """Return how many pages were not read; one of them may have been, earlier since the last digest."""
    counts = (len(coverage.failed), "could not be read at the last try"), (len(coverage.not_fetched), "not asked for")
    said = ", ".join(f"{pluralize(count, 'page')} {what}" for count, what in counts if count)
    return f" {said}: see below." if said else ""


def _quiet(digest: Digest, coverage: Coverage) -> str:
    missing = _missing(coverage)
    looked = f"{coverage.watched - missing:,} of " if missing else "all "
    has_moved = coverage.read or digest.below_threshold or digest.suppressed
    found = "Nothing to tell: what moved is small or within chance" if has_moved else "Nothing changed"
    return f"{found}. Read: {looked}{pluralize(coverage.watched, 'watched page')}"


def _found(digest: Digest) -> str:
    told = sum(len(group.lines) for group in digest.groups)
    parts = [f"{pluralize(told, 'change')} in {_subjects(digest.groups)}"] if told else []
    if digest.watching:
        parts.append(f"{_subjects(digest.watching)} now watched")
    return ", ".join(parts)


def _subjects(of: Sequence[SubjectSection | NewlyWatched]) -> str:
    """Return how many subjects and derived watches: ``2 subjects and 1 derived watch``."""
    pairs = sum(each.derived is not None for each in of)
    kinds = (len(of) - pairs, "subject", "subjects"), (pairs, "derived watch", "derived watches")
    return " and ".join(pluralize(*kind) for kind in kinds if kind[0])


def _is_unknown(digest: Digest, coverage: Coverage) -> bool:
    return 0 < coverage.watched <= _missing(coverage) and digest.is_empty


def _missing(coverage: Coverage) -> int:
    return len(coverage.failed) + len(coverage.not_fetched)
