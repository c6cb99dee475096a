"""Which dialect a history is written in, as far as its files say it.

Asked are, in this order: the name of a folder of versions, `sqlalchemy.url` of the ini file, the engine and
the `dialect_name` in env.py, the types that scripts import, the addresses in the modules that env.py imports,
and the only driver that the project installs. An address of SQLite is what a project begins with, whatever it
is deployed to: it counts where the scripts import SQLite's types, and no others, or where code makes it, and
what the project installs has to do with no other database. A script that asks for the dialect, or has a type
for each, is written for several.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from migration_lint.change.tree import Tree
from migration_lint.history.surroundings import another_is_installed, mentioned, only_driver, only_sqlite
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import DIALECTS, Dialect

if TYPE_CHECKING:
    from migration_lint.history.environment import Environment
    from migration_lint.history.graph import History

#: What else dialects are called, in folders and in addresses.
_ALSO: Mapping[str, Dialect] = {
    "postgres": "postgresql",
    "pg": "postgresql",
    "sqlite3": "sqlite",
    "sqlserver": "mssql",
}
_NAMES: Mapping[str, Dialect] = {**{name: name for name in DIALECTS}, **_ALSO}

# Texts, which `re` compiles when they are first needed.
_PACKAGE = b"sqlalchemy.dialects"
_IMPORTED = rb"\b%s(?:\.(\w+)|[ \t]+import[ \t]*(?:\(([^)]*)\)|([\w, \t]+)))" % re.escape(_PACKAGE)
_ENGINE = rb"""\b(?:create_engine|create_async_engine)\(\s*[rRfF]?["'](\w+)(?:\+\w+)?://"""
_NAMED = rb"""\bdialect_name\s*=\s*["'](\w+)["']"""

_COMMENT_LINE = rb"(?m)^[ \t]*#.*$"
_ASKING = (b"with_variant", b"dialect.name", b"dialect_name")
_ASKS = rb"\b(?:%s)\b" % b"|".join(map(re.escape, _ASKING))

#: What stands beside the dialects of a script that is written for several.
SEVERAL = "several"

#: Of the scripts that import types of any dialect, how many have to be of one accord.
_MOST = 0.8


class Spoken(NamedTuple):
    """A dialect, and what says it: a clause that begins a sentence in lower case."""

    dialect: Dialect
    source: str


def dialect_called(name: str) -> Dialect | None:
    """The dialect of this name, whatever its case."""
    return _NAMES.get(name.lower())


def dialects_in(data: bytes) -> list[str]:
    """The dialects whose types a script imports, and SEVERAL where it does something else in each."""
    names = [
        name.decode()
        for found in _imports(data)
        for each in found.groups(b"")
        for name in re.split(rb"\W+", each)
    ]
    names = [name for name in names if name in DIALECTS]
    if names and any(each in data for each in _ASKING) and re.search(_ASKS, data):
        names.append(SEVERAL)
    return list(dict.fromkeys(names))


def _imports(data: bytes) -> Iterator[re.Match[bytes]]:
    """What `re.finditer` gives. To look for the package's name first takes a tenth of the time."""
    at = data.find(_PACKAGE)
    while at >= 0:
        found = re.compile(_IMPORTED).match(data, at)
        if found is not None:
            yield found
        at = data.find(_PACKAGE, at + 1 if found is None else found.end())


def spoken(tree: Tree, history: History) -> Spoken | None:
    """The dialect of a history in a tree; None where nothing says it."""
    environment = history.environment
    by_folder = dialect_called(environment.dialect)
    if by_folder is not None:
        return Spoken(by_folder, f"the folder {environment.version_locations[0]}")
    shown = {name for script in history.scripts for name in script.dialects}
    env = _env(tree, environment.script_location)
    stated: list[Spoken] = [*_addressed(history), *(_of_env(*env) if env is not None else ())]
    for found in stated:
        if found.dialect != "sqlite" or shown == {"sqlite"}:
            return found
    imported = _imported(history)
    if imported is not None or shown - {"sqlite"}:
        return imported
    if env is not None and not stated:
        around = _around(tree, environment, env[1])
        if around is not None:
            return around
    driver = only_driver(tree, environment)
    return None if driver is None else Spoken(driver[0], f"the only driver that {driver[1]} names")


def _addressed(history: History) -> Iterator[Spoken]:
    environment = history.environment
    _, _, section = environment.name.partition(" [")
    own = section.rstrip("]") or "alembic"
    wanted = (environment.engine, own) if environment.engine else (own,)
    for name in wanted:
        for address in environment.addresses:
            dialect = dialect_called(address.dialect) if address.section == name else None
            if dialect is not None:
                yield Spoken(dialect, f"sqlalchemy.url in {environment.config_path}:{address.line}")


def _env(tree: Tree, folder: str) -> tuple[str, bytes] | None:
    """The path of env.py, and what stands in it but comments."""
    path = tree.links().follow(f"{folder}/env.py" if folder else "env.py").path
    return (path, re.sub(_COMMENT_LINE, b"", tree.read(path))) if path in tree.files() else None


def _of_env(path: str, data: bytes) -> Iterator[Spoken]:
    for word, pattern, what in (
        (b"create_", _ENGINE, "the engine"),
        (b"dialect_name", _NAMED, "dialect_name"),
    ):
        found = re.findall(pattern, data) if word in data else ()
        names = {dialect_called(name.decode()) for name in found} - {None}
        if len(names) == 1:
            (dialect,) = names
            assert dialect is not None
            yield Spoken(dialect, f"{what} in {path}")


def _around(tree: Tree, environment: Environment, env: bytes) -> Spoken | None:
    """The one dialect that has an address in the modules that env.py imports, where they name no other."""
    named = [(dialect_called(each.name), each) for each in mentioned(tree, environment, env)]
    others = {dialect for dialect, _ in named} - {"sqlite"}
    for dialect, each in named:
        telling = each.address if others else each.given and only_sqlite(tree, environment)
        if dialect is not None and telling and others in (set(), {dialect}):
            if others and another_is_installed(tree, environment, dialect):
                return None
            return Spoken(dialect, f"{each.name} in {each.path}:{each.line}")
    return None


def _imported(history: History) -> Spoken | None:
    """What the types say that most scripts import; a script of SQLite may have come from anybody's desk."""
    importing = [set(script.dialects) - {"sqlite"} for script in history.scripts]
    importing = [names for names in importing if names]
    if not importing:
        return None
    name, count = Counter(map(frozenset, importing)).most_common(1)[0]
    dialect = dialect_called(*name) if len(name) == 1 else None
    if dialect is None or count < _MOST * len(importing):
        return None
    return Spoken(dialect, "what its scripts import from sqlalchemy.dialects")
