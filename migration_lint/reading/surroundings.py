"""What a script's meaning hangs on outside of itself, and whether it is the same in a tree.

Everything that a script asked for is kept as a name and a state. Most names are paths; their state is the
content id, "" where there is no such file. Two kinds are no paths: what a folder holds, and which of the
modules mention a word. No path of a tree begins with a slash, so they cannot be mistaken for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migration_lint.change.tree import Tree
from migration_lint.reading.imports import Imports
from migration_lint.store import key_of

_FOLDER = "/folder/"
_WORD = "/word/"
_IMPORT = "/import/"

#: How many modules are searched for a word.
MOST_SEARCHED = 5_000


class Surroundings:
    """One tree, as far as scripts ask for it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._states: dict[str, str] = {}  # of what is no path
        self._mentions: dict[str, list[str]] = {}
        self._imports: dict[str, Imports] = {}  # by the folders that modules are looked for in

    def hold(self, asked: Mapping[str, str]) -> bool:
        """Whether all that was asked for is in this tree as it was."""
        files = self._tree.files()
        return all(
            (files.get(name, "") if name[:1] != "/" else self.state(name)) == state
            for name, state in asked.items()
        )

    def state(self, name: str) -> str:
        """The state of what was asked for under a name."""
        if name[:1] != "/":
            return self._tree.files().get(name, "")
        found = self._states.get(name)
        if found is None:
            found = self._states[name] = self._worked_out(name)
        return found

    def _worked_out(self, name: str) -> str:
        if name.startswith(_FOLDER):
            return key_of(*self.listing(name[len(_FOLDER) :]))
        files = self._tree.files()
        if name.startswith(_IMPORT):
            dotted, _, roots = name[len(_IMPORT) :].partition("|")
            paths = self.imports(roots.split(":")).paths(dotted)
            return key_of(*(part for path in paths for part in (path, files[path])))
        return key_of(*(part for path in self.mentioning(name[len(_WORD) :]) for part in (path, files[path])))

    def listing(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        prefix = f"{folder}/" if folder else ""
        start = len(prefix)
        return [p[start:] for p in self._tree.files() if p.startswith(prefix) and "/" not in p[start:]]

    def imports(self, roots: Sequence[str]) -> Imports:
        """What modules do that are imported from some folders."""
        key = ":".join(roots)
        if key not in self._imports:
            self._imports[key] = Imports(
                lambda dotted: found_in(self._tree.files(), roots, dotted), self._text
            )
        return self._imports[key]

    def _text(self, path: str) -> str | None:
        try:
            return self._tree.read(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def mentioning(self, word: str) -> list[str]:
        """The paths of the modules whose text holds a word."""
        found = self._mentions.get(word)
        if found is None:
            modules = [path for path in self._tree.files() if path.endswith(".py")][:MOST_SEARCHED]
            texts = self._tree.read_many(modules)
            found = self._mentions[word] = sorted(p for p in modules if word.encode() in texts[p])
        return found


def found_in(files: Mapping[str, str], roots: Sequence[str], dotted: str) -> str | None:
    """The file of a module that is looked for in some folders."""
    inside = dotted.replace(".", "/")
    for root in roots:
        stem = f"{root}/{inside}" if root else inside
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in files:
                return candidate
    return None


def imported(dotted: str, roots: Sequence[str]) -> str:
    """The name under which all modules are asked for that an import of one runs."""
    return f"{_IMPORT}{dotted}|{':'.join(roots)}"


def folder(path: str) -> str:
    """The name under which the names of the files in a folder are asked for."""
    return f"{_FOLDER}{path}"


def mention(word: str) -> str:
    """The name under which the modules are asked for that hold a word."""
    return f"{_WORD}{word}"
