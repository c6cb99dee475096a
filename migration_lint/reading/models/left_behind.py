"""What a script leaves outside: files that it writes, and variables of the environment that it sets.

The tree does not show them, so what is read afterwards is not what the tree has.
"""

from __future__ import annotations

from posixpath import normpath

from migration_lint.reading.python.values import Dict


class LeftBehind:
    """What one direction of a script may have written so far, on any path."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._anything = False
        self.variables = Dict()  # of the environment, by name

    @property
    def something(self) -> bool:
        """Whether any file was written."""
        return self._anything or bool(self._paths)

    def write(self, path: str | None) -> None:
        """A file is written, or made, or taken away; None: any, or what relative paths mean changes."""
        if path is None:
            self._anything = True
        else:
            self._paths.add(normpath(path))

    def holds(self, path: str) -> bool:
        """Whether a file may differ from the tree's by now."""
        return self._anything or normpath(path) in self._paths
