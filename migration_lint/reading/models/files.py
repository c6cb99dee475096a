"""Paths and files of the tree, and the variables of the environment."""

from __future__ import annotations

import posixpath
from functools import partial

from migration_lint.reading.models import table
from migration_lint.reading.models.context import context
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Choice,
    Dotted,
    FilePath,
    List,
    Method,
    Module,
    OpenFile,
    Outside,
    Unknown,
    Value,
    whole,
)


def environment_variable(run: Interpreter, name: Value, default: Value = None) -> Value:
    """A variable of the environment: what the configuration states for it, or else its default."""
    if not whole(name):
        return Unknown("which variable of the environment is read is not known")
    stated = run.library.outside(name)
    text = default if stated is None else stated
    reason = f"what the environment gives as `{name}` is not known"
    if isinstance(text, Outside):
        return Outside(reason, text.text)
    return Outside(reason, text) if whole(text) else Unknown(reason)


def _getenv(run: Interpreter, a: Arguments) -> Value:
    return environment_variable(run, a.get(0, "key"), a.get(1, "default"))


def _file_path(run: Interpreter, value: Value) -> str | None:
    if isinstance(value, FilePath):
        return value.path
    return value if whole(value) else None


def join_all_paths(run: Interpreter, a: Arguments) -> Value:
    if not a.args:
        return FilePath("")
    made = a.args[0]
    for part in a.args[1:]:
        made = join_paths(run, made, part)
    return made


def join_paths(run: Interpreter, first: Value, second: Value) -> Value:
    """`os.path.join` of two, or `Path / name`."""
    if isinstance(first, Choice) or isinstance(second, Choice):
        return run.lift(lambda a, b: join_paths(run, a, b), first, second)
    if isinstance(second, FilePath):
        return second if isinstance(first, (FilePath, str)) else Unknown("a path is not known")
    if isinstance(first, FilePath) and isinstance(second, str):
        return FilePath(posixpath.normpath(posixpath.join(first.path, second)))
    if isinstance(first, str) and isinstance(second, str):
        return posixpath.join(first, second)
    return Unknown("a path is not known")


def _dirname(run: Interpreter, a: Arguments) -> Value:
    value = a.get(0, "path")
    if isinstance(value, FilePath):
        return FilePath(posixpath.dirname(value.path))
    return posixpath.dirname(value) if whole(value) else Unknown("a path is not known")


def _basename(run: Interpreter, a: Arguments) -> Value:
    value = _file_path(run, a.get(0, "path"))
    return Unknown("a path is not known") if value is None else posixpath.basename(value)


def _splitext(run: Interpreter, a: Arguments) -> Value:
    value = _file_path(run, a.get(0, "path"))
    return Unknown("a path is not known") if value is None else posixpath.splitext(value)


def _working_folder(run: Interpreter, a: Arguments) -> Value:
    return FilePath("")


def _path(run: Interpreter, a: Arguments) -> Value:
    made = join_all_paths(run, a)
    return FilePath(posixpath.normpath(made)) if whole(made) else made


def open_file(run: Interpreter, a: Arguments) -> OpenFile:
    """`open(…)`: the file of the tree, read; a path outside the tree is never opened."""
    path = _file_path(run, a.get(0, "file"))
    if path is None:
        return OpenFile(Unknown("which file is read is not known"))
    text = context(run).files.text(path)
    return OpenFile(Unknown(f"there is no file {path} in the project") if text is None else text)


#: Functions that give a file which lies beside a package's modules: its text, the file open, or its path.
_RESOURCES: dict[str, str] = {
    "importlib.resources.read_text": "text", "importlib.resources.read_binary": "text",
    "importlib.resources.open_text": "open", "importlib.resources.open_binary": "open",
    "importlib.resources.files": "path", "importlib.resources.path": "path",
    "importlib_resources.read_text": "text", "importlib_resources.files": "path",
    "pkgutil.get_data": "text",
    "pkg_resources.resource_string": "text", "pkg_resources.resource_filename": "path",
    "pkg_resources.resource_stream": "open",
}  # fmt: skip


def _resource(run: Interpreter, a: Arguments, *, kind: str) -> Value:
    """A file of a package of the tree, as one of `_RESOURCES` gives it."""
    package = a.get(0, "package", a.kwargs.get("anchor"))
    if isinstance(package, (Module, Dotted)):
        package = package.name if isinstance(package, Module) else package.path
    named = [a.kwargs[key] for key in ("resource", "resource_name") if key in a.kwargs]
    names = [package, *a.args[1:2], *named]
    if not all(map(whole, names)):
        return Unknown("which file is read is not known")
    folder = names[0].removesuffix(".__init__").replace(".", "/")
    found = FilePath(posixpath.normpath(posixpath.join(folder, *names[1:])))
    if kind == "path":
        return found
    opened = open_file(run, Arguments([found], {}))
    return opened if kind == "open" else opened.text


@table.attribute(FilePath)
def path_attribute(run: Interpreter, of: FilePath, name: str) -> Value:
    """An attribute of a `Path`."""
    if name == "parent":
        return FilePath(posixpath.dirname(of.path))
    if name == "parents":
        above, made = of.path, List()
        while above:
            above = posixpath.dirname(above)
            made.append(FilePath(above))
        return made
    parts = {"name": posixpath.basename(of.path), "suffix": posixpath.splitext(of.path)[1]}
    parts["stem"] = parts["name"][: len(parts["name"]) - len(parts["suffix"])]
    return parts[name] if name in parts else Method(of, name)


@table.method(FilePath)
def path_method(run: Interpreter, of: FilePath, name: str, a: Arguments) -> Value:
    """Call a method of a `Path`."""
    if name in ("read_text", "read_bytes", "open"):
        opened = open_file(run, Arguments([of], {}))
        return opened if name == "open" else opened.text
    if name == "joinpath":
        return join_all_paths(run, Arguments([of, *a.args], {}))
    if name == "__truediv__":
        return join_paths(run, of, a.args[0])
    if name in ("resolve", "absolute", "expanduser"):
        return of
    if name in ("with_name", "with_suffix") and a.args and whole(a.args[0]):
        if name == "with_name":
            return FilePath(posixpath.join(posixpath.dirname(of.path), a.args[0]))
        return FilePath(posixpath.splitext(of.path)[0] + a.args[0])
    if name in ("exists", "is_file"):
        return (
            True
            if context(run).files.text(of.path) is not None
            else Unknown("whether a file is there is not known")
        )
    if name in ("glob", "rglob", "iterdir"):
        from fnmatch import fnmatchcase

        pattern = a.args[0] if a.args and whole(a.args[0]) else "*"
        return List(
            FilePath(posixpath.join(of.path, each))
            for each in sorted(context(run).files.listing(of.path))
            if fnmatchcase(each, pattern.removeprefix("**/"))
        )
    return Unknown("what a path gives is not known")


@table.method(OpenFile)
def file_method(run: Interpreter, of: OpenFile, name: str, a: Arguments) -> Value:
    """Call a method of an open file."""
    if name == "read":
        return of.text
    if name in ("readlines", "__iter__"):
        return List(of.text.splitlines(keepends=True)) if isinstance(of.text, str) else of.text
    return of if name == "__enter__" else None


@table.attribute(OpenFile)
def _of_file(run: Interpreter, of: OpenFile, name: str) -> Value:
    return file_method(run, of, name, Arguments([], {})) if name == "__iter__" else Method(of, name)


table.ENTRIES["os.environ"] = environment_variable
table.names({name: partial(_resource, kind=kind) for name, kind in _RESOURCES.items()})
table.names({
    "builtins.open": open_file, "io.open": open_file, "codecs.open": open_file,
    "os.path.join": join_all_paths, "os.path.dirname": _dirname, "os.path.basename": _basename,
    "os.path.abspath": _path, "os.path.realpath": _path, "os.path.normpath": _path,
    "os.path.splitext": _splitext,
    "os.getenv": _getenv, "os.environ.get": _getenv, "os.environ.setdefault": _getenv,
    "os.getcwd": _working_folder, "pathlib.Path": _path, "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path, "pathlib.Path.cwd": _working_folder,
})  # fmt: skip
