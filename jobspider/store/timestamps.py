"""The one spelling of a moment in the database: ISO 8601 in UTC with milliseconds, ``2025-10-13T06:30:00.000Z``.

Text of this form sorts as the moments do, and SQLite's own date functions read it.
"""

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Write a moment; what is finer than a millisecond is cut off.

    Raises:
        ValueError: The moment has no time zone, so nobody can say when it was.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read a moment that :func:`to_text` wrote; it is in UTC."""
    return datetime.fromisoformat(text)
