import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.render.sanitize import clean_text, safe_url
from tests.support.digest_factories import names

ANYTHING = names | st.text(st.characters(), max_size=60)


@given(ANYTHING, st.integers(1, 400))
def test_nothing_unseen_is_left_and_nothing_is_too_long(text: str, most: int) -> None:
    line = clean_text(text, most)
    assert len(line) <= most
    assert not [character for character in line if unicodedata.category(character).startswith("C")]
    assert line.splitlines() in ([], [line])
    line.encode()


@given(ANYTHING)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


def test_a_line_break_is_a_space_and_not_a_new_header() -> None:
    assert clean_text("a\r\nBcc: everyone\tnow") == "a Bcc: everyone now"


def test_marks_that_turn_text_around_are_taken_out() -> None:
    assert clean_text("\N{RIGHT-TO-LEFT OVERRIDE}Java\N{ZERO WIDTH SPACE}\x1b[31m") == "Java[31m"


def test_what_was_cut_says_so() -> None:
    assert clean_text("a" * 101) == "a" * 99 + "…"
    assert clean_text("a" * 100) == "a" * 100


@pytest.mark.parametrize("name", ["C#", ".NET", "C++", "Café", "R&D", "<b>", "開発者", "👩‍💻"[0]])
def test_names_of_this_world_are_kept(name: str) -> None:
    assert clean_text(name) == name


@pytest.mark.parametrize(
    "url",
    [
        "https://www.itjobswatch.co.uk/jobs/north%20west/.net.do?p=3",
        "https://www.itjobswatch.co.uk/jobs/uk/senior%20c++%20developer.do",
        "http://127.0.0.1:8000/jobs/uk/driver's%20mate%20(r&d).do",
    ],
)
def test_the_sites_addresses_are_links(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "/jobs/uk/java.do",
        "https://",
        "http://[::1",
        "https://x.example/a b",
        "https://x.example/a\nb",
        'https://x.example/"><script>',
        "https://x.example/a|b",
        "https://x.example/" + "a" * 300,
        "https://x.example/é",
    ],
)
def test_anything_else_is_no_link(url: str) -> None:
    assert safe_url(url) == ""
