"""Histories of every shape that Alembic reads, beside what Alembic itself makes of them.

What Alembic refuses is refused here too. What it accepts is read as it reads it, or it is said that it cannot
be: those shapes are the ones that `said` marks.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from migration_lint.change import FolderTree
from migration_lint.errors import CannotJudge
from migration_lint.history import read_history, survey

Files = Mapping[str, "str | bytes"]

INI = "[alembic]\nscript_location = migrations\n"
ENV = "from alembic import context\n"
VERSIONS = "migrations/versions"


class Shape(NamedTuple):
    files: Files
    ini: str = "alembic.ini"
    section: str = "alembic"
    said: str = ""  # what is said of a history that Alembic can read


class Read(NamedTuple):
    """A history: each revision with what it stands on, what it depends on, its labels; heads and bases."""

    revisions: tuple[tuple[str, tuple[str, ...], frozenset[str], frozenset[str]], ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]


def script(revision: str = "b2", down: object = "a1", **more: object) -> str:
    attributes = {"revision": revision, "down_revision": down, **more}
    return "".join(f"{name} = {value!r}\n" for name, value in attributes.items())


FIRST = {f"{VERSIONS}/a1.py": script("a1", None)}


def project(files: Files, ini: str = INI) -> dict[str, str | bytes]:
    return {"alembic.ini": ini, "migrations/env.py": ENV, **files}


def graph(**revisions: str) -> dict[str, str | bytes]:
    """Scripts by their ids, each with the text behind `revision = …`."""
    return project(
        {f"{VERSIONS}/{name}.py": f"revision = {name!r}\n{text}\n" for name, text in revisions.items()}
    )


def shapes() -> Iterator[tuple[str, Shape]]:
    for name, text in ATTRIBUTES.items():
        yield f"attributes: {name}", Shape(project({**FIRST, f"{VERSIONS}/b2.py": text}))
    for name, (text, said) in SAID.items():
        yield f"said: {name}", Shape(project({**FIRST, f"{VERSIONS}/b2.py": text, **BESIDE}), said=said)
    for name, files in GRAPHS.items():
        yield f"graph: {name}", Shape(graph(**files))
    for place in NAMES:
        yield f"file name: {place}", Shape(project({**FIRST, f"{VERSIONS}/{place}": script()}))
    yield from locations()
    yield from settings()


ATTRIBUTES: dict[str, str | bytes] = {
    "plain": script(),
    "annotated": "revision: str = 'b2'\ndown_revision: str | None = 'a1'\n",
    "typed by a name that is there": "from typing import Union\nrevision: str = 'b2'\ndown_revision: Union[str, None] = 'a1'\n",
    "a tuple": script(down=("a1",)),
    "a list": script(down=["a1"]),
    "none": script(down=None),
    "an empty text": script(down=""),
    "an empty tuple": script(down=()),
    "an empty list": script(down=[]),
    "twice in a tuple": script(down=("a1", "a1")),
    "depends on nothing, an empty text": script(depends_on=""),
    "depends on nothing, an empty tuple": script(depends_on=()),
    "depends on nothing, None": script(depends_on=None),
    "depends on a tuple with an empty text": script(depends_on=("",)),
    "depends on an empty text and a revision": script(depends_on=("", "a1")),
    "depends on what it stands on": script(depends_on="a1"),
    "depends on itself": script(depends_on="b2"),
    "depends on nobody": script(depends_on="zz"),
    "depends on a list": script(down=None, depends_on=["a1"]),
    "stands on itself": script(down="b2"),
    "stands on nobody": script(down="zz"),
    "a label": script(branch_labels="x"),
    "two labels": script(branch_labels=("x", "y")),
    "a list of labels": script(branch_labels=["x"]),
    "an empty label": script(branch_labels=""),
    "no labels": script(branch_labels=None),
    "a label that is a revision": script(branch_labels="a1"),
    "an abbreviation": script(down="a"),
    "an id with a dash": script("b-2"),
    "an id with an at": script("b@2"),
    "an id with a plus": script("b+2"),
    "an id with a colon": script("b:2"),
    "an id with a dot": script("b.2"),
    "an id with a space": script("b 2"),
    "an id that is not ASCII": script("größe"),
    "no down_revision": "revision = 'b2'\n",
    "no revision": "down_revision = 'a1'\n",
    "nothing": "",
    "a syntax error": "revision = 'b2'\ndown_revision = (\n",
    "put together": "revision = 'b' + '2'\ndown_revision = 'a' + str(1)\n",
    "an f-string": "N = 2\nrevision = f'b{N}'\ndown_revision = f'a{N - 1}'\n".replace("N - 1", "1"),
    "by another name": "ME = 'b2'\nBELOW = 'a1'\nrevision = ME\ndown_revision = BELOW\n",
    "several targets": "revision = this = 'b2'\ndown_revision = below = 'a1'\n",
    "unpacked": "revision, down_revision = 'b2', 'a1'\n",
    "unpacked from a list": "[revision, down_revision] = ['b2', 'a1']\n",
    "bound twice": "revision = 'zz'\ndown_revision = 'yy'\nrevision = 'b2'\ndown_revision = 'a1'\n",
    "on one line": "revision = 'b2'; down_revision = 'a1'\n",
    "double quotes": 'revision = "b2"\ndown_revision = "a1"\n',
    "a raw text": "revision = r'b2'\ndown_revision = u'a1'\n",
    "texts side by side": "revision = 'b' '2'\ndown_revision = ('a' '1')\n",
    "a docstring": '"""A change."""\n' + script(),
    "a byte order mark": b"\xef\xbb\xbf" + script().encode(),
    "a byte order mark and a cookie": b"\xef\xbb\xbf# coding: utf-8\n" + script().encode(),
    "Latin-1 with a cookie": "# -*- coding: latin-1 -*-\n# größe\n".encode("latin-1") + script().encode(),
    "carriage returns": script().replace("\n", "\r\n"),
    "old carriage returns": script().replace("\n", "\r"),
    "a form feed": "\f" + script(),
    "no line end": script().rstrip("\n"),
    "a NUL": script() + "\0",
    "a tuple added to": "down_revision = ('a1',)\ndown_revision += ()\nrevision = 'b2'\n",
    "a text added to": "revision = 'b'\nrevision += '2'\ndown_revision = 'a1'\n",
    "a set of one": script() + "depends_on = {'a1'}\n",
    "tuple()": "revision = 'b2'\ndown_revision = tuple(['a1'])\n",
    "join": "revision = ''.join(['b', '2'])\ndown_revision = 'a1'\n",
    "a star in a tuple": "BELOW = ('a1',)\nrevision = 'b2'\ndown_revision = (*BELOW,)\n",
    "under if True": "if True:\n    revision = 'b2'\n    down_revision = 'a1'\n",
    "under if False": "revision = 'b2'\ndown_revision = 'a1'\nif False:\n    revision = 'c3'\n",
    "under else of if False": "if False:\n    revision = 'c3'\nelse:\n    revision = 'b2'\ndown_revision = 'a1'\n",
    "under TYPE_CHECKING": script()
    + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    revision = 'c3'\n",
    "set through globals()": "globals()['revision'] = 'b2'\ndown_revision = 'a1'\n",
    "set again through globals()": script("c3") + "globals()['revision'] = 'b2'\n",
    "set through vars()": script("c3") + "vars()['revision'] = 'b2'\n",
    "set through locals()": script("c3") + "locals()['revision'] = 'b2'\n",
    "set through globals().update": script("c3") + "globals().update(revision='b2')\n",
    "set through globals().update and a dict": script("c3") + "globals().update({'revision': 'b2'})\n",
    "set through a name of globals()": script("c3") + "g = globals()\ng['revision'] = 'b2'\n",
    "set through globals() where a function is not called": script()
    + "def f():\n    globals()['revision'] = 'c3'\n",
    "globals() only read": script() + "def upgrade():\n    globals()['upgrade_x']()\n",
    "a global in a function that is not called": script()
    + "def upgrade():\n    global revision\n    revision = 'c3'\n",
    "a local of a function": script() + "def upgrade():\n    revision = 'c3'\n",
    "a class's name": script() + "class X:\n    revision = 'c3'\n",
    "a walrus": "x = (revision := 'b2')\ndown_revision = 'a1'\n",
    "a comprehension's name": script() + "x = [revision for revision in ['c3']]\n",
    "a lambda's parameter": script() + "x = lambda revision: revision\n",
    "an import under the name": script() + "import os as branch_labels_\n",
    "deleted and bound again": script("c3") + "del revision\nrevision = 'b2'\n",
    "the names read": script() + "seen = 'revision' in globals() and globals()['revision'] == globals().get('x')\n",
    "a handler's name": script() + "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    pass\n",
    "an attribute of that name": script() + "class C:\n    pass\nC.branch_labels_ = 1\n",
    "a number": "revision = 2\ndown_revision = 'a1'\n",
    "a number below": "revision = 'b2'\ndown_revision = 1\n",
}  # fmt: skip

#: Modules beside the script.
BESIDE: Files = {"ids.py": "revision = 'b2'\nBELOW = 'a1'\n"}

NOT_TOLD = "is computed in a way that cannot be worked out without running the script"

SAID: dict[str, tuple[str | bytes, str]] = {
    "not UTF-8": ("# größe\n".encode("latin-1") + script().encode(), "byte 0xf6 is not UTF-8"),
    "the id of another": (script("a1", None), "revision 'a1' is in two files"),
    "an empty id": (script(""), "`revision` is '', which is no revision id"),
    "in the body of a with": ("import contextlib\nwith contextlib.suppress(Exception):\n    depends_on = None\n"
    + script(), NOT_TOLD),
    "from __name__": ("revision = __name__.removesuffix('_py')\ndown_revision = 'a1'\n", NOT_TOLD),
    "from the file's stem": ("from pathlib import Path\nrevision = Path(__file__).stem\ndown_revision = 'a1'\n", NOT_TOLD),
    "from the file's name": ("import os\nrevision = os.path.basename(__file__).split('.')[0]\ndown_revision = 'a1'\n", NOT_TOLD),
    "imported": (
        "import sys\nsys.path.insert(0, __file__.rsplit('/', 3)[0])\nfrom ids import revision\ndown_revision = 'a1'\n",
        NOT_TOLD,
    ),
    "imported with all": (
        "down_revision = 'a1'\nrevision = 'c3'\nimport sys\nsys.path.insert(0, __file__.rsplit('/', 3)[0])\nfrom ids import *\n",
        NOT_TOLD,
    ),
    "conditional": ("import os\nif os.sep:\n    revision = 'b2'\ndown_revision = 'a1'\n", NOT_TOLD),
    "conditional below": ("import os\nrevision = 'b2'\ndown_revision = 'a1' if os.sep else None\n", NOT_TOLD),
    "in a try": ("try:\n    revision = 'b2'\nexcept Exception:\n    revision = 'c3'\ndown_revision = 'a1'\n", NOT_TOLD),
    "in a loop": ("for revision in ('a0', 'b2'):\n    pass\ndown_revision = 'a1'\n", NOT_TOLD),
    "by a function": ("def f():\n    return 'b2'\nrevision = f()\ndown_revision = 'a1'\n", NOT_TOLD),
    "by a function with global": (
        "revision = 'c3'\ndown_revision = 'a1'\ndef f():\n    global revision\n    revision = 'b2'\nf()\n",
        NOT_TOLD,
    ),
    "by a function with globals()": (
        "revision = 'c3'\ndown_revision = 'a1'\ndef f():\n    globals()['revision'] = 'b2'\nf()\n",
        NOT_TOLD,
    ),
    "by a decorator": (
        "revision = 'c3'\ndown_revision = 'a1'\ndef f(g):\n    globals()['revision'] = 'b2'\n    return g\n@f\ndef upgrade():\n    pass\n",
        NOT_TOLD,
    ),
    "globals() with a computed key": (
        "revision = 'c3'\ndown_revision = 'a1'\nglobals()['rev' + 'ision'[0:]] = 'b2'\n",
        NOT_TOLD,
    ),
    "by exec": ("revision = 'c3'\ndown_revision = 'a1'\nexec(\"revision = 'b2'\")\n", NOT_TOLD),
    "by setattr": (
        "import sys\nrevision = 'c3'\ndown_revision = 'a1'\nsetattr(sys.modules.get(__name__, sys), 'x', 1)\nrevision = 'b2'\n",
        "",
    ),
    "by a method": (
        script("c3") + "class C:\n    def f(self):\n        global revision\n        revision = 'b2'\nC().f()\n",
        NOT_TOLD,
    ),
    "by a class's body": (script("c3") + "class C:\n    global revision\n    revision = 'b2'\n", NOT_TOLD),
    "by a name of what gives the names": (script("c3") + "g = globals\ng()['revision'] = 'b2'\n", NOT_TOLD),
    "by the names, handed over": (
        script("c3") + "def f(names):\n    names['revision'] = 'b2'\nf(globals())\n", NOT_TOLD,
    ),
    "by the names, in a list": (script("c3") + "for each in [globals()]:\n    each['revision'] = 'b2'\n", NOT_TOLD),
    "by a frame": (script("c3") + "import sys\nsys._getframe().f_globals['revision'] = 'b2'\n", NOT_TOLD),
    "by a function's names": (
        script("c3") + "def f(): pass\nf.__globals__['revision'] = 'b2'\n", NOT_TOLD,
    ),
    "by a method of the names": (
        script("c3") + "dict.__setitem__(globals(), 'revision', 'b2')\n", NOT_TOLD,
    ),
    "by an attribute of itself": (
        script("c3") + "import sys\nself = sys.modules[__name__]\nself.revision = 'b2'\n", NOT_TOLD,
    ),
    "by setattr on itself": (
        script("c3") + "import sys\nself = sys.modules[__name__]\nsetattr(self, 'revision', 'b2')\n", NOT_TOLD,
    ),
    "by a loop over an attribute of itself": (
        script("c3") + "import sys\nself = sys.modules[__name__]\nfor self.revision in ['b2']:\n    pass\n", NOT_TOLD,
    ),
    "by a walrus in a list": (script("c3") + "x = [(revision := y) for y in ['b2']]\n", NOT_TOLD),
    "by a pattern": (script("c3") + "match 'b2':\n    case revision:\n        pass\n", NOT_TOLD),
    "by a pattern with a star": (
        "revision = 'b2'\ndown_revision = 'a0'\nmatch ['x', 'a1']:\n    case [_, *down_revision]:\n        pass\n",
        NOT_TOLD,
    ),
    "a list that another name changes": (
        "revision = 'b2'\ndown_revision = []\nx = down_revision\nx.append('a1')\n", NOT_TOLD,
    ),
    "a list that a function is given": (
        "revision = 'b2'\ndown_revision = []\ndef f(x):\n    x.append('a1')\nf(down_revision)\n", NOT_TOLD,
    ),
    "a list that grows": ("revision = 'b2'\ndown_revision = []\ndown_revision.append('a1')\n", NOT_TOLD),
    "upper case": ("revision = 'B2'.lower()\ndown_revision = 'a1'\n", NOT_TOLD),
}  # fmt: skip

A1, NONE = "down_revision = 'a1'", "down_revision = None"

GRAPHS: dict[str, dict[str, str]] = {
    "one": {"a1": NONE},
    "two bases": {"a1": NONE, "b2": NONE},
    "a branch": {"a1": NONE, "b2": A1, "c3": A1},
    "a merge": {"a1": NONE, "b2": A1, "c3": A1, "d4": "down_revision = ('b2', 'c3')"},
    "a merge of a revision and what it stands on": {
        "a1": NONE, "b2": A1, "d4": "down_revision = ('a1', 'b2')",
    },
    "a circle of two": {"a1": "down_revision = 'b2'", "b2": A1},
    "a circle above a base": {"a0": NONE, "a1": "down_revision = ('a0', 'c3')", "b2": A1, "c3": "down_revision = 'b2'"},
    "no base": {"a1": "down_revision = 'zz'"},
    "a circle of dependencies": {
        "a1": NONE + "\ndepends_on = 'b2'", "b2": NONE + "\ndepends_on = 'a1'",
    },
    "a dependency across branches": {"a1": NONE, "b2": A1, "c3": A1 + "\ndepends_on = 'b2'"},
    "a dependency on a label": {"a1": NONE + "\nbranch_labels = 'x'", "c3": NONE + "\ndepends_on = 'x'"},
    "a dependency on a label at a head": {"a1": NONE + "\nbranch_labels = 'x'", "b2": A1, "c3": NONE + "\ndepends_on = 'x@head'"},
    "a dependency on an abbreviation": {"abc1": NONE, "c3": NONE + "\ndepends_on = 'abc'"},
    "a label twice": {"a1": NONE + "\nbranch_labels = 'x'", "b2": NONE + "\nbranch_labels = 'x'"},
    "a label twice in one branch": {"a1": NONE + "\nbranch_labels = 'x'", "b2": A1 + "\nbranch_labels = 'x'"},
    "a label below": {"a1": NONE, "b2": A1 + "\nbranch_labels = 'x'", "c3": "down_revision = 'x'"},
    "a dependency on a tuple": {"a1": NONE, "b2": NONE, "c3": NONE + "\ndepends_on = ('a1', 'b2')"},
    "ids that begin alike": {"a1": NONE, "a11": A1, "a111": "down_revision = 'a11'"},
    "ids that differ in case": {"a1": NONE, "A1": A1},
    "an id called head": {"a1": NONE, "head": A1},
    "an id called base": {"a1": NONE, "base": A1},
    "three heads": {"a1": NONE, "b2": A1, "c3": A1, "d4": A1},
    "a diamond twice": {
        "a1": NONE, "b2": A1, "c3": A1, "d4": "down_revision = ('b2', 'c3')",
        "e5": "down_revision = 'd4'", "f6": "down_revision = 'd4'", "g7": "down_revision = ('f6', 'e5')",
    },
}  # fmt: skip

NAMES = (
    "b2.py", "b2_a_change.py", "2024_01_01_b2.py", "01-b2.py", "b 2.py", ".#b2.py", ".b2.py", "__init__.py",
    "__init__x.py", "__initial.py", "b2.pyc", "b2.txt", "b2.py.bak", "b2.PY", "b2.pyi", "b2.pyw", "b2.py~",
    "größe.py", "b2.py.mako", "_b2.py", "b2..py", "sub/b2.py", "sub/deep/b2.py", "__pycache__/b2.py",
    "node_modules/b2.py",
)  # fmt: skip


def locations() -> Iterator[tuple[str, Shape]]:
    both = {"a/a1.py": script("a1", None), "b/b2.py": script()}
    for separator, between, lines in (
        ("none", " ", ""),
        ("none", ", ", ""),
        ("none", ",", ""),
        ("none", "  ", ""),
        ("none", ":", ""),
        ("none", "\n  ", ""),
        ("space", " ", "path_separator = space\n"),
        ("space", "  ", "path_separator = space\n"),
        ("space", ",", "path_separator = space\n"),
        ("newline", "\n  ", "path_separator = newline\n"),
        ("newline", "\n\n  ", "path_separator = newline\n"),
        (":", ":", "path_separator = :\n"),
        (":", " : ", "path_separator = :\n"),
        (";", ";", "path_separator = ;\n"),
        ("os", ":", "path_separator = os\n"),
        ("version, space", " ", "version_path_separator = space\n"),
        ("version, os", ":", "version_path_separator = os\n"),
        ("path before version", ":", "path_separator = :\nversion_path_separator = space\n"),
        ("unknown", " ", "path_separator = tab\n"),
    ):
        text = f"{INI}version_locations = {between.join(['a', 'b'])}\n{lines}"
        yield f"locations: {separator}, {between!r}", Shape(project(both, text))
    for value in (
        "a b a", "./a ./b", "%(here)s/a %(here)s/b", "a/ b/", "a b/../b", "a b nowhere", "a", "b", "migrations/../a b",
    ):  # fmt: skip
        text = f"{INI}version_locations = {value}\npath_separator = space\n"
        yield f"locations: {value}", Shape(project(both, text))
    yield "locations: empty", Shape(project(FIRST, INI + "version_locations =\n"))
    yield (
        "locations: the folder and one in it",
        Shape(
            project(
                {"a/a1.py": script("a1", None), "a/b/b2.py": script()},
                INI + "version_locations = a a/b\npath_separator = space\n",
            )
        ),
    )
    yield (
        "locations: and the default is left out",
        Shape(project({**both, **FIRST}, INI + "version_locations = a b\n")),
    )
    apart = project({**both, **FIRST, "a/a1.py": script("a1", None), "b/b2.py": script("b2", None)}, "")
    sections = (
        "[DEFAULT]\nscript_location = migrations\n"
        "[alembic]\nversion_locations = a\n[more]\nversion_locations = b\n"
    )
    own = f"{INI}[more]\nscript_location = migrations\nversion_locations = b\n"
    for name, text in (("shared", sections), ("own", own)):
        for section in ("alembic", "more"):
            yield (
                f"locations: a section with its own, scripts {name}: {section}",
                Shape({**apart, "alembic.ini": text}, section=section),
            )
    for file in ("alembic.ini", "more.ini"):
        second = {"alembic.ini": INI, "more.ini": INI + "version_locations = b\n"}
        yield f"locations: a second ini with its own: {file}", Shape({**apart, **second}, ini=file)
    for value in ("migrations", "./migrations", "%(here)s/migrations", "migrations/", "x/../migrations"):
        yield f"script_location: {value}", Shape(project(FIRST, f"[alembic]\nscript_location = {value}\n"))
    for value in ("pack:migrations", "pack.inner:db", "pack:inner/db"):
        place = value.replace(":", "/").replace(".", "/")
        yield f"script_location: {value}", Shape(
            {
                "alembic.ini": f"[alembic]\nscript_location = {value}\nprepend_sys_path = .\n",
                "pack/__init__.py": "", "pack/inner/__init__.py": "",
                f"{place}/env.py": ENV, f"{place}/versions/a1.py": script("a1", None),
            }
        )  # fmt: skip


def settings() -> Iterator[tuple[str, Shape]]:
    deep = {**FIRST, f"{VERSIONS}/sub/b2.py": script(), f"{VERSIONS}/sub/deep/c3.py": script("c3", "b2")}
    for value in ("true", "false", "True", "yes", "1", "", "on"):
        said = f"recursive_version_locations = {value}\n"
        yield f"recursive: {value!r}", Shape(project(deep, INI + said))
        yield (
            f"recursive, stated: {value!r}",
            Shape(project(deep, f"{INI}version_locations = migrations/versions\n{said}")),
        )
    for value in ("true", "false"):
        for name, files in {
            "no source": {f"{VERSIONS}/x.txt": ""},
            "source": {f"{VERSIONS}/b2.pyc": b"code", f"{VERSIONS}/b2.py": script()},
            "cached, source": {
                f"{VERSIONS}/__pycache__/b2.cpython-311.pyc": b"code",
                f"{VERSIONS}/b2.py": script(),
            },
        }.items():
            yield (
                f"sourceless {value}: {name}",
                Shape(project({**FIRST, **files}, INI + f"sourceless = {value}\n")),
            )
    sections = {
        "[alembic] last": f"[loggers]\nkeys = root\n\n{INI}",
        "[alembic] twice": INI + INI,
        "a default": "[DEFAULT]\nscript_location = migrations\n[alembic]\n",
        "a name of the default": "[DEFAULT]\nhome = migrations\n[alembic]\nscript_location = %(home)s\n",
        "colons": "[alembic]\nscript_location: migrations\n",
        "upper case keys": "[alembic]\nSCRIPT_LOCATION = migrations\n",
        "a comment above": "; x\n# y\n" + INI,
        "a comment behind": "[alembic]\nscript_location = migrations ; x\n",
        "spaces around": "[alembic]\n  script_location   =   migrations\n",
        "a byte order mark": "\ufeff" + INI,
        "percent signs": INI + "file_template = %%(rev)s_%%(slug)s\n",
        "a percent sign alone": INI + "x = 50%\n",
        "on the next line": "[alembic]\nscript_location =\n    migrations\n",
        "a key before any section": "x = 1\n" + INI,
        "a key twice": INI + "script_location = migrations\n",
        "a key without a value": INI + "x\n",
        "no such section": "[other]\nscript_location = migrations\n",
        "carriage returns": INI.replace("\n", "\r\n"),
    }
    for name, text in sections.items():
        yield f"ini: {name}", Shape(project(FIRST, text))
    two = "[other]\nscript_location = other\n" + INI
    other = {"other/env.py": ENV, "other/versions/z1.py": script("z1", None)}
    yield "ini: the first of two sections", Shape(project({**FIRST, **other}, two), section="other")
    yield "ini: the second of two sections", Shape(project({**FIRST, **other}, two))
    toml = '[tool.alembic]\nscript_location = "migrations"\n'
    for name, text in {
        "location": toml,
        "recursive": toml + "recursive_version_locations = true\n",
        "recursive, false": toml + "recursive_version_locations = false\n",
        "recursive, a text": toml + 'recursive_version_locations = "true"\n',
        "here": '[tool.alembic]\nscript_location = "%(here)s/migrations"\n',
        "a list": toml + 'version_locations = ["migrations/versions", "migrations/versions/sub"]\n',
        "a percent sign": '[tool.alembic]\nscript_location = "migrations%%"\n',
    }.items():
        files = {path: text for path, text in project(deep).items() if path != "alembic.ini"}
        yield f"toml: {name}", Shape({**files, "pyproject.toml": text}, ini="")


SHAPES = dict(shapes())

#: What is read although Alembic refuses it, or in folders that it has not been told of: env.py, or a command
#: line of the project's own, may say more than the configuration.
MORE = {
    "file name: sub/b2.py",
    "file name: sub/deep/b2.py",
    "ini: a byte order mark",
    "ini: no such section",
    "ini: on the next line",
    "script_location: x/../migrations",
    "toml: here",
    "toml: location",
    "toml: recursive, a text",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", sys.path[:])
    for name in [each for each in sys.modules if each.partition(".")[0] in ("pack", "ids")]:
        del sys.modules[name]
    sys.path_importer_cache.clear()  # "." is another folder in each test
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    return tmp_path


def alembic_reads(shape: Shape) -> Read | None:
    """What Alembic makes of the current folder; None where it refuses."""
    config = Config(shape.ini or None, toml_file="pyproject.toml", ini_section=shape.section)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            directory = ScriptDirectory.from_config(config)
            scripts = {
                script.revision: script for script in directory.revision_map._revision_map.values() if script
            }
            return Read(
                tuple(
                    sorted(
                        (
                            name,
                            tuple(sorted(set(each._versioned_down_revisions))),
                            frozenset(each._resolved_dependencies),
                            frozenset(each._orig_branch_labels),
                        )
                        for name, each in scripts.items()
                    )
                ),
                tuple(sorted(directory.get_heads())),
                tuple(sorted(directory.get_bases())),
            )
    except Exception as error:  # whatever a script or a file makes it raise
        print("Alembic:", type(error).__name__, error)
        return None


def we_read(folder: Path, shape: Shape) -> Read | CannotJudge:
    tree = FolderTree(folder)
    try:
        found = survey(tree, "").environments
        file = shape.ini or "alembic.ini"
        name = file if shape.section == "alembic" else f"{file} [{shape.section}]"
        history = read_history(tree, next((each for each in found if each.name == name), found[0]))
    except CannotJudge as error:
        return error
    except IndexError:
        return CannotJudge.of([])
    labels = {label: one.revision for one in history.scripts for label in one.branch_labels}
    return Read(
        tuple(
            sorted(
                (
                    one.revision,
                    tuple(sorted(one.down_revisions)),
                    frozenset(labels.get(each, each) for each in one.depends_on),
                    frozenset(one.branch_labels),
                )
                for one in history.scripts
            )
        ),
        history.heads,
        history.bases,
    )


@pytest.mark.parametrize("name", SHAPES)
def test_as_alembic(name: str, folder: Path) -> None:
    shape = SHAPES[name]
    for path, text in shape.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    wanted, found = alembic_reads(shape), we_read(folder, shape)
    if isinstance(found, CannotJudge):
        told = "\n".join(map(str, found.problems))
        assert wanted is None or (shape.said and shape.said in told), told
    elif name in MORE:
        assert found != wanted
        assert wanted is None or set(found.revisions) > set(wanted.revisions)
    else:
        assert found == wanted
