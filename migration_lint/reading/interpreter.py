"""An abstract interpreter of Python: runs a script's text over values that may be partly unknown.

Nothing of the script is executed. Statements and expressions are walked as `ast` nodes; what cannot be
worked out becomes `Unknown`, a string with holes, or a `Choice`, never an error. A branch whose test is
not known is walked on both sides, and what is found there is marked as conditional.

What the names of libraries mean is in the modules beside this one, behind `Library`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from migration_lint.operations import HOLE
from migration_lint.reading.recorder import Condition, Recorder
from migration_lint.reading.values import (
    Autocommit,
    Batch,
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
    hashable,
    join,
    reaches,
    same,
    whole,
)

#: How many calls and statements one direction of a script may take before the rest is opaque.
STEPS = 150_000
#: How many steps a function may take that can do nothing but compute, on data that is not known.
INERT_STEPS = 2_000
#: How deep calls may nest.
DEPTH = 40
#: How long a string, and how long a list, may grow.
LONGEST_TEXT = 1_000_000
LONGEST_LIST = 20_000


class Exhausted(Exception):
    """The script takes more than the budget: what is left of it is not known."""


class Flow(NamedTuple):
    """How a block of statements ended, when not at its end."""

    kind: str  # return | break | continue | raise
    value: Value = None


class Arguments(NamedTuple):
    """The arguments of a call.

    `more`: some were spread from a value that is not known; `reach`: and that may hold a connection.
    """

    args: list[Value]
    kwargs: dict[str, Value]
    more: bool = False
    reach: bool = False

    def values(self) -> Iterable[Value]:
        """All of them, in order; what was spread and is not known, as one more."""
        spread = (Unknown("it is spread from a value that is not known", reach=True),) if self.reach else ()
        return (*self.args, *self.kwargs.values(), *spread)

    def get(self, position: int, name: str, default: Value = None) -> Value:
        """One of them, given by position or by name."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(name, default)


class Library(Protocol):
    """What the interpreter asks of the models of Python's and other libraries."""

    def builtin(self, name: str) -> Value | None:
        """The value of a built-in name, or None where there is no such name."""
        ...

    def call(self, run: Interpreter, path: str, arguments: Arguments) -> Value:
        """Call something by its dotted name."""
        ...

    def attribute(self, run: Interpreter, of: Value, name: str) -> Value:
        """An attribute of a value that is not a function, class or object of the project."""
        ...

    def method(self, run: Interpreter, of: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of a modelled object or of a constant."""
        ...

    def call_object(self, run: Interpreter, of: Value, arguments: Arguments) -> Value:
        """Call a modelled object itself."""
        ...

    def implementation(self, run: Interpreter, operation: Value) -> Value | None:
        """The function that carries out an operation of the project's own; None where it has none."""
        ...

    def harmless(self, path: str) -> bool:
        """Whether something of a library, by its dotted name, cannot reach a database by itself."""
        ...

    def call_back(self, run: Interpreter, function: Value) -> None:
        """Follow a function that may be called by code that cannot be read, with whatever."""
        ...

    def member(self, run: Interpreter, of: Class, name: str) -> Value | None:
        """A member of an enumeration of the project by its name; None where it is none."""
        ...

    def make(self, run: Interpreter, of: Class, arguments: Arguments) -> Value | None:
        """An object of a project's class that stands for something modelled, or None."""
        ...

    def find(self, run: Interpreter, path: str) -> Value:
        """What a dotted name of the project's own modules means; a Dotted where it is not the project's."""
        ...


#: Special methods that are called where a script uses them; others may be called by anything.
_FOLLOWED = frozenset(
    "__init__ __enter__ __exit__ __aenter__ __aexit__ __call__ __getattr__ __getitem__ __iter__".split()
)

_BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_CONSTANTS = (str, int, float, bytes, bool, type(None), complex)


class Interpreter:
    """Runs functions of one script, and of the project's modules that it calls into."""

    def __init__(self, library: Library, recorder: Recorder, script: Module) -> None:
        self.library = library
        self.recorder = recorder
        self.script = script
        self.steps = STEPS
        self.stack: list[Frame] = []
        self._inert_steps: int | None = None  # the budget of the inert function that runs, if one does
        self.search_path: str | None = None  # the schema that unqualified names of raw SQL mean
        self.called_as = ""  # the last part of what is being called, as it is written
        self.hole_reason = "a part of it could not be worked out"
        self._evaluate: dict[type[ast.AST], Callable[[Value, Frame], Value]] = {
            kind: getattr(self, f"_{kind.__name__}".lower())
            for kind in (
                ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.JoinedStr, ast.BinOp, ast.BoolOp,
                ast.UnaryOp, ast.Compare, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Subscript,
                ast.IfExp, ast.Lambda, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp,
                ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Starred, ast.FormattedValue,
            )
        }  # fmt: skip
        self._run: dict[type[ast.AST], Callable[[Value, Frame], Flow | None]] = {
            kind: getattr(self, f"_do_{kind.__name__}".lower())
            for kind in (
                ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.For, ast.AsyncFor,
                ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Return, ast.Raise, ast.Break,
                ast.Continue, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import,
                ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass, ast.Assert, ast.Delete, ast.Match,
            )
        }  # fmt: skip
        if hasattr(ast, "TryStar"):
            self._run[ast.TryStar] = self._do_try

    # Budget, conditions, unknowns

    def spend(self, steps: int = 1) -> None:
        """Count work done; raises Exhausted when the script has had its share."""
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted(f"the script takes more than {STEPS:,} steps")

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

    def hole(self, reason: str) -> str:
        """A piece of text that is not known."""
        self.hole_reason = reason
        return HOLE

    def text(self, value: Value) -> Value:
        """`str(value)`: a str, with holes where it is not known, or a Choice of them."""
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, int, float, type(None))):
            return str(value)
        if isinstance(value, Choice):
            return self.lift(self.text, value)
        if isinstance(value, Unknown):
            return self.hole(value.reason)
        if isinstance(value, Instance) and isinstance(value.names.get("value"), str):
            return value.names["value"]  # an enumeration that is a str, as f-strings show it
        if type(value) is tuple or isinstance(value, List):
            known = self.constant(value)
            if known is not None:
                return str(known)
        return self.hole(f"text of a value ({type(value).__name__.lower()}) that could not be worked out")

    def constant(self, value: Value) -> Value:
        """A list or tuple of nothing but known constants as Python's own; None for anything else."""
        if isinstance(value, List):
            if value.more or value.maybe:
                return None
            inside = [self.constant(item) for item in value]
            return None if any(item is None for item in inside) else inside
        if type(value) is tuple:
            inside = [self.constant(item) for item in value]
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
        for row in rows:
            made = function(*row)
            result = made if first else join(result, made)
            first = False
        return result

    def truth(self, value: Value) -> bool | None:
        """Whether a value is true; None where that is not known."""
        if isinstance(value, str):
            return None if value and not value.strip(HOLE) else bool(value)
        if isinstance(value, _CONSTANTS) or type(value) is tuple:
            return bool(value)
        if isinstance(value, List):
            if value and not value.maybe:
                return True
            return None if value.more or value.maybe else False
        if isinstance(value, (Dict, set, frozenset)):
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

    # Running blocks

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> Flow | None:
        """Run statements until one of them ends the block."""
        for statement in body:
            run = self._run.get(type(statement))
            if run is None:
                continue
            self.spend()
            flow = run(statement, frame)
            if flow is not None:
                return flow
        return None

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        evaluate = self._evaluate.get(type(node))
        if evaluate is None:
            return Unknown(f"`{type(node).__name__}` is not followed", node.lineno)
        return evaluate(node, frame)

    def arms(self, frame: Frame, arms: Sequence[tuple[str, str, Callable[[], Flow | None]]]) -> Flow | None:
        """Run alternatives of which one will happen: (branch label, reason, what to run) each."""
        before = frame.locals
        ended: list[tuple[Flow, Condition]] = []
        left: list[dict[str, Value]] = []
        escaped, left_loop = frame.escaped, frame.left_loop
        escapes: list[tuple[str | None, str | None]] = []
        for branch, reason, run in arms:
            frame.locals = dict(before)
            frame.escaped, frame.left_loop = escaped, left_loop
            condition = Condition(branch, reason)
            self.recorder.conditions.append(condition)
            try:
                flow = run()
            finally:
                self.recorder.conditions.pop()
            escapes.append((frame.escaped, frame.left_loop))
            if flow is None:
                left.append(frame.locals)
            else:
                ended.append((flow, condition))
        frame.escaped = next((e for e, _ in escapes if e is not None), escaped)
        frame.left_loop = next((e for _, e in escapes if e is not None), left_loop)
        frame.locals = before
        if left:
            # A module's own names are shared with every function of it: the dictionary must stay the same.
            merged = left[0]
            for names in left[1:]:
                merged = _joined(merged, names)
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

    def _do_if(self, node: ast.If, frame: Frame) -> Flow | None:
        test = self.evaluate(node.test, frame)
        truth = self.truth(test)
        if truth is not None:
            return self.block(node.body if truth else node.orelse, frame)
        reason = f"whether `{_source(node.test)}` holds is not known before it runs"
        return self.arms(
            frame,
            (
                (f"{node.lineno}:then", reason, lambda: self.block(node.body, frame)),
                (f"{node.lineno}:else", reason, lambda: self.block(node.orelse, frame)),
            ),
        )

    def _do_match(self, node: ast.Match, frame: Frame) -> Flow | None:
        subject = self.evaluate(node.subject, frame)
        arms: list[tuple[str, str, Callable[[], Flow | None]]] = []
        reason = f"which case `{_source(node.subject)}` takes is not known before it runs"
        sure = False
        for number, case in enumerate(node.cases):
            found = self._matches(case.pattern, subject, frame)
            if found is True and case.guard is not None:
                found = self.truth(self.evaluate(case.guard, frame))
            if found is False:
                continue
            if found is True and not arms:
                return self.block(case.body, frame)
            arms.append((f"{node.lineno}:case{number}", reason, partial(self.block, case.body, frame)))
            if found is True:
                sure = True
                break
        if not arms:
            return None
        if not sure:
            arms.append((f"{node.lineno}:else", reason, lambda: None))
        return self.arms(frame, arms)

    def _matches(self, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
        if isinstance(pattern, ast.MatchValue):
            return self.equal(subject, self.evaluate(pattern.value, frame))
        if isinstance(pattern, ast.MatchSingleton):
            return self.equal(subject, pattern.value)
        if isinstance(pattern, ast.MatchOr):
            found = [self._matches(each, subject, frame) for each in pattern.patterns]
            return True if True in found else None if None in found else False
        if isinstance(pattern, ast.MatchAs):
            matched = True if pattern.pattern is None else self._matches(pattern.pattern, subject, frame)
            if pattern.name is not None and matched is not False:
                frame.locals[pattern.name] = subject
            return matched
        if isinstance(pattern, ast.MatchSequence):
            return self._matches_sequence(pattern, subject, frame)
        if isinstance(pattern, ast.MatchMapping) and isinstance(subject, Dict) and not subject.more:
            found = []
            for key, inner_pattern in zip(pattern.keys, pattern.patterns, strict=True):
                wanted = self.evaluate(key, frame)
                if not hashable(wanted) or wanted not in subject:
                    return False
                found.append(self._matches(inner_pattern, subject[wanted], frame))
            return False if False in found else None if None in found else True
        for inner in ast.walk(pattern):
            name = getattr(inner, "name", None) or getattr(inner, "rest", None)
            if isinstance(name, str):
                frame.locals[name] = Unknown("it is bound by a pattern", pattern.lineno, reaches(subject))
        return None

    def _matches_sequence(self, pattern: ast.MatchSequence, subject: Value, frame: Frame) -> bool | None:
        if isinstance(subject, (str, int, float, bytes, bool, Dict, type(None))):
            return False
        items, maybe, more = self.items(subject)
        star = next((n for n, each in enumerate(pattern.patterns) if isinstance(each, ast.MatchStar)), None)
        plain = len(pattern.patterns) - (star is not None)
        if maybe or more or not isinstance(subject, (List, tuple)):
            unknown = self._unknown_item(subject)
            for each in pattern.patterns:
                self._matches(each, unknown, frame)
            return None
        if len(items) < plain or (star is None and len(items) != plain):
            return False
        found: list[bool | None] = []
        after = plain if star is None else plain - star
        for number, each in enumerate(pattern.patterns):
            if isinstance(each, ast.MatchStar):
                if each.name is not None:
                    frame.locals[each.name] = List(items[number : len(items) - after])
            else:
                at = number if star is None or number < star else number - len(pattern.patterns)
                found.append(self._matches(each, items[at], frame))
        return False if False in found else None if None in found else True

    # Loops

    def _do_for(self, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
        source = self.evaluate(node.iter, frame)
        items, maybe, more = self.items(source)
        outer = frame.left_loop
        kept = frame.left_loop

        def once(item: Value) -> Flow | None:
            frame.left_loop = kept
            self.assign(node.target, item, frame)
            return self.block(node.body, frame)

        reason = f"how often the loop over `{_source(node.iter)}` runs is not known"
        may_have_left = None
        for item in items:
            self.spend()
            if maybe or may_have_left:
                why = may_have_left or reason
                flow = self.arms(
                    frame,
                    (
                        (f"{node.lineno}:loop", why, partial(once, item)),
                        (f"{node.lineno}:no loop", why, lambda: None),
                    ),
                )
            else:
                flow = once(item)
            if frame.left_loop is not kept:
                may_have_left = (frame.left_loop or ":").partition(":")[2] or reason
            if flow is not None and flow.kind != "continue":
                frame.left_loop = outer
                return None if flow.kind == "break" else flow
        flow = None
        if more:
            flow = self._loop_unknown(
                node.lineno, node.body, reason, frame, lambda: self._unknown_item(source)
            )(node.target)
        frame.left_loop = outer
        if flow is not None and flow.kind in ("return", "raise"):
            return flow
        return self.block(node.orelse, frame) if node.orelse else None

    _do_asyncfor = _do_for

    def _unknown_item(self, source: Value) -> Value:
        if isinstance(source, Data):
            return Data()
        reason = source.reason if isinstance(source, Unknown) else "what the loop runs over is not known"
        return Unknown(reason, reach=reaches(source))

    def _loop_unknown(
        self, line: int, body: list[ast.stmt], reason: str, frame: Frame, item: Callable[[], Value]
    ) -> Callable[[ast.expr | None], Flow | None]:
        def run(target: ast.expr | None) -> Flow | None:
            for name in _assigned(body):
                if name in frame.locals:
                    # What one pass leaves is what the next one starts with.
                    frame.locals[name] = join(
                        frame.locals[name], Unknown(f"`{name}` changes while a loop runs", line)
                    )

            def once() -> Flow | None:
                if target is not None:
                    self.assign(target, item(), frame)
                flow = self.block(body, frame)
                return None if flow is not None and flow.kind in ("break", "continue") else flow

            return self.arms(
                frame, ((f"{line}:loop", reason, once), (f"{line}:no loop", reason, lambda: None))
            )

        return run

    def _do_while(self, node: ast.While, frame: Frame) -> Flow | None:
        outer = frame.left_loop
        for _ in range(LONGEST_LIST):
            self.spend(5)
            truth = self.truth(self.evaluate(node.test, frame))
            if truth is False:
                return self.block(node.orelse, frame) if node.orelse else None
            if truth is None or frame.left_loop is not outer:
                break
            flow = self.block(node.body, frame)
            if flow is not None and flow.kind == "break":
                return None
            if flow is not None and flow.kind != "continue":
                return flow
        reason = f"how often `while {_source(node.test)}` runs is not known"
        flow = self._loop_unknown(node.lineno, node.body, reason, frame, lambda: None)(None)
        frame.left_loop = outer
        return flow

    def items(self, value: Value) -> tuple[Sequence[Value], bool, bool]:
        """What iterating gives: the items, whether they may be missing, whether there may be more."""
        if isinstance(value, List):
            return list(value), value.maybe, value.more
        if isinstance(value, (tuple, range)):
            return value[:LONGEST_LIST], False, len(value) > LONGEST_LIST
        if isinstance(value, Dict):
            return list(value), False, value.more
        if isinstance(value, (set, frozenset)):
            return sorted(value, key=repr), False, False
        if isinstance(value, str) and whole(value):
            return tuple(value[:LONGEST_LIST]), False, len(value) > LONGEST_LIST
        if isinstance(value, Choice):
            merged: list[Value] = []
            more = False
            for each in value.values:
                items, _, open_ended = self.items(each)
                merged += [item for item in items if not any(same(item, known) for known in merged)]
                more = more or open_ended
            return merged, True, more
        if isinstance(value, (Dotted, Class)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return list(inside), inside.maybe, inside.more
        if isinstance(value, Instance) and fields_of(value.of) is not None:
            return list(value.names.values()), False, False
        if isinstance(value, Instance) and isinstance(lookup(value.of, "__iter__", self.resolve), Function):
            return self.items(self._method_of(value, "__iter__", Arguments([], {})))
        if isinstance(value, (Instance, OpenFile)):
            inside = self.library.attribute(self, value, "__iter__")
            if isinstance(inside, List):
                return list(inside), inside.maybe, inside.more
        return (), False, True

    # Simple statements

    def _do_expr(self, node: ast.Expr, frame: Frame) -> None:
        if not isinstance(node.value, ast.Constant):
            self.evaluate(node.value, frame)

    def _do_assign(self, node: ast.Assign, frame: Frame) -> None:
        value = self.evaluate(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def _do_annassign(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, frame), frame)

    def _do_augassign(self, node: ast.AugAssign, frame: Frame) -> None:
        before = self.evaluate(node.target, frame)
        after = self.evaluate(node.value, frame)
        if isinstance(before, List) and isinstance(node.op, ast.Add):
            items, maybe, more = self.items(after)
            before.extend(items)
            before.maybe = before.maybe or maybe or self.uncertain()
            before.more = before.more or more
            if len(before) > LONGEST_LIST:
                raise Exhausted("a list of the script grows too long")
            return
        self.assign(node.target, self.binary(node.op, before, after), frame)

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target of an assignment, a loop or a `with`."""
        if isinstance(target, ast.Name):
            self.bind_name(target.id, value, frame)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, frame)
        elif isinstance(target, ast.Attribute):
            self._set_attribute(self.evaluate(target.value, frame), target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(self.evaluate(target.value, frame), self.evaluate(target.slice, frame), value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, frame)

    def bind_name(self, name: str, value: Value, frame: Frame) -> None:
        """Bind a name where the function says that it lives."""
        home = frame
        if frame.globals_declared is not None and name in frame.globals_declared:
            home = frame.module.frame
        elif frame.nonlocals is not None and name in frame.nonlocals:
            above = frame.parent
            while above is not None and name not in above.locals:
                above = above.parent
            home = above or frame
        if home is not frame and name in home.locals and self.uncertain():
            value = join(home.locals[name], value)
        home.locals[name] = value

    def _unpack(self, targets: list[ast.expr], value: Value, frame: Frame) -> None:
        items, maybe, more = self.items(value)
        star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
        if isinstance(value, Choice):
            rows = [self.items(each)[0] for each in value.values]
            if star is None and all(len(row) == len(targets) for row in rows):
                for position, target in enumerate(targets):
                    joined = rows[0][position]
                    for row in rows[1:]:
                        joined = join(joined, row[position])
                    self.assign(target, joined, frame)
                return
        if star is not None and not more and not maybe and len(items) >= len(targets) - 1:
            after = len(targets) - star - 1
            end = len(items) - after
            for target, item in zip(targets[:star], items[:star], strict=True):
                self.assign(target, item, frame)
            self.assign(targets[star], List(items[star:end]), frame)
            for target, item in zip(targets[star + 1 :], items[end:], strict=True):
                self.assign(target, item, frame)
            return
        if more or maybe or len(items) != len(targets):
            unknown = self._unknown_item(value)
            for target in targets:
                self.assign(target, unknown, frame)
            return
        for target, item in zip(targets, items, strict=True):
            self.assign(target, item, frame)

    def _set_attribute(self, of: Value, name: str, value: Value) -> None:
        names = of.names if isinstance(of, (Instance, Class)) else None
        if isinstance(of, Module):
            names = of.frame.locals
        if names is not None:
            if name in names and self.uncertain():
                value = join(names[name], value)
            names[name] = value

    def _set_item(self, of: Value, key: Value, value: Value) -> None:
        if isinstance(of, Dict):
            if isinstance(key, Choice) or not hashable(key):
                for known in list(of):
                    of[known] = join(of[known], value)
                of.more = True
                return
            of[key] = join(of[key], value) if key in of and self.uncertain() else value
            if len(of) > LONGEST_LIST:
                raise Exhausted("a dictionary of the script grows too large")
        elif isinstance(of, List):
            if isinstance(key, int) and -len(of) <= key < len(of) and not of.maybe:
                of[key] = join(of[key], value) if self.uncertain() else value
            else:
                of[:] = [join(item, value) for item in of]
                of.more = True

    def _do_delete(self, node: ast.Delete, frame: Frame) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if not self.uncertain():
                    frame.locals.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                of = self.evaluate(target.value, frame)
                key = self.evaluate(target.slice, frame)
                if isinstance(of, Dict) and hashable(key) and not self.uncertain():
                    of.pop(key, None)
                elif isinstance(of, List):
                    of.maybe = True

    def _do_return(self, node: ast.Return, frame: Frame) -> Flow:
        return Flow("return", None if node.value is None else self.evaluate(node.value, frame))

    def _do_raise(self, node: ast.Raise, frame: Frame) -> Flow:
        if node.exc is not None:
            self.evaluate(node.exc, frame)
        return Flow("raise")

    def _do_break(self, node: ast.Break, frame: Frame) -> Flow:
        return Flow("break")

    def _do_continue(self, node: ast.Continue, frame: Frame) -> Flow:
        return Flow("continue")

    def _do_pass(self, node: ast.Pass, frame: Frame) -> None:
        return None

    def _do_assert(self, node: ast.Assert, frame: Frame) -> None:
        self.evaluate(node.test, frame)

    def _do_global(self, node: ast.Global, frame: Frame) -> None:
        frame.globals_declared = (frame.globals_declared or set()) | set(node.names)

    def _do_nonlocal(self, node: ast.Nonlocal, frame: Frame) -> None:
        frame.nonlocals = (frame.nonlocals or set()) | set(node.names)

    def _do_import(self, node: ast.Import, frame: Frame) -> None:
        for alias in node.names:
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            self.bind_name(alias.asname or path, Dotted(path), frame)

    def _do_importfrom(self, node: ast.ImportFrom, frame: Frame) -> None:
        origin = node.module or ""
        if node.level:
            package = frame.module.name.split(".")[: -node.level]
            origin = ".".join([*package, origin] if origin else package)
            origin = origin or "."
        for alias in node.names:
            if alias.name == "*":
                for name, value in self._star(origin).items():
                    frame.locals[name] = value
            else:
                self.bind_name(alias.asname or alias.name, Dotted(f"{origin}.{alias.name}"), frame)

    def _star(self, origin: str) -> dict[str, Value]:
        found = self.library.attribute(self, Dotted(origin), "*")
        return dict(found) if isinstance(found, dict) else {}

    # try, with

    def _do_try(self, node: ast.Try, frame: Frame) -> Flow | None:
        before = dict(frame.locals)
        flow = self.block(node.body, frame)
        raised = flow is not None and flow.kind == "raise"
        if flow is None and node.orelse:
            flow = self.block(node.orelse, frame)
        handlers = [] if self._cannot_fail(node, frame) and not raised else node.handlers
        if handlers:
            after = frame.locals
            reason = f"whether the `try` at line {node.lineno} fails is not known before it runs"
            arms: list[tuple[str, str, Callable[[], Flow | None]]] = []
            if not raised:
                arms.append((f"{node.lineno}:try", reason, lambda: flow))
            for number, handler in enumerate(handlers):
                arms.append(
                    (
                        f"{node.lineno}:except{number}",
                        reason,
                        partial(self._handle, handler, before, frame),
                    )
                )
            frame.locals = after
            if raised and len(arms) == 1:
                flow = self._handle(handlers[0], before, frame)
            else:
                flow = self.arms(frame, arms)
        if node.finalbody:
            last = self.block(node.finalbody, frame)
            return last if last is not None else flow
        return flow

    def _handle(self, handler: ast.ExceptHandler, before: dict[str, Value], frame: Frame) -> Flow | None:
        # The body may have stopped anywhere: a name is what it was before it, or what it became.
        for name, value in list(frame.locals.items()):
            if name in before and before[name] is not value:
                frame.locals[name] = join(before[name], value)
        if handler.name:
            frame.locals[handler.name] = Unknown("it is an exception", handler.lineno)
        return self.block(handler.body, frame)

    def _cannot_fail(self, node: ast.Try, frame: Frame) -> bool:
        """Whether the body only imports what is certainly there."""
        for statement in node.body:
            if isinstance(statement, ast.Import):
                names = [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                names = [statement.module or ""]
            else:
                return False
            if not all(name.partition(".")[0] in ("alembic", "sqlalchemy") for name in names):
                return False
        return True

    def _do_with(self, node: ast.With | ast.AsyncWith, frame: Frame) -> Flow | None:
        return self._with(node.items, node.body, frame)

    _do_asyncwith = _do_with

    def _with(self, items: list[ast.withitem], body: list[ast.stmt], frame: Frame) -> Flow | None:
        if not items:
            return self.block(body, frame)
        item, rest = items[0], items[1:]
        self._mark(item.context_expr, frame)
        manager = self.evaluate(item.context_expr, frame)
        if isinstance(manager, Bound) and isinstance(manager.function, Function):
            function = manager.function
            if function.kind == "context":
                ended: list[Flow | None] = []

                def inside(value: Value) -> Value:
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, value, frame)
                    ended.append(self._with(rest, body, frame))
                    return None

                arguments = Arguments(list(manager.args), dict(manager.kwargs))
                self.call_function(function, arguments, on_yield=inside)
                return ended[0] if ended else None
        value = self._enter(manager)
        if item.optional_vars is not None:
            self.assign(item.optional_vars, value, frame)
        if isinstance(manager, Autocommit):
            self.recorder.autocommit += 1
            try:
                return self._with(rest, body, frame)
            finally:
                self.recorder.autocommit -= 1
        flow = self._with(rest, body, frame)
        if isinstance(manager, Batch):
            self.recorder.postpone(manager.waiting)
        if isinstance(manager, Instance):
            self._method_of(manager, "__exit__", Arguments([None, None, None], {}))
        return flow

    def _enter(self, manager: Value) -> Value:
        if isinstance(manager, Instance):
            found = self._method_of(manager, "__enter__", Arguments([], {}))
            return manager if isinstance(found, Unknown) else found
        return manager

    def _method_of(self, of: Value, name: str, arguments: Arguments) -> Value:
        method = self.attribute(of, name)
        return method if isinstance(method, Unknown) else self.call(method, arguments)

    # Functions and classes

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
        value: Value = self._function(node.name, node, frame)
        for decorator in reversed(node.decorator_list):
            value = self._decorate(decorator, value, frame)
        self.bind_name(node.name, value, frame)

    _do_asyncfunctiondef = _do_functiondef

    def _function(
        self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame
    ) -> Function:
        arguments = node.args
        return Function(
            name,
            node,
            frame,
            [self.evaluate(default, frame) for default in arguments.defaults],
            {
                argument.arg: self.evaluate(default, frame)
                for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                if default is not None
            },
        )

    def _decorate(self, decorator: ast.expr, value: Value, frame: Frame) -> Value:
        with_what = self.evaluate(decorator, frame)
        if isinstance(with_what, Dotted):
            name = with_what.path.rpartition(".")[2]
            if isinstance(value, Function):
                kinds = {
                    "staticmethod": "static", "classmethod": "class", "property": "property",
                    "cached_property": "property", "contextmanager": "context",
                    "asynccontextmanager": "context",
                }  # fmt: skip
                if name in kinds:
                    value.kind = kinds[name]
                    return value
            if isinstance(value, Class) and name == "dataclass":
                value.dataclass = True
                return value
            found = self.library.find(self, with_what.path)
            if isinstance(found, (Function, Bound, Class)):
                return self.call(found, Arguments([value], {}))
            return value
        if isinstance(with_what, (Function, Bound)):
            return self.call(with_what, Arguments([value], {}))
        if isinstance(value, Class) and isinstance(decorator, ast.Call):
            called = self.evaluate(decorator.func, frame)
            if isinstance(called, Dotted) and called.path.endswith("dataclass"):
                value.dataclass = True
        if isinstance(with_what, Method):
            made = self.call(with_what, Arguments([value], {}))
            return value if isinstance(made, Unknown) else made
        return value  # a library's decorator is taken to leave what the function does as it is

    def _do_classdef(self, node: ast.ClassDef, frame: Frame) -> None:
        inside = Frame(frame.module, frame)
        made = Class(
            node.name,
            tuple(self.evaluate(base, frame) for base in node.bases if not isinstance(base, ast.Starred)),
            inside.locals,
            frame,
            node=node,
        )
        self.block(node.body, inside)
        made.names = inside.locals
        for value in made.names.values():
            if isinstance(value, Function) and value.owner is None:
                value.owner = made
        self._special_methods(made)
        result: Value = made
        for decorator in reversed(node.decorator_list):
            result = self._decorate(decorator, result, frame)
        self.bind_name(node.name, result, frame)

    def _special_methods(self, made: Class) -> None:
        """What Python calls by itself (`__add__`, `__del__`, …) is followed where it could do more than compute."""
        meta = any(isinstance(base, Dotted) and base.path == "builtins.type" for base in made.bases)
        for name, value in list(made.names.items()):
            special = name.startswith("__") and name.endswith("__") and (meta or name not in _FOLLOWED)
            if special and isinstance(value, Function) and not self._is_inert(value, Arguments([], {})):
                self.library.call_back(self, value)

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
            return self._instantiate(callee, arguments)
        if isinstance(callee, Choice):
            return self._call_one_of(callee, arguments)
        if isinstance(callee, Instance):
            method = self.attribute(callee, "__call__")
            if isinstance(method, (Function, Bound)):
                return self.call(method, arguments)
        return self.library.call_object(self, callee, arguments)

    def _call_one_of(self, callee: Choice, arguments: Arguments) -> Value:
        frame = self.stack[-1] if self.stack else self.script.frame
        line = getattr(self.recorder.place, "lineno", 0)
        results: list[Value] = []

        def one(each: Value) -> Flow | None:
            results.append(self.call(each, arguments))
            return None

        reason = "which function is called is not known before it runs"
        self.arms(
            frame,
            [
                (f"{line}:choice{number}", reason, partial(one, each))
                for number, each in enumerate(callee.values)
            ],
        )
        joined = results[0]
        for result in results[1:]:
            joined = join(joined, result)
        return joined

    def _instantiate(self, of: Class, arguments: Arguments) -> Value:
        made = self.library.make(self, of, arguments)
        if made is not None:
            return made
        instance = Instance(of, {})
        init = lookup(of, "__init__")
        if isinstance(init, Function):
            self.call(Bound(init, (instance,)), arguments)
        elif (fields := fields_of(of)) is not None:
            for position, name in enumerate(fields):
                default = of.names.get(name, Unknown(f"`{name}` is not given"))
                instance.names[name] = arguments.get(position, name, default)
        else:
            # The constructor is a library's: what it is given, the object may keep.
            instance.names.update(arguments.kwargs)
            instance.names.update({f"*{n}": value for n, value in enumerate(arguments.args)})
        return instance

    def call_function(
        self, function: Function, arguments: Arguments, on_yield: Callable[[Value], Value] | None = None
    ) -> Value:
        """Run a function of the project on arguments; what it returns."""
        if function.kind == "context" and on_yield is None:
            return Bound(function, tuple(arguments.args), arguments.kwargs)
        if (
            self._inert_steps is None
            and any(map(_vague, arguments.values()))
            and self._is_inert(function, arguments)
        ):
            # It works on data that nobody knows, and cannot do anything else: no need to see it through.
            steps = self.steps
            self.steps = self._inert_steps = min(steps, INERT_STEPS)
            depth = len(self.stack)
            try:
                return self._run_function(function, arguments, on_yield)
            except Exhausted:
                del self.stack[depth:]
                return Unknown(f"`{function.name}` works on data that is not known")
            finally:
                self.steps = steps - (self._inert_steps - max(self.steps, 0))
                self._inert_steps = None
        return self._run_function(function, arguments, on_yield)

    def _run_function(
        self, function: Function, arguments: Arguments, on_yield: Callable[[Value], Value] | None
    ) -> Value:
        node = function.node
        if self._circles(function, arguments):
            return Unknown(f"`{function.name}` calls itself", reach=any(map(reaches, arguments.values())))
        if len(self.stack) >= DEPTH:
            raise Exhausted(f"functions of the script call each other more than {DEPTH} deep")
        frame = Frame(function.frame.module, function.frame)
        frame.called = (function, arguments)
        frame.on_yield = on_yield
        self._bind(function, arguments, frame)
        if isinstance(node, ast.Lambda):
            self.stack.append(frame)
            try:
                return self.evaluate(node.body, frame)
            finally:
                self.stack.pop()
        if function.is_generator is None:
            function.is_generator = _yields(node)
        if function.is_generator and on_yield is None:
            frame.yielded = List()
        self.stack.append(frame)
        place = self.recorder.place
        try:
            flow = self.block(node.body, frame)
        finally:
            self.stack.pop()
            self.recorder.place = place
        if frame.yielded is not None:
            return frame.yielded
        result: Value = flow.value if flow is not None and flow.kind == "return" else None
        if flow is None or flow.kind != "raise":
            for value in frame.returns:
                result = join(result, value)
        elif frame.returns:
            result = frame.returns[0]
            for value in frame.returns[1:]:
                result = join(result, value)
        elif flow.kind == "raise":
            return Unknown(f"`{function.name}` raises", getattr(node, "lineno", 0))
        return result

    def _is_inert(self, function: Function, arguments: Arguments) -> bool:
        if any(map(reaches, arguments.values())):
            return False
        if function.inert is None:
            function.inert = True  # for a circle: what else it calls decides
            function.inert = self._only_computes(function, 6)
        return function.inert

    def _only_computes(self, function: Function, depth: int) -> bool:
        """Whether nothing that the function names could change a schema."""
        for node in ast.walk(function.node):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [alias.name for alias in node.names]
                origin = [node.module or "."] if isinstance(node, ast.ImportFrom) else names
                if not all(isinstance(self.library.find(self, each), Dotted) for each in origin):
                    return False
                if not all(self.library.harmless(f"{each}.{name}") for each in origin for name in names):
                    return False
            elif isinstance(node, ast.Name) and not self._computes(self._name(node, function.frame), depth):
                return False
        return True

    def _computes(self, value: Value, depth: int) -> bool:
        value = self.resolve(value)
        if isinstance(value, Dotted):
            return self.library.harmless(value.path)
        if isinstance(value, Function):
            if value.inert is None and depth:
                value.inert = True
                value.inert = self._only_computes(value, depth - 1)
            return bool(value.inert)
        if isinstance(value, Class):
            return depth > 0 and all(
                self._computes(each, depth - 1)
                for each in (*value.names.values(), *value.bases)
                if isinstance(each, (Function, Class, Dotted, Bound))
            )
        return not isinstance(value, Module) and not reaches(value)

    def _circles(self, function: Function, arguments: Arguments) -> bool:
        """Whether the function is running already, twice, on what is the same as far as it is known."""
        if len(self.stack) < 3:
            return False
        times = 0
        for frame in self.stack:
            if frame.called is not None and frame.called[0] is function:
                before = frame.called[1]
                alike = len(before.args) == len(arguments.args) and all(
                    same(a, b) or (_vague(a) and _vague(b))
                    for a, b in zip(before.args, arguments.args, strict=True)
                )
                times += alike
        return times > 1

    def _bind(self, function: Function, arguments: Arguments, frame: Frame) -> None:
        spec = function.node.args
        names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        bound = frame.locals
        positional = list(arguments.args)
        if len(positional) > LONGEST_LIST:
            raise Exhausted("a call of the script has too many arguments")
        for name, value in zip(names, positional, strict=False):
            bound[name] = value
        if spec.vararg is not None:
            bound[spec.vararg.arg] = List(positional[len(names) :], more=arguments.more)
        extra = Dict(more=arguments.more)
        keyword_only = {argument.arg for argument in spec.kwonlyargs}
        for name, value in arguments.kwargs.items():
            if name in names or name in keyword_only:
                bound[name] = value
            else:
                extra[name] = value
        if spec.kwarg is not None:
            bound[spec.kwarg.arg] = extra
        defaulted = names[len(names) - len(function.defaults) :] if function.defaults else []
        for name, value in (
            *zip(defaulted, function.defaults, strict=True),
            *function.keyword_defaults.items(),
        ):
            if name not in bound:
                bound[name] = (
                    join(value, Unknown(f"`{name}` may be given", reach=arguments.reach))
                    if arguments.more
                    else value
                )
        for name in (*names, *keyword_only):
            if name not in bound:
                bound[name] = Unknown(
                    f"the parameter `{name}` is not given a value here", reach=arguments.reach
                )

    # Expressions

    def _constant(self, node: ast.Constant, frame: Frame) -> Value:
        return node.value

    def _name(self, node: ast.Name, frame: Frame) -> Value:
        name = node.id
        home: Frame | None = frame
        while home is not None:
            found = home.locals.get(name, home)
            if found is not home:
                return found
            home = home.parent
        builtin = self.library.builtin(name)
        if builtin is not None:
            return builtin
        return Unknown(f"the name `{name}` is not defined", node.lineno)

    def _attribute(self, node: ast.Attribute, frame: Frame) -> Value:
        return self.attribute(self.evaluate(node.value, frame), node.attr)

    def attribute(self, of: Value, name: str) -> Value:
        """An attribute of any value."""
        if isinstance(of, Dotted):
            found = self.library.find(self, of.path)
            if isinstance(found, Dotted):
                return self.library.attribute(self, found, name)
            return self.attribute(found, name)
        if isinstance(of, Choice):
            return self.lift(lambda each: self.attribute(each, name), of)
        if isinstance(of, Module):
            names = of.frame.locals
            if name in names:
                return names[name]
            return self.library.attribute(self, of, name)
        if isinstance(of, Instance):
            if name in of.names:
                return of.names[name]
            return self._from_class(of, of.of, name)
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
                    found = lookup(owner, name)
                    if isinstance(found, Function):
                        return Bound(found, (of.of,))
            return Method(of, name)
        return self.library.attribute(self, of, name)

    def resolve(self, value: Value) -> Value:
        """A Dotted of the project's own modules as what it means; anything else as it is."""
        return self.library.find(self, value.path) if isinstance(value, Dotted) else value

    def _from_class(self, of: Instance, start: Class, name: str) -> Value:
        found = lookup(start, name, self.resolve)
        if isinstance(found, Function):
            if found.kind == "property":
                return self.call(found, Arguments([of], {}))
            if found.kind == "static":
                return found
            return Bound(found, (of.of if found.kind == "class" else of,))
        if found is not None:
            return found
        return self.library.attribute(self, of, name)

    def _mark(self, node: ast.expr, frame: Frame) -> None:
        if frame.file == self.script.path:
            self.recorder.place = node

    def _call(self, node: ast.Call, frame: Frame) -> Value:
        callee = self.evaluate(node.func, frame)
        arguments = self._arguments(node, frame)
        self._mark(node, frame)
        self.called_as = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
        if isinstance(callee, Dotted):
            # These look at the names around the call itself.
            if callee.path in ("builtins.eval", "builtins.exec") and arguments.args:
                return self._code(callee.path, arguments.args[0], frame)
            if callee.path == "builtins.super":
                return self._super(frame)
            if callee.path in ("builtins.globals", "builtins.locals", "builtins.vars") and not arguments.args:
                names = frame.module.frame.locals if callee.path == "builtins.globals" else frame.locals
                return Dict(names, more=callee.path != "builtins.globals")
        return self.call(callee, arguments)

    def _code(self, path: str, text: Value, frame: Frame) -> Value:
        """`eval` and `exec` of a text that is known are walked like the rest of the script."""
        if isinstance(text, str):
            name = text.strip()
            if path == "builtins.eval" and HOLE in name and name.replace(HOLE, "").isidentifier():
                return self._entry(Dict(frame.module.frame.locals), name)
            if whole(text):
                try:
                    tree = ast.parse(name, mode="eval" if path == "builtins.eval" else "exec")
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return Unknown("code that is made while it runs is no Python")
                self.spend(10)
                place = self.recorder.place
                for node in ast.walk(tree):
                    if isinstance(node, ast.expr | ast.stmt) and place is not None:
                        ast.copy_location(node, place)
                if isinstance(tree, ast.Expression):
                    return self.evaluate(tree.body, frame)
                if isinstance(tree, ast.Module) and len(self.stack) < DEPTH:
                    self.stack.append(frame)
                    try:
                        self.block(tree.body, frame)
                    finally:
                        self.stack.pop()
                return None
        self.recorder.opaque("code that is made while it runs cannot be read", escaped=self.escaped())
        return Unknown("code that is made while it runs cannot be read")

    def _super(self, frame: Frame) -> Value:
        running = self.stack[-1] if self.stack else frame
        node_names = running.locals
        owner = next(
            (value for value in _owners(running) if isinstance(value, Class)),
            None,
        )
        of = next(iter(node_names.values()), None)
        if owner is None and isinstance(of, Instance):
            owner = of.of
        if owner is None:
            return Unknown("what `super()` is here could not be worked out")
        return Super(owner, of)

    def _arguments(self, node: ast.Call, frame: Frame) -> Arguments:
        args: list[Value] = []
        kwargs: dict[str, Value] = {}
        more = reach = False
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                spread = self.evaluate(argument.value, frame)
                items, maybe, open_ended = self.items(spread)
                args.extend(items)
                more = more or maybe or open_ended
                reach = reach or (open_ended and reaches(spread))
            else:
                args.append(self.evaluate(argument, frame))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, frame)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, Dict):
                kwargs.update({key: item for key, item in value.items() if isinstance(key, str)})
                more = more or value.more
            else:
                more = True
                reach = reach or reaches(value)
        return Arguments(args, kwargs, more, reach)

    def _joinedstr(self, node: ast.JoinedStr, frame: Frame) -> Value:
        return self.concatenate([self.evaluate(part, frame) for part in node.values])

    def concatenate(self, parts: Sequence[Value]) -> Value:
        """Texts one after the other."""
        if all(isinstance(part, str) for part in parts):
            text = "".join(parts)
            if len(text) > LONGEST_TEXT:
                raise Exhausted("a string of the script grows too long")
            return text
        return self.lift(lambda *row: self.concatenate([self.text(part) for part in row]), *parts)

    def _formattedvalue(self, node: ast.FormattedValue, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame)
        spec = "" if node.format_spec is None else self.evaluate(node.format_spec, frame)
        return self.lift(lambda one, how: self.formatted(one, how, node.conversion), value, spec)

    def formatted(self, value: Value, spec: Value, conversion: int = -1) -> Value:
        """`format(value, spec)` after a conversion as `ast.FormattedValue` gives it."""
        if conversion in (ord("r"), ord("a")):
            known = self.constant(value)
            value = self.hole("a part of it could not be worked out") if known is None else repr(known)
        if spec in ("", "s"):
            return self.text(value)
        if not whole(spec):
            return self.hole("how a value is formatted is not known")
        if isinstance(value, (int, float)) or whole(value):
            if any(int(number) > 1000 for number in _numbers(spec)):
                raise Exhausted("a string of the script grows too long")
            try:
                return format(value, spec)
            except ValueError:
                pass
        return self.hole("a part of it could not be worked out")

    def _binop(self, node: ast.BinOp, frame: Frame) -> Value:
        return self.binary(node.op, self.evaluate(node.left, frame), self.evaluate(node.right, frame))

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        """`left op right`."""
        if isinstance(left, Choice) or isinstance(right, Choice):
            return self.lift(lambda a, b: self.binary(op, a, b), left, right)
        if isinstance(op, ast.Add):
            if isinstance(left, str) or isinstance(right, str):
                other = right if isinstance(left, str) else left
                if isinstance(other, (str, Unknown, Data)):
                    return self.concatenate([self.text(left), self.text(right)])
            if isinstance(left, (List, tuple)) and isinstance(right, (List, tuple, Unknown, Data)):
                return self._added(left, right)
        if isinstance(op, ast.Mod) and isinstance(left, str):
            return self._percent(left, right)
        if isinstance(op, ast.Div):
            joined = self.library.method(self, left, "__truediv__", Arguments([right], {}))
            if not isinstance(joined, Unknown):
                return joined
        if isinstance(op, ast.BitOr) and isinstance(left, Dict) and isinstance(right, Dict):
            return Dict({**left, **right}, more=left.more or right.more)
        if isinstance(left, Data) or isinstance(right, Data):
            return Data()
        function = _BINARY.get(type(op))
        if function is not None and _plain(left) and _plain(right):
            if isinstance(op, (ast.Mult, ast.LShift)) and _too_large(left, right, op):
                raise Exhausted("a value of the script grows too large")
            try:
                made = function(left, right)
            except Exception:  # what Python itself would raise here: the script could not run
                return Unknown("the expression fails")
            return List(made) if type(made) is list else made
        if isinstance(op, ast.Mult) and isinstance(left, List) and isinstance(right, int):
            if len(left) * right > LONGEST_LIST:
                raise Exhausted("a list of the script grows too long")
            return List(list(left) * right, maybe=left.maybe, more=left.more)
        return Unknown("the result of an operator is not known", reach=reaches(left) or reaches(right))

    def _added(self, left: Value, right: Value) -> Value:
        ours, maybe, more = self.items(left)
        theirs, maybe_theirs, more_theirs = self.items(right)
        if isinstance(left, tuple) and isinstance(right, tuple):
            return (*left, *right)
        if len(ours) + len(theirs) > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        return List([*ours, *theirs], maybe=maybe or maybe_theirs, more=more or more_theirs)

    def _percent(self, left: str, right: Value) -> Value:
        if type(right) is tuple:
            values: Value = tuple(right)
        elif isinstance(right, Dict):
            if right.more:
                return self._percent_holes(left)
            values = {key: self._percent_value(item) for key, item in right.items()}
            try:
                return left % values
            except (KeyError, TypeError, ValueError):
                return self._percent_holes(left)
        else:
            values = (right,)

        def fill(*row: Value) -> Value:
            try:
                made: str = left % tuple(self._percent_value(item) for item in row)
            except (TypeError, ValueError):
                return self._percent_holes(left)
            return made

        if len(left) > LONGEST_TEXT or any(int(number) > 1000 for number in _numbers(left)):
            raise Exhausted("a string of the script grows too long")
        return self.lift(fill, *values)

    def _percent_value(self, value: Value) -> Value:
        return value if isinstance(value, (int, float)) else self.text(value)

    def _percent_holes(self, text: str) -> str:
        import re

        return re.sub(r"%(?:\(\w+\))?[-+# 0-9.]*[a-zA-Z]", lambda _: self.hole("a value is not known"), text)

    def _boolop(self, node: ast.BoolOp, frame: Frame) -> Value:
        wanted = isinstance(node.op, ast.Or)
        result: Value = None
        found = False
        popped = 0
        try:
            for position, operand in enumerate(node.values):
                value = self.evaluate(operand, frame)
                truth = self.truth(value)
                last = position == len(node.values) - 1
                if truth is wanted:
                    return join(result, value) if found else value
                if truth is None and not last:
                    result = join(result, value) if found else value
                    found = True
                    reason = f"whether `{_source(operand)}` holds is not known before it runs"
                    self.recorder.conditions.append(Condition(f"{operand.lineno}:then", reason))
                    popped += 1
                elif last:
                    result = join(result, value) if found else value
            return result
        finally:
            for _ in range(popped):
                self.recorder.conditions.pop()

    def _unaryop(self, node: ast.UnaryOp, frame: Frame) -> Value:
        value = self.evaluate(node.operand, frame)
        if isinstance(node.op, ast.Not):
            truth = self.truth(value)
            return Unknown("a condition is not known", node.lineno) if truth is None else not truth
        if isinstance(value, (int, float)):
            if isinstance(node.op, ast.USub):
                return -value
            if isinstance(node.op, ast.UAdd):
                return +value
            return ~value if isinstance(value, int) else Unknown("the expression fails", node.lineno)
        return Data() if isinstance(value, Data) else Unknown("a number is not known", node.lineno)

    def _compare(self, node: ast.Compare, frame: Frame) -> Value:
        left = self.evaluate(node.left, frame)
        result: Value = True
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(comparator, frame)
            if isinstance(left, Data) or (
                isinstance(right, Data) and not isinstance(op, (ast.In, ast.NotIn))
            ):
                result = Data()
            else:
                one = self._one_comparison(op, left, right)
                if one is False:
                    return False
                if one is None:
                    result = Unknown("a comparison is not known", node.lineno)
            left = right
        return result

    def _one_comparison(self, op: ast.cmpop, left: Value, right: Value) -> bool | None:
        if isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            equal = self.equal(left, right)
            return equal if equal is None or isinstance(op, (ast.Eq, ast.Is)) else not equal
        if isinstance(op, (ast.In, ast.NotIn)):
            inside = self._contains(right, left)
            return inside if inside is None or isinstance(op, ast.In) else not inside
        function = _COMPARE[type(op)]
        if _plain(left) and _plain(right):
            try:
                return bool(function(left, right))
            except TypeError:
                return None
        return None

    def equal(self, left: Value, right: Value) -> bool | None:
        """Whether two values are equal; None where that is not known."""
        if isinstance(left, Choice) or isinstance(right, Choice):
            found = {self.equal(a, b) for a in alternatives(left) for b in alternatives(right)}
            return found.pop() if len(found) == 1 else None
        if isinstance(left, (Unknown, Data)) or isinstance(right, (Unknown, Data)):
            return None
        if isinstance(left, str) and isinstance(right, str):
            if HOLE in left or HOLE in right:
                return None
            return left == right
        if isinstance(left, _CONSTANTS) and isinstance(right, _CONSTANTS):
            return bool(left == right)
        if type(left) is tuple and type(right) is tuple:
            if len(left) != len(right):
                return False
            found = {self.equal(a, b) for a, b in zip(left, right, strict=True)}
            return False if False in found else None if None in found else True
        if isinstance(left, Dotted) or isinstance(right, Dotted):
            return True if same(left, right) else None
        if left is right:
            return True
        if left is None or right is None:
            return False
        return None

    def _contains(self, container: Value, item: Value) -> bool | None:
        if isinstance(container, str) and isinstance(item, str):
            if whole(container) and whole(item):
                return item in container
            return None
        if isinstance(container, Dict):
            items: Iterable[Value] = container
            more = container.more
        elif isinstance(container, (List, tuple, set, frozenset, Choice)):
            items, maybe, more = self.items(container)
            more = more or maybe
        else:
            return None
        found = {self.equal(each, item) for each in items}
        if True in found and not (isinstance(container, List) and container.maybe):
            return True
        return None if None in found or True in found or more else False

    def _list(self, node: ast.List, frame: Frame) -> Value:
        return self._collected(node.elts, frame)

    def _collected(self, nodes: list[ast.expr], frame: Frame) -> List:
        made = List()
        for node in nodes:
            if isinstance(node, ast.Starred):
                items, maybe, more = self.items(self.evaluate(node.value, frame))
                made.extend(items)
                made.maybe = made.maybe or maybe
                made.more = made.more or more
            else:
                made.append(self.evaluate(node, frame))
        return made

    def _tuple(self, node: ast.Tuple, frame: Frame) -> Value:
        if any(isinstance(each, ast.Starred) for each in node.elts):
            made = self._collected(node.elts, frame)
            return tuple(made) if not (made.more or made.maybe) else made
        return tuple([self.evaluate(each, frame) for each in node.elts])

    _set = _list

    def _dict(self, node: ast.Dict, frame: Frame) -> Value:
        made = Dict()
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.evaluate(value_node, frame)
            if key_node is None:
                if isinstance(value, Dict):
                    made.update(value)
                    made.more = made.more or value.more
                else:
                    made.more = True
                continue
            key = self.evaluate(key_node, frame)
            if hashable(key) and not isinstance(key, Choice):
                made[key] = value
            else:
                made.more = True
                made[Unhashable(value)] = value
        return made

    def _subscript(self, node: ast.Subscript, frame: Frame) -> Value:
        of = self.evaluate(node.value, frame)
        if isinstance(node.slice, ast.Slice):
            return self._slice(of, node.slice, frame)
        return self.item(of, self.evaluate(node.slice, frame))

    def item(self, of: Value, key: Value) -> Value:
        """`of[key]`."""
        if isinstance(of, Choice) or (isinstance(key, Choice) and not isinstance(of, (Data, Unknown))):
            return self.lift(self.item, of, key)
        if isinstance(of, Dict):
            return self._entry(of, key)
        if isinstance(of, (List, tuple)):
            if isinstance(key, int) and not getattr(of, "maybe", False) and -len(of) <= key < len(of):
                if key >= 0 or not getattr(of, "more", False):
                    return of[key]
            elif isinstance(key, (Unknown, Data)) and len(of) and not getattr(of, "more", False):
                return self._one_of(list(of))
            return Unknown("an entry of a list is not known", reach=reaches(of))
        if isinstance(of, str):
            if isinstance(key, int) and whole(of) and -len(of) <= key < len(of):
                return of[key]
            return self.hole("a character of a text is not known")
        if isinstance(of, Data):
            return Data(of.tables)
        if isinstance(of, Class):
            found = lookup(of, key) if isinstance(key, str) else None
            if found is not None:
                return found
        if isinstance(of, Instance):
            method = self.attribute(of, "__getitem__")
            if isinstance(method, (Function, Bound)):
                return self.call(method, Arguments([key], {}))
        if isinstance(of, Dotted):
            if of.path == "sys.modules" and whole(key):
                return Dotted(key)
            return of if of.path.startswith("typing") else self.library.attribute(self, of, "[]")
        return self.library.method(self, of, "__getitem__", Arguments([key], {}))

    def _entry(self, of: Dict, key: Value) -> Value:
        if isinstance(key, str) and HOLE in key:
            from fnmatch import fnmatchcase

            pattern = "*".join(part.replace("[", "[[]") for part in key.split(HOLE))
            return self._one_of([v for k, v in of.items() if isinstance(k, str) and fnmatchcase(k, pattern)])
        if hashable(key):
            if key in of:
                return of[key]
            if not of.more:
                return Unknown("a key is not in its dictionary")
        return self._one_of(list(of.values()), more=of.more)

    def _one_of(self, values: list[Value], more: bool = False) -> Value:
        if not values:
            return Unknown("an entry of a dictionary is not known")
        joined = values[0]
        for value in values[1:]:
            joined = join(joined, value)
        return join(joined, Unknown("an entry of a dictionary is not known")) if more else joined

    def _slice(self, of: Value, part: ast.Slice, frame: Frame) -> Value:
        bounds = [
            None if bound is None else self.evaluate(bound, frame)
            for bound in (part.lower, part.upper, part.step)
        ]
        known = all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0
        if known and isinstance(of, (List, tuple)) and not getattr(of, "maybe", False):
            made = of[slice(*bounds)]
            return tuple(made) if isinstance(of, tuple) else List(made, more=of.more)
        if known and isinstance(of, str) and whole(of):
            return of[slice(*bounds)]
        if isinstance(of, str):
            return self.hole("a part of a text is not known")
        if isinstance(of, (List, tuple)):
            return List(of, maybe=True, more=getattr(of, "more", False))
        if isinstance(of, Choice):
            return self.lift(lambda each: self._slice(each, part, frame), of)
        return of if isinstance(of, Data) else Unknown("a slice is not known", reach=reaches(of))

    def _ifexp(self, node: ast.IfExp, frame: Frame) -> Value:
        truth = self.truth(self.evaluate(node.test, frame))
        if truth is not None:
            return self.evaluate(node.body if truth else node.orelse, frame)
        reason = f"whether `{_source(node.test)}` holds is not known before it runs"
        made: list[Value] = []
        for arm, expression in (("then", node.body), ("else", node.orelse)):
            self.recorder.conditions.append(Condition(f"{node.lineno}:{arm}", reason))
            try:
                made.append(self.evaluate(expression, frame))
            finally:
                self.recorder.conditions.pop()
        return join(made[0], made[1])

    def _lambda(self, node: ast.Lambda, frame: Frame) -> Value:
        return self._function("<lambda>", node, frame)

    def _namedexpr(self, node: ast.NamedExpr, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def _await(self, node: ast.Await, frame: Frame) -> Value:
        return self.evaluate(node.value, frame)

    def _yield(self, node: ast.Yield, frame: Frame) -> Value:
        value = None if node.value is None else self.evaluate(node.value, frame)
        if frame.on_yield is not None:
            return frame.on_yield(value)
        if frame.yielded is not None:
            frame.yielded.append(value)
            frame.yielded.maybe = frame.yielded.maybe or self.uncertain()
            if len(frame.yielded) > LONGEST_LIST:
                raise Exhausted("a generator of the script yields too much")
        return Unknown("what a generator is sent is not known", node.lineno)

    def _yieldfrom(self, node: ast.YieldFrom, frame: Frame) -> Value:
        items, maybe, more = self.items(self.evaluate(node.value, frame))
        if frame.yielded is not None:
            frame.yielded.extend(items)
            frame.yielded.maybe = frame.yielded.maybe or maybe
            frame.yielded.more = frame.yielded.more or more
        return None

    def _starred(self, node: ast.Starred, frame: Frame) -> Value:
        return self.evaluate(node.value, frame)

    # Comprehensions

    def _listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Value:
        inside = Frame(frame.module, frame)
        made = List()
        self._generate(node.generators, inside, made, lambda: made.append(self.evaluate(node.elt, inside)))
        return made

    _setcomp = _listcomp
    _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp, frame: Frame) -> Value:
        inside = Frame(frame.module, frame)
        made = Dict()
        flags = List()

        def add() -> None:
            self._set_item(made, self.evaluate(node.key, inside), self.evaluate(node.value, inside))

        self._generate(node.generators, inside, flags, add)
        made.more = made.more or flags.more
        return made

    def _generate(
        self, generators: list[ast.comprehension], inside: Frame, made: List, add: Callable[[], None]
    ) -> None:
        if not generators:
            self.spend()
            add()
            if len(made) > LONGEST_LIST:
                raise Exhausted("a list of the script grows too long")
            return
        generator, rest = generators[0], generators[1:]
        source = self.evaluate(generator.iter, inside)
        items, maybe, more = self.items(source)
        made.maybe = made.maybe or maybe
        line = generator.iter.lineno
        runs: list[tuple[Value, bool]] = [(item, maybe) for item in items]
        if more:
            made.more = True
            made.maybe = True
            runs.append((self._unknown_item(source), True))
        for item, uncertain in runs:
            self.spend()
            self.assign(generator.target, item, inside)
            truths = [self.truth(self.evaluate(test, inside)) for test in generator.ifs]
            if False in truths:
                continue
            if None in truths:
                made.maybe = uncertain = True
            if uncertain:
                reason = f"what `{_source(generator.iter)}` holds is not known before it runs"
                self.recorder.conditions.append(Condition(f"{line}:loop", reason))
            try:
                self._generate(rest, inside, made, add)
            finally:
                if uncertain:
                    self.recorder.conditions.pop()


class Unhashable:
    """Stands as a key for one that is not known, so that its value is not lost."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


def lookup(of: Class, name: str, resolve: Callable[[Value], Value] | None = None, depth: int = 12) -> Value:
    """An attribute of a class or of the project's classes that it derives from; None where there is none."""
    if name in of.names:
        return of.names[name]
    if depth:
        for base in of.bases:
            owner = resolve(base) if resolve is not None else base
            if isinstance(owner, Class):
                found = lookup(owner, name, resolve, depth - 1)
                if found is not None:
                    return found
    return None


def _vague(value: Value, depth: int = 2) -> bool:
    """Whether something of a value is not known."""
    if isinstance(value, (Unknown, Data, Choice)):
        return True
    if isinstance(value, str):
        return not whole(value)
    if isinstance(value, (List, Dict)):
        if value.more or getattr(value, "maybe", False):
            return True
        inside = value.values() if isinstance(value, Dict) else value
        return depth > 0 and any(_vague(each, depth - 1) for each in inside)
    return False


def _owners(frame: Frame) -> Iterable[Value]:
    above: Frame | None = frame
    while above is not None:
        for value in above.locals.values():
            if isinstance(value, Instance):
                yield value.of
        above = above.parent


def _joined(first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    merged = dict(first)
    for name, value in second.items():
        if name not in first:
            merged[name] = value
        elif first[name] is not value:
            merged[name] = join(first[name], value)
    return merged


def _assigned(body: list[ast.stmt]) -> set[str]:
    return {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _yields(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is a generator: whether a `yield` is its own, not one of a function inside it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        each = waiting.pop()
        if isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(each))
    return False


def fields_of(of: Class) -> tuple[str, ...] | None:
    """The fields of a dataclass or named tuple in order; None for any other class."""
    if of.fields is not None:
        return of.fields
    if of.dataclass or any(
        isinstance(base, Dotted) and base.path.endswith("NamedTuple") for base in of.bases
    ):
        return tuple(_annotated(of))
    return None


def _annotated(of: Class) -> list[str]:
    inherited = [name for base in of.bases if isinstance(base, Class) for name in _annotated(base)]
    body = of.node.body if of.node is not None else []
    return inherited + [
        statement.target.id
        for statement in body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]


def _plain(value: Value) -> bool:
    if isinstance(value, str):
        return HOLE not in value
    if type(value) is tuple:
        return all(map(_plain, value))
    return isinstance(value, (*_CONSTANTS, set, frozenset))


def _too_large(left: Value, right: Value, op: ast.operator) -> bool:
    if isinstance(op, ast.LShift):
        return isinstance(right, int) and right > 10_000
    for text, number in ((left, right), (right, left)):
        if isinstance(text, (str, bytes)) and isinstance(number, int):
            return len(text) * number > LONGEST_TEXT
    return (
        isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > 10_000
    )


def _numbers(text: str) -> list[str]:
    import re

    return re.findall(r"\d+", text)


def _source(node: ast.expr) -> str:
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "…"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
