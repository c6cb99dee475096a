"""What an application does when it is imported is worked out once, and every script is read as if alone."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from migration_lint.change import FolderTree
from migration_lint.reading import Reading, read_paths
from migration_lint.reading.models.alone import Application
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.script import read_module

APPLICATION = {
    "app/__init__.py": "",
    "app/hooks.py": "HOOKS = []\nNAME = 'other'\n\n\ndef run():\n    for hook in HOOKS:\n        hook()\n",
    # Its top calls what carries: `connect` holds an engine.
    "app/db.py": "import sqlalchemy as sa\nfrom app import hooks\n\n\ndef connect():\n"
    "    return sa.create_engine(hooks.NAME)\n",
    "app/start.py": "from app import hooks\nfrom app.db import connect\n\nconnect()\nhooks.run()\n",
    "app/drop.py": "from app.db import connect\n\n"
    "connect().connect().exec_driver_sql('ALTER TABLE t DROP COLUMN c')\n",
    "app/tables.py": "import sqlalchemy as sa\n\nt = sa.Table('n', sa.MetaData())\n\n\n"
    "@sa.event.listens_for(t, 'after_create')\ndef created(target, connection, **more):\n"
    "    connection.exec_driver_sql('ALTER TABLE t DROP COLUMN c')\n",
    "app/types.py": "import sqlalchemy as sa\nfrom sqlalchemy.ext.compiler import compiles\n\n\n"
    "class Small(sa.Integer):\n    pass\n\n\n@compiles(Small)\ndef written(element, compiler, **more):\n"
    "    return 'int, DROP COLUMN c'\n",
    "app/names.py": "from app import hooks\nfrom app.db import connect\n\nconnect()\nhooks.NAME = 'c'\n",
}
PLAIN = "import app.start\n\n\ndef upgrade():\n    pass\n"
#: Scripts; what each does in its upgrade: a drop, be it said or not worked out, or something else.
SCRIPTS = {
    "only imports": (PLAIN, ""),
    "hooks itself in before": (
        "from app import hooks\nhooks.HOOKS.append(lambda: op.drop_column('t', 'c'))\n" + PLAIN,
        "drop_column",
    ),
    "sets a function of it before": (
        "from app import db\ndb.connect = lambda: op.drop_column('t', 'c')\n" + PLAIN,
        "drop_column",
    ),
    "sets one by the names of its module": (
        "from app import db\nvars(db)['connect'] = lambda: op.drop_column('t', 'c')\n" + PLAIN,
        "drop_column",
    ),
    "updates the names of its module": (
        "from app import db\ndb.__dict__.update(connect=lambda: op.drop_column('t', 'c'))\n" + PLAIN,
        "drop_column",
    ),
    "hooks itself in by a helper of its own": ("from migrations import beside\n" + PLAIN, "drop_column"),
    "what drops by itself": ("import app.drop\n\n\ndef upgrade():\n    pass\n", "drop_column"),
    "what changes another module": (
        "import app.names\nfrom app import hooks\n\n\ndef upgrade():\n    op.drop_column('t', hooks.NAME)\n",
        "drop_column",
    ),
    "makes a table that is listened to": (
        "from app.tables import t\n\n\ndef upgrade():\n    t.create(op.get_bind())\n",
        "drop_column",
    ),
    "has a type that another function writes": (
        "import app.types\n\n\ndef upgrade():\n    op.add_column('t', app.types.Small())\n",
        "drop_column",
    ),
    "asks for a name of it": (
        "import app.start\nfrom app import hooks\n\n\ndef upgrade():\n    op.add_column('t', hooks.NAME)\n",
        "other_ddl",
    ),
}
#: It hangs on what another module may have changed before.
LATE = {
    "app/late.py": "from app import hooks\nfrom app.db import connect\n\n"
    "connect().connect().exec_driver_sql('ALTER TABLE t DROP COLUMN ' + hooks.NAME)\n",
}
INI = "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
BESIDE = (
    "from alembic import op\nfrom app import hooks\nhooks.HOOKS.append(lambda: op.drop_column('t', 'c'))\n"
)


def written(folder: Path, scripts: Mapping[str, tuple[str, str]]) -> dict[str, Path]:
    for path, text in {**APPLICATION, **LATE, "migrations/beside.py": BESIDE, "alembic.ini": INI}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "migrations/versions").mkdir()
    paths = {}
    for number, (name, (text, _)) in enumerate(scripts.items(), 1):
        paths[name] = folder / f"migrations/versions/r{number}_.py"
        paths[name].write_text(
            f"from alembic import op\nrevision = 'r{number}'\ndown_revision = None\n{text}"
        )
    return paths


def does(reading: Reading) -> str:
    kinds = {operation.kind for operation in reading.upgrade}
    return "drop_column" if kinds & {"drop_column", "opaque"} else " ".join(kinds)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_script_does(tmp_path: Path, name: str) -> None:
    (path,) = written(tmp_path, {name: SCRIPTS[name]}).values()
    (reading,) = read_paths([path])
    assert does(reading) == SCRIPTS[name][1]


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_no_script_is_read_by_what_another_did(tmp_path: Path, backwards: bool) -> None:
    scripts = dict(reversed(SCRIPTS.items())) if backwards else SCRIPTS
    paths = written(tmp_path, scripts)
    found = {
        reading.path.rpartition("/")[2]: does(reading)
        for reading in read_paths([tmp_path / "migrations/versions"])
    }
    assert {name: found[path.name] for name, path in paths.items()} == {
        name: expected for name, (_, expected) in scripts.items()
    }


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_a_module_is_run_again_where_others_changed_what_it_finds(tmp_path: Path, backwards: bool) -> None:
    imports = {
        "alone": ("import app.late", ["other"]),
        "behind a change": ("import app.names\nimport app.late", ["c"]),
        "before a change": ("import app.late\nimport app.names", ["other"]),
        "behind the same change": ("import app.names, app.start\nimport app.late", ["c"]),
    }
    order = dict(reversed(imports.items())) if backwards else imports
    paths = written(
        tmp_path, {name: (f"{text}\n\n\ndef upgrade():\n    pass\n", "") for name, (text, _) in order.items()}
    )
    found = {
        reading.path.rpartition("/")[2]: [operation.column for operation in reading.upgrade]
        for reading in read_paths([tmp_path / "migrations/versions"])
    }
    assert {name: found[path.name] for name, path in paths.items()} == {
        name: dropped for name, (_, dropped) in imports.items()
    }


def test_a_listener_is_registered_once(tmp_path: Path) -> None:
    name = "makes a table that is listened to"
    (reading,) = read_paths(written(tmp_path, {name: SCRIPTS[name]}).values())
    assert [operation.kind for operation in reading.upgrade] == ["create_table", "drop_column"]


def test_asking_what_a_class_is_mapped_to_changes_nothing_in_its_module(tmp_path: Path) -> None:
    mapped = {
        "app/models.py": "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\n\n"
        "Base = declarative_base()\n\n\nclass User(Base):\n    __tablename__ = 'users'\n"
        "    __table_args__ = (sa.UniqueConstraint('name'),)\n"
        "    id = sa.Column(sa.Integer, primary_key=True)\n    name = sa.Column(sa.Text)\n",
        "app/audit.py": "from sqlalchemy import event\nfrom app.models import User\n\n\n"
        "@event.listens_for(User, 'after_insert')\ndef created(mapper, connection, target):\n"
        "    connection.execute(User.__table__.delete().where(User.name == target.name))\n",
    }
    path = "migrations/versions/r1_.py"
    script = "import app.audit\n\n\ndef upgrade():\n    pass\n"
    for name, text in {**APPLICATION, **mapped, path: script}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    files = ProjectFiles(FolderTree(tmp_path), "migrations/versions")
    read_module(ast.parse(script), path, "postgresql", files)
    assert not Application.around(files).known["app.audit"].stirs
