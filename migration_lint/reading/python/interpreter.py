"""An abstract interpreter of Python: runs a script's text over values that may be partly unknown.

Nothing of the script is executed. Statements and expressions are walked as `ast` nodes; what cannot be
worked out becomes `Unknown`, a string with holes, or a `Choice`, never an error. A branch whose test is
not known is walked on both sides, and what is found there is marked as conditional.

What the names of libraries mean is in the modules beside this one, behind `Library`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from migration_lint.operations import HOLE
from migration_lint.reading.python import assignments, functions, operators, subscripts
from migration_lint.reading.python.assignments import do_annassign, do_assign, do_augassign, do_delete
from migration_lint.reading.python.branches import do_for, do_if, do_match, do_try, do_while
from migration_lint.reading.python.classes import (
    attributes,
    do_classdef,
    from_class,
    instantiate,
    judge,
    method_of,
)
from migration_lint.reading.python.comprehensions import of_dictcomp, of_generatorexp, of_listcomp
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.expressions import (
    of_attribute,
    of_await,
    of_binop,
    of_boolop,
    of_call,
    of_constant,
    of_dict,
    of_formattedvalue,
    of_ifexp,
    of_joinedstr,
    of_lambda,
    of_list,
    of_namedexpr,
    of_slice,
    of_starred,
    of_tuple,
    of_yield,
    of_yieldfrom,
)
from migration_lint.reading.python.functions import call_one_of, do_functiondef, part_of
from migration_lint.reading.python.giving_up import take_stock
from migration_lint.reading.python.iteration import entries, follow
from migration_lint.reading.python.ledger import Ledger
from migration_lint.reading.python.names import bind_name, of_name
from migration_lint.reading.python.operators import of_compare, of_unaryop
from migration_lint.reading.python.recorder import Condition, Recorder
from migration_lint.reading.python.running import (
    APPLICATION_STEPS,
    CALL_STEPS,
    ENTRIES_A_STEP,
    INERT_STEPS,
    LONGEST_LIST,
    STEPS,
    STOCK_STEPS,
    Arguments,
    Exhausted,
    Flow,
    Iteration,
    Library,
    written,
)
from migration_lint.reading.python.statements import (
    do_assert,
    do_break,
    do_continue,
    do_expr,
    do_global,
    do_import,
    do_importfrom,
    do_nonlocal,
    do_pass,
    do_raise,
    do_return,
    do_typealias,
    do_with,
)
from migration_lint.reading.python.store import Delta, Exit, HeapStore
from migration_lint.reading.python.subscripts import of_subscript
from migration_lint.reading.python.values import (
    CONSTANTS,
    NOTHING,
    BoundFunction,
    Choice,
    Class,
    Columns,
    Connection,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Maybe,
    Method,
    Module,
    OpenFile,
    Row,
    RowText,
    SessionState,
    Super,
    Unknown,
    Value,
    alternatives,
    distinct,
    fields_of,
    handy,
    join,
    join_all,
    lookup,
    pasted_value,
    reaches,
    whole,
)
from migration_lint.reading.sql.state import SqlSession


class Interpreter:
    """Runs functions of one script, and of the project's modules that it calls into."""

    def __init__(self, library: Library, recorder: Recorder, script: Module) -> None:
        self.library = library
        self.recorder = recorder
        self.script = script
        self.steps = STEPS
        self.application = APPLICATION_STEPS  # what is left of them
        self.stack: list[Frame] = []
        self.store = HeapStore()
        self.ledger = Ledger()
        self.entered: dict[Function, None] = {}  # functions of other modules that were called
        self.patched = Dict()  # what stands in the place of something of a library, by its dotted name
        #: The classes whose special methods were looked at: for the script, and for an application.
        self.judged: tuple[set[Class], set[Class]] = (set(), set())
        self.floor = 0  # with fewer steps left, what runs now is not followed further
        self.called_away = ""  # the module of the project that the script has called into
        self.stock = STEPS - INERT_STEPS  # with fewer left, stock is taken of what runs
        self.inert: dict[Value, list[Value] | None] = {}  # what can only compute, and what that may change
        self.refused: list[Value] = []  # of these, what was refused while a module was made
        self.doubtful: dict[Function, int] = {}  # steps that their calls in uncertain branches have taken
        self.given_up: dict[Value, list[Arguments]] = {}  # functions, and what they were given
        self._session = SessionState(SqlSession())  # what the script's SQL has left to what comes after it
        self.classes: list[Class] = []  # those of the project that derive from something, as they are made
        self.thrown = False  # whether an exception carries what reaches the database
        self.called_as = ""  # the last part of what is being called, as it is written
        self.hole_reason = "a part of it could not be worked out"

    @property
    def sql_session(self) -> SqlSession:
        """What the script's SQL has left to what comes after it."""
        return self._session.session

    @sql_session.setter
    def sql_session(self, session: SqlSession) -> None:
        if session is not self._session.session:
            with self.store.change(self._session):
                self._session.session = session

    def spend(self, steps: int = 1) -> None:
        """Count work done; raises Exhausted when the script has had its share."""
        self.steps -= steps
        if self.steps < self.stock:
            if self.steps < self.floor:
                if self.called_away:
                    raise Exhausted(
                        f"what it calls in {self.called_away} takes more than {CALL_STEPS:,} steps"
                    )
                raise Exhausted(f"the script takes more than {STEPS:,} steps")
            self.stock = max(self.steps - STOCK_STEPS, self.floor)
            take_stock(self)

    def decided(self, node: ast.expr, value: Value) -> bool | None:
        """Whether the value of a test is true; None where that is not known."""
        truth = self.truth(value)
        self.ledger.decide(node, truth)
        return truth

    def judge(self, of: Class) -> None:
        """A class comes into use: Python calls its special methods by itself."""
        judge(self, of)

    def bind(self, name: str, value: Value, frame: Frame) -> None:
        """Bind a name in the scope of a frame."""
        self.store.touch(frame.locals)
        frame.locals[name] = value

    def hole(self, reason: str) -> str:
        """A piece of text that is not known."""
        self.hole_reason = reason
        return HOLE

    def text(self, value: Value) -> Value:
        """`str(value)`: a str, with holes where it is not known, or a Choice of them."""
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, int, float, type(None))):
            return written(value)
        if isinstance(value, Choice):
            return self.lift(self.text, value)
        if isinstance(value, Unknown):
            return self.hole(value.reason)
        if isinstance(value, Instance) and isinstance(value.names.get("value"), str):
            return value.names["value"]  # an enumeration that is a str, as f-strings show it
        if type(value) is tuple or isinstance(value, List):
            known = self.constant(value)
            if known is not None:
                return written(known)
        hole = self.hole(f"text of a value ({type(value).__name__.lower()}) that could not be worked out")
        own = pasted_value(value)
        return hole if own is None else RowText(hole, (own,))

    def constant(self, value: Value) -> Value:
        """A list or tuple of nothing but known constants as Python's own; None for anything else."""
        if isinstance(value, (List, tuple)) and not handy(value):
            return None
        return self._constant(value)

    def _constant(self, value: Value) -> Value:
        if isinstance(value, List):
            if not value.exact:
                return None
            inside = [self._constant(item) for item in value]
            return None if any(item is None for item in inside) else inside
        if type(value) is tuple:
            inside = [self._constant(item) for item in value]
            return None if any(item is None for item in inside) else tuple(inside)
        return value if isinstance(value, (int, float)) or whole(value) else None

    def lift(self, function: Callable[..., Value], *values: Value) -> Value:
        """Apply a function to every combination of what the values may be; what it changes is changed for
        one."""
        rows: list[list[Value]] = [[]]
        for value in values:
            rows = [[*row, each] for row in rows for each in alternatives(value)]
            if len(rows) > 64:
                return Unknown("it can have more values than are followed", reach=any(map(reaches, values)))
        if len(rows) == 1:
            return function(*rows[0])
        made: Value = NOTHING
        deltas: list[Delta] = []
        parked: list[Exit] = []
        for row in rows:
            log = self.store.fork()
            try:
                made = join(made, function(*row))
            finally:
                delta, exits = self.store.end(log)
            deltas.append(delta)
            parked += exits
        self.store.go_on(deltas, parked)
        return made

    def truth(self, value: Value) -> bool | None:
        """Whether a value is true; None where that is not known."""
        if value is True or value is False:
            return value
        if isinstance(value, str):
            return None if value and not value.strip(HOLE) else bool(value)
        if isinstance(value, CONSTANTS) or type(value) is tuple:
            return bool(value)
        if isinstance(value, (List, Dict)):
            slots: Iterable[Value] = (*value, *value.tail) if isinstance(value, List) else value.values()
            if any(type(each) is not Maybe for each in slots):
                return True
            return None if slots or value.open else False
        if isinstance(value, (set, frozenset)):
            return bool(value)
        if isinstance(value, Choice):
            found = {self.truth(each) for each in value.values}
            return found.pop() if len(found) == 1 else None
        if isinstance(value, (Unknown, Data)):
            return None
        if isinstance(value, Dotted):
            # A setting of a library may be anything; a module that is imported is there.
            return False if value.path == "typing.TYPE_CHECKING" else None
        if isinstance(value, Instance) and (value.of.bases or "__bool__" in value.of.names):
            return None
        return True

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> Flow | None:
        """Run statements until one of them ends the block."""
        done = self.ledger.done
        for statement in body:
            run = _RUN.get(type(statement))
            if run is None:
                self.recorder.place = statement
                self.recorder.opaque(f"`{type(statement).__name__}` statements are not followed")
                continue
            done.add(id(statement))
            self.spend()
            flow = run(self, statement, frame)
            if flow is not None:
                self.ledger.left.add(id(statement))
                return flow
        return None

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        evaluate = _EVALUATE.get(type(node))
        if evaluate is None:
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.expr):
                    self.evaluate(part, frame)
            unread = Unknown(f"`{type(node).__name__}` is not followed", node.lineno, reach=True)
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                    bind_name(self, inner.id, unread, frame)
            return unread
        return evaluate(self, node, frame)

    def arms(self, arms: Sequence[tuple[str, str, Callable[[], Flow | None]]]) -> Flow | None:
        """Run alternatives of which one will happen: (branch label, reason, what to run) each.

        Those that go on come together; those that leave the block are parked until it ends. How the block
        ends
        where none goes on.
        """
        going: list[Delta] = []
        leaving: list[Exit] = []
        raised: Flow | None = None
        conditions = len(self.recorder.conditions)
        for branch, reason, run in arms:
            self.recorder.conditions.append(Condition(branch, reason))
            log = self.store.fork()
            flow: Flow | None = None
            try:
                flow = run()
            finally:
                del self.recorder.conditions[conditions:]
                delta, exits = self.store.end(log)
            leaving += exits
            why = Condition(f"{branch.partition(':')[0]}:rest", reason)
            if flow is None:
                going.append(delta)
            elif flow.kind == "raise":
                raised = raised or flow
            else:
                leaving.append(Exit(flow.kind, flow.value, delta, why))
        if going:
            self.store.go_on(going, leaving)
            if leaving:
                self.recorder.conditions.append(leaving[-1].why)
            return None
        if not leaving:
            return raised
        kind = leaving[0].kind
        last = [exit for exit in leaving if exit.kind == kind]
        self.store.go_on([exit.delta for exit in last], [exit for exit in leaving if exit.kind != kind])
        return Flow(kind, join_all(exit.value for exit in last))

    def park(self, exits: list[Exit], why: Condition) -> None:
        """Park the paths that left a block; what follows runs under the condition that they did not."""
        for exit in exits:
            exit.why = exit.why or why
        self.store.go_on((), exits)
        self.recorder.conditions.append(exits[-1].why)

    def rejoin(self, depth: int, conditions: int, kinds: tuple[str, ...], flow: Flow | None) -> Flow | None:
        """End the block that began at `depth`: parked paths of the given kinds continue after it.

        `flow` is how it ended itself. How what is behind it ends: where nothing goes on there, in that way.
        """
        alive = flow is None or flow.kind in kinds
        if not self.store.leaves(depth, kinds):
            return None if alive else flow
        leaving: Exit | None = None
        if flow is not None and not alive and flow.kind != "raise":
            why = self.recorder.conditions[-1] if len(self.recorder.conditions) > conditions else None
            leaving = Exit(flow.kind, flow.value, {}, why)
        _, others = self.store.settle(depth, kinds, alive, leaving)
        del self.recorder.conditions[conditions:]
        if others and others[-1].why is not None:
            self.recorder.conditions.append(others[-1].why)
        return None

    def items(self, value: Value) -> Iteration:
        """What iterating gives."""
        if isinstance(value, (list, tuple, dict, set, frozenset)):
            self.spend(len(value) // ENTRIES_A_STEP)
        if isinstance(value, List):
            if value.later is not None:
                return entries(self, value, value.later)
            return Iteration(tuple(value), value.rest, tuple(value.tail))
        if isinstance(value, (tuple, range)):
            more = len(value) > LONGEST_LIST
            return Iteration(value[:LONGEST_LIST], self.beyond(value) if more else NOTHING)
        if isinstance(value, Columns):
            return Iteration(tuple(value.values()), value.rest)
        if isinstance(value, Dict):
            keys = [Maybe(key) if type(each) is Maybe else key for key, each in value.items()]
            return Iteration(keys, Unknown("a key is not known") if value.open else NOTHING)
        if isinstance(value, (set, frozenset)):
            return Iteration(sorted(value, key=repr))
        if isinstance(value, str) and whole(value):
            more = len(value) > LONGEST_LIST
            return Iteration(tuple(value[:LONGEST_LIST]), self.beyond(value) if more else NOTHING)
        if isinstance(value, Choice):
            return self._items_of_any(value)
        if isinstance(value, Row) and (parts := value.parts()) is not None:
            return Iteration(parts)
        if isinstance(value, (Dotted, Class)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return self.items(inside)
        if isinstance(value, Instance) and fields_of(value.of) is not None:
            return Iteration(value.names.every())
        if isinstance(value, Instance) and isinstance(lookup(value.of, "__iter__", self.resolve), Function):
            return self.items(method_of(self, value, "__iter__", Arguments([], {})))
        if isinstance(value, (Instance, OpenFile)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return self.items(inside)
        if isinstance(value, Connection) and not value.session:  # a cursor
            value = self.library.method(self, value, "fetchall", Arguments([], {}))
        return Iteration((), self.beyond(value))

    def _items_of_any(self, value: Choice) -> Iteration:
        """The entries of a choice between several iterables: each may be missing."""
        each = [self.items(one) for one in value.values]
        merged = distinct([slot.value if type(slot) is Maybe else slot for one in each for slot in one.slots])
        rest = join_all(item for one in each for item in (one.rest, *map(inside, one.tail)))
        return Iteration([Maybe(item) for item in merged], rest)

    def follow(
        self,
        node: ast.For | ast.AsyncFor | ast.comprehension,
        source: Value,
        reason: str,
        once: Callable[[Value], Flow | None],
    ) -> Flow | None:
        """Run something for each entry of what a loop is over; how the loop ended."""
        return follow(self, node, source, reason, once)

    def beyond(self, source: Value) -> Value:
        """An entry of an unknown iterable, or one past the bound on entries that are followed."""
        return assignments.unknown_item(self, source)

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target of an assignment, a loop or a `with`."""
        return assignments.assign(self, target, value, frame)

    def call(self, callee: Value, arguments: Arguments) -> Value:
        """Call anything with arguments that are evaluated already."""
        self.spend()
        if isinstance(callee, Dotted):
            found = self.find(callee.path)
            if isinstance(found, Dotted):
                return self.library.call(self, found.path, arguments)
            return self.call(found, arguments)
        if isinstance(callee, Function):
            return self.call_function(callee, arguments)
        if isinstance(callee, Method):
            return self.library.method(self, callee.of, callee.name, arguments)
        if isinstance(callee, BoundFunction):
            return self.call(
                callee.function,
                arguments._replace(
                    args=[*callee.args, *arguments.args], kwargs={**callee.kwargs, **arguments.kwargs}
                ),
            )
        if isinstance(callee, Class):
            return instantiate(self, callee, arguments)
        if isinstance(callee, Choice):
            return call_one_of(self, callee, arguments)
        if isinstance(callee, Instance):
            method = self.attribute(callee, "__call__")
            if isinstance(method, (Function, BoundFunction)):
                return self.call(method, arguments)
        return self.library.call_object(self, callee, arguments)

    def call_function(
        self, function: Function, arguments: Arguments, on_yield: Callable[[Value], Value] | None = None
    ) -> Value:
        """Run a function of the project on arguments; what it returns."""
        return functions.call_function(self, function, arguments, on_yield)

    def attribute(self, of: Value, name: str) -> Value:
        """An attribute of any value."""
        if isinstance(of, Dotted):
            foreign = self.library.foreign
            if of.path in foreign and not self.patched and name not in _GATHERED:
                known = foreign.get(f"{of.path}.{name}")
                if known is not None:
                    return known
            found = self.find(of.path)
            if isinstance(found, Dotted):
                return self.resolve(self.library.attribute(self, found, name))
            return self.attribute(found, name)
        if isinstance(of, Choice):
            return self.lift(lambda each: self.attribute(each, name), of)
        if isinstance(of, Module):
            names = of.frame.locals
            if name == "__dict__":
                return names
            if name in names:
                return self.resolve(names[name])
            return self.library.attribute(self, of, name)
        if isinstance(of, (Function, BoundFunction, Method)) and name in _OF_FUNCTIONS:
            return part_of(of, name)
        if (
            isinstance(of, (Instance, Class, Super))
            and name in _SETTING
            and not self._sets_by_itself(of, name)
        ):
            of = of.of if isinstance(of, Super) else of
            return BoundFunction(Dotted(f"builtins.object.{name}"), (of,))
        if isinstance(of, Instance):
            if name == "__dict__":
                return attributes(of)
            if name in of.names:
                found = of.names[name]
                return self.perhaps(found.value, of, name) if type(found) is Maybe else found
            return from_class(self, of, of.of, name)
        if isinstance(of, Class):
            found = self.library.member(self, of, name)
            if found is None:
                found = lookup(of, name)
            if isinstance(found, Function) and found.kind == "class":
                return BoundFunction(found, (of,))
            return self.library.attribute(self, of, name) if found is None else found
        if isinstance(of, Super):
            for base in of.after.bases:
                owner = self.resolve(base)
                if isinstance(owner, Class):
                    found = lookup(owner, name, self.resolve)
                    if isinstance(found, Function):
                        return BoundFunction(found, (of.of,))
            return Method(of, name)
        return self.library.attribute(self, of, name)

    def _sets_by_itself(self, of: Value, name: str) -> bool:
        """Whether the class of an object of the project has a special method of this name."""
        return isinstance(of, Instance) and lookup(of.of, name, self.resolve) is not None

    def perhaps(self, value: Value, of: Instance, name: str) -> Value:
        """The join of an attribute that may be set on an object and the one of its class."""
        if lookup(of.of, name, self.resolve) is None and lookup(of.of, "__getattr__", self.resolve) is None:
            return value
        return join(value, from_class(self, of, of.of, name))

    def resolve(self, value: Value) -> Value:
        """A Dotted of the project's own modules as what it means; anything else as it is."""
        return self.find(value.path) if isinstance(value, Dotted) else value

    def find(self, path: str) -> Value:
        """What a dotted name means: of the project's own modules, or what was put in its place."""
        if not self.patched:
            found = self.library.foreign.get(path)
            return self.library.find(self, path) if found is None else found
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            found = self.patched.get(".".join(parts[:count]), NOTHING)
            if found is not NOTHING:
                if type(found) is Maybe:
                    reason = f"whether `{path}` is another thing is not known"
                    known = not self.library.unreadable(self, path)
                    found = Unknown(reason, reach=reaches(found) or not known)
                for name in parts[count:]:
                    found = self.attribute(found, name)
                return found if not isinstance(found, Dotted) else self.library.find(self, found.path)
        return self.library.find(self, path)

    def concatenate(self, parts: Sequence[Value]) -> Value:
        """Texts one after the other."""
        return operators.concatenate(self, parts)

    def formatted(self, value: Value, spec: Value, conversion: int = -1) -> Value:
        """`format(value, spec)` after a conversion as `ast.FormattedValue` gives it."""
        return operators.formatted(self, value, spec, conversion)

    def binary(self, op: ast.operator, left: Value, right: Value, inplace: bool = False) -> Value:
        """`left op right`; `inplace`: `left op= right`."""
        return operators.binary(self, op, left, right, inplace)

    def equal(self, left: Value, right: Value) -> bool | None:
        """Whether two values are equal; None where that is not known."""
        return operators.equal(self, left, right)

    def item(self, of: Value, key: Value) -> Value:
        """`of[key]`."""
        return subscripts.item(self, of, key)


#: Attributes of a library's names that are not just names of it.
_GATHERED = frozenset(("*", "[]", "__iter__", "__dict__", "metadata"))
#: By these methods an attribute is set or taken without what a class makes of it.
_SETTING = frozenset(("__setattr__", "__delattr__", "__getattribute__"))
_OF_FUNCTIONS = assignments.INTERNALS | {"__call__", "__func__", "__get__", "__self__", "__wrapped__"}


_EVALUATE: dict[type[ast.AST], Callable[[Interpreter, Any, Frame], Value]] = {
    ast.Constant: of_constant,
    ast.Name: of_name,
    ast.Attribute: of_attribute,
    ast.Call: of_call,
    ast.JoinedStr: of_joinedstr,
    ast.BinOp: of_binop,
    ast.BoolOp: of_boolop,
    ast.UnaryOp: of_unaryop,
    ast.Compare: of_compare,
    ast.List: of_list,
    ast.Tuple: of_tuple,
    ast.Set: of_list,
    ast.Dict: of_dict,
    ast.Subscript: of_subscript,
    ast.IfExp: of_ifexp,
    ast.Lambda: of_lambda,
    ast.ListComp: of_listcomp,
    ast.SetComp: of_listcomp,
    ast.GeneratorExp: of_generatorexp,
    ast.DictComp: of_dictcomp,
    ast.NamedExpr: of_namedexpr,
    ast.Await: of_await,
    ast.Yield: of_yield,
    ast.YieldFrom: of_yieldfrom,
    ast.Starred: of_starred,
    ast.FormattedValue: of_formattedvalue,
    ast.Slice: of_slice,
}
_RUN: dict[type[ast.AST], Callable[[Interpreter, Any, Frame], Flow | None]] = {
    ast.Expr: do_expr,
    ast.Assign: do_assign,
    ast.AnnAssign: do_annassign,
    ast.AugAssign: do_augassign,
    ast.If: do_if,
    ast.For: do_for,
    ast.AsyncFor: do_for,
    ast.While: do_while,
    ast.With: do_with,
    ast.AsyncWith: do_with,
    ast.Try: do_try,
    ast.Return: do_return,
    ast.Raise: do_raise,
    ast.Break: do_break,
    ast.Continue: do_continue,
    ast.FunctionDef: do_functiondef,
    ast.AsyncFunctionDef: do_functiondef,
    ast.ClassDef: do_classdef,
    ast.Import: do_import,
    ast.ImportFrom: do_importfrom,
    ast.Global: do_global,
    ast.Nonlocal: do_nonlocal,
    ast.Pass: do_pass,
    ast.Assert: do_assert,
    ast.Delete: do_delete,
    ast.Match: do_match,
}
if hasattr(ast, "TryStar"):
    _RUN[ast.TryStar] = do_try
if hasattr(ast, "TypeAlias"):
    _RUN[ast.TypeAlias] = do_typealias
