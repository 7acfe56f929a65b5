"""Plan which pages a crawl requests, before it starts and without Scrapy."""

from collections.abc import Mapping
from typing import Final

from jobspider.config import CrawlConfig
from jobspider.errors import UsageError
from jobspider.model import DEFAULT_WINDOW, JobType, PlannedPage, Subject
from jobspider.site import urls

ROLES: Final = "roles"
MARKET: Final = "market"
SPIDERS: Final = (ROLES, MARKET)
_ARGUMENTS: Final = ("term", "region", "job_type", "window", "url")
_MARKET_ARGUMENTS: Final = ("region", "job_type", "window", "pages")


def plan_crawl(spider: str, config: CrawlConfig, arguments: Mapping[str, str]) -> tuple[PlannedPage, ...]:
    """Return the pages of a crawl by one of :data:`SPIDERS`.

    Raises:
        UsageError: As :func:`plan_roles` and :func:`plan_market`.
    """
    return {ROLES: plan_roles, MARKET: plan_market}[spider](config, arguments)


def plan_roles(config: CrawlConfig, arguments: Mapping[str, str]) -> tuple[PlannedPage, ...]:
    """Return the role pages of a crawl: the page that the arguments name, or all watched pages.

    Args:
        config: The configuration.
        arguments: ``url``; or ``term`` and ``region``, with ``job_type`` (permanent) and ``window`` (6).

    Raises:
        UsageError: The arguments name no page, or nothing is watched.
    """
    subjects = [_named_subject(config, arguments)] if arguments else config.subjects()
    if not subjects:
        raise UsageError("nothing is watched: add a [[watch]] to config.toml, or name a page by term and region")
    return tuple(PlannedPage(urls.subject_url(subject, config.site.base_url), subject) for subject in subjects)


def plan_market(config: CrawlConfig, arguments: Mapping[str, str]) -> tuple[PlannedPage, ...]:
    """Return the first page of each market index: the index that the arguments name, or all configured ones.

    The following pages are planned when the first page has stated how many exist.

    Args:
        config: The configuration.
        arguments: ``region``, with ``job_type`` (permanent), ``window`` (6) and ``pages`` (1); or none.

    Raises:
        UsageError: The arguments name no index, or none is configured.
    """
    _reject_unknown(arguments, _MARKET_ARGUMENTS)
    if arguments:
        if not arguments.get("region"):
            raise UsageError(f"{_option_name('region')} is missing: a market index is named by its region")
        pages = _number(arguments.get("pages", "1"))
        if not pages:
            raise UsageError(f"pages {arguments['pages']!r} is unknown: use a number from 1")
        first = urls.make_market(
            arguments.get("job_type", JobType.PERMANENT),
            arguments["region"],
            _number(arguments.get("window", str(DEFAULT_WINDOW))),
        )
        lasts = {first: pages}
    else:
        lasts = {}
        for market in config.market:
            lasts[market.first_page()] = max(market.pages, lasts.get(market.first_page(), 1))
    if not lasts:
        raise UsageError("no market is configured: add a [[market]] to config.toml, or name one by its region")
    return tuple(PlannedPage(urls.market_url(first, config.site.base_url), None, last) for first, last in lasts.items())


def _reject_unknown(arguments: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise UsageError(f"argument {unknown[0]!r} is unknown: use {', '.join(known)}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _option_name(name: str) -> str:
    """Return an argument as written for ``jobspider crawl`` and for ``scrapy crawl``."""
    return f"--{name.replace('_', '-')} (with scrapy: -a {name}=...)"


def _named_subject(config: CrawlConfig, arguments: Mapping[str, str]) -> Subject:
    _reject_unknown(arguments, _ARGUMENTS)
    if "url" in arguments:
        conflicting = [name for name in _ARGUMENTS if name in arguments and name != "url"]
        if conflicting:
            raise UsageError(f"a URL alone names the page: omit {_option_name(conflicting[0])}, or the URL")
        subject = urls.parse_subject_url(arguments["url"])
        config.site.require_own_host(arguments["url"])
        return subject
    missing = [name for name in ("term", "region") if not arguments.get(name)]
    if missing:
        raise UsageError(f"{_option_name(missing[0])} is missing: a page is named by term and region, or by url")
    return urls.make_subject(
        arguments.get("job_type", JobType.PERMANENT),
        arguments["region"],
        arguments["term"],
        _number(arguments.get("window", str(DEFAULT_WINDOW))),
    )
