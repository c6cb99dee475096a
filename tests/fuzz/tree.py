"""Folders of scripts, modules and data, with links, odd names and odd bytes, for the command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from migration_lint.cli import main
from tests.fuzz.limits import Failure, bounded

_SCRIPT = """\
from alembic import op
import sqlalchemy as sa
{imports}
revision = "{revision}"
down_revision = {down}


def upgrade():
    {body}
    op.drop_column("fuzz_table", "fuzz_column")
"""
_MODULES = [
    "helper",
    "pkg",
    "pkg.inner",
    "pkg.other",
    "versions",
    "env",
    "src.deep.mod",
    "a1",
    "b2",
    "alembic",
    "op",
]
_NAMES = ["run", "NAME", "*", "TABLES", "x", "inner", "missing", "__all__", "op", "Base"]
_BODIES = [
    "helper.run()",
    "helper.run(op)",
    "op.execute(open('drop.sql').read())",
    "op.execute(open(__file__).read())",
    "op.drop_table(NAME)",
    "for x in TABLES: op.drop_table(x)",
    "import pathlib; [op.execute(f.read_text()) for f in pathlib.Path(__file__).parent.glob('*.sql')]",
    "pkg.inner.run(pkg)",
    "import importlib; importlib.import_module('pkg.' + 'inner').run()",
    "x.run(); x()",
    "Base.metadata.drop_all(op.get_bind())",
    "pass",
]
_PIECES = [
    "from {m} import {n}",
    "import {m}",
    "from . import {n}",
    "from .{m} import {n}",
    "from .. import {n}",
    "from ... import *",
    "def run(*a): {m}.run(*a)",
    "def run(x=None): {n}()",
    "NAME = {n} + 'a'",
    "TABLES = [NAME] + {m}.TABLES",
    "class Base({m}.Base): pass",
    "class x(x): run = property(lambda self: self.run)",
    "__all__ = [{n!r}, *{m}.__all__]",
    "def __getattr__(name): return globals()[name]",
    "if NAME: from {m} import {n}\nelse: import {m} as {o}",
    "try:\n    import {m}\nexcept ImportError:\n    {o} = None",
    "globals().update(vars({m}))",
    "exec(open({m!r}).read())",
    "raise ImportError",
    "{n} = {n}",
    "del {o}",
    "import sys; sys.modules[__name__] = {m}",
]
_BYTES = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbfx = 1",
    b"# coding: utf-16\n",
    b"(" * 500,
    b"x = '\\ud800'",
    b"\x0c\r",
]
_FILES = [
    "helper.py",
    "pkg/__init__.py",
    "pkg/inner.py",
    "pkg/other.py",
    "src/deep/mod.py",
    "env.py",
    "drop.sql",
]
_FILES += [
    "op.py",
    "versions/helper.py",
    "versions/drop.sql",
    "versions/__init__.py",
    "alembic/__init__.py",
    "x.txt",
]


def tree(random: Random) -> str:
    """A tree as text: what is at each path, a JSON object a line."""
    lines = (
        [{"path": "alembic.ini", "text": "[alembic]\nscript_location = .\n"}] if random.randrange(2) else []
    )
    for number in range(random.randint(1, 3)):
        lines.append({"path": f"versions/{'abc'[number]}{number + 1}.py", "text": _script(random, number)})
    for path in random.sample(_FILES, random.randint(0, 8)):
        lines.append({"path": path, **_content(random, path)})
    return "\n".join(map(json.dumps, lines)) + "\n"


def _imports(random: Random) -> list[str]:
    return [
        random.choice(_PIECES[:6]).format(
            m=random.choice(_MODULES), n=random.choice(_NAMES), o=random.choice(_NAMES[:2])
        )
        for _ in range(random.randint(0, 4))
    ]


def _script(random: Random, number: int) -> str:
    return _SCRIPT.format(
        imports="\n".join(each for each in _imports(random) if each.split()[-1] not in ("op", "*")),
        revision=f"{'abc'[number]}{number + 1}",
        down=repr(f"{'abc'[number - 1]}{number}") if number else "None",
        body=random.choice(_BODIES),
    )


def _content(random: Random, path: str) -> dict[str, str]:
    kind = random.randrange(10)
    if kind == 0:
        return {
            "link": random.choice(
                ["..", ".", "/etc", "/etc/passwd", "/dev/zero", path, "helper.py", "../../x"]
            )
        }
    if kind == 1:
        return {"fifo": ""}
    if kind == 2:
        return {"bytes": random.choice(_BYTES).hex()}
    if path.endswith(".sql"):
        return {
            "text": random.choice(["DROP TABLE a; DROP TABLE b", "SELECT '", "\\i x.sql", ";" * 99, "\0"])
        }
    pieces = [
        random.choice(_PIECES).format(
            m=random.choice(_MODULES), n=random.choice(_NAMES), o=random.choice(_NAMES[:2])
        )
        for _ in range(random.randint(1, 6))
    ]
    return {"text": "\n".join(pieces) + "\n"}


def tree_is_read(text: str) -> None:
    """`show` answers for a tree, in time, without a fault, and sees the last drop of every script."""
    with TemporaryDirectory() as folder:
        top = Path(folder) / "project"
        for line in text.splitlines():
            _lay(top, line)
        if not top.is_dir():
            return
        out, err = io.StringIO(), io.StringIO()
        with bounded(len(text)), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(["show", "--format", "json", str(top)])
    said = out.getvalue() + err.getvalue()
    if status not in (0, 2) or "Traceback" in said or "internal error" in said:
        raise Failure(f"status {status}: {said[-2000:]}")
    for line in out.getvalue().splitlines():
        found = json.loads(line)
        whole = text.count('op.drop_column(\\"fuzz_table\\"')
        seen = any(
            each.get("table") == "fuzz_table" or (each["kind"] == "opaque" and "*" in each["tables"])
            for each in found["upgrade"]
        )
        if whole and not seen and found["path"].endswith(("a1.py", "b2.py", "c3.py")):
            raise Failure(f"missed: the last drop of a script: {found['path'][-5:]}")


def _lay(top: Path, line: str) -> None:
    try:
        entry = json.loads(line)
        place = top / entry["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        if "link" in entry:
            place.symlink_to(entry["link"])
        elif "fifo" in entry:
            os.mkfifo(place)
        else:
            place.write_bytes(bytes.fromhex(entry["bytes"]) if "bytes" in entry else entry["text"].encode())
    except (ValueError, OSError, KeyError, TypeError, AttributeError):
        return  # while a tree is made small, lines of it are no JSON any more
