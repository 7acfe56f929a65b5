"""``jobspider init``: a configuration to start from, made of the project's own. Nothing is overwritten or fetched."""

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from alerts import config
from alerts.config import Config
from alerts.config.starter_project import SCRAPY_CFG, SCRAPY_CFG_NAME
from jobspider.commands import json_option, print_json
from jobspider.config import FILE_NAME, PLACEHOLDER_CONTACT, is_mail_address, parsed, validated
from jobspider.errors import UsageError
from jobspider.model import JobType
from jobspider.site import urls

_VALUE: Final = r'(?:"[^"]*"|\[[^\]]*\])'
_ANY: Final = ("any",)

Values = Mapping[str, str | Sequence[str]]
"""What the options say, by the keys of config.toml."""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--contact", metavar="E-MAIL", help="Your address; it is sent in the user agent.")
@click.option("--term", "terms", multiple=True, help="A role or skill to watch: 'backend developer'; again for more.")
@click.option("--region", "regions", multiple=True, help="Where to watch it: 'north west'; again for more.")
@click.option(
    "--job-type",
    "job_types",
    multiple=True,
    type=click.Choice([each.value for each in JobType]),
    help="What is advertised; again for both.",
)
@json_option
def command(folder: Path, *, as_json: bool, **asked: str | Sequence[str] | None) -> None:
    """Write a commented config.toml to start from into FOLDER, or into the current one.

    It is the configuration that this program comes with; the options fill in whom the site can write to and what is
    watched first. A scrapy.cfg beside it, unless there is one, makes the folder a project. Nothing that is there is
    overwritten.

    \b
    Examples:
      jobspider init --contact you@example.com
      jobspider init market --term "data engineer" --region london --region "north west"
    """
    text = _fill_template({key: value for key, value in asked.items() if value not in (None, ())})
    loaded = _validate_text(text)
    written = _write(folder, text)
    following = _next_steps(folder, loaded)
    if as_json:
        print_json({"written": [str(each) for each in written], "next": [*following]})
        return
    width = max(map(len, following))
    steps = [f"  {each:<{width}}  # {why}" for each, why in following.items()]
    click.echo("\n".join([f"Written: {' and '.join(map(str, written))}", "", "Next:", *steps]))


def _fill_template(values: Values) -> str:
    """Return the configuration that this program comes with, with values in the place of its examples.

    Raises:
        UsageError: A value cannot be one; or the file has been changed, in a checkout, so that its place is not found.
    """
    contact = str(values.get("contact", PLACEHOLDER_CONTACT))
    if not is_mail_address(contact):
        raise UsageError(f"--contact {contact!r}: an e-mail address is expected; it is sent in the user agent")
    for term in values.get("terms", _ANY):
        for region in values.get("regions", _ANY):
            urls.make_subject(JobType.PERMANENT, region, term)
    text = (files(config) / FILE_NAME).read_text(encoding="utf-8")
    for key, value in values.items():
        spelt = json.dumps(value, ensure_ascii=False)  # JSON's strings and lists are TOML's, where all is printable
        place = re.search(rf"^{key}\s*=\s*({_VALUE})", text, re.MULTILINE)
        if place is None:
            raise UsageError(f"the {FILE_NAME} of this installation has no {key} to fill in: leave that option out")
        text = text[: place.start(1)] + spelt + text[place.end(1) :]
    return text


def _validate_text(text: str) -> Config:
    """Have the program read what is about to be written, before anybody else sees it.

    Raises:
        ConfigError: With every mistake found.
    """
    path = Path(FILE_NAME)
    return validated(Config, parsed(text, path), path)


def _write(folder: Path, text: str) -> list[Path]:
    """Write what is not there yet, and return it.

    Raises:
        UsageError: There is a configuration already, or none can be written there.
    """
    path, project = folder / FILE_NAME, folder / SCRAPY_CFG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The configuration last: where it is, a further try is refused, so nothing may be missing beside it.
        parts = {} if os.path.lexists(path) else {project: SCRAPY_CFG, path: text}
        written = [each for each, content in parts.items() if _write_new(each, content)]
    except OSError as error:
        raise UsageError(f"{error.filename or path} cannot be written: {error.strerror}; name another folder") from None
    if path not in written:
        raise UsageError(f"{path} is there already: edit it, or name another folder")
    return written[::-1]


def _write_new(path: Path, text: str) -> bool:
    """Write a file, whole or not at all, and return whether it was written: what is there stays, a link too."""
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                path.unlink()
                raise
    except FileExistsError:
        return False
    return True


def _next_steps(folder: Path, loaded: Config) -> dict[str, str]:
    """Return the commands that come next, each with what it is for."""
    steps = {} if folder == Path() else {f"cd {shlex.quote(str(folder))}": "the commands find the file from there"}
    to_fill = "your address in [site] contact; " if loaded.site.contact == PLACEHOLDER_CONTACT else ""
    steps[f"$EDITOR {FILE_NAME}"] = f"{to_fill}what is watched, told, and to whom"
    steps["jobspider check"] = "is everything in place?"
    steps["jobspider run"] = "one cycle: crawl, compare, send what is due"
    return steps
