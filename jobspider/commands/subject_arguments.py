"""Resolve the SUBJECT arguments of commands to stored subjects.

An argument is a subject key, a pattern over keys, or the URL of a page. Called by the commands that show stored
figures. Reads only the database.
"""

import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from jobspider.errors import StoreError, UsageError
from jobspider.model import DEFAULT_WINDOW, WINDOWS, JobType, SnapshotInfo, Subject
from jobspider.site import urls
from jobspider.store.reader import Reader

_WILDCARDS: Final = frozenset("*?[")
_WINDOW_TEXTS: Final = frozenset(map(str, WINDOWS))
_MAX_LISTED_KEYS: Final = 5
_MIN_SIMILARITY: Final = 0.75
"""Minimum similarity of a suggested key, from 0 to 1. It is high because all keys have long parts in common."""
_EXAMPLE: Final = "permanent/north west/backend developer/6"


def resolve_subjects(reader: Reader, arguments: Sequence[str]) -> tuple[SnapshotInfo, ...]:
    """Return the newest snapshots of the named subjects, without duplicates, in the order of the arguments.

    Args:
        reader: The open database.
        arguments: Subject keys such as ``permanent/north west/backend developer/6``, where the job type (default
            ``permanent``) and the window (default 6) may be omitted; patterns over keys, as in a digest's ``watch``; or
            URLs of pages.

    Raises:
        UsageError: An argument matches no stored subject. The message suggests similar ones.
        StoreError: The database has no snapshot.
    """
    snapshots = {snapshot.subject.key: snapshot for snapshot in reader.latest_snapshots()}
    if not snapshots:
        raise StoreError("the database has no figures yet: run jobspider crawl first")
    keys = dict.fromkeys(key for argument in arguments for key in _matching_keys(argument, snapshots.keys(), reader))
    return tuple(snapshots[key] for key in keys)


def resolve_subject(reader: Reader, argument: str) -> SnapshotInfo:
    """Return the newest snapshot of one subject. See :func:`resolve_subjects`.

    Raises:
        UsageError: The argument matches no stored subject, or several.
        StoreError: The database has no snapshot.
    """
    snapshots = resolve_subjects(reader, [argument])
    if len(snapshots) > 1:
        keys = _format_keys([snapshot.subject.key for snapshot in snapshots])
        raise UsageError(f"{argument!r} matches {len(snapshots)} subjects: choose one of {keys}")
    return snapshots[0]


def parse_subject(argument: str) -> Subject:
    """Return the subject of a key or URL, whether it is stored or not. Patterns are not accepted.

    Raises:
        UsageError: The argument is neither a key nor the URL of a page.
    """
    if _is_url(argument):
        return urls.parse_subject_url(argument)
    parts = argument.split("/")
    job_type = parts.pop(0).strip().lower() if parts[0].strip().lower() in set(JobType) else JobType.PERMANENT
    window = int(parts.pop()) if len(parts) > 1 and parts[-1].strip() in _WINDOW_TEXTS else DEFAULT_WINDOW
    if len(parts) < len(("region", "term")):
        raise UsageError(f"{argument!r} is not a subject: write it like {_EXAMPLE!r}, or give the URL of the page")
    return urls.make_subject(job_type, parts[0], "/".join(parts[1:]), window)


def _matching_keys(argument: str, stored_keys: Collection[str], reader: Reader) -> list[str]:
    if _WILDCARDS & set(argument) and not _is_url(argument):
        matches = [key for key in stored_keys if fnmatchcase(key, argument.lower())]
        if not matches:
            example = next(iter(stored_keys))
            raise UsageError(f"{argument!r} matches no stored subject: write a pattern over keys like {example!r}")
        return matches
    try:
        subject = parse_subject(argument)
    except UsageError as error:
        similar = [key for key in stored_keys if argument.strip().lower() in key]
        if _is_url(argument) or not similar:
            raise
        raise UsageError(f"{error}; similar stored subjects are {_format_keys(similar)}") from None
    if subject.key not in stored_keys:
        raise UsageError(f"no figures of {subject.key!r} are stored: {_advice(subject, stored_keys, reader)}")
    return [subject.key]


def _advice(subject: Subject, stored_keys: Collection[str], reader: Reader) -> str:
    """Return what to do about a subject without figures: crawl it, or use a similar key.

    Similar keys have another spelling, or another job type or window.
    """
    crawl = f"jobspider crawl --url {shlex.quote(urls.subject_url(subject))}"
    for row in reader.latest_fetches_since(None):
        if row.subject == subject:
            return f"its last fetch ended as {row.status}; retry with {crawl}"
    region_and_term = f"/{subject.region}/{subject.term}/"
    variants = [key for key in stored_keys if region_and_term in key]
    similar = variants or get_close_matches(subject.key, stored_keys, n=_MAX_LISTED_KEYS, cutoff=_MIN_SIMILARITY)
    if similar:
        return f"did you mean {_format_keys(similar, 'or')}?"
    return f"fetch its page with {crawl}"


def _is_url(argument: str) -> bool:
    return "://" in argument or urls.is_role_page(argument)


def _format_keys(keys: Sequence[str], conjunction: str = "and") -> str:
    texts = [repr(key) for key in keys[:_MAX_LISTED_KEYS]]
    if len(keys) > _MAX_LISTED_KEYS:
        texts.append(f"{len(keys) - _MAX_LISTED_KEYS:,} more")
    return f" {conjunction} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
