"""``jobspider export``: the figures as files for other tools."""

from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.export.writer import FORMATS, Format, export
from jobspider.store.database import Database


@click.command("export")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True, help="The format.")
@click.option(
    "--to", required=True, metavar="DIR", type=click.Path(path_type=Path), help="A folder that is not there yet."
)
@config_option
@json_option
def command(config_name: str | None, format_: Format, to: Path, *, as_json: bool) -> None:
    """Write every snapshot as CSV, JSON Lines or Parquet, with a data dictionary and the attribution.

    Parquet is split by job type and as-of month, for DuckDB, Spark or ClickHouse; it needs the extra "parquet".

    \b
    Examples:
      jobspider export --to export
      jobspider export --format parquet --to market
    and then in DuckDB:
      SELECT * FROM read_parquet('market/snapshots/*/*/*.parquet', hive_partitioning = true)
    """
    with Database.open(config.load(config_path(config_name)).database_path, read_only=True) as database:
        counted = export(database, format_, to)
    if as_json:
        print_json({"to": str(to), "format": format_, "rows": counted})
    else:
        click.echo(f"{to}: " + ", ".join(f"{count:,} {name}" for name, count in counted.items()))
