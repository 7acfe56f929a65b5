"""Command ``jobspider save-page``: turn one page into a test case."""

from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json, read_file
from jobspider.commands.page_cases import SavedCase, SourcePage, fetch_page, load_stored_page, write_case
from jobspider.errors import UsageError
from jobspider.model import CrawlResult
from jobspider.site.attribution import LICENCE


@click.command("save-page")
@click.argument("source", metavar="URL|FILE")
@click.option("--as", "name", required=True, metavar="NAME", help="Name of the case, for example north-west-2026-01.")
@click.option("--url", help="URL that FILE was saved from.")
@click.option(
    "--to",
    "root",
    type=click.Path(path_type=Path),
    default=Path("fixtures/pages"),
    show_default=True,
    help="Directory of the test cases.",
)
@config_option
@json_option
def command(source: str, name: str, url: str | None, root: Path, config_name: str | None, *, as_json: bool) -> None:
    """Write a page as a test case: page.html, meta.toml and a proposed expected.json.

    A page given by its URL is taken from the database, including quarantined pages. If the database does not have it,
    the command sends one request to the configured site, with the rules of every crawl, and does not store the page.

    The tests fail until a person has compared expected.json with the page and has set "reviewed" in meta.toml. A page
    that is not accepted is written as well.

    \b
    Exit codes: 0 written, 2 usage, 3 written but the page is not accepted, 4 there is no page to save.

    \b
    Examples:
      jobspider save-page "https://www.itjobswatch.co.uk/jobs/uk/java.do" --as permanent-uk-java-2026-01
      jobspider save-page page.html --url "https://www.itjobswatch.co.uk/jobs/uk/java.do" --as permanent-uk-java
    """
    case = write_case(root, name, _source_page(source, url, config_name))
    if as_json:
        print_json(_case_to_json(case))
    else:
        click.echo(_case_to_text(case))
    raise SystemExit((CrawlResult.PARTIAL if case.rejection else CrawlResult.COMPLETE).exit_code)


def _source_page(source: str, url: str | None, config_name: str | None) -> SourcePage:
    if not source.startswith(("http://", "https://")):
        if url is None:
            raise UsageError(f"{source}: the URL of the page is missing: give it with --url")
        return SourcePage(url, read_file(Path(source)), "page as it was served, from a file")
    if url is not None:
        raise UsageError("--url is only for a file: leave it out, because the first argument is a URL")
    loaded = config.load(config_path(config_name))
    return load_stored_page(loaded, source) or fetch_page(loaded, source)


def _case_to_json(case: SavedCase) -> dict[str, object]:
    return {
        "folder": str(case.folder),
        "has_expectation": case.has_expectation,
        "refused": case.rejection or None,
    }


def _case_to_text(case: SavedCase) -> str:
    lines = [f"Written: {case.folder}"]
    if case.rejection:
        lines.append(f"The page is not accepted: {case.rejection}")
    if case.has_expectation:
        lines.append(
            "Compare every figure of expected.json with the page, then set `reviewed = true` in meta.toml."
            " The tests fail until then."
        )
    else:
        lines.append("No expected.json: run this command again when the parser supports the page. The tests fail now.")
    lines.append(f"The page contains text of IT Jobs Watch, licensed {LICENCE}: see LICENSE.md of the fixtures.")
    return "\n".join(lines)
