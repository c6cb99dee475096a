"""Files that a change adds, that look like scripts or contracts, and that no database and no pattern owns.

Nothing would be read of them, and nobody would know. What lies among tests, examples and the like is
somebody's material, and what base had under another path has only moved away, which is told otherwise.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.change import Change, Tree
from migration_lint.change.vendored import is_vendored
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.errors import Problem
from migration_lint.history import survey
from migration_lint.history.folders import is_material
from migration_lint.settings import Settings
from migration_lint.settings.contract_files import ENDINGS
from migration_lint.settings.files import OWN_FILE

# Texts, which `re` compiles when they are first needed: few changes add a file that is not owned.
_REVISION = rb"""(?m)^revision[ \t]*(?::[^=\n]*)?=[ \t]*[rRuU]?["']([^"'\n]+)["']"""
_DOWN_REVISION = rb"(?m)^down_revision[ \t]*(?::[^=\n]*)?="
_CONTRACT = (
    rb"""(?m)^["']?contract["']?:[ \t]*["']?migration-lint/"""
    rb"""|^kind:[ \t]*["']?DataContract(?s:.*)migrationLint"""
)
_JSON_CONTRACT = (
    rb'''"contract"\s*:\s*"migration-lint/|"kind"\s*:\s*"DataContract"(?s:.*)"migrationLint"'''
    rb'''|"migrationLint"(?s:.*)"kind"\s*:\s*"DataContract"'''
)
_LIKELY = r"(?i)(?:^|/)[^/]*(?:versions|migration|alembic|revisions)[^/]*(?:/|$)"  # in the path of a folder
_ID = rb"""(?m)^["']?id["']?:[ \t]*["']?([^\s"']+)"""
_JSON_ID = rb'"id"\s*:\s*"([^"]+)"'


def unowned(
    change: Change, settings: Settings, contracts: Contracts, schemas: Sequence[Schema]
) -> Iterator[Problem]:
    """What cannot be judged for it."""
    yield from _scripts(change, settings, schemas)
    yield from _contracts(change, contracts)


def adrift(tree: Tree, project: str, *, contracts: bool) -> Problem | None:
    """A script of a project in which no database is found at all; None where there is none."""
    path = next(_strays(tree, project, _likely(tree.files()), ()), None)
    if path is None:
        return None
    there = "there are contracts, and no database is found" if contracts else "and no database is found"
    folder = posixpath.relpath(posixpath.dirname(path), project or ".")
    return Problem(
        f"this is a migration script, {there} that owns it",
        path,
        fix="put the env.py or the alembic.ini that runs it into the tree, "
        f'or name its folder in the configuration: alembic = "{folder}"',
    )


def passed_over(
    change: Change, settings: Settings, schemas: Sequence[Schema], all_revisions: bool
) -> Iterator[str]:
    """A sentence on the scripts that no database owns, of the whole tree or of what a change edits."""
    if not schemas or settings.alembic:
        return  # that is told already, or it is said what is meant
    base, head = change.base.files(), change.head.files()
    edited = [path for path in head.keys() & base.keys() if base[path] != head[path]]
    among = _likely(head) if all_revisions else edited
    paths = list(_strays(change.head, change.project, among, _owned(change, schemas)))
    if paths:
        more, what = "", "a migration script"
        if len(paths) > 1:
            more, what = f" and {len(paths) - 1} more", "migration scripts"
        folder = posixpath.relpath(posixpath.dirname(paths[0]), change.project or ".")
        yield (
            f"{paths[0]}{more}: {what} that no database owns; "
            f'a folder is named in the configuration: alembic = [..., "{folder}"]'
        )


def _likely(paths: Iterable[str]) -> Iterator[str]:
    """Those that lie where scripts of migrations do: to look into every file of a tree takes too long."""
    return (path for path in paths if re.search(_LIKELY, path.rpartition("/")[0]))


def _strays(tree: Tree, project: str, among: Iterable[str], owned: Collection[str]) -> Iterator[str]:
    """The scripts of migrations that are not owned, sorted."""
    prefix = f"{project}/" if project else ""
    for path in sorted(among):
        inside = path[len(prefix) :].rpartition("/")[0]
        inner = path.endswith(".py") and path.startswith(prefix) and path not in owned
        if not inner or is_material(inside) or is_vendored(inside):
            continue
        data = tree.read(path)
        if re.search(_REVISION, data) and re.search(_DOWN_REVISION, data):
            yield path


def _owned(change: Change, schemas: Sequence[Schema]) -> set[str]:
    """The scripts that a database runs, without links."""
    links = change.head.links()
    sides = (side for each in schemas for side in (each.base, each.head) if side is not None)
    paths = {script.path for side in sides for script in side.history.scripts}
    return {links.follow(path).path for path in paths} if links else paths


def _scripts(change: Change, settings: Settings, schemas: Sequence[Schema]) -> Iterator[Problem]:
    sides = [side for each in schemas for side in (each.base, each.head) if side is not None]
    owned = _owned(change, schemas)
    known = {script.revision for side in sides for script in side.history.scripts}
    elsewhere: tuple[str, ...] | None = None
    for path, data in _added(change, (".py",), owned):
        found = re.search(_REVISION, data)
        revision = "" if found is None else found[1].decode("utf-8", "replace")
        if not revision or revision in known or not re.search(_DOWN_REVISION, data):
            continue
        if elsewhere is None:
            elsewhere = _left_out(change, settings)
        if path.startswith(elsewhere):
            continue  # of a database that the configuration leaves to another run
        folder = posixpath.relpath(posixpath.dirname(path) or ".", change.project or ".")
        yield Problem(
            f"this is the script of revision {revision}, and no database owns it",
            path,
            fix="move it to the scripts of a database, or name its folder in the configuration: "
            f'alembic = [..., "{folder}"]',
        )


def _left_out(change: Change, settings: Settings) -> tuple[str, ...]:
    if not settings.alembic:
        return ()
    found = survey(change.head, change.project).environments
    return tuple(
        f"{each}/" for one in found for each in (one.script_location, *one.version_locations) if each
    )


def _contracts(change: Change, contracts: Contracts) -> Iterator[Problem]:
    known = {contract.id for each in (contracts.base, contracts.head) for contract in each.contracts}
    owned = {contract.path for contract in contracts.head.contracts}
    for path, data in _added(change, ENDINGS, owned):
        is_json = path.lower().endswith(".json")
        if not re.search(_JSON_CONTRACT if is_json else _CONTRACT, data):
            continue
        found = re.search(_JSON_ID if is_json else _ID, data)
        if found is not None and found[1].decode("utf-8", "replace") in known:
            continue
        yield Problem(
            "this is a contract, and `contracts` in the configuration does not name it",
            path,
            fix="move it to where contracts are looked for, or name it in the configuration: "
            f'contracts = [..., "{posixpath.relpath(path, change.project or ".")}"]',
        )


def _added(change: Change, endings: tuple[str, ...], owned: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files of the project that the change adds and nobody owns, with what is in them."""
    base, head = change.base.files(), change.head.files()
    prefix = f"{change.project}/" if change.project else ""
    paths = [
        path
        for path in head.keys() - base.keys() - owned
        if path.lower().endswith(endings) and path.startswith(prefix)
    ]
    moved: set[str] | None = None
    for path in sorted(paths):
        inside = posixpath.dirname(path[len(prefix) :])
        if is_material(inside) or is_vendored(inside) or _is_other_project(head, prefix, inside):
            continue
        data = change.head.read(path)
        if b"revision" not in data and b"igration" not in data:
            continue
        if moved is None:
            moved = set(base.values())
        if head[path] not in moved:
            yield path, data


def _is_other_project(files: Mapping[str, str], prefix: str, inside: str) -> bool:
    """Whether a folder below the project has a configuration of its own, and is judged by itself."""
    while inside:
        if f"{prefix}{inside}/{OWN_FILE}" in files:
            return True
        inside = posixpath.dirname(inside)
    return False
