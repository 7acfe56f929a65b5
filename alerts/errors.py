"""What can go wrong in this half, named for what the caller does about it.

::

    JobspiderError
    ├── UsageError
    │   └── CredentialError          exit 2: a secret is missing or unreadable; the user sets it
    ├── DeliveryError                one attempt to send did not succeed
    │   ├── TransientDeliveryError   try again, at the earliest after `retry_after`
    │   ├── BarredDeliveryError      tell the operator at once, for a person must mend it; and try again
    │   └── PermanentDeliveryError   trying again cannot help; tell the operator by another channel
    ├── DigestError                  exit 4: a digest cannot be built or rendered
    └── CycleError                   exit 4: a cycle could not be run to its end

Their texts never hold a secret or an address that is one (a Slack webhook's URL).
"""

from datetime import timedelta

from jobspider.errors import JobspiderError, UsageError


class CredentialError(UsageError):
    """A secret is missing or cannot be read."""


class DeliveryError(JobspiderError):
    """One attempt to send did not succeed."""


class TransientDeliveryError(DeliveryError):
    """Trying again later may help.

    Args:
        reason: What the other side said, in one line.
        retry_after: How long the other side asked to be left alone, ``None`` if it did not say.
        may_have_arrived: Whether the message was on its way when the answer stayed out.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None, *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived


class DeliveryBlockedError(DeliveryError):
    """The way is barred, whatever is sent: by a certificate, a login, an address that a person must put right."""


class PermanentDeliveryError(DeliveryError):
    """Trying again cannot help."""


class DigestError(JobspiderError):
    """A digest cannot be built or rendered."""


class CycleError(JobspiderError):
    """A cycle could not be run to its end."""
