"""Check that parsing any body returns a page or raises a PageError, in linear time."""

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobspider.errors import PageError
from jobspider.model import MarketPage, RolePage
from jobspider.pages import accept
from jobspider.pages import read as read_any
from jobspider.pages.json_document import document
from tests.support.saved_pages import CONTRACT, INDEXES, LONDON, PERMANENT, SAVED, THIN, SavedPage

pages = st.sampled_from([CONTRACT, THIN, PERMANENT])
NASTY_BYTES = (
    *(
        b"<",
        b">",
        b"&",
        b"\0",
        b"\xa3",
        b"\xff\xfe",
        b"</table>",
        b"<table>",
        b"<tr>",
        b"<td>",
        b"</td>",
        b"</html>",
    ),
    *(b"9" * 5_000, b"1,", b"%", b"-", b"&#163;", b"&#xD800;", b"&#0;", b"<!--", b"<script>", b"<b>" * 400),
    *("\N{ARABIC-INDIC DIGIT ONE}".encode(), "\N{SUPERSCRIPT TWO}".encode(), b"\x1e", b"\x1f"),
    *(b"http://[", b'<img src="http://[/charts/">', b"6 months to 1 Jan 2025", b"Same period 0000", b"e9", b"NaN"),
)
NASTY = st.sampled_from(NASTY_BYTES)


def read(body: bytes | str, saved: SavedPage) -> RolePage | MarketPage | None:
    """Parse and audit a body, and convert an accepted page to JSON. Return ``None`` if it is rejected."""
    message = None
    try:
        page = accept(read_any(body, saved.url))
    except PageError as error:
        message = str(error)
    if message is not None:
        assert message.startswith(saved.url)
        assert "\n" not in message
        return None
    document(page)
    return page


@settings(max_examples=80)
@given(body=st.one_of(st.binary(max_size=400), st.text(max_size=400)))
def test_read_random_bytes_are_rejected(body: bytes | str) -> None:
    assert read(body, CONTRACT) is None


@settings(max_examples=250)
@given(saved=pages, data=st.data())
def test_read_changed_bytes_parses_or_raises_page_error(saved: SavedPage, data: st.DataObject) -> None:
    body = bytearray(saved.body)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        length = data.draw(st.sampled_from([0, 1, 1, 2, 30, 500]))
        body[at : at + length] = data.draw(st.one_of(NASTY, st.binary(max_size=8)))
    read(bytes(body), saved)


@settings(max_examples=150)
@given(saved=pages, data=st.data())
def test_read_hostile_cell_parses_or_raises_page_error(saved: SavedPage, data: st.DataObject) -> None:
    """Random positions mostly hit markup; this test changes the text of a cell."""
    parts = saved.body.split(b"<td")
    cell = data.draw(st.integers(1, len(parts) - 1))
    tag, _, rest = parts[cell].partition(b">")
    parts[cell] = tag + b">" + data.draw(st.one_of(NASTY, st.text(max_size=12).map(_as_bytes))) + rest
    read(b"<td".join(parts), saved)


MUTATIONS = 5_000
PART = re.compile(rb"<[^>]*>|[^<]+")


def mutated(body: bytes, chance: Random) -> bytes:
    """Change a page at one to three boundaries between tags and texts."""
    parts = PART.findall(body)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(parts))
        match chance.randrange(6):
            case 0:
                del parts[at : at + chance.choice((1, 2, 10, 200))]
            case 1:
                parts[at:at] = parts[at : at + chance.choice((1, 3, 30))]
            case 2:
                parts[at] = chance.choice(NASTY_BYTES)
            case 3:
                parts.insert(at, chance.choice(NASTY_BYTES))
            case 4:
                other = chance.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
            case _:
                parts[at] = bytes(chance.sample(parts[at], len(parts[at])))
    return b"".join(parts)


def test_read_mutated_page_parses_or_raises_page_error() -> None:
    chance = Random(4)  # noqa: S311 - not used for cryptography
    saved = [*SAVED, *INDEXES]
    outcomes = Counter(read(mutated(page.body, chance), page) is None for page in chance.choices(saved, k=MUTATIONS))
    assert outcomes[True] > MUTATIONS // 3
    assert outcomes[False] > MUTATIONS // 10


HEADER = (
    b"<!DOCTYPE html><html><body><table><tr><td></td><td>6 months to 1 Jan 2025</td><td>Same period 2024</td>"
    b"<td>Same period 2023</td></tr>"
)


@pytest.mark.parametrize("saved", [CONTRACT, LONDON], ids=lambda saved: saved.name)
@pytest.mark.parametrize(
    "filling",
    [
        *(b"<td>1", b"<p>x", b"<div>", b"<b>", b"<table>", b"<tr><td>1</td><td>2</td></tr>", b"<a href=x>y", b"<!--"),
        *(b"<tr><td>1</td><td>7 (1.00%)</td><td>SQL</td></tr>", b"<img src=/charts/>", b"a &gt; b ", b'<p a="'),
        b"<tr><td>Rank 6 months to 1 Jan 2025</td><td>Description</td></tr>",
    ],
)
def test_read_largest_repetitive_page_is_rejected_in_linear_time(filling: bytes, saved: SavedPage) -> None:
    """An algorithm with quadratic time would take minutes here."""
    body = HEADER + filling * ((500_000 - len(HEADER)) // len(filling)) + b"</body></html>"
    assert read(body, saved) is None


@pytest.mark.parametrize(
    ("before", "trap"),
    [
        (b"<p>The median", b"<p>The median " + b"salary " * 20_000 + b"</p>"),
        (b"<h2 ", b"<h2>" + b"top 30 related " * 20_000 + b"</h2>"),
        (b"<h2 ", b"<h2>" + b"related skills " * 20_000 + b"</h2>"),
    ],
)
def test_read_text_against_backtracking_takes_linear_time(before: bytes, trap: bytes) -> None:
    """Without a limit for the length of matched text, each case takes minutes."""
    body = CONTRACT.body.replace(before, trap + before, 1)
    assert body != CONTRACT.body
    assert read(body, CONTRACT) == read(CONTRACT.body, CONTRACT)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
