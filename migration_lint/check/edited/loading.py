"""Which options of queries only say how much of each row is fetched at once, `load_only(…)` and `defer(…)`.

What an object has not fetched it asks for where it is read. That comes to the same as long as nothing writes
rows past the session in between, or as nothing is read but what was fetched.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence

from migration_lint.check.edited.telling import bound_names, last_name, names_from, root_name
from migration_lint.named_tuple import NamedTuple

_FETCHING = frozenset(("load_only", "defer", "undefer"))
#: What may write rows, of which objects that were fetched know nothing.
_WRITING = frozenset(
    "execute executemany exec_driver_sql scalar scalars text update delete insert bulk_insert merge "
    "bulk_insert_mappings bulk_update_mappings bulk_save_objects run_sync begin_nested rollback expunge "
    "expunge_all close make_transient detach".split()
)
#: Those of them that do not where they are handed a query, `execute(select(…))`.
_ASKING = frozenset(("execute", "scalar", "scalars"))

Function = ast.FunctionDef


class _Names(NamedTuple):
    """What names of a module stand for."""

    sqlalchemy: frozenset[str]  # what is imported from there
    fixed: frozenset[str]  # what is imported, and classes


def without_fetching(before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of `after` without options that `before` lacks, where rows come to the same either way.

    Only functions of a module are looked at, each beside the one of its name.
    """
    old, new = _functions(before), _functions(after)
    names = _Names(names_from(ast.Module([*after], []), "sqlalchemy"), _modules_and_classes(after))
    made: list[ast.stmt] = []
    for each in after:
        if isinstance(each, Function) and each.name in old and new.get(each.name) is each:
            there = {ast.dump(call) for call in _calls(old[each.name])}
            made.append(_Without(_reached(each, new), names, there).visit(copy.deepcopy(each)))
        else:
            made.append(each)
    return made


def _functions(code: Sequence[ast.stmt]) -> dict[str, Function]:
    return {each.name: each for each in code if isinstance(each, Function)}


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


class _Without(ast.NodeTransformer):
    """Takes `.options(…)` out of a function, but for calls that are `there` before."""

    def __init__(self, reached: Sequence[Function], names: _Names, there: set[str]) -> None:
        self._sqlalchemy = names.sqlalchemy
        self._there = there
        self._writes = any(_writes(call) for each in reached for call in _calls(each))
        self._read = {name for each in reached for name in _read(each, names.fixed)}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if last_name(node.func) != "options" or not isinstance(node.func, ast.Attribute) or node.keywords:
            return node
        options = [each for each in node.args if isinstance(each, ast.Call)]
        if len(options) < len(node.args) or not all(map(self._is_idle, options)):
            return node
        return node.func.value

    def _is_idle(self, option: ast.Call) -> bool:
        """Whether an option is new, and rows come to the same with it."""
        if ast.dump(option) in self._there or option.keywords or last_name(option.func) not in _FETCHING:
            return False
        if root_name(option.func) not in self._sqlalchemy:
            return False
        columns = [each for each in option.args if isinstance(each, ast.Attribute)]
        if len(columns) < len(option.args) or not all(isinstance(each.value, ast.Name) for each in columns):
            return False
        fetched = {each.attr for each in columns} if last_name(option.func) == "load_only" else set()
        return not self._writes or (bool(fetched) and self._read <= fetched)


def _reached(function: Function, beside: Mapping[str, Function]) -> list[Function]:
    """The functions of a module to which objects of one may get: those it names, and those it returns to."""
    found: dict[str, Function] = {}
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if each.name in found:
            continue
        found[each.name] = each
        names = {node.id for node in ast.walk(each) if isinstance(node, ast.Name)}
        waiting += (beside[name] for name in names & beside.keys())
        if any(_gives(node) for node in ast.walk(each)):
            waiting += (
                other
                for other in beside.values()
                if any(isinstance(node, ast.Name) and node.id == each.name for node in ast.walk(other))
            )
    return list(found.values())


def _gives(node: ast.AST) -> bool:
    """Whether a function gives something out where it is left, or keeps it outside of itself."""
    if isinstance(node, (ast.Return, ast.Yield)):
        return node.value is not None
    return isinstance(node, (ast.YieldFrom, ast.Global, ast.Nonlocal))


def _writes(call: ast.Call) -> bool:
    name = last_name(call.func)
    if name not in _WRITING:
        return False
    if name == "delete" and len(call.args) == 1 and isinstance(call.args[0], ast.Name):
        return False  # of a session, which knows what it deletes
    if name not in _ASKING:
        return True
    if not call.args:
        return name == "execute"  # what a result gives, or a query
    return not _is_query(call.args[0])


def _is_query(node: ast.expr) -> bool:
    """Whether an expression is `select(…)`, whatever methods are called on it."""
    while isinstance(node, ast.Call):
        if last_name(node.func) == "select":
            return True
        if not isinstance(node.func, ast.Attribute):
            return False
        node = node.func.value
    return False


def _read(function: Function, fixed: frozenset[str]) -> Iterator[str]:
    """The attributes that a function reads of its variables, but for methods that it calls."""
    called = {id(each.func) for each in _calls(function)}
    own = {name for name, node in bound_names(function) if node is not function}
    for node in ast.walk(function):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load) or id(node) in called:
            continue
        if not isinstance(node.value, ast.Name) or node.value.id not in fixed - own:
            yield node.attr


def _modules_and_classes(code: Sequence[ast.stmt]) -> frozenset[str]:
    """The names that stand for what is imported or a class, and for nothing else."""
    bound = list(bound_names(ast.Module([*code], [])))
    kinds = (ast.Import, ast.ImportFrom, ast.ClassDef)
    return frozenset(name for name, node in bound if isinstance(node, kinds)) - {
        name for name, node in bound if not isinstance(node, (*kinds, ast.arg))
    }
