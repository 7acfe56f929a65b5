"""The text of one cell to a number: "£26.50", "+16.76%", "1,675", "Up 4 places+4", "-".

Every reader takes the cell's text, returns ``None`` for a dash or a blank, and raises
:class:`~jobspider.errors.UnreadableFigureError` for anything else than its own form. Nothing is guessed: a thousands
comma must stand where one belongs, and a figure must fill its cell.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jobspider.errors import UnreadableFigureError

_DASHES: Final = frozenset({"-", "\N{EN DASH}", "\N{MINUS SIGN}"})
# No leading zero: "0,123" is a piece of a longer figure. At most twelve digits: what lies beyond is noise.
_DIGITS: Final = r"(?:0|[1-9]\d{0,2}(?:,\d{3}){1,3}|[1-9]\d{0,11})"
_COUNT: Final = re.compile(_DIGITS, re.ASCII)
_MONEY: Final = re.compile(rf"£({_DIGITS}(?:\.\d{{2}})?)", re.ASCII)
_SHARE: Final = re.compile(r"((?:0|[1-9]\d{0,2})(?:\.\d{1,6})?)%", re.ASCII)
_CHANGE: Final = re.compile(rf"([+-]{_DIGITS}(?:\.\d{{1,6}})?|0(?:\.0{{1,6}})?)%", re.ASCII)
# Since April 2026 the cell says "Up 4 places+4", "Down -9 places-9", "No change0"; before, only the number.
_PLACES: Final = re.compile(
    rf"(?:(?P<word>Up|Down|No change)(?: (?P<said>[+-]?{_DIGITS}) places?)?\s*)?(?P<places>[+-]{_DIGITS}|0)", re.ASCII
)

_REMEMBERED: Final = 4_096
"""How many cells each reader remembers: pay stands on round amounts and most counts are small, so pages repeat them."""


def collapse_whitespace(text: str) -> str:
    """Return ``text`` with every run of white space (also non-breaking) as one space and none at the ends."""
    return " ".join(text.split())


@lru_cache(_REMEMBERED)
def parse_count(text: str) -> int | None:
    """Read a count or a rank: ``1,838``, ``2073``."""
    found = _matched(_COUNT, text, "a whole number like 1,838")
    return int(found[0].replace(",", "")) if found else None


@lru_cache(_REMEMBERED)
def parse_money(text: str) -> Decimal | None:
    """Read an amount in pounds: ``£25,438``, ``£26.50``."""
    found = _matched(_MONEY, text, "an amount like £25,438 or £26.50")
    return Decimal(found[1].replace(",", "")) if found else None


@lru_cache(_REMEMBERED)
def parse_whole_pounds(text: str) -> Decimal | None:
    """Read an amount in whole pounds: ``£25,438``."""
    value = parse_money(text)
    if value is not None and "." in text:
        raise UnreadableFigureError(collapse_whitespace(text), "whole pounds like £25,438")
    return value


@lru_cache(_REMEMBERED)
def parse_pounds_and_pence(text: str) -> Decimal | None:
    """Read an amount in pounds and pence: ``£26.50``."""
    value = parse_money(text)
    if value is not None and "." not in text:
        raise UnreadableFigureError(collapse_whitespace(text), "pounds and pence like £26.50")
    return value


@lru_cache(_REMEMBERED)
def parse_share(text: str) -> Decimal | None:
    """Read a share in percent: ``0.37%``, ``100.00%``; never above 100."""
    expected = "a share like 0.37%"
    found = _matched(_SHARE, text, expected)
    value = Decimal(found[1]) if found else None
    if value is not None and value > 100:  # noqa: PLR2004 - a part is at most the whole
        raise UnreadableFigureError(collapse_whitespace(text), expected)
    return value


@lru_cache(_REMEMBERED)
def parse_percent_change(text: str) -> Decimal | None:
    """Read a change in percent: ``+16.76%``, ``-8.33%``. A dash is "unchanged" or "not computable", so ``None``."""
    found = _matched(_CHANGE, text.replace("\N{MINUS SIGN}", "-"), "a signed change like +16.76%")
    return Decimal(found[1].replace(",", "")) if found else None


@lru_cache(_REMEMBERED)
def parse_rank_change(text: str) -> int | None:
    """Read a rank change: ``+34``, ``-18``, ``0``, ``Up 4 places+4``, ``No change0``. The words must agree."""
    text = collapse_whitespace(text).replace("\N{MINUS SIGN}", "-")
    found = _matched(_PLACES, text, "a rank change like +34")
    if found is None:
        return None
    moved = int(found["places"].replace(",", ""))
    word, said = found["word"], found["said"]
    sign = {"Up": 1, "Down": -1, "No change": 0}.get(word or "")
    if sign is not None and sign != (moved > 0) - (moved < 0):
        raise UnreadableFigureError(text, "a rank change whose words and number agree")
    # "Down 9 places" and "Down -9 places" say the same; a sign that is written must be the right one.
    if said is not None and said.replace(",", "") not in (f"{moved:+}", f"{abs(moved)}"):
        raise UnreadableFigureError(text, "a rank change whose words and number agree")
    return moved


def _matched(pattern: re.Pattern[str], text: str, expected: str) -> re.Match[str] | None:
    """Match a whole cell; ``None`` for a dash or a blank."""
    found = pattern.fullmatch(text)
    if found is None:
        text = collapse_whitespace(text)
        found = pattern.fullmatch(text)
        if found is None and text and text not in _DASHES:
            raise UnreadableFigureError(text, expected)
    return found
