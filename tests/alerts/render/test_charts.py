import struct
import subprocess
import sys
from dataclasses import replace

import pytest

from alerts.model.changes import SubjectSection
from alerts.render import charts
from alerts.render.charts import MAX_CHARTS, render_png_charts
from jobspider.model import Basis
from tests.support import digest_factories
from tests.support.fake_site import PROJECT


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_each_history_is_a_small_picture() -> None:
    pictures = render_png_charts(digest_factories.with_history())
    assert list(pictures) == [1, 2]
    assert {size(picture) for picture in pictures.values()} == {(630, 180)}
    assert all(len(picture) < 40_000 for picture in pictures.values())


def test_the_same_history_is_the_same_picture() -> None:
    assert render_png_charts(digest_factories.with_history()) == render_png_charts(digest_factories.with_history())


def test_only_the_first_subjects_are_drawn() -> None:
    groups = tuple(
        SubjectSection(
            digest_factories.head(subject_id=n),
            (digest_factories.line(),),
            digest_factories.series("rank", None, 90, -5),
        )
        for n in range(MAX_CHARTS + 2)
    )
    assert list(render_png_charts(replace(digest_factories.sample(), groups=groups))) == list(range(MAX_CHARTS))


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_extra_there_are_no_pictures_and_no_error(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert render_png_charts(digest_factories.with_history()) == {}


def test_what_draws_is_loaded_only_for_drawing() -> None:
    program = (
        "import sys; from alerts.render.charts import render_png_charts; from tests.support import digest_factories;"
        "assert render_png_charts(digest_factories.sample()) == {};"
        "assert not {'altair', 'vl_convert'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


def test_a_page_is_given_a_chart_for_every_kind_of_figure_and_what_draws_it() -> None:
    found = charts.chart_bundle()
    assert found is not None
    assert {*found.specs} == {"pay/annual", "pay/daily", "pay/hourly", "rank", "vacancies"}
    assert "vegaEmbed" in found.javascript
    assert "</script" not in found.javascript


def test_the_charts_of_a_page_are_the_same_every_time() -> None:
    first, second = (charts._report_chart("median", Basis.DAILY) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_extra_a_page_has_no_charts(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert charts.chart_bundle() is None
