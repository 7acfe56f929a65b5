import json
import re
from dataclasses import replace
from itertools import chain
from typing import Any

from hypothesis import given, settings

from alerts.model.changes import Digest
from alerts.render.formats.slack import (
    MAX_BLOCKS,
    MAX_HEADER_LENGTH,
    MAX_SECTION_LENGTH,
    MAX_TOTAL_LENGTH,
    mark_as_repeat,
    render_slack,
)
from tests.support import digest_factories

# A longer text may become several messages, and one of 40,000 characters is cut (api.slack.com/changelog, April 2018).
MOST_IN_FALLBACK = 4000
LINK = re.compile(r"<https?://[^<>|]+\|[^<>]*>")


def texts(message: dict[str, Any]) -> list[str]:
    found = (block.get("elements", [block.get("text")]) for block in message["blocks"])
    return [each["text"] for each in chain.from_iterable(found)]


def assert_within_limits(message: dict[str, Any]) -> None:
    blocks = message["blocks"]
    assert 0 < len(blocks) <= MAX_BLOCKS
    assert len(blocks[0 if blocks[0]["type"] == "header" else 1]["text"]["text"]) <= MAX_HEADER_LENGTH
    assert all(0 < len(text) <= MAX_SECTION_LENGTH for text in texts(message))
    assert sum(map(len, texts(message))) <= MAX_TOTAL_LENGTH
    assert 0 < len(message["text"]) < MOST_IN_FALLBACK


def test_the_message_says_what_the_text_says() -> None:
    message = render_slack(digest_factories.sample())
    said = "\n".join(texts(message))
    for part in (
        "Backend Developer pay in the North West is up £2,500 to £62,500; 7 more changes",
        "<https://www.itjobswatch.co.uk/contracts/london/backend%20developer.do|Backend Developer, London, contract>",
        "▲ *Median salary*  £60,000 → *£62,500*  +£2,500 (+4.2 %)",
        "+8.7 % on the year · 116 pay quotes · clear change: all percentiles, 112 and 116 quotes",
        "*Now watching (1)*",
        "*Nearly there (1)*",
        "• _Cheshire £65,000 → £70,000, +£5,000 (+7.7 %) (few ads)_",
        "*Held back as possible chance (1)*",
        "12 pages watched: 4 with new figures, 6 unchanged, 1 could not be read, 1 not looked at.",
        "Source: IT Jobs Watch (www.itjobswatch.co.uk), CC BY-NC-SA 4.0",
    ):
        assert part in said
    assert message["text"].startswith("Backend Developer pay in the North West")  # type: ignore[attr-defined]


def test_a_quiet_message_and_one_that_could_not_look_differ_at_a_glance() -> None:
    blind = texts(render_slack(digest_factories.quiet(digest_factories.coverage(0, 0, (digest_factories.failure(),)))))
    assert any(text.startswith(":warning: *We could not look") for text in blind)
    assert not any(":warning:" in text for text in texts(render_slack(digest_factories.quiet())))


def test_a_possible_repeat_is_marked_on_top_and_in_the_fallback() -> None:
    plain, repeat = render_slack(digest_factories.sample()), mark_as_repeat(render_slack(digest_factories.sample()))
    assert texts(repeat)[0].startswith("Possible repeat")
    assert texts(repeat)[1:] == texts(plain)
    assert str(repeat["text"]).startswith("Possible repeat")


def test_too_many_subjects_are_cut_whole_and_counted() -> None:
    group = digest_factories.sample().groups[0]
    message = render_slack(replace(digest_factories.sample(), groups=(group,) * 60))
    said = "\n".join(texts(message))
    shown = said.count("*Median salary*")
    assert 5 < shown < 60
    assert said.count("*75th percentile salary*") == shown
    assert f"+ {60 - shown} more subjects, in the `changes` table of the database" in said
    assert_within_limits(message)


def test_names_cannot_mention_or_link() -> None:
    head = digest_factories.head("<!channel> & <https://evil.example|click>")
    digest = replace(digest_factories.quiet(), headline="<!here>", notes=("@everyone <@U1>",))
    line = digest_factories.line(digest_factories.change(of=head))
    message = render_slack(
        replace(digest, groups=(replace(digest_factories.sample().groups[0], snapshot=head, lines=(line,)),))
    )
    said = "\n".join(texts(message))
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;" in said
    assert "&lt;!here&gt;" in said
    assert '"verbatim": false' not in json.dumps(message)
    assert all(
        each["verbatim"]
        for block in message["blocks"]  # type: ignore[attr-defined]
        for each in block.get("elements", [block.get("text")])
        if each["type"] == "mrkdwn"
    )


def test_a_long_headline_is_never_cut_inside_an_entity() -> None:
    for length in range(20, 60):
        message = render_slack(replace(digest_factories.quiet(), headline="x" * length + "&" * 100))
        header = texts(message)[0]
        assert re.fullmatch(r"x+(&amp;)+…", header)


@settings(max_examples=60)
@given(digest_factories.digests())
def test_every_limit_holds_and_nothing_is_unescaped(digest: Digest) -> None:
    message = mark_as_repeat(render_slack(digest))
    assert_within_limits(message)
    for text in [*texts(message), str(message["text"])]:
        assert not re.search("[<>]", LINK.sub("", text))
        assert not re.search("&(?!amp;|lt;|gt;)", text)
    said = "\n".join(texts(message))
    told = sum(len(group.lines) for group in digest.groups)
    shown = len(re.findall(r"^[▲▼=] \*", said, re.MULTILINE))
    assert shown == told or (shown < told and re.search(r"^\+ [\d,]+ more (subject|change)", said, re.MULTILINE))
    json.dumps(message).encode()
