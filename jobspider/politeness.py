"""Manners that Scrapy leaves to us: one host only, and nothing more is asked once the site refuses."""

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest

from jobspider.addon import run_of
from jobspider.model import FetchStatus

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class NotAskedError(IgnoreRequest):
    """The crawl has stopped asking; this request was never sent. ``status`` is how its page ends in the ledger."""

    def __init__(self, status: FetchStatus, because: str) -> None:
        super().__init__(f"not asked: {because}")
        self.status = status


class OtherHostError(IgnoreRequest):
    """The request would leave the configured host; it was never sent."""


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

    def process_request(self, request: "Request") -> None:
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

    def stop(self, status: FetchStatus, because: str) -> None:
        """Ask for nothing more in this crawl.

        Args:
            status: How the pages that are left end in the ledger.
            because: One line for people.
        """
        self._stopped = self._stopped or (status, because)

    def process_request(self, request: "Request") -> None:  # noqa: ARG002 - Scrapy's signature
        """Refuse the request if the crawl has stopped asking."""
        if self._stopped is not None:
            raise NotAskedError(*self._stopped)
