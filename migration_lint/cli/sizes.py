"""`sizes`: how large the tables of a running database are, as a file to commit."""

from __future__ import annotations

import click

from migration_lint.cli.output import as_json, print_text
from migration_lint.cli.parity import URL_VARIABLE
from migration_lint.cli.usage import wrong_usage


@click.command()
@click.option(
    "--database-url",
    metavar="URL",
    envvar=URL_VARIABLE,
    help=f"The database to measure. Also from {URL_VARIABLE}.",
)
@click.option(
    "--during",
    type=click.FloatRange(min=0.1, max=3600),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="For how long writes are counted.",
)
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of such a file instead.")
def sizes(database_url: str | None, during: float, json_schema: bool) -> int:
    """Print how large the tables of a database are, and how often they are written.

    Kept as migration-lint.sizes.yaml, it makes estimates of what takes long.
    """
    from migration_lint.sizes import document

    if json_schema:
        print_text(as_json(document.json_schema()))
        return 0
    if not database_url:
        raise wrong_usage("no database is named", f"add --database-url URL, or set {URL_VARIABLE}")
    from migration_lint.database.measure import measure

    found = measure(database_url, during)
    print_text(document.write_sizes(found.document, found.left_out))
    return 0
