"""Store and load raw pages (captures), compressed, one row for each distinct body.

The newest page of an address is stored whole. Its predecessor is stored as a difference to it (``docs/SIZES.md`` has
the sizes), so the page that is needed most is read directly, and the oldest pages can be deleted first.
"""

import sqlite3
import sys
from typing import Final

from jobspider.errors import StoreError
from jobspider.model import Capture
from jobspider.store import timestamps

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# For differences, level 3 is twice as fast and its output half as large again; level 12 takes ten times as long and
# saves 3 %.
_LEVEL: Final = 9
_MIN_SAVING: Final = 2
"""A difference is stored only if it is smaller than the compressed page by this factor."""
_MIN_BYTES: Final = 256
"""Smaller pages are always stored whole."""
_NEWEST_WHOLE: Final = "SELECT id, body FROM captures WHERE url = ? AND base IS NULL ORDER BY id DESC LIMIT 1"
_CHAIN: Final = """
WITH RECURSIVE chain (base, body, place) AS (
    SELECT base, body, 0 FROM captures WHERE sha256 = ?
    UNION ALL
    SELECT captures.base, captures.body, place + 1 FROM chain JOIN captures ON captures.id = chain.base)
SELECT body FROM chain ORDER BY place DESC
"""


def store_capture(connection: sqlite3.Connection, capture: Capture) -> None:
    """Store the bytes of a page in the caller's transaction. For bytes that are stored already, update the time."""
    fetched_at = timestamps.to_text(capture.fetched_at)
    known = connection.execute(
        "UPDATE captures SET fetched_at = max(fetched_at, ?) WHERE sha256 = ?", (fetched_at, capture.sha256)
    )
    if known.rowcount:
        return
    predecessor = connection.execute(_NEWEST_WHOLE, (capture.url,)).fetchone()
    (new_id,) = connection.execute(
        "INSERT INTO captures (sha256, url, fetched_at, body) VALUES (?, ?, ?, ?) RETURNING id",
        (capture.sha256, capture.url, fetched_at, zstd.compress(capture.body, _LEVEL)),
    ).fetchone()
    if predecessor is None:
        return
    predecessor_id, compressed = predecessor
    if min(len(compressed), len(capture.body)) >= _MIN_BYTES:
        difference = zstd.compress(zstd.decompress(compressed), _LEVEL, zstd_dict=_as_prefix(capture.body))
        if len(difference) * _MIN_SAVING < len(compressed):
            connection.execute(
                "UPDATE captures SET (base, body) = (?, ?) WHERE id = ?", (new_id, difference, predecessor_id)
            )


def load_body(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """Return the bytes of a page, or ``None`` if they are not stored.

    Raises:
        StoreError: The stored bytes cannot be decompressed.
    """
    rows = connection.execute(_CHAIN, (sha256,)).fetchall()
    if not rows:
        return None
    try:
        (whole,), *differences = rows
        body = zstd.decompress(whole)
        for (difference,) in differences:
            body = zstd.decompress(difference, zstd_dict=_as_prefix(body))
    except zstd.ZstdError as error:
        raise StoreError(f"the stored page {sha256} cannot be decompressed ({error}): restore a backup") from error
    return body


def _as_prefix(body: bytes) -> tuple[zstd.ZstdDict, int]:
    """Return a page in the form in which zstd uses it as the reference of a difference."""
    return zstd.ZstdDict(body, is_raw=True).as_prefix
