"""Conditional requests: what was answered last time is kept, and the site is always asked whether it still holds.

Built on Scrapy's RFC 2616 cache, which as it comes would hide from the ledger what the site says today: it does not ask
while it thinks an answer fresh, and gives the old page when the server fails or cannot be reached.
"""

import json
import logging
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request, Spider, signals
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response
from scrapy.utils.response import response_from_dict

from jobspider.scraping.addon import context_of

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_SUFFIX: Final = ".page"
_UNFINISHED: Final = ".new"

_log = logging.getLogger(__name__)


class RevalidatePolicy(RFC2616Policy):
    """A kept page is good for nothing but a conditional request, and valid only if the site says "not modified"."""

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Keep whole pages that can be asked for conditionally; the site's ``no-store`` is obeyed."""
        has_validator = "ETag" in response.headers or "Last-Modified" in response.headers
        return response.status == _OK and has_validator and super().should_cache_response(response, request)

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Make the request a conditional one; never spare it."""
        self._set_conditional_validators(request, cachedresponse)
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        """Believe the site alone."""
        del cachedresponse, request
        return bool(response.status == _NOT_MODIFIED)


class ConditionalRequestMiddleware(HttpCacheMiddleware):
    """Scrapy's cache, but a site that cannot be reached stays unreached: the old page does not stand in for it."""

    def process_exception(self, request: Request, exception: Exception, spider: Spider | None = None) -> None:
        """Let the failure through."""
        del exception, spider
        request.meta.pop("cached_response", None)


class FileCacheStorage:
    """One file a page, beside the database; replaced whole or not at all, so that no moment of a crash halves one.

    What does not end accepted in the ledger is forgotten: the site must not confirm a page that was no use. Where that
    fails, the page is confirmed at most to be judged anew, refused anew and forgotten then, as after a crash.

    All of it is a courtesy to the site: what cannot be read or written makes a request unconditional and costs no page.
    Nothing is even read of a folder that cannot be written to, for nothing in it could be forgotten.
    """

    def __init__(self, settings: "BaseSettings") -> None:
        self._folder = Path(settings["HTTPCACHE_DIR"])
        self._keep = timedelta(seconds=settings.getint("HTTPCACHE_EXPIRATION_SECS"))
        self._is_usable = self._is_told = False

    def open_spider(self, spider: Spider) -> None:
        """Make the folder, and see whether it can be written to."""
        self._fingerprint = spider.crawler.request_fingerprinter.fingerprint
        spider.crawler.signals.connect(self.forget, signal=signals.item_dropped)
        with self._ignore_os_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                self._is_usable = True

    def close_spider(self, spider: Spider) -> None:
        """Drop what has not been asked for in a long time, and what a crash has left unfinished that long ago."""
        if not self._is_usable:
            return
        before = context_of(spider.crawler).clock() - self._keep
        with self._ignore_os_errors(self._folder):
            for path in self._folder.iterdir():
                if path.suffix in (_SUFFIX, _UNFINISHED):
                    with self._ignore_os_errors(path):
                        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                            path.unlink(missing_ok=True)

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """Return the kept answer to a request; ``None`` where there is none, or it is damaged."""
        del spider
        path, whole = self._path(request), b""
        if self._is_usable and path.exists():
            with self._ignore_os_errors(path):
                whole = path.read_bytes()
        checked, _, kept = whole.partition(b"\n")
        if checked != _check(kept):
            return None
        head, _, body = kept.partition(b"\n")
        return response_from_dict({**json.loads(head), "body": body})

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep an answer in place of the one before; where that fails, the one before stays."""
        del spider
        if not self._is_usable:
            return
        headers = {
            name.decode("latin-1"): [value.decode("latin-1") for value in values]
            for name, values in response.headers.items()
        }
        head = json.dumps({"url": response.url, "status": response.status, "headers": headers})
        kept = head.encode() + b"\n" + response.body
        path = self._path(request)
        beside = path.with_suffix(_UNFINISHED)
        with self._ignore_os_errors(path):
            try:
                beside.write_bytes(_check(kept) + b"\n" + kept)
                beside.replace(path)
            except OSError:
                with suppress(OSError):
                    beside.unlink(missing_ok=True)
                raise

    def forget(self, response: Any) -> None:
        """Drop what is kept of an answer whose page was not accepted; ``None`` where there was no answer."""
        if response is not None and self._is_usable:
            path = self._path(response.request)
            with self._ignore_os_errors(path):
                path.unlink(missing_ok=True)

    @contextmanager
    def _ignore_os_errors(self, path: Path) -> Iterator[None]:
        """Let no failure of a file go further; say the first one of a crawl."""
        try:
            yield
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                _log.warning(
                    "%s cannot be used (%s): what it is to keep is asked for whole. Delete it, or make it writable",
                    path,
                    error.strerror,
                )

    def _path(self, request: Request) -> Path:
        return self._folder / (self._fingerprint(request).hex() + _SUFFIX)


def _check(kept: bytes) -> bytes:
    return b"%08x" % zlib.crc32(kept)
