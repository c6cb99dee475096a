"""Evaluates the Python of a project to terms, without running it, and tells a listener what code does.

Branches fork what names hold and join it where they meet; a loop's body is gone through twice. Calls of
the project's own functions are entered, up to a depth and a number of steps; past them a call is left.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from migration_lint.sources.sqlalchemy.classes import Classes
from migration_lint.sources.sqlalchemy.companions import overlay_of
from migration_lint.sources.sqlalchemy.expressions import EXPRESSIONS, unquoted
from migration_lint.sources.sqlalchemy.flow import block, take_apart
from migration_lint.sources.sqlalchemy.frames import CLASS_LEVEL, DEEPEST, Event, Frame, mark
from migration_lint.sources.sqlalchemy.library import SPECIAL, of_flask, of_text, sets_of_flask
from migration_lint.sources.sqlalchemy.naming import library_name
from migration_lint.sources.sqlalchemy.project import LIBRARIES, Project
from migration_lint.sources.sqlalchemy.terms import (
    Choice,
    Class,
    Combined,
    Element,
    External,
    Function,
    Instance,
    Item,
    Known,
    Listed,
    Made,
    Namespace,
    Pairs,
    Parameter,
    Part,
    Place,
    Spread,
    Term,
    Unknown,
    either,
    options,
)

_MOST_STEPS = 30_000
#: Past so many in the whole project no call is entered any more: what is left takes as long as it is.
_MOST_IN_ALL = 5_000_000
#: Of calls and attributes, one after another, that are looked through for what begins them.
_LONGEST_CHAIN = 30
_Def = ast.FunctionDef | ast.AsyncFunctionDef


class Machine:
    """The evaluator of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.classes = Classes(self)
        self.keeps: Callable[[Class], bool] = lambda each: False
        """Whether attributes of a class stand for columns, so that they are left as they are."""
        self.listener: Callable[[Event], None] | None = None
        self._globals: dict[tuple[str, str], Term] = {}
        self._terms: dict[tuple[str, str], Class] = {}
        self._attributes: dict[tuple[Class, str], Term | None] = {}
        self._summaries: dict[tuple[ast.AST, Term | None], Term] = {}
        self.steps = 0
        self._spent = 0  # of the functions before this one
        self.active: list[ast.AST] = []

    # -- names

    def module_frame(self, path: str) -> Frame:
        return Frame(path)

    def named(self, path: str, name: str) -> Term | None:
        """What a name at the top level of a module means; None where it binds none."""
        key = (path, name)
        if key in self._globals:
            return self._globals[key]
        module = self.project.module(path)
        if module is None:
            return None
        statement = module.bindings.get(name)
        self._globals[key] = Unknown(f"{name} is made out of itself")
        with self._afresh():
            if statement is not None:
                found: Term | None = self.bound(statement, name, Frame(path))
            else:
                found = self._from_stars(path, module.stars, name)
        if found is None and f"{path}i" in self.project.codebase.files():
            found = self.named(f"{path}i", name)  # a package that loads what its stub lists when it is asked
        if found is None:
            del self._globals[key]
            return None
        self._globals[key] = found
        return found

    def _from_stars(self, path: str, stars: Sequence[ast.ImportFrom], name: str) -> Term | None:
        for star in stars:
            module = "." * star.level + (star.module or "")
            if module.partition(".")[0] in LIBRARIES:
                continue
            for there in self.project.imported(path, module):
                found = self.named(there, name)
                if found is not None:
                    return found
        return None

    def class_at(self, path: str, node: ast.ClassDef, within: str = "") -> Class:
        """The one term of a class."""
        name = f"{within}.{node.name}" if within else node.name
        key = (path, name)
        if key not in self._terms:
            self._terms[key] = Class(path, name, node)
        return self._terms[key]

    def bound(self, statement: ast.stmt, name: str, frame: Frame) -> Term:
        """What a statement binds a name to."""
        match statement:
            case ast.Import():
                return self._import(statement, name, frame.path)
            case ast.ImportFrom():
                return self._import_from(statement, name, frame.path)
            case ast.ClassDef():
                return self.class_at(frame.path, statement, frame.owner.name if frame.owner else "")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                symbol = f"{frame.owner.name}.{name}" if frame.owner else name
                return Function(frame.path, symbol, statement, frame.owner)
            case ast.Assign():
                value = self.evaluate(statement.value, frame)
                for target in statement.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        return value
                    if isinstance(target, (ast.Tuple, ast.List)):
                        taken = Frame(frame.path)
                        take_apart(self, target, value, taken)
                        if name in taken.names:
                            return taken.names[name]
                return Unknown()
            case ast.AnnAssign():
                if statement.value is not None:
                    return self.evaluate(statement.value, frame)
                return Parameter(name, self.evaluate(statement.annotation, frame))
            case _ if type(statement).__name__ == "TypeAlias":
                return self.evaluate(statement.value, frame)  # type: ignore[attr-defined]
            case _:
                return Unknown()

    def _import(self, statement: ast.Import, name: str, path: str) -> Term:
        for each in statement.names:
            if each.asname == name:
                return self._module_named(path, each.name)
            if each.asname is None and each.name.split(".")[0] == name:
                return self._module_named(path, name)
        return Unknown()

    def _import_from(self, statement: ast.ImportFrom, name: str, path: str) -> Term:
        module = "." * statement.level + (statement.module or "")
        real = next((each.name for each in statement.names if (each.asname or each.name) == name), name)
        return self.member_of_module(path, module, real)

    def member_of_module(self, path: str, module: str, name: str) -> Term:
        """`from module import name`, as a file at `path` would."""
        if module.partition(".")[0] in LIBRARIES:
            return self._external(f"{module}.{name}")
        for there in self.project.imported(path, module):
            found = self.named(there, name)
            if found is not None:
                return found
        for there in self.project.imported(
            path, f"{module.rstrip('.')}.{name}" if module.strip(".") else module + name
        ):
            return Namespace(there)
        return self._external(f"{module}.{name}".lstrip("."))

    def _external(self, name: str) -> Term:
        """Something of a library: a class or function of the library's overlay, where that has it."""
        overlay = overlay_of(name)
        found = self.named(overlay, name.rpartition(".")[2]) if overlay else None
        return found if found is not None else External(name)

    def _module_named(self, path: str, name: str) -> Term:
        if name.partition(".")[0] not in LIBRARIES:
            for there in self.project.imported(path, name):
                return Namespace(there)
        return External(name)

    # -- expressions

    def evaluate(self, node: ast.expr | None, frame: Frame) -> Term:
        """What an expression comes to."""
        if node is None:
            return Known(None)
        self.steps += 1
        evaluator = EXPRESSIONS.get(type(node))
        if evaluator is not None:
            return evaluator(self, node, frame)
        parts = tuple(
            self.evaluate(each, frame) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)
        )
        return Combined(type(node).__name__, parts)

    def annotation(self, node: ast.expr | None, frame: Frame) -> Term | None:
        """What an annotation means; one that stands as text is read as code."""
        if node is None:
            return None
        return self.evaluate(unquoted(node), frame)

    def attribute(self, of: Term, name: str, frame: Frame, place: Place | None = None) -> Term:
        """`of.name`"""
        match of:
            case Namespace():
                found = self.named(of.path, name)
                if found is None:
                    found = (
                        self.member_of_module(of.path, ".", name) if of.path.endswith("__init__.py") else None
                    )
                return found if found is not None else Unknown(f"{of.path} has no {name}")
            case External():
                return self._external(f"{of.name}.{name}")
            case Class():
                found = self._of_class(of, name, of, frame)
            case Instance():
                found = self._of_instance(of.of, name, of, frame)
            case Made() if (flask := of_flask(self, of, name)) is not None:
                return flask
            case Made(callee=External(name="builtins.super")):
                found = self._of_super(name, frame)
            case Made(callee=Class() as made):
                found = self._of_instance(made, name, of, frame)
            case Parameter(annotation=Class() as stated):
                found = self._of_instance(stated, name, Instance(stated), frame)
            case _:
                found = None
        return found if found is not None else Part(of, name, place)

    def _of_class(
        self, of: Class, name: str, bound: Term, frame: Frame, after: Class | None = None
    ) -> Term | None:
        """A member of a class, or of an instance; None where it stands for a column, or is not there."""
        if name == "__class__":
            return of
        if name in ("__name__", "__qualname__"):
            return Known(of.node.name)
        there = self.classes.member(of, name, after)
        if there is None:
            return None
        owner, statement = there
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            marks = {mark(each) for each in statement.decorator_list}
            if marks & CLASS_LEVEL and self.keeps(of):
                return None
            function = Function(
                owner.path, f"{owner.name}.{name}", statement, owner, _bound(statement, marks, of, bound)
            )
            if marks & {"property", "cached_property"} and not isinstance(bound, Class):
                return self.call(function, (), (), Place(owner.path, statement), frame)
            return function
        if isinstance(statement, ast.ClassDef):
            return self.class_at(owner.path, statement, owner.name)
        only_stated = isinstance(statement, ast.AnnAssign) and statement.value is None
        if self.keeps(of) or (only_stated and sets_of_flask(self, of, name)):
            return None
        scope = Frame(owner.path, owner=owner, types=self.classes.type_variables(of))
        scope.names = _Lazy(self, owner, scope)
        key = (of, name)
        if key not in self._attributes:
            self._attributes[key] = None
            with self._afresh():
                if isinstance(statement, ast.AnnAssign) and only_stated:
                    self._attributes[key] = Parameter(name, self.annotation(statement.annotation, scope))
                else:
                    self._attributes[key] = self.bound(statement, name, scope)
        return self._attributes[key]

    def _of_instance(self, of: Class, name: str, bound: Term, frame: Frame) -> Term | None:
        if self.keeps(of):
            return self._of_class(of, name, bound, frame)
        assigned = self.classes.assigned(of, name)
        if not assigned:
            return self._of_class(of, name, bound, frame)
        found: list[Term] = []
        for owner, function, statement in assigned:
            if any(each is statement for each in self.active):
                continue
            self.active.append(statement)
            given = bound if isinstance(bound, Made) and function.name == "__init__" else None
            scope = self.enter(
                Function(owner.path, f"{owner.name}.{function.name}", function, owner, Instance(of)),
                given.args if given else (), given.keywords if given else (), frame.depth + 1,
            )  # fmt: skip
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            term = self._silently(value, scope) if value is not None else Unknown()
            if isinstance(statement, ast.AnnAssign) and isinstance(term, (Parameter, Unknown, Made)):
                stated = self.annotation(statement.annotation, scope)
                term = term if isinstance(term, Made) else Parameter(name, stated)
            found.append(term)
            self.active.pop()
        return either(found) if found else Unknown()

    def _silently(self, node: ast.expr, frame: Frame) -> Term:
        listener, self.listener = self.listener, None
        try:
            return self.evaluate(node, frame)
        finally:
            self.listener = listener

    def _of_super(self, name: str, frame: Frame) -> Term | None:
        receiver = next(iter(frame.names.values()), None)
        of = receiver.of if isinstance(receiver, Instance) else receiver
        if frame.owner is None or not isinstance(of, Class) or receiver is None:
            return None
        return self._of_class(of, name, receiver, frame, after=frame.owner)

    def call(
        self,
        callee: Term,
        args: tuple[Term, ...],
        keywords: tuple[tuple[str | None, Term], ...],
        place: Place,
        frame: Frame,
    ) -> Term:
        """What a call gives: what a function of the project returns, or the call as it stands."""
        if isinstance(callee, External):
            special = SPECIAL.get(callee.name)
            result = special(self, args, keywords, frame) if special is not None else None
            if result is not None:
                return result
        if isinstance(callee, Made) and _is_partial(callee.callee) and callee.args:
            first, *before = callee.args
            kept = tuple(each for each in callee.keywords if each[0] not in dict(keywords))
            return self.call(first, (*before, *args), (*kept, *keywords), place, frame)
        if isinstance(callee, Part) and isinstance(callee.of, Known):
            worked_out = of_text(callee.of.value, callee.name, args)
            if worked_out is not None:
                return worked_out
        if isinstance(callee, Function):
            returned = self._enter(callee, args, keywords, frame)
            if returned is not None:
                return returned
        made = Made(callee, args, keywords, place)
        self.tell(Event("call", made, frame, place))
        return made

    def _enter(
        self,
        callee: Function,
        args: tuple[Term, ...],
        keywords: tuple[tuple[str | None, Term], ...],
        frame: Frame,
    ) -> Term | None:
        """What a call of a function of the project gives; None where it is not entered, or not known."""
        if (
            frame.depth >= DEEPEST
            or max(self.steps - _MOST_STEPS, self._spent - _MOST_IN_ALL) > 0
            or any(each is callee.node for each in self.active)
        ):
            return None
        given = (*args, *(value for _, value in keywords))
        if callee.closure or any(_tells(each) for each in given):
            returned = self.run(callee, self.enter(callee, args, keywords, frame.depth + 1))
        else:
            returned = self._summary(callee)
        return None if isinstance(returned, Unknown) else returned

    def _summary(self, callee: Function) -> Term:
        """What a function returns, whatever it is called with."""
        bound = callee.bound
        of = bound.of if isinstance(bound, Instance) else bound.callee if isinstance(bound, Made) else bound
        key = (callee.node, of)
        if key not in self._summaries:
            self._summaries[key] = Unknown()
            with self._afresh():
                self._summaries[key] = self.returned(callee)
        return self._summaries[key]

    def enter(
        self,
        function: Function,
        args: tuple[Term, ...],
        keywords: tuple[tuple[str | None, Term], ...],
        depth: int,
        symbol: str | None = None,
    ) -> Frame:
        """The frame of a call, its parameters bound."""
        bound = function.bound
        of = bound.of if isinstance(bound, Instance) else bound.callee if isinstance(bound, Made) else bound
        types = self.classes.type_variables(of) if isinstance(of, Class) else {}
        frame = Frame(
            function.path, dict(function.closure), function.owner,
            function.name if symbol is None else symbol, types, depth,
        )  # fmt: skip
        parameters = function.node.args
        names = [*parameters.posonlyargs, *parameters.args]
        given = [*((bound,) if bound is not None else ()), *args]
        spread = next((at for at, each in enumerate(given) if isinstance(each, Spread)), len(given))
        values = dict(zip((each.arg for each in names), given[:spread], strict=False))
        named = {key: value for key, value in keywords if key is not None}
        defaults = dict(
            zip(
                [each.arg for each in names][len(names) - len(parameters.defaults) :],
                parameters.defaults,
                strict=True,
            )
        )
        defaults |= {
            each.arg: default
            for each, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
            if default is not None
        }
        outer = Frame(function.path, dict(function.closure), function.owner, types=types)
        for each in (*names, *parameters.kwonlyargs):
            if each.arg in values:
                frame.names[each.arg] = values[each.arg]
            elif each.arg in named:
                frame.names[each.arg] = named[each.arg]
            else:
                frame.names[each.arg] = Parameter(each.arg, self.annotation(each.annotation, outer))
        if args or keywords:
            whole = spread == len(given) and all(key is not None for key, _ in keywords)
            for name, default in defaults.items():
                if (
                    whole
                    and isinstance(frame.names[name], Parameter)
                    and name not in values
                    and name not in named
                ):
                    frame.names[name] = self._silently(default, outer)
        if parameters.vararg is not None:
            frame.names[parameters.vararg.arg] = (
                Listed("tuple", tuple(given[len(names) :]))
                if given[len(names) :]
                else Parameter(parameters.vararg.arg)
            )
        if parameters.kwarg is not None:
            known = {each.arg for each in (*names, *parameters.kwonlyargs)}
            rest = tuple((None if k is None else Known(k), v) for k, v in keywords if k not in known)
            frame.names[parameters.kwarg.arg] = Pairs(rest) if rest else Parameter(parameters.kwarg.arg)
        return frame

    def run(self, function: Function, frame: Frame) -> Term:
        """What a function returns, its body gone through in a frame."""
        if isinstance(function.node, ast.Lambda):
            return self.evaluate(function.node.body, frame)
        self.active.append(function.node)
        try:
            block(self, function.node.body, frame)
        finally:
            self.active.pop()
        stated = self.annotation(
            function.node.returns,
            Frame(frame.path, dict(function.closure), function.owner, types=frame.types),
        )
        if not frame.returns:
            return Parameter("", stated) if stated is not None else Known(None)
        returned = either(frame.returns)
        vague = all(isinstance(each, (Unknown, Parameter)) for each in options(returned))
        return Parameter("", stated) if vague and stated is not None else returned

    def returned(self, function: Function) -> Term:
        """What a function returns whose parameters are not known, without telling anybody what it does."""
        listener, self.listener = self.listener, None
        try:
            return self.run(function, self.enter(function, (), (), 1))
        finally:
            self.listener = listener

    def begin(self) -> None:
        """What is gone through from here on may take as many steps as any function may."""
        self._spent += self.steps
        self.steps = 0

    @contextmanager
    def _afresh(self) -> Iterator[None]:
        """While what is kept is worked out: it is the same whoever asks, however far that one has come."""
        before = self.steps
        self.begin()
        yield
        self.begin()
        self._spent -= before
        self.steps = before

    def whole(self, function: Function, symbol: str) -> None:
        """Go through a function that nobody is seen to call: its parameters are unknown."""
        self.begin()
        frame = self.enter(function, (), (), 0, symbol)
        self.run(function, frame)

    def top(self, path: str) -> None:
        """Go through the top level of a module, without its functions and classes."""
        module = self.project.module(path)
        if module is None:
            return
        self.begin()
        block(
            self,
            [each for each in module.tree.body if not isinstance(each, (_Def, ast.ClassDef))],
            Frame(path),
        )

    # -- telling

    def tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener(event)


class _Lazy(dict[str, Term]):
    """The names of a class's body, each evaluated when it is asked for."""

    def __init__(self, machine: Machine, owner: Class, frame: Frame) -> None:
        super().__init__()
        self._machine = machine
        self._owner = owner
        self._frame = frame
        self._asked: set[str] = set()

    def get(self, name: str, default: Term | None = None) -> Term | None:  # type: ignore[override]
        if name in self:
            return self[name]
        statement = self._machine.classes.members(self._owner).get(name)
        if statement is None or name in self._asked:
            return default
        self._asked.add(name)
        self[name] = self._machine.bound(statement, name, self._frame)
        return self[name]


def _is_partial(term: Term) -> bool:
    return isinstance(term, External) and term.name == "functools.partial"


def class_frame(machine: Machine, of: Class, types: dict[str, Term]) -> Frame:
    """Where the body of a class is evaluated."""
    frame = Frame(of.path, owner=of, types=types)
    frame.names = _Lazy(machine, of, frame)
    return frame


def _bound(node: _Def, marks: set[str], of: Class, bound: Term) -> Term | None:
    if "staticmethod" in marks:
        return None
    if "classmethod" in marks:
        return of
    return None if isinstance(bound, Class) else bound


def _tells(term: Term) -> bool:
    """Whether it may matter to a function that it is called with a term: a class, a statement, values."""
    at = term
    for _ in range(_LONGEST_CHAIN):
        match at:
            case Class() | Pairs() | Function() | Listed() | Choice():
                return True
            case Known(value=value):
                return value is not None
            case Made():
                at = at.callee
            case Part() | Item() | Element() | Spread():
                at = at.of
            case External():
                return library_name(at) != ""
            case _:
                return False
    return True
