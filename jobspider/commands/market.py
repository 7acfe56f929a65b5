"""``jobspider movers`` and ``jobspider discover``: what market indexes tell. Nothing is fetched."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, get_args

import click

from jobspider import config
from jobspider.commands import Command, config_option, config_path, json_option, print_json
from jobspider.errors import StoreError, UsageError
from jobspider.model import Market, MarketRow, Subject
from jobspider.pages.market_lists import Mover, MoverMetric, find_movers
from jobspider.site import urls as addresses
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore

_ATTRIBUTION: Final = "Source: IT Jobs Watch, CC BY-NC-SA 4.0"
_DATE: Final = click.DateTime(["%Y-%m-%d"])


def _index_options(command: Command) -> Command:
    """Give a command the options that name an index."""
    options: list[Callable[[Command], Command]] = [
        click.option("--region", required=True, help="A region as in the site's addresses: 'london'."),
        click.option(
            "--job-type", type=click.Choice(["permanent", "contract"]), default="permanent", show_default=True,
            help="What is advertised.",
        ),
        click.option(
            "--window", type=click.Choice(["3", "6"]), default="6", show_default=True, help="Months that it covers."
        ),
        click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Show so many terms."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("movers")
@_index_options
@click.option(
    "--by", type=click.Choice(get_args(MoverMetric)), default="rank", show_default=True, help="What has moved."
)
@click.option("--from", "since", type=_DATE, help="The earlier date; else the stored one before --to.")
@click.option("--to", "until", type=_DATE, help="The later date; else the newest that is stored.")
@config_option
@json_option
def movers_command(
    config_name: str | None,
    *,
    by: MoverMetric,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show the biggest moves in a market between two dates of its stored index.

    A date is the last day of the window that the figures cover. Where an index is stored of other dates only, the
    nearest earlier one is taken, and a line says so. A term that is not on both lists is not compared: they are cut.

    \b
    Example:
      jobspider movers --region london --by median --from 2025-11-01
    """
    market = addresses.make_market(asked["job_type"], asked["region"], int(asked["window"]))
    with Database.open(config.load(config_path(config_name)).database_path, read_only=True) as database:
        stored = MarketIndexStore(database)
        new_date = _stored_date(stored, market, until and until.date())
        old_date = _stored_date(stored, market, since and since.date(), before=new_date)
        old, new = stored.rows(market, old_date), stored.rows(market, new_date)
    found = find_movers(old, new, by)[: asked["top"]]
    notes = [*_taken("--from", since, old_date, new_date), *_taken("--to", until, new_date, date.max)]
    if as_json:
        click.echo("".join(f"{note}\n" for note in notes), nl=False, err=True)
        print_json(
            {"from": old_date.isoformat(), "to": new_date.isoformat(), "by": by, "moves": list(map(_as_data, found))}
        )
        return
    click.echo(f"{_title(market)}, {old_date} to {new_date}, by {by}; {len(old.keys() & new.keys())} terms compared")
    click.echo("".join(f"  {note}\n" for note in notes), nl=False)
    for move in found:
        click.echo(f"  {_told(move, by):<42}{move.new.name} (rank {move.new.rank}, {move.new.vacancies} ads)")
    if not found:
        click.echo("  nothing moved")
    click.echo(_ATTRIBUTION)


@click.command("discover")
@_index_options
@click.option("--category", help="Only terms of this category: 'Programming Languages'.")
@config_option
@json_option
def discover_command(config_name: str | None, *, category: str | None, as_json: bool, **asked: Any) -> None:
    """Propose a [[watch]] for config.toml: the most sought terms of a market that are not watched yet.

    The terms come from the newest stored index of the market, spelt as in the links to their pages. Which of them
    belong to a category is known from the stored pages that list them under it, so the more pages are stored, the more
    terms of a category are known. The site is not asked for its index of one category: what it shows could not be told
    from the index of all.

    \b
    Example:
      jobspider crawl market --region london --pages 4
      jobspider discover --region london --category "Programming Languages" --top 10
    """
    market = addresses.make_market(asked["job_type"], asked["region"], int(asked["window"]))
    loaded = config.load(config_path(config_name))
    with Database.open(loaded.database_path, read_only=True) as database:
        stored = MarketIndexStore(database)
        as_of = _stored_date(stored, market, None)
        rows = stored.rows(market, as_of)
        if category is not None:
            rows = _in_category(stored, category, rows)
    watched = set(loaded.subjects())
    found = {of: row for row in rows.values() if (of := addresses.parse_subject_url(row.url)) not in watched}
    proposed = dict(list(found.items())[: asked["top"]])
    if as_json:
        print_json(
            {
                "as_of": as_of.isoformat(),
                "terms": [
                    {"term": of.term, "name": row.name, "url": row.url, "rank": row.rank, "vacancies": row.vacancies}
                    for of, row in proposed.items()
                ],
            }
        )
    elif proposed:
        click.echo(_watch(market, as_of, proposed))
    else:
        click.echo(f"# every term of {_title(market)} that is stored is watched")


def _stored_date(stored: MarketIndexStore, market: Market, asked: date | None, before: date | None = None) -> date:
    """Return the newest stored date, not after the one asked for and earlier than ``before``."""
    dates = stored.dates(market)
    fitting = [each for each in dates if (asked is None or each <= asked) and (before is None or each < before)]
    if fitting:
        return fitting[0]
    if not dates:
        named = f"--region {json.dumps(market.region)} --job-type {market.job_type} --window {market.window_months}"
        raise StoreError(f"no index is stored of {_title(market)}: run jobspider crawl market {named}")
    known = ", ".join(map(str, dates))
    raise StoreError(f"of {_title(market)} there is no index of another, earlier date: stored are {known}")


def _taken(option: str, asked: datetime | None, used: date, before: date) -> list[str]:
    """Say which date is compared, where it is another than the one asked for."""
    if asked is None or asked.date() == used:
        return []
    return [f"{option} {asked.date()}: {used} is compared, the nearest stored date before {min(asked.date(), before)}"]


def _in_category(stored: MarketIndexStore, category: str, rows: Mapping[str, MarketRow]) -> dict[str, MarketRow]:
    names = stored.terms_in_category(category)
    if not names:
        known = ", ".join(stored.categories()) or "none yet: crawl some pages first"
        raise UsageError(f"no stored page names the category {category!r}: known are {known}")
    return {name: row for name, row in rows.items() if name.lower() in names}


def _title(market: Market) -> str:
    return f"{market.job_type} jobs in {addresses.region_display_name(market.region)} ({market.window_months} months)"


def _told(move: Mover, by: MoverMetric) -> str:
    if by == "rank":
        return f"{move.size:+} places: {move.old.rank} to {move.new.rank}"
    if by == "vacancies":
        return f"{move.size:+} ads: {move.old.vacancies:,} to {move.new.vacancies:,}"
    return f"{move.size:+.1f}%: £{move.old.median:,} to £{move.new.median:,}"


def _as_data(move: Mover) -> dict[str, object]:
    return {
        "name": move.new.name, "url": move.new.url, "size": _number(move.size),
        **{
            key: [_number(getattr(move.old, key)), _number(getattr(move.new, key))]
            for key in ("rank", "median", "vacancies")
        },
    }  # fmt: skip


def _number(figure: int | Decimal | None) -> int | float | None:
    if figure is None or isinstance(figure, int):
        return figure
    return int(figure) if figure == figure.to_integral_value() else round(float(figure), 2)


def _watch(market: Market, as_of: date, proposed: Mapping[Subject, MarketRow]) -> str:
    lines = [
        f"# The most sought of {_title(market)} as of {as_of}. {_ATTRIBUTION}",
        "[[watch]]",
        "terms = [",
        *(
            # JSON's strings are TOML's, but for characters that no slug has.
            f"    {json.dumps(of.term, ensure_ascii=False)},  # {row.name}: rank {row.rank}, {row.vacancies:,} ads"
            for of, row in proposed.items()
        ),
        "]",
        f"regions = [{json.dumps(market.region)}]",
        f'job_types = ["{market.job_type}"]',
        f"windows = [{market.window_months}]",
    ]
    return "\n".join(lines)
