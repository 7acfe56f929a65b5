"""How a figure came about: as a small picture for mail, and as a chart that a page draws by itself.

Drawn only where the extra ``charts`` is installed.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final

from alerts.model.changes import Digest, Series
from alerts.model.report import ChartBundle
from alerts.model.topics import RANK_TOPIC, VACANCIES_TOPIC, pay_topic
from alerts.wording import statistic
from jobspider.model import Basis
from jobspider.site.statistics import BY_KEY, Unit

MAX_CHARTS: Final = 6
"""Pictures in one mail: the first subjects are the most important ones, and each picture weighs about 20 KB."""

_WIDTH, _HEIGHT = 420, 120  # as the template shows it; drawn twice as fine, for the screens of today
_SCALE: Final = 2
_PAGE_HEIGHT: Final = 170
# On no ground of its own, in colours that stand out from white and from black alike.
_LINE: Final = "#3f8f9d"
_TEXT: Final = "#7f888d"
_GRID: Final = "#9aa1a544"
_FORMATS: Final = {Unit.POUNDS: "$,.0f", Unit.ADS: ",.0f", Unit.RANK: ",.0f"}
_LOCALE: Final = {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""]}}
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def render_png_charts(digest: Digest) -> Mapping[int, bytes]:
    """Return pictures (PNG) of the first groups' histories, by the id of the subject; none without the extra."""
    drawn = [(group.head.subject_id, group.series) for group in digest.groups if group.series is not None][:MAX_CHARTS]
    if not drawn or not _can_draw():
        return {}
    return {subject: _packed(_png(series)) for subject, series in drawn}


def chart_bundle() -> ChartBundle | None:
    """Return what draws charts in a page that fetches nothing, some 900 KB; ``None`` without the extra.

    Its charts draw rows of the data set ``points``: ``at`` (a date), ``figure``, and for pay ``low`` and ``high``. A
    row without figures breaks the line.
    """
    if not _can_draw():
        return None
    import vl_convert  # noqa: PLC0415 - takes most of a second, and is not there without the extra

    kinds = {pay_topic(basis): _page_chart("median", basis) for basis in Basis}
    kinds |= {topic: _page_chart(topic, None) for topic in (RANK_TOPIC, VACANCIES_TOPIC)}
    return ChartBundle(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), kinds)


def _can_draw() -> bool:
    return find_spec("altair") is not None and find_spec("vl_convert") is not None


def _page_chart(key: str, basis: Basis | None) -> dict[str, object]:
    """Return a chart without its points. Its colours and sizes of type are the page's, which knows light and dark."""
    import altair as alt  # noqa: PLC0415 - as above

    unit = BY_KEY[key].unit
    written = "$,.2f" if basis is Basis.HOURLY else _FORMATS[unit]
    base = alt.Chart(alt.NamedData(name="points")).encode(
        alt.X("at:T").title(None).scale(type="utc").axis(format="%-d %b %y", tickCount=4, grid=False, labelFlush=True)
    )
    scale = alt.Scale(zero=False, nice=True, reverse=unit is Unit.RANK)
    # A tick that is not what would be written of it, 149.6 and "150", has no label: it would name another height.
    label = f"toNumber(format(datum.value, '{written[-3:]}')) == datum.value ? datum.label : ''"
    axis = alt.Axis(format=written, labelExpr=label, tickCount=4, domain=False, ticks=False)
    figures = alt.Y("figure:Q", title=None, scale=scale, axis=axis)
    titles = {"figure": statistic(key, basis)}
    layers: list[Any] = []
    if basis is not None:
        titles |= {"low": BY_KEY["p25"].title, "high": BY_KEY["p75"].title}
        band = base.mark_area(interpolate="step-after", color="var(--band)", aria=False)
        layers.append(band.encode(alt.Y("low:Q", title=None, scale=scale, axis=axis), alt.Y2("high:Q")))
    near = alt.selection_point(name="near", on="pointerover", nearest=True, empty=False, encodings=["x"])
    size = alt.when(near).then(alt.value(90)).otherwise(alt.value(18))
    layers.append(base.mark_line(interpolate="step-after", color="var(--way)", aria=False).encode(figures))
    said = [alt.Tooltip("at:T", timeUnit="utcyearmonthdate", format="%-d %b %Y", title="As of")]
    said += [alt.Tooltip(f"{name}_said:N", title=title) for name, title in titles.items()]
    dots = base.mark_point(filled=True, opacity=1, color="var(--way)", aria=False).encode(
        figures, tooltip=said, size=size
    )
    dots = dots.transform_calculate(**{f"{name}_said": _in_words(name, unit, written) for name in titles})
    layers.append(dots.add_params(near).properties(name="dots"))  # a name that Altair gives is another every time
    chart = alt.layer(*layers).properties(width="container", height=_PAGE_HEIGHT, padding=0)
    chart = chart.configure(background="#00000000", font="sans-serif", locale=_LOCALE).configure_view(stroke=None)
    described: dict[str, object] = chart.configure_axis(
        labelFontSize=12,
        labelColor="var(--quiet)",
        gridColor="var(--rule)",
        domainColor="var(--rule)",
        tickColor="var(--rule)",
    ).to_dict()
    return described


def _in_words(name: str, unit: Unit, written: str) -> str:
    """Return the expression that says a figure as the tables of the page do: with its pence, and what is missing."""
    pence = f"datum.{name} % 1 ? '$,.2f' : " if unit is Unit.POUNDS else ""
    return f"isValid(datum.{name}) ? format(datum.{name}, {pence}'{written}') : 'not stated'"


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
