"""Spider for role and skill pages."""

from jobspider.scraping.spiders.base import PlannedPagesSpider


class RolesSpider(PlannedPagesSpider):
    """Fetches all watched pages, or the page of one subject."""

    name = "roles"
