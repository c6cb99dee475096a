"""Links, submodules, compiled code and folders of others, where scripts or modules are looked for.

Each is judged in every kind of tree: two folders, two commits, the index, the work tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .projects import (
    CONSUMER,
    FIRST,
    PRODUCER,
    PROJECT,
    VERSIONS,
    Repository,
    Runner,
    Verdict,
    revision,
    script,
    write,
)

DROP = 'op.drop_column("deployment_events", "hint")'
HELPER = f"from alembic import op\n\n\ndef gone():\n    {DROP}\n"
CALLS = script("gone()", more="from acme.tables import gone")
SECOND = f"{VERSIONS}/b2.py"
INI = PROJECT["alembic.ini"]
DROPPED, OPAQUE = "contract-column-dropped", "contract-opaque-operation"

#: How a link is written in a set of files.
LINK = "link: "
#: A file that is not there any more.
GONE = "gone"


class Shape(NamedTuple):
    after: Mapping[str, str]
    rules: set[str]
    says: str = ""


OUT = "is a link that leads out of what is judged"
MORE = INI + "version_locations = migrations/versions more\n"

SHAPES = {
    "a script": Shape({"shared/b2.py": script(DROP), SECOND: LINK + "../../shared/b2.py"}, {DROPPED}),
    "a folder of scripts": Shape(
        {
            FIRST: GONE,
            VERSIONS: LINK + "../shared",
            "shared/a1.py": PROJECT[FIRST],
            "shared/b2.py": script(DROP),
            "migrations/env.py": "from alembic import context\n",
        },
        {DROPPED},
    ),
    "the folder of env.py": Shape(
        {"alembic.ini": INI.replace("migrations", "db"), "db": LINK + "migrations", **revision(DROP)},
        {DROPPED},
    ),
    "a configuration": Shape(
        {"alembic.ini": LINK + "conf/main.ini", "conf/main.ini": MORE, "more/b2.py": script(DROP)},
        {DROPPED},
    ),
    "a module": Shape(
        {SECOND: CALLS, "acme/__init__.py": "", "acme/tables.py": LINK + "../x/y.py", "x/y.py": HELPER},
        {DROPPED},
    ),
    "the only module of a folder": Shape(
        {SECOND: CALLS, "acme/tables.py": LINK + "../x/y.py", "x/y.py": HELPER}, {DROPPED}
    ),
    "a package": Shape(
        {SECOND: CALLS, "acme": LINK + "x", "x/__init__.py": "", "x/tables.py": HELPER}, {DROPPED}
    ),
    "links that lead to links": Shape(
        {
            "c/b2.py": script(DROP),
            "b": LINK + "./c",
            "a": LINK + "b/../b",
            SECOND: LINK + "../../a/b2.py",
        },
        {DROPPED},
    ),
    "a script out of the tree": Shape({SECOND: LINK + "../../../else/b2.py"}, set(), f"`{SECOND}` {OUT}"),
    "a script at an absolute place": Shape({SECOND: LINK + "/else/b2.py"}, set(), f"`{SECOND}` {OUT}"),
    "a circle": Shape({SECOND: LINK + "b2.py"}, set(), f"`{SECOND}` is a link that leads in a circle"),
    "a folder of scripts out of the tree": Shape(
        {"alembic.ini": MORE, "more": LINK + "../else"},
        set(),
        f"`version_locations` names 'more': `more` {OUT}",
    ),
    "the folder of versions out of the tree": Shape(
        {FIRST: GONE, VERSIONS: LINK + "../../else", "migrations/env.py": "from alembic import context\n"},
        set(),
        f"the scripts are not here: `{VERSIONS}` {OUT}",
    ),
    "a module out of the tree": Shape(
        {SECOND: CALLS, "acme/__init__.py": "", "acme/tables.py": LINK + "../../else/tables.py"},
        {OPAQUE},
    ),
    "a package out of the tree": Shape({SECOND: CALLS, "acme": LINK + "../else"}, {OPAQUE}),
    "the folder of the contracts": Shape(
        {
            **revision(DROP),
            PRODUCER: GONE,
            CONSUMER: GONE,
            "contracts": LINK + "shared/x",
            "shared/x/w.yaml": PROJECT[PRODUCER],
            "shared/x/a.yaml": PROJECT[CONSUMER],
        },
        {DROPPED},
    ),
    "a folder below that of the contracts, with a link in it": Shape(
        {
            **revision(DROP),
            PRODUCER: GONE,
            CONSUMER: GONE,
            "contracts/more": LINK + "../shared",
            "shared/worker": LINK + "../kept/there",
            "shared/self": LINK + "../shared",
            "kept/there/w.yaml": PROJECT[PRODUCER],
            "shared/a.yaml": PROJECT[CONSUMER],
        },
        {DROPPED},
    ),
    "a contract": Shape(
        {
            **revision(DROP),
            PRODUCER: LINK + "worker.yaml",
            "contracts/worker.yaml": LINK + "../kept.yaml",
            "kept.yaml": PROJECT[PRODUCER],
        },
        {DROPPED},
    ),
    "a contract out of the tree": Shape(
        {PRODUCER: LINK + "../../else/w.yaml"},
        set(),
        f"{PRODUCER}: contracts may lie here, and are not seen: `{PRODUCER}` {OUT}",
    ),
    "a folder of contracts out of the tree": Shape(
        {"contracts/more": LINK + "../../else"},
        set(),
        f"contracts/more: contracts may lie here, and are not seen: `contracts/more` {OUT}",
    ),
    "what cannot be a contract": Shape({"contracts/README.md": LINK + "../../else.md"}, set()),
    "the configuration of this program": Shape(
        {"migration-lint.toml": LINK + "conf/x.toml", "conf/x.toml": "requires = 1\n"},
        set(),
        'migration-lint.toml:1: unknown key "requires"',
    ),
    "the configuration of this program out of the tree": Shape(
        {"migration-lint.toml": LINK + "../else.toml"},
        set(),
        f"migration-lint.toml: what it says is not seen: `migration-lint.toml` {OUT}",
    ),
    "a link that nothing looks for": Shape({"docs/x": LINK + "../../y", "z": LINK + "z"}, set()),
}


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    write(
        folder,
        {path: None if text == GONE else text for path, text in files.items() if not text.startswith(LINK)},
    )
    for path, text in files.items():
        if text.startswith(LINK):
            place = folder / path
            if place.is_dir() and not place.is_symlink():
                place.rmdir()
            place.unlink(missing_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(text[len(LINK) :])
    return folder


def two_folders(runner: Runner, after: Mapping[str, str]) -> Verdict:
    base = write(runner.folder / "before", PROJECT)
    head = lay(write(runner.folder / "after", PROJECT), after)
    return runner.check(head, "--base", base, "--head", head)


def two_commits(runner: Runner, after: Mapping[str, str]) -> Verdict:
    repository = Repository.new(runner.folder / "repository", PROJECT)
    lay(repository.path, after)
    repository.commit({})
    return runner.check(repository.path, "--base", "HEAD~1", "--head", "HEAD")


def index(runner: Runner, after: Mapping[str, str]) -> Verdict:
    repository = Repository.new(runner.folder / "repository", PROJECT)
    lay(repository.path, after)
    repository.git("add", "--all")
    return runner.check(repository.path, "--base", "HEAD", "--head", "index")


def work_tree(runner: Runner, after: Mapping[str, str]) -> Verdict:
    repository = Repository.new(runner.folder / "repository", PROJECT)
    lay(repository.path, after)
    return runner.check(repository.path, "--base", "HEAD", "--head", "worktree")


TREES = (two_folders, two_commits, index, work_tree)


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("name", SHAPES)
def test_links(name: str, tree: Callable[[Runner, Mapping[str, str]], Verdict], runner: Runner) -> None:
    shape = SHAPES[name]
    found = tree(runner, shape.after)
    assert {rule for rule in found.rules if rule.startswith("contract-")} == shape.rules
    assert found.status == (2 if shape.says else 1 if shape.rules else 0)
    assert shape.says in found.error


SUBMODULES = {
    "scripts": ({"alembic.ini": INI + "version_locations = migrations/versions more\n"}, "more", set()),
    "a module": ({SECOND: CALLS}, "acme", {OPAQUE}),
    "nothing that is looked for": (revision(DROP), "vendor", {DROPPED}),
    "contracts": ({**revision(DROP), PRODUCER: None, CONSUMER: None}, "contracts", set()),
    "more contracts": (revision(DROP), "contracts/more", set()),
    "contracts of services": (
        {
            **revision(DROP),
            "migration-lint.toml": 'contracts = ["services/*/contracts/*.yaml", "contracts/*"]\n',
        },
        "services/worker",
        set(),
    ),
    "a folder of many": (
        {**revision(DROP), "migration-lint.toml": 'contracts = ["**/*.contract.yaml", "contracts/*"]\n'},
        "lib",
        {DROPPED},
    ),
}


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules(name: str, runner: Runner) -> None:
    files, place, rules = SUBMODULES[name]
    repository = Repository.new(runner.folder / "repository", PROJECT)
    repository.commit(files)
    commit = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{place}")
    repository.git("commit", "--quiet", "--message", "a submodule")
    found = runner.check(repository.path, "--base", "HEAD~2", "--head", "HEAD")
    assert {rule for rule in found.rules if rule.startswith("contract-")} == rules
    if not rules:
        assert found.status == 2
        assert f"`{place}` is a submodule, another repository" in found.error


COMPILED = f"{VERSIONS}/__pycache__/b2.cpython-311.pyc"


def test_compiled_code_that_is_kept_beside_a_script(runner: Runner) -> None:
    repository = Repository.new(runner.folder / "repository", PROJECT)
    repository.commit({**revision("pass"), COMPILED: "code"})
    found = runner.check(repository.path, "--base", "HEAD~1", "--head", "HEAD")
    assert found.status == 2
    assert f"{COMPILED}: compiled code is kept beside {SECOND}" in found.error


def test_compiled_code_that_python_left_in_a_folder(runner: Runner) -> None:
    assert runner.change({**revision("pass"), COMPILED: "code"}).status == 0


@pytest.mark.parametrize("place", [COMPILED, f"{VERSIONS}/b2.pyc"])
def test_compiled_scripts_that_alembic_is_told_to_run(place: str, runner: Runner) -> None:
    found = runner.change({place: "code"}, {"alembic.ini": INI + "sourceless = true\n"})
    assert found.status == 2
    assert f"{place}: a compiled revision has no source" in found.error


OTHERS = (".tox", ".eggs", ".venv", "node_modules", "site-packages", "venv")


def others(folder: str) -> dict[str, str]:
    """What makes a virtual environment of it, as others' files as can be."""
    return {f"{folder}/pyvenv.cfg": "home = /usr\n", f"{folder}/bin/python": ""}


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("folder", OTHERS)
def test_a_setting_that_leads_into_a_folder_of_others(
    folder: str, tree: Callable[[Runner, Mapping[str, str]], Verdict], runner: Runner
) -> None:
    ini = INI + f"version_locations = migrations/versions {folder}/x\n"
    files = {"alembic.ini": ini, f"{folder}/x/b2.py": script(DROP), **others(folder)}
    assert DROPPED in tree(runner, files).rules


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("folder", OTHERS)
def test_a_path_that_leads_into_a_folder_of_others(
    folder: str, tree: Callable[[Runner, Mapping[str, str]], Verdict], runner: Runner
) -> None:
    text = script("gone()", more=f"import sys\nsys.path.append('{folder}/lib')\nfrom helper import gone")
    files = {SECOND: text, f"{folder}/lib/helper.py": HELPER, **others(folder)}
    assert DROPPED in tree(runner, files).rules


def test_an_environment_that_others_brought_is_none_of_the_project(runner: Runner) -> None:
    files = {
        "node_modules/x/env.py": "from alembic import context\n",
        "node_modules/x/versions/b2.py": script(DROP),
    }
    assert runner.change(files).status == 0
