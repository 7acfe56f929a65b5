"""Raw pages, compressed, each kept once however often it was fetched."""

import sqlite3
import zlib
from typing import Final

from jobspider.model import Capture
from jobspider.store import times

# 9 takes twice the time and saves one part in a hundred (pages of 50 and 112 KB, 2025).
_LEVEL: Final = 6


def keep_capture(connection: sqlite3.Connection, capture: Capture) -> None:
    """Keep a page's bytes inside the caller's transaction; the same bytes again only count as fetched later."""
    fetched_at = times.to_text(capture.fetched_at)
    again = connection.execute(
        "UPDATE captures SET fetched_at = max(fetched_at, ?) WHERE sha256 = ?", (fetched_at, capture.sha256)
    )
    if not again.rowcount:
        connection.execute(
            "INSERT INTO captures (sha256, url, fetched_at, body) VALUES (?, ?, ?, ?)",
            (capture.sha256, capture.url, fetched_at, zlib.compress(capture.body, _LEVEL)),
        )
