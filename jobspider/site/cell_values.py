"""Parse the text of one cell into a number: "£26.50", "+16.76%", "1,675", "Up 4 places+4", "-".

Each parser takes the text of a cell. It returns ``None`` for a dash or a blank, and raises
:class:`~jobspider.errors.UnreadableFigureError` for any other format than its own. The parsers never guess: thousands
commas must be at the correct positions, and the figure must be the whole text of the cell.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jobspider.errors import UnreadableFigureError

_DASHES: Final = frozenset({"-", "\N{EN DASH}", "\N{MINUS SIGN}"})
# No leading zero: "0,123" is part of a longer figure. At most twelve digits: longer numbers are invalid.
_DIGITS: Final = r"(?:0|[1-9]\d{0,2}(?:,\d{3}){1,3}|[1-9]\d{0,11})"
_COUNT: Final = re.compile(_DIGITS, re.ASCII)
_MONEY: Final = re.compile(rf"£({_DIGITS}(?:\.\d{{2}})?)", re.ASCII)
_SHARE: Final = re.compile(r"((?:0|[1-9]\d{0,2})(?:\.\d{1,6})?)%", re.ASCII)
_CHANGE: Final = re.compile(rf"([+-]{_DIGITS}(?:\.\d{{1,6}})?|0(?:\.0{{1,6}})?)%", re.ASCII)
# Since April 2026 the cell contains "Up 4 places+4", "Down -9 places-9", "No change0"; before, only the number.
_PLACES: Final = re.compile(
    rf"(?:(?P<word>Up|Down|No change)(?: (?P<worded>[+-]?{_DIGITS}) places?)?\s*)?(?P<places>[+-]{_DIGITS}|0)", re.ASCII
)

_CACHE_SIZE: Final = 4_096
"""Cached cells per parser. Pay is mostly a round amount and most counts are small, so pages repeat them."""


def collapse_whitespace(text: str) -> str:
    """Return ``text`` with every run of white space (also non-breaking) replaced by one space, and none at the ends."""
    return " ".join(text.split())


@lru_cache(_CACHE_SIZE)
def parse_count(text: str) -> int | None:
    """Parse a count or a rank: ``1,838``, ``2073``."""
    match = _match_cell(_COUNT, text, "a whole number like 1,838")
    return int(match[0].replace(",", "")) if match else None


@lru_cache(_CACHE_SIZE)
def parse_money(text: str) -> Decimal | None:
    """Parse an amount in pounds: ``£25,438``, ``£26.50``."""
    match = _match_cell(_MONEY, text, "an amount like £25,438 or £26.50")
    return Decimal(match[1].replace(",", "")) if match else None


@lru_cache(_CACHE_SIZE)
def parse_whole_pounds(text: str) -> Decimal | None:
    """Parse an amount in whole pounds: ``£25,438``."""
    value = parse_money(text)
    if value is not None and "." in text:
        raise UnreadableFigureError(collapse_whitespace(text), "whole pounds like £25,438")
    return value


@lru_cache(_CACHE_SIZE)
def parse_pounds_and_pence(text: str) -> Decimal | None:
    """Parse an amount in pounds and pence: ``£26.50``."""
    value = parse_money(text)
    if value is not None and "." not in text:
        raise UnreadableFigureError(collapse_whitespace(text), "pounds and pence like £26.50")
    return value


@lru_cache(_CACHE_SIZE)
def parse_share(text: str) -> Decimal | None:
    """Parse a share in percent: ``0.37%``, ``100.00%``; never above 100."""
    expected = "a share like 0.37%"
    match = _match_cell(_SHARE, text, expected)
    value = Decimal(match[1]) if match else None
    if value is not None and value > 100:  # noqa: PLR2004 - a share is at most 100 percent
        raise UnreadableFigureError(collapse_whitespace(text), expected)
    return value


@lru_cache(_CACHE_SIZE)
def parse_percent_change(text: str) -> Decimal | None:
    """Parse a change in percent: ``+16.76%``, ``-8.33%``. ``None`` for a dash: "unchanged" or "not computable"."""
    match = _match_cell(_CHANGE, text.replace("\N{MINUS SIGN}", "-"), "a signed change like +16.76%")
    return Decimal(match[1].replace(",", "")) if match else None


@lru_cache(_CACHE_SIZE)
def parse_rank_change(text: str) -> int | None:
    """Parse a rank change: ``+34``, ``-18``, ``0``, ``Up 4 places+4``, ``No change0``. The words must agree."""
    text = collapse_whitespace(text).replace("\N{MINUS SIGN}", "-")
    match = _match_cell(_PLACES, text, "a rank change like +34")
    if match is None:
        return None
    moved = int(match["places"].replace(",", ""))
    word, worded = match["word"], match["worded"]
    sign = {"Up": 1, "Down": -1, "No change": 0}.get(word or "")
    if sign is not None and sign != (moved > 0) - (moved < 0):
        raise UnreadableFigureError(text, "a rank change whose words and number agree")
    # "Down 9 places" and "Down -9 places" are equivalent; a wrong sign is an error.
    if worded is not None and worded.replace(",", "") not in (f"{moved:+}", f"{abs(moved)}"):
        raise UnreadableFigureError(text, "a rank change whose words and number agree")
    return moved


def _match_cell(pattern: re.Pattern[str], text: str, expected: str) -> re.Match[str] | None:
    """Match the whole text of a cell; return ``None`` for a dash or a blank."""
    match = pattern.fullmatch(text)
    if match is None:
        text = collapse_whitespace(text)
        match = pattern.fullmatch(text)
        if match is None and text and text not in _DASHES:
            raise UnreadableFigureError(text, expected)
    return match
