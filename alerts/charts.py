"""How a figure came about, as a small picture for mail. Drawn only where the extra ``charts`` is installed."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final

from alerts.model import Digest, Series
from alerts.wording import statistic
from jobspider.statistic import BY_KEY, Unit

MOST: Final = 6
"""Pictures in one mail: the first subjects are the most important ones, and each picture weighs about 20 KB."""

_WIDTH, _HEIGHT = 420, 120  # as the template shows it; drawn twice as fine, for the screens of today
_SCALE: Final = 2
# On no ground of its own, in colours that stand out from white and from black alike.
_LINE: Final = "#3f8f9d"
_TEXT: Final = "#7f888d"
_GRID: Final = "#9aa1a544"
_FORMATS: Final = {Unit.POUNDS: "$,.0f", Unit.ADS: ",.0f", Unit.RANK: ",.0f"}
_LOCALE: Final = {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""]}}
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def draw(digest: Digest) -> Mapping[int, bytes]:
    """Return pictures (PNG) of the first groups' histories, by the id of the subject; none without the extra."""
    drawn = [(group.head.subject_id, group.series) for group in digest.groups if group.series is not None][:MOST]
    if not drawn or find_spec("altair") is None or find_spec("vl_convert") is None:
        return {}
    return {subject: _packed(_png(series)) for subject, series in drawn}


def _png(series: Series) -> bytes:
    import altair as alt  # noqa: PLC0415 - takes most of a second, and is not there without the extra

    unit = BY_KEY[series.statistic].unit
    points: Any = {"values": [{"at": at.isoformat(), "figure": float(value)} for at, value in series.points]}
    figures = alt.Y("figure:Q").title(None).axis(format=_FORMATS.get(unit, ",.2f"), tickCount=3)
    # The first place is the best, so it stands on top.
    figures = figures.scale(zero=False, nice=True, reverse=unit is Unit.RANK)
    base = alt.Chart(alt.InlineData.from_dict(points)).encode(
        alt.X("at:T").title(None).axis(format="%-d %b %y", tickCount=4, grid=False), figures
    )
    title = alt.TitleParams(statistic(series.statistic, series.basis), anchor="start", fontSize=12, color=_TEXT)
    chart = (
        (base.mark_line(color=_LINE, interpolate="step-after") + base.mark_point(color=_LINE, size=14, filled=True))
        .properties(width=_WIDTH, height=_HEIGHT, title=title, padding={"top": 12, "left": 2, "right": 8, "bottom": 2})
        .properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .configure(background="#00000000", font="sans-serif", locale=_LOCALE)
        .configure_axis(labelColor=_TEXT, gridColor=_GRID, domainColor=_GRID, tickColor=_GRID, labelFontSize=12)
        .configure_view(stroke=None)
    )
    picture = BytesIO()
    chart.save(picture, format="png", scale_factor=_SCALE)
    return picture.getvalue()


def _packed(png: bytes) -> bytes:
    """Return the same picture a third as large: vl-convert compresses fast, and a mail is kept for years."""
    parts = list(_chunks(png))
    pixels = zlib.decompress(b"".join(content for kind, content in parts if kind == b"IDAT"))
    whole = [(b"IHDR", parts[0][1]), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in whole
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12
