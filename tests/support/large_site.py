"""A site of as many pages as wanted: one saved page under many names."""

import re
from pathlib import Path
from typing import Final

from tests.support.fake_site import FIRST, Answer, LiveSite

REGION: Final = "west midlands"
_SAVED: Final = (FIRST / "permanent-west-midlands.html").read_bytes()
_PATH: Final = re.compile(r"/jobs/west%20midlands/backend%20developer%20(\d{4})\.do")


def term(number: int) -> str:
    """Return the term of the page with this number."""
    return f"backend developer {number:04}"


def path(number: int) -> str:
    """Return its path on the site."""
    return f"/jobs/west%20midlands/{term(number).replace(' ', '%20')}.do"


def number_of(address: str) -> int | None:
    """Return the number of the page at an address, ``None`` for any other."""
    found = _PATH.search(address)
    return int(found[1]) if found else None


def body(number: int) -> bytes:
    """Return its page."""
    named = _SAVED.replace(b"Backend Developer", f"Backend Developer {number:04}".encode())
    return named.replace(b"backend%20developer", f"backend%20developer%20{number:04}".encode())


def answer(address: str) -> Answer | None:
    """Answer for every page that the site has."""
    number = number_of(address)
    return None if number is None else Answer(200, body(number))


def config(site: LiveSite, folder: Path, pages: int, **crawl: object) -> Path:
    """Write a configuration that watches so many pages, and return its path."""
    settings = "".join(f"{key} = {value}\n" for key, value in {"delay_seconds": 0, **crawl}.items())
    written = folder / "config.toml"
    written.write_text(
        f'[site]\nbase_url = "{site.base_url}"\n[crawl]\n{settings}[store]\npath = "jobspider.db"\n'
        f'[[watch]]\nregions = ["{REGION}"]\nterms = {[term(number) for number in range(pages)]}\n',
        encoding="utf-8",
    )
    return written
