from __future__ import annotations

import ast
import json
import subprocess
import sys
import time

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.history import Script, ScriptRecord, is_revision_file
from migration_lint.history.script_text import read_script


def read(text: str | bytes, path: str = "versions/x.py") -> Script:
    return read_script(path, "id", text.encode() if isinstance(text, str) else text)


def attributes(script: Script) -> tuple[object, ...]:
    return script.revision, script.down_revisions, script.branch_labels, script.depends_on


def test_as_alembic_writes_it():
    script = read('''"""drop the hint

Revision ID: 4f1c2a9d7b31
Revises: 0aa1
"""
from typing import Sequence, Union
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "4f1c2a9d7b31"
down_revision: Union[str, Sequence[str], None] = "0aa1"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None

def upgrade() -> None:
    op.drop_column("t", "hint")
''')
    assert attributes(script) == ("4f1c2a9d7b31", ("0aa1",), (), ())
    assert (script.message, script.line, script.problems) == ("drop the hint", 10, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("revision = 'a'\ndown_revision = None", ("a", (), (), ())),
        ("revision = 'a'\ndown_revision = ()", ("a", (), (), ())),
        ("revision = 'a'\ndown_revision = ('b', 'c')", ("a", ("b", "c"), (), ())),
        ("revision = 'a'\ndown_revision = ['b', 'c', 'b']", ("a", ("b", "c"), (), ())),
        ("revision = 'a'\ndown_revision = {'b'}", ("a", ("b",), (), ())),
        ("revision = x = 'a'\ndown_revision = x + '0'", ("a", ("a0",), (), ())),
        ("revision, down_revision = 'a', 'b'", ("a", ("b",), (), ())),
        ("revision = 'a' 'b'\ndown_revision = None", ("ab", (), (), ())),
        ("N = 7\nrevision = f'r{N}'\ndown_revision = f'r{6}'", ("r7", ("r6",), (), ())),
        (
            "B = ['x']\nrevision = 'a'\ndown_revision = None\ndepends_on = ('y',) + tuple(B)",
            ("a", (), (), ("y", "x")),
        ),
        ("B = ['x']\nrevision = 'a'\ndown_revision = ['b', *B]", ("a", ("b", "x"), (), ())),
        (
            "revision = 'a'\ndown_revision = None\ndepends_on = ['b']\ndepends_on += ['c']",
            ("a", (), (), ("b", "c")),
        ),
        ("revision = 'x'\nrevision = 'a'\ndown_revision = None", ("a", (), (), ())),
        ("b = 'x'\ndown_revision = b\nb = 'y'\nrevision = 'a'", ("a", ("x",), (), ())),
        ("revision = '-'.join(['a', 'b']).__str__\nrevision = 'a'\ndown_revision = None", ("a", (), (), ())),
        ("revision = '_'.join(('a', 'b'))\ndown_revision = str(12)", ("a_b", ("12",), (), ())),
        ("revision = 'a'\ndown_revision = None\nbranch_labels = 'web'", ("a", (), ("web",), ())),
        ("revision = 'a'\ndown_revision = None\nbranch_labels = (LABEL,)", ("a", (), (), ())),
        ("if TYPE_CHECKING:\n    import x\nrevision = 'a'\ndown_revision = None", ("a", (), (), ())),
    ],
)
def test_attributes_in_every_form(text, expected):
    script = read(text)
    assert attributes(script) == expected
    assert script.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "revision = 'a'\ndown_revision = previous()",
        "revision = 'a'\ndown_revision = BASE",
        "revision = 'a'\ndown_revision = os.environ['X']",
        "revision = 'a'\nfrom common import down_revision",
        "revision = 'a'; down_revision = None\nif new:\n    down_revision = 'b'",
        "revision = 'a'; down_revision = []\ndown_revision.append('b')",
        "revision = 'a'; down_revision = ['c']\ndown_revision[0] = 'b'",
        "revision = 'a'; down_revision = 'b'\ndown_revision *= 2",
        "revision = 'a'; down_revision = 'b'\ndel down_revision",
        "revision = 'a'\ndown_revision = f'{x:>4}'",
        "revision = 'a'\nfor down_revision in 'abc': pass",
        "revision = 'a'\ndown_revision, rest = split()",
        "revision = 'a'\ntry:\n    down_revision = 'x'\nexcept E:\n    pass",
    ],
)
def test_what_would_have_to_run_is_a_problem_and_never_a_guess(text):
    script = read(text)
    (problem,) = script.problems
    assert "`down_revision` is computed in a way that cannot be worked out" in problem.message
    assert problem.path == "versions/x.py"
    assert problem.line in (1, 2, 3)
    assert script.down_revisions == ()


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x = 1\nrevision = 'a'", "revision 'a' has no `down_revision`", 2),
        ("revision = 12\ndown_revision = None", "`revision` is 12, which is no revision id", 1),
        ("revision = ''\ndown_revision = None", "`revision` is '', which is no revision id", 1),
        (
            "revision = 'a-b'\ndown_revision = None",
            "revision id 'a-b' holds `-`, which Alembic does not allow",
            1,
        ),
        ("revision = 'a'\ndown_revision = 7", "`down_revision` holds 7, which is neither a text nor None", 2),
        ("revision = 'a'\ndown_revision = ('b', None)", "`down_revision` holds None, which is neither", 2),
        ("import os\n", "the file has no `revision`", 0),
        ("\nrevison = 'a'\ndown_revision = None", "the file has no `revision`", 2),
    ],
)
def test_attributes_that_are_wrong(text, message, line):
    (problem,) = read(text).problems
    assert problem.message.startswith(message)
    assert problem.line == line
    assert problem.fix


def test_a_misspelt_attribute_is_named():
    (problem,) = read("revison = 'a'\ndown_revision = None").problems
    assert problem.fix == "rename `revison` to `revision`"


def test_id_in_the_file_name_as_before_alembic_0_2():
    script = read("down_revision = None", "versions/1a2b.py")
    assert (script.revision, script.named_by_file, script.problems) == ("1a2b", True, ())


def test_values_that_grow_without_end():
    lines = ["a0 = 'xxxxxxxxxxxxxxxx'", *(f"a{n + 1} = a{n} + a{n}" for n in range(200))]
    script = read("\n".join([*lines, "revision = a200", "down_revision = None"]))
    assert [problem.message for problem in script.problems] == [
        "`revision` is computed in a way that cannot be worked out without running the script"
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["a0 = ('x', 'y')", *(f"a{n + 1} = (a{n}, a{n})" for n in range(30)), "revision = {a30}"],
        ["a0 = 'x' 'y'", *(f"a{n + 1} = (a{n}, [a{n}])" for n in range(30)), "revision = a30"],
        ["a0 = ['x'] + ['y']", *(f"a{n + 1} = [*a{n}, *a{n}]" for n in range(30)), "revision = tuple(a30)"],
        ["x = 0x" + "f" * 6_000, "revision = str(x)"],
        ["x = 0x" + "f" * 6_000, "revision = f'{x}'"],
        ["revision = 0x" + "f" * 6_000],
    ],
    ids=["a set of pairs of pairs", "pairs of pairs", "spread twice", "str of it", "an f-string", "a number"],
)
def test_values_that_would_fill_the_memory_are_not_made(lines):
    start = time.process_time()
    script = read("\n".join([*lines, "down_revision = None"]))
    assert [problem.message for problem in script.problems] == [
        "`revision` is computed in a way that cannot be worked out without running the script"
    ]
    assert time.process_time() - start < 5


def test_all_values_of_a_module_together_are_bounded():
    lines = [f"b{n} = '{n:05}' + '{'x' * 90_000}'" for n in range(40)]
    script = read(
        "\n".join([*lines, "revision = 'a'", f"down_revision = [{', '.join(f'b{n}' for n in range(40))}]"])
    )
    (problem,) = script.problems
    assert problem.message.startswith("`down_revision` is computed in a way that cannot be worked out")


def test_a_chain_of_names_longer_than_the_stack():
    lines = ["a0 = 'x'", *(f"a{n + 1} = a{n}" for n in range(5000))]
    script = read("\n".join([*lines, "revision = a5000", "down_revision = None"]))
    assert script.revision == ""
    assert len(script.problems) == 1


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"x = 1\ny = '\xe9'\n", "byte 0xe9 is not UTF-8", 2),
        (
            "# coding: ascii\nx = 'é'\n".encode(),
            "byte 0xc3 is not ascii, the encoding that the file names",
            2,
        ),
        (b"# -*- coding: klingon -*-\n", "the file says that its encoding is 'klingon'", 1),
        (b"# -*- coding: rot13 -*-\n", "the file says that its encoding is 'rot13'", 1),
        ("x = 1\n".encode("utf-16"), "the file is UTF-16, which Python does not read", 1),
        (b"x = 1\n\0\n", "the file holds a NUL byte", 2),
        (b"#" * 9_000_000, "the file has 8.6 MB", 0),
        (b"x = (1,\ny = 2)\n", "syntax error: ", 2),
        (b"def f(:\n", "syntax error: invalid syntax in `def f(:`", 1),
        (b"if x:\npass\n", "syntax error: expected an indented block", 2),
        (b"x = " + b"(" * 5000 + b")" * 5000, "", 1),
        (b"x = " + b"-" * 200_000 + b"1", "the code is nested too deeply to be read", 0),
        pytest.param(
            *(b"x = a" + b".b" * 100_000, "the code is nested too deeply to be read", 0),
            marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does read it"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_parsed(data, message, line):
    with pytest.raises(CannotJudge) as caught:
        read(data)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.path == "versions/x.py"
    assert problem.line == line
    assert problem.fix


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ((3, 11), "try:\n    pass\nexcept* E:\n    pass"),
        ((3, 12), "type Id = int"),
        ((3, 12), "def f[T](x: T): ..."),
        ((3, 12), "x = f'{d['a']}'"),
        ((3, 12), "x = f'{chr(10) + '\\n'}'"),
        ((3, 12), "x = f'{\n1}'"),
        ((3, 13), "class A[T = int]: ..."),
        ((3, 14), "x = t'{y}'"),
        ((3, 14), "try:\n    pass\nexcept A, B:\n    pass"),
    ],
)
def test_syntax_newer_than_this_python_says_so(version, line):
    if sys.version_info >= version:
        read(line)
        return
    with pytest.raises(CannotJudge) as caught:
        read(line)
    (problem,) = caught.value.problems
    wanted = f"Python {version[0]}.{version[1]}"
    assert problem.message.startswith(f"needs {wanted}, which brought ")
    assert problem.fix.startswith(f"run migration-lint with {wanted} or newer")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeffx = 'é'\r\ny = 1\r".encode(), "x = 'é'\ny = 1\n"),
        ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "# coding: latin-1\nx = 'é'\n"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), None),
    ],
)
def test_source_is_decoded_as_python_does(data, text):
    script = read(data)
    source = data.decode("cp1252") if text is None else text
    assert script.source() == source
    assert ast.dump(ast.parse(source)) == ast.dump(script.module())


def test_no_warning_about_what_the_author_wrote(recwarn):
    read(r"x = '\d' is 1")
    assert not recwarn.list


def test_a_record_stands_for_the_script():
    text = "revision = 'a'\ndown_revision = ('b', 'c')\nbranch_labels = 'web'\ndepends_on = 'd'\nx = 1\n"
    first = read('"""Why."""\n' + text)
    loads: list[int] = []

    def load() -> bytes:
        loads.append(1)
        return text.encode()

    record = ScriptRecord.from_json(json.loads(json.dumps(first.record.to_json())))
    again = Script("moved.py", "id", record, load)
    assert (attributes(again), again.message, again.line) == (attributes(first), "Why.", 2)
    assert again.record == first.record
    assert loads == []
    assert again.module() is again.module()
    assert loads == [1]
    again.forget()
    assert len(again.module().body) == 5
    assert loads == [1, 1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a1_x.py", True),
        (".hidden.py", True),
        ("__init__.py", False),
        ("__init__x.py", False),
        (".#a1.py", False),
        ("a1.py~", False),
        ("a1.pyc", False),
        ("README", False),
    ],
)
def test_which_files_are_revisions(name, expected):
    base = pytest.importorskip("alembic.script.base")
    assert is_revision_file(name) is expected
    assert bool(base._only_source_rev_file.match(name)) is expected
    assert bool(base._sourceless_rev_file.match(name)) is is_revision_file(name, sourceless=True)


def test_nothing_slow_is_imported():
    program = """
import sys, dataclasses
before = set(sys.modules)
from migration_lint.history.script_text import read_script
read_script("x.py", "", b"revision = 'a'; down_revision = None")
slow = {"alembic", "sqlalchemy", "sqlglot", "yaml", "configparser", "tomllib", "tomli", "difflib"}
print(sorted(slow & sys.modules.keys() - before))
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
