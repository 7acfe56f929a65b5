"""The pause that a site has asked for, kept in a file beside the database: the next crawl grants what is left of it.

A file and no table: it is written while a crawl is under way, and whoever has reason to ask earlier may delete it.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from jobspider.config import CrawlConfig
from jobspider.scraping.backoff import MAX_RETRY_AFTER_SECONDS

FILE_NAME: Final = "left-alone.json"
_LONGEST: Final = timedelta(seconds=MAX_RETRY_AFTER_SECONDS)


def save_retry_after(config: CrawlConfig, seconds: float, now: datetime) -> None:
    """Keep it in mind that the site of a configuration asks to be left alone for so long.

    A longer pause that it has asked for before still holds: it is the busier part of a site that asks for more.
    """
    asked = now + timedelta(seconds=min(seconds, MAX_RETRY_AFTER_SECONDS))
    moment = max(asked, load_retry_after(config, now) or asked)
    path = _path(config)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"site": config.site.base_url, "until": moment.isoformat()}) + "\n", encoding="utf-8")
    beside.replace(path)


def load_retry_after(config: CrawlConfig, now: datetime) -> datetime | None:
    """Return until when the site of a configuration is to be left alone; ``None`` where it does not ask for it now."""
    try:
        kept = json.loads(_path(config).read_text(encoding="utf-8"))
        moment = datetime.fromisoformat(kept["until"])
        # One further ahead was kept by a clock that has been put right since.
        is_meant = kept["site"] == config.site.base_url and now < moment <= now + _LONGEST
        return moment.astimezone(UTC) if is_meant else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # there is none, or somebody has been at it
        return None


def _path(config: CrawlConfig) -> Path:
    return config.database_path.with_name(FILE_NAME)
