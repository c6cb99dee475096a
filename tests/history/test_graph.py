from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import History, environments, read_history, script_paths

INI = "[alembic]\nscript_location = %(here)s/m\n"


@pytest.fixture
def history(tree, revision):
    """The history that these scripts make: `history({"a1": None, "b2": "a1"})`, or texts by file name."""

    def read(scripts: dict[str, object], known=None, beside=None) -> History:
        files = {"alembic.ini": INI, "m/env.py": "import alembic\n"}
        for name, content in scripts.items():
            made = content if isinstance(content, str) and "\n" in content else revision(name, content)
            files[f"m/versions/{name}.py" if not name.endswith(".py") else f"m/versions/{name}"] = made
        written = tree(files)
        (environment,) = environments(written, "")
        return read_history(written, environment, known, beside=beside)

    return read


def ids(history: History) -> list[str]:
    return [script.revision for script in history.scripts]


def problems(read, scripts: dict[str, object]) -> list[Problem]:
    with pytest.raises(CannotJudge) as caught:
        read(scripts)
    return list(caught.value.problems)


def test_one_line(history):
    found = history({"c": "b", "a": None, "b": "a"})
    assert (ids(found), found.heads, found.bases) == (["a", "b", "c"], ("c",), ("a",))


def test_no_scripts(tree):
    written = tree({"alembic.ini": INI, "m/env.py": ""})
    (environment,) = environments(written, "")
    found = read_history(written, environment)
    assert (ids(found), found.heads, found.bases) == ([], (), ())


def test_what_two_trees_hold_alike_is_one_script(history):
    head = history({"a": None, "b": "a", "c": "b"})
    other = history({"a": None, "b": (), "c": "b"}, beside={script.path: script for script in head.scripts})
    found = [(script.revision, script.down_revisions, script in head.scripts) for script in other.scripts]
    assert found == [("a", (), True), ("b", (), False), ("c", ("b",), True)]


def test_a_branch_is_followed_until_it_waits_for_the_other(history):
    found = history({"a": None, "b1": "a", "b2": "b1", "c1": "a", "c2": "c1", "m": ("b2", "c2"), "z": "m"})
    assert ids(found) == ["a", "b1", "b2", "c1", "c2", "m", "z"]
    assert (found.heads, found.bases) == (("z",), ("a",))


def test_what_is_added_on_top_leaves_the_rest_in_order(history):
    scripts: dict[str, object] = {"a": None, "b1": "a", "b2": "b1", "c1": "a", "x": None}
    before = ids(history(scripts))
    after = history({**scripts, "a0": "b2", "b0": "c1"})
    assert [revision for revision in ids(after) if revision in before] == before
    assert after.heads == ("a0", "b0", "x")


def test_depends_on_by_id_and_by_label(history, revision):
    found = history(
        {
            "a": revision("a", None, branch_labels=("web",)),
            "b": "a",
            "x": revision("x", None, depends_on="b"),
            "y": revision("y", "x", depends_on=("web",)),
        }
    )
    assert ids(found) == ["a", "b", "x", "y"]
    assert (found.heads, found.bases) == (("b", "y"), ("a", "x"))
    assert found.parents == {"a": (), "b": ("a",), "x": ("b",), "y": ("x", "a")}


def test_two_files_of_one_revision(history, revision):
    found = problems(history, {"one": revision("a"), "two": revision("a"), "b": "a"})
    assert [(item.path, item.line, item.message) for item in found] == [
        ("m/versions/two.py", 2, "revision 'a' is in two files, the other is m/versions/one.py")
    ]


def test_a_missing_down_revision(history):
    (problem,) = problems(history, {"4f1c2a9d": None, "b": "4f1c2a9c"})
    assert (problem.path, problem.line) == ("m/versions/b.py", 3)
    assert (
        problem.message
        == "`down_revision` of revision 'b' names '4f1c2a9c', which is no revision of alembic.ini"
    )
    assert problem.fix == "did you mean '4f1c2a9d'? Otherwise restore the script of '4f1c2a9c'"


def test_an_abbreviation_which_alembic_takes_on_its_command_line_only(history):
    (problem,) = problems(history, {"4f1c2a9d": None, "b": "4f1c"})
    assert problem.fix == "Alembic wants the whole id here: write '4f1c2a9d'"


def test_a_label_where_alembic_wants_an_id(history, revision):
    (problem,) = problems(history, {"a": revision("a", None, branch_labels="web"), "b": "web"})
    assert problem.fix == "'web' is a branch label; write the id of the revision itself"


def test_a_missing_dependency(history, revision):
    (problem,) = problems(history, {"a": revision("a", None, depends_on=("gone",))})
    assert (problem.line, problem.fix) == (4, "restore the script of 'gone', or correct the id")


def test_circles(history, revision):
    found = problems(history, {"a": None, "b": ("a", "d"), "c": "b", "d": "c", "e": "d", "x": "x"})
    assert [(item.path, item.message) for item in found] == [
        ("m/versions/b.py", "revisions stand on one another in a circle: b → d → c → b"),
        ("m/versions/x.py", "revision 'x' stands on itself"),
    ]
    (problem,) = problems(
        history,
        {
            **{"b": "a", "c": "b", "d": "c", "e": "d", "x": None},
            "a": revision("a", None, depends_on="c"),
        },
    )
    assert problem == Problem(
        "revisions stand on one another in a circle: a → c → b → a",
        "m/versions/a.py",
        4,
        fix="correct `down_revision` or `depends_on` of one of them",
    )


def test_two_revisions_with_one_label(history, revision):
    (problem,) = problems(
        history, {"a": revision("a", None, branch_labels="w"), "b": revision("b", None, branch_labels="w")}
    )
    assert problem.message == "branch label 'w' of revision 'b' is taken by 'a' (m/versions/a.py)"


def test_every_problem_at_once(history):
    found = problems(
        history,
        {"a": "x = (\n", "b_helper": "import os\n", "c": "revision = 'c'\n", "d": "a", "e.py": "\n\0"},
    )
    assert [(item.path, item.message.split(":")[0]) for item in found] == [
        ("m/versions/a.py", "syntax error"),
        ("m/versions/b_helper.py", "the file has no `revision`"),
        ("m/versions/c.py", "revision 'c' has no `down_revision`"),
        ("m/versions/e.py", "the file holds a NUL byte, which Python does not read"),
    ]


def test_a_long_history(history):
    count = 1500  # longer than the stack is deep
    found = history({f"r{n:04}": f"r{n - 1:04}" if n else None for n in range(count)})
    assert ids(found) == [f"r{n:04}" for n in range(count)]


def test_known_records_are_not_read_again(history, tmp_path):
    scripts: dict[str, object] = {"a": None, "b": "a", "c": "b"}
    first = history(scripts)
    known = {script.content_id: script.record.to_json() for script in first.scripts if script.revision != "c"}
    broken = history({**scripts}, known)
    assert ids(broken) == ["a", "b", "c"]
    known[first.scripts[0].content_id][0] = "from_the_record"
    with pytest.raises(CannotJudge, match="names 'a', which is no revision"):
        history(scripts, known)


def test_an_id_that_the_file_name_gives_holds_for_that_name_only(history):
    first = history({"1a.py": "down_revision = None\n\n"})
    known = {script.content_id: script.record.to_json() for script in first.scripts}
    assert ids(first) == ["1a"]
    both = history({"2b.py": "down_revision = None\n\n"}, known)
    assert both.bases == ("1a", "2b")


def test_a_record_of_another_version_is_passed_over(history):
    first = history({"a": None})
    assert ids(history({"a": None}, {first.scripts[0].content_id: {"rev": "a"}})) == ["a"]


def test_folders_below_versions_count_if_the_history_hangs_on_them(history):
    found = history({"a": None, "2024/b": 'revision = "b"\ndown_revision = "a"\n', "2024/notes": "\n"})
    assert ids(found) == ["a", "b"]


def test_an_archive_below_versions_does_not_count(history):
    archived = {
        "old/x": 'revision = "x"\ndown_revision = None\n',
        "old/y": 'revision = "y"\ndown_revision = "x"\n',
    }
    assert ids(history({"a": None, "b": "a", **archived, "old/broken": "x = (\n"})) == ["a", "b"]


def test_compiled_revisions_without_a_source(tree, revision):
    ini = INI + "sourceless = true\n"
    files = {
        "m/env.py": "",
        "m/versions/a.py": revision("a"),
        "m/versions/a.pyc": b"\0",
        "m/versions/b.pyc": b"\0",
    }
    written = tree({"alembic.ini": ini, **files})
    (environment,) = environments(written, "")
    with pytest.raises(CannotJudge) as caught:
        read_history(written, environment)
    assert [(item.path, item.message) for item in caught.value.problems] == [
        ("m/versions/b.pyc", "a compiled revision has no source")
    ]


# Against Alembic itself

LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "one folder": (INI, {"*": "m/versions"}),
    "several": (
        INI + "version_locations = %(here)s/m/versions a b/c\n",
        {"*": "m/versions", "1": "a", "2": "b/c"},
    ),
    "newlines": (INI + "path_separator = newline\nversion_locations =\n  a\n  b\n", {"*": "a", "1": "b"}),
    "recursive": (INI + "recursive_version_locations = true\n", {"*": "m/versions", "1": "m/versions/x/y"}),
    "overlapping": (
        INI + "recursive_version_locations = true\nversion_locations = a:a/b\npath_separator = os\n",
        {"*": "a", "1": "a/b"},
    ),
    "pyproject": (
        '[tool.alembic]\nscript_location = "%(here)s/m"\nversion_locations = ["a", "%(here)s/b"]\n',
        {"*": "a", "1": "b"},
    ),
}


def generated(chosen: random.Random, text) -> dict[str, str]:
    """A history with branches, merges, several bases, dependencies and labels, ids in no order."""
    made: list[str] = []
    labels: list[str] = []
    scripts: dict[str, str] = {}
    bases: dict[str, set[str]] = {}
    for _ in range(chosen.randint(1, 30)):
        name = f"{chosen.getrandbits(48):012x}"
        down = chosen.sample(made, min(len(made), chosen.choice((0, 1, 1, 1, 1, 2))))
        more: dict[str, object] = {}
        if made and chosen.random() < 0.2:
            more["depends_on"] = chosen.choice(made) if chosen.random() < 0.5 else chosen.sample(made, 1)
            if labels and chosen.random() < 0.5:
                more["depends_on"] = (chosen.choice(labels),)
        if not down and chosen.random() < 0.5:
            more["branch_labels"] = (f"label_{name}",)
            labels.append(f"label_{name}")
        shape = chosen.choice((tuple, list))
        value: object = None if not down else down[0] if len(down) == 1 else shape(down)
        scripts[name] = text(name, value, **more)
        made.append(name)
        bases[name] = set()
    return scripts


@pytest.mark.filterwarnings("ignore:File .* loaded twice", "ignore:No path_separator found")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(8))
def test_heads_bases_and_order_are_those_of_alembic(
    layout, seed, tree, revision, tmp_path: Path, monkeypatch
):
    config = pytest.importorskip("alembic.config")
    from alembic.script import ScriptDirectory

    chosen = random.Random(f"{layout} {seed}")
    settings, folders = LAYOUTS[layout]
    name = "pyproject.toml" if layout == "pyproject" else "alembic.ini"
    files = {name: settings, "m/env.py": "", "m/versions/__init__.py": "", "m/versions/.#lock.py": "("}
    for revision_id, text in generated(chosen, revision).items():
        folder = folders.get(revision_id[0], folders["*"]) if seed else chosen.choice(list(folders.values()))
        files[f"{folder}/{revision_id}_{chosen.randint(0, 99)}.py"] = text
    written = tree(files)
    (environment,) = environments(written, "")
    ours = read_history(written, environment)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = config.Config(file_=tmp_path / "alembic.ini", toml_file=tmp_path / "pyproject.toml")
    directory = ScriptDirectory.from_config(made)
    theirs = {script.revision: script for script in directory.revision_map._revision_map.values() if script}

    assert set(ours.heads) == set(directory.get_heads())
    assert set(ours.bases) == set(directory.get_bases())
    assert {script.revision: tmp_path / script.path for script in ours.scripts} == {
        script.revision: Path(script.path) for script in theirs.values()
    }
    assert {child: set(parents) for child, parents in ours.parents.items()} == {
        script.revision: set(script._all_down_revisions) for script in theirs.values()
    }
    seen: set[str] = set()
    for script in ours.scripts:
        assert seen.issuperset(theirs[script.revision]._all_down_revisions)
        seen.add(script.revision)
    assert [script.message for script in ours.scripts] == [theirs[revision].doc for revision in ids(ours)]


def test_the_order_hangs_on_nothing_but_the_revisions(tree, revision):
    texts = generated(random.Random(7), revision)
    orders = []
    for seed in range(3):
        names = list(texts)
        random.Random(seed).shuffle(names)
        below = f"run{seed}"
        files = {f"m/versions/{seed * 31 % 7}{n:03}.py": texts[name] for n, name in enumerate(names)}
        written = tree({"alembic.ini": INI, "m/env.py": "", **files}, below)
        (environment,) = environments(written, "")
        orders.append(ids(read_history(written, environment)))
    assert orders[0] == orders[1] == orders[2]


def test_script_paths_are_sorted_and_each_once(tree):
    ini = INI + "version_locations = b a a/../a\n"
    written = tree(
        {"alembic.ini": ini, "m/env.py": "", "b/1.py": "", "a/2.py": "", "a/x/3.py": "", "ab/4.py": ""}
    )
    (environment,) = environments(written, "")
    assert script_paths(written, environment) == ["a/2.py", "b/1.py"]
