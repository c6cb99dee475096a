"""The ledger: which nodes that mention what reaches the database were interpreted, and which are left over.

Silence about a script has to be earned: every statement and every call in it was interpreted, or it is
proven that it does not run. What is left over, and names something that reaches the database, is opaque. The
ledger knows nothing of what the interpreter can follow, so that it catches what nobody has thought of.

Proofs are what was recorded while the script was walked: a test was decided each time it was evaluated, a
block was left before the statement, a loop ran over nothing, a function is not named by anything that ran.
That something was not walked proves nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from migration_lint.lazy_pattern import lazy_pattern

_COMPREHENSIONS = frozenset((ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp))
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Ledger:
    """What was interpreted, by node, and the decisions that were taken on the way."""

    def __init__(self) -> None:
        self.done: set[int] = set()  # statements, calls and functions' bodies
        self.decisions: dict[int, set[bool | None]] = {}  # by test
        self.left: set[int] = set()  # statements at which a block was left
        self.empty: set[int] = set()  # loops that ran over nothing
        self.settled: set[int] = set()  # what is known not to run for a reason of its own

    def decide(self, test: ast.AST, truth: bool | None) -> None:
        """Note what a test was found to be."""
        self.decisions.setdefault(id(test), set()).add(truth)


def left_over(ledger: Ledger, module: ast.Module, root: str, other: Callable[[], Ledger]) -> list[ast.AST]:
    """The statements and calls of a script that were neither interpreted nor proven not to run.

    Only those that name something which reaches a database. `root` is the function that was called; `other`
    gives the ledger of the other direction: what only the top of the script hands on, and ran there, is
    accounted for. It is asked only where that decides.
    """
    audit = _Audit(ledger, other)
    audit.block(module.body, alive=True)
    audit.inside = True
    found = [*audit.found, *audit.functions_left(root)]
    if not found:
        return []
    reaching = _reaching_names(module)
    return [node for node in found if _mentions(node, reaching)]


class _Named:
    """The names that something mentions, be it as a word of a text."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.texts: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self.names or any(name in text and name in _WORD.findall(text) for text in self.texts)


class _Audit:
    """One walk over what ran."""

    def __init__(self, ledger: Ledger, other: Callable[[], Ledger]) -> None:
        self._ledger = ledger
        self._other = other
        self.found: list[ast.AST] = []
        self.inside = False  # in a function, not at the top of the script
        self._named = {False: _Named(), True: _Named()}
        self._told: list[str] = []  # texts that stand alone: they tell people, and `__doc__` may hold them
        self._classes: dict[str, ast.ClassDef] = {}
        self._functions: list[tuple[_Function, ast.ClassDef | None]] = []
        self._class: ast.ClassDef | None = None

    def block(self, body: Sequence[ast.stmt], alive: bool) -> None:
        """Account for a block. `alive`: it is not proven unreachable."""
        left = False
        for statement in body:
            if id(statement) in self._ledger.done:
                self._statement(statement)
                left = left or id(statement) in self._ledger.left
            elif not left and alive:
                self.found.append(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Constant):
                self._told.append(str(node.value.value))
            else:
                self._expressions((node.value,))
        elif isinstance(node, ast.Assign):
            self._expressions((*node.targets, node.value))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            return  # what is imported is named by whoever uses it
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._functions.append((node, self._class))
            self._expressions((*node.decorator_list, *node.args.defaults, *node.args.kw_defaults))
        elif isinstance(node, ast.ClassDef):
            outer, self._class = self._class, node
            self._classes[node.name] = node
            named = [each for each in node.bases if not isinstance(each, ast.Name)]
            self._expressions((*named, *(each.value for each in node.keywords), *node.decorator_list))
            self.block(node.body, alive=True)
            self._class = outer
        elif isinstance(node, (ast.If, ast.While)):
            self._expressions((node.test,))
            self.block(node.body, alive=self._may_be(node.test, True))
            self.block(node.orelse, alive=isinstance(node, ast.If) and self._may_be(node.test, False))
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._expressions((node.iter, node.target))
            self.block(node.body, alive=id(node) not in self._ledger.empty)
            self.block(node.orelse, alive=False)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self._expressions(each.context_expr for each in node.items)
            self.block(node.body, alive=True)
        elif isinstance(node, ast.Match):
            self._expressions((node.subject,))
            for case in node.cases:
                self.block(case.body, alive=self._ledger.decisions.get(id(case)) != {False})
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self._try(node)  # type: ignore[arg-type]
        else:
            self._expressions(each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))

    def _try(self, node: ast.Try) -> None:
        self.block(node.body, alive=True)
        for handler in node.handlers:
            self.block(handler.body, alive=id(node) not in self._ledger.settled)
        self.block(node.orelse, alive=False)
        self.block(node.finalbody, alive=True)

    def _may_be(self, test: ast.expr, truth: bool) -> bool:
        """Whether a test may have had this outcome: it was not decided otherwise each time."""
        return self._ledger.decisions.get(id(test)) != {not truth}

    # Expressions

    def _expressions(self, nodes: Iterable[ast.expr | None]) -> None:
        named, done = self._named[self.inside], self._ledger.done
        waiting: list[Any] = [node for node in nodes if node is not None]
        while waiting:
            node = waiting.pop()
            sort = type(node)
            if sort is ast.Name:
                named.names.add(node.id)
            elif sort is ast.Constant:
                if type(node.value) is str and len(node.value) < 200:
                    named.texts.append(node.value)
            elif sort is ast.Attribute:
                named.names.add(node.attr)
                waiting.append(node.value)
            elif sort is ast.Call:
                if id(node) not in done:
                    self.found.append(node)
                waiting.append(node.func)
                waiting += node.args
                waiting += [each.value for each in node.keywords]
            elif sort is ast.Lambda:
                self._functions.append((node, None))
            elif sort is ast.BoolOp:
                waiting += self._operands(node)
            elif sort is ast.IfExp:
                waiting.append(node.test)
                waiting += [node.body] if self._may_be(node.test, True) else []
                waiting += [node.orelse] if self._may_be(node.test, False) else []
            elif sort in _COMPREHENSIONS:
                waiting += self._comprehension(node)
            elif sort is ast.List or sort is ast.Tuple:
                waiting += node.elts
            else:
                waiting += [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]

    def _operands(self, node: ast.BoolOp) -> Iterator[ast.expr]:
        cuts = isinstance(node.op, ast.Or)
        for operand in node.values:
            yield operand
            if self._ledger.decisions.get(id(operand)) == {cuts}:
                return

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Iterator[ast.expr]:
        for generator in node.generators:
            yield generator.iter
            if id(generator) in self._ledger.empty:
                return
            for test in generator.ifs:
                yield test
                if self._ledger.decisions.get(id(test)) == {False}:
                    return
        yield from (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)

    # Functions

    def functions_left(self, root: str) -> Iterator[ast.AST]:
        """The leftovers in functions that ran, or that are named by code that ran."""
        self._named[True].names.add(root)
        done = 0
        while done < len(self._functions):
            node, _ = self._functions[done]
            done += 1
            if id(node) in self._ledger.settled or not self._entered(node, self._ledger):
                continue
            before = len(self.found)
            if isinstance(node, ast.Lambda):
                self._expressions((node.body,))
            else:
                self.block(node.body, alive=True)
            yield from self.found[before:]
            del self.found[before:]
        if any("__doc__" in each or "getdoc" in each for each in self._named.values()):
            self._named[True].texts += self._told
        for node, owner in self._functions:
            if not self._entered(node, self._ledger) and self._handed_on(node, owner):
                yield node

    @staticmethod
    def _entered(node: _Function, ledger: Ledger) -> bool:
        done = ledger.done
        return id(node) in done if isinstance(node, ast.Lambda) else id(node.body[0]) in done

    def _handed_on(self, node: _Function, owner: ast.ClassDef | None) -> bool:
        """Whether a function that was never called may be called by code that cannot be read."""
        if id(node) in self._ledger.settled:
            return False
        top, inside = self._named[False], self._named[True]
        if isinstance(node, ast.Lambda):
            return not self._elsewhere(node)
        if owner is None:
            given = node.name in top or not all(map(_only_wraps, node.decorator_list))
            return node.name in inside or (given and not self._elsewhere(node))
        heirs = [each.name for each in self._classes.values() if self._inherits(each, owner, node.name)]
        if not any(name in top or name in inside for name in heirs):
            return False
        special = node.name.startswith("__") and node.name.endswith("__")
        if special or self._foreign(owner) or not all(map(_only_wraps, node.decorator_list)):
            return any(name in inside for name in heirs) or not self._elsewhere(node)
        return node.name in inside or (node.name in top and not self._elsewhere(node))

    def _elsewhere(self, node: _Function) -> bool:
        """Whether the other direction has entered a function."""
        return self._entered(node, self._other())

    def _inherits(self, of: ast.ClassDef, owner: ast.ClassDef, method: str, depth: int = 8) -> bool:
        """Whether a class has a method from `owner`, itself or one that it derives from."""
        if of is owner:
            return True
        own = any(
            isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == method
            for each in of.body
        )
        bases = [self._classes.get(each.id) for each in of.bases if isinstance(each, ast.Name)]
        return bool(
            not own
            and depth
            and any(each is not None and self._inherits(each, owner, method, depth - 1) for each in bases)
        )

    def _foreign(self, owner: ast.ClassDef, depth: int = 8) -> bool:
        """Whether a class derives from one of a library, whose methods may call its own."""
        for base in owner.bases:
            name = base.id if isinstance(base, ast.Name) else ""
            inner = self._classes.get(name)
            if name not in _PLAIN_BASES and (inner is None or (depth and self._foreign(inner, depth - 1))):
                return True
        return bool(owner.keywords)


_WORD = lazy_pattern(r"[A-Za-z_]\w*")
#: Bases that call no method by themselves, and decorators that leave it to others to call a function.
_PLAIN_BASES = frozenset(("object", "NamedTuple", "Protocol", "ABC", "Generic", "Exception"))
_WRAPPERS = frozenset(
    "contextmanager asynccontextmanager "
    "staticmethod classmethod property cached_property cache lru_cache wraps "
    "abstractmethod override".split()
)


def _only_wraps(decorator: ast.expr) -> bool:
    """Whether a decorator is one that calls nothing by itself."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (getattr(node, "attr", None) or getattr(node, "id", "")) in _WRAPPERS


# Mentions: by syntax alone

#: Methods that only connections, `op`, tables and metadata have.
_METHODS = frozenset(
    "execute exec_driver_sql executemany executescript "
    "create_all drop_all drop_column drop_table alter_column "
    "rename_table batch_alter_table get_bind get_context connect begin raw_connection invoke run_sync commit "
    "drop_constraint drop_index add_column create_table".split()
)
_PARAMETERS = frozenset(
    "op operations conn connection bind engine session cursor batch_op batch migration_context".split()
)
#: Methods that give rows, or what one holds.
_ROWS = frozenset("all fetchall fetchmany fetchone first mappings one one_or_none scalar scalars".split())
_SQL = lazy_pattern(r"\s*(?:ALTER|DROP|CREATE|RENAME|TRUNCATE|DELETE|UPDATE|INSERT|DO)\b", re.IGNORECASE)


def _reaching_names(module: ast.Module) -> set[str]:
    """The names of a script that hold something which reaches a database, whatever scope they are in."""
    found = set(_PARAMETERS)
    assigned: list[tuple[set[str], set[str]]] = []
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "alembic":
            found.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(
                alias.asname or "alembic" for alias in node.names if alias.name.partition(".")[0] == "alembic"
            )
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.withitem)):
            value = getattr(node, "value", None) or getattr(node, "iter", None)
            value = value or getattr(node, "context_expr", None)
            if isinstance(value, ast.Call) and _gives_rows(value, each=isinstance(node, ast.For)):
                continue
            target = getattr(node, "optional_vars", None) or getattr(node, "target", None)
            targets = node.targets if isinstance(node, ast.Assign) else [target]
            if value is not None:
                assigned.append((_names(targets), _names([value])))
    grown = True
    while grown:
        grown = False
        for names, sources in assigned:
            if not names <= found and not sources.isdisjoint(found):
                found |= names
                grown = True
    return found


def _gives_rows(call: ast.Call, *, each: bool) -> bool:
    """Whether a call gives what a query has found, which comes to no database.

    `each`: a loop runs over it.
    """
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return method in _ROWS or (each and method in ("execute", "query"))


def _names(nodes: Iterable[ast.AST | None]) -> set[str]:
    return {
        each.id for node in nodes if node is not None for each in ast.walk(node) if isinstance(each, ast.Name)
    }


def _mentions(node: ast.AST, reaching: set[str]) -> bool:
    """Whether something names what reaches a database, or text that would be SQL."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            if each.id in reaching:
                return True
        elif isinstance(each, ast.Attribute):
            if each.attr in _METHODS:
                return True
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and _SQL.match(each.value):
            return True
    return False
