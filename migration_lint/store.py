"""A content-addressed cache of results, which may be lost, shared or damaged without harm.

An entry is JSON with a checksum before it; it is never a pickle, so a cache that somebody else wrote can
make a run wrong at worst where its writer could have changed the answer anyway, and can never run code.
Keys are made of what the value depends on: content ids, the dialect, and the code of this package. An
entry that is damaged, or cannot be read, is a miss; one that cannot be written is let go.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from migration_lint import __version__, disk
from migration_lint.errors import CannotJudge
from migration_lint.lazy_pattern import lazy_pattern

# `hashlib` loads OpenSSL first, which takes longer than all that is hashed.
try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_T = TypeVar("_T")

#: Names the folder to keep entries in; `off` keeps none.
VARIABLE = "MIGRATION_LINT_CACHE"

_PACKAGE = Path(__file__).parent
_DISTRIBUTION = "migration_contract_lint"  # as the folder beside an installed package spells it

#: How many entries of a kind are kept, how many bytes, and for how many days those of other versions.
MOST_ENTRIES = 2_000
MOST_BYTES = 64_000_000
_DAYS = 30
_GENERATION = lazy_pattern(r"[0-9][^/]*-[0-9.]+-[0-9a-f]{12}")


#: How many entries a process that goes on keeps as it has read them.
MOST_REMEMBERED = 50


class Store:
    """Entries of JSON, by kind and key. `folder` is None where nothing is to be kept.

    Used for more than one run, it remembers what `get_shaped` gave as long as the entry is the same file.
    """

    def __init__(self, folder: Path | None) -> None:
        self._root = folder
        self._generation = "" if folder is None else _generation()
        self._folder = None if folder is None else folder / self._generation
        self._tidied: set[str] = set()  # kinds that this process made room in
        self._remembered: dict[tuple[str, str], tuple[tuple[int, ...], Any]] = {}

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        return self._folder is not None

    def get(self, kind: str, key: str) -> Any:
        """What was put under the key; None where there is nothing, or nothing whole."""
        return self.get_texts(kind, key)[0]

    def get_texts(self, kind: str, key: str) -> tuple[Any, list[str]]:
        """What was put under the key, with its texts; None and none as of `get`."""
        if self._folder is None:
            return None, []
        try:
            data = (self._folder / kind / key).read_bytes()
        except OSError:
            return None, []
        checksum, _, payload = data.partition(b"\n")
        if checksum != checksum_of(payload).encode():
            return None, []
        try:
            value, *texts = payload.decode("utf-8", "surrogatepass").split("\n")
            return json.loads(value), texts
        except (ValueError, RecursionError):
            return None, []

    def get_shaped(self, kind: str, key: str, shape: Callable[[Any], _T]) -> _T:
        """What `shape` makes of an entry. Nobody may change what comes back: the next one gets it too."""
        if self._folder is None:
            return shape(None)
        try:
            state = (self._folder / kind / key).stat()
        except OSError:
            return shape(None)
        written = (state.st_mtime_ns, state.st_size, state.st_ino)
        held = self._remembered.get((kind, key))
        if held is not None and held[0] == written:
            found: _T = held[1]
            return found
        made = shape(self.get(kind, key))
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[kind, key] = written, made
        return made

    def put(self, kind: str, key: str, value: Any) -> None:
        """Keep a value. An entry is whole or not there, whatever happens while it is written."""
        self.put_texts(kind, key, value, ())

    def put_texts(self, kind: str, key: str, value: Any, texts: Iterable[str]) -> None:
        """Keep a value, and texts beside it that need not be gone through to read it: each is one line."""
        if self._folder is None:
            return
        told = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
        payload = "\n".join((told, *texts)).encode("utf-8", "surrogatepass")
        self._write(kind, key, checksum_of(payload).encode() + b"\n" + payload)

    def _write(self, kind: str, key: str, data: bytes) -> None:
        if self._root is None or self._folder is None:
            return
        try:
            disk.save([self._file(self._root, kind, key, data)], make_folders=True)
        except CannotJudge:
            return
        if kind not in self._tidied:
            self._tidied.add(kind)
            _make_room(self._folder / kind)

    def _file(self, root: Path, kind: str, key: str, data: bytes) -> disk.File:
        return disk.File(root, f"{self._generation}/{kind}/{key}", data)

    def get_part(self, kind: str, key: str, start: int, size: int, checksum: str) -> bytes | None:
        """Some bytes of what `put_parts` wrote; None where they are not those any more."""
        if self._folder is None:
            return None
        try:
            with open(self._folder / kind / key, "rb") as file:
                file.seek(start)
                data = file.read(size)
        except (OSError, TypeError, ValueError, OverflowError):
            return None
        return data if checksum_of(data) == checksum else None

    def put_parts(self, kind: str, key: str, parts: Iterable[bytes], *, behind: bool = False) -> int:
        """Keep several values in one entry, in the place of what is there or `behind` it.

        Comes back with where the first begins. Who reads one has to know where it is, and its checksum: two
        runs that write at the same time may take each other's place.
        """
        data = b"".join(parts)
        if self._root is None or not behind:
            self._write(kind, key, data)
            return 0
        try:
            return disk.append(self._file(self._root, kind, key, data))
        except OSError:
            return 0


def _make_room(folder: Path) -> None:
    """Evict the oldest entries of a kind where there are too many, and the folders of abandoned versions."""
    try:
        entries = [(entry.stat(), entry.path) for entry in os.scandir(folder)]
        size = sum(state.st_size for state, _ in entries)
        if len(entries) > MOST_ENTRIES or size > MOST_BYTES:
            entries.sort(key=lambda each: each[0].st_mtime)
            left = len(entries)
            for state, path in entries[:-1]:
                if left <= MOST_ENTRIES // 2 and size <= MOST_BYTES // 2:
                    break
                Path(path).unlink(missing_ok=True)
                left -= 1
                size -= state.st_size
        generation = folder.parent
        for other in os.scandir(generation.parent):
            if other.name != generation.name and _is_abandoned(Path(other.path)):
                import shutil

                shutil.rmtree(other.path, ignore_errors=True)
    except OSError:
        return  # another run makes room at the same time, or nothing may be removed here


def _written(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:
        return 0.0


def _is_abandoned(generation: Path) -> bool:
    """Whether a folder is a generation's, and nothing was written to it for a long time."""
    if not _GENERATION.fullmatch(generation.name):
        return False
    return all(_written(kind) < time.time() - _DAYS * 86_400 for kind in (generation, *generation.iterdir()))


def open_store(environ: Mapping[str, str]) -> Store:
    """The store that the environment names, or the user's own cache folder.

    Raises CannotJudge where a relative path in it leads through a link.
    """
    named = environ.get(VARIABLE, "")
    if named == "off":
        return Store(None)
    if named:
        disk.check_folder(Path(named))
        return Store(Path(named))
    home = environ.get("XDG_CACHE_HOME") or (
        os.path.join(environ["HOME"], ".cache") if environ.get("HOME") else environ.get("LOCALAPPDATA", "")
    )
    return Store(Path(home) / "migration-lint" if home else None)


def key_of(*parts: str) -> str:
    """A key for whatever depends on the parts, and on nothing else."""
    # With the length of each, no two lists of parts come to one text. A broken text is one of its own, too.
    told = "".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def checksum_of(data: bytes) -> str:
    """What tells whether bytes are still those that were written."""
    return blake2b(data, digest_size=16).hexdigest()


def _generation(package: Path = _PACKAGE) -> str:
    """A name for this package's code: entries that other code wrote are not looked at.

    Nor are those that were written under another Python: what it takes for a syntax error differs.
    """
    made = blake2b(__version__.encode(), digest_size=6)
    installed = _installed(package)
    for entry in _sources(package) if installed is None else installed:
        made.update(entry)
    major, minor = sys.version_info[:2]
    return f"{__version__}-{major}.{minor}-{made.hexdigest()}"


def _installed(package: Path) -> list[bytes] | None:
    """The hashes of the package's modules, as they were installed; None where they were not.

    They are the same wherever the same wheel is, so that runs of CI can share what they keep. What a wheel's
    RECORD holds: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    record = package.parent / f"{_DISTRIBUTION}-{__version__}.dist-info" / "RECORD"
    inside = f"{package.name}/".encode()
    try:
        lines = record.read_bytes().splitlines()
    except OSError:
        return None
    return sorted(line for line in lines if line.startswith(inside) and b",sha256=" in line) or None


def _sources(folder: Path) -> Iterable[bytes]:
    # Size and time of every module, so that a checkout that is worked on never meets its own past.
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.is_dir():
                if not entry.name.startswith("_"):
                    yield from _sources(Path(entry.path))
            elif entry.name.endswith(".py"):
                state = entry.stat()
                yield f"{entry.name}:{state.st_size}:{state.st_mtime_ns}".encode()
