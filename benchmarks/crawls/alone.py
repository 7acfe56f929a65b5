"""Scrapy alone: what a crawl costs whoever uses it, with one request at a time and nothing done with the answers."""

import tomllib
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from tests.support import large_site

_CONFIG = tomllib.loads(Path("config.toml").read_text(encoding="utf-8"))
COUNT = len(_CONFIG["watch"][0]["terms"])


class Alone(scrapy.Spider):
    """Asks for every page of the site."""

    name = "alone"
    start_urls = [_CONFIG["site"]["base_url"] + large_site.path(number) for number in range(COUNT)]  # noqa: RUF012 - Scrapy's

    def parse(self, response: Response, **_: Any) -> None:
        """Do nothing with it."""


def crawl(spider: type[scrapy.Spider]) -> None:
    """Run a spider under Scrapy's own settings; robots.txt is obeyed in every project that Scrapy sets up."""
    settings = {"ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 1, "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING"}
    process = AsyncCrawlerProcess(settings)
    process.crawl(spider)
    process.start()


if __name__ == "__main__":
    crawl(Alone)
