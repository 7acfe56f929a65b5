"""docs/TEMPLATES.md lists what a template is given: all of it, and nothing else."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from alerts.render import templating, view_models

DOCUMENT = (Path(__file__).parents[3] / "docs" / "TEMPLATES.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_.0-9]+)`", DOCUMENT))
SHOWN = (view_models.DigestView, view_models.GroupView, view_models.WatchingView, view_models.LineView,
         view_models.ListView, view_models.EntryView,
         view_models.FailureView, view_models.TruncatedList)  # fmt: skip


@pytest.mark.parametrize("noun", SHOWN, ids=lambda noun: noun.__name__)
def test_everything_that_a_template_is_given_is_listed(noun: type) -> None:
    assert {field.name for field in fields(noun)} <= NAMED


def test_the_files_and_names_of_the_templates_are_listed() -> None:
    environment = templating._environment(None)
    assert set(templating.TEMPLATES) <= NAMED
    assert {"attribution", "site_url", "licence", "licence_url"} <= NAMED & environment.globals.keys()


def test_every_template_of_the_project_can_be_replaced() -> None:
    folder = Path(templating.__file__).parent / "templates"
    assert sorted(path.name for path in folder.iterdir()) == sorted(templating.TEMPLATES)


def test_every_template_comes_with_an_installation() -> None:
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    kept = project["tool"]["setuptools"]["package-data"]["alerts"]
    installed = {path for pattern in kept for path in (root / "alerts").glob(pattern)}
    templates = {path for path in (root / "alerts").rglob("templates/*") if path.is_file()}
    assert len(templates) > len(templating.TEMPLATES)
    assert templates <= installed
