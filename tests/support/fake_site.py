"""The saved site on loopback, with faults on order: the replay site is always in order."""

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from jobspider.replay import ReplaySite, load_site

PROJECT = Path(__file__).parents[2]
SITES = PROJECT / "fixtures" / "sites" / "backend-developer"
FIRST, SECOND = SITES / "2025-11-16", SITES / "2025-11-23"

CHALLENGE = b"""<!DOCTYPE html><html><head><title>Just a moment...</title></head>
<body><h1>Checking your browser</h1><p>Verify you are human to go on.</p></body></html>"""


@dataclass(frozen=True)
class Answer:
    """One answer; with an ETag or a Last-Modified it is not sent again to who has it.

    ``cut`` announces the whole body, sends so many bytes of it and resets the connection; ``drip`` sends the body byte
    by byte with so many seconds between them; ``sent`` is called when all of it is on its way.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0
    sent: Callable[[], None] | None = None


Fault = Callable[[str], Answer | None]
"""Given a request's path, returns the answer, or ``None`` for the saved site's own."""


@dataclass
class Asked:
    """A request as it arrived; ``at`` counts seconds."""

    path: str
    headers: Mapping[str, str]
    at: float


class LiveSite(ThreadingHTTPServer):
    """Serves a saved site, but for what ``fault`` answers; ``asked`` keeps every request in its order.

    Where it ``is_tagged``, its pages carry an ETag.
    """

    daemon_threads = True

    def __init__(self, folder: Path = FIRST, fault: Fault | None = None) -> None:
        self.site: ReplaySite = load_site(folder)
        self.fault = fault
        self.is_tagged = False
        self.asked: list[Asked] = []
        self._closed = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def pages_asked(self) -> list[str]:
        """The paths that were asked for, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def config(self, folder: Path, **crawl: object) -> Path:
        """Write a configuration that watches every page of the saved site; return its path."""
        watches = "\n".join(f'[[watch]]\nurl = "{self.base_url}{page.path}"' for page in self.site.pages.values())
        settings = "\n".join(f"{key} = {value}" for key, value in {"delay_seconds": 0, **crawl}.items())
        path = folder / "config.toml"
        path.write_text(
            f'[site]\nbase_url = "{self.base_url}"\n[crawl]\n{settings}\n[store]\npath = "jobspider.db"\n{watches}\n',
            encoding="utf-8",
        )
        return path

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closed.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: LiveSite

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, dict(self.headers), time.monotonic()))
        answer = self.server.fault(self.path) if self.server.fault else None
        self._send(answer or self._saved())

    def _saved(self) -> Answer:
        page = self.server.site.find(self.path)
        if page is None:
            return Answer(404, b"<html><body><h1>Page not found</h1></body></html>")
        tag = f'"{hashlib.sha256(page.body).hexdigest()}"'
        return Answer(200, page.body, {"ETag": tag} if self.server.is_tagged else {})

    def _is_known(self, answer: Answer) -> bool:
        pairs = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
        return any(name in answer.headers and answer.headers[name] == self.headers[asked] for name, asked in pairs)

    def _send(self, answer: Answer) -> None:
        if answer.status == 200 and self._is_known(answer):
            answer = replace(answer, status=304, body=b"")
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.drip:
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                self.server._closed.wait(answer.drip)
            return
        self.wfile.write(answer.body[: answer.cut])
        if answer.cut is not None:
            # Zero linger: the close becomes a reset, as when a proxy dies.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if answer.sent is not None:
            answer.sent()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
