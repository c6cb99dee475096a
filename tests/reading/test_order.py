"""What a script means hangs on itself and on what it asked for, not on what was read before it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from migration_lint.change import FolderTree
from migration_lint.history import Environment
from migration_lint.history.script_text import read_script
from migration_lint.operations import to_json
from migration_lint.reading.project.surroundings import Surroundings
from migration_lint.reading.reader import Bundle, Reader
from migration_lint.store import Store

VERSIONS = "migrations/versions"


def script(name: str, imports: str, body: str, down: str = "pass") -> str:
    return (
        f"import sqlalchemy as sa\nfrom alembic import op\n{imports}\n\nrevision = {name!r}\n"
        f"down_revision = None\n\n\ndef upgrade():\n    {body}\n\n\ndef downgrade():\n    {down}\n"
    )


#: Folders of modules and scripts, by what scripts could do to each other in them.
CASES = {
    "modules that import each other": {
        "app/__init__.py": "",
        "app/a.py": "from app.b import PREFIX\nTABLE = PREFIX + 'a'\nSUFFIX = 'x'\n",
        "app/b.py": "from app.a import SUFFIX, TABLE\nPREFIX = 'p_'\nOTHER = TABLE + SUFFIX\n",
        "1": ("from app.a import TABLE", "op.drop_table(TABLE)"),
        "2": ("from app.b import OTHER", "op.drop_table(OTHER)"),
        "3": ("from app.b import PREFIX", "op.drop_table(PREFIX + 'c')"),
    },
    "a circle of names": {
        "app/__init__.py": "from app.a import *\nfrom app.b import *\n",
        "app/a.py": "import app\nONE = getattr(app, 'TWO', 'none') + '_one'\n",
        "app/b.py": "import app\nTWO = 'two' if not hasattr(app, 'ONE') else app.ONE + '_two'\n",
        "1": ("import app", "op.drop_table(app.ONE)"),
        "2": ("import app", "op.drop_table(app.TWO)"),
        "3": ("from app import ONE, TWO", "op.rename_table(ONE, TWO)"),
    },
    "a list of a module that scripts change": {
        "app/__init__.py": "TABLES = ['a', 'b']\nSETTINGS = {'schema': 'one'}\n",
        "1": ("import app", "app.TABLES.append('c'); [op.drop_table(each) for each in app.TABLES]"),
        "2": ("from app import TABLES", "[op.drop_table(TABLES.pop()) for each in range(2)]"),
        "3": ("from app import SETTINGS as S", "S['schema'] = 'two'; op.drop_table('t', schema=S['schema'])"),
        "4": ("import app", "op.drop_table('t', schema=app.SETTINGS['schema'])"),
        "5": ("import app", "app.TABLES = ['z']", "[op.drop_table(each) for each in app.TABLES]"),
    },
    "an operation that a module registers": {
        "app/__init__.py": (
            "from alembic.operations import Operations, MigrateOperation\n"
            "@Operations.register_operation('drop_for_good')\n"
            "class DropForGood(MigrateOperation):\n"
            "    @classmethod\n"
            "    def drop_for_good(cls, operations, table):\n"
            "        operations.drop_table(table)\n"
        ),
        "1": ("", "op.drop_for_good('a')", "op.drop_for_good('b')"),
        "2": ("import app", "op.drop_for_good('c')"),
        "3": ("", "op.drop_for_good('d')"),
    },
    "a MetaData of a module": {
        "app/__init__.py": (
            "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
            "ONE = sa.Table('one', metadata, sa.Column('id', sa.Integer))\n"
            "TWO = sa.Table('two', metadata, sa.Column('id', sa.Integer))\n"
        ),
        "1": ("from app import metadata", "metadata.drop_all(op.get_bind())", "metadata.create_all()"),
        "2": ("from app import TWO", "TWO.drop(op.get_bind())"),
        "3": ("import app", "sa.Table('three', app.metadata); app.metadata.drop_all(op.get_bind())"),
    },
    "a name that takes more than its share": {
        "app/__init__.py": "LONG = [f't{n}' for n in range(9_000)][-1]\nSHORT = 'short'\n",
        "1": ("import app", "[n for n in range(16_000)]; op.drop_table(app.LONG)"),
        "2": ("from app import LONG, SHORT", "op.rename_table(SHORT, LONG)"),
        "3": ("from app import SHORT", "op.drop_table(SHORT)"),
    },
}


@pytest.fixture(params=CASES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for path, text in CASES[request.param].items():
        place = tmp_path / (path if path.endswith(".py") else f"{VERSIONS}/{path}_change.py")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text if isinstance(text, str) else script(path, *text))
    return tmp_path


def reader(folder: Path) -> tuple[FolderTree, Reader]:
    tree = FolderTree(folder)
    return tree, Reader(
        tree, Environment("", "", "migrations", (VERSIONS,)), "postgresql", Bundle(Store(None), "")
    )


def read(folder: Path, paths: Sequence[str]) -> dict[str, object]:
    """What each script does and asked for, read one after the other in this order."""
    tree, reads = reader(folder)
    found: dict[str, object] = {}
    for path in paths:
        one = read_script(path, tree.files()[path], tree.read(path))
        upgrade, downgrade, _ = reads.read(one)
        found[path] = (
            [to_json(each) for each in upgrade],
            [to_json(each) for each in downgrade],
            reads.asked(one),
        )
    return found


def test_scripts_mean_the_same_in_any_order_and_alone(folder: Path) -> None:
    paths = sorted(path.relative_to(folder).as_posix() for path in (folder / VERSIONS).iterdir())
    alone = {path: read(folder, [path])[path] for path in paths}
    assert all(upgrade or downgrade for upgrade, downgrade, _ in alone.values())  # type: ignore[misc]
    for order in list(permutations(paths))[:24]:
        assert read(folder, order) == alone


def test_all_that_was_asked_for_is_kept(folder: Path) -> None:
    """Whatever module is taken away, each script that would mean something else then is read anew."""
    paths = sorted(path.relative_to(folder).as_posix() for path in (folder / VERSIONS).iterdir())
    before = {path: read(folder, [path])[path] for path in paths}
    for module in sorted((folder / "app").iterdir()):
        text = module.read_text()
        module.write_text(text.replace("'", "'z"))
        around = Surroundings(FolderTree(folder))
        for path in paths:
            upgrade, downgrade, asked = before[path]  # type: ignore[misc]
            if around.hold(asked):
                after = read(folder, [path])[path]
                assert after[:2] == (upgrade, downgrade), (module.name, path)  # type: ignore[index]
        module.write_text(text)
