"""What the code shows of a table: the statements on it that some folders of sources hold."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.contracts.model import ContractSet
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.language_types import Held, held
from migration_lint.sources import Bound, Source, Statement, TableUse, scan
from migration_lint.sources.libraries import libraries_in, may_use_libraries, mentions
from migration_lint.wording import did_you_mean, listed, near


class Value(NamedTuple):
    """What a variable holds that goes into a column, or that a column is read into."""

    held: Held
    encoding: str = ""


class Seen(NamedTuple):
    """One statement on the table that the code holds."""

    path: str  # relative to the project
    line: int
    symbol: str
    statement: str  # insert | select | update | delete
    columns: tuple[str, ...]  # written, or read into the result, in its order
    named: tuple[str, ...] = ()  # otherwise: in conditions, orders and expressions, returned
    star: bool = False
    conflict: tuple[str, ...] = ()
    conflict_where: str | None = None
    values: Mapping[str, Value] = {}
    bound: tuple[Bound, ...] = ()
    listed: tuple[str, ...] = ()  # of `columns`, those that it lists: an ON CONFLICT may set more
    language: str = ""  # in small letters
    services: tuple[str, ...] = ()  # whose it may be, as a person said
    unresolved: str = ""  # why it may name more than that


class Code(NamedTuple):
    """All that the code shows of one table."""

    folders: tuple[str, ...] = ()  # as they were named
    seen: tuple[Seen, ...] = ()
    unclear: tuple[str, ...] = ()  # statements that may be on it, and cannot be worked out: a sentence each


class CodePlace(NamedTuple):
    """Where code is looked for."""

    tree: Tree
    project: str  # its folder in the tree
    on_disk: Path  # the same, as a person named it
    dialect: Dialect


def read_code(
    place: CodePlace,
    folders: Sequence[str],
    table: TableName,
    names: ContractSet,
    known: Mapping[str, Sequence[str]],
) -> Code:
    """The statements on a table in some folders, or files.

    `names` says how tables are written, `known` names the columns of tables. Raises CannotJudge for a folder
    that is not there, and where no statement is found in any.
    """
    owners: dict[str, tuple[str, ...]] = {}
    for service, folder in map(_said, folders):
        path = _inside(place, folder)
        owners[path] = tuple(dict.fromkeys((*owners.get(path, ()), *([service] if service else ()))))
    seen: list[Seen] = []
    unclear: list[str] = []
    others: set[str] = set()
    sources = {source.path: source for path in owners for source in _sources(place, path, known)}
    constants = _used_constants(sources.values())
    for source in sources.values():
        services = owners[max((each for each in owners if _inside_of(source.path, each)), key=len)]
        for statement in source.statements:
            if not statement.constant and (statement.symbol, statement.sql) in constants:
                continue  # it goes by the function that runs it
            if statement.unresolved and not statement.uses:
                unclear.append(_unclear(place, source, statement.line, statement.unresolved))
            for use in statement.uses:
                if use.kind == "other":
                    continue
                if _is(use.table, table, names):
                    seen.append(_seen(place, source, statement, use)._replace(services=services))
                else:
                    others.add(use.table)
    unread = list(_unread(place, owners, table))
    if not seen:
        raise _nothing(table, names, folders, others, unread)
    unclear += [
        f"{where}: this names the table and uses {library}, which is not read" for where, library in unread
    ]
    return Code(tuple(folders), tuple(seen), tuple(dict.fromkeys(unclear)))


def _said(folder: str) -> tuple[str, str]:
    """Whose a folder is, where that is said, and the folder: `worker=internal/jobs`."""
    service, equals, path = folder.partition("=")
    return (service, path) if equals and service and "/" not in service else ("", folder)


def _used_constants(sources: Iterable[Source]) -> set[tuple[str, str]]:
    """The symbols of constants that hold a statement which some function runs, each with its text."""
    used = [each for source in sources for each in source.statements if each.constant]
    return {(name, each.sql) for each in used for name in (each.constant, "")}


def _sources(place: CodePlace, path: str, known: Mapping[str, Sequence[str]]) -> Iterator[Source]:
    if path not in place.tree.files():
        yield from scan(place.tree, path, place.dialect, known=known)
        return
    for source in scan(place.tree, posixpath.dirname(path), place.dialect, known=known):
        if source.path == path:
            yield source


def _inside(place: CodePlace, folder: str) -> str:
    """A folder, or a file, as the tree calls it."""
    if not folder.strip():
        raise _refused("it names no folder", "name the folder of the sources")
    spelled = folder
    if os.path.isabs(folder):
        spelled = os.path.relpath(os.path.realpath(folder), os.path.realpath(place.on_disk))
    spelled = spelled.replace(os.sep, "/")
    path = posixpath.normpath(posixpath.join(place.project, spelled))
    if path.startswith("..") or path.startswith("/"):
        raise _refused(
            f"{folder} is not in this repository, where its statements could be held against the contract",
            "draft in the repository of that code, and take its contract from there: "
            "migration-lint contract sync --from CHECKOUT --add PATH --write",
        )
    files = place.tree.files()
    path = "" if path == "." else path
    if path and path not in files and not any(each.startswith(f"{path}/") for each in files):
        folders = {posixpath.dirname(each) for each in files}
        folders |= {above for each in folders for above in _above(each)}
        meant = near(path, sorted(folders - {""}))
        said = posixpath.relpath(meant, place.project or ".") if meant else ""
        raise _refused(
            f"there is no folder {folder} in {place.tree.name}",
            did_you_mean(said, "name a folder of sources, as it stands in the project"),
        )
    return path


def _inside_of(path: str, folder: str) -> bool:
    """Whether a file is one, or lies in a folder of that path."""
    return folder in ("", path) or path.startswith(f"{folder}/")


def _above(folder: str) -> Iterator[str]:
    while folder := posixpath.dirname(folder):
        yield folder


def _refused(message: str, fix: str) -> CannotJudge:
    return CannotJudge(Problem(message, "--code", fix=fix))


def _is(written: str, table: TableName, names: ContractSet) -> bool:
    schema, _, name = written.rpartition(".")
    called = names.folded(TableName(schema or names.default_schema, name))
    wanted = names.folded(table)
    return called == wanted or (not schema and called.name == wanted.name)


def _unread(place: CodePlace, paths: Iterable[str], table: TableName) -> Iterator[tuple[str, str]]:
    """The places that name a table in files which use a library that is not read, each with its name."""
    for path in sorted(place.tree.files()):
        if not (may_use_libraries(path) and any(_inside_of(path, each) for each in paths)):
            continue
        data = place.tree.read(path)
        libraries = libraries_in(path, data)
        found = next(mentions(table.name, path, data), None) if libraries else None
        if found is not None:
            line = data.count(b"\n", 0, found.start) + 1
            yield f"{posixpath.relpath(path, place.project or '.')}:{line}", listed(libraries, "and")


def _nothing(
    table: TableName,
    names: ContractSet,
    folders: Sequence[str],
    others: set[str],
    unread: Sequence[tuple[str, str]],
) -> CannotJudge:
    spelled = table.name if table.schema in ("", names.default_schema) else ".".join(table)
    meant = near(spelled, sorted(others))
    if unread:
        where, library = unread[0]
        return _refused(
            f"no statement on {spelled} was found in {listed(folders, 'and')}: {where} names it and "
            f"uses {library}, which is not read",
            "draft without --code, and hold the contract against what a test of the service sends",
        )
    return _refused(
        f"no statement on {spelled} was found in {listed(folders, 'and')}",
        did_you_mean(meant, "name the folder of the code that writes it or reads it"),
    )


def _seen(place: CodePlace, source: Source, statement: Statement, use: TableUse) -> Seen:
    language = source.language.lower()
    values = {
        each.column: Value(
            Held("", null=True) if each.literal == "NULL" else held(each.of or each.type, language),
            each.encoding,
        )
        for each in use.bound
        if each.literal in (None, "NULL") and not each.unknown
    }
    written = dict.fromkeys((*use.columns, *use.updated))
    named = dict.fromkeys((*use.named, *use.returning))
    return Seen(
        _path(place, source),
        statement.line,
        statement.symbol,
        use.kind,
        tuple(name for name in written if name != "*"),
        tuple(name for name in named if name != "*" and name not in written),
        use.star or "*" in written or "*" in named,
        use.conflict or (),
        use.conflict_where,
        values,
        use.bound,
        use.columns,
        language,
        (),
        use.unresolved,
    )


def _unclear(place: CodePlace, source: Source, line: int, why: str) -> str:
    return f"{_path(place, source)}:{line}: this may be a statement on the table, and is not read: {why}"


def _path(place: CodePlace, source: Source) -> str:
    return posixpath.relpath(source.path, place.project or ".")
