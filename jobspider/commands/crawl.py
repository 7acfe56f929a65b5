"""``jobspider crawl``: fetch now, with progress, a summary and a true exit code."""

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.model import CrawlOutcome, CrawlVerdict, LedgerRow
from jobspider.spiders.plan import plan_roles


@click.command("crawl")
@click.option("--term", help="A role or skill as in the site's addresses: 'backend developer'.")
@click.option("--region", help="A region as in the site's addresses: 'north west'.")
@click.option("--job-type", type=click.Choice(["permanent", "contract"]), help="permanent if not given.")
@click.option("--window", type=click.Choice(["3", "6"]), help="Months; 6 if not given.")
@click.option("--url", help="A page's address, instead of the above.")
@config_option
@json_option
def command(config_name: str | None, *, as_json: bool, **asked: str | None) -> None:
    """Fetch and store every watched page, or the one that the options name.

    The exit code says how it went: 0 every page was read, 3 some were not, 4 none was, 5 interrupted.

    \b
    Examples:
      jobspider crawl
      jobspider crawl --term "backend developer" --region "north west" --job-type contract
    """
    arguments = {name: value for name, value in asked.items() if value is not None}
    loaded = config.load(config_path(config_name))
    planned = len(plan_roles(loaded, arguments))
    # Scrapy takes most of a second to import; the other commands need not wait for it.
    from jobspider.crawl import new_token, run_crawl  # noqa: PLC0415

    with _progress(quiet=as_json) as progress:
        task = progress.add_task("Fetching", total=planned)

        def on_page(row: LedgerRow) -> None:
            progress.advance(task)
            if not progress.console.is_terminal and not as_json:
                click.echo(f"{row.status:>14}  {row.url}", err=True)

        outcome = run_crawl(loaded, arguments, token=new_token(), on_page=on_page, log_level="ERROR")
    if as_json:
        print_json(summary(outcome))
    else:
        print_summary(outcome)
    raise SystemExit((outcome.verdict or CrawlVerdict.FAILED).exit_code)


def summary(outcome: CrawlOutcome) -> dict[str, object]:
    """Return a crawl's outcome for programs."""
    return {
        "token": outcome.token,
        "spider": outcome.spider,
        "started_at": outcome.started_at.isoformat(),
        "finished_at": outcome.finished_at and outcome.finished_at.isoformat(),
        "outcome": outcome.verdict,
        "planned": len(outcome.ledger),
        "pages": {status.value: count for status, count in outcome.counts.items()},
        "failed": [
            {"url": row.url, "status": row.status.value, "reason": row.reason}
            for row in outcome.ledger
            if not row.status.was_read
        ],
    }


def _progress(*, quiet: bool) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def print_summary(outcome: CrawlOutcome) -> None:
    """Print how a crawl went, and every page that was not read with its reason."""
    counts = ", ".join(f"{count} {status.value.replace('_', ' ')}" for status, count in outcome.counts.items())
    click.echo(f"{outcome.verdict}: {len(outcome.ledger)} planned: {counts}")
    for row in outcome.ledger:
        if not row.status.was_read:
            click.echo(f"  {row.status.value.replace('_', ' ')}: {row.url}: {row.reason or 'not asked yet'}")
