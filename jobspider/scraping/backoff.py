"""How long to wait before asking again: reckoned here, waited elsewhere. Seconds throughout."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_WAIT_SECONDS: Final = 15 * 60
"""A site that asks for a longer pause than this is left alone for the rest of the crawl."""
MAX_RETRY_AFTER_SECONDS: Final = 7 * 24 * 60 * 60
"""Who asks for more is asked again after this: a pause without end is more likely a mistake than a wish."""
_LONGEST_BACK_OFF_SECONDS: Final = 5 * 60


def parse_retry_after(retry_after: str, now: datetime) -> float | None:
    """Return how long a ``Retry-After`` header asks to wait.

    Args:
        retry_after: Whole seconds or a date (RFC 9110, section 10.2.3).
        now: The present; a date that has passed asks for no wait.

    Returns:
        ``None`` where the text is neither.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # RFC 9110 wants GMT; "-0000" is read as a date without a zone.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def format_pause(asked: float) -> str:
    """Return how long a pause is that was asked for: of one that is cut, where it is cut."""
    if asked > MAX_RETRY_AFTER_SECONDS:
        return f"more than {MAX_RETRY_AFTER_SECONDS // (24 * 60 * 60)} days"
    return f"{asked:.0f} seconds"


def backoff_seconds(failures: int, delay_seconds: float, jitter: random.Random) -> float:
    """Return how long to wait after so many failures in a row: twice as long after each, with jitter, bounded.

    It grows out of the polite delay, so that a site on loopback, to which none is owed, is asked again at once.

    Args:
        failures: From 1.
        delay_seconds: The pause between any two requests.
        jitter: Where chance comes from. It adds up to as much again, so that many who failed together do not return
            together.
    """
    pause = delay_seconds * 2.0**failures * (1 + jitter.random())
    return min(pause, max(_LONGEST_BACK_OFF_SECONDS, delay_seconds))


def remaining_seconds(left: int, delay_seconds: float, done: int, elapsed_seconds: float) -> float:
    """Return how long a crawl has still to go: at the polite pace, or at its own where that is slower."""
    own = elapsed_seconds / done if done else 0.0
    return left * max(delay_seconds, own)
