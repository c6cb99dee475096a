"""Python that is newer than the one that runs, against what the newer one would make of it."""

from __future__ import annotations

import ast

import pytest

from migration_lint.newer_python import parse

SAME = [
    ("try:\n    f()\nexcept A, b.C[1, 2]:\n    pass\n", "try:\n    f()\nexcept (A, b.C[1, 2]):\n    pass\n"),
    ("try:\n    f()\nexcept* A, B:  # or\n    pass\n", "try:\n    f()\nexcept* (A, B):\n    pass\n"),
    ("class A[T: (int, str), *Ts, **P = [int]](B[T]):\n    x: T\n", "class A(B[T]):\n    x: T\n"),
    ("@d\nclass A[\n    T,\n](\n    B,\n):\n    pass\n", "@d\nclass A(B):\n    pass\n"),
    ("async def f[T](x: T = a[1]) -> T:\n    return x\n", "async def f(x: T = a[1]) -> T:\n    return x\n"),
    ("type M[T] = Select[tuple[T]]; x = 1\n", "M = Select[tuple[T]]; x = 1\n"),
    ("def f():\n    type M = int\n", "def f():\n    M = int\n"),
    ("f'{a['b']} {c:{d['e']}>3}'\n", "f\"{a['b']} {c:{d['e']}>3}\"\n"),
    ('f"{",".join(x)}" \'y\'\n', "f'{\",\".join(x)}' 'y'\n"),
    ("f'{f'{a['b']}'}'\n", "f'''{f\"{a['b']}\"}'''\n"),
    ('x = f"-{\n    a(\n        b,\n    )\n}"\n', "x = f'-{a(b)}'\n"),
    ("x = f'{\n    a['b']\n}'\n", "x = f'''{a['b']}'''\n"),
    (
        "type(x)\ntype = 3\nx = 'class A[T]: \\' except A, B:'\ntry: x\nexcept A, B: pass\n",
        "type(x)\ntype = 3\nx = 'class A[T]: \\' except A, B:'\ntry: x\nexcept (A, B): pass\n",
    ),
]


@pytest.mark.parametrize(("newer", "older"), SAME)
def test_newer_grammar_is_what_the_older_says_otherwise(newer: str, older: str) -> None:
    found = parse(newer)
    wanted = ast.parse(older)
    for tree in (found.tree, wanted):
        for node in ast.walk(tree):
            if hasattr(node, "type_params"):
                node.type_params = []
    if found.text == newer:
        pytest.skip("this Python parses it")
    assert ast.dump(found.tree) == ast.dump(wanted)


@pytest.mark.parametrize("newer", [each for each, _ in SAME])
def test_lines_stay_where_they_are(newer: str) -> None:
    assert parse(newer).text.count("\n") == newer.count("\n")


def test_type_parameters_are_kept_by_their_names() -> None:
    tree = parse("class A[T: int, *Ts, **P]:\n    def f[\n        U = int,\n    ](self): ...\n").tree
    classes = [node for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    names = [[each.name for each in getattr(node, "type_params", ())] for node in classes]
    assert names == [["T", "Ts", "P"], ["U"]]


@pytest.mark.parametrize(
    "text", ["print 'x'\n", "except A, B:\n", "f'{x", "class A[T", "f'{x['", "x = (", "'\\"]
)
def test_what_no_python_parses_raises_as_before(text: str) -> None:
    with pytest.raises(SyntaxError):
        parse(text)
