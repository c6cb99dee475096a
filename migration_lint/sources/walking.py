"""The way through a function: what its names hold when a statement is run, and what happens to its rows.

Every path is followed: where an `if` changes a text, the statement has several forms, each of them read.
A loop runs once; what it adds to a text is a hole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Choice,
    Closure,
    Constant,
    Declare,
    Each,
    Evaluate,
    Expr,
    Function,
    Index,
    Items,
    Joined,
    Leave,
    Loop,
    Member,
    Module,
    Name,
    Other,
    Pairs,
    Span,
    Stmt,
    Target,
    Text,
    dotted,
    inside,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.folding import Folded, Folder, Listed, Rows, Value
from migration_lint.sources.sql.markers import Hole, looks_like_sql

_MOST_PATHS = 8
_MOST_STEPS = 60_000
_MOST_CALLS = 2_000
_DEEPEST_CALL = 3


@dataclass
class Found:
    """A statement where it is run, with what goes in and what comes back.

    `args`: after the SQL, in order. `targets`: what a row is read into, in order. `numbered`: values by
    the number of their placeholder.
    """

    text: Folded
    span: Span
    env: Env
    call: Call | None = None
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    targets: tuple[Expr, ...] = ()
    numbered: dict[int, Expr] = field(default_factory=dict)
    scanned_in: Env | None = None
    exact: bool = False
    """The targets are all that a row is read into."""


class Env(dict[str, Value]):
    """What each name holds at one point of one path. `types`: what names were declared to be."""

    def __init__(self, values: dict[str, Value] | None = None, types: dict[str, str] | None = None) -> None:
        super().__init__(values or {})
        self.types: dict[str, str] = dict(types or {})

    def fork(self) -> Env:
        return Env(self, self.types)

    def texts(self) -> dict[str, Value]:
        return {name: value for name, value in self.items() if isinstance(value, (Folded, Listed))}


# Calls that run the SQL they are given, whatever its spelling; the last part of their names.
_RUNS = re.compile(
    r"^(?:exec|query|prepare|fetch|select|get|named|must|execute|run|raw|text|all|one|first|values|unsafe|batch|update|"
    r"insert|delete|sql|create(?:Native)?Query|cursor|simple|command|db|conn|scalar|find_by_sql|dataframe|read_sql)",
    re.IGNORECASE,
)
_MESSAGES = re.compile(
    r"(?:^|\.)(?:log\w*|logger|logging|slog|klog|print\w*|console|debug|info|warn\w*|error\w*|fatal\w*|panic\w*|raise|fail\w*"
    r"|wrap\w*|trace\w*|abort|assert\w*|help|usage|puts|echo|throw|describe|it|Exception|\w+Error|\w+Exception|"
    r"add_argument|gettext|_|t|withMessage)\b",
    re.IGNORECASE,
)
_APPENDS = ("append", "Append", "push", "extend", "add", "push_back", "<<")
_WRITES = ("WriteString", "write", "append", "Append", "AppendLine", "push_str", "appendLine", "AppendFormat")
_READS = ("Scan",)
_SETS = ("setParameter", "param", "AddWithValue", "Add", "bindValue", "bindParam")
_PUTS_IN = (
    "StringBuilder StringBuffer Sprintf sprintf format Format formatted replace Replace ReplaceAll replaceAll"
).split()
_MAY_BE_TEXT = re.compile(r"str|text|sql|query|any|clause|object|interface", re.IGNORECASE)
_QUERY_KEYS = ("text", "sql", "query", "statement")


class Walk:
    """Walks one function.

    `found`: the statements, on every path; `covered`: the literals in them. `returns`: what it gives back,
    the first of several values; `calls`: those on the way. Each with what names hold there.
    """

    def __init__(self, codebase: Codebase, module: Module, function: Function, deep: int = 0) -> None:
        self.module = module
        self.function = function
        self.found: list[Found] = []
        self.covered: set[tuple[str, int]] = set()
        self.returned: list[Folded | None] = []
        self.returns: list[tuple[Expr, Env]] = []
        self.calls: list[tuple[Call, Env]] = []
        self.problem = ""
        self._codebase = codebase
        self._deep = deep
        self._steps = 0
        self.folder = Folder(codebase, module, function.owner, self._call)

    def run(self, given: Env | None = None) -> None:
        env = given if given is not None else Env()
        for parameter in self.function.parameters:
            if parameter.type:
                env.types[parameter.name] = parameter.type
            if parameter.name not in env:
                env[parameter.name] = Other(self.function.span, ())
        if self.function.owner:
            for name in ("self", "this", "$this"):
                env.types.setdefault(name, self.function.owner)
        self._block(self.function.body, [env])

    # -- statements

    def _block(self, statements: Sequence[Stmt], envs: list[Env]) -> list[Env]:
        for statement in statements:
            if not envs:
                break
            envs = [after for env in envs for after in self._statement(statement, env)]
            envs = _few(envs)
        return envs

    def _statement(self, statement: Stmt, env: Env) -> list[Env]:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self.problem = self.problem or f"{self.function.symbol or 'the file'} is too long to be followed"
            return []
        if isinstance(statement, Assign):
            self._assign(statement, env)
        elif isinstance(statement, Declare):
            env.types[statement.name] = statement.type
            env.pop(statement.name, None)
            if re.search(r"\b(?:strings\.Builder|bytes\.Buffer)$", statement.type):
                env[statement.name] = Folded(("",))
            elif statement.type.startswith("[]"):
                env[statement.name] = Listed(())
            elif statement.type == "string" and self.module.language == "Go":
                env[statement.name] = Folded(("",))
        elif isinstance(statement, Evaluate):
            self._visit(statement.value, env)
        elif isinstance(statement, Leave):
            if statement.value is not None:
                self._visit(statement.value, env)
                value = statement.value
                several = isinstance(value, Items) and bool(value.items)
                if isinstance(value, Items) and value.items:
                    value = value.items[0]
                self.returned.append(self.folder.text(value, env))
                failed = several and isinstance(value, Constant) and value.value == "NULL"
                if not failed:  # `return nil, err`
                    self.returns.append((value, env))
            return []
        elif isinstance(statement, Branch):
            after: list[Env] = []
            for arm in statement.arms:
                after += self._block(arm, [env.fork()])
            return after if statement.exhaustive else [env, *after]
        elif isinstance(statement, Loop):
            return self._loop(statement, env)
        return [env]

    def _loop(self, loop: Loop, env: Env) -> list[Env]:
        if loop.over is not None:
            found = self._visit(loop.over, env)
            rows = self._rows(loop.over, env) or (Rows(found[-1]) if found and loop.targets else None)
            self._bind_row(loop.targets, rows, loop.over, env)
        before = env.texts()
        for after in self._block(loop.body, [env.fork()]):
            for name, value in after.items():
                old = before.get(name)
                if isinstance(value, Folded) and isinstance(old, Folded) and value.pieces != old.pieces:
                    env[name] = _grown(old, value)
                elif isinstance(value, Listed) and isinstance(old, Listed) and value != old:
                    env[name] = Listed(old.items, False)
                elif name not in env or isinstance(value, Rows):
                    env[name] = value
            env.types.update(after.types)
        return [env]

    def _assign(self, assign: Assign, env: Env) -> None:
        found = self._visit(assign.value, env)
        if len(assign.targets) != 1:
            self._take_apart(assign, found, env)
            return
        target = assign.targets[0]
        if isinstance(target, Index):
            self._visit(target, env)
            name = dotted(target.of)
            held = env.get(name)
            if isinstance(held, Pairs):
                env[name] = held._replace(pairs=(*held.pairs, (target.key, assign.value)))
            return
        name = dotted(target)
        if not name:
            self._visit(target, env)
            return
        if assign.adds:
            self._add(name, assign.value, env)
            return
        env[name] = self._value(assign.value, found, env)
        if assign.type:
            env.types[name] = assign.type
        else:
            env.types.pop(name, None)

    def _take_apart(self, assign: Assign, found: list[Found], env: Env) -> None:
        """`rows, err := db.Query(…)`, or `a, b = row`."""
        rows = self._rows(assign.value, env)
        if self.module.language == "Python" and (rows is not None or found):
            self._bind_row(assign.targets, rows or Rows(found[-1]), assign.value, env)
            return
        for index, target in enumerate(assign.targets):
            name = dotted(target)
            if not name:
                continue
            env.types.pop(name, None)
            if index == 0:
                env[name] = self._value(assign.value, found, env)
            else:
                env[name] = rows if rows is not None else Other(assign.span, ())

    def _bind_row(self, targets: tuple[Expr, ...], rows: Rows | None, over: Expr, env: Env) -> None:
        found = rows.found if rows is not None else None
        if isinstance(found, Found) and len(targets) > 1 and not found.targets:
            found.targets = targets
            found.scanned_in = env
            found.exact = self.module.language == "Python" and _gives_rows(over)
        for target in targets:
            name = dotted(target)
            if not name:
                continue
            if rows is not None and len(targets) == 1:
                env[name] = rows
            else:
                env[name] = (
                    Index(over.span, over, Constant(over.span, "0"))
                    if len(targets) == 1
                    else Other(over.span, ())
                )
                env.types.pop(name, None)

    def _add(self, name: str, value: Expr, env: Env) -> None:
        held = env.get(name)
        if held is None:
            held = self.folder.text(Name(value.span, name), env)
        if isinstance(held, Folded):
            part = self.folder.part(value, env)
            env[name] = self.folder._joined([held, part])
        elif isinstance(held, Listed):
            more = self.folder.items(value, env)
            env[name] = (
                Listed((*held.items, *more.items), held.whole and more.whole)
                if more
                else Listed(held.items, False)
            )

    def _value(self, value: Expr, found: list[Found], env: Env) -> Value:
        text = self.folder.text(value, env)
        if text is not None and not (isinstance(value, Choice) and not looks_like_sql(text.pieces, False)):
            return text  # a value that may be nothing is not its text
        listed = self.folder.items(value, env)
        if listed is not None:
            return listed
        appended = self._appended(value, env)
        if appended is not None:
            return appended
        rows = self._rows(value, env)
        if rows is not None:
            return rows
        if found and not isinstance(value, (Items, Pairs, Closure)):
            return Rows(found[-1])
        if isinstance(value, Call) and dotted(value.callee) in ("make", "[]string", "new"):
            return Listed(())
        return value

    def _appended(self, value: Expr, env: Env) -> Listed | None:
        """Go: `args = append(args, a, b)`"""
        if not (isinstance(value, Call) and dotted(value.callee) == "append" and value.args):
            return None
        start = self.folder.items(value.args[0], env)
        if start is None:
            return None
        more = self.folder.items(Items(value.span, value.args[1:]), env)
        return Listed((*start.items, *more.items), start.whole and more.whole) if more is not None else None

    def _rows(self, value: Expr, env: Env) -> Rows | None:
        """The rows that a value comes from: a name that holds them, a call or member of one."""
        at = value
        while True:
            if isinstance(at, (Name, Member)):
                held = env.get(dotted(at))
                if isinstance(held, Rows):
                    return held
            if isinstance(at, (Member, Index)):
                at = at.of
            elif isinstance(at, Call) and isinstance(at.callee, Member):
                at = at.callee
            elif isinstance(at, Call) and len(at.args) == 1 and isinstance(at.callee, Name):
                at = at.args[0]  # list(rows), enumerate(rows)
            elif isinstance(at, Other) and len(at.inside) == 1:
                at = at.inside[0]
            else:
                return None

    # -- expressions

    def _visit(self, expression: Expr, env: Env) -> list[Found]:
        """Finds the statements that an expression runs, and what it does with rows and lists."""
        self._steps += 1
        if isinstance(expression, Closure):
            inner = env.fork()
            count, others = len(self.returned), len(self.returns)
            self._block(expression.body, [inner])
            del self.returned[count:]
            del self.returns[others:]
            return []
        if isinstance(expression, Call):
            return self._visit_call(expression, env)
        found: list[Found] = []
        if isinstance(expression, Each):
            found += self._visit(expression.over, env)
            inner = env.fork()
            rows = self._rows(expression.over, env) or (Rows(found[-1]) if found else None)
            self._bind_row(expression.targets, rows, expression.over, inner)
            return [*found, *self._visit(expression.element, inner)]
        for child in inside(expression):
            found += self._visit(child, env)
        return found

    def _visit_call(self, call: Call, env: Env) -> list[Found]:
        found = self._visit(call.callee, env) if not isinstance(call.callee, Name) else []
        full = dotted(call.callee)
        name = full.rpartition(".")[2]
        is_message = bool(_MESSAGES.search(full)) and not _RUNS.match(name)
        if name in _PUTS_IN and self._sql(call, env, False, cover=False) is not None:
            # a template whose result is the statement: what runs it is further out, or later
            for arg in call.args[1:]:
                found += self._visit(arg, env)
            return found
        taken: int | None = None
        writes = name in _WRITES and isinstance(env.get(full.rpartition(".")[0]), Folded)
        for index, arg in enumerate(call.args):
            if writes or (name == "Fprintf" and index == 0):
                continue  # a piece of a text that is not whole yet
            text = None if is_message or taken is not None else self._sql(arg, env, bool(_RUNS.match(name)))
            if text is not None:
                taken = index
                found.append(self._run_of(text, call, index, env))
            elif isinstance(arg, Pairs) and taken is None and (statement := self._in_pairs(arg, call, env)):
                found.append(statement)
            elif not is_message or not isinstance(arg, (Text, Joined)):
                found += self._visit(arg, env) if arg is not call.callee else []
        for key, value in call.keywords:
            text = None if taken is not None or is_message else self._sql(value, env, key in _QUERY_KEYS)
            if text is not None:
                taken = len(call.args)
                found.append(self._run_of(text, call, len(call.args), env, key))
            else:
                found += self._visit(value, env)
        if is_message:
            self._cover(call)
        elif len(self.calls) < _MOST_CALLS:
            self.calls.append((call, env))
        self._effects(call, name, full, found, env)
        return found

    def _cover(self, call: Call) -> None:
        for arg in call.args:
            if isinstance(arg, Text):
                self.covered.add((arg.span.path, arg.span.start))

    def _sql(self, expression: Expr, env: Env, certain: bool, cover: bool = True) -> Folded | None:
        if isinstance(expression, (Constant, Pairs, Items, Closure, Each)):
            return None
        text = self.folder.text(expression, env)
        if text is None or not looks_like_sql(text.pieces, certain):
            return None
        if cover:
            self.covered |= text.literals
        return text

    def _run_of(self, text: Folded, call: Call, index: int, env: Env, key: str = "") -> Found:
        span = call.span
        sql = call.args[index] if index < len(call.args) else None
        if sql is not None and isinstance(sql, (Text, Joined)):
            span = span._replace(line=min(max(span.line, 1), sql.span.line))
        keywords = tuple(pair for pair in call.keywords if pair[0] != key)
        found = Found(text, span, env, call, call.args[index + 1 :], keywords)
        self.found.append(found)
        return found

    def _in_pairs(self, pairs: Pairs, call: Call, env: Env) -> Found | None:
        """`query({text: "SELECT …", values: [a, b]})`"""
        for key, value in pairs.pairs:
            named = key.value if isinstance(key, Text) else key.name if isinstance(key, Name) else ""
            if named not in _QUERY_KEYS:
                continue
            text = self._sql(value, env, True)
            if text is None:
                continue
            args = tuple(v for k, v in pairs.pairs if _key(k) in ("values", "params", "parameters", "args"))
            found = Found(text, call.span, env, call, args)
            self.found.append(found)
            return found
        return None

    def _effects(self, call: Call, name: str, full: str, found: list[Found], env: Env) -> None:
        of = call.callee.of if isinstance(call.callee, Member) else None
        holder = dotted(of) if of is not None else ""
        held = env.get(holder)
        rows = held if isinstance(held, Rows) else Rows(found[-1]) if found else None
        statement = rows.found if rows is not None and isinstance(rows.found, Found) else None
        if self._streamed(call, name, of, held, env):
            return
        if name in _WRITES and isinstance(held, Folded) and len(call.args) >= 1:
            part = self.folder.part(call.args[0], env)
            env[holder] = self.folder._joined([held, part])
        elif (
            name == "Fprintf"
            and call.args
            and isinstance(env.get(dotted(call.args[0]) or _target(call.args[0])), Folded)
        ):
            builder = dotted(call.args[0]) or _target(call.args[0])
            text = self.folder.text(Call(call.span, Name(call.span, "Sprintf"), call.args[1:]), env)
            old = env[builder]
            part = text or Folded((Hole(call.span.text, "is not a constant"),))
            if isinstance(old, Folded):
                env[builder] = self.folder._joined([old, part])
        elif name in _APPENDS and isinstance(held, Listed) and holder:
            more = self.folder.items(Items(call.span, call.args), env)
            if name == "extend" and call.args:
                more = self.folder.items(call.args[0], env)
            env[holder] = (
                Listed((*held.items, *more.items), held.whole and more.whole)
                if more
                else Listed(held.items, False)
            )
        elif name in _READS and statement is not None:
            statement.targets = call.args
            statement.scanned_in = env
            statement.exact = self.module.language == "Go"
        elif statement is not None and name in ("bind", "bind_value") and call.args:
            statement.args = (*statement.args, call.args[-1])
        elif statement is not None and isinstance(held, Rows):
            self._prepared(statement, call, name)
        elif found and self.module.language == "Python" and holder and name.startswith("execute"):
            env[holder] = Rows(found[-1])
        if of is not None and name in _SETS and call.args:
            rows = rows or self._rows(of, env)
            statement = rows.found if rows is not None and isinstance(rows.found, Found) else None
        if statement is not None and name in _SETS and call.args:
            key = call.args[0]
            if isinstance(key, Text) and len(call.args) > 1:
                statement.keywords = (*statement.keywords, (key.value.lstrip(":@"), call.args[1]))
            elif isinstance(key, Constant) and key.value.isdigit() and len(call.args) > 1:
                statement.numbered[int(key.value)] = call.args[1]

    def _streamed(self, call: Call, name: str, of: Expr | None, held: Value | None, env: Env) -> bool:
        """`json.NewEncoder(w).Encode(x)`, `w.Write(x)`: what w writes into is now made of x.

        Kept as calls that say the same: `json.Marshal(x)`, inside `gzip.NewWriter(…)` where w is one.
        """
        if len(call.args) != 1 or name not in ("Encode", "Write", "write", "WriteString"):
            return False
        value = call.args[0]
        if isinstance(of, Name) and isinstance(held, Call):
            of = held
        if not isinstance(of, Call) or not of.args:
            return False
        sink: Expr = of
        while isinstance(sink, Call) and sink.args:
            full = dotted(sink.callee)
            if full.endswith("json.NewEncoder"):
                value = Call(call.span, Member(call.span, Name(call.span, "json"), "Marshal"), (value,))
            else:
                value = Call(call.span, sink.callee, (value,))
            sink = sink.args[-1] if full.endswith("base64.NewEncoder") else sink.args[0]
            if isinstance(sink, Name) and isinstance(inner := env.get(sink.name), Call):
                sink = inner
        place = dotted(sink) or _target(sink)
        if not place:
            return False
        env[place] = value
        return True

    def _prepared(self, statement: Found, call: Call, name: str) -> None:
        """What is done to a statement that was prepared before."""
        key = call.args[0] if call.args else None
        if (
            re.match(r"set[A-Z]", name)
            and isinstance(key, Constant)
            and key.value.isdigit()
            and len(call.args) > 1
        ):
            statement.numbered[int(key.value)] = call.args[1]
        elif re.match(r"(?i)(?:exec|query|run|all|get)", name) and call.args and not statement.args:
            args = call.args
            if self.module.language == "Go" and name.endswith("Context"):
                args = args[1:]
            statement.args = args

    # -- calls to the project's own functions

    def _call(self, call: Call, values: object, depth: int) -> Folded | None:
        if self._deep >= _DEEPEST_CALL or depth > 12:
            return None
        full = dotted(call.callee)
        first, _, rest = full.partition(".")
        owner, name = "", full
        if rest and (first in ("self", "this", "cls", "Self", "$this") or first in _receivers(self.function)):
            owner, name = self.function.owner, rest
        if not name:
            return None
        found = self._codebase.function(self.module, name, owner)
        if found is None:
            return None
        module, function = found
        if function is self.function or function.span.end - function.span.start > 6000:
            return None
        if function.returns and not _MAY_BE_TEXT.search(function.returns):
            return None
        inner = Walk(self._codebase, module, function, self._deep + 1)
        env = Env()
        parameters = [p for p in function.parameters if p.name not in ("self", "cls")]
        if owner and module.language == "Go":
            parameters = parameters[1:]
        own = values if isinstance(values, Env) else Env()
        for parameter, arg in zip(parameters, call.args, strict=False):
            text = self.folder.text(arg, own)
            listed = self.folder.items(arg, own) if text is None else None
            if text is not None:
                env[parameter.name] = text
            elif listed is not None:
                env[parameter.name] = listed
        inner.run(env)
        texts = list(dict.fromkeys(inner.returned))
        if len(texts) != 1 or texts[0] is None:
            return None
        return texts[0]


def _receivers(function: Function) -> tuple[str, ...]:
    """The name of a Go method's receiver."""
    if function.owner and function.parameters and function.owner in function.parameters[0].type:
        return (function.parameters[0].name,)
    return ()


def _key(expression: Expr) -> str:
    if isinstance(expression, Text):
        return expression.value
    return expression.name if isinstance(expression, Name) else ""


def _gives_rows(expression: Expr) -> bool:
    """Whether an expression gives rows as they come: `cursor.fetchone()`, `cursor`."""
    if isinstance(expression, Call):
        return dotted(expression.callee).rpartition(".")[2] in ("fetchone", "fetchall", "fetchmany")
    return isinstance(expression, Name)


def _target(expression: Expr) -> str:
    return dotted(expression.of) if isinstance(expression, Target) else ""


def _few(envs: list[Env]) -> list[Env]:
    """Paths that hold the same texts are one; beyond a few, what differs becomes a hole."""
    if len(envs) == 1:
        return envs
    kept: list[tuple[dict[str, Value], Env]] = []
    for env in envs:
        texts = env.texts()
        same = next((other for seen, other in kept if seen == texts), None)
        if same is None:
            kept.append((texts, env))
        else:
            for name, value in env.items():
                held = same.get(name)
                if held is None or (
                    isinstance(held, (Constant, Other)) and not isinstance(value, (Constant, Other))
                ):
                    same[name] = value
                elif isinstance(held, (Call, Choice)) and isinstance(value, (Call, Choice)):
                    same[name] = _either(held, value)
            same.types.update({name: kind for name, kind in env.types.items() if name not in same.types})
    if len(kept) <= _MOST_PATHS:
        return [env for _, env in kept]
    first = kept[0][1]
    for _, env in kept[1:]:
        for name, value in env.items():
            held = first.get(name)
            if isinstance(held, Folded) and isinstance(value, Folded) and held.pieces != value.pieces:
                first[name] = _grown(held, value)
            elif isinstance(held, Listed) and isinstance(value, Listed) and held != value:
                first[name] = Listed(held.items, False)
            elif held is None:
                first[name] = value
    return [first]


def _either(one: Call | Choice, other: Call | Choice) -> Call | Choice:
    """What a name holds where one path gave it one value, and another path another."""
    options = [*(one.options if isinstance(one, Choice) else (one,))]
    for option in other.options if isinstance(other, Choice) else (other,):
        if all(
            (option.span.path, option.span.start) != (each.span.path, each.span.start) for each in options
        ):
            options.append(option)
    return Choice(one.span, tuple(options[:_MOST_PATHS])) if len(options) > 1 else one


def _grown(one: Folded, other: Folded) -> Folded:
    """What two texts begin with, and a hole for where they differ."""
    pieces = []
    for a, b in zip(one.pieces, other.pieces, strict=False):
        if a == b:
            pieces.append(a)
            continue
        if isinstance(a, str) and isinstance(b, str):
            length = next(
                (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
            )
            start = a[:length]
            if length < len(a) and length < len(b):
                start = re.sub(r"\w+$", "", start)
            pieces.append(start)
        break
    hole = Hole("…", "is put together in a loop or under conditions")
    if pieces and pieces[-1] == hole:
        return Folded(tuple(pieces), one.literals | other.literals, one.constant)
    return Folded((*pieces, " ", hole), one.literals | other.literals, one.constant)
