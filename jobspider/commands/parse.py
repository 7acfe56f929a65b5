"""Command ``jobspider parse``: parse one saved page and print it as JSON."""

import sys
from pathlib import Path

import click

from jobspider import pages
from jobspider.commands import print_json, read_file
from jobspider.pages.json_document import document


@click.command("parse")
@click.argument("file", metavar="FILE")
@click.option("--url", required=True, help="URL that the page was saved from.")
def command(file: str, url: str) -> None:
    """Parse a saved role page or market index page and print it as a JSON document.

    FILE is an HTML file, or - for standard input. The document has the same format as an item of a Scrapy feed. If the
    figures of a page contradict each other, the command prints the document with its findings, and then the error.

    The command uses no network, configuration or database.

    \b
    Exit codes: 0 page accepted, 2 usage, 4 page not accepted (one line on stderr gives the reason).

    \b
    Example:
      jobspider parse page.html --url "https://www.itjobswatch.co.uk/jobs/north%20west/backend%20developer.do"
    """
    page = pages.read(sys.stdin.buffer.read() if file == "-" else read_file(Path(file)), url)
    print_json(document(page))
    pages.accept(page)
