"""Define the exceptions of the package, grouped by the reaction of the caller.

::

    JobspiderError
    ├── UsageError               exit 2: the request is invalid; the user corrects it
    │   └── ConfigError          exit 2: config.toml is invalid; contains all mistakes
    ├── PageError                a page was not accepted; carries the status for the ledger
    │   ├── BlockedPageError     challenge, consent wall or maintenance: stop sending requests
    │   ├── WrongPageError       page of another term, region or window: skip it, check the URL
    │   ├── NotFoundError        the site has no such page: the user corrects the watch
    │   ├── LayoutChangedError   content that the parser does not understand: quarantine, notify the operator
    │   └── AuditFailedError     parsed, but the figures contradict each other: quarantine
    ├── StoreError               exit 4: the database cannot be used
    │   └── StoreLockedError     exit 4: another process has locked it; wait or stop that process
    └── ReplayError              exit 4: the directory of saved pages cannot be served

    UnreadableFigureError        (a ValueError) the text of a cell is not a figure of the expected type; `pages`
                                 converts it to a LayoutChangedError that names the page and the label
"""

from collections.abc import Sequence
from typing import ClassVar

from jobspider.model import AuditFinding, FetchStatus


class JobspiderError(Exception):
    """Base class of the expected errors. The message is one line and says what to do."""

    exit_code: ClassVar[int] = 4


class UsageError(JobspiderError):
    """The request is invalid."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration is invalid.

    Args:
        mistakes: One line per mistake: ``file: key: what is wrong and what is accepted``.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class PageError(JobspiderError):
    """A page that was not accepted.

    Args:
        url: The requested URL.
        reason: The expected and the actual content, in one line.
    """

    status: ClassVar[FetchStatus]

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class BlockedPageError(PageError):
    """The response is a challenge, a consent wall or a maintenance page."""

    status = FetchStatus.BLOCKED


class WrongPageError(PageError):
    """The page is about another term, region or window than requested."""

    status = FetchStatus.WRONG_PAGE


class NotFoundError(PageError):
    """The site reports that the page does not exist."""

    status = FetchStatus.NOT_FOUND


class LayoutChangedError(PageError):
    """The page contains something that the parser does not understand."""

    status = FetchStatus.LAYOUT_CHANGED


class AuditFailedError(PageError):
    """The page was parsed, but its figures contradict each other.

    Args:
        url: The requested URL.
        findings: The failed checks. At least one must reject the page.
    """

    status = FetchStatus.AUDIT_FAILED

    def __init__(self, url: str, findings: Sequence[AuditFinding]) -> None:
        rejections = [finding for finding in findings if finding.rejects_page]
        first = rejections[0]
        more = f" (+ {len(rejections) - 1} more)" if len(rejections) > 1 else ""
        super().__init__(url, f"{first.identity}: expected {first.expected}, found {first.found}{more}")
        self.findings = tuple(findings)


class StoreError(JobspiderError):
    """The database cannot be used."""


class StoreLockedError(StoreError):
    """Another process has locked the database."""


class ReplayError(JobspiderError):
    """The directory of saved pages cannot be served."""


class UnreadableFigureError(ValueError):
    """The text of a cell is not a figure of the expected type.

    Args:
        text: The text of the cell.
        expected: A description of the accepted format.
    """

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"expected {expected}, found {text!r}")
        self.text = text
        self.expected = expected
