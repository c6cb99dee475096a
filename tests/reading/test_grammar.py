"""A call of `op` in every place where Python's grammar has an expression: what runs is seen.

The places are not listed here. They are found in the grammar that `ast` states in its docstrings, and in
`HOSTS`, small statements that run: into each expression of each of them a call is planted, by itself and as
`call or what stood there`. Alembic runs the script; where the column was dropped, the reader has to say so,
or that it does not know.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import types
import warnings
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from textwrap import indent
from typing import NamedTuple

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.operations import ANY_TABLE
from migration_lint.reading import read_script_text

CALL = "op.drop_column('deployment_events', 'hint')"

#: Statements that run by themselves, wherever they stand, and end whatever is planted in them. `box` is a
#: mapping, `thing` an object.
HOSTS = """
assert 1, 2
---
try:
    assert 0, 2
except AssertionError:
    pass
---
x = 1
---
x, y = 1, 2
---
[x, *y] = [1, 2, 3]
---
box["x"] = 1
---
box["x"], thing.x = 1, 2
---
x = y = box["x"] = 1
---
thing.x = 1
---
box["x"] += 1
---
thing.x += 1
---
x = 1
x += 2
---
x: int = 1
---
x: int
---
box["x"]: int = 1
---
thing.x: int
---
del box["x"]
---
del thing.x
---
x = 1
del x
---
del (box["x"], thing.x)
---
for x in [1]:
    pass
---
for x, box["x"] in [(1, 2)]:
    pass
else:
    y = 1
---
for thing.x in []:
    pass
else:
    y = 1
---
while box.pop("once", 0):
    y = 1
else:
    y = 2
---
while 1:
    break
---
if 1:
    x = 1
elif 1:
    x = 2
else:
    x = 3
---
if 0:
    x = 1
elif 0:
    x = 2
else:
    x = 3
---
import contextlib
with contextlib.nullcontext(1) as x, contextlib.nullcontext((1, 2)) as (box["x"], y):
    x = 1
---
import contextlib
with contextlib.suppress(Exception):
    raise ValueError(1) from KeyError(2)
---
try:
    raise ValueError
except (KeyError, ValueError) as e:
    x = e
---
try:
    raise ValueError
except KeyError:
    x = 1
except ValueError:
    x = 2
finally:
    y = 1
---
try:
    raise ValueError
except:
    x = 1
---
try:
    x = 1
except KeyError:
    x = 2
else:
    x = 3
finally:
    y = 1
---
try:
    raise ExceptionGroup("", [ValueError(1)])
except* ValueError:
    x = 1
---
match 1:
    case 2 if 3:
        x = 1
    case 1 if 3:
        x = 1
    case _:
        x = 2
---
match thing:
    case {"x": 1, **rest}:
        x = 1
    case [1, *others]:
        x = 1
    case type(x=1):
        x = 1
    case None | 1 | "x":
        x = 1
    case types.SimpleNamespace as found if found:
        x = 1
---
def f(a, /, b: int = 1, *c: int, d: int = 2, e, **g: int) -> int:
    return a
f(1, 2, e=3)
---
@id
def f():
    pass
---
@id
async def f(a: int = 1, *, b: int = 2) -> int:
    pass
---
def f():
    return 1
f()
---
def f(x):
    if x:
        return 1
    return 2
f(0)
---
def f():
    yield
    x = yield 1
    yield from [1]
    return 2
list(f())
---
def f():
    x = yield 1
    return x
g = f()
next(g)
try:
    g.send(2)
except StopIteration:
    pass
---
def f():
    def g(a=1):
        return [2]
    return g
f()()[0]
---
class A(object, metaclass=type):
    x: int = 1
    y = 2
    def f(self, a: int = 1) -> int:
        return self.x
A().f()
---
@id
class A(*[object], **{"metaclass": type}):
    pass
---
class A:
    def __init_subclass__(cls, **given):
        pass
class B(A, kind=1):
    pass
---
import asyncio
import contextlib
async def g():
    yield 1
async def other():
    return 1
async def f(a=1):
    x = await other()
    async for y in g():
        box["x"] = y
    async with contextlib.aclosing(g()) as z, contextlib.nullcontext():
        box["x"] = z
    x = [y async for y in g() if y]
    x = {y: await other() async for y in g()}
    return x
asyncio.run(f())
---
import asyncio
async def g(x=1):
    y = yield x
    yield 2
async def f():
    async for x in g():
        pass
    return [await y for y in [asyncio.sleep(0)]]
asyncio.run(f())
---
x = (y := 1)
---
x = [y := 1, y ** 2]
---
x = 1 if 2 else 3
---
x = 1 if 0 else 3
---
x = 1 and 2 or 3
---
x = 0 or 0
---
x = 1 + 2 * 3 - 4 // 5
---
x = -1, ~1, not 1
---
x = 1 < 2 < 3, 1 in [2], 1 is not None
---
x = 3 < 2 < 1
---
x = lambda: 1
x()
---
x = lambda a, /, b=1, *c, d=2, **e: a
x(3)
---
x = (lambda: [y for y in [1]])()
---
x = [1, *[2], 3]
---
x = (1, *(2,), 3)
---
x = {1, *{2}}
---
x = {"a": 1, **{"b": 2}}
---
x = [y for y in [1] if y if 2]
---
x = [y for y in [[1]] for z in y if z]
---
x = {y for y in [1] if y}
---
x = {y: 2 for y in [1] if y}
---
x = [box["x"] for box["x"] in [1]]
---
x = list(y for y in [1] if y)
---
x = (y for y in [1] if y)
---
x = (y for y in [1] if y)
for y in x:
    pass
---
x = f"{1}"
---
x = f"{1:>{5}}"
---
x = f"{1!r:{2}} and {3}"
---
x = f"{1:>5}"
---
x = f"{1=}"
---
x = [1, 2, 3][0:2:1]
---
x = [1, 2, 3][0]
---
x = {(0, 1): 1}[0, 1]
---
x = {"a": {"b": 1}}["a"]["b"]
---
y = [1, 2, 3]
y[0:1] = [4]
y[0:2] += [5]
del y[0:1]
---
x = thing.x
---
x = thing.y.x
---
print(1, *[2], sep="", **{"end": ""})
---
x = dict([], a=1)
---
x = str(1).upper().lower()
---
x = type("A", (), {})()
---
1
---
...
---
global box
box = box
---
import os
x = os.path
---
raise SystemExit(0)
---
try:
    raise ValueError(1)
except ValueError:
    try:
        raise
    except ValueError as e:
        raise KeyError(2) from e
""".strip("\n").split("\n---\n")

#: What newer Pythons have besides: the version, and the statement.
NEWER = (
    ((3, 12), "type A = int\nx = A.__value__"),
    ((3, 12), "type A[T: int, *Ts, **P] = int\nx = A.__type_params__[0].__bound__"),
    (
        (3, 12),
        "def f[T: (int, str)](a: T = 1) -> T:\n    return a\nf()\nx = f.__type_params__[0].__constraints__",
    ),
    ((3, 12), "class A[T: int](object):\n    pass\nx = A.__type_params__[0].__bound__"),
    (
        (3, 13),
        "def f[T = int, *Ts = int, **P = int]():\n    pass\nx = [t.__default__ for t in f.__type_params__]",
    ),
    ((3, 14), 'x = t"{1} and {2:>{3}}"'),
)
HOSTS += [host for version, host in NEWER if sys.version_info >= version]
if sys.version_info < (3, 11):
    HOSTS = [host for host in HOSTS if "except*" not in host]

SCRIPT = """\
from alembic import op
import types

revision = "b2"
down_revision = "a1"

box = {{None: 0, "x": 0, "once": 1}}
thing = types.SimpleNamespace(x=1, y=types.SimpleNamespace(x=1))
{top}

def upgrade():
{body}
"""

#: Where a host stands: the top of the script, and the body of `upgrade`.
PLACES = {
    "in upgrade": ("", "{host}"),
    "in a function that upgrade calls": ("def step():\n    global box\n{indented}\n", "step()"),
    "at the top of the script": ("{host}", "pass"),
    "in a class of the script": ("class Steps:\n{indented}\n", "pass"),
}

#: Where the grammar has an expression, and the language takes no call.
NO_CALL = {
    "Expression.body",  # what `eval` compiles, and
    "FunctionType.argtypes", "FunctionType.returns",  # comments on types: neither is part of a script
    "MatchClass.cls", "MatchMapping.keys", "MatchValue.value",  # names and literals
    "NamedExpr.target", "TypeAlias.name",  # a name
}  # fmt: skip


class Planted(NamedTuple):
    """A script with one call in it, and what it runs as."""

    field: str  # of the grammar: "For.iter"
    source: str


def fields_of(kind: type[ast.AST]) -> list[str]:
    """The fields of a node that hold expressions, as the grammar in its docstring has them."""
    stated = re.search(rf"\b{kind.__name__}\(([^)]*)\)", kind.__doc__ or "")
    each = [part.split() for part in (stated[1].split(",") if stated else ())]
    return [name for kind_of, name in each if kind_of.rstrip("?*") == "expr"]


def grammar() -> set[str]:
    """Every field of an expression: "For.iter"."""
    kinds = [each for each in vars(ast).values() if isinstance(each, type) and issubclass(each, ast.AST)]
    return {f"{kind.__name__}.{field}" for kind in kinds for field in fields_of(kind)}


def call() -> ast.expr:
    return ast.parse(CALL, mode="eval").body


def plants(old: ast.expr, parent: ast.AST, field: str) -> Iterator[ast.expr]:
    """What is put in the place of an expression: the call, and the call with what stood there after it."""
    either = ast.BoolOp(ast.Or(), [call(), old])
    if isinstance(getattr(old, "ctx", None), (ast.Store, ast.Del)):
        for key in (call(), ast.BoolOp(ast.Or(), [call(), ast.Constant("x")])):
            yield ast.Subscript(ast.Name("box"), key, ast.Store())
        yield ast.Attribute(ast.BoolOp(ast.Or(), [call(), ast.Name("thing")]), "x", ast.Store())
    elif field == "format_spec":
        yield ast.JoinedStr([ast.FormattedValue(call(), -1)])
        yield ast.JoinedStr([ast.FormattedValue(ast.BoolOp(ast.Or(), [call(), ast.Constant(">5")]), -1)])
    elif isinstance(parent, ast.JoinedStr) or type(parent).__name__ == "TemplateStr":
        yield ast.FormattedValue(call(), -1)
    else:
        yield call()
        yield either


def planted(host: str) -> Iterator[Planted]:
    """The host with a call in each expression of it, where it still parses."""
    tree = ast.parse(host)
    for node in list(ast.walk(tree)):
        for field in fields_of(type(node)):
            if f"{type(node).__name__}.{field}" in NO_CALL:
                continue
            value = getattr(node, field)
            for number, old in enumerate(value if isinstance(value, list) else [value]):
                if old is None:
                    continue
                for new in plants(old, node, field):
                    if isinstance(value, list):
                        value[number] = new
                    else:
                        setattr(node, field, new)
                    with contextlib.suppress(SyntaxError, ValueError, AttributeError):
                        source = ast.unparse(ast.fix_missing_locations(tree))
                        compile(source, "", "exec")
                        yield Planted(f"{type(node).__name__}.{field}", source)
                if isinstance(value, list):
                    value[number] = old
                else:
                    setattr(node, field, old)


@cache
def by_field() -> dict[str, dict[str, None]]:
    """The hosts with a call in them, by the field of the grammar that it stands in."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for host in HOSTS:
            for each in planted(host):
                found[each.field][each.source] = None
    return found


def scripts(host: str) -> Iterator[str]:
    """The host in each of the places where it may stand."""
    for top, body in PLACES.values():
        parts = {"host": host, "indented": indent(host, "    ")}
        filled = indent(body.format(**parts), "    ")
        source = SCRIPT.format(top=top.format(**parts), body=filled)
        if "global" in source and not top:
            continue
        yield source


def runs(source: str) -> bool:
    """Whether the column is dropped when Alembic runs the script, whatever comes after."""
    sent = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent}
    )
    script = types.ModuleType("script")
    with (
        Operations.context(context),
        contextlib.suppress(Exception, SystemExit),
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        exec(compile(source, "script.py", "exec", dont_inherit=True), script.__dict__)
        script.__dict__["upgrade"]()
    return "DROP COLUMN hint" in sent.getvalue()


def is_seen(source: str) -> bool:
    """Whether the reader says that the column is dropped, or that it does not know."""
    for each in read_script_text(source).upgrade:
        if each.kind == "drop_column" and (each.table, each.column) == ("deployment_events", "hint"):
            return True
        if each.kind == "opaque" and (not each.tables or {ANY_TABLE, "deployment_events"} & set(each.tables)):
            return True
    return False


def test_every_expression_of_the_grammar_has_a_host() -> None:
    assert grammar() - NO_CALL == set(by_field())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of coroutines that nobody awaits
@pytest.mark.parametrize("field", sorted(grammar() - NO_CALL))
def test_what_runs_is_seen(field: str) -> None:
    ran, missed = 0, []
    for host in by_field()[field]:
        for source in scripts(host):
            if runs(source):
                ran += 1
                if not is_seen(source):
                    missed.append(source)
    assert ran
    assert "\n\n".join(missed) == ""
