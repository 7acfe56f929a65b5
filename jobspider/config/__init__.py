"""config.toml, this half: the site, the manners, the store and what is watched.

All mistakes are reported together, each as ``config.toml: watch[0].regions: ...`` with what is accepted; an unknown key
is a mistake and names its nearest neighbour. The sections of the other half are validated by it, through
:func:`validated`.
"""

from jobspider.config.loader import VARIABLE, find, load, parsed, read, validated
from jobspider.config.sections import (
    FILE_NAME,
    PLACEHOLDER_CONTACT,
    Crawl,
    CrawlConfig,
    FilePathText,
    MarketWatch,
    PathText,
    Section,
    Site,
    Store,
    Watch,
    is_mail_address,
    parse_server_url,
)

__all__ = [
    "FILE_NAME",
    "PLACEHOLDER_CONTACT",
    "VARIABLE",
    "Crawl",
    "CrawlConfig",
    "FilePathText",
    "MarketWatch",
    "PathText",
    "Section",
    "Site",
    "Store",
    "Watch",
    "find",
    "is_mail_address",
    "load",
    "parse_server_url",
    "parsed",
    "read",
    "validated",
]
