"""An abstract interpreter of Python: runs a script's text over values that may be partly unknown.

Nothing of the script is executed. Statements and expressions are walked as `ast` nodes; what cannot be
worked out becomes `Unknown`, a string with holes, or a `Choice`, never an error. A branch whose test is
not known is walked on both sides, and what is found there is marked as conditional.

What the names of libraries mean is in the modules beside this one, behind `Library`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from migration_lint.operations import HOLE
from migration_lint.reading import assignments, functions, operators, subscripts
from migration_lint.reading.assignments import do_annassign, do_assign, do_augassign, do_delete
from migration_lint.reading.branches import do_for, do_if, do_match, do_try, do_while
from migration_lint.reading.classes import attributes, do_classdef, from_class, instantiate, method_of
from migration_lint.reading.comprehensions import of_dictcomp, of_listcomp
from migration_lint.reading.expressions import (
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
    of_starred,
    of_tuple,
    of_yield,
    of_yieldfrom,
)
from migration_lint.reading.functions import call_one_of, do_functiondef
from migration_lint.reading.giving_up import take_stock
from migration_lint.reading.names import of_name
from migration_lint.reading.operators import of_compare, of_unaryop
from migration_lint.reading.recorder import Condition, Recorder
from migration_lint.reading.running import (
    CALL_STEPS,
    ENTRIES_A_STEP,
    INERT_STEPS,
    LONGEST_LIST,
    STEPS,
    STOCK_STEPS,
    Arguments,
    Exhausted,
    Flow,
    Library,
    written,
)
from migration_lint.reading.sql.state import SqlSession
from migration_lint.reading.statements import (
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
    do_with,
)
from migration_lint.reading.subscripts import of_subscript
from migration_lint.reading.values import (
    CONSTANTS,
    Bound,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Method,
    Module,
    OpenFile,
    Super,
    Unknown,
    Value,
    alternatives,
    distinct,
    fields_of,
    handy,
    join,
    lookup,
    reaches,
    whole,
)


class Interpreter:
    """Runs functions of one script, and of the project's modules that it calls into."""

    def __init__(self, library: Library, recorder: Recorder, script: Module) -> None:
        self.library = library
        self.recorder = recorder
        self.script = script
        self.steps = STEPS
        self.stack: list[Frame] = []
        self.tries: list[object] = []  # one for each `try` that may go on after what runs now is cut off
        self.floor = 0  # with fewer steps left, what runs now is not followed further
        self.called_away = ""  # the module of the project that the script has called into
        self.stock = STEPS - INERT_STEPS  # with fewer left, stock is taken of what runs
        self.inert: dict[Value, list[Value] | None] = {}  # what can only compute, and what that may change
        self.refused: list[Value] = []  # of these, what was refused while a module was made
        self.doubtful: dict[Function, int] = {}  # how many steps they took where they may not come to
        self.given_up: dict[Value, list[Arguments]] = {}  # functions, and what they were given
        self._session = SqlSession()
        # The sessions that were there when something under a condition first changed them, by that condition.
        self._sessions: list[tuple[Condition, SqlSession]] = []
        self.called_as = ""  # the last part of what is being called, as it is written
        self.hole_reason = "a part of it could not be worked out"

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

    @property
    def sql_session(self) -> SqlSession:
        """What the script's SQL has left to what comes after it.

        What is changed under a condition holds as long as that does; behind it, either session may hold.
        """
        conditions = self.recorder.conditions
        while self._sessions:
            condition, before = self._sessions[-1]
            at = len(self._sessions) - 1
            if at < len(conditions) and conditions[at] is condition:
                break
            self._sessions.pop()
            self._session = before.join(self._session)
        return self._session

    @sql_session.setter
    def sql_session(self, session: SqlSession) -> None:
        before = self.sql_session
        if session == before:
            return
        for condition in self.recorder.conditions[len(self._sessions) :]:
            self._sessions.append((condition, before))
        # What may have been left before, or stops on the way into a handler, may not have changed it.
        uncertain = bool(self.tries) or self.escaped() is not None
        self._session = before.join(session) if uncertain else session

    def escaped(self) -> Condition | None:
        """Why what runs now may not run: an earlier return, break or continue that may have happened."""
        for frame in reversed(self.stack):
            reason = frame.left_loop or frame.escaped
            if reason is not None:
                line, _, text = reason.partition(":")
                return Condition(f"{line}:rest", text)
        return None

    def uncertain(self) -> bool:
        """Whether what runs now may not run at all."""
        return bool(self.recorder.conditions) or self.escaped() is not None

    def moment(self) -> Value:
        """The conditions under which what runs now runs, to be compared with those of another moment."""
        conditions = self.recorder.conditions
        return (
            conditions[-1] if conditions else None,
            self.tries[-1] if self.tries else None,
            self.escaped(),
        )

    def unsure(self, of: Dict | List | None = None) -> bool:
        """Whether a change of something may not happen although it is there."""
        if not (self.tries or self.uncertain()):
            return False
        if of is None or of.born is None:
            return True
        condition, tried, escaped = self.moment()
        # The same arm of the same run of a branch: another pass of a loop may go another way.
        return of.born[0] is not condition or of.born[1] is not tried or of.born[2] != escaped

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
        return self.hole(f"text of a value ({type(value).__name__.lower()}) that could not be worked out")

    def constant(self, value: Value) -> Value:
        """A list or tuple of nothing but known constants as Python's own; None for anything else."""
        if isinstance(value, (List, tuple)) and not handy(value):
            return None
        return self._constant(value)

    def _constant(self, value: Value) -> Value:
        if isinstance(value, List):
            if value.more or value.maybe:
                return None
            inside = [self._constant(item) for item in value]
            return None if any(item is None for item in inside) else inside
        if type(value) is tuple:
            inside = [self._constant(item) for item in value]
            return None if any(item is None for item in inside) else tuple(inside)
        return value if isinstance(value, (int, float)) or whole(value) else None

    def lift(self, function: Callable[..., Value], *values: Value) -> Value:
        """Apply a function to every combination of what the values may be."""
        result: Value = None
        first = True
        rows: list[list[Value]] = [[]]
        for value in values:
            rows = [[*row, each] for row in rows for each in alternatives(value)]
            if len(rows) > 64:
                return Unknown("it can have more values than are followed", reach=any(map(reaches, values)))
        if len(rows) > 1:
            self.tries.append(rows)  # what the function changes is changed for one of them only
        try:
            for row in rows:
                made = function(*row)
                result = made if first else join(result, made)
                first = False
        finally:
            if len(rows) > 1:
                self.tries.pop()
        return result

    def truth(self, value: Value) -> bool | None:
        """Whether a value is true; None where that is not known."""
        if isinstance(value, str):
            return None if value and not value.strip(HOLE) else bool(value)
        if isinstance(value, CONSTANTS) or type(value) is tuple:
            return bool(value)
        if isinstance(value, List):
            if value and not value.maybe:
                return True
            return None if value.more or value.maybe else False
        if isinstance(value, (Dict, set, frozenset)):
            if isinstance(value, Dict) and value and len(value.perhaps) >= len(value):
                return None
            if len(value):
                return True
            return None if getattr(value, "more", False) else False
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
        for statement in body:
            run = _RUN.get(type(statement))
            if run is None:
                continue
            self.spend()
            flow = run(self, statement, frame)
            if flow is not None:
                return flow
        return None

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        evaluate = _EVALUATE.get(type(node))
        if evaluate is None:
            return Unknown(f"`{type(node).__name__}` is not followed", node.lineno)
        return evaluate(self, node, frame)

    def arms(self, frame: Frame, arms: Sequence[tuple[str, str, Callable[[], Flow | None]]]) -> Flow | None:
        """Run alternatives of which one will happen: (branch label, reason, what to run) each."""
        before = frame.locals
        ended: list[tuple[Flow, Condition]] = []
        names: list[dict[str, Value]] = []
        left = False
        escaped, left_loop = frame.escaped, frame.left_loop
        escapes: list[tuple[str | None, str | None]] = []
        for branch, reason, run in arms:
            frame.locals = before.copy()
            frame.escaped, frame.left_loop = escaped, left_loop
            condition = Condition(branch, reason)
            self.recorder.conditions.append(condition)
            try:
                flow = run()
            except Exception:
                frame.locals = before
                raise
            finally:
                self.recorder.conditions.pop()
            escapes.append((frame.escaped, frame.left_loop))
            if flow is None or flow.kind != "return":
                # After a `break`, `continue` or caught `raise` the script goes on with these names, too.
                names.append(frame.locals)
            if flow is None:
                left = True
            else:
                ended.append((flow, condition))
        frame.escaped = next((e for e, _ in escapes if e is not None), escaped)
        frame.left_loop = next((e for _, e in escapes if e is not None), left_loop)
        frame.locals = before
        if names:
            # A module's own names are shared with every function of it: the dictionary must stay the same.
            merged = names[0]
            for each in names[1:]:
                merged = _joined(merged, each)
            before.clear()
            before.update(merged)
        leaving = [item for item in ended if item[0].kind != "raise"]
        if not left:
            if not leaving:
                return ended[0][0] if ended else None
            kinds = {flow.kind for flow, _ in leaving}
            if kinds == {"return"}:
                value = leaving[0][0].value
                for flow, _ in leaving[1:]:
                    value = join(value, flow.value)
                return Flow("return", value)
            if len(kinds) == 1:
                return leaving[0][0]
        for flow, condition in leaving:
            line = condition.branch.partition(":")[0]
            why = f"{line}:{condition.reason}"
            if flow.kind == "return":
                frame.returns.append(flow.value)
                frame.escaped = frame.escaped or why
            else:
                frame.left_loop = frame.left_loop or why
        return None if left else Flow("continue")

    def items(self, value: Value) -> tuple[Sequence[Value], bool, bool]:
        """What iterating gives: the items, whether they may be missing, whether there may be more."""
        if isinstance(value, (list, tuple, dict, set, frozenset)):
            self.spend(len(value) // ENTRIES_A_STEP)
        if isinstance(value, List):
            return list(value), value.maybe, value.more
        if isinstance(value, (tuple, range)):
            return value[:LONGEST_LIST], False, len(value) > LONGEST_LIST
        if isinstance(value, Dict):
            return list(value), bool(value.perhaps), value.more
        if isinstance(value, (set, frozenset)):
            return sorted(value, key=repr), False, False
        if isinstance(value, str) and whole(value):
            return tuple(value[:LONGEST_LIST]), False, len(value) > LONGEST_LIST
        if isinstance(value, Choice):
            merged: list[Value] = []
            more = False
            for each in value.values:
                items, _, open_ended = self.items(each)
                merged += items
                more = more or open_ended
            return distinct(merged), True, more
        if isinstance(value, (Dotted, Class)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return list(inside), inside.maybe, inside.more
        if isinstance(value, Instance) and fields_of(value.of) is not None:
            return list(value.names.values()), False, False
        if isinstance(value, Instance) and isinstance(lookup(value.of, "__iter__", self.resolve), Function):
            return self.items(method_of(self, value, "__iter__", Arguments([], {})))
        if isinstance(value, (Instance, OpenFile)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return list(inside), inside.maybe, inside.more
        return (), False, True

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target of an assignment, a loop or a `with`."""
        return assignments.assign(self, target, value, frame)

    def call(self, callee: Value, arguments: Arguments) -> Value:
        """Call anything with arguments that are evaluated already."""
        self.spend()
        if isinstance(callee, Dotted):
            found = self.library.find(self, callee.path)
            if not isinstance(found, Dotted):
                return self.call(found, arguments)
            return self.library.call(self, found.path, arguments)
        if isinstance(callee, Function):
            return self.call_function(callee, arguments)
        if isinstance(callee, Method):
            return self.library.method(self, callee.of, callee.name, arguments)
        if isinstance(callee, Bound):
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
            if isinstance(method, (Function, Bound)):
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
            found = self.library.find(self, of.path)
            if isinstance(found, Dotted):
                return self.resolve(self.library.attribute(self, found, name))
            return self.attribute(found, name)
        if isinstance(of, Choice):
            return self.lift(lambda each: self.attribute(each, name), of)
        if isinstance(of, Module):
            names = of.frame.locals
            if name in names:
                return self.resolve(names[name])
            return self.library.attribute(self, of, name)
        if isinstance(of, Instance):
            if name == "__dict__":
                return attributes(of)
            if name in of.names:
                return of.names[name]
            return from_class(self, of, of.of, name)
        if isinstance(of, Class):
            found = self.library.member(self, of, name)
            if found is None:
                found = lookup(of, name)
            if isinstance(found, Function) and found.kind == "class":
                return Bound(found, (of,))
            return self.library.attribute(self, of, name) if found is None else found
        if isinstance(of, Super):
            for base in of.after.bases:
                owner = self.resolve(base)
                if isinstance(owner, Class):
                    found = lookup(owner, name, self.resolve)
                    if isinstance(found, Function):
                        return Bound(found, (of.of,))
            return Method(of, name)
        return self.library.attribute(self, of, name)

    def resolve(self, value: Value) -> Value:
        """A Dotted of the project's own modules as what it means; anything else as it is."""
        return self.library.find(self, value.path) if isinstance(value, Dotted) else value

    def concatenate(self, parts: Sequence[Value]) -> Value:
        """Texts one after the other."""
        return operators.concatenate(self, parts)

    def formatted(self, value: Value, spec: Value, conversion: int = -1) -> Value:
        """`format(value, spec)` after a conversion as `ast.FormattedValue` gives it."""
        return operators.formatted(self, value, spec, conversion)

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        """`left op right`."""
        return operators.binary(self, op, left, right)

    def equal(self, left: Value, right: Value) -> bool | None:
        """Whether two values are equal; None where that is not known."""
        return operators.equal(self, left, right)

    def item(self, of: Value, key: Value) -> Value:
        """`of[key]`."""
        return subscripts.item(self, of, key)


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
    ast.GeneratorExp: of_listcomp,
    ast.DictComp: of_dictcomp,
    ast.NamedExpr: of_namedexpr,
    ast.Await: of_await,
    ast.Yield: of_yield,
    ast.YieldFrom: of_yieldfrom,
    ast.Starred: of_starred,
    ast.FormattedValue: of_formattedvalue,
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


def _joined(first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    merged = dict(first)
    for name, value in second.items():
        if name not in merged:
            merged[name] = value
        elif merged[name] is not value:
            merged[name] = join(merged[name], value)
    return merged
