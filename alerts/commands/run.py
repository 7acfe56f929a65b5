"""``jobspider run``: one whole cycle, for cron."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from alerts.commands import delivery_status_line, open_context
from alerts.commands.schedule import log_options
from alerts.service.event_log import configure_logging
from alerts.service.service import CycleReport, Service
from jobspider.commands import config_option, json_option, print_json
from jobspider.commands.crawl import summary_to_json, summary_to_text
from jobspider.model import CrawlResult


@click.command("run")
@log_options
@config_option
@json_option
def command(config_name: str | None, log_format: str, log_file: Path | None, *, as_json: bool) -> None:
    """Crawl everything that is watched, then send every digest that is due: one cycle, for cron.

    A digest with hours of its own ("mon 07:30") is sent by the first run after its hour. The exit code is the crawl's
    (0 complete, 3 partial, 4 failed, 5 interrupted), and 3 or 4 if a digest could not be delivered; such a digest is
    kept and tried again by the next run.

    \b
    Example, in a crontab:
      45 6 * * *  cd /srv/jobspider && .venv/bin/jobspider run
    """
    signal.signal(signal.SIGTERM, _interrupt)
    context = open_context(config_name)
    if log_file or log_format == "json":
        configure_logging(as_json=log_format == "json", file=log_file)
    report = Service(context).cycle()
    if as_json:
        print_json(_json_data(report))
    else:
        click.echo(summary_to_text(report.crawl))
        if report.market:
            click.echo(summary_to_text(report.market))
        for delivery in report.conclusion.deliveries:
            click.echo(delivery_status_line(delivery))
    sys.exit(report.exit_code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C, so that the crawl's process is told and what it has is kept."""
    raise SystemExit(CrawlResult.INTERRUPTED.exit_code)


def _json_data(report: CycleReport) -> dict[str, object]:
    return {
        "crawl": summary_to_json(report.crawl),
        "market": report.market and summary_to_json(report.market),
        "deliveries": [
            {"digest": each.digest_name, "channel": each.channel, "state": each.state, "reason": each.reason}
            for each in report.conclusion.deliveries
        ],
    }
