"""Spider for the pages of market indexes."""

from jobspider.scraping.spiders.base import PlannedPagesSpider


class MarketSpider(PlannedPagesSpider):
    """Fetches the index of each configured market, page by page."""

    name = "market"
