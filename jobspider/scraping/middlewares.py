"""Downloader middlewares for the crawling rules that Scrapy does not have: one host, rate limit, stop, retry."""

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Final, Self, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import load_object

from jobspider.model import FetchStatus
from jobspider.scraping import retry_after_file
from jobspider.scraping.addon import CrawlContext, context_of
from jobspider.scraping.backoff import MAX_WAIT_SECONDS, backoff_seconds, format_pause, parse_retry_after

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_log = logging.getLogger(__name__)

_TOO_MANY_REQUESTS: Final = 429
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SILENT_WAIT_SECONDS: Final = 10
"""A wait that is longer than the delay by more than this is logged."""


class RequestNotSentError(IgnoreRequest):
    """The crawl sends no more requests, so this one was not sent. ``status`` is the ledger status of its page."""

    def __init__(self, status: FetchStatus, reason: str) -> None:
        super().__init__(f"not requested: {reason}")
        self.status = status


class OtherHostError(IgnoreRequest):
    """The request is for another host than the configured one; it was not sent."""


class InterruptedCrawlError(IgnoreRequest):
    """A signal ended the crawl before this request was sent; its page stays planned."""


class SingleHostMiddleware:
    """Downloader middleware that rejects requests to other hosts.

    Scrapy's own list of allowed domains admits subdomains and does not check redirects of unfiltered requests.
    """

    def __init__(self, base_url: str) -> None:
        self._server = _server_of(base_url)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the middleware for the configured host."""
        return cls(context_of(crawler).config.site.base_url)

    def process_request(self, request: Request) -> None:
        """Reject a request to another host or to another port of the host."""
        server = _server_of(request.url)
        if server != self._server:
            raise OtherHostError(f"leads to another host, {server}: only {self._server} is requested")


class StopMiddleware:
    """Downloader middleware that rejects all requests after :meth:`stop`.

    The spider stays open, so that each remaining page gets its ledger status with the reason.
    """

    def __init__(self) -> None:
        self._stopped: tuple[FetchStatus, str] | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the middleware; it starts stopped if a long ``Retry-After`` of an earlier crawl is still valid."""
        middleware, context = cls(), context_of(crawler)
        until = context.retry_after_until
        if until is not None and (until - context.clock()).total_seconds() > MAX_WAIT_SECONDS:
            reason = f"the site asked for no requests until {until:%Y-%m-%d %H:%M} UTC"
            middleware.stop(FetchStatus.BLOCKED, reason)
            _log.warning("No requests are sent: %s", reason)
        return middleware

    def stop(self, status: FetchStatus, reason: str) -> None:
        """Send no more requests in this crawl.

        Args:
            status: Ledger status of the remaining pages.
            reason: One line for people.
        """
        self._stopped = self._stopped or (status, reason)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy's signature
        """Reject the request if the crawl was stopped."""
        if self._stopped is not None:
            raise RequestNotSentError(*self._stopped)


class RateLimitMiddleware:
    """The last downloader middleware: every request waits here until it may be sent.

    The distance of two requests is the configured delay or ``Crawl-delay`` of robots.txt, whichever is longer.
    :meth:`hold` delays the next request further. A wait ends early when the crawl is interrupted.
    """

    def __init__(self, context: CrawlContext, user_agent: str) -> None:
        self._context = context
        self._user_agent = user_agent
        self._delay = context.config.crawl.delay_seconds
        self._sent = self._held_until = -math.inf
        self._hold_reason = ""
        self._deadline = math.inf
        self._interrupted = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the middleware for the configured delay."""
        middleware = cls(context_of(crawler), crawler.settings["USER_AGENT"])
        crawler.signals.connect(middleware.robots_parsed, signal=signals.robots_parsed)
        crawler.signals.connect(middleware.opened, signal=signals.spider_opened)
        return middleware

    def opened(self) -> None:
        """Start the time limit of the crawl, and wait for the rest of an earlier ``Retry-After``."""
        self._deadline = _monotonic() + self._context.config.crawl.timeout_minutes * 60
        if self._context.retry_after_until is not None:
            seconds_left = (self._context.retry_after_until - self._context.clock()).total_seconds()
            self.hold(seconds_left, "the site asked an earlier crawl to wait")

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Use ``Crawl-delay`` if it is longer than the configured delay, already for the next request."""
        crawl_delay = robotparser.crawl_delay(self._user_agent)
        if crawl_delay is not None and math.isfinite(crawl_delay):
            self._delay = max(self._delay, crawl_delay)

    def hold(self, seconds: float, reason: str) -> None:
        """Send no request for some time.

        Args:
            seconds: The time from now. A longer wait that is already in force is not shortened.
            reason: The reason, for the log.
        """
        until = _monotonic() + seconds
        if until > self._held_until:
            self._held_until, self._hold_reason = until, reason

    def interrupt(self) -> None:
        """End all waits, because the crawl ends."""
        self._interrupted.set()

    async def process_request(self, request: Request) -> None:
        """Wait until the request may be sent."""
        del request
        earliest = max(self._sent + self._delay, self._held_until)
        self._log_long_wait(earliest - _monotonic())
        until = min(earliest, self._deadline)
        while (seconds := until - _monotonic()) > 0 and not self._interrupted.is_set():
            await _wait_for(self._interrupted, seconds)
        if self._interrupted.is_set():
            raise InterruptedCrawlError("the crawl was interrupted")
        if max(earliest, _monotonic()) > self._deadline:
            raise RequestNotSentError(FetchStatus.FETCH_FAILED, "crawl.timeout_minutes was reached")
        self._sent = _monotonic()

    def _log_long_wait(self, seconds: float) -> None:
        if self._held_until > _monotonic() and seconds > self._delay + _SILENT_WAIT_SECONDS:
            _log.warning("No request for %.0f seconds: %s", seconds, self._hold_reason)


class RetryMiddleware:
    """Downloader middleware that retries after temporary failures, with ``Retry-After`` or exponential back-off.

    After a ``Retry-After`` that is too long, or status 429 on the last try, the crawl sends no more requests.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._context = context_of(crawler)
        self._statuses = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._failures = tuple(load_object(path) for path in crawler.settings.getlist("RETRY_EXCEPTIONS"))

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the middleware for a crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Retry a failed response, or pass it on. In both cases obey its ``Retry-After``."""
        if response.status not in self._statuses:
            return response
        failure = f"the site answered HTTP {response.status}"
        pause = self._retry_after(response)
        if pause is not None and pause > MAX_WAIT_SECONDS:
            self._stop(f"{failure} and asks for no requests for {format_pause(pause)}")
            return response
        if pause is not None:
            # This delays the next request, whether it retries this page or requests another one.
            middleware_of(self._crawler, RateLimitMiddleware).hold(pause, f"{failure} and asks for a pause")
        retry = self._retry_request(request, failure)
        if retry is None and response.status == _TOO_MANY_REQUESTS:
            self._stop(f"{failure} each time")
        if retry is not None and pause is None:
            self._back_off(retry, failure)
        return retry or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Retry a request without response, or pass the failure on."""
        if not isinstance(exception, self._failures):
            return None
        retry = self._retry_request(request, error_text(exception))
        if retry is not None:
            self._back_off(retry, error_text(exception))
        return retry

    def _retry_after(self, response: Response) -> float | None:
        header = response.headers.get("Retry-After")
        seconds = parse_retry_after(header.decode("latin-1"), self._context.clock()) if header else None
        if seconds:
            self._save_retry_after(seconds)
        return seconds

    def _retry_request(self, request: Request, reason: str) -> Request | None:
        assert self._crawler.spider is not None, "the spider is open while requests are sent"
        return get_retry_request(request, spider=self._crawler.spider, reason=reason)

    def _back_off(self, retry: Request, reason: str) -> None:
        seconds = backoff_seconds(
            retry.meta["retry_times"], self._context.config.crawl.delay_seconds, self._context.jitter
        )
        middleware_of(self._crawler, RateLimitMiddleware).hold(seconds, reason)

    def _save_retry_after(self, seconds: float) -> None:
        try:
            retry_after_file.save_retry_after(self._context.config, seconds, self._context.clock())
        except OSError as error:  # this crawl still waits
            _log.warning("Retry-After of the site cannot be saved for the next crawl: %s", error.strerror)

    def _stop(self, reason: str) -> None:
        middleware_of(self._crawler, StopMiddleware).stop(FetchStatus.BLOCKED, reason)


Middleware = TypeVar("Middleware")


def middleware_of(crawler: "Crawler", kind: type[Middleware]) -> Middleware:
    """Return the downloader middleware of a class that a crawler uses."""
    middleware = crawler.get_downloader_middleware(kind)
    assert isinstance(middleware, kind), "settings.py enables it"
    return middleware


def error_text(error: BaseException) -> str:
    """Return the message of an error in one line."""
    if isinstance(error, ResponseDataLossError):
        return "the response was cut off"
    return " ".join(str(error).split()) or type(error).__name__


def _server_of(url: str) -> str:
    """Return the host of a URL, with its port unless it is the default port."""
    parts = urlsplit(url)
    has_default_port = parts.port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return str(parts.hostname) if has_default_port else f"{parts.hostname}:{parts.port}"


def _monotonic() -> float:
    """Return the monotonic time of the event loop in seconds."""
    return asyncio.get_running_loop().time()


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
