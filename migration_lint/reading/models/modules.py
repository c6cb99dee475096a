"""The project's own modules: what a dotted name means in them, and what importing one runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration_lint.reading.models import companions, table
from migration_lint.reading.models.alone import Alone, Application
from migration_lint.reading.project import environment
from migration_lint.reading.project.imports import Active
from migration_lint.reading.project.modules import LIBRARIES, Names, ProjectFiles
from migration_lint.reading.python.escapes import acts
from migration_lint.reading.python.inert import forget_refused
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import LEAST_STEPS, MODULE_STEPS, Exhausted
from migration_lint.reading.python.store import Own
from migration_lint.reading.python.values import (
    NUMBERS,
    Dotted,
    FilePath,
    Function,
    MetaDataModel,
    Module,
    Unknown,
    Value,
)

#: Names of libraries that no project has of its own: what they mean hangs on nothing, and is known for all
#: scripts once one has asked.
_KNOWN: dict[str, Value] = {}


class OwnModules:
    """The modules that one direction of a script comes to."""

    def __init__(self, files: ProjectFiles) -> None:
        self.files = files
        self.overlays = companions.Overlays(files)
        #: Names that are not the project's, by themselves.
        self.foreign: dict[str, Value] = _KNOWN.copy()
        # The modules whose tops run, and whether they are helpers of migrations.
        self._ran: dict[str, bool] = {}
        self._walking: list[Module] = []  # the modules whose tops are being walked
        #: While it is found out what modules do by themselves: what is known of that.
        self.trial: dict[str, Alone] | None = None
        self._own: dict[str, Own] = {}  # what their tops have made, by module
        self._stirrers: set[str] = set()  # modules that changed what others hold; "": the script
        self._registrars: set[str] = set()  # modules that registered what a library calls
        self._homes: dict[int, tuple[MetaDataModel, Module]] = {}  # by id: what a module made, and which

    def find(self, run: Interpreter, path: str) -> Value:
        """See `running.Library`."""
        known = self.foreign.get(path)
        if known is not None:
            return known
        top = path.partition(".")[0]
        if top == "builtins" or not self.files.own(top):
            table.load(path)
            made = table.VALUES.get(path)
            if made is None and top in companions.LIBRARIES:
                self.walks(run)
                meant = self.overlays.find(path)
                if meant is not None:
                    return meant
            if made is not None:
                return made()
            found = self.foreign[path] = Dotted(path)
            if top in LIBRARIES and top not in companions.LIBRARIES:
                _KNOWN[path] = found
            return found
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            dotted = ".".join(parts[:count])
            module = self.module(run, dotted)
            if dotted in self.files.broken:
                return Unknown(self.files.broken[dotted], reach=True)
            if module is not None:
                value: Value = self._rebound(run, dotted, module) if count == len(parts) else module
                for name in parts[count:]:
                    value = run.attribute(value, name)
                if isinstance(value, Dotted) and value.path != path:
                    return self.find(run, value.path)
                return value
        return Dotted(path)

    def imported(self, run: Interpreter, path: str) -> None:
        """See `running.Library`."""
        self.overlays.imported(path)
        if path in self.files.covered or path.startswith("."):
            return
        self.files.covered.add(path)
        if not self.files.own(path.partition(".")[0]):
            return
        if self.files.find(path) is None:
            self._asked_of_module(run, path)
            return
        for each in self._running(run, path):
            if each.name not in self._ran:
                self._ran[each.name] = each.helper
                self._import(run, each)

    def _running(self, run: Interpreter, path: str) -> Iterator[Active]:
        """The modules that do more than bind names when one is imported.

        These are all, once the script or a helper of migrations has changed what another module holds: what
        a module calls may then be what it was given.
        """
        found = self.files.active(path)
        self._settle(run)
        if not self._is_given():
            yield from found
            return
        active = {each.name: each for each in found}
        for name in self.files.behind(path):
            yield active.get(name) or Active(name, (), helper=False)

    def _is_given(self) -> bool:
        """Whether the script, or a helper of migrations, has changed other modules' names."""
        return any(name == "" or self._ran.get(name) for name in self._stirrers)

    def _asked_of_module(self, run: Interpreter, path: str) -> None:
        """`from module import name`, where the module runs: its `__getattr__` answers for what it lacks."""
        dotted, _, name = path.rpartition(".")
        carried = self.files.carried(dotted) if dotted in self._ran else ()
        if carried is not None and "__getattr__" not in carried:
            return
        module = self.module(run, dotted)
        if module is not None and name not in module.frame.locals:
            answers = module.frame.locals.get("__getattr__")
            if isinstance(answers, Function) and acts(run, answers):
                run.attribute(module, name)

    def _import(self, run: Interpreter, each: Active) -> None:
        """Run the top of a module, or do what it is known to do by itself."""
        if each.helper or self._is_given():
            self._run_top(run, each)
        elif self.trial is not None:
            self._try(run, each, self.trial)
        elif not self._done_again(run, each.name):
            self._run_top(run, each)

    @property
    def imports(self) -> tuple[str, ...]:
        """The modules whose tops were run, but for helpers of migrations."""
        return tuple(name for name, helper in self._ran.items() if not helper)

    def _try(self, run: Interpreter, each: Active, known: dict[str, Alone]) -> None:
        """Run the top of a module, and note what it does."""
        self._settle(run)
        found, after = known.get(each.name), frozenset(self._stirrers)
        if found is not None and not found.stirs:
            return
        operations = run.recorder.operations
        before = len(operations)
        self._run_top(run, each)
        self._settle(run)
        stirs = each.name in self._stirrers or each.name in self._registrars
        known[each.name] = Alone(stirs, tuple(operations[before:]), after)
        del operations[before:]  # they are not those of a module that imports this one

    def _done_again(self, run: Interpreter, name: str) -> bool:
        """Replay what a module's top level is known to do; gives whether that is all it does here."""
        self._settle(run)
        if not self.files.as_for_all():
            return False
        found = Application.around(self.files).of(run, name)
        if found.stirs or self._stirrers != found.after:
            return False
        for operation in found.operations:
            run.recorder.emit(operation)
        return True

    def _settle(self, run: Interpreter) -> None:
        """Record which module changed names of another."""
        if run.store.stirred:
            self._stirrers.add(self._walked())
            run.store.stirred = False

    def _walked(self) -> str:
        """The module whose top is being walked; "": the script runs."""
        return self._walking[-1].name.removesuffix(".__init__") if self._walking else ""

    def registered(self) -> None:
        """What runs has registered something that a library calls: a listener, an operation, a compiler.

        A module that does so at its top runs for each script. What other modules hold is as it was, so that
        those are not run because of it.
        """
        self._registrars.add(self._walked())

    def module(self, run: Interpreter, dotted: str) -> Module | None:
        """A module of the project by its name; its names are made when they are asked for."""
        self.walks(run)
        return self.files.load(dotted)

    def walks(self, run: Interpreter) -> None:
        """Let modules run their statements in this direction of the script."""

        def walk(statements: list[ast.stmt], module: Module) -> bool:
            self._settle(run)
            own = self._own.setdefault(module.name, Own(module.frame.locals))
            helper = self._ran.get(module.name.removesuffix(".__init__"))
            if helper is None and self._is_given():
                helper = False
            self._walking.append(module)
            try:
                _walk(run, statements, module, own, helper)
            finally:
                self._settle(run)
                self._walking.pop()
            return helper is not None

        self.files.walk = walk

    def made(self, of: MetaDataModel, home: Module | None = None) -> None:
        """Remember which module makes a MetaData: by itself the one that is being walked."""
        if home is not None or self._walking:
            self._homes[id(of)] = (of, home or self._walking[-1])

    def declared_beside(self, of: MetaDataModel) -> Iterator[Value]:
        """What may be tables of a MetaData in the module that made it, unless that is being walked."""
        home = self._homes.get(id(of))
        if home is not None and home[1] not in self._walking:
            names = home[1].frame.locals
            for name in environment.table_names(self.files, home[1].path):
                yield names.get(name)

    def _run_top(self, run: Interpreter, active: Active) -> None:
        """Run what the import of a module does besides binding names."""
        module = self.module(run, active.name)
        source = None if module is None else self.files.source(module.path)
        if module is None and active.lines is None and active.name in self.files.broken:
            run.recorder.opaque(
                f"what the import of {active.name} does is not known: {self.files.broken[active.name]}"
            )
        if module is None or source is None or not isinstance(module.frame.locals, Names):
            return
        if active.lines is None:
            module.frame.locals.run(source.body)
            return
        lines, names = set(active.lines), module.frame.locals
        left = {id(each) for each in names.left(source.body)} if self._is_given() else set()
        names.run_some(
            [
                each
                for each in source.body
                if id(each) in left
                or not lines.isdisjoint(range(_first(each), (each.end_lineno or each.lineno) + 1))
            ]
        )

    def _rebound(self, run: Interpreter, dotted: str, module: Module) -> Value:
        """What `from package import name` gives: what the package binds to the name hides its module."""
        package, _, name = dotted.rpartition(".")
        parent = self.module(run, package) if package else None
        if parent is None or not environment.binds(self.files, parent.path, name):
            return module
        value = parent.frame.locals.get(name, module)
        return module if isinstance(value, Unknown) or value == Dotted(dotted) else value


def _first(statement: ast.stmt) -> int:
    """The line where a statement begins, its decorators among it."""
    return min((each.lineno for each in getattr(statement, "decorator_list", ())), default=statement.lineno)


def _walk(
    run: Interpreter, statements: list[ast.stmt], module: Module, own: Own, helper: bool | None
) -> None:
    """Walk statements at the top of a module, whatever the script is in the middle of.

    `helper`: what it does to a database is done, and it is a helper of migrations, or one of an application's
    modules; None: the names of it are wanted, nothing else.
    """
    recorder, store = run.recorder, run.store
    kept = recorder.conditions, recorder.place, run.stack
    arms = store.logs, store.watches
    recorder.conditions, run.stack = [], []
    store.logs, store.watches = [], []  # an import is no part of the arm in which it happens
    NUMBERS.importing += 1
    outer, store.own = store.own, own
    if outer is not None:
        outer.end()
    own.begin()
    calm, recorder.calm = recorder.calm, recorder.calm + 1 if helper is None else 0
    application, recorder.application = recorder.application, helper is False
    floor, steps = run.floor, run.steps
    run.floor = max(floor, run.steps - (MODULE_STEPS if helper is not False else _share(run)))
    run.stock = max(run.stock, run.floor)
    module.frame.locals.setdefault("__name__", module.name.removesuffix(".__init__"))
    module.frame.locals.setdefault("__file__", FilePath(module.path))
    try:
        run.block(statements, module.frame)
    except Exhausted:
        # Whatever it was to bind is not known then.
        if helper:
            recorder.opaque(f"the import of {module.path} takes too many steps")
    finally:
        run.floor = floor
        recorder.calm, recorder.application = calm, application
        if helper is False:  # which the script is not to pay for
            run.application -= steps - run.steps
            run.steps = steps
        if not recorder.calm and run.refused:
            forget_refused(run)
        recorder.conditions, recorder.place, run.stack = kept
        store.logs, store.watches = arms
        own.end()
        if outer is not None:
            outer.begin()
        store.own = outer
        NUMBERS.importing -= 1


def _share(run: Interpreter) -> int:
    """The step budget for one top-level statement of an application's module; definitions always run."""
    return max(run.application // 2, LEAST_STEPS)
