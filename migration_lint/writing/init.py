"""`contract init`: the first contracts of a table, from its history or a database, and from code."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from migration_lint import disk
from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.check.databases import Part
from migration_lint.check.input import Input, read_input
from migration_lint.check.parity import State, head_state
from migration_lint.check.schema import Progress
from migration_lint.contracts.model import Contract, ContractSet, Role, TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import no_such_database
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings import Settings
from migration_lint.settings.globs import matching
from migration_lint.store import Store, open_store
from migration_lint.vendoring import Pin, VendoringLock, read_lock
from migration_lint.wording import did_you_mean, listed, near
from migration_lint.writing.addition import with_table
from migration_lint.writing.draft import Draft, draft_text, encoded
from migration_lint.writing.known import Known, columns_of, keys_of, needs_of
from migration_lint.writing.owners import not_told_apart, own_statements
from migration_lint.writing.seen import Code, CodePlace, Seen, read_code
from migration_lint.writing.sync import FileChange, Synced, Written

if TYPE_CHECKING:
    from migration_lint.writing.observed import Observed

NOBODY = "none"


class _Request(NamedTuple):
    """What is asked for, and what it is made from."""

    given: Input
    directory: str  # relative to the project, POSIX
    table: TableName
    spelled: str
    known: Known
    lock: VendoringLock | None
    names: ContractSet  # the contracts about the database that has the table
    part: Part | None  # that database
    database: str  # its name, where a contract has to say it


def init_contracts(
    project: Path,
    table: str,
    *,
    producers: Sequence[str] = (),
    consumers: Sequence[str] = (),
    directory: str = "contracts",
    code: Sequence[str] = (),
    database: str | None = None,
    database_url: str | None = None,
    environ: Mapping[str, str],
    config: str | None = None,
    use_cache: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> Synced:
    """The contract of each side of a table, drafted, or added to the contract that the service has.

    `table` is a table, or schema.table; `producers` and `consumers` are services, or NOBODY; none for a side
    whose contract is written elsewhere. `code` are folders of sources, relative to the project, each with its
    service where that is said (`worker=jobs`); `database` is whose table it is, where several have one.
    Raises CannotJudge where the table is not known, or is in several and none is named, a folder is not there
    or shows nothing of it, or a contract has it already.
    """
    asked: tuple[tuple[Sequence[str], Role], ...] = ((producers, "producer"), (consumers, "consumer"))
    sides = [
        (service, role) for named, role in asked for service in dict.fromkeys(named) if service != NOBODY
    ]
    if not sides:
        raise CannotJudge(Problem("a table that nobody writes and nobody reads needs no contract", table))
    for service, role in sides:
        _check_name(service, role)
    store = open_store(environ) if use_cache else Store(None)
    given = read_input(project, None, "worktree", True, environ, store, progress, config=config)
    request = _request(given, project, table, directory, code, database, database_url)
    notes = list(request.known.notes)
    services = _services(request, sides)
    drafts: list[Draft] = []
    for service, role in sides:
        others = consumers if role == "producer" else producers
        draft, said = _draft(request, service, role, services, NOBODY not in others)
        drafts.append(draft)
        notes += said
        request = request._replace(known=_with_draft(request, draft))
    notes += _undivided(request, drafts, services)
    notes += _left_out(request, drafts)
    if any(draft.bound for draft in drafts):
        from migration_lint.writing.agreeing import agreeing

        held = agreeing(drafts, partial(_contract, request), _state(request), given.change.project)
        drafts = list(held.drafts)
        notes += held.notes
    changes = [_change(request, draft) for draft in drafts]
    notes += _out_of_sight(given, changes)
    return Synced(tuple(changes), (), given.change.project, tuple(dict.fromkeys(notes)))


def observe(
    project: Path,
    table: str,
    statistics: Path,
    *,
    database: str | None = None,
    environ: Mapping[str, str],
    config: str | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Observed:
    """Who reads and writes a table by a file of statistics, against the contracts. Nothing is written.

    Raises CannotJudge where the table is in several databases and none is named, or the file shows nothing.
    """
    from migration_lint.writing.observed import Known as Against
    from migration_lint.writing.observed import observed

    store = open_store(environ)
    given = read_input(project, None, "worktree", True, environ, store, progress, config=config)
    part, _ = _whose(given, table, database)
    settings = given.settings if part is None else part.settings
    names = given.contracts.head if part is None else part.contracts.head
    schema, _, name = table.rpartition(".")
    wanted = TableName(schema or settings.default_schema, name)
    catalogs = [each.after for each in (given.schemas if part is None else part.schemas)]
    columns = {key: each for catalog in catalogs for key, each in catalog.columns_as_written().items()}
    if catalogs and not any(catalog.table(schema or None, name) for catalog in catalogs):
        raise _unknown(table, catalogs, None)
    return observed(statistics, Against(wanted, settings.dialect, columns, names))


def _services(request: _Request, sides: Sequence[tuple[str, Role]]) -> list[str]:
    """All services that are known: those that are asked for, and those that have contracts."""
    having = (contract.service for contract in request.given.contracts.head.contracts)
    return list(dict.fromkeys((*(service for service, _ in sides), *having)))


def _with_draft(request: _Request, draft: Draft) -> Known:
    """What is known once a side is drafted: the other side may take its word for a type."""
    contract = _contract(request, draft)
    return request.known._replace(contracts=(*request.known.contracts, (contract, contract.tables[-1])))


def _contract(request: _Request, draft: Draft) -> Contract:
    """A draft as a contract of its own."""
    path = posixpath.normpath(posixpath.join(request.given.change.project, request.directory, draft.id))
    return parse_contract(encoded(draft_text(draft)), f"{path}.yaml")


def _state(request: _Request) -> tuple[State, Settings]:
    """What drafts are held against, as `parity` does, with the contracts that there are."""
    given, part = request.given, request.part
    if part is None:
        return State(given.change.head, request.names, None), given.settings
    return head_state(given.change.head, request.names, part.schemas), part.settings


def _undivided(request: _Request, drafts: Sequence[Draft], services: Sequence[str]) -> Iterator[str]:
    """The services whose code lies in the same folders, and what each was therefore given."""
    asked = list(dict.fromkeys(draft.service for draft in drafts))
    told: dict[tuple[str, ...], list[str]] = {}
    for does, role in (("writes", "producer"), ("reads", "consumer")):
        seen = [each for each in request.known.code.seen if _role(each) == role]
        mixed = not_told_apart(seen, asked, services)
        mine = [draft for draft in drafts if draft.role == role and draft.service in mixed]
        given = [draft.id for draft in mine if draft.bound]
        if given:
            has = "has" if len(given) == 1 else "have"
            said = f"{listed(given, 'and')} {has} all that {does} {request.known.spelled} there"
            told.setdefault(tuple(mixed), []).append(said)
    for together, haves in told.items():
        yield (
            f"folders do not tell {listed(together, 'and')} apart: {listed(haves, 'and')}; take out what is "
            "another's, or name a folder of each with --code SERVICE=FOLDER"
        )


def _role(seen: Seen) -> Role:
    return "consumer" if seen.statement == "select" else "producer"


def _left_out(request: _Request, drafts: Sequence[Draft]) -> Iterator[str]:
    """Statements that are in no draft, though somebody might take them to be."""
    bound = {(each.path, each.line, each.statement) for draft in drafts for each in draft.bound}
    left = [each for each in request.known.code.seen if (each.path, each.line, each.statement) not in bound]
    for path in dict.fromkeys(each.path for each in left):
        mine = [each for each in left if each.path == path]
        does = [word for word, kinds in (("writes", ("insert", "update", "delete")), ("reads", ("select",)))
                if any(each.statement in kinds for each in mine)]  # fmt: skip
        lines = listed((str(each.line) for each in mine[:4]), "and")
        verbs, options = listed(does, "and"), " or ".join(map(_option, does))
        yield (
            f"{path} {verbs} {request.known.spelled}, too (line {lines}), which is in no contract: "
            f"name its service with {options}"
        )


def _option(does: str) -> str:
    return "--producer" if does == "writes" else "--consumer"


def _check_name(service: str, role: str) -> None:
    if " " in service or not all(map(disk.is_plain_name, (service, f"{service}.{role}.yaml"))):
        raise CannotJudge(
            Problem(
                f"{service[:80]!r} cannot be the name of a file, as a contract's is",
                f"--{role}",
                fix="name the service by letters, digits, dots and dashes",
            )
        )


def _request(
    given: Input,
    project: Path,
    table: str,
    directory: str,
    code: Sequence[str],
    database: str | None,
    database_url: str | None,
) -> _Request:
    within = _directory(directory, project)
    part, stated = (None, "") if database_url is not None else _whose(given, table, database)
    change, settings = given.change, given.settings if part is None else part.settings
    names = given.contracts.head if part is None else part.contracts.head
    if database_url is not None:
        catalogs = _live_catalogs(given, table, database_url)
    else:
        catalogs = [each.after for each in (given.schemas if part is None else part.schemas)]
    schema, _, name = table.rpartition(".")
    found = next(
        ((each, there) for each in catalogs if (there := each.table(schema or None, name)) is not None), None
    )
    wanted = (
        TableName(schema or settings.default_schema, name)
        if found is None
        else TableName(found[1].schema, found[1].name)
    )
    if found is None and not (code and database_url is None):
        raise _unknown(table, catalogs, database_url)
    models = ""
    if found is None and code and database_url is None:
        from migration_lint.writing.modelled import modelled

        made = modelled(change.head, wanted, settings)
        if made is not None:
            found, models = made[:2], made[2]
    place = CodePlace(change.head, change.project, project, settings.dialect)
    columns = {} if found is None else found[0].columns_as_written()
    shown = read_code(place, code, wanted, names, columns) if code else Code()
    default = "." in table or wanted.schema in ("", settings.default_schema)
    spelled = table if default else ".".join(wanted)
    known = Known(
        settings.dialect, spelled, None if found is None else found[0], None if found is None else found[1],
        _said_by_others(names, wanted), shown, _notes(given, table, found, shown, models),
    )  # fmt: skip
    lock = read_lock(change.head, change.project)
    return _Request(
        given, within, wanted, spelled, known, lock, names, None if database_url is not None else part, stated
    )


def _whose(given: Input, table: str, database: str | None) -> tuple[Part | None, str]:
    """The database whose table it is, None where none has it, and its name where a contract has to say it.

    Raises CannotJudge where several have it, or there is no such database.
    """
    schema, _, name = table.rpartition(".")
    named = [(each.schemas[0].called(), each) for each in given.parts if each.schemas]
    having = [
        (called, each)
        for called, each in named
        if each.schemas[0].after.table(schema or None, name) is not None
    ]
    if database is not None:
        found = next((each for called, each in named if database in called), None)
        if found is None:
            fix = no_such_database((called[0] for called, _ in named), database)
            raise CannotJudge(Problem(f"no database is called {database}", "--database", fix=fix))
        return found, database if len(having) > 1 else ""
    if len(having) > 1:
        names = [called[0] for called, _ in having]
        message = f"{table} is a table of {listed(names, 'and')}"
        fix = f"say of which: {listed((f'--database {each}' for each in names), 'or')}"
        raise CannotJudge(Problem(message, fix=fix))
    return (having[0][1] if having else named[0][1] if len(named) == 1 else None), ""


def _directory(directory: str, project: Path) -> str:
    """Where contracts are to be written, relative to the project."""
    spelled = directory
    if os.path.isabs(directory):
        spelled = os.path.relpath(os.path.realpath(directory), os.path.realpath(project))
    within = posixpath.normpath(spelled.replace(os.sep, "/"))
    parts = within.split("/")
    if ".." in parts or not directory.strip() or any(part.lower() == ".git" for part in parts):
        fix = "name a folder below the project, where its configuration looks for contracts"
        raise CannotJudge(Problem(f"{directory} is no folder of the project", "--directory", fix=fix))
    return "" if within == "." else within


def _live_catalogs(given: Input, table: str, database_url: str) -> list[Catalog]:
    from migration_lint.database import read_database

    settings = given.settings
    asked = Contract("", "", "producer", "", 0, tables=(TableDeclaration(table, 0),))
    names = ContractSet((asked,), settings.default_schema, given.contracts.head.identifiers)
    return [read_database(database_url, names, settings).schema.catalog]


def _unknown(table: str, catalogs: Sequence[Catalog], database_url: str | None) -> CannotJudge:
    if not catalogs:
        return CannotJudge(
            Problem(
                f"there are no migrations here: nothing shows what {table} is",
                fix="name the code that writes it or reads it with --code, or a database with --database-url",
            )
        )
    meant = _meant(table, catalogs)
    return CannotJudge(
        Problem(
            f"{'the migrations make' if database_url is None else 'the database has'} no table {table}",
            fix=did_you_mean(meant, "name a table as the migrations call it"),
        )
    )


def _meant(table: str, catalogs: Sequence[Catalog]) -> str:
    name = table.rpartition(".")[2]
    return near(name, (each.name for catalog in catalogs for _, each, _ in catalog.names()))


def _said_by_others(names: ContractSet, table: TableName) -> list[tuple[Contract, TableDeclaration]]:
    return [
        (contract, entry)
        for contract in names.contracts
        if (entry := names.entry(contract, table)) is not None
    ]


def _notes(
    given: Input, table: str, found: tuple[Catalog, Table] | None, code: Code, models: str
) -> tuple[str, ...]:
    """What a person has to know of a draft; `models`: the file whose model stands for a schema."""
    notes = list(code.unclear)
    notes += [
        f"{each.path}:{each.line}: not all of this statement is read: {each.unresolved}"
        for each in code.seen
        if each.unresolved
    ]
    if models:
        notes.append(f"no migration here makes {table}: its columns are those of the model in {models}")
    elif found is None and given.schemas:
        meant = _meant(table, [each.after for each in given.schemas])
        near_by = f"; {meant} is there" if meant else ""
        notes.append(f"the migrations make no table {table}{near_by}: it is drafted from the code alone")
    elif found is not None and not found[1].complete:
        notes.append(f"the migrations do not show all of {table}: it may have more columns than are drafted")
    return tuple(notes)


def _draft(
    request: _Request, service: str, role: Role, services: Sequence[str], other_side: bool
) -> tuple[Draft, list[str]]:
    known, table = request.known, request.spelled
    seen = [each for each in known.code.seen if _role(each) == role]
    bound = own_statements(seen, service, services)
    does = "writes" if role == "producer" else "reads"
    notes: list[str] = []
    if known.code.folders and not bound:
        if known.table is None:
            folders = " and ".join(known.code.folders)
            raise CannotJudge(
                Problem(
                    f"no statement in {folders} {does} {table}, and no migration makes it",
                    f"--{role}",
                    fix=f"leave --{role} out, where that is another repository's code, or name its folder",
                )
            )
        notes.append(f"no statement {does} {table}: {service}.{role} is drafted from the schema alone")
    columns, said = columns_of(known, role, bound)
    if not columns:
        raise _no_columns(known, service, role, bound)
    source = "" if known.table is not None and bound else "the schema" if not bound else "the code"
    draft = Draft(
        service, role, table, columns, bound, needs_of(bound), keys_of(known), other_side, source,
        database=request.database,
    )  # fmt: skip
    return draft, [*notes, *(f"{draft.id}: {each}" for each in said)]


def _no_columns(known: Known, service: str, role: Role, bound: Sequence[Seen]) -> CannotJudge:
    does = "writes" if role == "producer" else "reads"
    which = f"which columns of {known.spelled} {service} {does}"
    star = next((each for each in bound if each.star), None)
    message = f"nothing shows {which}"
    if star is not None:
        message = f"{star.path}:{star.line} names no columns, and nothing else shows {which}"
    fix = "name the columns in the statement, or name code that does with --code; else write it by hand"
    return CannotJudge(Problem(message, f"--{role}", fix=fix))


def _change(request: _Request, draft: Draft) -> FileChange:
    given = request.given
    tree, names = given.change.head, request.names
    there = _contract_of(request, draft)
    if there is not None:
        if names.entry(names.by_id(there.id), request.table) is not None:
            message = f"there is a contract {there.id} already, and {draft.spelled} is in it"
            fix = "mend it by hand, or name another service"
            raise CannotJudge(Problem(message, there.path, there.line, fix=fix))
        written = Written(tree.read(there.path))
        return FileChange(there.path, written.text, written.again(with_table(there, written.plain, draft)))
    path = posixpath.normpath(posixpath.join(given.change.project, request.directory, f"{draft.id}.yaml"))
    taken = next((each for each in tree.files() if each.casefold() == path.casefold()), None)
    if taken is not None:
        fix = "move it, or name another service"
        raise CannotJudge(Problem(f"there is a file already where {draft.id} would stand", taken, fix=fix))
    text = draft_text(draft)
    parse_contract(encoded(text), path)  # a draft that is not valid is a defect of ours, and no file
    return FileChange(path, None, text)


def _contract_of(request: _Request, draft: Draft) -> Contract | None:
    """The contract that a service has in a role, to which a table is added. Raises CannotJudge."""
    contracts = request.given.contracts.head.contracts
    own = [each for each in contracts if (each.service, each.role) == (draft.service, draft.role)]
    there = next((each for each in own if each.id == draft.id), own[0] if len(own) == 1 else None)
    if there is None and own:
        ids = " and ".join(each.id for each in own)
        fix = f"write {draft.spelled} into one of them by hand"
        raise CannotJudge(Problem(f"{draft.service} has several contracts as {draft.role}: {ids}", fix=fix))
    taken = next((each for each in contracts if each.id == draft.id), None)
    if there is None and taken is not None:
        message = f"there is a contract {draft.id} already, of {taken.service} as {taken.role}"
        raise CannotJudge(Problem(message, taken.path, taken.line, fix="name another service"))
    pin = None if there is None else _pin(request, there)
    if there is not None and pin is not None:
        fix = f"draft it in {pin.repository} and take it anew, and leave --{draft.role} out here"
        raise CannotJudge(Problem(f"{there.id} is vendored from {pin.repository}", there.path, fix=fix))
    return there


def _pin(request: _Request, contract: Contract) -> Pin | None:
    within = posixpath.relpath(contract.path, request.given.change.project or ".")
    return None if request.lock is None else request.lock.pin(within)


def _out_of_sight(given: Input, changes: Sequence[FileChange]) -> list[str]:
    """New files that the configuration does not take for contracts."""
    paths = [each.path for each in changes if each.before is None]
    seen = set(matching(paths, given.settings.contracts, given.change.project))
    return [
        f"{path}: `contracts` in the configuration does not name it, so that nothing looks at it"
        for path in paths
        if path not in seen
    ]
