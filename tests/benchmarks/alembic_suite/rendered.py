"""The code that autogenerate writes in Alembic's tests, as scripts."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from migration_lint.operations import DIALECTS
from tests.benchmarks.alembic_suite.calls import Script, text_of

FILES = (
    "test_autogen_render.py", "test_autogen_diffs.py", "test_autogen_composition.py",
    "test_autogen_indexes.py", "test_autogen_check_constraints.py", "test_postgresql.py", "test_mysql.py",
    "test_mssql.py", "test_sqlite.py", "test_oracle.py",
)  # fmt: skip
IMPORTS = (
    "import sqlalchemy as sa",
    "from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite",
    "from sqlalchemy import Text",
)

#: What pytest loads to note each text that is rendered.
PLUGIN = """
import json
import os

from alembic.autogenerate import render


def pytest_configure(config):
    renders = render.render_op

    def render_op(context, op):
        lines = renders(context, op)
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        dialect = context.migration_context.dialect.name
        with open(os.environ["RENDERED"], "a") as noted:
            noted.write(json.dumps([test, dialect, "\\n".join(map(str, lines))]) + "\\n")
        return lines

    render.render_op = render_op
"""


def scripts_of(checkout: Path) -> Iterator[Script]:
    """Every text that the tests have rendered, once."""
    seen: dict[tuple[str, str], None] = {}
    for test, dialect, text in _texts(checkout):
        text = text.replace("sqlalchemy_piece.", "sa.")
        prefix = re.match(r"([\w.]+)\.(?=\w+\()", text)
        if text.startswith("batch_op."):
            text = "with op.batch_alter_table('batched') as batch_op:\n" + indent(text, "    ")
        elif prefix is not None and not text.startswith(("with ", "op.")):
            text = text.replace(f"{prefix[1]}.", "op.")  # as the test has `alembic` imported
        if not text.strip() or (dialect, text) in seen:
            continue
        seen[dialect, text] = None
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        name = re.sub(r"\W+", "_", test.rpartition("/")[2].replace(".py::", "_"))
        dialects = [each for each in DIALECTS if each == dialect] or DIALECTS
        name = f"rendered_{name}_{len(seen)}"
        yield Script(name, dialects, text_of(name, IMPORTS, text))


def _texts(checkout: Path) -> Iterator[tuple[str, str, str]]:
    """The test, the dialect, and the text of everything that is rendered while the tests run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "noting_what_is_rendered.py").write_text(PLUGIN)
        noted = Path(folder, "rendered")
        noted.touch()
        files = [f"tests/{name}" for name in FILES if (checkout / "tests" / name).exists()]
        path = os.pathsep.join([folder, str(checkout)])
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "noting_what_is_rendered", "-p", "no:randomly",
             "-p", "no:cacheprovider", *files],
            cwd=checkout, stdout=subprocess.DEVNULL, check=False, timeout=1200,
            env={**os.environ, "PYTHONPATH": path, "RENDERED": str(noted), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        for line in noted.read_text().splitlines():
            test, dialect, text = json.loads(line)
            yield test, dialect, text
