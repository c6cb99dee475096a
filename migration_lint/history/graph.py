"""The revisions of one environment and their order, as `alembic/script/revision.py` has it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from migration_lint.change.links import Links
from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history.environment import Environment
from migration_lint.history.folders import joined
from migration_lint.history.script import Script, ScriptRecord, is_revision_file
from migration_lint.history.source import said_once
from migration_lint.named_tuple import NamedTuple
from migration_lint.wording import OF_MANY, did_you_mean, nearest


class Missing(NamedTuple):
    """A revision that another stands on, and that the environment does not have."""

    name: str  # as written
    revision: str  # whose `down_revision` or `depends_on` it is
    near: bool  # a revision or a label of the environment has nearly this name
    problem: Problem


class Taken(NamedTuple):
    """A script whose `depends_on` is computed, and after which revisions it is taken to run for that."""

    script: Script
    after: tuple[str, ...]  # all that it may depend on, as far as its text shows; or what is stated


class History(NamedTuple):
    """The revisions of one environment at one state of the tree.

    `scripts` come in an order in which they could run: whatever a revision stands on (`down_revision`,
    `depends_on`) comes before it. Between branches the order follows one branch until it waits for
    another, then the smaller id; it hangs neither on file names nor on the file system, and revisions
    added on top leave the order of those below as it was.

    `heads` and `bases` are those of Alembic's `get_heads()` and `get_bases()`, sorted: they look at
    `down_revision` alone. `parents` maps each id to all it stands on, branch labels resolved. What it
    stands on and the environment does not have is in `missing` instead: a beginning that is not known.
    Of a `depends_on` that is computed they have all that it may hold, which `taken` tells.
    """

    environment: Environment
    scripts: tuple[Script, ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    parents: Mapping[str, tuple[str, ...]]
    missing: tuple[Missing, ...] = ()
    taken: tuple[Taken, ...] = ()

    def __contains__(self, revision: object) -> bool:
        return revision in self.parents

    def by_revision(self) -> dict[str, Script]:
        """Revision id → script, in the order of `scripts`."""
        return {script.revision: script for script in self.scripts}


def script_paths(tree: Tree, environment: Environment) -> list[str]:
    """The files of `tree` that Alembic would load as revisions of `environment`, sorted, each once."""
    return [path for path, deeper in _candidates(tree, environment) if environment.recursive or not deeper]


def _candidates(tree: Tree, environment: Environment) -> list[tuple[str, bool]]:
    """What may be a revision, sorted, and whether it lies in a folder below the version locations."""
    found: dict[str, bool] = {}
    links = tree.links()
    for location in environment.version_locations:
        start = len(location) + 1 if location else 0
        below = tree.below(location)
        if environment.sourceless:
            # What Python wrote is Alembic's to run then, also where nobody else looks at it.
            folders = dict.fromkeys(path.rpartition("/")[0] for path in (*below, f"{location}/"))
            below += [path for folder in folders for path in tree.below(joined(folder, "__pycache__"))]
        for path in below:
            folder, _, name = path[start:].rpartition("/")
            compiled = folder.endswith("__pycache__")
            if (compiled and not environment.sourceless) or not is_revision_file(
                name, sourceless=environment.sourceless
            ):
                continue
            deeper = "/" in folder if compiled else bool(folder)
            found[path] = deeper and found.get(path, True)
        for link in _links_below(links, location):
            # Alembic loads what a link leads to, by the name that it has there (`Script._from_path`).
            path = links.follow(link).path
            if path in tree.files() and is_revision_file(path.rpartition("/")[2]):
                deeper = "/" in link[start:]
                found[path] = deeper and found.get(path, True)
    return sorted(found.items())


def _links_below(links: Links, location: str) -> list[str]:
    prefix = f"{location}/" if location else ""
    return [link for link in links if link.startswith(prefix)]


def _not_readable(tree: Tree, environment: Environment) -> Iterator[Problem]:
    """What lies in the place of a script and cannot be read: links that lead away, compiled code."""
    links = tree.links()
    for location in environment.version_locations:
        for link in _links_below(links, location):
            led, inside = links.follow(link), link[len(location) :].lstrip("/")
            if led.away and is_revision_file(inside) and (environment.recursive or "/" not in inside):
                yield Problem(led.away, link, fix="put the script itself here: it cannot be judged elsewhere")
        for path in tree.files():
            folder, _, name = path.rpartition("/")
            # Only what is kept with the sources: Python writes such files wherever it runs.
            if name.endswith((".pyc", ".pyo")) and folder == joined(location, "__pycache__"):
                source = joined(location, f"{name.partition('.')[0]}.py")
                if source in tree.files():
                    message = f"compiled code is kept beside {source}, and Python may run it in its place"
                    yield Problem(message, path, fix="delete it, and have git ignore `__pycache__`")


def read_history(
    tree: Tree,
    environment: Environment,
    known: Mapping[str, list[Any]] | None = None,
    *,
    whole: bool = True,
    depends_on: Mapping[str, tuple[str, ...]] | None = None,
    beside: Mapping[str, Script] | None = None,
) -> History:
    """The history of `environment` in `tree`.

    `known` maps content ids to records of scripts read before, as JSON; those are not read again. Unless it
    has to be `whole`, revisions may stand on others that the tree does not have: `History.missing` has these.
    `depends_on` is what is stated of revisions whose own is computed. `beside` maps paths to scripts of
    another tree: where this one holds the same file, the script is the same object, and is read for both.
    Raises CannotJudge with every problem of every script, and of the graph that they make.
    """
    known, beside = known or {}, beside or {}
    candidates = _candidates(tree, environment)
    paths = [path for path, deeper in candidates if environment.recursive or not deeper]
    scripts, problems = _read_scripts(tree, environment, paths, known, beside)
    problems.extend(_not_readable(tree, environment))
    if not (environment.recursive or environment.stated):
        below = [path for path, deeper in candidates if deeper]
        more, unreadable = _deeper(tree, environment, scripts, below, known, beside)
        scripts.extend(more)
        problems.extend(unreadable)
    problems.extend(problem for script in scripts for problem in script.problems)
    graph = _Graph([script for script in scripts if script.revision], environment, depends_on or {})
    # A script that could not be read is missing from the graph; what points at it is no second problem.
    if not problems:
        graph.link()
        problems.extend(graph.problems)
        problems.extend(each.problem for each in graph.missing if whole)
    else:
        problems.extend(graph.duplicates)
    if problems:
        raise CannotJudge.of(
            sorted(said_once(problems), key=lambda problem: (problem.path, problem.line, problem.column))
        )
    return graph.history()


def _deeper(
    tree: Tree,
    environment: Environment,
    scripts: list[Script],
    paths: list[str],
    known: Mapping[str, list[Any]],
    beside: Mapping[str, Script],
) -> tuple[list[Script], list[Problem]]:
    """Scripts in folders below `versions/`, where the environment's own code must have said so.

    Alembic looks there only if told, but env.py or a command line of the project's own may tell it
    (Neutron's does). They belong if the two parts stand on one another, or if all scripts lie deeper.
    An archive of squashed revisions does neither.
    """
    if not paths:
        return [], []
    below, problems = _read_scripts(tree, environment, paths, known, beside)
    below = [script for script in below if script.line]  # Alembic refuses the others: it was not told of them
    here, there = {script.revision for script in scripts}, {script.revision for script in below}
    joined = any(not here.isdisjoint((*script.down_revisions, *script.depends_on)) for script in below)
    joined = joined or any(not (there - here).isdisjoint(script.down_revisions) for script in scripts)
    return (below, problems) if below and (joined or not scripts) else ([], [])


def _read_scripts(
    tree: Tree,
    environment: Environment,
    paths: list[str],
    known: Mapping[str, list[Any]],
    beside: Mapping[str, Script],
) -> tuple[list[Script], list[Problem]]:
    scripts: list[Script] = []
    problems: list[Problem] = []
    files = tree.files()
    wanted: list[str] = []
    for path in paths:
        # An id may have to be worked out: not before the file is read, unless it can save the reading.
        other = beside.get(path)
        if other is not None and other.content_id == files[path]:
            scripts.append(other)
            continue
        record = known.get(files[path]) if known else None
        if record is not None:
            try:
                script = Script(path, files[path], ScriptRecord.from_json(record), partial(tree.read, path))
                if not script.named_by_file:
                    scripts.append(script)
                    continue
            except TypeError:
                pass  # written by another version: read the file instead
        wanted.append(path)
    wanted = _with_source(wanted, set(paths), problems) if environment.sourceless else wanted
    if wanted:
        _read_texts(tree, wanted, scripts, problems)
    return scripts, problems


def _read_texts(tree: Tree, wanted: list[str], scripts: list[Script], problems: list[Problem]) -> None:
    """Read scripts of which nothing is known, adding them and what is wrong with them."""
    from migration_lint.history.script_text import read_script  # most runs read few scripts, or none

    files = tree.files()
    collecting = gc.isenabled()
    gc.disable()  # a syntax tree is thousands of objects and no garbage: collecting costs a third
    try:
        for path, data in tree.read_many(wanted).items():
            try:
                scripts.append(read_script(path, files[path], data))
            except CannotJudge as error:
                problems.extend(error.problems)
    finally:
        # Nor is any of it garbage when it is let go, one script after the other. Among the oldest objects it
        # is hardly ever looked through; frozen, what an editor's server is done with would stay for good.
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        if collecting:
            gc.enable()


def _with_source(paths: list[str], all_paths: set[str], problems: list[Problem]) -> list[str]:
    """`sourceless`: compiled files count unless their source is there. What they hold cannot be read."""
    readable: list[str] = []
    for path in paths:
        if path.endswith(".py"):
            readable.append(path)
            continue
        folder, _, name = path.rpartition("/")
        cached = folder.endswith("__pycache__")
        beside = folder.rpartition("/")[0] if cached else folder
        source = f"{beside}/{name.split('.')[0]}.py" if cached else path[:-1]
        if source.lstrip("/") not in all_paths:
            fix = "keep its source beside it; compiled code is not read"
            problems.append(Problem("a compiled revision has no source", path, fix=fix))
    return readable


class _Linked(NamedTuple):
    """The order of a graph, and all that each revision stands on."""

    order: tuple[str, ...]
    parents: Mapping[str, tuple[str, ...]]


#: By what scripts say of each other: with each key in an editor that is the same graph.
_LINKED: dict[tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...], _Linked] = {}
MOST_LINKED = 8


class _Graph:
    """The scripts of one environment on their way to a History; `problems` is what stands in it."""

    def __init__(
        self, scripts: Sequence[Script], environment: Environment, stated: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._environment = environment
        self._stated = stated
        self._scripts: dict[str, Script] = {}
        self._labels: dict[str, str] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._order: list[str] = []
        self.duplicates: list[Problem] = []
        self.problems: list[Problem] = []
        self.missing: list[Missing] = []
        self.taken: list[Taken] = []
        for script in scripts:
            first = self._scripts.setdefault(script.revision, script)
            if first is not script:
                message = f"revision {script.revision!r} is in two files, the other is {first.path}"
                fix = "delete one of them, or give it an id and a `down_revision` of its own"
                self.duplicates.append(Problem(message, script.path, script.line, fix=fix))

    def link(self) -> None:
        """Resolve who stands on whom, and put them in order."""
        said = tuple(
            (script.revision, script.down_revisions, script.depends_on, script.branch_labels)
            for script in self._scripts.values()
        )
        computed = any(script.may_depend_on is not None for script in self._scripts.values())
        linked = None if self.duplicates or computed else _LINKED.get(said)
        if linked is None:
            self._link()
            if self.problems or self.missing or computed:  # which each reader of the graph is to hear
                return
            while len(_LINKED) >= MOST_LINKED:
                del _LINKED[next(iter(_LINKED))]
            linked = _LINKED[said] = _Linked(tuple(self._order), self._parents)
        self._order, self._parents = list(linked.order), dict(linked.parents)

    def _link(self) -> None:
        self.problems.extend(self.duplicates)
        for script in self._scripts.values():
            for label in script.branch_labels:
                self._label(script, label)
        for script in self._scripts.values():
            self._parents[script.revision] = self._resolved(script)
        for script in self._scripts.values():
            if script.may_depend_on is not None:
                self._take(script, script.may_depend_on)
        self._sort()
        if not self.problems and len(self._order) != len(self._scripts):
            self._report_cycles()

    def history(self) -> History:
        scripts = self._scripts
        below = {down for script in scripts.values() for down in script.down_revisions}
        return History(
            environment=self._environment,
            scripts=tuple(scripts[revision] for revision in self._order),
            heads=tuple(sorted(revision for revision in scripts if revision not in below)),
            bases=tuple(sorted(script.revision for script in scripts.values() if not script.down_revisions)),
            parents={revision: self._parents[revision] for revision in self._order},
            missing=tuple(self.missing),
            taken=tuple(self.taken),
        )

    def _label(self, script: Script, label: str) -> None:
        taken = script.revision if label in self._scripts else self._labels.setdefault(label, script.revision)
        if label in self._scripts:
            message = f"branch label {label!r} of revision {script.revision!r} is the id of another revision"
            self.problems.append(Problem(message, script.path, script.line, fix="choose another label"))
        elif taken != script.revision:
            other = self._scripts[taken]
            message = (
                f"branch label {label!r} of revision {script.revision!r} is taken by {taken!r} ({other.path})"
            )
            self.problems.append(Problem(message, script.path, script.line, fix="choose another label"))

    def _resolved(self, script: Script) -> tuple[str, ...]:
        """All it stands on. Alembic wants whole ids here (`RevisionMap._revision_map` looks them up as
        they are); abbreviations work on its command line only. A label may stand in `depends_on`."""
        found: dict[str, None] = {}
        for down in script.down_revisions:
            if down in self._scripts:
                found[down] = None
            else:
                self._missing(script, "down_revision", down, script.down_line)
        for needed in script.depends_on:
            target = needed if needed in self._scripts else self._labels.get(needed)
            if target is None:
                self._missing(script, "depends_on", needed, script.depends_line)
            else:
                found[target] = None
        return tuple(found)

    def _take(self, script: Script, may: tuple[str, ...]) -> None:
        """Let a revision stand on all that it may depend on: that order is right whatever it depends on."""
        stated = self._stated.get(script.revision)
        found = list(self._parents[script.revision])
        after: list[str] = []
        for name in may if stated is None else stated:
            target = name if name in self._scripts else self._labels.get(name)
            if target is None and stated is not None:
                self._missing(script, "depends-on", name, script.depends_line)
            elif target is not None and (stated is not None or not self._stands_on(target, script.revision)):
                after.append(target)
                found += [target] if target not in found else []
                self._parents[script.revision] = tuple(found)
        self.taken.append(Taken(script, tuple(dict.fromkeys(after))))

    def _stands_on(self, revision: str, other: str) -> bool:
        """Whether one is the other, or stands on it."""
        left, seen = [revision], {revision}
        while left:
            each = left.pop()
            if each == other:
                return True
            more = set(self._parents.get(each, ())) - seen
            seen |= more
            left += more
        return False

    def _missing(self, script: Script, attribute: str, name: str, line: int) -> None:
        here = self._environment.name
        message = (
            f"`{attribute}` of revision {script.revision!r} names {name!r}, which is no revision of {here}"
        )
        near, fix = self._mend(attribute, name)
        problem = Problem(message, script.path, line, fix=fix)
        self.missing.append(Missing(name, script.revision, near, problem))

    def _mend(self, attribute: str, name: str) -> tuple[bool, str]:
        """Whether a revision with nearly this name is here, and what to do."""
        if attribute == "down_revision" and name in self._labels:
            return True, f"{name!r} is a branch label; write the id of the revision itself"
        begun = sorted(revision for revision in self._scripts if name and revision.startswith(name))
        if len(begun) == 1:
            return True, f"Alembic wants the whole id here: write {begun[0]!r}"
        near = nearest(name, sorted(self._scripts), 3, OF_MANY)
        if near:
            return True, f"{did_you_mean(map(repr, near))} Otherwise restore the script of {name!r}"
        return False, f"restore the script of {name!r}, or correct the id"

    def _sort(self) -> None:
        """Kahn's algorithm with a stack, so that a branch is followed as far as it goes."""
        waits: dict[str, int] = {}
        above: dict[str, list[str]] = {}
        for revision, parents in self._parents.items():
            waits[revision] = len(parents)
            for parent in parents:
                above.setdefault(parent, []).append(revision)
        ready = sorted((revision for revision, count in waits.items() if not count), reverse=True)
        while ready:
            revision = ready.pop()
            self._order.append(revision)
            freed = []
            for child in above.get(revision, ()):
                waits[child] -= 1
                if not waits[child]:
                    freed.append(child)
            ready.extend(sorted(freed, reverse=True))

    def _report_cycles(self) -> None:
        left = set(self._scripts).difference(self._order)
        while left:
            trail: dict[str, None] = {}
            step = min(left)
            while step not in trail:
                trail[step] = None
                following = [parent for parent in self._parents[step] if parent in left]
                if not following:
                    break
                step = min(following)
            else:
                ids = list(trail)
                self._report_cycle(ids[ids.index(step) :])
            left.difference_update(trail)

    def _report_cycle(self, cycle: list[str]) -> None:
        start = cycle.index(min(cycle))
        cycle = cycle[start:] + cycle[:start]
        script = self._scripts[cycle[0]]
        if len(cycle) == 1:
            message = f"revision {cycle[0]!r} stands on itself"
        else:
            message = f"revisions stand on one another in a circle: {' → '.join((*cycle, cycle[0]))}"
        down = cycle[1 % len(cycle)] in script.down_revisions
        line = script.down_line if down else script.depends_line
        fix = "correct `down_revision` or `depends_on` of one of them"
        self.problems.append(Problem(message, script.path, line, fix=fix))
