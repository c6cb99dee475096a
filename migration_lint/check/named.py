"""Names that people wrote, in the configuration and in contracts, and that nothing bears.

They would hold for nothing, and nobody would know. A name is held against what is known here: in a repository
without migrations no table is.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Change
from migration_lint.check.databases import Part
from migration_lint.check.finding import Finding
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import env_script
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings import Settings, names_table
from migration_lint.settings.globs import meant
from migration_lint.wording import OF_MANY, did_you_mean, near, nearest


class Unborne(NamedTuple):
    """What nothing bears: what cannot be judged for it, and what is only to be said."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def unborne(change: Change, settings: Settings, parts: Sequence[Part], all_revisions: bool) -> Unborne:
    """The patterns of `settings`, head's as it says, and the acknowledgements that mean nothing."""
    problems: list[Problem] = []
    notes = [_note(settings, "per-path", each) for each in _paths(change, settings, settings.per_path)]
    if "contracts" in settings.lines:
        notes += [_note(settings, "contracts", each) for each in _no_contracts(change, settings)]
    schemas = [schema for part in parts for schema in part.schemas]
    if any(schema.head is not None for schema in schemas):
        asked = settings.small_tables or settings.protected
        known = [(part.settings, _tables(part)) for part in parts] if asked else []
        tables = {table for _, found in known for table in found}
        for pattern in _no_table(settings.small_tables, known):
            notes.append(_note(settings, "small-tables", (pattern, _near_table(pattern, tables))))
        for pattern in _no_table(settings.protected, known):
            message = f"protected names {pattern}, and no migration speaks of such a table"
            fix = _mended(_near_table(pattern, tables), schemas)
            problems.append(Problem(message, settings.path, settings.lines.get("protected", 0), fix=fix))
        found = [
            each
            for part in parts
            for each in _acknowledgements(part.contracts, part.schemas, schemas, all_revisions)
        ]
        found = list(dict.fromkeys(found))
        problems += () if all_revisions else found
        notes += [f"{each.path}:{each.line}: {each.message}" for each in found if all_revisions]
    return Unborne(tuple(problems), tuple(notes))


def _note(settings: Settings, key: str, said: tuple[str, str]) -> str:
    pattern, likely = said
    line = settings.lines.get(f"{key}.{pattern}", settings.lines.get(key, 0))
    note = f"{settings.path}:{line}: {key} names {pattern}, which matches nothing"
    return f"{note}; {did_you_mean(likely)}" if likely else note


def _tables(part: Part) -> set[TableName]:
    """Every table and view that a migration or a contract speaks of, those included that are gone."""
    found = {*part.contracts.base.tables(), *part.contracts.head.tables()}
    for schema in part.schemas:
        for catalog in (schema.before, schema.after):
            found.update(name for _, name, _ in catalog.names())
            found.update(TableName(*key) for key in (*catalog.views, *catalog.gone))
    return found


def _no_table(
    patterns: Iterable[str], known: Sequence[tuple[Settings, Collection[TableName]]]
) -> Iterator[str]:
    """The patterns that mean no table: `known` is what is set for each database, and its tables."""
    for pattern in patterns:
        if not any(
            names_table((pattern,), *table, settings.default_schema, settings.identifiers.fold_table)
            for settings, tables in known
            for table in tables
        ):
            yield pattern


def _near_table(pattern: str, tables: Collection[TableName]) -> str:
    """The table that was probably meant; "" for none."""
    schema, _, name = pattern.rpartition(".")
    known = sorted({table.name for table in tables})
    whole = sorted({f"{table.schema}.{table.name}" for table in tables})
    if schema and "*" in name:
        meant = near(schema, sorted({table.schema for table in tables}), OF_MANY)
        return f"{meant}.{name}" if meant else ""
    return (near(pattern, whole, OF_MANY) if schema else "") or near(name, known, OF_MANY)


def _mended(likely: str, schemas: Iterable[Schema]) -> str:
    """What to do about a table that no migration speaks of: it may be one that nobody can read of."""
    if likely:
        return did_you_mean(likely)
    unread = [
        script.revision
        for schema in schemas
        if schema.head is not None
        for script in schema.head.history.scripts
        if any(operation.kind == "opaque" for operation in schema.head.operations(script))
    ]
    if unread:
        what = f"{unread[0]}, which cannot be read, makes it"
        return f"correct it, or take it out; where {what}, write its contracts: they make it known"
    return "correct it, or take it out until there is such a table"


def _paths(change: Change, settings: Settings, patterns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The patterns that match no file of head, each with what was probably meant."""
    folder = settings.path.rpartition("/")[0]
    files = change.head.files()
    for pattern in patterns:
        if not any(meant(change.head, (pattern,), folder)):
            prefix = f"{folder}/" if folder else ""
            inside = [path[len(prefix) :] for path in files if path.startswith(prefix)]
            known = {above for path in inside for above in _with_above(path)}
            start = pattern.partition("*")[0].rstrip("/")
            meant_here = near(start, sorted(known), OF_MANY) if start not in known else ""
            yield pattern, f"{meant_here}{pattern[len(start) :]}" if meant_here else ""


def _with_above(path: str) -> Iterator[str]:
    """A path, and the folders in which it is."""
    while path:
        yield path
        path = posixpath.dirname(path)


def _no_contracts(change: Change, settings: Settings) -> Iterator[tuple[str, str]]:
    """The patterns for contracts that match none, where none does or their folder is not there either."""
    found = list(_paths(change, settings, settings.contracts))
    for pattern, likely in found:
        start = pattern.partition("*")[0].rpartition("/")[0]
        below = next(_paths(change, settings, (f"{start}/**",)), None) if start else None
        if below is not None or len(found) == len(settings.contracts):
            yield pattern, likely


def _acknowledgements(
    contracts: Contracts, schemas: Sequence[Schema], everywhere: Sequence[Schema], whole: bool
) -> Iterator[Problem]:
    """Acknowledgements of revisions that no history has; `whole`: those too that are not of this change.

    What is said of a table of another repository is of the revisions there.
    """
    known: set[str] = set()
    for contract in contracts.head.contracts:
        earlier = contracts.base.by_id(contract.id)
        for entry in contract.tables:
            table = contracts.head.name_of(entry)
            if not any(_speaks_of(schema, table) for schema in schemas):
                continue
            before = contracts.base.entry(earlier, table)
            known = known or (_revisions(everywhere) if entry.acknowledges else known)
            for each in entry.acknowledges:
                old = before is not None and before.acknowledgement(each.revision) is not None
                if each.revision in known or (old and not whole):
                    continue
                near = nearest(each.revision, sorted(known))
                yield Problem(
                    f"{contract.id} acknowledges {each.revision}, which is no revision here",
                    contract.path,
                    each.line,
                    fix=did_you_mean(near, "write the id as the script's `revision` has it"),
                )


def named_scripts(scripts: Collection[str], change: Change, schemas: Iterable[Schema]) -> dict[str, str]:
    """The scripts of head that a person named by their paths below the project: path in the tree → revision.

    Raises CannotJudge with those that are none.
    """
    if not scripts:
        return {}
    known = {
        script.path: script.revision
        for schema in schemas
        if schema.head is not None
        for script in schema.head.history.scripts
    }
    wanted = {path: posixpath.join(change.project, path) for path in scripts}
    problems = []
    for said, path in wanted.items():
        if path not in known:
            meant = [
                posixpath.relpath(each, change.project or ".") for each in nearest(path, known, 3, OF_MANY)
            ]
            otherwise = f"`migration-lint show {said}` says what a script outside of it does"
            if not said.endswith(".py"):
                otherwise = "name scripts of the migrations, or the folder of the project"
            fix = did_you_mean(meant, otherwise)
            problems.append(Problem("this is no migration script of the project", said, fix=fix))
    if problems:
        raise CannotJudge.of(problems)
    return {path: known[path] for path in wanted.values()}


def about(findings: Iterable[Finding], named: Mapping[str, str], schemas: Iterable[Schema]) -> list[Finding]:
    """The findings of scripts that were named, those included that are told elsewhere than in a script.

    `named`: path → revision; another database may have one of the same id.
    """
    scripts = {
        script.path for each in schemas if each.head is not None for script in each.head.history.scripts
    }
    told_elsewhere = frozenset(named.values())
    return [
        each
        for each in findings
        if each.path in named or (each.path not in scripts and each.revision in told_elsewhere)
    ]


def _speaks_of(schema: Schema, table: TableName) -> bool:
    key = schema.after.key(table.schema, table.name)
    return any(
        key in each for one in (schema.before, schema.after) for each in (one.rows, one.views, one.gone)
    )


def _revisions(schemas: Iterable[Schema]) -> set[str]:
    """All that can be acknowledged: the revisions of base and head, and env.py by its path."""
    found: set[str] = set()
    for schema in schemas:
        for side in (schema.base, schema.head):
            if side is not None:
                found.update(script.revision for script in side.history.scripts)
                env = env_script(side.tree, side.history.environment)
                found.update(() if env is None else (env.revision,))
    return found
