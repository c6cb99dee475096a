"""Ways to change the schema that a list of patterns would miss: each is read, or said to be unreadable."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.reading import read_paths, read_script_text

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
---
from sqlalchemy import event
@event.listens_for(op.get_bind(), "before_cursor_execute")
def listener(conn, cursor, *rest): cursor.execute("DROP TABLE t")
---
from sqlalchemy import event
event.listen(op.get_bind(), "begin", lambda conn: op.drop_table("t"))
---
from sqlalchemy import event
event.listen(op.get_bind(), "begin", op.drop_table)
---
from sqlalchemy import event
def later(target, connection, **rest): connection.execute(sa.text("DROP TABLE t"))
event.listen(sa.MetaData(), "after_create", later)
---
from somelib import engine
engine.execute("DROP TABLE t")
---
from somelib import engine
with engine.begin() as conn:
    conn.execute(sa.text("DROP TABLE t"))
---
op.get_bind().connection.dbapi_connection.cursor().execute("DROP TABLE t")
---
meta = sa.MetaData()
meta.reflect(bind=op.get_bind())
meta.tables["t"].drop(op.get_bind())
---
meta = sa.MetaData()
meta.reflect(bind=op.get_bind())
for table in meta.tables.values(): table.drop(op.get_bind())
---
meta = sa.MetaData()
meta.reflect(bind=op.get_bind())
for table in reversed(meta.sorted_tables): op.drop_table(table.name)
---
meta = sa.MetaData()
meta.reflect(bind=op.get_bind())
op.drop_table(meta.tables.get("t").name)
---
def drop(t): op.drop_table(t)
class Z2:
    def drop(self): drop("t")
Z2().drop()
---
class Z3:
    f = op.drop_table
    def go(self): Z3.f("t")
Z3().go()
---
statement = None if op.get_bind().closed else sa.text("DROP TABLE t")
op.execute(statement.columns())
""".split("\n---\n")


@pytest.mark.parametrize("body", [body.strip("\n") for body in BODIES])
def test_a_drop_is_never_passed_over(body: str) -> None:
    read = read_script_text(HEAD + textwrap.indent(body, "    ") + "\n")

    assert any(each.kind.startswith("drop_") or each.kind == "opaque" for each in read.upgrade), read.upgrade


SCRIPT = 'revision = "a"\ndown_revision = None\nfrom alembic import op\nimport sqlalchemy as sa\n'


def read_project(folder: Path, files: Mapping[str, str]) -> list[str]:
    """What the upgrade of `app/migrations/versions/a.py` does, an operation a line."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    (reading,) = read_paths([folder / "app/migrations/versions/a.py"])
    return [
        " ".join(str(part) for part in (o.kind, o.schema, o.table, o.column) if part) for o in reading.upgrade
    ]


def upgrade(body: str) -> str:
    return SCRIPT + "def upgrade():\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"


def test_helpers_are_found_in_an_installed_package_without_a_mark_of_a_project(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/helpers.py": "from alembic import op\ndef gone():\n    op.drop_table('t')\n",
        "app/migrations/versions/a.py": upgrade("from app.helpers import gone\ngone()"),
    }

    assert read_project(tmp_path, files) == ["drop_table t"]


def test_only_the_package_is_listed_where_much_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migration_lint.reading.places._MOST_FILES", 10)
    files = {
        "app/helpers.py": "from alembic import op\ndef gone():\n    op.drop_table('t')\n",
        "app/migrations/versions/a.py": upgrade("from app.helpers import gone\ngone()\nimport n1\nn1.run()"),
        **{
            f"n{number}.py": "from alembic import op\ndef run():\n    op.drop_table('u')\n"
            for number in range(11)
        },
    }

    assert read_project(tmp_path, files) == ["drop_table t", "opaque"]

    more = {f"app/m{number}.py": "" for number in range(11)}
    with pytest.raises(CannotJudge, match="`app`, which holds more than 10 files"):
        read_project(tmp_path, more | files)

    assert read_project(tmp_path, {"pyproject.toml": "", **files}) == ["drop_table t", "drop_table u"]


@pytest.mark.parametrize(
    "body",
    [
        "import importlib.resources\nop.execute(importlib.resources.read_text('app.data', 'gone.sql'))",
        "import app.data\nfrom importlib import resources\n"
        "op.execute(resources.files(app.data).joinpath('gone.sql').read_text())",
        "import pkgutil\nop.execute(pkgutil.get_data('app.data', 'gone.sql').decode())",
    ],
)
def test_sql_beside_a_packages_modules_is_read(tmp_path: Path, body: str) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/data/__init__.py": "",
        "app/data/gone.sql": "DROP TABLE t;",
        "app/migrations/versions/a.py": upgrade(body),
    }

    assert read_project(tmp_path, files) == ["drop_table t"]


def test_what_builds_up_at_the_top_of_a_module_is_built_once(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/names.py": """
            TABLES, TEXT = [], ""
            for part in ("a", "b"):
                TABLES.append(part)
                TEXT += part
            """,
        "app/again.py": """
            table = "c"
            FIRST = f"{table}_1"
            table = "d"
            SECOND = f"{table}_2"
            """,
        "app/migrations/versions/a.py": upgrade(
            """
            from app import again, names
            op.drop_table(again.SECOND)
            op.drop_table(again.FIRST)
            op.drop_table(again.table)
            op.drop_table(names.TEXT)
            last = names.part
            op.drop_table(names.TEXT)
            for table in names.TABLES:
                op.drop_table(table)
            """
        ),
    }

    assert read_project(tmp_path, files) == [
        "drop_table d_2", "drop_table c_1", "drop_table d",
        "drop_table ab", "drop_table ab", "drop_table a", "drop_table b",
    ]  # fmt: skip


def test_what_a_package_binds_hides_its_module_of_that_name(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/models/__init__.py": "from .db import db\n",
        "app/models/db.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
        "app/migrations/versions/a.py": upgrade(
            """
            from app.models import db
            db.session.execute(sa.text("ALTER TABLE t DROP COLUMN c"))
            """
        ),
    }

    assert read_project(tmp_path, files) == ["drop_column t c"]


@pytest.mark.parametrize(
    ("module", "found"),
    [
        pytest.param("def other(): ...\n", ["drop_column t c"], id="the import fails"),
        pytest.param("from peewee import *\n", ["drop_column t c"], id="a library's name"),
        pytest.param("globals()['gone'] = print\n", ["drop_column t c"], id="bound by globals()"),
        pytest.param("def __getattr__(name): ...\n", ["drop_column t c"], id="made when it is asked for"),
    ],
)
def test_a_name_that_a_module_lacks(tmp_path: Path, module: str, found: list[str]) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/helpers.py": module,
        "app/migrations/versions/a.py": upgrade(
            """
            from app.helpers import gone
            gone("t")
            op.drop_column("t", "c")
            """
        ),
    }

    assert read_project(tmp_path, files) == found


def test_a_module_that_is_not_there_may_do_anything(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/migrations/versions/a.py": upgrade("from app import generated\ngenerated.gone()"),
    }

    assert read_project(tmp_path, files) == ["opaque"]


def test_a_class_that_takes_too_long_to_make_may_do_anything(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/helpers.py": """
            from alembic import op
            class Gone:
                for number in range(10_000):
                    twice = number * 2
                def __init__(self):
                    op.drop_table("t")
            """,
        "app/migrations/versions/a.py": upgrade("from app.helpers import Gone\nGone()"),
    }

    assert read_project(tmp_path, files) == ["opaque"]


@pytest.mark.parametrize(
    ("environment", "settings", "found"),
    [
        ("", "", "drop_column t c"),
        ('context.configure(version_table_schema="other")', "", "drop_column other t c"),
        ("context.configure(version_table_schema=config.get_main_option('version_table_schema'))", "",
         "drop_column t c"),
        ("context.configure(version_table_schema=config.get_main_option('version_table_schema'))",
         "version_table_schema = other", "drop_column other t c"),
        ("context.configure(version_table_schema=os.environ['SCHEMA'])", "", "opaque"),
    ],
)  # fmt: skip
def test_the_schema_of_the_version_table(tmp_path: Path, environment: str, settings: str, found: str) -> None:
    files = {
        "alembic.ini": f"[alembic]\n{settings}\n",
        "app/migrations/env.py": environment + "\n",
        "app/migrations/versions/a.py": upgrade(
            """
            op.drop_column("t", "c", schema=op.get_context().version_table_schema)
            """
        ),
    }

    assert read_project(tmp_path, files) == [found]


def test_a_metadata_holds_what_its_module_declares(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/models.py": """
            import sqlalchemy as sa
            from sqlalchemy.orm import declarative_base
            Base = declarative_base()
            class Job(Base):
                __tablename__ = "jobs"
                id = sa.Column(sa.Integer, primary_key=True)
            kinds = sa.Table("kinds", Base.metadata, sa.Column("id", sa.Integer))
            """,
        "app/migrations/versions/a.py": upgrade(
            """
            from app.models import Base
            Base.metadata.tables["jobs"].drop(op.get_bind())
            Base.metadata.drop_all(op.get_bind())
            """
        ),
    }

    found = read_project(tmp_path, files)

    assert found[0] == "drop_table jobs"
    assert sorted(found[1:3]) == ["drop_table jobs", "drop_table kinds"]
    assert found[3:] == ["opaque"]  # other modules may declare further tables


def test_a_type_that_is_not_there_only_describes_a_column(tmp_path: Path) -> None:
    files = {
        "setup.py": "",
        "app/__init__.py": "",
        "app/migrations/versions/a.py": upgrade(
            """
            from app.generated import LongText, gone
            op.add_column("t", sa.Column("c", LongText(length=5)))
            op.alter_column("t", "d", existing_type=LongText(), type_=sa.Text())
            op.add_column("t", sa.Column("e", LongText(op)))
            op.add_column("t", sa.Column("f", sa.Text(), default=gone()))
            """
        ),
    }

    found = ["add_column t c", "alter_type t d", "opaque", "add_column t e", "opaque", "add_column t f"]
    assert read_project(tmp_path, files) == found
