"""Request no page unless the rules of robots.txt are known."""

from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from jobspider.model import FetchStatus
from jobspider.scraping.addon import context_of
from jobspider.scraping.middlewares import InterruptedCrawlError, StopMiddleware, error_text, middleware_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_CONCLUSIVE_CLASSES: Final = (2, 4)
"""Status classes that answer what the rules are: 2xx contains them, 4xx means that there are none."""


class RobotsRequiredMiddleware:
    """Downloader middleware after Scrapy's robots.txt middleware: without known rules no page is requested.

    RFC 9309, section 2.3.1.4, demands this; Scrapy treats a failure as permission. The request of a page arrives here
    after Scrapy has tried robots.txt. A failure of that request may be invisible here, because middlewares are not told
    when another one fails on a response. The middleware therefore checks whether rules have arrived.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._rules: dict[str, RobotParser] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Create the middleware for a crawler."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, signal=signals.robots_parsed)
        return middleware

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Store the rules for the site of the requested page.

        Scrapy sends this signal for every response, also for one that has stopped the crawl.
        """
        self._rules[_site_of(request.url)] = robotparser

    def denies(self, url: str) -> bool:
        """Return whether robots.txt forbids a URL; Scrapy's exception has no type of its own for that."""
        rules = self._rules.get(_site_of(url))
        return rules is not None and not rules.allowed(url, self._crawler.settings["USER_AGENT"])

    def process_request(self, request: Request) -> None:
        """Check again, because the first page passed StopMiddleware before robots.txt was requested."""
        if _is_robots_txt(request):
            return
        if _site_of(request.url) not in self._rules:
            if context_of(self._crawler).is_interrupted:
                raise InterruptedCrawlError("the crawl was interrupted before robots.txt was read")
            self._stop("its redirects do not end, or the response cannot be decompressed")
        middleware_of(self._crawler, StopMiddleware).process_request(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Stop the crawl if the response to the last try is inconclusive."""
        if _is_robots_txt(request) and response.status // 100 not in _CONCLUSIVE_CLASSES:
            self._stop(f"the site answered HTTP {response.status}")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Stop the crawl if robots.txt could not be fetched after all retries."""
        if _is_robots_txt(request) and not isinstance(exception, InterruptedCrawlError):
            self._stop(error_text(exception))

    def _stop(self, reason: str) -> None:
        middleware_of(self._crawler, StopMiddleware).stop(
            FetchStatus.FETCH_FAILED, f"robots.txt cannot be read: {reason}"
        )


def _is_robots_txt(request: Request) -> bool:
    # Scrapy's middleware sets this key on its own request; redirects and retries keep it.
    return bool(request.meta.get("dont_obey_robotstxt"))


def _site_of(url: str) -> str:
    # The key by which Scrapy stores robots.txt.
    return urlsplit(url).netloc
