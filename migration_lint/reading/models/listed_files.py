"""What folders of the tree hold, as `glob`, `os` and `Path` tell it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from migration_lint.reading.models import table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.unfollowed import may_read
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import FilePath, List, Unknown, Value, whole

#: Stands for every folder below, and none.
_DEEP = "**"


def files_like(run: Interpreter, folder: Value, pattern: Value, *, deep: bool) -> Value:
    """The files below a folder whose path from there is like a pattern; `deep`: `**` goes into folders."""
    if not whole(pattern) or not isinstance(folder, (FilePath, str)):
        may_read(run, folder, pattern)
        return Unknown("which files are looked for is not known")
    found = _below(run, folder)
    parts = [each if deep else each.replace(_DEEP, "*") for each in pattern.split("/")]
    named = [each for each in found if _is_like(each.split("/"), parts)]
    return _listed(run, (_joined(folder, each) for each in named))


def _is_like(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path are like those of a pattern."""
    if not pattern or not names:
        return not pattern and not names
    if pattern[0] == _DEEP:
        return _is_like(names, pattern[1:]) or _is_like(names[1:], pattern)
    return fnmatchcase(names[0], pattern[0]) and _is_like(names[1:], pattern[1:])


def _below(run: Interpreter, folder: FilePath | str) -> list[str]:
    """The paths of all files below a folder, from there; what they hold counts for the script."""
    may_read(run, folder)
    path = folder.path if isinstance(folder, FilePath) else folder
    return context(run).files.below(path) if whole(path) else []


def _joined(folder: FilePath | str, name: str) -> Value:
    if isinstance(folder, FilePath):
        return FilePath(posixpath.join(folder.path, name))
    return posixpath.join(folder, name)


def _listed(run: Interpreter, found: Iterator[Value]) -> Value:
    """What is found, where nobody may have made more of it meanwhile."""
    if context(run).left.something:
        return List(rest=Unknown("the script itself may have made files"))
    files = List(found)
    return files if files else List(rest=Unknown("the files that it looks for are not in the project"))


def _glob(run: Interpreter, a: Arguments) -> Value:
    """`glob.glob(…)`: the fixed part of a pattern is the folder."""
    pattern, root = a.get(0, "pathname"), a.get(9, "root_dir")
    path = pattern.path if isinstance(pattern, FilePath) else pattern
    if root is not None or not whole(path) or a.get(9, "include_hidden"):
        may_read(run, root, pattern)
        return Unknown("which files are looked for is not known")
    parts = path.split("/")
    fixed = next((at for at, each in enumerate(parts) if set(each) & set("*?[")), len(parts) - 1)
    folder = "/".join(parts[:fixed])
    deep = a.get(9, "recursive") is True
    of = FilePath(folder) if isinstance(pattern, FilePath) else folder
    return files_like(run, of, "/".join(parts[fixed:]), deep=deep)


def _names(run: Interpreter, a: Arguments) -> Value:
    """`os.listdir(…)`: the names of files and folders."""
    folder = a.get(0, "path")
    if not isinstance(folder, (FilePath, str)):
        may_read(run, folder)
        return Unknown("which folder is looked into is not known")
    found = _below(run, folder)
    return _listed(run, iter(dict.fromkeys(each.partition("/")[0] for each in found)))


def _walk(run: Interpreter, a: Arguments) -> Value:
    """`os.walk(…)`: each folder with the names of its folders and files, from the top."""
    top = a.get(0, "top")
    if not isinstance(top, (FilePath, str)) or set(a.kwargs) - {"top"} or a.args[1:]:
        may_read(run, top)
        return Unknown("which folders are looked into is not known")
    folders: dict[str, tuple[dict[str, None], list[str]]] = {"": ({}, [])}
    for path in _below(run, top):
        *above, name = path.split("/")
        for at, each in enumerate(above):
            folders["/".join(above[:at])][0][each] = None
            folders.setdefault("/".join(above[: at + 1]), ({}, []))
        folders["/".join(above)][1].append(name)
    return _listed(
        run,
        (
            (_joined(top, place) if place else top, List(inner), List(files))
            for place, (inner, files) in folders.items()
        ),
    )


table.names({"glob.glob": _glob, "glob.iglob": _glob, "os.listdir": _names, "os.walk": _walk})
