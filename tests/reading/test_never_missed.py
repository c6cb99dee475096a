"""Ways to change the schema that a list of patterns would miss: each is read, or said to be unreadable."""

from __future__ import annotations

import textwrap

import pytest

from migration_lint.reading import read_script_text

HEAD = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"

BODIES = """
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class T(Base):
    __tablename__ = "t"
    id = sa.Column(sa.Integer, primary_key=True)
Base.metadata.drop_all(op.get_bind())
---
class A:
    def run(self):
        self.go()
class B(A):
    def run(self):
        super().run()
class C(B):
    def go(self):
        op.drop_table("t")
C().run()
---
op.__dict__["drop_table"]("t")
---
import sys
sys.modules["alembic.op"].drop_table("t")
---
__import__("alembic.op").op.drop_table("t")
---
__import__("alembic").op.drop_table("t")
---
op.migration_context.impl.drop_table(sa.table("t"))
---
from somelib import settings
if settings.X: pass
else: op.drop_table("t")
---
from somelib import Base
class M(Base):
    pass
M(op).apply("t")
---
class P:
    def __getattr__(self, name): return getattr(op, name)
P().drop_table("t")
---
vars(op)["drop_table"]("t")
---
import operator
operator.attrgetter("drop_table")(op)("t")
---
operator_ = __import__("operator")
operator_.methodcaller("drop_table","t")(op)
---
import subprocess
subprocess.check_call("psql")
---
STEPS=[]
@STEPS.append
def s(): op.drop_table("t")
for x in STEPS: x()
---
from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor().submit(op.drop_table, "t")
---
import sqlalchemy_utils
sqlalchemy_utils.drop_view(op.get_bind(), "t")
---
f = {"a": op.drop_table}.get("a")
f("t")
---
x = None
for i in range(3):
    if x: op.drop_table(x)
    x = "t"
---
for i in op.get_bind().execute("select 1"):
    if x: op.drop_table(x)
    x = "t"
---
n = 0
while n < 2:
    op.drop_table("t%d" % n); n += 1
---
import re
op.execute(re.sub("a","b","DROP TABLE t"))
---
def g():
    yield op.drop_table("t")
list(g())
---
import contextlib
@contextlib.contextmanager
def cm(t):
    with op.batch_alter_table(t) as b:
        yield b
with cm("t") as b: b.drop_column("c")
---
type("X", (), {"up": lambda self: op.drop_table("t")})().up()
---
lambda_ = (lambda f: f("t"))
lambda_(op.drop_table)
---
(op.drop_table if True else None)("t")
---
op.drop_table(*["t"])
---
op.drop_column(**{"table_name":"t","column_name":"c"})
---
import json
cfg = json.loads('{"t": "x"}')
op.drop_table(cfg["t"])
---
from functools import reduce
reduce(lambda a, b: op.drop_table(b), ["t"], None)
---
class Meta(type):
    def __call__(cls): op.drop_table("t")
class Y(metaclass=Meta): pass
Y()
---
class Z:
    def __enter__(self): return op
    def __exit__(self,*a): pass
with Z() as o: o.drop_table("t")
---
class D:
    @property
    def go(self): op.drop_table("t")
D().go
---
class E:
    def __del__(self): op.drop_table("t")
    def __iter__(self):
        op.drop_table("t"); return iter([])
for _ in E(): pass
---
class F:
    def __add__(self, o): op.drop_table("t")
F() + 1
---
class G:
    def __init_subclass__(cls): op.drop_table("t")
class H(G): pass
---
class I:
    def __eq__(self,o): op.drop_table("t"); return True
if I() == 1: pass
---
class J:
    def __getitem__(self,k): op.drop_table("t")
J()["x"]
---
class K:
    def __str__(self): op.drop_table("t"); return ""
f"{K()}"
---
class L2:
    def __contains__(self,k): op.drop_table("t")
1 in L2()
---
class N:
    def __new__(cls): op.drop_table("t")
N()
---
class Q:
    def __setattr__(self, k, v): op.drop_table("t")
Q().x = 1
---
class R:
    x = staticmethod(op.drop_table)
R.x("t"); R().x("t")
---
op.drop_table.__call__("t")
---
sorted(["t"], key=op.drop_table)
---
["t"].sort(key=lambda t: op.drop_table(t))
---
max(["t"], key=op.drop_table)
---
{"t": 1}.pop(op.drop_table("t"), None)
---
import threading
threading.Thread(target=lambda: op.drop_table("t")).start()
---
import threading
threading.Thread(target=op.drop_table, args=("t",)).start()
---
import atexit
atexit.register(op.drop_table, "t")
---
try:
    raise ValueError
except ValueError:
    op.drop_table("t")
---
def outer():
    try:
        return 1
    finally:
        op.drop_table("t")
outer()
---
if not (y := op.get_bind()): pass
y.execute(sa.text("DROP TABLE t"))
---
print(op.drop_table("t"))
---
assert op.drop_table("t") is None
---
x = [op.drop_table][0]("t")
---
global zz
zz = op
zz.drop_table("t")
---
a, *b = op, 1
a.drop_table("t")
---
exec("from alembic import op as k\\nk.drop_table('t')")
---
eval(compile("op.drop_table('t')", "x", "eval"))
---
@lambda f: f()
def _(): op.drop_table("t")
---
from unittest import mock
mock.patch("x", op.drop_table)("t")
""".split("\n---\n")


@pytest.mark.parametrize("body", [body.strip("\n") for body in BODIES])
def test_a_drop_is_never_passed_over(body: str) -> None:
    read = read_script_text(HEAD + textwrap.indent(body, "    ") + "\n")

    assert any(each.kind.startswith("drop_") or each.kind == "opaque" for each in read.upgrade), read.upgrade
