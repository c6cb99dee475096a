"""`contract`: write, mend and export contract files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.completion import contract_ids
from migration_lint.cli.output import FINDINGS, as_bytes, as_json, complain, print_text
from migration_lint.cli.usage import (
    CONFIG,
    CommandGroup,
    ExistingPath,
    FolderPath,
    OneOf,
    from_project,
    wrong_usage,
)
from migration_lint.errors import CannotJudge, Problem

if TYPE_CHECKING:
    from migration_lint.disk import File
    from migration_lint.writing.sync import FileChange, Synced

PROJECT = click.option(
    "--project", type=FolderPath(), default=Path(),
    help="The folder with the configuration.  [default: the current one]",
)  # fmt: skip
DATABASE = click.option(
    "--database-url", metavar="URL", envvar="MIGRATION_LINT_DATABASE_URL",
    help="Take the table from this database. Also from MIGRATION_LINT_DATABASE_URL.",
)  # fmt: skip


@click.group(cls=CommandGroup)
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
@click.option("--producer", metavar="SERVICE", multiple=True, help="Who writes it; none: nobody.")
@click.option("--consumer", metavar="SERVICE", multiple=True, help="Who reads it; none: nobody.")
@click.option("--code", metavar="[SERVICE=]FOLDER", multiple=True,
              help="Sources to take statements from, of all services or of one.")  # fmt: skip
@click.option("--directory", metavar="FOLDER", default="contracts", show_default=True, help="Where to write.")
@click.option("--database", metavar="NAME", help="Whose table it is, where several databases have it.")
@click.option("--statistics", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Only list who uses the table, by a dump of pg_stat_statements or a log.")  # fmt: skip
@DATABASE
@CONFIG
@PROJECT
def init(
    table: str,
    producer: tuple[str, ...],
    consumer: tuple[str, ...],
    code: tuple[str, ...],
    directory: str,
    database: str | None,
    statistics: Path | None,
    database_url: str | None,
    config: Path | None,
    project: Path,
) -> int:
    """Write the first contracts of a TABLE, one for each side that is named.

    They come from the migrations, or a database, and from the statements that the code holds; where there is
    no migration, from models and statements alone. What lies in a folder called like a service is that
    service's. A service that has a contract gets the table added to it.

    With --statistics nothing is written: who reads and writes which columns is listed against the contracts,
    by application name or role. Exit status 1: somebody uses what no contract of theirs declares.
    """
    if statistics is not None:
        if producer or consumer or code:
            raise wrong_usage("--statistics only lists who uses the table", "leave the other options out")
        return _observe(table, statistics, database, config, project)
    if not (producer or consumer):
        raise wrong_usage("neither side of the contract is named", "name --producer, --consumer or both")
    from migration_lint.report.progress import Progress
    from migration_lint.report.screen import visible
    from migration_lint.writing.init import init_contracts

    with Progress(sys.stderr, os.environ) as progress:
        made = init_contracts(
            project,
            table,
            producers=producer,
            consumers=consumer,
            directory=directory,
            code=code,
            database=database,
            database_url=database_url,
            environ=os.environ,
            config=from_project(config, project),
            progress=progress,
        )
    _write(made, project)
    for note in made.notes:
        print_text(f"note: {visible(note)}\n")
    print_text("read them through, then run migration-lint parity\n")
    return 0


def _observe(table: str, statistics: Path, database: str | None, config: Path | None, project: Path) -> int:
    from migration_lint.report.progress import Progress
    from migration_lint.report.screen import visible
    from migration_lint.writing.init import observe
    from migration_lint.writing.observed import is_new, lines

    with Progress(sys.stderr, os.environ) as progress:
        found = observe(
            project,
            table,
            statistics,
            database=database,
            environ=os.environ,
            config=from_project(config, project),
            progress=progress,
        )
    for line in lines(found, table, str(statistics)):
        print_text(f"{visible(line)}\n")
    if not found.parties:
        print_text(f"no statement in {visible(str(statistics))} uses {visible(table)}\n")
    return FINDINGS if is_new(found) else 0


@contract.command()
@click.option("--base", metavar="REF|DIR", help="What to compare with; found by default.")
@click.option("--from", "checkout", metavar="CHECKOUT", type=ExistingPath(),
              help="Take vendored files anew from this clone of the other repository.")  # fmt: skip
@click.option("--repository", metavar="URL", help="With --from: the address to pin.  [default: its origin]")
@click.option("--add", metavar="PATH[=HERE]", multiple=True, help="With --from: vendor this file too.")
@CONFIG
@click.option("--write", is_flag=True, help="Write the files; without it the patch is printed.")
@click.argument("project", type=FolderPath(), default=Path(), required=False)
def sync(
    base: str | None,
    checkout: Path | None,
    repository: str | None,
    add: tuple[str, ...],
    config: Path | None,
    write: bool,
    project: Path,
) -> int:
    """Mend contracts after a migration, or take vendored files anew.

    Prints a patch, and what only a person can write. Exit status 1: something is left to a person.
    """
    if checkout is None and (repository or add):
        raise wrong_usage(
            "--repository and --add say what to take from a clone", "name the clone with --from"
        )
    if checkout is not None and base is not None:
        raise wrong_usage(
            "--base is for mending contracts, and --from for vendored files", "leave one of them out"
        )
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
            made = sync_contracts(
                project,
                base=base,
                environ=os.environ,
                config=from_project(config, project),
                progress=progress,
            )
    if write:
        _write(made, project)
    else:
        from migration_lint.writing.patch import patch

        print_text(patch(made.changes))
    _say_left(made)
    return FINDINGS if made.left else 0


def _write(made: Synced, project: Path) -> None:
    """Write all files or none, each as a whole, and say which."""
    from migration_lint.disk import save

    files = [_file(change, made.project, project) for change in made.changes]
    save(files, make_folders=True)
    for file in files:
        print_text(f"{'wrote' if file.new else 'updated'} {file.said}\n")


def _file(change: FileChange, inside: str, project: Path) -> File:
    """One change as a file of the project on disk, with the line ends that it has there."""
    from migration_lint import disk

    path = change.path.removeprefix(f"{inside}/") if inside else change.path
    data = change.after.encode("utf-8", "surrogateescape")
    there = disk.held(project, path)
    if there is not None and change.before is None:
        raise CannotJudge(
            Problem("there is such a file already, which git ignores", path, fix="move it out of the way")
        )
    if change.before is not None and (there is None or not _same_lines(there, change.before)):
        raise CannotJudge(Problem("the file was changed while it was read", path, fix="run it again"))
    return disk.File(project, path, disk.with_line_ends_of(there, data), new=there is None)


def _same_lines(there: bytes, read: str) -> bool:
    return there.replace(b"\r\n", b"\n") == read.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n")


def _say_left(made: Synced) -> None:
    complain([Problem(sentence, path) for path, sentence in made.left])


@contract.command()
@click.argument("contract_id", metavar="ID", shell_complete=contract_ids)
@click.option("--format", "form", type=OneOf(["odcs", "json-schema"]), default="odcs", show_default=True)
@click.option("--column", metavar="TABLE.COLUMN", help="json-schema: whose payload.  [default: the only one]")
@click.option("--vectors", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Also write test vectors of every encoded column there.")  # fmt: skip
@CONFIG
@PROJECT
def export(
    contract_id: str, form: str, column: str | None, vectors: Path | None, config: Path | None, project: Path
) -> int:
    """Print the contract ID in another format.

    odcs: an Open Data Contract Standard document. json-schema: the schema of one column's payload, for the
    tests of a service in any language.
    """
    if column is not None and form != "json-schema":
        raise wrong_usage("--column says whose payload is printed", "add --format json-schema")
    from migration_lint import disk
    from migration_lint.writing.export import column_schema, find_contract, vector_files

    if vectors is not None:
        disk.check_folder(vectors)
    found, dialect = find_contract(project, contract_id, os.environ, from_project(config, project))
    if form == "json-schema":
        text = as_json(column_schema(found, column))
    else:
        from migration_lint.writing.odcs import odcs_text

        text = odcs_text(found, dialect)
    if vectors is not None:
        files = [
            disk.File(vectors, name, as_bytes(as_json(document))) for name, document in vector_files(found)
        ]
        disk.save(files, make_folders=True, fix="name another folder with --vectors")
        for file in files:
            click.echo(f"wrote {file.said}", err=True)
    print_text(text)
    return 0
