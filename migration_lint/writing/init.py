"""`contract init`: the first contracts of a table, from its history or a database, and from code."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.check.input import Input, Progress, read_input
from migration_lint.contracts.model import Contract, ContractSet, Role, TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge, Problem
from migration_lint.store import Store, open_store
from migration_lint.wording import listed
from migration_lint.writing.draft import Draft, Seen, draft_text
from migration_lint.writing.sync import FileChange, Synced

NOBODY = "none"


def init_contracts(
    project: Path,
    table: str,
    *,
    producer: str,
    consumer: str,
    directory: str = "contracts",
    code: Sequence[str] = (),
    database_url: str | None = None,
    environ: Mapping[str, str],
    use_cache: bool = True,
    progress: Progress = lambda done, total: None,
) -> Synced:
    """The contract of each side of a table, drafted.

    `table` is a table, or schema.table; `producer` and `consumer` are services, or NOBODY. `code` are folders
    of sources, relative to the project. Raises CannotJudge where the table is not known, or a file is there
    already.
    """
    if producer == consumer == NOBODY:
        raise CannotJudge(Problem("a table that nobody writes and nobody reads needs no contract", table))
    store = open_store(environ) if use_cache else Store(None)
    given = read_input(project, None, None, True, environ, store, progress)
    catalog, found = _found(given, table, database_url)
    spelled = table if "." in table or found.schema in ("", given.settings.default_schema) else _full(found)
    seen = list(_seen(given, code, catalog, found)) if code else []
    sides: list[tuple[str, Role]] = [(producer, "producer"), (consumer, "consumer")]
    changes = [
        _change(given, directory, Draft(service, role, found, spelled, catalog, seen, others != NOBODY))
        for (service, role), others in zip(sides, (consumer, producer), strict=True)
        if service != NOBODY
    ]
    left = (
        () if not code or seen else (("", f"no statement on {spelled} was found in {listed(code, 'and')}"),)
    )
    return Synced(tuple(changes), left, given.change.project)


def _full(table: Table) -> str:
    return f"{table.schema}.{table.name}"


def _found(given: Input, table: str, database_url: str | None) -> tuple[Catalog, Table]:
    schema, _, name = table.rpartition(".")
    settings = given.settings
    if database_url is not None:
        from migration_lint.database import read_database

        asked = Contract("", "", "producer", "", 0, tables=(TableDeclaration(table, 0),))
        names = ContractSet((asked,), settings.default_schema, given.contracts.head.exact)
        catalogs = [read_database(database_url, names, settings).schema.catalog]
        where = "the database has"
    else:
        catalogs = [each.after for each in given.schemas]
        where = "the migrations make"
    for catalog in catalogs:
        found = catalog.table(schema or None, name)
        if found is not None:
            return catalog, found
    from migration_lint.parity.schema import near

    meant = near(name, (each.name for catalog in catalogs for _, each, _ in catalog.names()))
    raise CannotJudge(
        Problem(
            f"{where} no table {table}",
            fix=f"did you mean {meant}?" if meant else "name a table as the migrations call it",
        )
    )


def _change(given: Input, directory: str, draft: Draft) -> FileChange:
    path = posixpath.normpath(posixpath.join(given.change.project, directory, f"{draft.id}.yaml"))
    taken = given.contracts.head.by_id(draft.id)
    if path in given.change.head.files() or taken is not None:
        there = path if taken is None else taken.path
        raise CannotJudge(
            Problem(
                f"there is a contract {draft.id} already",
                there,
                taken.line if taken else 0,
                fix=f"add {draft.spelled} to its tables, or name another service",
            )
        )
    text = draft_text(draft)
    parse_contract(_encoded(text), path)  # a draft that is not valid is a defect of ours, and no file
    return FileChange(path, None, text)


def _encoded(text: str) -> bytes:
    """A draft's bytes. Raises CannotJudge for a name that no file can hold: half of a pair of surrogates."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line = " ".join(text[text.rfind("\n", 0, error.start) + 1 :].partition("\n")[0].split())
        message = f"no contract can say `{line}`: {text[error.start]!r} is no character"
        fix = "correct the name where it comes from: an argument, a migration or the code"
        raise CannotJudge(Problem(message, fix=fix)) from None


def _seen(given: Input, folders: Sequence[str], catalog: Catalog, table: Table) -> Iterator[Seen]:
    """The statements on a table that the sources in some folders hold."""
    from migration_lint.sources import scan

    tree: Tree = given.change.head
    prefix = f"{given.change.project}/" if given.change.project else ""
    wanted = TableName(table.schema, table.name)
    for folder in folders:
        inside = posixpath.normpath(posixpath.join(given.change.project, folder))
        known = catalog.columns_as_written()
        for source in scan(tree, "" if inside == "." else inside, given.settings.dialect, known=known):
            for statement in source.statements:
                for use in statement.uses:
                    schema, _, name = use.table.rpartition(".")
                    used = TableName(schema or given.settings.default_schema, name)
                    if used != wanted or use.kind not in ("insert", "select", "update") or use.unresolved:
                        continue
                    yield Seen(
                        source.path.removeprefix(prefix),
                        statement.symbol,
                        use.kind,
                        tuple(dict.fromkeys((*use.columns, *use.updated))),
                        use.conflict or (),
                        use.conflict_where,
                    )
