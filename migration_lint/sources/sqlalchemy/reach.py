"""Which files of a tree can lead the machine into some others: only they tell what is done there.

Going through a file, the machine enters code of another one by a name that an import binds, by an attribute
of a module that an import binds, or through a class of the other file that inherits from one of this file.
Each of the first two spells the other file's name, so a file that does not spell it need not be parsed.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from migration_lint.sources.sqlalchemy.models import Models

_PYTHON = (".py", ".pyi")
#: Whatever may be an import, one in a text, too.
_IMPORT = re.compile(
    r"(?:^|[:;])[ \t]*(?:from\b(?P<module>(?:[\w. \t]|\\\r?\n)+?)\bimport\b|import\b)", re.MULTILINE
)
_CONTINUED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"#[^\n]*")
_Node = tuple[str, bool]  # a file; whether it is held as a module, of which any attribute may be taken


class Reach:
    """Asks which files lead to which, over the models of one project."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._project = models.project
        self._paths = sorted(each for each in models.project.codebase.files() if each.endswith(_PYTHON))
        self._files = frozenset(self._paths)
        self._own = frozenset(models.files())
        names = {_name(path).encode() for path in self._paths}
        self._spelling: dict[bytes, list[str]] = {name: [] for name in names}
        for path in self._paths:
            for word in models.words_of(path) & names:
                self._spelling[word].append(path)
        self._imports: dict[str, frozenset[_Node]] = {}

    def leading_to(self, paths: Collection[str]) -> frozenset[str]:
        """The files from which code of some files may be entered, those files among them."""
        waiting: list[_Node] = [(path, False) for path in paths if path in self._files]
        seen = set(waiting)
        while waiting:
            at = waiting.pop()
            for before in self._before(at):
                if before not in seen and before[0] in self._files:
                    seen.add(before)
                    waiting.append(before)
        return frozenset(path for path, _ in seen)

    def _before(self, node: _Node) -> Iterator[_Node]:
        path, is_module = node
        for other in self._may_import(path):
            if node in self._imported(other):
                yield other, False
        if is_module:
            folder = posixpath.dirname(posixpath.dirname(path) if _is_package(path) else path)
            for package in (f"{folder}/__init__.py", f"{folder}/__init__.pyi"):
                yield package, True
            return
        yield path, True
        yield f"{posixpath.splitext(path)[0]}/__init__.py", True  # a package beside a module of its name
        if path.endswith(".pyi"):
            yield path[:-1], False
        for other in self._ancestors(path):
            yield other, False

    def _may_import(self, path: str) -> Iterator[str]:
        name = _name(path)
        if not (name.isascii() and name.isidentifier()):
            yield from self._paths
            return
        yield from self._spelling.get(name.encode(), ())
        place = posixpath.dirname(path) if _is_package(path) else posixpath.splitext(path)[0]
        inside = f"{place}/" if place else ""  # `from . import name` spells no module
        for at in range(bisect_left(self._paths, inside), len(self._paths)):
            if not self._paths[at].startswith(inside):
                break
            yield self._paths[at]

    def _imported(self, path: str) -> frozenset[_Node]:
        """What the imports of a file lead to, those in its functions, too."""
        if path not in self._imports:
            text = self._project.codebase.text(path) or ""
            found = (each for match in _IMPORT.finditer(text) for each in self._of_import(path, text, match))
            self._imports[path] = frozenset(found)
        return self._imports[path]

    def _of_import(self, path: str, text: str, match: re.Match[str]) -> Iterator[_Node]:
        module = _CONTINUED.sub("", match["module"] or "").replace(" ", "").replace("\t", "")
        for there in self._project.imported(path, module) if module else ():
            yield there, False
        for name in _names(text, match.end()):
            if not module:
                inner = {name, name.partition(".")[0]}
            else:
                inner = {module + name if module.endswith(".") else f"{module}.{name}"}
            for each in inner:
                for there in self._project.imported(path, each):
                    yield there, True

    def _ancestors(self, path: str) -> Iterator[str]:
        """The files of the classes that those of a file inherit from, whose methods are gone through, too."""
        for each in self._models.classes_in(path) if path in self._own else ():
            for base in self._models.machine.classes.project_ancestors(each):
                if base.path != path:
                    yield base.path


def _is_package(path: str) -> bool:
    return posixpath.splitext(posixpath.basename(path))[0] == "__init__"


def _name(path: str) -> str:
    """What an import spells of a file: its name, or that of the folder of a package."""
    return posixpath.splitext(posixpath.basename(posixpath.dirname(path) if _is_package(path) else path))[0]


def _names(text: str, start: int) -> Iterator[str]:
    """The names that stand after `import`, without those that they are given."""
    ended = text.find("\n", start)
    line = text[start : ended if ended >= 0 else len(text)]
    if line.lstrip(" \t\\").startswith("("):
        at = start
        line = ""
        while ")" not in line and at < len(text):
            ended = text.find("\n", at)
            ended = ended if ended >= 0 else len(text)
            line += _COMMENT.sub("", text[at:ended])
            at = ended + 1
    else:
        while line.rstrip("\r").endswith("\\") and ended >= 0:
            start, ended = ended + 1, text.find("\n", ended + 1)
            line = line.rstrip("\r")[:-1] + text[start : ended if ended >= 0 else len(text)]
    for each in _COMMENT.sub("", line).partition(";")[0].strip(" \t()\r").split(","):
        words = each.split()
        if words:
            yield words[0].rstrip(")")
