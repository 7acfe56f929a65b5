"""The pages of market indexes."""

from jobspider.scraping.spiders.base import PlannedPagesSpider


class MarketSpider(PlannedPagesSpider):
    """Fetches the index of each market that is followed, page after page."""

    name = "market"
