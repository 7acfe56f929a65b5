"""Bundled pages as of any day."""

from datetime import date
from functools import cache
from typing import Final
from urllib.parse import quote

from jobspider.model import Subject
from tests.support.fake_site import FIRST, SECOND
from tests.support.stored_pages import bodies

NAMES: Final = ("jobs/uk", "jobs/north west", "jobs/west midlands", "contracts/uk")
PATHS: Final = tuple(f"/{quote(name)}/backend%20developer.do" for name in NAMES)
_SAVED: Final = ((FIRST, date(2025, 11, 16)), (SECOND, date(2025, 11, 23)))
_FORMS: Final = ("{0:%Y-%m-%d}", "{0.day} {0:%b} {0:%Y}", "{0.day} {0:%B} {0:%Y}", "{0:%A}")


def watches(base_url: str) -> str:
    """Return the part of config.toml that watches the pages of a site."""
    return "".join(f'[[watch]]\nurl = "{base_url}{path}"\n' for path in PATHS)


def page(subject: Subject, day: date) -> bytes:
    """Return a page as of a day: the figures of one saved week or of the other, in turn."""
    week = day.isocalendar().week % 2
    saved, body = _SAVED[week][1], _saved(week)[subject]
    for form in _FORMS:
        body = body.replace(form.format(saved).encode(), form.format(day).encode())
    return body


@cache
def _saved(week: int) -> dict[Subject, bytes]:
    return bodies(_SAVED[week][0])
