"""Reads the scripts of a history, each once: what was read before is taken from the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from migration_lint.change import Tree
from migration_lint.history import Environment, Script
from migration_lint.operations import Dialect, Operation, from_json, to_json
from migration_lint.store import Store

#: A bundle that holds more than this many times what the run used is cut down to what it used.
_SLACK = 3


class Bundle:
    """What was read of the scripts of one environment, by content; kept in the store.

    An entry says which other files of the tree were looked for while the script was read (`asked`), with
    their content ids: it holds where all of them are the same. These are kept apart from the operations,
    because a run over a history that did not change needs nothing else.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._held: dict[str, dict[str, Any]] = {}
        self._used: dict[str, dict[str, Any]] = {"asked": {}, "readings": {}}
        self._fresh = False

    def _entries(self, kind: str) -> dict[str, Any]:
        if kind not in self._held:
            found = self._store.get(kind, self._name)
            self._held[kind] = found if isinstance(found, dict) else {}
        return self._held[kind]

    def asked(self, key: str, files: Mapping[str, str]) -> dict[str, str] | None:
        """What an entry depends on, if there is one that holds for a tree with these files."""
        used = self._used["asked"]
        found = used.get(key)
        if found is None:
            found = self._entries("asked").get(key)
        if not isinstance(found, dict):
            return None
        if any(files.get(path, "") != content for path, content in found.items()):
            return None
        used[key] = found
        return found

    def get(self, key: str, files: Mapping[str, str]) -> dict[str, Any] | None:
        """An entry that still holds for a tree with these files, or None."""
        if self.asked(key, files) is None:
            return None
        # Each entry is a text of its own: most runs need one or two of many.
        text = self._used["readings"].get(key) or self._entries("readings").get(key)
        try:
            entry = json.loads(text) if isinstance(text, str) else None
        except ValueError:
            return None
        if not isinstance(entry, dict) or entry.keys() != _KEYS:
            return None
        self._used["readings"][key] = text
        return entry

    def put(self, key: str, entry: dict[str, Any], asked: dict[str, str]) -> None:
        """Keep an entry."""
        self._used["asked"][key] = asked
        self._used["readings"][key] = json.dumps(entry, separators=(",", ":"))
        self._fresh = True

    def save(self) -> None:
        """Write what is new to the store."""
        if not self._fresh:
            return
        for kind in ("readings", "asked"):
            merged = {**self._entries(kind), **self._used[kind]}
            if len(merged) > _SLACK * max(len(self._used["asked"]), 100):
                merged = {key: merged[key] for key in self._used["asked"] if key in merged}
            self._store.put(kind, self._name, merged)
        self._fresh = False


_KEYS = {"upgrade", "downgrade", "state"}


class Reader:
    """Reads scripts of one environment in one tree."""

    def __init__(self, tree: Tree, environment: Environment, dialect: Dialect, bundle: Bundle) -> None:
        self._tree = tree
        self._environment = environment
        self._dialect: Dialect = dialect
        self._bundle = bundle
        self._done: dict[str, tuple[tuple[Operation, ...], tuple[Operation, ...], str]] = {}
        self._modules: dict[str, Any] = {}  # folder → ProjectFiles, which only reading needs

    def read(self, script: Script) -> tuple[tuple[Operation, ...], tuple[Operation, ...], str]:
        """Upgrade's operations, downgrade's, and the downgrade's state: runs, missing, empty or raises."""
        found = self._done.get(script.path)
        if found is None:
            key = self._key(script)
            entry = self._bundle.get(key, self._tree.files())
            if entry is None:
                entry = self._read(script, key)
            found = (
                tuple(_built(each, script.path) for each in entry["upgrade"]),
                tuple(_built(each, script.path) for each in entry["downgrade"]),
                entry["state"],
            )
            self._done[script.path] = found
        return found

    def asked(self, script: Script) -> dict[str, str]:
        """The other files that a script's meaning depends on: path → content id, "" where there is none."""
        key = self._key(script)
        found = self._bundle.asked(key, self._tree.files())
        if found is None:
            self.read(script)
            found = self._bundle.asked(key, self._tree.files())
        return {} if found is None else found

    def _key(self, script: Script) -> str:
        return f"{script.content_id} {self._dialect} {script.path}"

    def _read(self, script: Script, key: str) -> dict[str, Any]:
        from migration_lint.reading.modules import ProjectFiles
        from migration_lint.reading.script import read_module

        folder = script.path.rpartition("/")[0]
        files = self._modules.get(folder)
        if files is None:
            roots = [*self._environment.import_roots, self._environment.script_location, folder]
            files = self._modules[folder] = ProjectFiles(self._tree, roots, folder)
        directions = read_module(script.module(), script.path, self._dialect, files)
        script.forget()
        entry = {
            "upgrade": [_kept(each) for each in directions.upgrade],
            "downgrade": [_kept(each) for each in directions.downgrade],
            "state": directions.downgrade_state,
        }
        self._bundle.put(key, entry, dict(files.asked))
        return entry


def _kept(operation: Operation) -> dict[str, Any]:
    data = to_json(operation)
    data.pop("path", None)
    return data


def _built(data: dict[str, Any], path: str) -> Operation:
    return from_json({**data, "path": path})
