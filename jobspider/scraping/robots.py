"""robots.txt comes first: while its rules are not known, no page is asked for."""

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

_THERE_OR_NOT: Final = (2, 4)
"""The hundreds of the answers that say what the rules are: these, or none at all."""


class RobotsRequiredMiddleware:
    """Downloader middleware, next to Scrapy's for robots.txt: as long as that cannot be read, nothing is allowed.

    So RFC 9309, section 2.3.1.4, wants it; Scrapy takes whatever is no answer for one that allows everything. A page's
    request passes here when Scrapy has tried robots.txt. What went wrong with that may have passed by unseen: where
    another middleware fails on an answer, no other is told. So it is not the failure that counts, but that rules came.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._rules: dict[str, RobotParser] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Build it for a crawler."""
        robots = cls(crawler)
        crawler.signals.connect(robots.robots_parsed, signal=signals.robots_parsed)
        return robots

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Remember the rules for the site of the page that is to be asked for.

        Scrapy sends this of any answer that has come through, also of one that has made the crawl stop.
        """
        self._rules[_site_of(request.url)] = robotparser

    def denies(self, url: str) -> bool:
        """Tell whether robots.txt forbids an address; Scrapy says so only in words."""
        rules = self._rules.get(_site_of(url))
        return rules is not None and not rules.allowed(url, self._crawler.settings["USER_AGENT"])

    def process_request(self, request: Request) -> None:
        """Ask once more whether to ask: the first page was let through before robots.txt had been tried."""
        if _is_robots_txt(request):
            return
        if _site_of(request.url) not in self._rules:
            if context_of(self._crawler).is_interrupted:
                raise InterruptedCrawlError("the crawl was interrupted before robots.txt was read")
            self._stop("its redirects have no end, or what was answered cannot be unpacked")
        middleware_of(self._crawler, StopMiddleware).process_request(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Stop where the answer to the last try says neither what robots.txt is nor that there is none."""
        if _is_robots_txt(request) and response.status // 100 not in _THERE_OR_NOT:
            self._stop(f"the site answered HTTP {response.status}")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Stop where robots.txt was not reached, after all tries."""
        if _is_robots_txt(request) and not isinstance(exception, InterruptedCrawlError):
            self._stop(error_text(exception))

    def _stop(self, because: str) -> None:
        middleware_of(self._crawler, StopMiddleware).stop(
            FetchStatus.FETCH_FAILED, f"robots.txt cannot be read: {because}"
        )


def _is_robots_txt(request: Request) -> bool:
    # Scrapy's middleware marks its own request so, and a redirect or another try keeps the mark.
    return bool(request.meta.get("dont_obey_robotstxt"))


def _site_of(address: str) -> str:
    # As Scrapy tells the sites apart whose robots.txt it has.
    return urlsplit(address).netloc
