"""Revisions whose own text stays, beside files that a change edits and that they read.

What they read may be found by a pattern, be run by code that nobody follows, or have a path that is not
known: an edit of it counts all the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import VERSIONS, Runner, Verdict, script

_BESIDE = 'os.path.join(os.path.dirname(__file__), "..", "steps")'
_CODE = (
    'import importlib.util\nspec = importlib.util.spec_from_file_location("steps", {})\n'
    "steps = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(steps)\nsteps.go(op)\n"
)
SQL = {"migrations/steps/more/a.sql": "SELECT 1"}
MODULE = {"migrations/steps.py": "def go(op):\n    op.execute('SELECT 1')\n"}

#: (what the revision does, the file that it reads)
READS: dict[str, tuple[str, dict[str, str]]] = {
    "a module by its path": (_CODE.format(f'{_BESIDE} + ".py"'), MODULE),
    "a module that is run": (f'import runpy\nrunpy.run_path({_BESIDE} + ".py")\n', MODULE),
    "a loader": (
        "from importlib.machinery import SourceFileLoader\n"
        f'SourceFileLoader("s", {_BESIDE} + ".py").load_module()\n',
        MODULE,
    ),
    "glob": (
        f'import glob\nfor each in glob.glob({_BESIDE} + "/*/*.sql"):\n    op.execute(open(each).read())\n',
        SQL,
    ),
    "listdir": (
        f'for each in os.listdir({_BESIDE} + "/more"):\n'
        f'    op.execute(open(os.path.join({_BESIDE}, "more", each)).read())\n',
        SQL,
    ),
    "scandir": (
        'for each in os.scandir("migrations/steps/more"):\n    op.execute(open(each).read())\n',
        SQL,
    ),
    "rglob": (
        "from pathlib import Path\n"
        'for each in Path(__file__).parent.parent.rglob("*.sql"):\n    op.execute(each.read_text())\n',
        SQL,
    ),
    "a program": (
        'import subprocess\nsubprocess.check_call(["psql", "-f", "migrations/steps/more/a.sql"])\n',
        SQL,
    ),
    "a library of templates": (
        'import jinja2\nmade = jinja2.Environment(loader=jinja2.FileSystemLoader("migrations/steps"))\n'
        'op.execute(made.get_template("more/a.sql").render())\n',
        SQL,
    ),
    "configparser": (
        f'import configparser\nread = configparser.ConfigParser()\nread.read({_BESIDE} + ".cfg")\n'
        'op.execute(read["a"]["b"])\n',
        {"migrations/steps.cfg": "[a]\nb = SELECT 1\n"},
    ),
    "tomllib": (
        f'import tomllib\nop.execute(tomllib.load(open({_BESIDE} + ".toml", "rb"))["a"])\n',
        {"migrations/steps.toml": 'a = "SELECT 1"\n'},
    ),
    "ElementTree": (
        f'import xml.etree.ElementTree as tree\nop.execute(tree.parse({_BESIDE} + ".xml").getroot().text)\n',
        {"migrations/steps.xml": "<a>SELECT 1</a>"},
    ),
    "a name that is known in part": (
        'op.execute(open("migrations/steps/more/%s.sql" % os.environ["STEP"]).read())\n',
        SQL,
    ),
}
#: What it reads has a path of which nothing is known.
PERHAPS_READS: dict[str, tuple[str, dict[str, str]]] = {
    "a module": (_CODE.format('os.environ["STEPS"]'), MODULE),
    "a file": ('op.execute(open(os.environ["STEP"]).read())\n', SQL),
    "a file that the configuration names": (
        'op.execute(open(op.get_context().config.get_main_option("step")).read())\n',
        SQL,
    ),
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def change(runner: Runner, body: str, files: dict[str, str], edited: dict[str, str]) -> Verdict:
    return runner.change(edited, {**files, f"{VERSIONS}/b2.py": script(body, more="import os")})


def severities(verdict: Verdict) -> list[str]:
    return [each.severity for each in verdict.findings if each.rule == "history-edited-revision"]


@pytest.mark.parametrize("read", READS)
def test_what_it_reads_is_edited(read: str, runner: Runner) -> None:
    body, files = READS[read]
    edited = {path: text.replace("SELECT 1", "SELECT 2") for path, text in files.items()}
    assert severities(change(runner, body, files, edited)) == ["error"]


@pytest.mark.parametrize("read", PERHAPS_READS)
def test_what_it_may_read_is_edited(read: str, runner: Runner) -> None:
    body, files = PERHAPS_READS[read]
    edited = {path: text.replace("SELECT 1", "SELECT 2") for path, text in files.items()}
    assert severities(change(runner, body, files, edited)) == ["warning"]


@pytest.mark.parametrize("read", [*READS, *PERHAPS_READS])
def test_what_it_does_not_read_is_edited(read: str, runner: Runner) -> None:
    body, files = {**READS, **PERHAPS_READS}[read]
    others = {"app/steps.py": "a = 1\n", "frontend/package.json": "{}", "docs/steps.txt": "one"}
    edited = {path: text + " " for path, text in others.items()}
    assert not severities(change(runner, body, {**files, **others}, edited))


def test_a_file_that_is_added_is_read_too(runner: Runner) -> None:
    body, files = READS["rglob"]
    added = {"migrations/steps/more/b.sql": "ALTER TABLE deployment_events DROP COLUMN hint"}
    assert "contract-column-dropped" in change(runner, body, files, added).rules
