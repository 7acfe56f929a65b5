"""``jobspider parse``: a saved page as data."""

import sys
from pathlib import Path

import click

from jobspider import pages
from jobspider.commands import print_json
from jobspider.errors import UsageError
from jobspider.pages.json_document import document


@click.command("parse")
@click.argument("file", metavar="FILE")
@click.option("--url", required=True, help="The address that the page was saved from.")
def command(file: str, url: str) -> None:
    """Print a saved page, of a role, a skill or the market index, as the JSON document that a feed holds.

    FILE is an HTML file, or - for standard input. The exit code is 0 if the page is accepted; 4 if it is not, and then
    one line says why (a page whose figures contradict each other is printed all the same, with its findings).

    \b
    Example:
      jobspider parse page.html --url "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
    """
    page = pages.read(_read(file), url)
    print_json(document(page))
    pages.accept(page)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
