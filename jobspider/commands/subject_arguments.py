"""How a subject is named on the command line, and which of those that are kept is meant. Nothing is fetched."""

import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from jobspider.errors import StoreError, UsageError
from jobspider.model import DEFAULT_WINDOW, WINDOWS, JobType, SnapshotInfo, Subject
from jobspider.site import urls as addresses
from jobspider.store.reader import Reader

_MARKS_OF_A_PATTERN: Final = frozenset("*?[")
_WINDOWS_SAID: Final = frozenset(map(str, WINDOWS))
_MOST_NAMED: Final = 5
_ALIKE: Final = 0.75
"""How like two keys must be, from 0 to 1, to be taken for each other: all of them have much in common."""
_EXAMPLE: Final = "permanent/north west/backend developer/6"


def resolve_subjects(reader: Reader, words: Sequence[str]) -> tuple[SnapshotInfo, ...]:
    """Return the newest snapshots of the subjects that some words name, each once, in the order of the words.

    A word is a subject's key, ``permanent/north west/backend developer/6``, of which the job type (permanent) and the
    window (6) may be left out; a pattern over such keys, as in a digest's ``watch``, which may name several; or the
    address of a page.

    Raises:
        UsageError: A word names no subject that is kept; the message says which it resembles.
        StoreError: None is kept at all.
    """
    heads = {head.subject.key: head for head in reader.latest_snapshots()}
    if not heads:
        raise StoreError("no page is kept yet: run jobspider crawl first")
    found = dict.fromkeys(key for word in words for key in _keys(word, heads.keys(), reader))
    return tuple(heads[key] for key in found)


def resolve_subject(reader: Reader, word: str) -> SnapshotInfo:
    """Return the newest snapshot of the one subject that a word names, as by :func:`resolve_subjects`.

    Raises:
        UsageError: It names none that is kept, or several.
        StoreError: None is kept at all.
    """
    found = resolve_subjects(reader, [word])
    if len(found) > 1:
        raise UsageError(
            f"{word!r} fits {len(found)} subjects: name one of {_listed([each.subject.key for each in found])}"
        )
    return found[0]


def parse_subject(word: str) -> Subject:
    """Return the subject that a word names, kept or not; the word is no pattern.

    Raises:
        UsageError: It is neither a key nor the address of a page.
    """
    if _is_address(word):
        return addresses.parse_subject_url(word)
    parts = word.split("/")
    job_type = parts.pop(0).strip().lower() if parts[0].strip().lower() in set(JobType) else JobType.PERMANENT
    window = int(parts.pop()) if len(parts) > 1 and parts[-1].strip() in _WINDOWS_SAID else DEFAULT_WINDOW
    if len(parts) < len(("region", "term")):
        raise UsageError(f"{word!r} names no page: write {_EXAMPLE!r}, or the page's address")
    return addresses.make_subject(job_type, parts[0], "/".join(parts[1:]), window)


def _keys(word: str, known: Collection[str], reader: Reader) -> list[str]:
    if _MARKS_OF_A_PATTERN & set(word) and not _is_address(word):
        found = [key for key in known if fnmatchcase(key, word.lower())]
        if not found:
            raise UsageError(f"{word!r} fits no subject that is kept; patterns are over {next(iter(known))!r}")
        return found
    try:
        subject = parse_subject(word)
    except UsageError as error:
        alike = [key for key in known if word.strip().lower() in key]
        if _is_address(word) or not alike:
            raise
        raise UsageError(f"{error}; kept are {_listed(alike)}") from None
    if subject.key not in known:
        raise UsageError(f"nothing is kept of {subject.key!r}: {_advice(subject, known, reader)}")
    return [subject.key]


def _advice(subject: Subject, known: Collection[str], reader: Reader) -> str:
    """Say how its newest try ended, or else which subjects a name resembles.

    That is another spelling, or the same page of another job type or window.
    """
    fetch = f"jobspider crawl --url {shlex.quote(addresses.subject_url(subject))}"
    for row in reader.latest_fetches_since(None):
        if row.subject == subject:
            return f"its page was never read, the newest try ended as {row.status}; {fetch} tries again"
    tail = f"/{subject.region}/{subject.term}/"
    twins = [key for key in known if tail in key]
    near = twins or get_close_matches(subject.key, known, n=_MOST_NAMED, cutoff=_ALIKE)
    if near:
        return f"did you mean {_listed(near, 'or')}?"
    return f"{fetch} fetches it"


def _is_address(word: str) -> bool:
    return "://" in word or addresses.is_role_page(word)


def _listed(keys: Sequence[str], last: str = "and") -> str:
    shown = [repr(key) for key in keys[:_MOST_NAMED]]
    if len(keys) > _MOST_NAMED:
        shown.append(f"{len(keys) - _MOST_NAMED:,} more")
    return f" {last} ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
