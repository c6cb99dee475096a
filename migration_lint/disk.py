"""Files as they are written to disk: whole or not at all, and never through a link of the tree.

A tree holds what the change that is judged has put there, links too, and a link leads wherever its author
likes. So no part of a relative path may be one, and the file itself may not either. An absolute path is the
word of whoever typed it, and is followed. What is below a folder that a person named is ours to name: no part
of that may be a link.

Folders are held open on the way, where the system can do that, so that what was looked at is what is written
to. Where it cannot (Windows), each part is looked at just before.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from migration_lint.errors import CannotJudge, Problem
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

#: Whether folders can be held open, and names be looked up in them.
HOLDS_FOLDERS = {os.open, os.stat, os.mkdir, os.rename, os.unlink} <= os.supports_dir_fd


def _flags(start: int, *names: str) -> int:
    """Flags of `open`, of those that the system has."""
    for name in names:
        start |= getattr(os, name, 0)
    return start


_FOLDER = _flags(getattr(os, "O_PATH", os.O_RDONLY), "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC")
_NEW = _flags(os.O_WRONLY | os.O_CREAT | os.O_EXCL, "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC")
_THERE = _flags(os.O_WRONLY, "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC", "O_NOCTTY")
_READ = _flags(os.O_RDONLY, "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC")
_APPEND = _flags(os.O_WRONLY | os.O_APPEND, "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC")


class File(NamedTuple):
    """One file that is to be written."""

    folder: Path  # as a person named it
    name: str  # below that, POSIX
    data: bytes
    new: bool = False  # it must not be there yet
    given: str = ""  # as a person wrote it, where that is another path
    device: bool = False  # a pipe, /dev/stdout: nothing can be put in its place

    @property
    def said(self) -> str:
        """What a message calls it."""
        return self.given or (self.folder / self.name).as_posix()


class _Link(Exception):
    """A part of a path is a link."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class _Folder(NamedTuple):
    """A folder that is held open; `handle` is None where the system has no such thing."""

    path: str
    handle: int | None

    def at(self, name: str) -> str:
        """What to call a file in it, beside `dir_fd=folder.handle`."""
        return name if self.handle is not None else os.path.join(self.path, name)

    def state(self, name: str) -> os.stat_result | None:
        """What a name in it is; None: nothing. Raises _Link."""
        try:
            found = os.stat(self.at(name), dir_fd=self.handle, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(found.st_mode) or _is_junction(found):
            raise _Link(os.path.join(self.path, name))
        return found


def named(path: Path, data: bytes) -> File:
    """A file that a person named. Raises CannotJudge where no file can have that name."""
    if not path.anchor:
        return File(path.parent, path.name, data)
    try:
        real = Path(os.path.realpath(path))
        # What /dev/stdout leads to may have no path at all.
        device = path.exists() and not (path.is_file() or path.is_dir())
    except (OSError, ValueError) as error:
        raise _refused(str(path), error) from None
    return File(real.parent, real.name, data, given=str(path), device=device)


def check_place(path: Path, fix: str = "") -> None:
    """Refuse a place that a person named before anything is done. Raises CannotJudge."""
    file = named(path, b"")
    with _refusals(file.said, fix), ExitStack() as stack:
        if not file.device:
            _stage_check(file, _enter(stack, file.folder, ()), file.name)


def check_folder(folder: Path) -> None:
    """Refuse a folder that a person named, and that need not be there yet. Raises CannotJudge."""
    with _refusals(folder.as_posix()), ExitStack() as stack, suppress(FileNotFoundError):
        _enter(stack, folder, ())


def save(files: Sequence[File], *, make_folders: bool = False, fix: str = "") -> None:
    """Write files, each as a whole. None is touched unless all can be. Raises CannotJudge.

    What was there keeps its mode. `fix` is what to do where the system refuses.
    """
    with ExitStack() as stack:
        for file in files:
            with _refusals(file.said, fix):
                _look(file)
        staged = []
        for file in files:
            with _refusals(file.said, fix):
                staged.append((file, _staged(stack, file, make_folders)))
        for file, put in staged:
            with _refusals(file.said, fix):
                put()


def append(file: File) -> int:
    """Write behind what a file holds; where that begins comes back. Raises OSError, also for a link."""
    with ExitStack() as stack, _as_system_error():
        *above, name = _parts(file.name)
        folder = _enter(stack, file.folder, above)
        folder.state(name)
        with open(os.open(folder.at(name), _APPEND, dir_fd=folder.handle), "ab") as opened:
            start = opened.seek(0, os.SEEK_END)
            opened.write(file.data)
    return start


def held(folder: Path, name: str) -> bytes | None:
    """What a file below a folder holds; None where there is none. Raises CannotJudge."""
    stack = ExitStack()
    with _refusals((folder / name).as_posix()):
        try:
            *above, last = _parts(name)
            within = _enter(stack, folder, above)
            if within.state(last) is None:
                return None
            with open(os.open(within.at(last), _READ, dir_fd=within.handle), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        finally:
            stack.close()


def has_dos_lines(data: bytes) -> bool:
    """Whether all lines end as on DOS and Windows."""
    return b"\r\n" in data and b"\n" not in data.replace(b"\r\n", b"")


def with_line_ends_of(before: bytes | None, data: bytes) -> bytes:
    """A text with the line ends that all lines of another have."""
    if before is None or not has_dos_lines(before) or b"\r" in data:
        return data
    return data.replace(b"\n", b"\r\n")


def _look(file: File) -> None:
    """Check the existing part of a path before folders are made, so that a refusal leaves nothing behind."""
    with ExitStack() as stack, suppress(FileNotFoundError):
        if not file.device:
            *above, name = _parts(file.name)
            _stage_check(file, _enter(stack, file.folder, above), name)


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise OSError(f"{name} is no place for a file")
    return parts


def _enter(stack: ExitStack, folder: Path, below: Sequence[str], *, make: bool = False) -> _Folder:
    """The folder at a path, and below it. Raises OSError, and _Link."""
    if folder.anchor:
        start, parts = os.path.realpath(folder), list(below)
        if make:
            os.makedirs(start, exist_ok=True)
    else:
        start, parts = os.curdir, [*folder.parts, *below]
    current = _opened(stack, start, start, None)
    for part in parts:
        if current.state(part) is None:
            if not make:
                raise _error(errno.ENOENT)
            with suppress(FileExistsError):
                os.mkdir(current.at(part), dir_fd=current.handle)
        path = os.path.normpath(os.path.join(current.path, part))
        current = _opened(stack, current.at(part), path, current.handle)
    return current


def _opened(stack: ExitStack, name: str, path: str, within: int | None) -> _Folder:
    if not HOLDS_FOLDERS:
        return _Folder(path, None)
    # A person's own folder, or the current one, may be reached by a link: only what is below may not.
    flags = _FOLDER if within is not None else _FOLDER & ~getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(name, flags, dir_fd=within)
    stack.callback(os.close, handle)
    return _Folder(path, handle)


def _stage_check(file: File, folder: _Folder, name: str) -> os.stat_result | None:
    state = folder.state(name)
    if state is not None and file.new:
        raise _error(errno.EEXIST)
    if state is not None and stat.S_ISDIR(state.st_mode):
        raise _error(errno.EISDIR)
    return state


def _staged(stack: ExitStack, file: File, make_folders: bool) -> Callable[[], None]:
    """Write beside a file; what comes back puts that in its place."""
    if file.device:
        return lambda: _pour(file.given, None, file.data)
    *above, name = _parts(file.name)
    folder = _enter(stack, file.folder, above, make=make_folders)
    state = _stage_check(file, folder, name)
    if state is not None and not stat.S_ISREG(state.st_mode):
        return lambda: _pour(folder.at(name), folder.handle, file.data)
    temporary = f".migration-lint.{os.urandom(8).hex()}"

    def drop() -> None:
        with suppress(OSError):
            os.unlink(folder.at(temporary), dir_fd=folder.handle)

    handle = os.open(folder.at(temporary), _NEW, 0o666, dir_fd=folder.handle)
    stack.callback(drop)  # which finds nothing where it was put in its place
    with open(handle, "wb") as opened:
        opened.write(file.data)
        if state is not None and HOLDS_FOLDERS:
            os.fchmod(handle, stat.S_IMODE(state.st_mode) & 0o777)
    return lambda: os.replace(
        folder.at(temporary), folder.at(name), src_dir_fd=folder.handle, dst_dir_fd=folder.handle
    )


def _pour(name: str, within: int | None, data: bytes) -> None:
    """Write into a pipe or a device."""
    flags = _THERE if within is not None else _THERE & ~getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(name, flags, dir_fd=within), "wb") as opened:
        opened.write(data)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _is_junction(state: os.stat_result) -> bool:
    """Whether it is a link between folders of Windows, which is no symbolic link."""
    tag = getattr(state, "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0)


@contextmanager
def _refusals(said: str, fix: str = "") -> Iterator[None]:
    """Says in one sentence why a file is not written."""
    try:
        yield
    except _Link as link:
        where = os.path.normpath(link.path).replace(os.sep, "/")
        which = "a link" if where == said else f"behind a link, {where}"
        raise CannotJudge(
            Problem(
                f"the file is {which}, and a link in the tree may lead anywhere",
                said,
                fix="take the link out of the tree, or name the file by its absolute path",
            )
        ) from None
    except (OSError, ValueError) as error:
        raise _refused(said, error, fix) from None


def _refused(said: str, error: Exception, fix: str = "") -> CannotJudge:
    folder = said.rpartition("/")[0]
    if isinstance(error, FileNotFoundError) and folder and not os.path.isdir(folder):
        fix = f"make that first{f', or {fix}' if fix else ''}"
        return CannotJudge(Problem("the folder that it is to stand in is not there", said, fix=fix))
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    fix = fix or "name another place, or see who may write there"
    return CannotJudge(Problem(f"the file cannot be written: {why}", said, fix=fix))


@contextmanager
def _as_system_error() -> Iterator[None]:
    try:
        yield
    except _Link as link:
        raise OSError(f"{link.path} is a link") from None


# -- names that come from a contract, a table or a column

#: What Windows takes for a device, whatever stands behind a dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
_RESERVED = lazy_pattern(r'[<>:"/\\|?*]')
_LONGEST = 120  # bytes; the shortest that a common file system allows for a whole name is 143


def is_plain_name(text: str, longest: int = _LONGEST) -> bool:
    """Whether a text names one file, in the folder where it is put, on every system."""
    return (
        text.isprintable()
        and not _RESERVED.search(text)
        and text.strip(" ") == text != ""
        and not text.endswith(".")
        and text.lower() != ".git"
        and text.partition(".")[0].strip(" ").lower() not in _DEVICES
        and len(text.encode()) <= longest
    )


def is_plain_path(path: str) -> bool:
    """Whether a POSIX path leads to one file below the folder that it counts from, on every system."""
    return all(is_plain_name(part, 255) for part in path.split("/"))


def file_names(wanted: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each of some things, that is a file's and nobody else's, whatever stands in theirs.

    `a` of `t` is `t.a`, where that can be a name. Others keep what can be kept, and end in what tells them
    apart; so do those that a system without upper and lower case, or with one form of accents, would take
    for one.
    """
    from unicodedata import normalize

    texts = [".".join(parts) for parts in wanted]
    folded = [normalize("NFKC", text).casefold() for text in texts]
    return [
        text if is_plain_name(text) and folded.count(fold) == 1 else _told_apart(text, parts)
        for parts, text, fold in zip(wanted, texts, folded, strict=True)
    ]


def _told_apart(text: str, parts: tuple[str, ...]) -> str:
    import json
    from hashlib import sha256

    kept = re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("._-")[:60]
    mark = sha256(json.dumps(parts).encode()).hexdigest()[:12]
    made = f"{kept}-{mark}" if kept else mark
    return made if is_plain_name(made) else f"_{made}"
