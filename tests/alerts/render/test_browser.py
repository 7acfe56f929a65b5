"""The HTML in a real browser: on a telephone, in a window and on a wide screen, in the light and in the dark."""

import struct
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.model.changes import Digest, SubjectSection
from alerts.render.formats.html import render_html
from tests.support import digest_factories
from tests.support.browser import CHROMIUM, CONTRASTS, LEAST_CONTRAST, Page, browsing
from tests.support.fake_site import PROJECT
from tests.support.screenshots import WIDTHS, as_mail_programs_show_it

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browsing() as page:
        yield page


def unbroken() -> Digest:
    """Return a digest with words longer than any screen is wide."""
    head = digest_factories.head("x" * 300, "y" * 300)
    line = digest_factories.line(digest_factories.skill("z" * 300, of=head), because="w" * 300)
    failed = digest_factories.coverage(failed=(digest_factories.failure(reason="v" * 300),))
    return replace(
        digest_factories.with_history(),
        groups=(SubjectSection(head, (line,), digest_factories.series()),),
        suppressed=(line,),
        coverage=failed,
    )


DIGESTS = {
    "usual": as_mail_programs_show_it(digest_factories.with_history()) if CHROMIUM else "",
    "with images off": render_html(digest_factories.with_history(), {1: "cid:1", 2: "cid:2"}),
    "unbroken": render_html(unbroken(), {1: "cid:1"}),
    "blind": render_html(digest_factories.quiet(digest_factories.coverage(0, 0, (digest_factories.failure(),)))),
    "a notice": render_html(digest_factories.notice()),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DIGESTS)
def test_nothing_overflows_sideways(page: Page, name: str, width: int) -> None:
    page.show(DIGESTS[name], width)
    assert page.value("document.documentElement.scrollWidth") == width
    assert page.value("[...document.querySelectorAll('*')].every((each) => each.scrollWidth <= innerWidth)")


def test_a_word_that_cannot_be_broken_would_be_seen(page: Page) -> None:
    page.show(f"<p>{'x' * 300}</p>", WIDTHS[0])
    assert page.value("document.documentElement.scrollWidth") > WIDTHS[0]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", DIGESTS)
def test_every_word_can_be_read(page: Page, name: str, *, dark: bool) -> None:
    page.show(DIGESTS[name], 640, dark=dark)
    contrasts = page.value(CONTRASTS)
    assert len(contrasts) > 5
    assert not [(said, ratio) for said, ratio in contrasts if ratio < LEAST_CONTRAST]


def test_the_dark_is_dark_and_the_light_is_light(page: Page) -> None:
    ground = "getComputedStyle(document.querySelector('.sheet')).backgroundColor"
    shown = []
    for dark in (False, True):
        page.show(DIGESTS["usual"], 640, dark=dark)
        shown.append(page.value(ground))
    assert shown == ["rgb(255, 255, 255)", "rgb(28, 32, 35)"]


def test_pictures_are_shown_and_what_they_show_is_said_where_they_are_not(page: Page) -> None:
    loaded = "[...document.images].map((image) => [image.naturalWidth, image.alt])"
    page.show(DIGESTS["usual"], 640)
    assert [width for width, _ in page.value(loaded)] == [630, 630]
    page.show(DIGESTS["with images off"], 640)
    assert all(not width and alt.startswith("Median ") for width, alt in page.value(loaded))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_in_the_documents_are_of_these_widths(width: int, scheme: str) -> None:
    picture = (PROJECT / "docs" / f"mail-{width}-{scheme}.png").read_bytes()
    assert struct.unpack(">I", picture[16:20]) == (width,)


def test_the_pictures_in_the_documents_are_small() -> None:
    assert sum(path.stat().st_size for path in (PROJECT / "docs").glob("*.png")) < 600_000
