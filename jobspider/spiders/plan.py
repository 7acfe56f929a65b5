"""Which pages a crawl asks for: decided before it starts, and without Scrapy."""

from collections.abc import Mapping
from typing import Final

from jobspider import addresses
from jobspider.config import CrawlConfig
from jobspider.errors import UsageError
from jobspider.model import DEFAULT_WINDOW, JobType, PlannedPage, Subject

_ARGUMENTS: Final = ("term", "region", "job_type", "window", "url")


def plan_roles(config: CrawlConfig, arguments: Mapping[str, str]) -> tuple[PlannedPage, ...]:
    """Return the role pages of a crawl: the one that the arguments name, or else every watched one.

    Args:
        config: Where the site is and what is watched.
        arguments: ``url``; or ``term`` and ``region``, with ``job_type`` (permanent) and ``window`` (6).

    Raises:
        UsageError: The arguments name no page, or nothing is watched.
    """
    subjects = [_asked_for(arguments)] if arguments else config.subjects()
    if not subjects:
        raise UsageError("nothing is watched: add a [[watch]] to config.toml, or name a page by term and region")
    return tuple(PlannedPage(addresses.page_url(each, config.site.base_url), each) for each in subjects)


def _asked_for(arguments: Mapping[str, str]) -> Subject:
    unknown = sorted(set(arguments) - set(_ARGUMENTS))
    if unknown:
        raise UsageError(f"argument {unknown[0]!r} is unknown: use {', '.join(_ARGUMENTS)}")
    if "url" in arguments:
        return addresses.subject_of(arguments["url"])
    missing = [name for name in ("term", "region") if not arguments.get(name)]
    if missing:
        raise UsageError(f"-a {missing[0]}=... is missing: a page is named by term and region, or by url")
    window = arguments.get("window", str(DEFAULT_WINDOW))
    return addresses.subject(
        arguments.get("job_type", JobType.PERMANENT),
        arguments["region"],
        arguments["term"],
        int(window) if window.isascii() and window.isdigit() else 0,
    )
