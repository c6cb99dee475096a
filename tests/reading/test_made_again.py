"""What objects of libraries are made of may be changed past what a model keeps of them; so may files be.

Whatever is done then has to be seen: as what it does, or as opaque.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from migration_lint.operations import Operation
from migration_lint.reading import read_script_text

from ..projects import PROJECT, VERSIONS, Runner, Verdict

_HEAD = """\
import contextlib
import os
import sqlalchemy as sa
from alembic import op
from alembic.operations import ops

revision = "a1"
down_revision = None

DROP = "ALTER TABLE t DROP COLUMN a"
HARMLESS = "SELECT 1"


"""


@pytest.fixture(autouse=True)
def _faults_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")


def upgrade(body: str) -> tuple[Operation, ...]:
    return read_script_text(f"{_HEAD}def upgrade():\n{indent(dedent(body), '    ')}\n").upgrade


def may_break(operations: tuple[Operation, ...]) -> bool:
    return any(
        each.kind == "opaque" or (each.table, each.schema, each.kind) in _BREAKING for each in operations
    )


_BREAKING = {("t", None, "drop_column"), ("t", None, "drop_table"), ("t", None, "rename_table")}
_BLOCK = "with op.get_context().autocommit_block():\n    "
_TABLE = "t = sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer, primary_key=True, index=True))\n"


@pytest.mark.parametrize(
    "body",
    [
        # SET LOCAL ends where a transaction does
        f"op.execute('SET LOCAL search_path TO s')\n{_BLOCK}op.execute(DROP)",
        f"op.execute('SET LOCAL search_path TO s')\n{_BLOCK}op.drop_column('t', 'a')",
        f"op.execute('SET LOCAL search_path TO s')\n{_BLOCK}pass\nop.execute(DROP)",
        f"{_BLOCK}op.execute('SET LOCAL search_path TO s')\n    op.execute(DROP)",
        "op.execute('SET LOCAL search_path TO s')\nb = op.get_context().autocommit_block()\n"
        "b.__enter__()\nop.execute(DROP)",
        "op.execute('SET LOCAL search_path TO s')\nwith contextlib.ExitStack() as stack:\n"
        "    stack.enter_context(op.get_context().autocommit_block())\n    op.execute(DROP)",
        "op.execute('SET LOCAL search_path TO s')\nop.get_bind().connection.commit()\nop.execute(DROP)",
        "n = op.get_bind().begin_nested()\nop.execute('SET search_path TO s')\nn.rollback()\n"
        "op.execute(DROP)",
        "op.get_bind().execution_options(isolation_level='AUTOCOMMIT')\n"
        "op.execute('SET LOCAL search_path TO s')\nop.execute(DROP)",
        # Alembic's own objects
        "op.get_context().impl.something(1)",
        "op.get_context().impl.__getattribute__('drop_column')('t', sa.Column('a'))",
        "with op.context(op.get_context()) as o:\n    o.drop_column('t', 'a')",
        "with op.batch_alter_table('other') as b:\n    b.impl.table_name = 't'\n    b.drop_column('a')",
        "with op.batch_alter_table('t') as b:\n    b.impl.drop_column('t', sa.Column('a'))",
        # containers
        "rows = []\nrows.__iadd__([DROP])\nfor each in rows: op.execute(each)",
        "rows = [HARMLESS]\nrows.__setitem__(0, DROP)\nop.execute(rows[0])",
        "rows = [HARMLESS]\nrows.__init__([DROP])\nop.execute(rows[0])",
        "rows = [HARMLESS, DROP]\nrows.__delitem__(0)\nop.execute(rows[0])",
        "rows = {HARMLESS}\nrows.symmetric_difference_update({DROP})\nfor each in rows: op.execute(each)",
        "import collections\nrows = collections.deque([HARMLESS, DROP])\nrows.rotate(1)\nop.execute(rows[0])",
        "[op.drop_table].__add__([op.drop_column])[1]('t', 'a')",
        "rows = {'a': HARMLESS}\nrows.__ior__({'a': DROP})\nop.execute(rows['a'])",
        "rows = {'a': HARMLESS}\nrows.__init__({'a': DROP})\nop.execute(rows['a'])",
        "rows = []\nlist.append(rows, DROP)\nfor each in rows: op.execute(each)",
        "rows = {'a': HARMLESS}\ndict.update(rows, a=DROP)\nop.execute(rows['a'])",
        # tables, columns, elements, texts
        "t = sa.Table('u', sa.MetaData())\ntype(t).__setattr__(t, 'name', 't')\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nd = t.__dict__\nd |= {'name': 't'}\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nsetattr(t, os.environ['X'], 't')\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nt.dialect_options['postgresql']['using'] = f'heap; {DROP}'\n"
        "t.create(op.get_bind())",
        "for each in sa.Table('t', sa.MetaData()).constraints: each.parent.drop(op.get_bind())",
        f"{_TABLE}for each in t.indexes: each.table.drop(op.get_bind())",
        f"{_TABLE}t.primary_key.table.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nt.__dict__['name'] = 't'\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nvars(t).update(name='t')\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nt.__setattr__('name', 't')\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nobject.__setattr__(t, 'name', 't')\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nt.set_dropper_ddl(sa.DDL(DROP))\nt.drop(op.get_bind())",
        "t = sa.Table('u', sa.MetaData())\nt._creator_ddl = sa.DDL(DROP)\nt.create(op.get_bind())",
        "o = ops.DropColumnOp('u', 'a')\nops.DropColumnOp.__init__(o, 't', 'a')\nop.invoke(o)",
        "o = ops.DropColumnOp('u', 'a')\no.__init__('t', 'a')\nop.invoke(o)",
        "o = ops.DropColumnOp('u', 'a')\no.__dict__.update(table_name='t')\nop.invoke(o)",
        "x = sa.text(HARMLESS)\nx.__init__(DROP)\nop.execute(x)",
        "x = sa.text(HARMLESS)\nvars(x)['text'] = DROP\nop.execute(x)",
        "x = sa.DDL(HARMLESS)\nx.__init__(DROP)\nop.execute(x)",
        "d = sa.schema.DropTable(sa.Table('u', sa.MetaData()))\nd.__init__(sa.Table('t', sa.MetaData()))\n"
        "op.execute(d)",
        "sa.Sequence('s; ALTER TABLE t DROP COLUMN a', quote=False).create(op.get_bind())",
        "class T(sa.types.UserDefinedType):\n    def get_col_spec(self):\n        return f'int; {DROP}'\n"
        "op.execute(sa.schema.CreateSequence(sa.Sequence('s', data_type=T)))",
        "m = sa.MetaData()\nsa.Sequence('s; ALTER TABLE t DROP COLUMN a', quote=False, metadata=m)\n"
        "m.create_all(op.get_bind())",
        # texts that are quoted, where a backslash ends the quotes
        *(
            f"op.execute('SET standard_conforming_strings = off')\nBAD = f\"\\\\'; {{DROP}}; --\"\n{does}"
            for does in (
                "op.create_table_comment('u', BAD)",
                "op.alter_column('u', 'x', comment=BAD)",
                "op.alter_column('u', 'x', server_default=BAD)",
                "op.create_table('v', sa.Column('id', sa.Integer, comment=BAD))",
                "op.create_table('v', sa.Column('id', sa.Enum('a', BAD, name='e')))",
                "sa.Enum('a', BAD, name='e').create(op.get_bind())",
                "op.execute(sa.schema.SetTableComment(sa.Table('u', sa.MetaData(), comment=BAD)))",
            )
        ),
        # frames
        "try:\n    raise ValueError\nexcept ValueError as e:\n"
        "    e.__traceback__.tb_frame.f_globals['HARMLESS'] = DROP\nop.execute(HARMLESS)",
        "import sys\nsys._getframe().f_globals['HARMLESS'] = DROP\nop.execute(HARMLESS)",
        # the environment
        "os.environ['X'] = 't'\nop.drop_table(os.getenv('X', 'u'))",
        "os.environ.update(X='t')\nop.drop_table(os.getenv('X', 'u'))",
        "os.environ.setdefault('X', 't')\nop.drop_table(os.environ.get('X', 'u'))",
        "os.environb[b'X'] = b't'\nop.drop_table(os.environ.get('X', 'u'))",
    ],
)
def test_what_is_changed_behind_a_model_is_seen(body: str) -> None:
    assert may_break(upgrade(body))


@pytest.mark.parametrize(
    "body",
    [
        f"op.execute('SET LOCAL search_path TO s')\nop.execute(DROP)\n{_BLOCK}op.execute(HARMLESS)",
        f"{_BLOCK}op.execute('CREATE INDEX CONCURRENTLY i ON t (a)')\nop.create_index('j', 't', ['b'])",
        "op.execute('SET search_path TO s')\nop.get_bind().commit()\nop.execute(DROP)",
        "rows = [1, 2]\nrows.insert(0, 3)\nlen(rows), rows.count(1), rows.__len__()\n"
        "for each in rows: op.execute(f'SELECT {each}')",
        "os.environ['X'] = 'u'\nop.drop_table(os.getenv('X', 't'))",
        "t = sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer))\n"
        "[each.name for each in t.constraints]\n[each.name for each in t.indexes]\nt.c.id.in_([1])\n"
        "op.get_bind().execute(t.update().values(id=1))",
        "op.execute('SET standard_conforming_strings = off')\nop.create_table_comment('u', 'plain')",
        "op.execute('SET standard_conforming_strings = on')\nop.create_table_comment('u', 'a\\\\b')",
        "sa.Sequence('s', quote=False, data_type=sa.BigInteger()).create(op.get_bind())",
        "t = op.create_table('u', sa.Column('id', sa.Integer))\nop.bulk_insert(t, [{'id': 1}])",
    ],
)
def test_what_changes_nothing_is_quiet(body: str) -> None:
    assert not may_break(upgrade(body))


_FILES = {
    "x.sql": "SELECT 1",
    "y.sql": "ALTER TABLE deployment_events DROP COLUMN hint",
    "sub/x.sql": "ALTER TABLE deployment_events DROP COLUMN hint",
    "helper.py": "def go():\n    pass\n",
}
_READ = 'op.execute(open("x.sql").read())'
_WRITTEN = "from alembic import op\\ndef go():\\n    op.drop_column('deployment_events', 'hint')\\n"


def _verdict(body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verdict:
    ini = {"alembic.ini": PROJECT["alembic.ini"] + "prepend_sys_path = .\n"}
    text = (
        'import contextlib, json, os, pathlib, shutil\nfrom alembic import op\n\nrevision = "b2"\n'
        f'down_revision = "a1"\n\n\ndef upgrade():\n{indent(dedent(body), "    ")}\n'
    )
    return Runner(tmp_path, capsys).change({f"{VERSIONS}/b2.py": text}, {**ini, **_FILES})


@pytest.mark.parametrize(
    "body",
    [
        f'with open("x.sql", "w") as f: f.write("…")\n{_READ}',
        f'with open("x.sql", "w") as f: print("…", file=f)\n{_READ}',
        f'with open("x.sql", "w") as f: json.dump("…", f)\n{_READ}',
        f'pathlib.Path("x.sql").write_text("…")\n{_READ}',
        f'os.replace("y.sql", "x.sql")\n{_READ}',
        f'pathlib.Path("y.sql").rename("x.sql")\n{_READ}',
        f'shutil.copy("y.sql", "x.sql")\n{_READ}',
        f'os.chdir("sub")\n{_READ}',
        f'with contextlib.chdir("sub"):\n    {_READ}',
        f'with open("helper.py", "w") as f: f.write("{_WRITTEN}")\nimport helper\nhelper.go()',
    ],
)
def test_what_a_script_itself_writes_is_not_what_the_tree_has(
    body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "contract-opaque-operation" in _verdict(body, tmp_path, capsys).rules


@pytest.mark.parametrize(
    "body",
    [
        _READ,
        'with open("x.sql") as f: op.execute(f.readline())',
        f'with open("log.txt", "a") as f: f.write("…")\n{_READ}',
        f'os.makedirs("log", exist_ok=True)\n{_READ}',
        "import helper\nhelper.go()",
        'op.execute(pathlib.Path("x.sql").read_text())',
    ],
)
def test_what_the_tree_has_is_read(body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not any(rule.startswith("contract-") for rule in _verdict(body, tmp_path, capsys).rules)


def test_a_file_is_read_from_where_the_last_reading_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _verdict('f = open("y.sql")\nf.read(5)\nop.execute("ALTER" + f.read())', tmp_path, capsys)
    assert "contract-column-dropped" in found.rules
