import re

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.changes import Digest
from alerts.render import presenter
from alerts.render.formats.text import render_short_text, render_text
from tests.support import digest_factories


def squashed(text: str) -> str:
    return " ".join(text.split())


def test_the_text_is_complete_and_in_order() -> None:
    text = render_text(digest_factories.sample())
    headings = (
        "Backend Developer pay in the North West is up £2,500 to £62,500; 7 more",
        "weekly digest, 24 Nov 2025",
        "Note: IT Jobs Watch restated",
        "Backend Developer, North West, permanent",
        "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do",
        "▲ Median salary  £60,000 → £62,500  +£2,500 (+4.2 %)",
        "  Places that moved on too few ads to judge:\n  - Cheshire £65,000 → £70,000, +£5,000 (+7.7 %) (few ads)\n",
        "Backend Developer, London, contract",
        "NOW WATCHING",
        "NEARLY THERE",
        "HELD BACK AS POSSIBLE CHANCE (1)",
        "COVERAGE",
        "- Not read: Backend Developer, City of London, contract: not found on the site",
        "- Not looked at: Backend Developer, Midlands, permanent",
        "Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0",
    )
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert text.endswith("/by-nc-sa/4.0/\n")


def test_a_quiet_text_is_short_and_has_no_empty_parts() -> None:
    text = render_text(digest_factories.quiet())
    assert not re.search("NOW WATCHING|NEARLY|HELD BACK", text)
    assert "\n\n\n" not in text
    assert len(text.splitlines()) < 15


@settings(max_examples=40)
@given(digest_factories.digests())
def test_every_line_is_told_and_every_name_is_harmless(digest: Digest) -> None:
    text = render_text(digest)
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]*", text)
    shown = presenter.present_digest(digest)
    flat = squashed(text)
    for group in shown.groups.items:
        assert group.name in flat
        for line in group.lines.items:
            assert f"{line.title} {line.old} → {line.new} {line.moved}" in flat
            assert squashed("; ".join(line.facts)) in flat
    assert flat.count("Not read: ") >= len(digest.coverage.failed if digest.coverage else ())


def test_how_a_figure_came_about_is_said_in_words() -> None:
    text = squashed(render_text(digest_factories.with_history()))
    assert "Median salary: £60,000 from 1 Jun 2025, £60,625 from 13 Jul 2025" in text
    assert "last seen 23 Nov 2025" in text


def test_a_notice_to_the_operator_is_about_no_page() -> None:
    text = render_text(digest_factories.notice())
    assert text.startswith("It could not be delivered\n=")
    assert "notice to the operator, 24 Nov 2025" in text
    assert "Note: The reason: every recipient was refused" in text
    assert not re.search("COVERAGE|watched|digest", text)


@settings(max_examples=12)
@given(digest_factories.digests(), st.integers(20, 4000))
def test_a_short_text_is_as_short_as_asked_and_counts_what_it_leaves_out(digest: Digest, most: int) -> None:
    text = render_short_text(digest, most)
    assert 0 < len(text) <= most
    whole = presenter.present_digest(digest)
    if len(render_text(digest)) <= most:
        assert text == render_text(digest)
    elif text.endswith("by-nc-sa/4.0/\n"):
        shown = sum(f"\n{group.name}\n--" in text for group in whole.groups.items)
        counted = re.search(r"\+ (\d+) more subjects?$", text.partition("NOW WATCHING")[0], re.MULTILINE)
        assert shown or not whole.groups.count or counted
