"""What the databases of a project are called: by the configuration, else by where they are found.

A database has a short name, for contracts and the configuration, as far as it is the only one of that name:
the section of an ini file, the name of an ini file that is not `alembic.ini`, or the folder that tells the
configuration, or the scripts, from others. What messages call it (`Environment.name`) names it too.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration_lint.errors import Problem
from migration_lint.history.environment import Environment
from migration_lint.wording import did_you_mean, near

#: Folders that are called so everywhere, and tell no database from another.
_EVERYWHERE = frozenset(("migrations", "migration", "alembic", "versions", "db", "database", "src", "app"))


def called(environments: Sequence[Environment], stated: Mapping[str, Environment]) -> list[Environment]:
    """The environments with their names as `database`; `stated` are those that the configuration names."""
    taken = {environment.version_locations: name for name, environment in stated.items()}
    short = [taken.get(each.version_locations) or _short(each) for each in environments]
    count = Counter(short)
    return [
        each._replace(database=name if each.version_locations in taken or count[name] == 1 else each.name)
        for each, name in zip(environments, short, strict=True)
    ]


def database_called(environments: Iterable[Environment], name: str) -> Environment | None:
    """The environment that a name means: as `called` gives it, or as messages call it."""
    return next((each for each in environments if name in (each.database, each.name)), None)


def no_such_database(names: Iterable[str], name: str) -> str:
    """What to write in place of a name that no database has."""
    known = sorted(names)
    otherwise = f"write one of: {', '.join(known)}" if known else "take it out: no database is found here"
    return did_you_mean(near(name, known), otherwise)


def unknown_databases(
    environments: Sequence[Environment], names: Iterable[str], path: str, lines: Mapping[str, int]
) -> Iterator[Problem]:
    """Names in the configuration, which is at `path`, that no database has."""
    for name in names:
        if database_called(environments, name) is None:
            line = lines.get(f"databases.{name}", lines.get("databases", 0))
            fix = no_such_database((each.database for each in environments), name)
            fix += f'; or say which it is: alembic = "..." in databases.{name}'
            yield Problem(f"databases names {name}, and no database is called so", path, line, fix=fix)


def _short(environment: Environment) -> str:
    path, _, section = environment.name.partition(" [")
    if section:
        return section.rstrip("]")
    folder, file = posixpath.split(path if environment.config_path else "")
    stem, ending = posixpath.splitext(file)
    if ending == ".ini" and stem != "alembic":
        return stem
    for place in (folder, environment.script_location):
        telling = [part for part in place.split("/") if part and part not in _EVERYWHERE]
        if telling:
            return telling[-1]
    return posixpath.basename(environment.script_location) or environment.name
