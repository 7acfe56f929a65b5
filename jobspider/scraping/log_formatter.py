"""Scrapy's log without what the ledger says better."""

import logging
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure


def silence_download_errors() -> None:
    """Silence what Scrapy's downloader says of each failed try, with a traceback for robots.txt."""
    for silenced in ("scrapy.downloadermiddlewares", "scrapy.core.downloader"):
        logging.getLogger(silenced).setLevel(logging.CRITICAL)


class LedgerLogFormatter(LogFormatter):
    """Logs at INFO that a page was not reached or not accepted: the ledger and the summary tell it, with its reason.

    Scrapy itself shows a traceback for the first and the whole item for the second.
    """

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Say why a page was not accepted."""
        del item, response, spider
        return {"level": logging.INFO, "msg": "Not accepted: %(reason)s", "args": {"reason": str(exception)}}

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """Say why a page was not reached."""
        del spider
        reason = errmsg or failure.getErrorMessage()
        return {
            "level": logging.INFO,
            "msg": "Not reached: %(request)s: %(reason)s",
            "args": {"request": request, "reason": reason},
        }
