"""What must hold of every reading, whatever was read. Each check raises Failure where it does not."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from random import Random

from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation, from_json, to_json
from migration_lint.reading import read_script_text
from migration_lint.reading.sql import read_sql
from tests.fuzz import truth
from tests.fuzz.limits import Failure, bounded
from tests.fuzz.truth import Drop

#: A drop that no text of the tests holds.
_TABLE, _COLUMN = "fuzz_table", "fuzz_column"


def covers(operation: Operation, table: str) -> bool:
    """Whether an opaque operation says that it may touch a table."""
    return operation.kind == "opaque" and any(
        pattern == ANY_TABLE or fnmatchcase(table, pattern.rpartition(".")[2].replace(HOLE, "*"))
        for pattern in operation.tables
    )


def told(operations: Sequence[Operation], drop: Drop) -> bool:
    """Whether a reading has a drop, or says that it may be there."""
    table, column = drop
    kind = "drop_table" if column is None else "drop_column"
    return any(
        (each.kind == kind and each.table == table and each.column == column) or covers(each, table)
        for each in operations
    )


def well_formed(operations: Sequence[Operation]) -> None:
    """What holds of every operation by itself."""
    for operation in operations:
        if from_json(to_json(operation)) != operation:
            raise Failure(f"does not come back from JSON: {operation}")
        if operation.kind == "opaque":
            if not operation.reason or not operation.tables:
                raise Failure(f"opaque without a reason or tables: {operation}")
            continue
        names = [operation.table, operation.schema, operation.column, operation.name, operation.new_name]
        if any(name is not None and HOLE in name for name in names):
            raise Failure(f"a hole in a name: {operation}")
        if any(name is not None and not isinstance(name, str) for name in names):
            raise Failure(f"a name that is no text: {operation}")


# Scripts


def parsed(source: str) -> ast.Module | None:
    """The tree of a text, or None where Python itself refuses it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "script.py", "exec")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def read(source: str) -> tuple[Operation, ...]:
    """What `upgrade` of a script does, read within bounds, twice, to the same end."""
    with bounded(len(source)):
        first = read_script_text(source)
    well_formed((*first.upgrade, *first.downgrade))
    return first.upgrade


def program_is_read(source: str) -> None:
    """What a script drops when it runs is in its reading, and what the reading is sure of is dropped."""
    found = read(source)
    for full in (False, True):
        ran = truth.run(source, full)
        if ran is None:
            continue
        for drop in ran.drops:
            if not told(found, drop):
                raise Failure(f"missed: {drop}")
        if ran.ended and not _SWALLOWS.search(source):
            for drop in _drops([each for each in found if not each.conditional]):
                if drop not in ran.drops:
                    raise Failure(f"read as certain, and never run: {drop}")


#: What may swallow an exception: the reader takes whatever stands in it to run.
_SWALLOWS = re.compile(r"\btry\b|suppress|__exit__|contextmanager|\bnext\b|default")


def script_is_read(source: str, random: Random) -> None:
    """A script is read; a drop put in front is seen; wrapping a body changes nothing."""
    module = parsed(source)
    if module is None:
        return
    found = read(source)
    if read_script_text(source).upgrade != found:
        raise Failure("read twice, and not the same")
    body = _body(module, "upgrade")
    if body is None or not _is_plain(body.body):
        return
    name, wrap = random.choice(list(_WRAPPERS.items()))
    try:
        wrapped = ast.unparse(wrap(body, module))
    except (RecursionError, ValueError, MemoryError):
        return
    if parsed(wrapped) is None:
        return
    again = read(wrapped)
    if not any(each.kind == "opaque" and ANY_TABLE in each.tables for each in again):
        for drop in _drops(found):
            if not told(again, drop):
                raise Failure(f"{name}: lost {drop}")
    if name in ("drop in front",) and not told(again, (_TABLE, _COLUMN)):
        raise Failure(f"{name}: the drop is not seen")


def _drops(operations: Sequence[Operation]) -> list[Drop]:
    return [
        (each.table, each.column)
        for each in operations
        if each.kind in ("drop_table", "drop_column") and each.table is not None
    ]


def _body(module: ast.Module, name: str) -> ast.FunctionDef | None:
    found = [each for each in module.body if isinstance(each, ast.FunctionDef) and each.name == name]
    return found[-1] if found else None


def _code(text: str) -> list[ast.stmt]:
    return ast.parse(textwrap.dedent(text)).body


def _is_plain(body: Sequence[ast.stmt]) -> bool:
    """Whether no statement of a function would mean something else inside a loop or another function."""
    return not any(
        isinstance(node, (ast.Nonlocal, ast.Global, ast.Yield, ast.YieldFrom, ast.Await))
        for statement in body
        for node in ast.walk(statement)
    )


def _around(before: str) -> Callable[[ast.FunctionDef, ast.Module], ast.Module]:
    """Puts the body into the statement that `before` opens, in the place of its `...`."""

    def wrap(function: ast.FunctionDef, module: ast.Module) -> ast.Module:
        statements = _code(before)
        for statement in statements:
            for node in ast.walk(statement):
                for field in ("body", "finalbody", "orelse"):
                    inner = getattr(node, field, None)
                    if isinstance(inner, list) and inner and ast.unparse(inner[0]) == "...":
                        setattr(node, field, function.body)
                        function.body = statements
                        return module
        raise AssertionError(before)

    return wrap


_WRAPPERS: dict[str, Callable[[ast.FunctionDef, ast.Module], ast.Module]] = {
    "drop in front": _around(
        f"from alembic import op as _fuzz\n_fuzz.drop_column('{_TABLE}', '{_COLUMN}')\nif True:\n    ..."
    ),
    "if True": _around("if True:\n    ..."),
    "if not known": _around("import os\nif os.environ.get('X'):\n    ..."),
    "else": _around("import os\nif os.environ.get('X'):\n    pass\nelse:\n    ..."),
    "a loop": _around("for _ in [0]:\n    ..."),
    "while": _around("while True:\n    ...\n    break".replace("...\n    break", "...")),
    "try": _around("try:\n    ...\nfinally:\n    pass"),
    "finally": _around("try:\n    pass\nfinally:\n    ..."),
    "else of try": _around("try:\n    pass\nexcept Exception:\n    raise\nelse:\n    ..."),
    "with": _around("import contextlib\nwith contextlib.nullcontext():\n    ..."),
    "a context manager of its own": _around(
        "import contextlib\n@contextlib.contextmanager\ndef _cm():\n    yield 1\nwith _cm() as _x:\n    ..."
    ),
    "a function": _around("def _helper():\n    ...\n_helper()"),
    "a function by map": _around("def _helper(_):\n    ...\nlist(map(_helper, [1]))"),
    "a decorated function": _around("def _now(f): return f()\n@_now\ndef _helper():\n    ..."),
    "a generator": _around("def _helper():\n    yield\n    if True:\n        ...\nfor _ in _helper(): pass"),
    "a method": _around("class _C:\n    def run(self):\n        ...\n_C().run()"),
    "a match": _around("match 1:\n    case 1:\n        ..."),
}


# SQL


def sql_is_read(text: str, dialect: Dialect, random: Random) -> None:
    """A text of SQL is read; spelling it otherwise or putting something beside it changes nothing."""
    found = _read_sql(text, dialect)
    if _kinds(found) != _kinds(_read_sql(text, dialect)):
        raise Failure("read twice, and not the same")
    batches = dialect == "mssql"  # SQL Server reads a batch as a whole: one error, and nothing of it runs
    if not (batches and _MAKES_A_BODY.search(text)):
        before = _read_sql(f"SELECT 1;\n{text}", dialect)
        if not _as_much(found, before):
            raise Failure("SELECT 1 in front: lost an operation")
    before = _read_sql(f"DROP TABLE {_TABLE};\n{text}", dialect)
    if not told(before, (_TABLE, None)):
        raise Failure("a drop in front is not seen")
    if not _MAKES_A_BODY.search(text) and not batches:
        behind = _read_sql(f"{text}\n;\nDROP TABLE {_TABLE};", dialect)
        if not told(behind, (_TABLE, None)) and not any(each.kind == "opaque" for each in behind):
            raise Failure("a drop behind is not seen")
    if not _LINES_MATTER.search(text) and not any(each.kind == "opaque" for each in found):
        spelled = respelled(text, dialect, random)
        if not _as_much(found, _read_sql(spelled, dialect)):
            raise Failure(f"spelled otherwise: lost an operation: {spelled!r}")


#: Definitions whose bodies hold statements, up to an END that may not be there, and dumped rows.
_MAKES_A_BODY = re.compile(
    r"create.*(function|procedure|proc|trigger|event|package|rule)|delimiter|begin|declare|\bcopy\b|/\*!|if\b|while\b"
    r"|alter.*(function|procedure|proc|trigger|event)|\\|loop|repeat",
    re.IGNORECASE | re.DOTALL,
)
#: Words that mean something only on a line of their own, or up to its end.
_LINES_MATTER = re.compile(
    r"\bgo\b|delimiter|\bcopy\b|\\|--|#|/\*|^\s*/|source\b|prompt\b", re.IGNORECASE | re.MULTILINE
)


def _read_sql(text: str, dialect: Dialect) -> tuple[Operation, ...]:
    with bounded(len(text)):
        found = read_sql(text, dialect).operations
    well_formed(found)
    return found


def _kinds(operations: Sequence[Operation]) -> list[tuple[str, str | None, str | None]]:
    return [(each.kind, each.table, each.column) for each in operations]


def _as_much(first: Sequence[Operation], second: Sequence[Operation]) -> bool:
    """Whether every structural operation of the first reading is in the second, or may be."""
    lowered = {(each.kind, (each.table or "").lower(), (each.column or "").lower()) for each in second}
    blind = any(each.kind == "opaque" and ANY_TABLE in each.tables for each in second)
    return blind or all(
        (each.kind, (each.table or "").lower(), (each.column or "").lower()) in lowered
        or each.kind in ("dml", "other_ddl")
        for each in first
    )


_PLAIN_QUOTES = re.compile(r"('(?:[^'\\]|'')*'|\"[^\"\\]*\"|`[^`]*`|\[[^\]]*\]|\$\w*\$)")


_WORD = re.compile(r"(?<![%:@\w])[A-Za-z]\w*", re.ASCII)


def respelled(text: str, dialect: Dialect, random: Random) -> str:
    """The same statements with other white space, comments, and other case outside of quotes."""
    if "$" in text or not text.isascii():
        return text
    made = []
    for number, part in enumerate(_PLAIN_QUOTES.split(text)):
        if number % 2 == 0:
            part = re.sub(
                r"[ \t]+", lambda gap: random.choice([gap[0], "\n", "\t ", " /* ; */ ", " -- ;\n"]), part
            )
            if random.randrange(2):
                part = _WORD.sub(lambda word: word[0].swapcase(), part)
        made.append(part)
    return "".join(made)
