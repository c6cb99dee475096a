"""Scripts on the disk, with or without an Alembic environment around them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from migration_lint.change import EmptyTree, FolderTree, Tree
from migration_lint.change.folder import OTHERS, holds_more_than, read_regular
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import Environment, survey
from migration_lint.history.script import is_revision_file
from migration_lint.history.script_text import read_script
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import Dialect, Operation
from migration_lint.reading import Reading
from migration_lint.reading.project.helpers import Helpers, WithHelpers, read_helpers
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.project.surroundings import Surroundings
from migration_lint.reading.script import read_module

#: What the top of a project holds: modules of the project are looked for from there.
_MARKS = (".git", "pyproject.toml", "alembic.ini", "setup.py", "setup.cfg")

#: How many scripts of a folder without such a mark are asked what they import.
_MOST_LOOKED_AT = 500

#: How many files a folder may hold that nothing marks as a project's.
_MOST_FILES = 20_000

_IMPORT = lazy_pattern(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)


def scripts_at(
    paths: Sequence[Path],
    dialect: Dialect,
    outside: Mapping[str, str] | None = None,
    helpers: Sequence[str] = (),
) -> Iterator[Reading]:
    """See `migration_lint.reading.read_paths`."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise CannotJudge.of(
            Problem(
                "there is no such file or folder",
                str(path),
                fix="name a migration script or a folder of them",
            )
            for path in missing
        )
    from_elsewhere = read_helpers(helpers, Path(), EmptyTree(), "")
    grounds: dict[tuple[Path, str], _Ground] = {}
    for path in paths:
        place = _ground(path.absolute())
        top = place[0]
        if place not in grounds:
            grounds[place] = _Ground(FolderTree(top, within=place[1]), outside, from_elsewhere)
        ground = grounds[place]
        tree = ground.tree
        written = Path(os.path.normpath(path.absolute())).relative_to(top).as_posix()
        led = tree.links().follow("" if written == "." else written)
        if led.away:
            raise CannotJudge(Problem(led.away, str(path), fix="name the file or folder that it leads to"))
        start = led.path
        named = start in tree.files()
        chosen = [start] if named else tree.below(start)
        for script in sorted(chosen):
            if named or is_revision_file(script.rpartition("/")[2]):
                files = ground.files(script.rpartition("/")[0])
                yield from _read(tree, top, script, dialect, named, files)


class _Ground:
    """One project, as far as it is asked for."""

    def __init__(self, tree: Tree, outside: Mapping[str, str] | None, helpers: Helpers) -> None:
        self.tree = tree
        self._outside = outside
        self._helpers = helpers.roots
        self._around_it = WithHelpers(tree, helpers) if helpers.texts else tree
        self._around = Surroundings(self._around_it)
        self._files: dict[str, ProjectFiles] = {}
        self._environments: Sequence[Environment] | None = None

    def files(self, folder: str) -> ProjectFiles:
        """What the scripts of a folder may draw on."""
        if folder not in self._files:
            environment = self._environment(folder)
            self._files[folder] = ProjectFiles(
                self._around_it, folder, environment, self._around, self._outside, self._helpers
            )
        return self._files[folder]

    def _environment(self, folder: str) -> Environment | None:
        """The environment that the scripts of a folder belong to, where one is found."""
        if self._environments is None:
            try:
                self._environments = survey(self.tree, "").environments
            except CannotJudge:
                self._environments = ()  # scripts can be shown without one
        return next(
            (
                each
                for each in self._environments
                for location in each.version_locations
                if folder == location or folder.startswith(f"{location}/") or not location
            ),
            None,
        )


def _ground(path: Path) -> tuple[Path, str]:
    """The top of the project around a path, and the folder in it that is all that is looked at, or ""."""
    path = Path(os.path.normpath(path))
    folder = path if path.is_dir() else path.parent
    above = (folder, *folder.parents)
    marked = _repository(above) or next(
        (each for each in above if any((each / mark).exists() for mark in _MARKS)), None
    )
    top = marked or _imported_from(path, above) or folder
    while (top / "__init__.py").exists() and top != top.parent:
        top = top.parent  # an installed package has no mark of its own: its modules start above it
    if top == (marked or folder):
        return top, ""
    # Nothing but a name says that the project begins so far up: what lies beside it may be anything.
    if top != top.parent and not holds_more_than(top, _MOST_FILES):
        return top, ""
    inside = folder.relative_to(top).parts[0]
    if holds_more_than(top / inside, _MOST_FILES):
        raise CannotJudge.of(
            [
                Problem(
                    f"modules are imported from `{inside}`, which holds more than {_MOST_FILES:,} files",
                    str(top / inside),
                    fix="put a pyproject.toml or an alembic.ini where the project begins",
                )
            ]
        )
    return top, inside


def _repository(above: Sequence[Path]) -> Path | None:
    """The top of the repository, where what lies in it can be looked through: as `check` has it."""
    top = next((each for each in above if (each / ".git").exists()), None)
    return None if top is None or holds_more_than(top, _MOST_FILES) else top


def _imported_from(path: Path, above: Sequence[Path]) -> Path | None:
    """The folder above some scripts from which a module that one of them imports is found."""
    modules: set[str] = set()
    for script in [path] if path.is_file() else islice(_modules_in(path), _MOST_LOOKED_AT):
        try:
            data = read_regular(os.fsencode(script.parent), script.name)
            modules.update(_IMPORT.findall(data.decode("utf-8", "replace")))
        except OSError:
            continue
    names = {each.name for each in above if each.name}
    for module in sorted(modules):
        top, *rest = module.split(".")
        for folder in above if top in names else ():
            inside = folder.joinpath(*rest)
            if folder.name == top and (inside.is_dir() or inside.with_suffix(".py").is_file()):
                return folder.parent
    return None


def _modules_in(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in OTHERS)
        yield from (Path(place, name) for name in sorted(files) if name.endswith(".py"))


def _read(
    tree: Tree, top: Path, path: str, dialect: Dialect, named: bool, files: ProjectFiles
) -> Iterator[Reading]:
    data = tree.read(path)
    shown = os.path.relpath(top / path)
    if not named and b"revision" not in data:
        return
    script = read_script(shown, tree.files()[path], data)
    if not script.revision and not named:
        return
    directions = read_module(script.module(), path, dialect, files)
    yield Reading(
        shown,
        script.revision,
        script.down_revisions,
        script.message,
        _placed(directions.upgrade, shown),
        _placed(directions.downgrade, shown),
    )


def _placed(operations: tuple[Operation, ...], path: str) -> tuple[Operation, ...]:
    from migration_lint.data_class import replace

    return tuple(replace(operation, path=path) for operation in operations)
