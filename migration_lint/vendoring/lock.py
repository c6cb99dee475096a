"""`contracts.lock`: for each vendored file its repository, its path there, the commit and its content.

    lock: migration-lint/v1
    files:
      vendored/api.consumer.yaml:
        repository: https://git.example.com/example/api
        path: contracts/api.consumer.yaml
        commit: 3f2a91c0…
        sha256: 9b74c989…

The hash is what counts: the commit says where the content came from, and nobody here can check that.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from migration_lint.change.tree import Tree
from migration_lint.disk import is_plain_path
from migration_lint.errors import CannotJudge
from migration_lint.named_tuple import NamedTuple

#: The lock's name, in the project's folder.
LOCK = "contracts.lock"
VERSION = "migration-lint/v1"

NO_PLACE = "{} is no place for a vendored file"

_KEYS = ("repository", "path", "commit", "sha256")


class Pin(NamedTuple):
    """One vendored file."""

    path: str  # here, relative to the project
    line: int
    repository: str
    origin: str  # its path in that repository
    commit: str  # a full git commit id
    sha256: str  # of its bytes, as lower-case hex


class VendoringLock(NamedTuple):
    """All vendored files of a project."""

    path: str  # of the lock itself, in its tree
    pins: tuple[Pin, ...] = ()

    def pin(self, path: str) -> Pin | None:
        """The pin of a file, by its path relative to the project."""
        return next((each for each in self.pins if each.path == path), None)


def read_lock(tree: Tree, project: str) -> VendoringLock | None:
    """The lock of a project, None where it has none. Raises CannotJudge with every problem of the file."""
    path = posixpath.join(project, LOCK) if project else LOCK
    if path not in tree.files():
        return None
    from migration_lint.yaml_document import MappingNode, Scalar, read_document

    document = read_document(path, tree.read(path), "lock")
    problems = list(document.problems)
    fix = "take the file as `migration-lint contract sync --from CHECKOUT --write` makes it"
    root = document.root
    keys = {key.text: value for key, value in root.pairs} if isinstance(root, MappingNode) else {}
    version, files = keys.get("lock"), keys.get("files")
    if not isinstance(version, Scalar) or version.text != VERSION:
        problems.append(document.problem(document.root, f"the lock does not begin with lock: {VERSION}", fix))
    pins: list[Pin] = []
    if isinstance(files, MappingNode):
        for key, value in files.pairs:
            said = (
                {name.text: each.text for name, each in value.pairs if isinstance(each, Scalar)}
                if isinstance(value, MappingNode)
                else {}
            )
            wrong = _wrong(key.text, said)
            if wrong:
                problems.append(document.problem(key, f"{key.text}: {wrong}", fix))
            else:
                pins.append(
                    Pin(key.text, key.line, said["repository"], said["path"], said["commit"], said["sha256"])
                )
    elif files is not None and not (isinstance(files, Scalar) and files.null):
        problems.append(document.problem(files, "files is not a mapping from paths to pins", fix))
    for name in keys:
        if name not in ("lock", "files"):
            problems.append(document.problem(keys[name], f'unknown key "{name}"', fix))
    if problems:
        raise CannotJudge.of(problems)
    return VendoringLock(path, tuple(pins))


def _wrong(path: str, said: Mapping[str, str]) -> str:
    """What is wrong with one entry, as a clause; "" if nothing is."""
    missing = [name for name in _KEYS if not said.get(name)]
    if missing:
        return f"{', '.join(missing)} is missing"
    unknown = said.keys() - set(_KEYS)
    if unknown:
        return f'unknown key "{min(unknown)}"'
    for name in (path, said["path"]):
        if name.startswith("/") or posixpath.normpath(name).startswith("..") or "\\" in name:
            return f"{name} is no path inside a repository"
    if not is_place(path):
        return NO_PLACE.format(path)
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", said["commit"]):
        return "commit is no full commit id"
    if not re.fullmatch(r"[0-9a-f]{64}", said["sha256"]):
        return "sha256 is no SHA-256 in lower-case hex"
    return ""


def is_place(path: str) -> bool:
    """Whether a vendored file can be kept at a path of the project."""
    return is_plain_path(path) and path.casefold() != LOCK


def lock_text(lock: VendoringLock) -> str:
    """The lock as a file, its entries in the order of their paths."""
    from migration_lint.contracts.meaning import flow

    lines = [
        "# Written by `migration-lint contract sync --from CHECKOUT --write`. Do not edit it by hand:",
        "# a file whose content is not the one that is pinned here is an error.",
        f"lock: {VERSION}",
        "files:" if lock.pins else "files: {}",
    ]
    for pin in sorted(lock.pins):
        lines.append(f"  {flow(pin.path)}:")
        for name, value in zip(_KEYS, (pin.repository, pin.origin, pin.commit, pin.sha256), strict=True):
            lines.append(f"    {name}: {flow(value)}")
    return "\n".join(lines) + "\n"


def content_hash(data: bytes) -> str:
    """The SHA-256 of a file, as lower-case hex, over its bytes as git keeps them."""
    from hashlib import sha256

    return sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def same_repository(url: str) -> str:
    """One spelling for the addresses of one repository: `git@host:a/b.git` is `https://host/a/b`."""
    text = re.sub(r"^(?:[a-z+]+://)?(?:[^@/]*@)?", "", url.strip(), flags=re.IGNORECASE)
    host, colon, path = text.partition(":")
    if colon and "/" not in host:
        text = f"{host}/{re.sub(r'^[0-9]+/', '', path)}"
    return text.removesuffix("/").removesuffix(".git").lower()
