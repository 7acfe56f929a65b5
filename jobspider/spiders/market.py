"""The pages of market indexes."""

from jobspider.spiders.planned import PlannedPagesSpider


class MarketSpider(PlannedPagesSpider):
    """Fetches the index of each market that is followed, page after page."""

    name = "market"
