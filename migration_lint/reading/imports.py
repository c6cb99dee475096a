"""What happens when a module is imported: which of the modules behind an import do more than bind names.

The top of a module runs when it is imported, and with it those of all that it imports. Most do nothing but
bind
names, which are made when somebody asks for them (`modules`). Those are looked for that do more: that come
to a
database through Alembic or an engine, or that change what other modules hold. They are found by their
text, so
that of a large application only those are parsed that matter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

#: What the text of a module holds that comes to a database by itself.
_DATABASE = re.compile(
    r"\balembic\b|create_engine|engine_from_config|create_async_engine|\bpsycopg|\bsqlite3\b"
)
#: A statement at the top of a module that may change something that is not its own: `other.name = …`,
#: `names["x"] = …`, `setattr(…)`, `names.append(…)`.
_CHANGES = re.compile(
    r"^(?:[A-Za-z_]\w*(?:\.\w+)*(?:\.\w+|\[[^\n]*\])[ \t]*[-+|]?=(?!=)|setattr\(|delattr\(|exec\(|eval\("
    r"|del[ \t]|(?:@?[\w.]*\bpatch\b)|[A-Za-z_]\w*\."
    r"(?:append|extend|insert|update|add|pop|clear|remove|setdefault"
    r"|register|listen|listens_for)\(|globals\(\)|vars\(|[A-Za-z_]\w*\.__dict__)",
    re.MULTILINE,
)
#: A statement at the top that may hold such a one.
_COMPOUND = re.compile(r"^(?:for|while|with|if|try|match|async|class)\b", re.MULTILINE)
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<origin>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n;#]*)"
    r"|import[ \t]+(?P<modules>[^\n;#]+))",
    re.MULTILINE,
)
_CALL = re.compile(r"^[^\s#@'\"].*\(", re.MULTILINE)


class Text(NamedTuple):
    """What the text of a module says of its import."""

    imports: tuple[str, ...]  # dotted names, the module's own package in front where they are relative
    database: bool
    changes: bool
    calls: bool


def text_of(source: str, name: str, is_package: bool) -> Text:
    """What the text of a module says, whose dotted name is `name`."""
    package = name.split(".") if is_package else name.split(".")[:-1]
    changes = _CHANGES.search(source) is not None
    if not changes and _COMPOUND.search(source) is not None:
        changes = _changes_inside(source)
    return Text(
        tuple(dict.fromkeys(_imported(source, package))),
        _DATABASE.search(source) is not None,
        changes,
        _CALL.search(source) is not None,
    )


def _imported(source: str, package: Sequence[str]) -> Iterator[str]:
    for found in _IMPORT.finditer(source):
        if found["modules"] is not None:
            for each in found["modules"].split(","):
                yield each.split(" as ")[0].strip()
            continue
        origin = found["origin"]
        dots = len(origin) - len(origin.lstrip("."))
        start = [*package[: len(package) - dots + 1], origin.lstrip(".")] if dots else [origin]
        base = ".".join(part for part in start if part)
        yield base
        for each in found["names"].strip("()").replace("\\", " ").split(","):
            word = each.split("#")[0].split(" as ")[0].strip()
            if word.isidentifier():
                yield f"{base}.{word}" if base else word


def _changes_inside(source: str) -> bool:
    """Whether a branch, loop or class at the top holds a statement that may change what is not its own."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(map(_may_change, _run_at_the_top(body, nested=False)))


def _run_at_the_top(body: Sequence[ast.stmt], nested: bool) -> Iterator[ast.stmt]:
    """The statements inside of compound ones that run when a module is imported."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if nested:
            yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from _run_at_the_top(getattr(statement, name, ()) or (), nested=True)
        for each in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _run_at_the_top(each.body, nested=True)


def _may_change(statement: ast.stmt) -> bool:
    targets: Sequence[ast.expr] = ()
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
        targets = (statement.target,)
    elif isinstance(statement, ast.Delete):
        return True
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _CHANGES.match(ast.unparse(statement)) is not None
    return any(not isinstance(each, (ast.Name, ast.Tuple)) for each in targets)


class Imports:
    """What the modules of a tree do when they are imported; worked out once for each."""

    def __init__(self, find: Callable[[str], str | None], read: Callable[[str], str | None]) -> None:
        self._find = find
        self._read = read
        self._texts: dict[str, Text | None] = {}
        self._closures: dict[str, tuple[str, ...]] = {}

    def paths(self, name: str) -> tuple[str, ...]:
        """The files of all modules that an import of one runs."""
        return tuple(path for each in self._order(name) if (path := self._find(each)) is not None)

    def active(self, name: str) -> tuple[str, ...]:
        """The modules that do more than bind names when one is imported, in the order in which they run."""
        order = self._order(name)
        reaching = self._reaching(order)
        return tuple(
            each
            for each in order
            if (text := self._texts[each]) is not None and (text.changes or (text.calls and each in reaching))
        )

    def _order(self, name: str) -> tuple[str, ...]:
        """All modules that an import of one runs: packages first, what a module imports before itself."""
        found = self._closures.get(name)
        if found is None:
            seen: dict[str, None] = {}
            self._visit(name, seen, set())
            found = self._closures[name] = tuple(seen)
        return found

    def _visit(self, name: str, seen: dict[str, None], running: set[str]) -> None:
        waiting: list[tuple[str, bool]] = [(name, False)]
        while waiting:
            each, done = waiting.pop()
            if done:
                seen.setdefault(each)
                continue
            if each in running:
                continue
            running.add(each)
            text = self._text(each)
            waiting.append((each, True))
            parents = [each.rsplit(".", 1)[0]] if "." in each else []
            inner = text.imports if text is not None else ()
            waiting += [(other, False) for other in reversed((*parents, *inner))]

    def _text(self, name: str) -> Text | None:
        if name not in self._texts:
            path = self._find(name)
            source = None if path is None else self._read(path)
            self._texts[name] = (
                None
                if source is None or path is None
                else text_of(source, name, path.endswith("__init__.py"))
            )
        return self._texts[name]

    def _reaching(self, order: Sequence[str]) -> set[str]:
        """Those that come to a database, or import one that does."""
        found = {each for each in order if (text := self._texts[each]) is not None and text.database}
        grown = bool(found)
        while grown:
            grown = False
            for each in order:
                text = self._texts[each]
                if each not in found and text is not None and not found.isdisjoint(text.imports):
                    found.add(each)
                    grown = True
        return found
