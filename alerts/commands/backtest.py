"""``jobspider backtest``: what a digest would have told, by its rules or by others."""

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from alerts import wording
from alerts.commands import digest_config, open_context
from alerts.config import load_trial_rules
from alerts.digests.backtest import SHORTEST, Backtest, replay
from alerts.model.topics import Topic
from jobspider.commands import config_option, json_option, print_json
from jobspider.errors import UsageError
from jobspider.store.database import Database

_WIDTH: Final = 14


@click.command("backtest")
@click.option("--digest", "name", required=True, help="Which digest to replay.")
@click.option(
    "--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="From the first crawl on this day or later."
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A TOML file with [rules] and [noise] to try instead of the digest's own.",
)
@config_option
@json_option
def command(name: str, since: datetime, rules_file: Path | None, config_name: str | None, *, as_json: bool) -> None:
    """Replay what is stored through the real comparison: which digests would have been sent, with how many alerts.

    So one can choose thresholds before anybody is bothered by them. Nothing is sent and nothing is written. The first
    digest of the time says what is watched; everything later is compared with what it and its successors told.
    Over less than four weeks there is no rate of alerts: in JSON, alerts_a_subject_year is then null.

    \b
    Examples:
      jobspider backtest --digest weekly --since 2025-06-01
      jobspider backtest --digest weekly --since 2025-06-01 --rules other.toml --json
    """
    context = open_context(config_name)
    definition = digest_config(context, name)
    if rules_file is not None:
        if not rules_file.exists():
            raise UsageError(f"{rules_file}: no such file: name a TOML file with [rules] and [noise]")
        definition = load_trial_rules(rules_file, definition)
    with Database.open(context.config.database_path, read_only=True) as database:
        found = replay(database, context.config, definition, since.date())
    if as_json:
        print_json(_json_data(found))
    else:
        click.echo("\n".join(_text_lines(name, found)))


def _text_lines(name: str, found: Backtest) -> list[str]:
    if found.first is None or found.last is None:
        return ["Nothing to replay: no crawl of that time is stored."]
    time = f"{wording.format_date(found.first.date())} to {wording.format_date(found.last.date())}"
    digests = f"{wording.pluralize(len(found.sent), 'digest')} with news, {found.quiet} without"
    width = max([_WIDTH, *(len(topic) + 1 for topic in _topics(found))])
    lines = [
        f"{name}, {time}, {wording.pluralize(found.subjects, 'subject')}: {digests}",
        "",
        f"{'':{width}}{'told':>10}{'nearly':>10}{'held back':>12}",
    ]
    lines += [
        f"{topic:{width}}{found.reported[topic]:>10,}{found.below_threshold[topic]:>10,}{found.held_back[topic]:>12,}"
        for topic in _topics(found)
    ]
    lines += ["", *_rate(found)]
    lines += [f"{wording.format_date(each.at.date())}  {each.alerts:>4}  {each.headline}" for each in found.sent]
    return lines


def _rate(found: Backtest) -> list[str]:
    rate = found.alerts_a_subject_year
    if rate is not None:
        return [f"{rate:.1f} alerts a subject and year", ""]
    return [f"Less than {SHORTEST.days // 7} weeks: too short for a rate of alerts", ""] if found.is_too_short else []


def _topics(found: Backtest) -> list[Topic]:
    return sorted({*found.reported, *found.below_threshold, *found.held_back})


def _json_data(found: Backtest) -> dict[str, object]:
    return {
        "first": found.first and found.first.isoformat(),
        "last": found.last and found.last.isoformat(),
        "subjects": found.subjects,
        "quiet": found.quiet,
        "alerts_a_subject_year": found.alerts_a_subject_year,
        "topics": {
            topic: {
                "told": found.reported[topic],
                "nearly": found.below_threshold[topic],
                "held_back": found.held_back[topic],
            }
            for topic in _topics(found)
        },
        "sent": [{"at": each.at.isoformat(), "alerts": each.alerts, "headline": each.headline} for each in found.sent],
    }
