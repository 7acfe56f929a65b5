"""Define the errors of this package by what the caller does about them.

::

    JobspiderError
    ├── UsageError
    │   └── CredentialError          exit 2: a secret is missing or unreadable; the user sets it
    ├── DeliveryError                one attempt to send failed
    │   ├── TransientDeliveryError   retry, not earlier than `retry_after`
    │   ├── DeliveryBlockedError     notify the operator at once, because a person must fix it; and retry
    │   └── PermanentDeliveryError   do not retry; notify the operator through another channel
    ├── DigestError                  exit 4: a digest cannot be built or rendered
    └── CycleError                   exit 4: a cycle could not be completed

Messages never contain a secret or a URL that is one (a Slack webhook).
"""

from datetime import timedelta

from jobspider.errors import JobspiderError, UsageError


class CredentialError(UsageError):
    """A secret is missing or cannot be read."""


class DeliveryError(JobspiderError):
    """One attempt to send failed."""


class TransientDeliveryError(DeliveryError):
    """The attempt failed; a later one may succeed.

    Args:
        reason: What the server answered, in one line.
        retry_after: The delay that the server asked for; ``None`` if it gave none.
        may_have_arrived: Whether the message was sent completely but not acknowledged.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None, *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived


class DeliveryBlockedError(DeliveryError):
    """Every message to this channel fails until a person fixes a certificate, a login or an address."""


class PermanentDeliveryError(DeliveryError):
    """This message can never be delivered."""


class DigestError(JobspiderError):
    """A digest cannot be built or rendered."""


class CycleError(JobspiderError):
    """A cycle could not be completed."""
