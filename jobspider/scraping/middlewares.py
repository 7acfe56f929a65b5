"""Manners that Scrapy leaves to us: one host only, in good time, and never after a refusal; `robots` has another."""

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
_UNSAID_SECONDS: Final = 10
"""A request that waits no longer than this beyond its time needs no word: nobody thinks yet that the crawl hangs."""


class RequestNotSentError(IgnoreRequest):
    """The crawl has stopped asking; this request was never sent. ``status`` is how its page ends in the ledger."""

    def __init__(self, status: FetchStatus, because: str) -> None:
        super().__init__(f"not asked: {because}")
        self.status = status


class OtherHostError(IgnoreRequest):
    """The request would leave the configured host; it was never sent."""


class InterruptedCrawlError(IgnoreRequest):
    """A signal has ended the crawl before this request was sent; its page stays planned."""


class SingleHostMiddleware:
    """Downloader middleware that lets requests to the configured host through, and no others.

    Scrapy's own allow-list admits subdomains, and does not look at the redirects of an unfiltered request.
    """

    def __init__(self, base_url: str) -> None:
        self._server = _server_of(base_url)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the run's host."""
        return cls(context_of(crawler).config.site.base_url)

    def process_request(self, request: Request) -> None:
        """Refuse a request to any other host, or to another port of this one: who listens there may be someone else."""
        server = _server_of(request.url)
        if server != self._server:
            raise OtherHostError(f"leads to another host, {server}: only {self._server} is asked")


class StopMiddleware:
    """Downloader middleware that lets no request through once :meth:`stop` was called.

    The spider is not closed: what was planned and not asked still passes through the ledger, with its reason.
    """

    def __init__(self) -> None:
        self._stopped: tuple[FetchStatus, str] | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it; already stopped, where the site has asked an earlier crawl for a pause that is not over."""
        asking, run = cls(), context_of(crawler)
        until = run.retry_after_until
        if until is not None and (until - run.clock()).total_seconds() > MAX_WAIT_SECONDS:
            because = f"the site has asked to be left alone until {until:%Y-%m-%d %H:%M} UTC"
            asking.stop(FetchStatus.BLOCKED, because)
            _log.warning("Nothing is asked: %s", because)
        return asking

    def stop(self, status: FetchStatus, because: str) -> None:
        """Ask for nothing more in this crawl.

        Args:
            status: How the pages that are left end in the ledger.
            because: One line for people.
        """
        self._stopped = self._stopped or (status, because)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy's signature
        """Refuse the request if the crawl has stopped asking."""
        if self._stopped is not None:
            raise RequestNotSentError(*self._stopped)


class RateLimitMiddleware:
    """Downloader middleware, the last before the wire: every request waits here until it may be sent.

    Between two requests lies the configured delay or robots.txt's ``Crawl-delay``, whichever is longer; :meth:`hold`
    makes the next one wait longer. A wait ends early when the crawl does.
    """

    def __init__(self, run: CrawlContext, user_agent: str) -> None:
        self._run = run
        self._user_agent = user_agent
        self._delay = run.config.crawl.delay_seconds
        self._sent = self._held_until = -math.inf
        self._held_because = ""
        self._deadline = math.inf
        self._interrupted = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the run's delay."""
        pace = cls(context_of(crawler), crawler.settings["USER_AGENT"])
        crawler.signals.connect(pace.robots_parsed, signal=signals.robots_parsed)
        crawler.signals.connect(pace.opened, signal=signals.spider_opened)
        return pace

    def opened(self) -> None:
        """Start the crawl's time, and grant what is left of a pause that an earlier crawl was asked for."""
        self._deadline = _ticks() + self._run.config.crawl.timeout_minutes * 60
        if self._run.retry_after_until is not None:
            left = (self._run.retry_after_until - self._run.clock()).total_seconds()
            self.hold(left, "the site has asked an earlier crawl for a pause")

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Obey ``Crawl-delay`` where it asks for more than the configuration does, the next request too."""
        asked = robotparser.crawl_delay(self._user_agent)
        if asked is not None and math.isfinite(asked):
            self._delay = max(self._delay, asked)

    def hold(self, seconds: float, because: str) -> None:
        """Send nothing for so long.

        Args:
            seconds: From now; a longer pause that is under way is not shortened.
            because: Why, for people.
        """
        until = _ticks() + seconds
        if until > self._held_until:
            self._held_until, self._held_because = until, because

    def interrupt(self) -> None:
        """End every wait: the crawl is over."""
        self._interrupted.set()

    async def process_request(self, request: Request) -> None:
        """Wait; then count the request as sent."""
        del request
        earliest = max(self._sent + self._delay, self._held_until)
        self._tell(earliest - _ticks())
        until = min(earliest, self._deadline)
        while (seconds := until - _ticks()) > 0 and not self._interrupted.is_set():
            await _first_of(self._interrupted, seconds)
        if self._interrupted.is_set():
            raise InterruptedCrawlError("the crawl was interrupted")
        if max(earliest, _ticks()) > self._deadline:
            raise RequestNotSentError(FetchStatus.FETCH_FAILED, "the crawl's time (crawl.timeout_minutes) ran out")
        self._sent = _ticks()

    def _tell(self, seconds: float) -> None:
        if self._held_until > _ticks() and seconds > self._delay + _UNSAID_SECONDS:
            _log.warning("Nothing is asked for %.0f seconds: %s", seconds, self._held_because)


class RetryMiddleware:
    """Downloader middleware that asks again after a failure that may pass: as late as asked, and not for ever.

    ``Retry-After`` is obeyed to the second; where there is none, each failure doubles the wait. A site that asks for
    more patience than there is, or says 429 to the last try, is asked for nothing more in this crawl.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._run = context_of(crawler)
        self._statuses = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._failures = tuple(load_object(each) for each in crawler.settings.getlist("RETRY_EXCEPTIONS"))

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the crawler's run."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again for what was answered with a failure, or let it through; either way grant the pause it asks for."""
        if response.status not in self._statuses:
            return response
        answered = f"the site answered HTTP {response.status}"
        asked = self._asked_by(response)
        if asked is not None and asked > MAX_WAIT_SECONDS:
            self._leave_alone(f"{answered} and asks to be left alone for {format_pause(asked)}")
            return response
        if asked is not None:
            # Whatever is asked for next: another try of this page, or the next one.
            middleware_of(self._crawler, RateLimitMiddleware).hold(asked, f"{answered} and asks for a pause")
        again = self._again(request, answered)
        if again is None and response.status == _TOO_MANY_REQUESTS:
            self._leave_alone(f"{answered} each time")
        if again is not None and asked is None:
            self._back_off(again, answered)
        return again or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Ask again for what was not answered, or let the failure through."""
        if not isinstance(exception, self._failures):
            return None
        again = self._again(request, error_text(exception))
        if again is not None:
            self._back_off(again, error_text(exception))
        return again

    def _asked_by(self, response: Response) -> float | None:
        header = response.headers.get("Retry-After")
        asked = parse_retry_after(header.decode("latin-1"), self._run.clock()) if header else None
        if asked:
            self._remember(asked)
        return asked

    def _again(self, request: Request, reason: str) -> Request | None:
        assert self._crawler.spider is not None, "it is open while requests are made"
        return get_retry_request(request, spider=self._crawler.spider, reason=reason)

    def _back_off(self, again: Request, reason: str) -> None:
        seconds = backoff_seconds(again.meta["retry_times"], self._run.config.crawl.delay_seconds, self._run.jitter)
        middleware_of(self._crawler, RateLimitMiddleware).hold(seconds, reason)

    def _remember(self, seconds: float) -> None:
        try:
            retry_after_file.save_retry_after(self._run.config, seconds, self._run.clock())
        except OSError as error:  # this crawl grants the pause all the same
            _log.warning("The pause that the site asks for cannot be kept for the next crawl: %s", error.strerror)

    def _leave_alone(self, because: str) -> None:
        middleware_of(self._crawler, StopMiddleware).stop(FetchStatus.BLOCKED, because)


Middleware = TypeVar("Middleware")


def middleware_of(crawler: "Crawler", kind: type[Middleware]) -> Middleware:
    """Return the downloader middleware of this kind that a crawl has."""
    middleware = crawler.get_downloader_middleware(kind)
    assert isinstance(middleware, kind), "settings.py switches it on"
    return middleware


def error_text(error: BaseException) -> str:
    """Return what an error says, in one line."""
    if isinstance(error, ResponseDataLossError):
        return "the answer broke off"
    return " ".join(str(error).split()) or type(error).__name__


def _server_of(address: str) -> str:
    """Return an address's host, and its port unless it is what the scheme stands for."""
    parts = urlsplit(address)
    is_usual = parts.port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return str(parts.hostname) if is_usual else f"{parts.hostname}:{parts.port}"


def _ticks() -> float:
    """Return the seconds of the event loop, which know nothing of the time of day."""
    return asyncio.get_running_loop().time()


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
