"""What runs by an import, a decorator, a base or a listener is read, or said to be unreadable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migration_lint.reading import read_paths

HEAD = 'from alembic import op\nimport sqlalchemy as sa\nrevision = "1"\ndown_revision = None\n'
DROP = 'from alembic import op\nop.drop_column("t", "c")\n'
SQL = '    op.execute("ALTER TABLE t DROP COLUMN " + h.NAME)\n'
UPGRADE = "def upgrade():\n"
LISTENER = 'sa.event.listen(sa.Table, "after_create", sa.DDL("ALTER TABLE t DROP COLUMN c"))\n'

#: The script after its head, and the modules beside it; what is found in upgrade.
CASES: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "a module imported by a call": (
        f'import importlib\n{UPGRADE}    importlib.import_module("app.t")\n',
        {"app/t.py": DROP},
        "drop_column",
    ),
    "a relative one": (
        f'import importlib\n{UPGRADE}    importlib.import_module(".t", "app")\n',
        {"app/t.py": DROP},
        "drop_column",
    ),
    "by the builtin": (f'{UPGRADE}    __import__("app.t")\n', {"app/t.py": DROP}, "drop_column"),
    "by a call at the top of another": (
        f"import app.h\n{UPGRADE}    pass\n",
        {"app/h.py": 'from importlib import import_module\nimport_module("app.t")\n', "app/t.py": DROP},
        "drop_column",
    ),
    "one that is not known": (
        f'import importlib, os\n{UPGRADE}    importlib.import_module(os.environ["M"])\n', {}, "opaque"
    ),
    "a name of another module set anew": (
        f'from app import h\nh.NAME = "c"\n{UPGRADE}{SQL}', {"app/h.py": 'NAME = "other"\n'}, "drop_column c"
    ),
    "set anew by a third": (
        f"import app.g\nfrom app import h\n{UPGRADE}{SQL}",
        {"app/h.py": 'NAME = "other"\n', "app/g.py": 'from app import h\nh.NAME = "c"\n'},
        "drop_column c",
    ),
    "a library's decorator": (f"import acme\n@acme.T\n{UPGRADE}    pass\n", {}, "opaque"),
    "of a helper": (f"import acme\n@acme.T\ndef go(): pass\n{UPGRADE}    go()\n", {}, "opaque"),
    "a base of a library, its method": (
        f"import acme\nclass X(acme.Drop):\n    pass\n{UPGRADE}    X().run()\n", {}, "opaque"
    ),
    "the class itself": (f"import acme\nclass X(acme.Drop):\n    pass\n{UPGRADE}    X.run()\n", {}, "opaque"),
    "a listener that is SQL": (
        f'{LISTENER}{UPGRADE}    op.create_table("z", sa.Column("id", sa.Integer()))\n', {}, "drop_column c"
    ),
    "a call that an application makes": (
        f"import app.h\n{UPGRADE}    pass\n", {"app/h.py": 'import acme\nacme.cleanup("t")\n'}, ""
    ),
    "frameworks of an application": (
        f"from app.models import KINDS\n{UPGRADE}    KINDS[0]\n",
        {
            "app/models.py": "from flask import Flask\napp = Flask(__name__)\n"
            '@app.route("/")\ndef x(): pass\n'
            'app.register_blueprint(x)\nKINDS = ["a"]\n'
        },
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_runs_is_read(name: str, tmp_path: Path) -> None:
    script, modules, expected = CASES[name]
    ini = "[alembic]\nscript_location = app/migrations\n"
    files = {
        "alembic.ini": ini,
        "app/__init__.py": "",
        **modules,
        "app/migrations/versions/a.py": HEAD + script,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (reading,) = read_paths([tmp_path / "app/migrations/versions/a.py"])
    found = {f"{each.kind} {each.column or ''}" for each in reading.upgrade if each.kind != "create_table"}
    if expected:
        assert any(each.startswith(expected) for each in found), found
    else:
        assert not found
