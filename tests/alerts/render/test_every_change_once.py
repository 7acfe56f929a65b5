"""Whatever the names are: every change stands exactly once in every rendering, or is counted in "+ N more"."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.changes import Digest, SubjectSection
from alerts.render.formats.csv_table import render_csv
from alerts.render.formats.html import render_html
from alerts.render.formats.json_data import digest_data
from alerts.render.formats.slack import render_slack
from alerts.render.formats.text import render_short_text, render_text
from tests.support import digest_factories

MARK = re.compile(r"mark-\d{5}")
MORE = re.compile(r"\+ ([\d,]+) more (subjects?|changes?)\b")


@st.composite
def marked(draw: st.DrawFn) -> tuple[Digest, Mapping[str, int]]:
    """Return a digest in which every told line has a name of its own, and to which group each belongs."""
    groups: list[SubjectSection] = []
    marks: dict[str, int] = {}
    for number in range(draw(st.sampled_from((1, 3, 40)))):
        head = replace(draw(digest_factories.heads()), subject_id=number)
        names = [f"mark-{len(marks) + each:05}" for each in range(draw(st.sampled_from((1, 2, 120))))]
        marks |= dict.fromkeys(names, number)
        groups.append(
            SubjectSection(head, tuple(digest_factories.line(digest_factories.skill(name, of=head)) for name in names))
        )
    return replace(digest_factories.sample(), groups=tuple(groups), headline="Many"), marks


def assert_once_or_counted(shown: str, marks: Mapping[str, int]) -> None:
    found = MARK.findall(shown)
    assert len(found) == len(set(found))
    groups = {marks[name] for name in found}
    told = shown.partition("Now watching")[0].partition("NOW WATCHING")[0]
    counted = {"subject": 0, "change": 0}
    for count, what in MORE.findall(told):
        counted[what.removesuffix("s")] += int(count.replace(",", ""))
    assert counted["subject"] == len(set(marks.values()) - groups)
    assert counted["change"] == sum(group in groups for group in marks.values()) - len(found)


@settings(max_examples=5)
@given(marked())
def test_every_change_stands_once_or_is_counted(made: tuple[Digest, Mapping[str, int]]) -> None:
    digest, marks = made
    (body,) = lxml.html.document_fromstring(render_html(digest)).iter("body")
    assert_once_or_counted(" ".join(" ".join(body.itertext()).split()), marks)
    blocks = render_slack(digest)["blocks"]
    assert_once_or_counted(json.dumps(blocks, ensure_ascii=False), marks)
    assert_once_or_counted(render_short_text(digest, 4000), marks)
    for whole in (render_text(digest), render_csv(digest), json.dumps(digest_data(digest))):
        assert MARK.findall(whole) == list(marks)
