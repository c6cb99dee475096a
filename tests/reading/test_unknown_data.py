"""Code that works on data which nobody knows before it runs: followed no further than it is worth.

What such code could do to the schema is seen, or the reading says that it may be anything; and what stands
after it is read as if it were not there.
"""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent, indent

import pytest

from migration_lint.change import FolderTree
from migration_lint.operations import ANY_TABLE, Operation
from migration_lint.reading import read_script_text
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.script import read_module

_HEAD = """\
import contextlib, json
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None

"""

#: Takes both ways at hundreds of branches, each time it is called.
_LONG = """\
def weigh(row):
    total = 0
    for number in range(300):
        if row[number] > total:
            total = row[number]
        elif row.get(number):
            total += 1
    return total
"""


@pytest.fixture(autouse=True)
def _faults_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")


def upgrade(body: str, module: str = "") -> list[Operation]:
    text = f"{_HEAD}{dedent(module)}\n\ndef upgrade():\n{indent(dedent(body), '    ')}\n"
    return [each for each in read_script_text(text).upgrade if each.kind != "dml"]


def lines(operations: list[Operation]) -> list[str]:
    return [f"{each.kind} {each.table}{'?' if each.conditional else ''}" for each in operations]


ROWS = "rows = op.get_bind().execute(sa.text('SELECT 1')).fetchall()\n"


def test_a_loop_that_may_end_at_any_pass_is_walked_until_nothing_new_is_learned() -> None:
    found = upgrade(
        """
        while True:
            rows = op.get_bind().execute(sa.text("SELECT 1")).fetchall()
            if not rows:
                return
            op.drop_table("seen")
        """
    )
    assert set(lines(found)) == {"drop_table seen?"}
    assert len(found) < 4


def test_what_the_passes_of_a_known_loop_do_is_all_seen() -> None:
    found = upgrade(
        """
        number = 0
        while True:
            op.drop_table(f"t{number}")
            number += 1
            if number == 100:
                return
        """
    )
    assert lines(found) == [f"drop_table t{number}" for number in range(100)]


def test_a_name_that_changes_in_a_loop_that_may_end_is_not_taken_for_known() -> None:
    found = upgrade(
        f"""
        number = 0
        while True:
            {ROWS}
            op.drop_table(f"t{{number}}")
            number += 1
            if rows[0] > number:
                return
        """.replace("\n\n", "\n")
    )
    assert any(each.kind == "opaque" for each in found)


def test_a_function_that_only_computes_does_not_use_up_the_script() -> None:
    found = upgrade(
        f"{ROWS}for row in rows:\n" + "    weigh(row)\n" * 200 + 'op.drop_table("last")', module=_LONG
    )
    assert lines(found) == ["drop_table last"]


def test_a_function_that_computes_names_from_what_is_known_is_followed_to_its_end() -> None:
    found = upgrade(
        'for name in names():\n    op.drop_table(name)\nop.drop_table("last")',
        module="""
        def names():
            found = []
            for number in range(3000):
                for letter in "ab":
                    if number % 1500 == 0:
                        found.append(f"{letter}{number}")
            return found
        """,
    )
    assert lines(found) == [f"drop_table {name}" for name in ("a0", "b0", "a1500", "b1500", "last")]


@pytest.mark.parametrize(
    "module",
    [
        "def names(rows, found):\n    weigh(rows[0])\n    weigh(rows[1])\n    found.append('missed')\n",
        "def names(rows, found):\n    weigh(rows)\n    weigh(rows)\n    late(found)\n"
        "def late(found):\n    found.append('missed')\n",
        "def names(rows, found):\n    for row in rows:\n        weigh(row)\n        weigh(row)\n"
        "        weigh(row)\n    TABLES.append('missed')\nTABLES = []\n",
        "def names(rows, found):\n    global TABLES\n    weigh(rows)\n    weigh(rows)\n    weigh(rows)\n"
        "    TABLES = ['missed']\nTABLES = []\n",
    ],
    ids=["its argument", "its argument, further in", "a list of the module", "a name of the module"],
)
def test_what_a_function_that_is_given_up_would_change_is_not_known_after_it(module: str) -> None:
    tables = "TABLES" if "TABLES" in module else "found"
    found = upgrade(
        f"{ROWS}found = []\nnames(rows, found)\nfor name in {tables}:\n    op.drop_table(name)\n"
        'op.drop_table("last")',
        module=_LONG.replace("300", "700") + module,
    )
    assert any(each.kind == "opaque" or each.table == "missed" for each in found)
    assert lines(found)[-1] == "drop_table last"


#: What drops a table at the end of `go`, after work that is given up where nothing can come of it.
WAYS = {
    "a dictionary of functions": ("WAYS['a'](row)", "WAYS = {'a': lambda row: op.drop_table('seen')}"),
    "an object": ("way.go()", "class Way:\n    def go(self):\n        op.drop_table('seen')"),
    "a call further in": ("inner()", "def inner():\n    op.drop_table('seen')"),
    "an import inside": ("from alembic import op as o\n    o.drop_table('seen')", ""),
    "a default": ("drop('seen')", ""),
    "eval": ("eval(\"op.drop_table('seen')\")", ""),
    "globals": ("globals()['op'].drop_table('seen')", ""),
    "an engine": ("sa.create_engine('x').execute('DROP TABLE seen')", ""),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_function_that_can_reach_the_database_is_never_given_up_for_nothing(way: str) -> None:
    last, module = WAYS[way]
    given = {"an object": ", way", "a default": ", drop=op.drop_table"}.get(way, "")
    go = f"def go(row{given}):\n    weigh(row)\n    weigh(row)\n    {last}\n"
    found = upgrade(
        f"{ROWS}go(rows{', Way()' if way == 'an object' else ''})",
        module=f"{_LONG.replace('300', '900')}{module}\n{go}",
    )
    assert any(each.table == "seen" or each.kind == "opaque" for each in found)


def test_what_stands_in_a_with_is_not_given_up_with_what_the_with_names() -> None:
    drops = "".join(f"    op.drop_table('t{number}')\n" for number in range(1_200))
    found = upgrade(
        f"{ROWS}with timed(rows):\n    weigh(rows)\n{drops}",
        module="@contextlib.contextmanager\ndef timed(rows):\n    yield weigh(rows)\n" + _LONG,
    )
    assert [each.table for each in found] == [f"t{number}" for number in range(1_200)]


def test_a_loop_that_may_return_at_any_pass_is_walked_once_whatever_came_before_it() -> None:
    """An earlier return that may have happened does not hide that the loop may end the function too."""
    passes = """
        def expanded(value):
            if not value:
                return value
            while True:
                op.execute("UPDATE a SET b = 1")
                found = str(os.path.expandvars(value))
                if found == value:
                    return found
                value = found
    """
    text = f"import os\n{_HEAD}{dedent(passes)}\n\ndef upgrade():\n    expanded(os.environ.get('A'))\n"
    assert len(read_script_text(text).upgrade) <= 2


def test_what_a_script_calls_in_another_module_has_a_share_of_its_own(tmp_path: Path) -> None:
    endless = """
        from alembic import op

        def settle(table):
            for number in range(9_000):
                number.bit_length()
            op.drop_table(table)
    """
    (tmp_path / "settling.py").write_text(dedent(endless))
    script = f"from settling import settle\n{_HEAD}def upgrade():\n    op.drop_table('a')\n    settle('b')\n"
    (tmp_path / "0001_settle.py").write_text(script)
    files = ProjectFiles(FolderTree(tmp_path))
    found = read_module(ast.parse(script), "0001_settle.py", "postgresql", files).upgrade
    assert [each.kind for each in found] == ["drop_table", "opaque"]
    assert found[1].tables == (ANY_TABLE,)
    assert found[1].reason == (
        "what it calls in settling.py takes more than 8,000 steps, so the rest of it is not read"
    )
