"""Compute waiting times before the next request, in seconds. Nothing here waits."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_WAIT_SECONDS: Final = 15 * 60
"""After a longer ``Retry-After`` the crawl requests nothing more."""
MAX_RETRY_AFTER_SECONDS: Final = 7 * 24 * 60 * 60
"""Longer pauses are cut to this length, because they are more likely an error of the site."""
_MAX_BACKOFF_SECONDS: Final = 5 * 60


def parse_retry_after(retry_after: str, now: datetime) -> float | None:
    """Return the waiting time that a ``Retry-After`` header demands.

    Args:
        retry_after: Whole seconds or a date (RFC 9110, section 10.2.3).
        now: The current time; a date in the past means no wait.

    Returns:
        Seconds, or ``None`` if the text is neither.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # OverflowError: a year with many digits
        return None
    # RFC 9110 requires GMT; "-0000" is parsed as a date without a time zone.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def format_pause(seconds: float) -> str:
    """Return a pause as text; a pause that is cut is given as "more than" its limit."""
    if seconds > MAX_RETRY_AFTER_SECONDS:
        return f"more than {MAX_RETRY_AFTER_SECONDS // (24 * 60 * 60)} days"
    return f"{seconds:.0f} seconds"


def backoff_seconds(failures: int, delay_seconds: float, jitter: random.Random) -> float:
    """Return the exponential back-off after a number of consecutive failures, with jitter and an upper limit.

    It is proportional to the configured delay, so that a site on loopback with delay 0 is retried at once.

    Args:
        failures: Number of failures, at least 1.
        delay_seconds: The configured delay between two requests.
        jitter: Source of randomness. It adds up to 100 %, so that clients that failed together retry at
            different times.
    """
    pause = delay_seconds * 2.0**failures * (1 + jitter.random())
    return min(pause, max(_MAX_BACKOFF_SECONDS, delay_seconds))


def remaining_seconds(pages_left: int, delay_seconds: float, pages_done: int, elapsed_seconds: float) -> float:
    """Return the estimated remaining time of a crawl, at the configured delay or its own pace if that is slower."""
    seconds_per_page = elapsed_seconds / pages_done if pages_done else 0.0
    return pages_left * max(delay_seconds, seconds_per_page)
