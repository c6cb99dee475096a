from __future__ import annotations

import pytest

from migration_lint.history import (
    History,
    compare,
    environments,
    pair,
    read_history,
    same_meaning,
)
from migration_lint.history.script_text import read_script

INI = "[alembic]\nscript_location = m\n"

BEFORE = '''"""Add a table.

Create Date: 2024-01-01
"""
from typing import Union

from alembic import op
import sqlalchemy as sa

revision = "b"
down_revision: Union[str, None] = "a"


def upgrade():
    """Go up."""
    op.add_column("t", sa.Column("c", sa.Text()))  # why


def downgrade():
    pass
'''


@pytest.fixture
def histories(tree):
    """The histories of every environment in a folder with these files."""

    def read(below: str, files: dict[str, str]) -> list[History]:
        written = tree(files, below)
        return [read_history(written, environment) for environment in environments(written, "")]

    return read


@pytest.fixture
def history(histories):
    def read(below: str, scripts: dict[str, str]) -> History:
        files = {f"m/versions/{name}.py": text for name, text in scripts.items()}
        (found,) = histories(below, {"alembic.ini": INI, "m/env.py": "", **files})
        return found

    return read


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# why", "# because"),
        ("Add a table.", "Add a column."),
        ('"""Go up."""', ""),
        ("    pass", '    """Nothing."""'),
        ("    pass", "    ..."),
        ("down_revision: Union[str, None] = ", "down_revision = "),
        ("from typing import Union\n", ""),
        ("def upgrade():", "def upgrade() -> None:"),
        ('("t", sa.Column("c", sa.Text()))', '(\n        "t",\n        sa.Column("c", sa.Text()),\n    )'),
        ('"t"', "u't'"),
        (
            "from alembic import op\nimport sqlalchemy as sa",
            "import sqlalchemy as sa\nfrom alembic import op",
        ),
        ("\n", "\r\n"),
    ],
)
def test_the_same_in_meaning(old, new):
    assert old in BEFORE
    before = read_script("x.py", "1", BEFORE.encode())
    assert same_meaning(before, read_script("x.py", "2", BEFORE.replace(old, new).encode()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"c"', '"d"'),
        ('down_revision: Union[str, None] = "a"', 'down_revision: Union[str, None] = "z"'),
        ("sa.Text()", "sa.Text(1)"),
        ("sa.Text()", "sa.Text(True)"),
        ("    pass", '    op.drop_column("t", "c")'),
        ("import sqlalchemy as sa", "import other as sa"),
        ("from alembic import op", "from .alembic import op"),
        ("op.add_column(", "if x: op.add_column("),
    ],
)
def test_another_meaning(old, new):
    assert old in BEFORE
    before = read_script("x.py", "1", BEFORE.encode())
    assert not same_meaning(before, read_script("x.py", "2", BEFORE.replace(old, new).encode()))


def test_types_of_constants_count():
    one, other = (read_script("x.py", text, text.encode()) for text in ("x = 1", "x = True"))
    assert not same_meaning(one, other)


def test_a_deep_expression():
    text = "x = " + " + ".join(["a"] * 800)
    before, after = (read_script("x.py", end, (text + end).encode()) for end in ("", "  # why"))
    assert same_meaning(before, after)


def test_new_edited_removed_and_moved(history, revision):
    base = history(
        "base",
        {
            "a": revision("a"),
            "b": revision("b", "a"),
            "c": revision("c", "b", "op.one()"),
            "d": revision("d", "c"),
            "e": revision("e", "d"),
        },
    )
    head = history(
        "head",
        {
            "a": revision("a") + "# a comment\n",
            "moved_b": revision("b", "a"),
            "c": revision("c", "b", "op.two()"),
            "f": revision("f", "d"),
            "d": revision("d", "c"),
            "g": revision("g", "f"),
        },
    )
    found = compare(base, head)
    assert [script.revision for script in found.new] == ["f", "g"]
    assert [(script.revision, script.path) for script in found.edited] == [("c", "m/versions/c.py")]
    assert [script.revision for script in found.removed] == ["e"]
    assert (found.base_heads, found.heads) == (("e",), ("g",))
    assert found.edited[0] is head.by_revision()["c"]


def test_a_history_that_begins_or_ends(history, revision):
    only = history("base", {"a": revision("a"), "b": revision("b", "a")})
    begun, ended = compare(None, only), compare(only, None)
    assert [script.revision for script in begun.new] == ["a", "b"]
    assert (begun.base_heads, begun.heads) == ((), ("b",))
    assert [script.revision for script in ended.removed] == ["a", "b"]
    assert (ended.base_heads, ended.heads) == (("b",), ())
    assert compare(None, None).new == ()


def test_pairs_of_histories(histories, revision):
    base = histories(
        "base",
        {
            "api/alembic.ini": INI,
            "api/m/versions/a.py": revision("a"),
            "job/alembic.ini": INI,
            "job/m/versions/j.py": revision("j"),
            "old/alembic.ini": INI,
            "old/m/versions/o.py": revision("o"),
        },
    )
    head = histories(
        "head",
        {
            "api/alembic.ini": INI.replace("= m", "= db"),
            "api/db/versions/a.py": revision("a"),
            "new/alembic.ini": INI,
            "new/m/versions/n.py": revision("n"),
            "services/job/alembic.ini": INI,
            "services/job/m/versions/j.py": revision("j"),
        },
    )
    names = [(old and old.environment.name, new and new.environment.name) for old, new in pair(base, head)]
    assert names == [
        ("api/alembic.ini", "api/alembic.ini"),
        (None, "new/alembic.ini"),
        ("job/alembic.ini", "services/job/alembic.ini"),
        ("old/alembic.ini", None),
    ]
