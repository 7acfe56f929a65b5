"""Raw pages, compressed, each kept once however often it was fetched.

The newest page of an address is kept whole; its predecessor becomes a difference from it (``docs/SIZES.md`` has the
figures). So the page that is wanted most is read at once, and the oldest can be dropped before any other.
"""

import sqlite3
import sys
import zlib
from typing import Final

from jobspider.errors import StoreError
from jobspider.model import Capture
from jobspider.store import timestamps

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# For differences, 3 is twice as fast and a half larger; 12 takes ten times as long and saves one part in thirty.
_LEVEL: Final = 9
_MIN_SAVING: Final = 2
"""A difference is kept where it is smaller than the page by itself by this factor."""
_SMALL: Final = 256
"""Fewer bytes than this are not worth a difference."""
_NEWEST_WHOLE: Final = "SELECT id, codec, body FROM captures WHERE url = ? AND base IS NULL ORDER BY id DESC LIMIT 1"
_CHAIN: Final = """
WITH RECURSIVE chain (base, codec, body, place) AS (
    SELECT base, codec, body, 0 FROM captures WHERE sha256 = ?
    UNION ALL
    SELECT captures.base, captures.codec, captures.body, place + 1 FROM chain JOIN captures ON captures.id = chain.base)
SELECT codec, body FROM chain ORDER BY place
"""


def store_capture(connection: sqlite3.Connection, capture: Capture) -> None:
    """Keep a page's bytes inside the caller's transaction; the same bytes again only count as fetched later."""
    fetched_at = timestamps.to_text(capture.fetched_at)
    again = connection.execute(
        "UPDATE captures SET fetched_at = max(fetched_at, ?) WHERE sha256 = ?", (fetched_at, capture.sha256)
    )
    if again.rowcount:
        return
    before = connection.execute(_NEWEST_WHOLE, (capture.url,)).fetchone()
    (new_id,) = connection.execute(
        "INSERT INTO captures (sha256, url, fetched_at, codec, body) VALUES (?, ?, ?, 'zstd', ?) RETURNING id",
        (capture.sha256, capture.url, fetched_at, zstd.compress(capture.body, _LEVEL)),
    ).fetchone()
    if before is None:
        return
    before_id, codec, kept = before
    if min(len(kept), len(capture.body)) >= _SMALL:
        difference = zstd.compress(_inflated(codec, kept), _LEVEL, zstd_dict=_prefix(capture.body))
        if len(difference) * _MIN_SAVING < len(kept):
            connection.execute(
                "UPDATE captures SET (codec, base, body) = ('zstd', ?, ?) WHERE id = ?",
                (new_id, difference, before_id),
            )


def load_body(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """Return a page's bytes, or ``None`` where they are not kept.

    Raises:
        StoreError: What is kept of it cannot be read.
    """
    rows = connection.execute(_CHAIN, (sha256,)).fetchall()
    if not rows:
        return None
    try:
        (codec, whole), *differences = reversed(rows)
        body = _inflated(codec, whole)
        for _, difference in differences:
            body = zstd.decompress(difference, zstd_dict=_prefix(body))
    except (zstd.ZstdError, zlib.error) as error:
        raise StoreError(f"the kept page {sha256} cannot be read ({error}): put a backup in place") from error
    return body


def _inflated(codec: str, body: bytes) -> bytes:
    return zlib.decompress(body) if codec == "zlib" else zstd.decompress(body)


def _prefix(body: bytes) -> tuple[zstd.ZstdDict, int]:
    """Return a page as that from which another is told by its differences."""
    return zstd.ZstdDict(body, is_raw=True).as_prefix
