"""Command ``jobspider export``: write the stored figures as files for other tools."""

from pathlib import Path

import click

from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.export.writer import FORMATS, Format, export
from jobspider.store.database import Database


@click.command("export")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True, help="File format.")
@click.option(
    "--to", required=True, metavar="DIR", type=click.Path(path_type=Path), help="New directory. It must not exist."
)
@config_option
@json_option
def command(config_name: str | None, format_: Format, to: Path, *, as_json: bool) -> None:
    """Write all stored figures as CSV, JSON Lines or Parquet.

    The command creates the directory DIR with five tables, a data dictionary (datapackage.json) and the attribution. It
    only reads the database and uses no network. Parquet files are partitioned by job type and month of the as-of date;
    they need the extra "parquet".

    \b
    Exit codes: 0 done, 2 DIR exists or pyarrow is missing, 4 the database or DIR cannot be used.

    \b
    Examples:
      jobspider export --to export
      jobspider export --format parquet --to market
    Query the second one in DuckDB:
      SELECT * FROM read_parquet('market/snapshots/*/*/*.parquet', hive_partitioning = true)
    """
    with Database.open(config.load(config_path(config_name)).database_path, read_only=True) as database:
        row_counts = export(database, format_, to)
    if as_json:
        print_json({"to": str(to), "format": format_, "rows": row_counts})
    else:
        click.echo(f"{to}: " + ", ".join(f"{count:,} {name}" for name, count in row_counts.items()))
