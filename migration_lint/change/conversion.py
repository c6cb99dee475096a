"""What a checkout writes in another form than its blob: line ends, `$Id$`, an encoding, a file in Git LFS.

git finds out by running the filters that the configuration names. Here nothing is run: what git itself does
is done again, and a file in Git LFS is known by the digest in its pointer. What another filter made of a
file cannot be known; the file is what the disk holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from migration_lint.change.configuration import is_on
from migration_lint.change.folder import content_id, read_regular
from migration_lint.change.repository import Repository
from migration_lint.lazy_pattern import lazy_pattern

_ATTRIBUTES = ("text", "crlf", "eol", "ident", "filter", "working-tree-encoding")
_UNSAID = ("unspecified", "unset")

#: Encodings of texts that git and Python know alike. Python has more, which git would leave as they are.
_ENCODING = lazy_pattern(r"(utf|cp|windows|iso|latin|koi8|shift|euc|gb|big)[-_]?[0-9a-z_-]+", re.IGNORECASE)

_IDENT = lazy_pattern(rb"\$Id:[^$\n]*\$")
_POINTER = lazy_pattern(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)


class Checkout:
    """How the files of a work tree are written, as the attributes and the user's configuration say."""

    def __init__(
        self, repository: Repository, top: Path, attributes: Mapping[str, Mapping[str, str]]
    ) -> None:
        """`attributes` are those of each path."""
        self._repository = repository
        self._top = top
        self._attributes = attributes

    def is_of(self, path: str, blob: str) -> bool:
        """Whether the file at `path` is the blob, as it would be checked out."""
        try:
            data = read_regular(bytes(self._top), path)
        except OSError:
            return False
        said = self._attributes.get(path, {})
        hash_name = self._repository.hash_name
        if any(content_id(made, hash_name) == blob for made in self._forms(data, said)):
            return True
        if said.get("filter", "unspecified") in _UNSAID:
            return False
        held = self._repository.objects.get(blob)
        pointer = _POINTER.fullmatch(held.data) if held is not None else None
        return pointer is not None and int(pointer[2]) == len(data) and pointer[1] == _digest(data)

    def _forms(self, data: bytes, said: Mapping[str, str]) -> Iterator[bytes]:
        """What git may make of a file's bytes when it is added."""
        yield data
        encoding = said.get("working-tree-encoding", "")
        if _ENCODING.fullmatch(encoding):
            try:
                data = data.decode(encoding).encode()
            except (LookupError, UnicodeError):
                return
            yield data
        kinds: list[Callable[[bytes], bytes]] = []
        if b"\r\n" in data and self._has_line_ends(said):
            kinds.append(lambda each: each.replace(b"\r\n", b"\n"))
        if said.get("ident") == "set":
            kinds.append(lambda each: _IDENT.sub(b"$Id$", each))
        for kind in kinds:
            data = kind(data)
            yield data

    def _has_line_ends(self, said: Mapping[str, str]) -> bool:
        """Whether git makes LF of CRLF when such a file is added: see gitattributes(5), `text`."""
        text = said.get("text", "unspecified")
        if text == "unspecified":
            text = {"input": "set"}.get(said.get("crlf", ""), said.get("crlf", "unspecified"))
        if text == "unspecified" and said.get("eol", "unspecified") in _UNSAID:
            return self._converts_line_ends
        return text != "unset"

    @cached_property
    def _converts_line_ends(self) -> bool:
        """Whether the user's configuration does, where no attribute says it."""
        told = self._repository.git.as_user().attempt("config", "--get", "core.autocrlf").stdout
        return is_on(told.decode().strip())


def checkout(repository: Repository, top: Path, paths: Iterable[str]) -> Checkout:
    """What attributes say of these files. Raises CannotJudge."""
    asked = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    repository.directory.heed_attributes(repository.common_dir)
    try:
        told = repository.git.as_user().run(
            "read the attributes", "check-attr", "-z", "--stdin", *_ATTRIBUTES, stdin=asked
        )
    finally:
        repository.directory.heed_attributes(None)
    fields = told.decode("utf-8", "surrogateescape").split("\0")
    found: dict[str, dict[str, str]] = {}
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        found.setdefault(path, {})[name] = value
    return Checkout(repository, top, found)


def _digest(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(data).hexdigest().encode()
