"""Paths and files of the tree, and the variables of the environment."""

from __future__ import annotations

import posixpath
from functools import partial

from migration_lint.operations import HOLE
from migration_lint.reading.models import table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.listed_files import files_like
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.models.unfollowed import may_read, may_read_any, may_read_of
from migration_lint.reading.python.assignments import set_item
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.subscripts import entry
from migration_lint.reading.python.values import (
    Choice,
    Dotted,
    FilePath,
    List,
    Maybe,
    Method,
    Module,
    OpenFile,
    Outside,
    Unknown,
    Value,
    join,
    whole,
)


def environment_variable(run: Interpreter, name: Value, default: Value = None) -> Value:
    """A variable of the environment: what the script has set, what the configuration states, its default."""
    if not whole(name):
        return Unknown("which variable of the environment is read is not known")
    mine = context(run).left.variables
    if name in mine or mine.open:
        found = entry(run, mine, name)
        perhaps = mine.open or type(mine.get(name)) is Maybe
        return join(found, _from_outside(run, name, default)) if perhaps else found
    return _from_outside(run, name, default)


def _from_outside(run: Interpreter, name: str, default: Value) -> Value:
    stated = run.library.outside(name)
    text = default if stated is None else stated
    reason = f"what the environment gives as `{name}` is not known"
    if isinstance(text, Outside):
        return Outside(reason, text.text)
    return Outside(reason, text) if whole(text) else Unknown(reason)


def _getenv(run: Interpreter, a: Arguments) -> Value:
    return environment_variable(run, a.get(0, "key"), a.get(1, "default"))


def _default_variable(run: Interpreter, a: Arguments) -> Value:
    found = _getenv(run, a)
    set_variable(run, a.get(0, "key"), found)
    return found


def _taken_variable(run: Interpreter, a: Arguments) -> Value:
    found = _getenv(run, a)
    set_variable(run, a.get(0, "key"), Unknown("a variable of the environment is taken away"))
    return found


def set_variable(run: Interpreter, name: Value, value: Value) -> None:
    """`os.environ[name] = value`."""
    set_item(run, context(run).left.variables, name, value)


@table.library("os.environ", "os.environb", "os.putenv", "os.unsetenv")
def _call_environment(run: Interpreter, path: str, a: Arguments) -> Value:
    if path.rpartition(".")[2] not in _TELLING:
        set_variable(run, Unknown("which variable is set is not known"), Unknown("the script sets it"))
    return call_stranger(run, path, a)


#: Methods of the environment that set nothing.
_TELLING = frozenset("get copy items keys values __contains__ __getitem__ __iter__ __len__".split())


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
    if path is None and not may_read(run, a.get(0, "file")):
        may_read_any(run)
    mode = a.get(1, "mode", "r")
    if not whole(mode) or set(mode) & set("awx+"):
        _wrote(run, path)
    return OpenFile(_text_of(run, path), path)


def _wrote(run: Interpreter, path: str | None) -> None:
    """The script writes a file; None: any. What an application does when it is imported is no script's."""
    if not run.recorder.calm and not run.recorder.application:
        context(run).left.write(path)


def _text_of(run: Interpreter, path: str | None) -> Value:
    """The text of a file of the tree."""
    if path is None:
        return Unknown("which file is read is not known")
    if HOLE in path:
        may_read(run, path)
        return Unknown("which file is read is not fully known")
    if context(run).left.holds(path):
        return Unknown(f"the script itself may have written {path}")
    text = context(run).files.text(path)
    return Unknown(f"there is no file {path} in the project") if text is None else text


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
        may_read_any(run)
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
    if name in ("read_text", "read_bytes"):
        return _text_of(run, of.path)
    if name == "open":
        return open_file(run, a._replace(args=[of, *a.args]))
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
        found = _text_of(run, of.path)
        return True if isinstance(found, str) else Unknown("whether a file is there is not known")
    if name in ("glob", "rglob", "iterdir"):
        pattern = a.args[0] if a.args else "*"
        deep = f"**/{pattern}" if name == "rglob" and whole(pattern) else pattern
        return files_like(run, of, deep, deep=True)
    if name not in _LOOKING:
        _wrote(run, of.path if name in _WRITING else None)
    return Unknown("what a path gives is not known")


#: Methods of a `Path` that leave all files as they are, and those that change no file but its own.
_LOOKING = frozenset(
    """
    __contains__ __enter__ __eq__ __exit__ __fspath__ __ge__ __gt__ __hash__ __le__ __lt__ __repr__
    __rtruediv__ __str__ as_posix as_uri chmod exists full_match group home is_absolute is_dir is_mount
    is_relative_to is_symlink lstat match mkdir owner readlink relative_to samefile stat touch walk
    with_segments with_stem
    """.split()
)
_WRITING = frozenset("write_text write_bytes unlink symlink_to hardlink_to link_to".split())


@table.method(OpenFile)
def file_method(run: Interpreter, of: OpenFile, name: str, a: Arguments) -> Value:
    """Call a method of an open file."""
    if name == "__enter__":
        return of
    if name in _CLOSING:
        return None
    text = of.left
    part, left = _read_part(text, name, a)
    if name == "seek":
        left = of.text if a.args in ([0], [0, 0]) else part
    elif name in ("truncate", "write", "writelines"):
        _wrote(run, of.path)
        for each in a.values():
            hand_over(run, each)
    with run.store.change(of):
        of.left = left
    return part


#: Methods of a file after which what is read next is the same.
_CLOSING = frozenset("__exit__ close fileno flush isatty readable seekable tell writable".split())


def _read_part(text: Value, name: str, a: Arguments) -> tuple[Value, Value]:
    """What a method of a file gives that has so much left, and what it leaves."""
    unknown = Unknown("which part of a file is read is not known")
    count = a.args[0] if a.args else -1
    if name in ("read", "readlines", "__iter__") and not isinstance(text, str):
        return text, text
    if not isinstance(text, str) or not isinstance(count, int):
        return unknown, unknown
    if name == "read":
        at = len(text) if count < 0 else count
        return text[:at], text[at:]
    if name in ("readline", "__next__") and not a.args:
        line = "".join(text.splitlines(keepends=True)[:1])
        return line, text[len(line) :]
    if name in ("readlines", "__iter__") and not a.args:
        return List(text.splitlines(keepends=True)), ""
    return unknown, unknown


@table.attribute(OpenFile)
def _of_file(run: Interpreter, of: OpenFile, name: str) -> Value:
    return file_method(run, of, name, Arguments([], {})) if name == "__iter__" else Method(of, name)


#: Functions that change no file, of modules whose others may.
_HARMLESS = frozenset(
    """
    access cpu_count fspath fsdecode fsencode get_exec_path get_terminal_size getcwd getcwdb getenv getlogin
    getpid getppid getuid getgid isatty listdir lstat makedirs mkdir nice scandir stat strerror sysconf times
    uname urandom walk which disk_usage get_archive_formats is_zipfile is_tarfile
    """.split()
)


@table.library("os", "shutil", "zipfile", "tarfile", "fileinput")
def _call_files(run: Interpreter, path: str, a: Arguments) -> Value:
    last = path.rpartition(".")[2]
    if last not in _HARMLESS and not path.startswith("os.path."):
        _wrote(run, None)
    may_read_of(run, *a.values())
    return call_stranger(run, path, a)


def _moved(run: Interpreter, a: Arguments) -> Value:
    """`os.chdir(…)`: what a relative path means is not known any more."""
    _wrote(run, None)
    return None


table.ENTRIES["os.environ"] = environment_variable
table.SET_ENTRIES["os.environ"] = set_variable
table.SET_ENTRIES["os.environb"] = lambda run, key, value: set_variable(run, Unknown("it is in bytes"), value)
table.names({name: partial(_resource, kind=kind) for name, kind in _RESOURCES.items()})
table.names({
    "builtins.open": open_file, "io.open": open_file, "codecs.open": open_file,
    "os.path.join": join_all_paths, "os.path.dirname": _dirname, "os.path.basename": _basename,
    "os.path.abspath": _path, "os.path.realpath": _path, "os.path.normpath": _path,
    "os.path.splitext": _splitext,
    "os.getenv": _getenv, "os.environ.get": _getenv, "os.environ.setdefault": _default_variable,
    "os.environ.pop": _taken_variable, "os.chdir": _moved, "os.fchdir": _moved, "contextlib.chdir": _moved,
    "os.environ.__setitem__": lambda run, a: set_variable(run, a.get(0, "key"), a.get(1, "value")),
    "os.getcwd": _working_folder, "pathlib.Path": _path, "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path, "pathlib.Path.cwd": _working_folder,
})  # fmt: skip
