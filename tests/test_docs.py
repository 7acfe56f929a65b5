"""What the project says of itself is whole and true: its README, docs/, config.toml and --help against the code."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from alerts import config
from alerts.cli import jobspider
from alerts.config import Config
from jobspider import plan
from jobspider.errors import JobspiderError
from jobspider.model import CrawlResult

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "fixtures").glob("*.md")]
}
README = DOCUMENTS["README.md"]
# What a user reads; CHANGELOG.md and the records of decisions tell of the past.
GUIDE = "\n".join(
    text for name, text in DOCUMENTS.items() if name == "README.md" or re.fullmatch(r"docs/[A-Z]+\.md", name)
)
SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(*kinds: str) -> Iterator[tuple[str, str]]:
    """Return the fenced blocks of these kinds in every document, each with the document's name."""
    for name, text in DOCUMENTS.items():
        for kind, body in FENCE.findall(text):
            if kind in kinds:
                yield name, body


def shown_commands(program: str) -> list[str]:
    """Return the command lines of a program that the documents show, without comments and prompts."""
    lines = [line for _, body in blocks("console", "sh", "bash", "") for line in body.splitlines()]
    # A line of cron, or one that changes folder first, ends in the command itself.
    found = [re.search(rf"(?:^\$ |&& |^)(?:\.venv/bin/)?({program} .*)$", line) for line in lines]
    return [shlex.join(shlex.split(match[1], comments=True)).split(" '&&' ")[0] for match in found if match]


def keys(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Return every key of a configuration model and of those in it, each with the name of its section's class."""
    for name, field in model.model_fields.items():
        if not field.exclude:
            yield model.__name__, field.alias or name
            for inner in models_in(field.annotation):
                yield from keys(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


KEYS = sorted(set(keys(Config)))


def leaves(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Return every command that does something, by its whole name: ``crawl``, ``db backup``."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{above}{name} ")
        elif not command.hidden:
            yield f"{above}{name}", command


COMMANDS = dict(leaves(jobspider))
OPTIONS = sorted(
    {
        (name, parameter.opts[0])
        for name, command in COMMANDS.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }
)


# The configuration.


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_of_the_configuration_is_described(section: str, key: str) -> None:
    """As it is written in the file (``key =``, ``[key]``), or named in the guide (`` `key` ``)."""
    written = re.compile(rf"(?:^|[{{,#\s]){key}\s*=|\[\[?(?:\w+\.)?{key}\]", re.MULTILINE)
    toml = SHIPPED + "".join(body for _, body in blocks("toml"))
    assert written.search(toml) or re.search(rf"`\[*(?:\w+\.)*{key}\]*`", GUIDE), f"{section}.{key}"


@pytest.mark.parametrize("section", sorted({section for section, _ in KEYS} - {"Config"}))
def test_every_section_of_the_configuration_says_what_it_is(section: str) -> None:
    models = {model.__name__: model for model in all_models(Config)}
    assert (models[section].__doc__ or "").strip()


def all_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield from all_models(inner)


@pytest.mark.parametrize(("document", "body"), list(blocks("toml")))
def test_every_configuration_that_is_shown_is_in_order(tmp_path: Path, document: str, body: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(body, encoding="utf-8")
    assert config.load(path).folder == tmp_path.resolve(), document


# The command.


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_s_table(name: str) -> None:
    first, *rest = name.split()
    rows = re.findall(rf"^\| `jobspider {first}\b.*", README, re.MULTILINE)
    assert any(set(rest) <= set(re.findall(r"\w+", row)) for row in rows)


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_is_described(name: str, option: str) -> None:
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", GUIDE), f"jobspider {name} {option}"
    described = next(each for each in COMMANDS[name].params if option in each.opts)
    assert isinstance(described, click.Option)
    assert described.help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_s_help_carries_an_example_that_is_one(name: str) -> None:
    shown = CliRunner().invoke(jobspider, [*name.split(), "--help"], prog_name="jobspider")
    assert shown.exit_code == 0
    assert re.search(r"^\s*Examples?\b", shown.output, re.MULTILINE)
    examples = re.findall(
        rf"(?:^ *|&& |bin/)(jobspider {name}\b.*)$", shown.output.partition("Example")[2], re.MULTILINE
    )
    assert examples
    for example in examples:
        parses(example)


def test_the_command_itself_shows_first_steps_that_exist() -> None:
    shown = CliRunner().invoke(jobspider, ["--help"]).output
    steps = re.findall(r"^ *(jobspider \w+)\s\s", shown, re.MULTILINE)
    assert len(steps) >= 3
    for step in steps:
        assert step.split()[1] in jobspider.commands


@pytest.mark.parametrize("line", shown_commands("jobspider"))
def test_every_command_that_a_document_shows_can_be_given(line: str) -> None:
    parses(line)


def parses(line: str) -> None:
    """Have click read a command line as it would, without running the command."""
    words = shlex.split(line, comments=True)[1:]
    if words[0] in ("--help", "--version"):
        return
    length = 2 if isinstance(jobspider.commands.get(words[0]), click.Group) else 1
    name = " ".join(words[:length])
    assert name in COMMANDS, line
    COMMANDS[name].make_context(name, words[length:])


def test_documents_show_the_command() -> None:
    assert len(shown_commands("jobspider")) >= 3
    assert shown_commands("scrapy")
    assert shown_commands("make")


@pytest.mark.parametrize("line", shown_commands("scrapy"))
def test_every_scrapy_command_that_a_document_shows_names_its_pages_rightly(line: str) -> None:
    _, command, spider, *options = shlex.split(line)
    assert (command, spider in plan.SPIDERS) == ("crawl", True)
    arguments = [value for option, value in pairwise(options) if option == "-a"]
    if arguments:
        assert plan.plan_crawl(spider, Config(), dict(argument.split("=", 1) for argument in arguments))


@pytest.mark.parametrize("line", shown_commands("make"))
def test_every_make_target_that_a_document_shows_exists(line: str) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = [word for word in shlex.split(line)[1:] if "=" not in word]
    assert shown
    assert targets.issuperset(shown)


# Exit codes.


def exit_codes() -> dict[int, str]:
    """Return every exit code that the code can give, with where it comes from."""
    found = {verdict.exit_code: str(verdict) for verdict in CrawlResult} | {1: "a bug in this program"}
    kinds: list[type[JobspiderError]] = [JobspiderError]
    while kinds:
        kind = kinds.pop()
        found.setdefault(kind.exit_code, kind.__name__)
        kinds += kind.__subclasses__()
    return found


def test_every_exit_code_is_in_the_readme_s_table() -> None:
    described = {int(code) for code in re.findall(r"^\| `?(\d)`? \|", README, re.MULTILINE)}
    assert described == exit_codes().keys() == {0, 1, 2, 3, 4, 5}


def test_every_exit_code_is_in_the_help() -> None:
    shown = " ".join(CliRunner().invoke(jobspider, ["--help"]).output.split())
    said = re.search(r"Exit codes: (.*?)\.(?: [A-Z]|$)", shown)
    assert said
    assert {int(code) for code in re.findall(r"\b(\d) ", said[1])} == exit_codes().keys()


# Documents.


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_to_a_file_that_is_there(document: str) -> None:
    text = FENCE.sub("", DOCUMENTS[document])
    local = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target and target[0] != "#"]
    missing = [target for target in local if not (ROOT / document).parent.joinpath(target).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    text = FENCE.sub("", DOCUMENTS[document])
    named = re.findall(r"`((?:jobspider|alerts|tests|fixtures|benchmarks|docs)/[\w./-]*[\w/])`", text)
    missing = [path for path in named if not (ROOT / path).exists() and not list(ROOT.glob(f"{path}*"))]
    assert not missing


def test_the_source_and_its_licence_are_named() -> None:
    assert "IT Jobs Watch" in README
    assert "CC BY-NC-SA 4.0" in README
