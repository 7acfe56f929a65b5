"""Manners that Scrapy leaves to us: one host only, its robots.txt first, in good time, and never after a refusal."""

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

from jobspider import pauses
from jobspider.addon import Run, run_of
from jobspider.manners import MOST_PATIENCE_SECONDS, asked_pause, back_off
from jobspider.model import FetchStatus

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_log = logging.getLogger(__name__)

_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERRORS: Final = 500


class NotAskedError(IgnoreRequest):
    """The crawl has stopped asking; this request was never sent. ``status`` is how its page ends in the ledger."""

    def __init__(self, status: FetchStatus, because: str) -> None:
        super().__init__(f"not asked: {because}")
        self.status = status


class OtherHostError(IgnoreRequest):
    """The request would leave the configured host; it was never sent."""


class InterruptedCrawlError(IgnoreRequest):
    """A signal has ended the crawl before this request was sent; its page stays planned."""


class OneHost:
    """Downloader middleware that lets requests to the configured host through, and no others.

    Scrapy's own allow-list admits subdomains, and does not look at the redirects of an unfiltered request.
    """

    def __init__(self, host: str) -> None:
        self._host = host

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the run's host."""
        return cls(run_of(crawler).config.site.host)

    def process_request(self, request: Request) -> None:
        """Refuse a request to any other host."""
        host = urlsplit(request.url).hostname
        if host != self._host:
            raise OtherHostError(f"leads to another host, {host}: only {self._host} is asked")


class StopAsking:
    """Downloader middleware that lets no request through once :meth:`stop` was called.

    The spider is not closed: what was planned and not asked still passes through the ledger, with its reason.
    """

    def __init__(self) -> None:
        self._stopped: tuple[FetchStatus, str] | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it; already stopped, where the site has asked an earlier crawl for a pause that is not over."""
        asking, run = cls(), run_of(crawler)
        until = run.alone_until
        if until is not None and (until - run.clock()).total_seconds() > MOST_PATIENCE_SECONDS:
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
            raise NotAskedError(*self._stopped)


class RobotsFirst:
    """Downloader middleware, next to Scrapy's for robots.txt: as long as that cannot be read, nothing is allowed.

    So RFC 9309, section 2.3.1.4, wants it; Scrapy takes a server that fails for one that allows everything.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._rules: RobotParser | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for a crawler."""
        robots = cls(crawler)
        crawler.signals.connect(robots.robots_parsed, signal=signals.robots_parsed)
        return robots

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Remember the rules."""
        self._rules = robotparser

    def denies(self, url: str) -> bool:
        """Tell whether robots.txt forbids an address; Scrapy says so only in words."""
        return self._rules is not None and not self._rules.allowed(url, self._crawler.settings["USER_AGENT"])

    def process_request(self, request: Request) -> None:
        """Ask once more whether to ask: the first page was let through before robots.txt had been tried."""
        if not _is_robots_txt(request):
            of_crawl(self._crawler, StopAsking).process_request(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Stop where the server fails on robots.txt, after all tries."""
        if _is_robots_txt(request) and response.status >= _SERVER_ERRORS:
            self._stop(f"the site answered HTTP {response.status}")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Stop where robots.txt was not reached, after all tries."""
        if _is_robots_txt(request) and not isinstance(exception, InterruptedCrawlError):
            self._stop(said(exception))

    def _stop(self, because: str) -> None:
        of_crawl(self._crawler, StopAsking).stop(FetchStatus.FETCH_FAILED, f"robots.txt cannot be read: {because}")


class Pace:
    """Downloader middleware, the last before the wire: every request waits here until it may be sent.

    Between two requests lies the configured delay or robots.txt's ``Crawl-delay``, whichever is longer; :meth:`hold`
    makes the next one wait longer. A wait ends early when the crawl does.
    """

    def __init__(self, run: Run, user_agent: str) -> None:
        self._run = run
        self._user_agent = user_agent
        self._delay = run.config.crawl.delay_seconds
        self._earliest = -math.inf
        self._deadline = math.inf
        self._interrupted = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the run's delay."""
        pace = cls(run_of(crawler), crawler.settings["USER_AGENT"])
        crawler.signals.connect(pace.robots_parsed, signal=signals.robots_parsed)
        crawler.signals.connect(pace.opened, signal=signals.spider_opened)
        return pace

    def opened(self) -> None:
        """Start the crawl's time, and grant what is left of a pause that an earlier crawl was asked for."""
        self._deadline = _ticks() + self._run.config.crawl.timeout_minutes * 60
        if self._run.alone_until is not None:
            self.hold((self._run.alone_until - self._run.clock()).total_seconds())

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Obey ``Crawl-delay`` where it asks for more than the configuration does."""
        asked = robotparser.crawl_delay(self._user_agent)
        if asked is not None and math.isfinite(asked):
            self._delay = max(self._delay, asked)

    def hold(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._earliest = max(self._earliest, _ticks() + seconds)

    def interrupt(self) -> None:
        """End every wait: the crawl is over."""
        self._interrupted.set()

    async def process_request(self, request: Request) -> None:
        """Wait; then count the request as sent."""
        del request
        until = min(self._earliest, self._deadline)
        while (seconds := until - _ticks()) > 0 and not self._interrupted.is_set():
            await _first_of(self._interrupted, seconds)
        if self._interrupted.is_set():
            raise InterruptedCrawlError("the crawl was interrupted")
        if max(self._earliest, _ticks()) > self._deadline:
            raise NotAskedError(FetchStatus.FETCH_FAILED, "the crawl's time (crawl.timeout_minutes) ran out")
        self._earliest = _ticks() + self._delay


class Retry:
    """Downloader middleware that asks again after a failure that may pass: as late as asked, and not for ever.

    ``Retry-After`` is obeyed to the second; where there is none, each failure doubles the wait. A site that asks for
    more patience than there is, or says 429 to the last try, is asked for nothing more in this crawl.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._run = run_of(crawler)
        self._statuses = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._failures = tuple(load_object(each) for each in crawler.settings.getlist("RETRY_EXCEPTIONS"))

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for the crawler's run."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again for what was answered with a failure, or let it through."""
        if response.status not in self._statuses:
            return response
        answered = f"the site answered HTTP {response.status}"
        header = response.headers.get("Retry-After")
        asked = asked_pause(header.decode("latin-1"), self._run.clock()) if header else None
        if asked:
            self._remember(asked)
        if asked is not None and asked > MOST_PATIENCE_SECONDS:
            self._leave_alone(f"{answered} and asks to be left alone for {asked:.0f} seconds")
            return response
        again = self._again(request, answered, asked)
        if again is None and response.status == _TOO_MANY_REQUESTS:
            self._leave_alone(f"{answered} each time")
        return again or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Ask again for what was not answered, or let the failure through."""
        return self._again(request, said(exception), None) if isinstance(exception, self._failures) else None

    def _again(self, request: Request, reason: str, asked: float | None) -> Request | None:
        assert self._crawler.spider is not None, "it is open while requests are made"
        again = get_retry_request(request, spider=self._crawler.spider, reason=reason)
        if again is not None:
            own = back_off(again.meta["retry_times"], self._run.config.crawl.delay_seconds, self._run.jitter)
            of_crawl(self._crawler, Pace).hold(own if asked is None else asked)
        return again

    def _remember(self, seconds: float) -> None:
        try:
            pauses.remember(self._run.config, seconds, self._run.clock())
        except OSError as error:  # this crawl grants the pause all the same
            _log.warning("The pause that the site asks for cannot be kept for the next crawl: %s", error.strerror)

    def _leave_alone(self, because: str) -> None:
        of_crawl(self._crawler, StopAsking).stop(FetchStatus.BLOCKED, because)


Middleware = TypeVar("Middleware")


def of_crawl(crawler: "Crawler", kind: type[Middleware]) -> Middleware:
    """Return the downloader middleware of this kind that a crawl has."""
    middleware = crawler.get_downloader_middleware(kind)
    assert isinstance(middleware, kind), "settings.py switches it on"
    return middleware


def said(error: BaseException) -> str:
    """Return what an error says, in one line."""
    if isinstance(error, ResponseDataLossError):
        return "the answer broke off"
    return " ".join(str(error).split()) or type(error).__name__


def _is_robots_txt(request: Request) -> bool:
    # Scrapy's middleware marks its own request so, and a redirect or another try keeps the mark.
    return bool(request.meta.get("dont_obey_robotstxt"))


def _ticks() -> float:
    """Return the seconds of the event loop, which know nothing of the time of day."""
    return asyncio.get_running_loop().time()


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
