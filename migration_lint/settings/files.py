"""The files that a project may be configured in: each read, and parsed, once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.toml_document import TomlDocument, read_toml

PYPROJECT = "pyproject.toml"
OWN_FILE = "migration-lint.toml"
SECTION = "tool.migration-lint"  # of pyproject.toml


def inside(project: str, path: str) -> str:
    """The tree's name for what `project` calls `path`."""
    return f"{project}/{path}" if project else path


def named_inside(project: str, config: str) -> str:
    """The tree's name for a configuration that a person names from `project` on, upwards too.

    Raises CannotJudge where that leads out of the tree: what stands there is no part of what is judged.
    """
    path = posixpath.normpath(posixpath.join(project, config))
    if path.startswith(("../", "/")) or path[1:2] == ":":
        problem = "--config names a file outside of what is judged, which no commit holds"
        raise CannotJudge(Problem(problem, config, fix="put it into the repository of the project"))
    return path


class Files:
    """What is in the files of one tree, or folder."""

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        content_id: Callable[[str], str | None] = lambda path: None,
    ) -> None:
        """`read` gives the bytes of a file, `content_id` the name of these; None where there is none."""
        self._read = read
        self._data: dict[str, bytes | None] = {}
        self._documents: dict[str, TomlDocument] = {}
        self.content_id = content_id

    @classmethod
    def of(cls, tree: Tree) -> Files:
        """Those of a tree, by their paths in it; links inside the tree are followed.

        Of one that leads out of it, `read` and `content_id` raise CannotJudge.
        """

        def real(path: str) -> str:
            led = tree.links().follow(path)
            if led.away:
                problem = f"what it says is not seen: {led.away}"
                raise CannotJudge(Problem(problem, path, fix="write it among the files of the project"))
            return led.path

        def read(path: str) -> bytes | None:
            place = real(path)
            return tree.read(place) if place in tree.files() else None

        return cls(read, lambda path: tree.files().get(real(path)))

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        if path not in self._data:
            self._data[path] = self._read(path)
        return self._data[path]

    def document(self, path: str) -> TomlDocument:
        """What a file that is there says as TOML. Raises CannotJudge where it is not TOML."""
        if path not in self._documents:
            self._documents[path] = read_toml(path, self.read(path) or b"")
        return self._documents[path]
