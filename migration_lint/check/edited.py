"""Which revisions a change edits: those that do something else than they did, or stand elsewhere.

That two versions of a script do the same has to be shown. They do where their operations are the same, each
of which is fully told, and their code says the same: it holds the same constants and names the same
parameters, so that nothing is said otherwise which operations do not hold.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterator, Sequence

from migration_lint.check.side import Side, same_surroundings
from migration_lint.history import HistoryChange, Script
from migration_lint.history.compare import same_code
from migration_lint.operations import Operation, to_json
from migration_lint.reading.sql.tokens import tokenize

#: Where an operation stands, and what only words it.
_PLACES = ("path", "line", "column_offset", "end_line", "end_column_offset", "branch", "reason")

#: What may be worked out for a message.
_HARMLESS = frozenset(("len", "str", "repr", "int", "round", "type", "sorted"))

#: Methods of loggers, and functions that print.
_TELLING = frozenset(
    ("print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "echo")
)

#: What texts that are SQL begin with.
_SQL = re.compile(
    r"\s*(?:ALTER|COMMENT|CREATE|DELETE|DO|DROP|GRANT|INSERT|MERGE|REVOKE|SELECT|SET|TRUNCATE|UPDATE|WITH)\b",
    re.I,
)

#: How long a statement waits changes nothing of what it does.
_WAITING = re.compile(
    r"\s*SET\s+(?:LOCAL\s+|SESSION\s+)?(?:lock_timeout|statement_timeout)\b[^;]*;?\s*", re.I
)


def edited_revisions(
    base: Side | None, head: Side | None, change: HistoryChange, directions: Sequence[str]
) -> tuple[str, ...]:
    """The ids of revisions of base that head has otherwise, in head's order.

    `directions`: those that count; that `downgrade()` alone is another does not where it is not judged.
    """
    if base is None or head is None:
        return ()
    written = {script.revision for script in change.edited}
    earlier = base.history.by_revision()
    found = []
    for script in head.history.scripts:
        before = earlier.get(script.revision)
        if before is None:
            continue
        if script.revision in written:
            same = _stands_alike(before, script) and _does_alike(base, head, before, script, directions)
        else:
            same = (
                (before.content_id == script.content_id and same_surroundings(base, head, script))
                or base.reader.read(before)[:2] == head.reader.read(script)[:2]
                or _operations(base, before, directions) == _operations(head, script, directions)
            )
        if not same:
            found.append(script.revision)
    return tuple(found)


def _stands_alike(before: Script, after: Script) -> bool:
    """Whether both stand at the same place of the history."""
    return all(
        set(getattr(before, name)) == set(getattr(after, name))
        for name in ("down_revisions", "depends_on", "branch_labels")
    )


def _does_alike(base: Side, head: Side, before: Script, after: Script, directions: Sequence[str]) -> bool:
    """Whether both are shown to do the same."""
    if same_code(_plain_code(before, directions), _plain_code(after, directions)):
        return True
    old, new = _operations(base, before, directions), _operations(head, after, directions)
    if old != new or not all(
        map(_is_told, (*_read(base, before, directions), *_read(head, after, directions)))
    ):
        return False
    return _said(before, directions) == _said(after, directions)


def _read(side: Side, script: Script, directions: Sequence[str]) -> Iterator[Operation]:
    upgrade, downgrade, _ = side.reader.read(script)
    yield from (each for each in upgrade if not _only_waits(each))
    if "downgrade" in directions:
        yield from (each for each in downgrade if not _only_waits(each))


def _operations(side: Side, script: Script, directions: Sequence[str]) -> list[str]:
    """What a script does, without where it says so."""

    def plain(operation: Operation) -> dict[str, object]:
        said = {name: value for name, value in to_json(operation).items() if name not in _PLACES}
        if operation.sql is not None:
            said["sql"] = _plain_sql(operation.sql)
        said["outputs"] = [
            [each.name, each.table, each.column, each.type, _plain_sql(each.text)]
            for each in operation.outputs
        ]
        return said

    return [json.dumps(plain(each), sort_keys=True) for each in _read(side, script, directions)]


def _only_waits(operation: Operation) -> bool:
    return operation.sql is not None and _WAITING.fullmatch(operation.sql) is not None


def _is_told(operation: Operation) -> bool:
    """Whether an operation holds all that it does: rows that Core writes are in none."""
    if operation.kind == "dml":
        return operation.sql is not None and not operation.conditional
    return operation.kind != "opaque" and not operation.conditional and not operation.incomplete


def _said(script: Script, directions: Sequence[str]) -> set[object]:
    """The constants of a script's code, and the parameters that it names, but for what only tells people."""
    found: set[object] = set()
    left: list[ast.AST] = [*script.module().body]
    while left:
        node = left.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _tells(node):
            continue
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade" and "downgrade" not in directions:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant):
            text = node.value
            if isinstance(text, str) and _SQL.match(text):
                text = _plain_sql(text)
            if not (isinstance(text, str) and _WAITING.fullmatch(text)):
                found.add((type(text), text))
        elif isinstance(node, ast.keyword):
            found.add(node.arg)
        elif isinstance(node, ast.AnnAssign):
            left += [node.target, *([] if node.value is None else [node.value])]
            continue
        elif isinstance(node, ast.arg):
            continue
        left += ast.iter_child_nodes(node)
    return found


def _plain_sql(text: str) -> str:
    """A statement without its comments, its spacing and the case of its words."""
    words = [token.word or text[token.start : token.end] for token in tokenize(text, "postgresql")]
    while words and words[-1] == ";":
        words.pop()
    return " ".join(words)


def _plain_code(script: Script, directions: Sequence[str]) -> list[ast.stmt]:
    """A script's statements without what only tells people, waits, or is not judged."""
    module = copy.deepcopy(script.module())
    return _Plain("downgrade" in directions).visit(module).body  # type: ignore[no-any-return]


class _Plain(ast.NodeTransformer):
    def __init__(self, whole: bool) -> None:
        self.whole = whole

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if node.name == "downgrade" and not self.whole else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if _tells(node) or _waits(node.value) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        made = self.generic_visit(node)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return node.args[0] if called == "text" and len(node.args) == 1 and not node.keywords else made


def _waits(node: ast.expr) -> bool:
    """Whether a call executes no more than how long a statement waits."""
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    text = node.args[0]
    return (
        isinstance(text, ast.Constant)
        and isinstance(text.value, str)
        and _WAITING.fullmatch(text.value) is not None
    )


def _tells(node: ast.AST) -> bool:
    """Whether a statement prints or logs."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    function = node.value.func
    calls = [each for each in ast.walk(node.value) if isinstance(each, ast.Call) and each is not node.value]
    getting = isinstance(function, ast.Attribute) and calls == [function.value]  # logging.getLogger(…)
    harmless = all(isinstance(each.func, ast.Name) and each.func.id in _HARMLESS for each in calls)
    if not (harmless or getting):
        return False
    if isinstance(function, ast.Name):
        return function.id == "print"
    return isinstance(function, ast.Attribute) and function.attr in _TELLING
