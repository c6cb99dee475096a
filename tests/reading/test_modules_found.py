"""Where a project's modules are found: by `show` and by `check`, in the same places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migration_lint.change import FolderTree, resolve_tree
from migration_lint.history import read_history, survey
from migration_lint.operations import Operation
from migration_lint.reading import read_paths
from migration_lint.reading.reader import Bundle, Reader
from migration_lint.store import Store

from ..projects import Repository, write

INI = "[alembic]\nscript_location = migrations\n"
ENV = "from alembic import context\n"
MODULE = "from alembic import op\n\n\ndef gone():\n    op.drop_table('{}')\n"


def script(imports: str, call: str = "gone()") -> str:
    return f"{imports}\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    {call}\n"


HELPER = script("from acme.tables import gone")
PACKAGE = {"lib/acme/__init__.py": "", "lib/acme/tables.py": MODULE.format("events")}


def simple(files: Mapping[str, str], text: str = HELPER) -> dict[str, str]:
    return {
        "alembic.ini": INI,
        "migrations/env.py": ENV,
        "migrations/versions/a1.py": text,
        **files,
    }


def in_lib(name: str, said: str) -> dict[str, str]:
    """A second package of the name keeps it from being the only place: it is the file's word that counts."""
    return simple(
        {**PACKAGE, name: said, "old/acme/__init__.py": "", "old/acme/tables.py": MODULE.format("x")}
    )


def on_the_path(said: str, *, by: str = "script") -> dict[str, str]:
    """`helper` is in two folders; what is put on `sys.path` says which."""
    found = simple(
        {"tools/db/helper.py": MODULE.format("events"), "other/helper.py": MODULE.format("x")},
        script(f"{said if by == 'script' else ''}\nfrom helper import gone"),
    )
    return {**found, "migrations/env.py": said + ENV} if by == "env.py" else found


FOUND: dict[str, Mapping[str, str]] = {
    "an ini inside a package under lib": {
        "lib/acme/__init__.py": "",
        "lib/acme/tables.py": MODULE.format("events"),
        "lib/acme/db/__init__.py": "",
        "lib/acme/db/alembic.ini": INI,
        "lib/acme/db/migrations/env.py": ENV,
        "lib/acme/db/migrations/versions/a1.py": HELPER,
    },
    "a Flask project below the repository": {
        "services/api/acme/__init__.py": "",
        "services/api/acme/tables.py": MODULE.format("events"),
        "services/api/acme/migrations/__init__.py": "",
        "services/api/acme/migrations/alembic.ini": "[alembic]\n",
        "services/api/acme/migrations/env.py": ENV,
        "services/api/acme/migrations/versions/a1.py": HELPER,
    },
    "a wheel without __init__.py": {
        "acme/tables.py": MODULE.format("events"),
        "acme/db/migrations/alembic.ini": "[alembic]\n",
        "acme/db/migrations/env.py": ENV,
        "acme/db/migrations/versions/a1.py": HELPER,
    },
    "prepend_sys_path": simple(
        {**PACKAGE, "alembic.ini": INI + "prepend_sys_path = lib\n", "acme/tables.py": MODULE.format("x")}
    ),
    "prepend_sys_path, several": simple(
        {**PACKAGE, "alembic.ini": INI + "prepend_sys_path = .:lib\npath_separator = :\n"}
    ),
    "setuptools, package-dir": in_lib("pyproject.toml", '[tool.setuptools]\npackage-dir = {"" = "lib"}\n'),
    "setuptools, one package's folder": simple(
        {
            "pyproject.toml": '[tool.setuptools.package-dir]\nacme = "code"\n',
            "code/__init__.py": "",
            "code/tables.py": MODULE.format("events"),
        }
    ),
    "setuptools, where": in_lib("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
    "Hatch": in_lib("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["lib/acme"]\n'),
    "Poetry": in_lib("pyproject.toml", '[tool.poetry]\npackages = [{include = "acme", from = "lib"}]\n'),
    "PDM": in_lib("pyproject.toml", '[tool.pdm.build]\npackage-dir = "lib"\n'),
    "uv": in_lib("pyproject.toml", '[tool.uv.build-backend]\nmodule-root = "lib"\n'),
    "pytest in pyproject.toml": in_lib("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["lib"]\n'),
    "pytest.ini": in_lib("pytest.ini", "[pytest]\npythonpath = lib\n"),
    "setup.cfg, package_dir": in_lib("setup.cfg", "[options]\npackage_dir =\n    = lib\n"),
    "setup.cfg, where": in_lib("setup.cfg", "[options.packages.find]\nwhere = lib\n"),
    "setup.py, package_dir": in_lib(
        "setup.py", "from setuptools import setup\nsetup(name='acme', package_dir={'': 'lib'})\n"
    ),
    "setup.py, find_packages": in_lib(
        "setup.py", "import setuptools\nsetuptools.setup(packages=setuptools.find_packages('lib'))\n"
    ),
    "os.path of __file__": on_the_path(
        "import os, sys\n"
        "sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..', 'tools', 'db'))\n"
    ),
    "pathlib of __file__": on_the_path(
        "import sys\nfrom pathlib import Path\nROOT = Path(__file__).resolve().parents[2]\n"
        "sys.path.append(str(ROOT / 'tools' / 'db'))\n"
    ),
    "a constant, from where Alembic is started": on_the_path(
        "from sys import path\npath.extend(['tools/db'])\n"
    ),
    "the working folder": on_the_path(
        "import os, sys as s\ns.path += [os.path.join(os.getcwd(), 'tools/db')]\n"
    ),
    "the path made anew": on_the_path("import sys\nsys.path = ['tools/db'] + sys.path\n"),
    "a slice of the path": on_the_path("import sys\nsys.path[0:0] = ['tools/db', 'nowhere']\n"),
    "a site directory": on_the_path("import site\nsite.addsitedir('tools/db')\n"),
    "a loop over names": on_the_path(
        "import os, sys\nHERE = os.path.abspath(os.path.dirname(__file__))\n"
        "for name in ('x', 'tools/db'):\n    sys.path.insert(0, f'{HERE}/../../{name}')\n"
    ),
    "env.py puts it there": on_the_path(
        "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tools', 'db'))\n",
        by="env.py",
    ),
    "inside upgrade": simple(
        {"tools/db/helper.py": MODULE.format("events"), "other/helper.py": MODULE.format("x")},
        script("", "import sys; sys.path.insert(0, 'tools/db'); import helper; helper.gone()"),
    ),
    "a namespace package": simple({"src/acme/tables.py": MODULE.format("events")}),
    "a package and a module of one name: the package": simple(
        {"acme/tables/__init__.py": MODULE.format("events"), "acme/tables.py": MODULE.format("x")}
    ),
    "a module that shadows one of Python's": simple(
        {"alembic.ini": INI + "prepend_sys_path = .\n", "colorsys.py": MODULE.format("events")},
        script("import colorsys", "colorsys.gone()"),
    ),
    "the only place": simple(PACKAGE),
    "the only place, no package": simple({"lib/acme/tables.py": MODULE.format("events")}),
}


def shown(folder: Path) -> list[Operation]:
    return [each for reading in read_paths([folder]) for each in reading.upgrade]


def checked(folder: Path) -> list[Operation]:
    tree = FolderTree(folder)
    (environment,) = survey(tree, "").environments
    reader = Reader(tree, environment, "postgresql", Bundle(Store(None), ""))
    history = read_history(tree, environment)
    return [each for one in history.scripts for each in reader.read(one)[0]]


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, FOUND[name])
    for found in (shown(folder), checked(folder)):
        assert [(each.kind, each.table) for each in found] == [("drop_table", "events")]


NOT_FOUND = {
    "a module inside a package is none of its own": simple(
        {"acme/__init__.py": "", "acme/redis.py": MODULE.format("events")},
        script("from redis import gone"),
    ),
    "nor is a package inside a package": simple(
        {"lib/x/__init__.py": "", "lib/x/redis/__init__.py": MODULE.format("events")},
        script("from redis import gone"),
    ),
    "two places": simple(
        {"a/acme/tables.py": MODULE.format("events"), "b/acme/tables.py": MODULE.format("events")}
    ),
    "what tests hold": simple({"tests/stubs/acme/tables.py": MODULE.format("events")}),
    "Python's own, which no path says otherwise": simple(
        {"colorsys.py": MODULE.format("events")}, script("import colorsys", "colorsys.gone()")
    ),
    "Python's own, which is loaded before": simple(
        {"alembic.ini": INI + "prepend_sys_path = .\n", "json.py": MODULE.format("events")},
        script("import json", "json.gone()"),
    ),
    "a path that leads out of the tree": on_the_path(
        "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), '../../../../tools/db'))\n"
    ),
    "a path that is not the interpreter's": on_the_path(
        "class sys:\n    path = []\nsys.path.append('tools/db')\n"
    ),
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_not_found(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "project", NOT_FOUND[name])
    for found in (shown(folder), checked(folder)):
        assert not [each for each in found if each.kind == "drop_table"]


COMPILED = {
    "an extension beside the source": "acme/tables.cpython-311-x86_64-linux-gnu.so",
    "an extension for Windows": "acme/tables.pyd",
    "compiled code without its source": "acme/tables.pyc",
    "compiled code that Python may take for the source": "acme/__pycache__/tables.cpython-311.pyc",
}


@pytest.mark.parametrize("name", COMPILED)
def test_a_compiled_module_is_opaque(name: str, tmp_path: Path) -> None:
    files: dict[str, str] = simple({"acme/__init__.py": "", COMPILED[name]: "code"})
    if not name.endswith("its source"):
        files["acme/tables.py"] = MODULE.format("x")
    repository = Repository.new(tmp_path / "project", files)
    tree, _ = resolve_tree(repository.path, "HEAD", {})
    (environment,) = survey(tree, "").environments
    reader = Reader(tree, environment, "postgresql", Bundle(Store(None), ""))
    found = reader.read(read_history(tree, environment).scripts[0])[0]
    assert {each.kind for each in found} == {"opaque"}
    assert any(f"{COMPILED[name]} is compiled code" in (each.reason or "") for each in found)


def test_what_is_read_hangs_on_the_path_too(tmp_path: Path) -> None:
    """The same script and modules mean something else where another folder comes first."""
    files = in_lib("setup.cfg", "[options.packages.find]\nwhere = lib\n")
    folder = write(tmp_path, files)
    store = Store(tmp_path / "cache")

    def read() -> list[str | None]:
        tree = FolderTree(folder)
        (environment,) = survey(tree, "").environments
        bundle = Bundle(store, "x")
        reader = Reader(tree, environment, "postgresql", bundle)
        found = reader.read(read_history(tree, environment).scripts[0])[0]
        bundle.save()
        return [each.table for each in found]

    assert read() == ["events"]
    (folder / "setup.cfg").write_text("[options.packages.find]\nwhere = old\n")
    assert read() == ["x"]


def test_what_was_read_in_two_trees_is_kept_of_both(tmp_path: Path) -> None:
    """A script whose modules a change edits is read once in either tree, however often it is judged."""
    files = in_lib("setup.cfg", "[options.packages.find]\nwhere = lib\n")
    write(tmp_path / "base", files)
    write(tmp_path / "head", {**files, "setup.cfg": "[options.packages.find]\nwhere = old\n"})
    cache = tmp_path / "cache"

    def read() -> list[str | None]:
        bundle = Bundle(Store(cache), "x")
        found: list[Operation] = []
        for name in ("base", "head"):
            tree = FolderTree(tmp_path / name)
            (environment,) = survey(tree, "").environments
            reader = Reader(tree, environment, "postgresql", bundle)
            found += reader.read(read_history(tree, environment).scripts[0])[0]
        bundle.save()
        return [each.table for each in found]

    assert read() == ["events", "x"]
    written = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    assert read() == ["events", "x"]
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()} == written
