"""What can go wrong in this half, named for what the caller does about it.

::

    JobspiderError
    ├── UsageError               exit 2: the request itself is wrong; the user changes it
    │   └── ConfigError          exit 2: config.toml is wrong; holds every mistake at once
    ├── PageError                a page was not accepted; carries the ledger status it ends in
    │   ├── BlockedPageError     challenge, consent or maintenance: stop asking
    │   ├── WrongPageError       another term, region or window than asked: skip it, check the address
    │   ├── NotFoundError        the site has no such page: correct the watch
    │   ├── LayoutChangedError   not understood: quarantine, tell the operator
    │   └── AuditFailedError     understood, but its figures contradict each other: quarantine
    ├── StoreError               exit 4: the database cannot be used
    │   └── StoreLockedError     exit 4: another process holds it; wait or end that one
    └── ReplayError              exit 4: the folder of saved pages cannot be served

    UnreadableFigureError        (a ValueError) one cell's text is no figure of its kind; `pages` turns it
                                 into a LayoutChangedError that names the page and the label
"""

from collections.abc import Sequence
from typing import ClassVar

from jobspider.model import AuditFinding, FetchStatus


class JobspiderError(Exception):
    """Anything this project raises on purpose; its text is one line that says what to do."""

    exit_code: ClassVar[int] = 4


class UsageError(JobspiderError):
    """The request itself is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration is wrong.

    Args:
        mistakes: One line a mistake, each ``file: key: what is wrong and what is accepted``.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class PageError(JobspiderError):
    """A page that was not accepted.

    Args:
        url: The address that was asked for.
        reason: What was expected and what was found, in one line.
    """

    status: ClassVar[FetchStatus]

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class BlockedPageError(PageError):
    """The site answers with a challenge, a consent wall or maintenance."""

    status = FetchStatus.BLOCKED


class WrongPageError(PageError):
    """The page is about another term, region or window than asked."""

    status = FetchStatus.WRONG_PAGE


class NotFoundError(PageError):
    """The site says that it has no such page."""

    status = FetchStatus.NOT_FOUND


class LayoutChangedError(PageError):
    """The page holds something that is not understood."""

    status = FetchStatus.LAYOUT_CHANGED


class AuditFailedError(PageError):
    """The page was understood, but its figures contradict each other.

    Args:
        url: The address that was asked for.
        findings: The identities that failed; at least one refuses the page.
    """

    status = FetchStatus.AUDIT_FAILED

    def __init__(self, url: str, findings: Sequence[AuditFinding]) -> None:
        refusals = [finding for finding in findings if finding.rejects_page]
        first = refusals[0]
        more = f" (+ {len(refusals) - 1} more)" if len(refusals) > 1 else ""
        super().__init__(url, f"{first.identity}: expected {first.expected}, found {first.found}{more}")
        self.findings = tuple(findings)


class StoreError(JobspiderError):
    """The database cannot be used."""


class StoreLockedError(StoreError):
    """Another process holds the database."""


class ReplayError(JobspiderError):
    """The folder of saved pages cannot be served."""


class UnreadableFigureError(ValueError):
    """One cell's text is no figure of its kind.

    Args:
        text: The text as found.
        expected: What would have been accepted, in words.
    """

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"expected {expected}, found {text!r}")
        self.text = text
        self.expected = expected
