"""Reads the scripts of a history, each once: what was read before is taken from the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from migration_lint.change import Tree, unsaved
from migration_lint.errors import Problem
from migration_lint.history import Environment, Script
from migration_lint.history.folders import joined
from migration_lint.operations import Dialect, Operation, from_json, to_json
from migration_lint.reading.project.helpers import NO_HELPERS, Helpers, WithHelpers
from migration_lint.reading.project.surroundings import Surroundings
from migration_lint.store import Store, checksum_of, key_of

#: What is known to be asked for of a script that has to be read anew each time.
_NOTHING: dict[str, str] = {}

#: Ends the name of an entry where base and head have the script in surroundings of their own: both are kept.
_OTHER = " other"

#: A bundle that holds more than this many times what is needed of it is begun anew.
_SLACK = 3


class Bundle:
    """What was read of the scripts of one environment, by content; kept in the store.

    An entry says what else of the tree was looked for while the script was read (`asked`, as
    `surroundings` names it): it holds where all of that is the same. Most scripts of an environment ask for
    the same, which is one object here, and is written once. The operations are kept apart from this
    index, and taken from there one script at a time: a run over a history that did not change needs none.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._index: dict[str, Entry] | None = None
        self._used: dict[str, Entry] = {}
        self._texts: dict[str, bytes] = {}  # of entries that the store does not hold yet
        self._built: dict[str, Read] = {}
        self._asked: dict[frozenset[tuple[str, str]], dict[str, str]] = {}

    def _entries(self) -> dict[str, Entry]:
        if self._index is None:
            self._index, self._asked = self._store.get_shaped("asked", self._name, _shared)
            self._asked = dict(self._asked)
        return self._index

    def _one_of(self, asked: dict[str, str]) -> dict[str, str]:
        """One shared value for all that are equal (interning)."""
        return self._asked.setdefault(frozenset(asked.items()), asked)

    def asked(self, key: str, around: Surroundings) -> dict[str, str] | None:
        """What an entry depends on, if there is one that holds in these surroundings."""
        held = self._holding(key, around)
        return None if held is None else self._used[held][0]

    def _holding(self, key: str, around: Surroundings) -> str | None:
        """The name of the entry that holds in these surroundings, if there is one; it is used from now on."""
        entries = self._entries() if self._index is None else self._index
        for name in (key, key + _OTHER):
            found = self._used.get(name) or entries.get(name)
            if found is not None and around.hold(found[0]):
                self._used[name] = found
                return name
        return None

    def get(self, key: str, around: Surroundings, path: str) -> Read | None:
        """What was read of the script at `path`, if it still holds in these surroundings."""
        held = self._holding(key, around)
        if held is None:
            return None
        found = self._built.get(held)
        if found is None:
            _, *place = self._used[held]
            text = self._store.get_part("readings", self._name, *place)
            if text is None:
                return None
            try:
                entry = json.loads(text)
                found = self._built[held] = (
                    tuple(_built(each, path) for each in entry["upgrade"]),
                    tuple(_built(each, path) for each in entry["downgrade"]),
                    str(entry["state"]),
                )
            except (KeyError, TypeError, ValueError, RecursionError):
                return None
        return found

    def put(self, key: str, read: Read, asked: dict[str, str], lasting: bool = True) -> None:
        """Keep what was read of a script; what is not `lasting`, for this run alone."""
        asked = self._one_of(asked)
        used = self._used.get(key)
        key = key if used is None or used[0] == asked else key + _OTHER
        self._built[key] = read
        if not self._store.keeps or not lasting:
            self._used[key] = [asked, 0, 0, ""]
            return
        upgrade, downgrade, state = read
        entry = {
            "upgrade": [_kept(each) for each in upgrade],
            "downgrade": [_kept(each) for each in downgrade],
            "state": state,
        }
        text = json.dumps(entry, separators=(",", ":")).encode()
        self._used[key] = [asked, 0, len(text), checksum_of(text)]
        self._texts[key] = text

    def save(self) -> None:
        """Write what is new to the store."""
        if not self._texts:
            return
        earlier = {key: entry for key, entry in self._entries().items() if key not in self._texts}
        many = len(earlier) > _SLACK * max(len(self._used), 100)
        size = sum(entry[2] for entry in earlier.values())
        if many or any(entry[1] > _SLACK * size + 1_000_000 for entry in earlier.values()):
            earlier = {}  # most of it is out of date; the rest is read anew when it is needed again
        place = self._store.put_parts("readings", self._name, self._texts.values(), behind=bool(earlier))
        for key, text in self._texts.items():
            self._used[key][1] = place
            place += len(text)
        entries = {**earlier, **{key: self._used[key] for key in self._texts}}
        asked = {id(entry[0]): entry[0] for entry in entries.values()}
        numbers = {each: str(number) for number, each in enumerate(asked)}
        made = {
            "asked": {numbers[each]: what for each, what in asked.items()},
            "entries": {key: [numbers[id(entry[0])], *entry[1:]] for key, entry in entries.items()},
        }
        self._store.put("asked", self._name, made)


def _shared(held: Any) -> tuple[dict[str, Entry], dict[frozenset[tuple[str, str]], dict[str, str]]]:
    """The index that is kept, and what its entries asked for, by what it is: equal ones are the same."""
    index: dict[str, Entry] = {}
    known: dict[frozenset[tuple[str, str]], dict[str, str]] = {}
    try:
        asked = {
            number: known.setdefault(frozenset(each.items()), each) for number, each in held["asked"].items()
        }
        for key, (number, start, size, checksum) in held["entries"].items():
            index[key] = [asked[number], start, size, checksum]
    except (AttributeError, KeyError, TypeError, ValueError):  # there is none, or it is damaged
        return {}, {}
    return index, known


#: What an entry asked for, and where its operations are: where they begin, their size, their checksum.
Entry = list[Any]

#: Upgrade's operations, downgrade's, and the downgrade's state: runs, missing, empty or raises; unread, where
#: only the upgrade was.
Read = tuple[tuple[Operation, ...], tuple[Operation, ...], str]


class Reader:
    """Reads scripts of one environment in one tree."""

    def __init__(
        self,
        tree: Tree,
        environment: Environment,
        dialect: Dialect,
        bundle: Bundle,
        outside: Mapping[str, str] | None = None,
        helpers: Helpers = NO_HELPERS,
        *,
        whole: bool = False,
    ) -> None:
        """`outside`: what the configuration states for variables of the environment; `whole`: each script is
        read in both directions, whatever is asked of it."""
        self._unsaved = unsaved(tree)
        tree = WithHelpers(tree, helpers) if helpers.texts else tree
        self._tree = tree
        self._outside = outside or {}
        self._helpers = helpers.roots
        stated = (*map("=".join, sorted(self._outside.items())), *self._helpers)
        self._stated = key_of(*stated) if stated else ""
        self.around = Surroundings(tree)
        self._environment = environment
        self.dialect: Dialect = dialect
        self._bundle = bundle
        self._whole = whole
        self._done: dict[str, Read] = {}
        self._upgrades: dict[str, Read] = {}  # scripts of which no more was read
        env = joined(environment.script_location, "env.py")
        self._env = tree.links().follow(env).path
        #: Of scripts that could not be read whole: modules that a newer Python can parse, and where.
        self.newer: dict[str, Mapping[str, Problem]] = {}
        self._unkept: dict[str, dict[str, str]] = {}  # what those ask for that another Python would read
        self._modules: dict[str, Any] = {}  # folder → ProjectFiles, which only reading needs

    def read(self, script: Script) -> Read:
        """What a script does."""
        found = self._done.get(script.path)
        if found is None:
            key = self._key(script)
            found = self._bundle.get(key, self.around, script.path) or self._read(script, key)
            self._done[script.path] = found
        return found

    def upgrade(self, script: Script) -> tuple[Operation, ...]:
        """What `upgrade()` of a script does; `downgrade()` is walked only when somebody asks for it."""
        found = self._done.get(script.path)
        if found is None and (self._whole or script.path == self._env):
            found = self.read(script)
        if found is None:
            whole = self._key(script)
            key = f"{whole} upgrade"
            found = self._bundle.get(whole, self.around, script.path)
            found = found or self._upgrades.get(script.path)
            found = found or self._bundle.get(key, self.around, script.path) or self._read(script, key, False)
            self._upgrades[script.path] = found
        return found[0]

    def asked(self, script: Script) -> dict[str, str]:
        """What else a script's meaning depends on, as `surroundings` names it."""
        for _ in range(2):
            key = self._key(script)
            for each in (key, f"{key} upgrade"):
                found = self._bundle.asked(each, self.around)
                if found is not None:
                    return found
            self.upgrade(script)
        return self._unkept.get(script.path, _NOTHING)

    def adopt(self, script: Script, operations: tuple[Operation, ...]) -> None:
        """Take these operations for what a script does: of env.py, only what is new in it."""
        self._done[script.path] = operations, (), "missing"

    def _key(self, script: Script) -> str:
        engine = self._environment.engine
        named = f" engine={engine}" if engine is not None else ""
        return f"{script.content_id} {self.dialect} {script.path} {self._stated}".rstrip() + named

    def _read(self, script: Script, key: str, whole: bool = True) -> Read:
        from migration_lint.reading.project.modules import ProjectFiles
        from migration_lint.reading.script import read_module, read_upgrade

        folder = script.path.rpartition("/")[0]
        files = self._modules.get(folder)
        if files is None:
            files = ProjectFiles(
                self._tree, folder, self._environment, self.around, self._outside, self._helpers
            )
            self._modules[folder] = files
        if script.path == self._env:
            from migration_lint.reading.env_script import read_env

            read: Read = read_env(script, self.dialect, files), (), "missing"
        elif not whole:
            read = read_upgrade(script.module(), script.path, self.dialect, files), (), "unread"
        else:
            directions = read_module(script.module(), script.path, self.dialect, files)
            read = directions.upgrade, directions.downgrade, directions.downgrade_state
        script.forget()
        if files.newer and any(each.kind == "opaque" for each in (*read[0], *read[1])):
            self.newer[script.path] = dict(files.newer)
            self._unkept[script.path] = dict(files.asked)
            return read  # another Python would read it
        # The next key makes another text of what is not saved: nobody asks for this one again.
        self._bundle.put(key, read, dict(files.asked), script.path not in self._unsaved)
        return read


def _kept(operation: Operation) -> dict[str, Any]:
    data = to_json(operation)
    data.pop("path", None)
    return data


def _built(data: dict[str, Any], path: str) -> Operation:
    return from_json({**data, "path": path})
