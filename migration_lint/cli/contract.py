"""`contract`: write, mend and export contract files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.output import FINDINGS, as_json, complain, print_text, save
from migration_lint.errors import CannotJudge, Problem

if TYPE_CHECKING:
    from migration_lint.writing.sync import Synced

PROJECT = click.option(
    "--project", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(),
    help="The folder with the configuration.  [default: the current one]",
)  # fmt: skip
DATABASE = click.option(
    "--database-url", metavar="URL", envvar="MIGRATION_LINT_DATABASE_URL",
    help="Take the table from this database. Also from MIGRATION_LINT_DATABASE_URL.",
)  # fmt: skip


@click.group()
def contract() -> None:
    """Write, mend and export contract files."""


@contract.command()
def schema() -> int:
    """Print the JSON Schema of contract files, for editors."""
    from migration_lint.contracts.schema import json_schema

    print_text(as_json(json_schema()))
    return 0


@contract.command()
@click.argument("table")
@click.option("--producer", metavar="SERVICE", required=True, help="Who writes it; none: nobody.")
@click.option("--consumer", metavar="SERVICE", required=True, help="Who reads it; none: nobody.")
@click.option("--code", metavar="FOLDER", multiple=True, help="Sources to take statements from.")
@click.option("--directory", metavar="FOLDER", default="contracts", show_default=True, help="Where to write.")
@DATABASE
@PROJECT
def init(
    table: str,
    producer: str,
    consumer: str,
    code: tuple[str, ...],
    directory: str,
    database_url: str | None,
    project: Path,
) -> int:
    """Write the first contracts of a TABLE, one for each side.

    They come from the migrations, or a database, and from the statements that the code holds.
    """
    from migration_lint.report.progress import Progress
    from migration_lint.writing.init import init_contracts

    with Progress(sys.stderr, os.environ) as progress:
        made = init_contracts(
            project,
            table,
            producer=producer,
            consumer=consumer,
            directory=directory,
            code=code,
            database_url=database_url,
            environ=os.environ,
            progress=progress,
        )
    _write(made, project)
    _say_left(made)
    print_text("read them through, then run migration-lint parity\n")
    return 0


@contract.command()
@click.option("--base", metavar="REF|DIR", help="What to compare with; found by default.")
@click.option("--from", "checkout", metavar="CHECKOUT", type=click.Path(exists=True, path_type=Path),
              help="Take vendored files anew from this clone of the other repository.")  # fmt: skip
@click.option("--repository", metavar="URL", help="With --from: the address to pin.  [default: its origin]")
@click.option("--add", metavar="PATH[=HERE]", multiple=True, help="With --from: vendor this file too.")
@click.option("--write", is_flag=True, help="Write the files; without it the patch is printed.")
@click.argument(
    "project", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), required=False
)
def sync(
    base: str | None,
    checkout: Path | None,
    repository: str | None,
    add: tuple[str, ...],
    write: bool,
    project: Path,
) -> int:
    """Mend contracts after a migration, or take vendored files anew.

    Prints a patch, and what only a person can write. Exit status 1: something is left to a person.
    """
    if checkout is None and (repository or add):
        raise click.UsageError("--repository and --add say what to take --from a clone: name it.")
    if checkout is not None and base is not None:
        raise click.UsageError("--base is for mending contracts, and --from for vendored files: name one.")
    from migration_lint.writing.sync import sync_contracts, sync_vendored

    if checkout is not None:
        from migration_lint.vendoring.refresh import destination

        pairs = [
            (there, here or destination(there)) for there, _, here in (each.partition("=") for each in add)
        ]
        made = sync_vendored(project, checkout, repository=repository, add=pairs, environ=os.environ)
    else:
        from migration_lint.report.progress import Progress

        with Progress(sys.stderr, os.environ) as progress:
            made = sync_contracts(project, base=base, environ=os.environ, progress=progress)
    if write:
        _write(made, project)
    else:
        from migration_lint.writing.patch import patch

        print_text(patch(made.changes))
    _say_left(made)
    return FINDINGS if made.left else 0


def _write(made: Synced, project: Path) -> None:
    """Write every file, each as a whole or not at all, and say which."""
    for change in made.changes:
        within = change.path.removeprefix(f"{made.project}/") if made.project else change.path
        target = project / within
        if not os.path.realpath(target).startswith(os.path.realpath(project) + os.sep):
            raise CannotJudge(
                Problem("this leads out of the project", str(target), fix="see where its folders are")
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        save(target, change.after.encode("utf-8", "surrogateescape"))
        print_text(f"{'wrote' if change.before is None else 'updated'} {target}\n")


def _say_left(made: Synced) -> None:
    complain([Problem(sentence, path) for path, sentence in made.left])


@contract.command()
@click.argument("contract_id", metavar="ID")
@click.option(
    "--format", "form", type=click.Choice(["odcs", "json-schema"]), default="odcs", show_default=True
)
@click.option("--column", metavar="TABLE.COLUMN", help="json-schema: whose payload.  [default: the only one]")
@click.option("--vectors", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Also write test vectors of every encoded column there.")  # fmt: skip
@PROJECT
def export(contract_id: str, form: str, column: str | None, vectors: Path | None, project: Path) -> int:
    """Print the contract ID in another format.

    odcs: an Open Data Contract Standard document. json-schema: the schema of one column's payload, for the
    tests of a service in any language.
    """
    if column is not None and form != "json-schema":
        raise click.UsageError("--column says whose payload --format json-schema prints.")
    from migration_lint.writing.export import column_schema, find_contract, vector_files

    found, dialect = find_contract(project, contract_id, os.environ)
    if form == "json-schema":
        print_text(as_json(column_schema(found, column)))
    else:
        from migration_lint.writing.odcs import odcs_text

        print_text(odcs_text(found, dialect))
    for name, document in vector_files(found) if vectors is not None else ():
        assert vectors is not None
        vectors.mkdir(parents=True, exist_ok=True)
        save(vectors / name, as_json(document))
        click.echo(f"wrote {vectors / name}", err=True)
    return 0
