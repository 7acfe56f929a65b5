"""docs/TEMPLATES.md lists what a template is given: all of it, and nothing else."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from alerts.render import templating, view

DOCUMENT = (Path(__file__).parents[3] / "docs" / "TEMPLATES.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_.0-9]+)`", DOCUMENT))
SHOWN = (view.DigestView, view.GroupView, view.WatchingView, view.LineView, view.ListView, view.EntryView,
         view.FailureView, view.Part)  # fmt: skip


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.__name__)
def test_everything_that_a_template_is_given_is_listed(shown: type) -> None:
    assert {field.name for field in fields(shown)} <= NAMED


def test_the_files_and_names_of_the_templates_are_listed() -> None:
    environment = templating._environment(None)
    assert set(templating.TEMPLATES) <= NAMED
    assert {"attribution", "site_url", "licence", "licence_url"} <= NAMED & environment.globals.keys()


def test_every_template_of_the_project_can_be_replaced() -> None:
    folder = Path(templating.__file__).parent / "templates"
    assert sorted(path.name for path in folder.iterdir()) == sorted(templating.TEMPLATES)
