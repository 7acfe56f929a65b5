"""``jobspider save-page``: a page as a case for the tests."""

from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.commands.page_cases import SavedCase, SourcePage, fetch_page, load_stored_page, write_case
from jobspider.errors import UsageError

_DONE, _IN_PART = 0, 3


@click.command("save-page")
@click.argument("source", metavar="URL|FILE")
@click.option("--as", "name", required=True, metavar="NAME", help="The case's folder: north-west-2026-01.")
@click.option("--url", help="The address that FILE was saved from.")
@click.option(
    "--to",
    "root",
    type=click.Path(path_type=Path),
    default=Path("fixtures/pages"),
    show_default=True,
    help="Where the cases are.",
)
@config_option
@json_option
def command(source: str, name: str, url: str | None, root: Path, config_name: str | None, *, as_json: bool) -> None:
    """Make a page into a case for the tests: the page, what is known of it, and the document that reading it gives.

    A page of the site is taken from the database if it keeps one, quarantined or not; else the configured site is asked
    for it as in a crawl, and nothing is stored. The tests fail until a person has compared expected.json with the page
    and says so in meta.toml. A page that is not accepted is written all the same, with exit code 3.

    \b
    Examples:
      jobspider save-page "https://www.itjobswatch.co.uk/jobs/uk/java.do" --as permanent-uk-java-2026-01
      jobspider save-page page.html --url "https://www.itjobswatch.co.uk/jobs/uk/java.do" --as permanent-uk-java
    """
    saved = write_case(root, name, _found(source, url, config_name))
    if as_json:
        print_json(
            {"folder": str(saved.folder), "has_expectation": saved.has_expectation, "refused": saved.refused or None}
        )
    else:
        _print(saved)
    raise SystemExit(_IN_PART if saved.refused else _DONE)


def _found(source: str, url: str | None, config_name: str | None) -> SourcePage:
    if not source.startswith(("http://", "https://")):
        if url is None:
            raise UsageError(f"{source}: say with --url which address it was saved from")
        return SourcePage(url, _read(Path(source)), "page as it was served, out of a file")
    if url is not None:
        raise UsageError("--url goes with a file; a page of the site has its address already")
    loaded = config.load(config_path(config_name))
    return load_stored_page(loaded, source) or fetch_page(loaded, source)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _print(saved: SavedCase) -> None:
    click.echo(f"Written: {saved.folder}")
    if saved.refused:
        click.echo(f"The page is not accepted: {saved.refused}")
    if saved.has_expectation:
        click.echo(
            "Compare expected.json with the page, figure by figure, then write `reviewed = true` in meta.toml;"
            " the tests fail until then."
        )
    else:
        click.echo("There is no expected.json: when the parser can read the page, run this again; the tests fail now.")
    click.echo("The page holds prose of IT Jobs Watch, licensed CC BY-NC-SA 4.0: see LICENSE.md of the fixtures.")
