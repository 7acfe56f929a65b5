"""Serve a folder of saved pages as the site, on loopback only: for the demo, for tests, for trying a config.

A folder holds ``site.toml``, which lists its pages, the pages themselves and, if it likes, ``robots.txt``::

    [[page]]
    address = "/jobs/north%20west/backend%20developer.do"
    file    = "permanent-north-west.html"
    as_of   = 2025-11-23
    origin  = "true"
    note    = "Figures of the saved page; markup rebuilt."

The address of a role page is matched in every spelling that the site answers to (``?p=6`` or none), any other address
exactly. What is not listed answers 404. Pages are read once, when the folder is loaded.
"""

import errno
import hashlib
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from jobspider.errors import ReplayError, UsageError
from jobspider.model import Subject
from jobspider.site import urls

LOOPBACK: Final = "127.0.0.1"
MANIFEST: Final = "site.toml"
ROBOTS: Final = "robots.txt"

Origin = Literal["true", "partly synthetic", "synthetic"]
"""Whether a page's figures were read from the live site; "partly" is explained by the page's note."""

_NOT_FOUND: Final = b"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Page not found</title></head>
<body><h1>Page not found</h1><p>There is no page at this address.</p></body>
</html>
"""


def _in_the_folder(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("the file must lie in the folder")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PageEntry(_Strict):
    address: Annotated[str, Field(pattern=r"^/([^/\s]\S*)?$")]
    file: Annotated[str, Field(min_length=1), AfterValidator(_in_the_folder)]
    as_of: date
    origin: Origin
    note: Annotated[str, Field(min_length=1)]


class _Manifest(_Strict):
    page: Annotated[list[_PageEntry], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of a saved site. ``note`` says how the page was made."""

    path: str
    body: bytes
    as_of: date
    origin: Origin
    note: str


@dataclass(frozen=True, slots=True)
class ReplaySite:
    """A folder of saved pages, loaded.

    ``pages`` is keyed by subject where the page has one, else by address. ``robots`` is ``None`` where the folder has
    no robots.txt.
    """

    folder: Path
    pages: Mapping[Subject | str, SavedPage]
    robots: bytes | None

    @property
    def origins(self) -> dict[Origin, int]:
        """How many pages there are of each origin that occurs, the truest first."""
        found = Counter(page.origin for page in self.pages.values())
        return {origin: found[origin] for origin in get_args(Origin) if found[origin]}

    def find(self, address: str) -> SavedPage | None:
        """Return the page at an address (path and query), or ``None``."""
        return self.pages.get(_key(address))


def load_site(folder: Path) -> ReplaySite:
    """Read a folder of saved pages.

    Raises:
        ReplayError: There is no such folder, or its manifest is wrong or names a file that is not there.
    """
    pages: dict[Subject | str, SavedPage] = {}
    for number, entry in enumerate(_manifest(folder).page):
        where = f"{folder / MANIFEST}: page[{number}]"
        key = _key(entry.address)
        if key in pages:
            raise ReplayError(f"{where}.address: the same page as {pages[key].path}")
        try:
            body = (folder / entry.file).read_bytes()
        except OSError as error:
            raise ReplayError(f"{where}.file: {entry.file} cannot be read: {error.strerror}") from None
        pages[key] = SavedPage(entry.address, body, entry.as_of, entry.origin, entry.note)
    robots = folder / ROBOTS
    return ReplaySite(folder, pages, robots.read_bytes() if robots.is_file() else None)


def _manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST
    if not path.is_file():
        if not folder.is_dir():
            raise ReplayError(f"{folder} is not a folder")
        raise ReplayError(f"{folder} holds no {MANIFEST}{_suggestion(folder)}")
    try:
        return _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        more = f" (+ {len(others)} more)" if others else ""
        raise ReplayError(f"{path}: {where}: {first['msg']}{more}") from None


def _suggestion(folder: Path) -> str:
    dates = sorted(manifest.parent for manifest in folder.glob(f"*/{MANIFEST}"))
    return f": give one of its dates, like {dates[0]}" if dates else ""


def _key(address: str) -> Subject | str:
    try:
        return urls.parse_subject_url(address)
    except UsageError:
        return address


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class ReplayServer(ThreadingHTTPServer):
    """The saved site on a loopback port; serves while the ``with`` block runs.

    ``site`` may be exchanged while serving: the next request is answered from the new one.

    Args:
        site: What to serve.
        port: The port, or 0 for any that is free.
        on_request: Called with one line for each request answered; from several threads.

    Raises:
        ReplayError: The port cannot be had.
    """

    daemon_threads = True

    def __init__(self, site: ReplaySite, port: int = 0, on_request: Callable[[str], None] | None = None) -> None:
        self.site = site
        self.on_request = on_request
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ReplayError(f"port {port} is in use: choose another with --port") from None
            raise ReplayError(f"port {port} cannot be opened ({error.strerror}): choose another with --port") from None
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address of the served site, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up: a crawl that is ended does, and it is no fault of the server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: ReplayServer

    def do_GET(self) -> None:
        site = self.server.site
        if self.path == f"/{ROBOTS}" and site.robots is not None:
            self._answer(HTTPStatus.OK, site.robots, "text/plain", _etag(site.robots))
        elif page := site.find(self.path):
            self._answer(HTTPStatus.OK, page.body, "text/html", _etag(page.body))
        else:
            self._answer(HTTPStatus.NOT_FOUND, _NOT_FOUND, "text/html")

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def _answer(self, status: HTTPStatus, body: bytes, kind: str, etag: str | None = None) -> None:
        known = {tag.strip().removeprefix("W/") for tag in self.headers.get("If-None-Match", "").split(",")}
        if etag in known:
            status, body = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Report one line a request; what the client sent is escaped, for it ends on a terminal."""
        del size
        if self.server.on_request:
            said = self.requestline.encode("unicode_escape").decode("ascii")
            self.server.on_request(f"{int(code)} {said}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Say nothing more: :meth:`log_request` has said it."""
