"""Sections of config.toml that the package ``jobspider`` uses: site, crawl, store, watch and market.

A file is validated as a whole. All mistakes are reported together, each as ``config.toml: watch[0].regions: ...`` with
the accepted values. An unknown key is a mistake; the message suggests the most similar known key. The package
``alerts`` adds its own sections and calls :func:`validate`.
"""

from jobspider.config.loader import CONFIG_VARIABLE, find_config_file, load, parse_toml, read_tables, validate
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
    "CONFIG_VARIABLE",
    "FILE_NAME",
    "PLACEHOLDER_CONTACT",
    "Crawl",
    "CrawlConfig",
    "FilePathText",
    "MarketWatch",
    "PathText",
    "Section",
    "Site",
    "Store",
    "Watch",
    "find_config_file",
    "is_mail_address",
    "load",
    "parse_server_url",
    "parse_toml",
    "read_tables",
    "validate",
]
