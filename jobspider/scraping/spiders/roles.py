"""The role and skill pages of a plan."""

from jobspider.scraping.spiders.base import PlannedPagesSpider


class RolesSpider(PlannedPagesSpider):
    """Fetches the pages of everything that is watched, or of the one subject that was asked for."""

    name = "roles"
