"""The pause that a site has asked for, kept in a file beside the database: the next crawl grants what is left of it.

A file and no table: it is written while a crawl is under way, and whoever has reason to ask earlier may delete it.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from jobspider.config import CrawlConfig
from jobspider.files import replace_file
from jobspider.scraping.backoff import MAX_RETRY_AFTER_SECONDS

FILE_NAME: Final = "left-alone.json"
_MAX_PAUSE: Final = timedelta(seconds=MAX_RETRY_AFTER_SECONDS)


def save_retry_after(config: CrawlConfig, seconds: float, now: datetime) -> None:
    """Save the ``Retry-After`` of the configured site for the next crawl.

    A longer pause from an earlier response stays valid.
    """
    asked = now + timedelta(seconds=min(seconds, MAX_RETRY_AFTER_SECONDS))
    moment = max(asked, load_retry_after(config, now) or asked)
    path = _path(config)
    content = json.dumps({"site": config.site.base_url, "until": moment.isoformat()}) + "\n"
    replace_file(path, content.encode())


def load_retry_after(config: CrawlConfig, now: datetime) -> datetime | None:
    """Return the time until which the configured site asked for no requests; ``None`` if there is none now."""
    try:
        saved = json.loads(_path(config).read_text(encoding="utf-8"))
        moment = datetime.fromisoformat(saved["until"])
        # A later time was saved while the clock was wrong.
        is_valid = saved["site"] == config.site.base_url and now < moment <= now + _MAX_PAUSE
        return moment.astimezone(UTC) if is_valid else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # the file is missing or damaged
        return None


def _path(config: CrawlConfig) -> Path:
    return config.database_path.with_name(FILE_NAME)
