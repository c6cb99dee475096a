"""What is done in a file is read the same, whether or not files are gone through that do not lead there."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.change import FolderTree
from migration_lint.sources import Codebase, narrow, paths_through_models, read_source

MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""
ADD = "def add(session, model):\n    session.add(model(name='x'))\n"
#: Whose function gets the model only from another file, and how that file comes to call it.
TREES = {
    "imported": {
        "shop/store.py": ADD,
        "jobs/run.py": "from shop.store import add\n{use}    add(s, Account)\n",
    },
    "module": {
        "shop/__init__.py": "",
        "shop/store.py": ADD,
        "jobs/run.py": "import shop\n{use}    shop.store.add(s, Account)\n",
    },
    "in parentheses": {
        "shop/__init__.py": "",
        "shop/store.py": ADD,
        "jobs/run.py": "from shop import (  # (all)\n    store as kept,\n)\n{use}    kept.add(s, Account)\n",
    },
    "handed on": {
        "shop/__init__.py": "from .store import *\n",
        "shop/store.py": ADD,
        "jobs/run.py": "def f(s):\n    import shop; from models import Account\n    shop.add(s, Account)\n",
    },
    "relative": {
        "shop/__init__.py": ADD,
        "shop/jobs/run.py": "from .. import add\n{use}    add(s, Account)\n",
    },
    "over lines": {
        "shop/__init__.py": "",
        "shop/store.py": ADD,
        "jobs/run.py": "from shop \\\n    import \\\n    store\n{use}    store.add(s, Account)\n",
    },
    "a class that inherits": {
        "jobs/run.py": (
            "import sqlalchemy\nclass Runner:\n    def run(self, session):\n"
            "        self.add(session, self.model)\n"
        ),
        "shop/store.py": (
            "from jobs.run import Runner\nfrom models import Account\nclass Adder(Runner):\n"
            "    model = Account\n    def add(self, session, model):\n        session.add(model(name='x'))\n"
        ),
    },
    "through a third": {
        "shop/store.py": ADD,
        "shop/way.py": "import shop.store as at\ndef on(s, m):\n    at.add(s, m)\n",
        "jobs/run.py": "from shop import way\n{use}    way.on(s, Account)\n",
    },
}
USE = "from models import Account\ndef run(s):\n"


@pytest.mark.parametrize("name", TREES)
def test_what_callers_hand_over_is_known_though_only_one_file_is_asked_for(name: str, tmp_path: Path) -> None:
    for path, text in {"models.py": MODELS, **TREES[name]}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text.replace("{use}", USE))
    (tmp_path / "apart.py").write_text(USE + "    s.get(Account, 1)\n")
    tree = FolderTree(tmp_path)
    whole = Codebase(tree)
    assert {"apart.py"} < paths_through_models(whole)
    for path in tree.files():
        narrowed = Codebase(tree)
        narrow(narrowed, [path])
        assert read_source(path, tree, codebase=narrowed, dialect="postgresql") == read_source(
            path, tree, codebase=whole, dialect="postgresql"
        )
    asked = "shop/store.py" if "shop/store.py" in tree.files() else "shop/__init__.py"
    inserts = [each for each in read_source(asked, tree, "postgresql", None, whole).statements if each.uses]
    assert [each.uses[0].table for each in inserts] == ["accounts"]


def test_a_file_that_was_not_said_to_be_asked_for_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "one.py").write_text(USE + "    s.get(Account, 1)\n")
    (tmp_path / "other.py").write_text(USE + "    s.get(Account, 1)\n")
    tree = FolderTree(tmp_path)
    codebase = Codebase(tree)
    narrow(codebase, ["one.py"])
    assert paths_through_models(codebase) == {"one.py"}
    assert read_source("other.py", tree, "postgresql", None, codebase).statements
    assert read_source("one.py", tree, "postgresql", None, codebase).statements
