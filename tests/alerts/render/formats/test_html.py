import quopri
import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings

from alerts.errors import DigestError
from alerts.model.changes import Digest, SubjectSection
from alerts.render import presenter
from alerts.render.formats.html import MAX_BYTES, render_html
from tests.support import digest_factories

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td"),
    *("h1", "h2", "h3", "p", "a", "b", "br", "span", "img"),
}


def words(html: str) -> str:
    """Return what a reader sees, with one space between words."""
    (body,) = lxml.html.document_fromstring(html).iter("body")
    return " ".join(" ".join(body.itertext()).split())


def media_rules(html: str) -> str:
    (style,) = lxml.html.document_fromstring(html).iter("style")
    return style.text or ""


def encoded_size(html: str) -> int:
    return len(quopri.encodestring(html.encode()))


def test_the_page_says_what_the_text_says() -> None:
    shown = words(render_html(digest_factories.sample()))
    for said in (
        "Backend Developer pay in the North West is up £2,500 to £62,500; 7 more changes",
        "Note. IT Jobs Watch restated",
        "Median salary +8.7 % on the year · 116 pay quotes · clear change",
        "£60,000 → £62,500 ▲ +£2,500 (+4.2 %)",
        "Now watching (1)",
        "Nearly there (1)",
        "Places that moved on too few ads to judge: Cheshire £65,000 → £70,000, +£5,000 (+7.7 %) (few ads)",
        "Held back as possible chance (1)",
        "Not read: Backend Developer, City of London, contract: not found on the site (HTTP 404)",
        "Source: IT Jobs Watch (www.itjobswatch.co.uk) , CC BY-NC-SA 4.0",
    ):
        assert said in shown


def test_styles_stand_on_the_elements_and_dark_mode_in_the_head() -> None:
    html = render_html(digest_factories.sample())
    document = lxml.html.document_fromstring(html)
    assert all(cell.get("style") for cell in document.iter("td"))
    assert "prefers-color-scheme: dark" in media_rules(html)
    assert html.index("charset") < 200


def test_every_class_that_dark_mode_names_is_on_the_page() -> None:
    blind = render_html(digest_factories.quiet(digest_factories.coverage(0, 0, (digest_factories.failure(),))))
    html = (
        render_html(digest_factories.with_history(), {1: "cid:chart"}) + render_html(digest_factories.sample()) + blind
    )
    named = set(re.findall(r"\.([a-z-]+)[ ,{]", media_rules(blind))) - {"more"}
    assert named
    assert named <= set(re.findall(r'class="([a-z-]+)"', html))


def test_nothing_is_loaded_from_anywhere() -> None:
    html = render_html(digest_factories.with_history(), {1: "cid:chart"})
    assert re.findall(r'src="[^"]*"', html) == ['src="cid:chart"']
    assert not re.search(r"url\(|@import|<link", html)


def test_colour_is_never_the_only_sign() -> None:
    document = lxml.html.document_fromstring(render_html(digest_factories.sample()))
    coloured = [span.text_content() for span in document.iter("span") if span.get("class") in ("good", "bad")]
    assert coloured
    assert all(re.match(r"[▲▼] (\+|\N{MINUS SIGN}|\d+ places? (up|down))", said) for said in coloured)


def test_a_page_that_could_not_look_stands_out() -> None:
    blind = render_html(digest_factories.quiet(digest_factories.coverage(0, 0, (digest_factories.failure(),))))
    assert 'class="blind"' in blind
    assert 'class="blind"' not in render_html(digest_factories.quiet())


def test_a_page_too_large_is_cut_by_subjects_and_says_so() -> None:
    group = digest_factories.sample().groups[0]
    digest = replace(digest_factories.sample(), groups=(group,) * 50)
    html = render_html(digest)
    document = lxml.html.document_fromstring(html)
    shown = len(document.find_class("told"))
    assert MAX_BYTES * 0.9 < encoded_size(html) <= MAX_BYTES
    assert len(document.find_class("what")) == shown * len(group.lines)
    assert f"+ {50 - shown} more subjects, in the plain-text version of this digest" in words(html)
    assert "Not read: Backend Developer, City of London" in words(html)


@settings(max_examples=30)
@given(digest_factories.digests())
def test_hostile_names_are_words_and_nothing_else(digest: Digest) -> None:
    html = render_html(digest, {1: "cid:chart"})
    assert encoded_size(html) <= MAX_BYTES
    document = lxml.html.document_fromstring(html)
    assert {element.tag for element in document.iter()} <= ELEMENTS
    assert all(re.match("https?://", link.get("href", "")) for link in document.iter("a"))
    assert {name for element in document.iter() for name in element.attrib} <= {
        *("lang", "charset", "name", "content", "style", "class", "role", "href"),
        *("cellpadding", "cellspacing", "width", "align", "src", "alt", "height"),
    }
    shown = words(html)
    whole = presenter.present_digest(digest)
    assert whole.headline in shown
    if " more " not in shown:
        for group in whole.groups.items:
            assert all(f"{line.old} → {line.new}" in shown and line.title in shown for line in group.lines.items)


def test_what_a_picture_shows_is_said_where_there_is_none() -> None:
    with_picture = lxml.html.document_fromstring(render_html(digest_factories.with_history(), {1: "cid:chart"}))
    (picture,) = with_picture.iter("img")
    assert picture.get("alt", "").startswith("Median salary: £60,000 from 1 Jun 2025, ")
    assert picture.get("width")
    assert picture.get("height")
    assert str(picture.get("alt")) in words(render_html(digest_factories.with_history()))


def test_a_notice_to_the_operator_says_nothing_of_pages() -> None:
    shown = words(render_html(digest_factories.notice()))
    assert "Note. The reason: every recipient was refused" in shown
    assert "Coverage" not in shown


OWN = "{% for group in digest.groups.items %}\n<p>{{ group.name }}: {{ group.NAME }}</p>\n{% endfor %}\n"


def test_a_template_of_ones_own_takes_the_place_of_the_projects(tmp_path: Path) -> None:
    (tmp_path / "digest.html.j2").write_text("<body>" + OWN.replace("NAME", "term"), encoding="utf-8")
    hostile = replace(
        digest_factories.sample(), groups=(SubjectSection(digest_factories.head("<b>"), (digest_factories.line(),)),)
    )
    assert "&lt;b&gt;, North West, permanent: &lt;b&gt;</p>" in render_html(hostile, templates=tmp_path)


def test_a_style_of_ones_own_is_written_onto_the_projects_elements(tmp_path: Path) -> None:
    (tmp_path / "digest.css").write_text("h1 { color: #123456 }", encoding="utf-8")
    (heading,) = lxml.html.document_fromstring(render_html(digest_factories.sample(), templates=tmp_path)).iter("h1")
    assert heading.get("style") == "color: #123456;"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (OWN.replace("NAME", "termm"), "line 2: 'alerts.render.view_models.GroupView object' has no attribute 'termm'"),
        ("<p>\n{{ digset.headline }}", "line 2: 'digset' is undefined"),
        ("<p>\n{% if digest.headline %}", "line 2: Unexpected end of template."),
        ("{{ digest.headline + 1 }}", "line 1: can only concatenate str"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("\n\n{% include 'nowhere.j2' %}", "line 3: there is no template nowhere.j2"),
        ("{{ digest.headline | shout }}", "line 1: No filter named 'shout'"),
    ],
)
def test_a_mistake_in_a_template_is_one_line_with_its_place(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "digest.html.j2").write_text(source, encoding="utf-8")
    with pytest.raises(DigestError) as caught:
        render_html(digest_factories.sample(), templates=tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'digest.html.j2'}, {said}")
    assert "\n" not in str(caught.value)


def test_a_style_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "digest.css").write_bytes(b"\xff")
    with pytest.raises(DigestError, match=r"digest\.css: UnicodeDecodeError"):
        render_html(digest_factories.sample(), templates=tmp_path)
