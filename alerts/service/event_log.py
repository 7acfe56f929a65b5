"""What the service says of itself: one line an event, for people or (``--log-format json``) for programs.

An event is a name and a few facts: ids, states, counts, reasons that are already fit to be shown, nothing secret.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from jobspider.errors import UsageError

_EVENTS: Final = logging.getLogger("jobspider.events")
_MOST_BYTES: Final = 5_000_000
_FILES_KEPT: Final = 5


def log_event(name: str, **facts: object) -> None:
    """Log an event. Facts that are ``None`` or empty are left out."""
    _EVENTS.info(name, extra={"facts": {key: value for key, value in facts.items() if value not in (None, "")}})


def configure_logging(*, as_json: bool, file: Path | None) -> None:
    """Send events and warnings to stderr, or to a file that is turned over when it has grown.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        handler: logging.Handler = (
            logging.StreamHandler(sys.stderr)
            if file is None
            else RotatingFileHandler(file, maxBytes=_MOST_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
        )
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}: name another --log-file") from error
    handler.setFormatter(_JsonLines() if as_json else _Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _EVENTS.setLevel(logging.INFO)
    # It says at every turn that it will not begin what is still under way.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


class _Lines(logging.Formatter):
    """A line for people: when, what, and the facts as ``key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{key}={_in_a_line(value)}" for key, value in _facts(record).items())
        return f"{_moment(record)} {record.getMessage()}{' ' if facts else ''}{facts}{_trace(self, record)}"


class _JsonLines(logging.Formatter):
    """A line for programs: ``at`` (UTC), ``level``, ``event``, and the facts."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"at": _moment(record), "level": record.levelname, "event": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line | _facts(record), ensure_ascii=False, default=str)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return getattr(record, "facts", {})


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _in_a_line(value: object) -> str:
    text = " ".join(str(value).split())
    return json.dumps(text, ensure_ascii=False) if " " in text else text


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return f"\n{formatter.formatException(record.exc_info)}" if record.exc_info else ""
