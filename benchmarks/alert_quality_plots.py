"""The plots of ``docs/alert-quality.md``, as SVG; needs the extra ``charts``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import altair as alt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.alert_quality import Row

_NEVER: Final = 55
_COLOURS: Final = {
    "this engine": "#1b6ca8",
    "told page, p < 0.02": "#6aa84f",
    "since told": "#c8553d",
    "since last crawl": "#8a8a8a",
}


def draw(rows: "Sequence[Row]", folder: Path) -> None:
    """Write the curves: what each setting of each rule costs in false alerts, and how soon it tells."""
    points: list[dict[str, Any]] = [
        {
            "quotes": f"{each.quotes:,} quotes",
            "rule": each.rule,
            "setting": each.setting,
            "false": each.score.false,
            "delay": _NEVER if each.score.delay is None else each.score.delay,
            "soon": each.score.soon * 100,
        }
        for each in rows
    ]
    for key, title in (("delay", "weeks until +10 % is told (top: never)"), ("soon", "% told within 26 weeks")):
        _curves(points, key, title, list(dict.fromkeys(str(each["quotes"]) for each in points))).save(
            folder / f"alert-quality-{key}.svg"
        )


def _curves(points: list[dict[str, Any]], key: str, title: str, order: list[str]) -> Any:
    colour = alt.Color("rule:N", title=None).scale(domain=[*_COLOURS], range=[*_COLOURS.values()])
    base = alt.Chart({"values": points}).encode(
        x=alt.X("false:Q", title="false pay alerts a subject-year").scale(type="symlog", constant=0.1, domain=[0, 20]),
        y=alt.Y(f"{key}:Q", title=title),
        color=colour,
        order="setting:Q",
    )
    lines = base.mark_line(opacity=0.6) + base.mark_point(filled=True, size=40)
    return lines.properties(width=220, height=180).facet(facet=alt.Facet("quotes:N", title=None, sort=order), columns=3)
