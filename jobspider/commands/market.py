"""Commands ``jobspider movers`` and ``jobspider discover``: evaluate the stored market indexes.

Input: the options and the configured database. Output: text or JSON on stdout. Both commands only read: they send no
requests and write nothing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, get_args

import click

from jobspider import config
from jobspider.commands import Command, config_option, config_path, json_option, print_json
from jobspider.commands.text_tables import format_table
from jobspider.errors import StoreError, UsageError
from jobspider.model import Market, MarketRow, Subject, to_json_number
from jobspider.pages.market_lists import Mover, MoverMetric, find_movers
from jobspider.site import urls
from jobspider.site.attribution import ATTRIBUTION
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore

_DATE: Final = click.DateTime(["%Y-%m-%d"])


def _index_options(command: Command) -> Command:
    """Add the options that select an index."""
    options: list[Callable[[Command], Command]] = [
        click.option("--region", required=True, help="Region as in the site's URLs, for example 'london'."),
        click.option(
            "--job-type", type=click.Choice(["permanent", "contract"]), default="permanent", show_default=True,
            help="Type of the advertised jobs.",
        ),
        click.option(
            "--window", type=click.Choice(["3", "6"]), default="6", show_default=True, help="Window length in months."
        ),
        click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Maximum number of terms."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("movers")
@_index_options
@click.option(
    "--by",
    "metric",
    type=click.Choice(get_args(MoverMetric)),
    default="rank",
    show_default=True,
    help="Figure to compare.",
)
@click.option("--from", "since", type=_DATE, help="Earlier date. Default: the newest stored date before --to.")
@click.option("--to", "until", type=_DATE, help="Later date. Default: the newest stored date.")
@config_option
@json_option
def movers_command(
    config_name: str | None,
    *,
    metric: MoverMetric,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    **index_options: Any,
) -> None:
    """List the terms of a market that moved most between two dates of its stored index.

    A date is the last day of a window. If the index of a date is not stored, the command uses the nearest earlier date
    and prints a note. It compares only terms that are in both indexes, because stored indexes may be truncated.

    The command reads only the database.

    \b
    Exit codes: 0 done, 2 usage, 4 no stored index fits.

    \b
    Example:
      jobspider movers --region london --by median --from 2025-11-01
    """
    market = _selected_market(index_options)
    with Database.open(config.load(config_path(config_name)).database_path, read_only=True) as database:
        indexes = MarketIndexStore(database)
        new_date = _select_date(indexes, market, until and until.date())
        old_date = _select_date(indexes, market, since and since.date(), before=new_date)
        old, new = indexes.rows(market, old_date), indexes.rows(market, new_date)
    movers = find_movers(old, new, metric)[: index_options["top"]]
    notes = [*_date_notes("--from", since, old_date, new_date), *_date_notes("--to", until, new_date, date.max)]
    if as_json:
        for note in notes:
            click.echo(note, err=True)
        moves = [_mover_to_json(mover) for mover in movers]
        print_json({"from": old_date.isoformat(), "to": new_date.isoformat(), "by": metric, "moves": moves})
        return
    compared = len(old.keys() & new.keys())
    click.echo(f"{_market_title(market)}, {old_date} to {new_date}, by {metric}; {compared} terms compared")
    for note in notes:
        click.echo(f"  {note}")
    click.echo(_movers_to_text(movers, metric) if movers else "  nothing moved")
    click.echo(ATTRIBUTION)


@click.command("discover")
@_index_options
@click.option("--category", help="Category of the terms, for example 'Programming Languages'. Default: all.")
@config_option
@json_option
def discover_command(config_name: str | None, *, category: str | None, as_json: bool, **index_options: Any) -> None:
    """Propose a [[watch]] for config.toml: the top terms of a market that are not watched yet.

    The terms come from the newest stored index of the market. The command takes a term's category from the stored
    pages that list the term, so more stored pages give more terms per category.

    The command reads only the database; it does not change config.toml.

    \b
    Exit codes: 0 done, 2 usage or unknown category, 4 no index is stored.

    \b
    Example:
      jobspider crawl market --region london --pages 4
      jobspider discover --region london --category "Programming Languages" --top 10
    """
    market = _selected_market(index_options)
    loaded = config.load(config_path(config_name))
    with Database.open(loaded.database_path, read_only=True) as database:
        indexes = MarketIndexStore(database)
        as_of = _select_date(indexes, market, None)
        rows = indexes.rows(market, as_of)
        if category is not None:
            rows = _rows_in_category(indexes, category, rows)
    watched = set(loaded.subjects())
    subjects = {urls.parse_subject_url(row.url): row for row in rows.values()}
    unwatched = [(subject, row) for subject, row in subjects.items() if subject not in watched]
    proposed = dict(unwatched[: index_options["top"]])
    if as_json:
        print_json({"as_of": as_of.isoformat(), "terms": [_term_to_json(*item) for item in proposed.items()]})
    elif proposed:
        click.echo(_watch_to_toml(market, as_of, proposed))
    else:
        click.echo(f"# every stored term of {_market_title(market)} is watched")


def _selected_market(options: Mapping[str, Any]) -> Market:
    return urls.make_market(options["job_type"], options["region"], int(options["window"]))


def _select_date(indexes: MarketIndexStore, market: Market, limit: date | None, before: date | None = None) -> date:
    """Return the newest stored date that is not after ``limit`` and is earlier than ``before``."""
    dates = indexes.dates(market)
    for stored in dates:  # the newest first
        if (limit is None or stored <= limit) and (before is None or stored < before):
            return stored
    if not dates:
        options = f"--region {json.dumps(market.region)} --job-type {market.job_type} --window {market.window_months}"
        raise StoreError(f"no index of {_market_title(market)} is stored: run jobspider crawl market {options}")
    raise StoreError(
        f"no earlier index of {_market_title(market)} is stored: choose from these dates: {', '.join(map(str, dates))}"
    )


def _date_notes(option: str, requested: datetime | None, used: date, before: date) -> list[str]:
    """Return a note if the comparison uses another date than the requested one."""
    if requested is None or requested.date() == used:
        return []
    limit = min(requested.date(), before)
    return [f"{option} {requested.date()}: compared with {used}, the nearest stored date before {limit}"]


def _rows_in_category(indexes: MarketIndexStore, category: str, rows: Mapping[str, MarketRow]) -> dict[str, MarketRow]:
    names = indexes.terms_in_category(category)
    if not names:
        known = ", ".join(indexes.categories()) or "none yet, crawl some pages first"
        raise UsageError(f"no stored page has the category {category!r}: known categories are {known}")
    return {name: row for name, row in rows.items() if name.lower() in names}


def _market_title(market: Market) -> str:
    return f"{market.job_type} jobs in {urls.region_display_name(market.region)} ({market.window_months} months)"


def _movers_to_text(movers: Sequence[Mover], metric: MoverMetric) -> str:
    rows = [
        ("", _move_text(mover, metric), f"{mover.new.name} (rank {mover.new.rank}, {mover.new.vacancies} ads)")
        for mover in movers
    ]
    return format_table(rows, "<<<")


def _move_text(mover: Mover, metric: MoverMetric) -> str:
    if metric == "rank":
        return f"{mover.size:+} places: {mover.old.rank} to {mover.new.rank}"
    if metric == "vacancies":
        return f"{mover.size:+} ads: {mover.old.vacancies:,} to {mover.new.vacancies:,}"
    return f"{mover.size:+.1f}%: £{mover.old.median:,} to £{mover.new.median:,}"


def _mover_to_json(mover: Mover) -> dict[str, object]:
    size = to_json_number(mover.size)
    figures = {
        key: [to_json_number(getattr(row, key)) for row in (mover.old, mover.new)]
        for key in ("rank", "median", "vacancies")
    }
    return {"name": mover.new.name, "url": mover.new.url, "size": size if size is None else round(size, 2), **figures}


def _term_to_json(subject: Subject, row: MarketRow) -> dict[str, object]:
    return {"term": subject.term, "name": row.name, "url": row.url, "rank": row.rank, "vacancies": row.vacancies}


def _watch_to_toml(market: Market, as_of: date, proposed: Mapping[Subject, MarketRow]) -> str:
    # A JSON string is a valid TOML string here: the characters in which they differ cannot be part of a term.
    terms = [
        f"    {json.dumps(subject.term, ensure_ascii=False)},  # {row.name}: rank {row.rank}, {row.vacancies:,} ads"
        for subject, row in proposed.items()
    ]
    return "\n".join(
        [
            f"# Top terms of {_market_title(market)} as of {as_of}. {ATTRIBUTION}",
            "[[watch]]",
            "terms = [",
            *terms,
            "]",
            f"regions = [{json.dumps(market.region)}]",
            f'job_types = ["{market.job_type}"]',
            f"windows = [{market.window_months}]",
        ]
    )
