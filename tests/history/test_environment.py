from __future__ import annotations

import time

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.history import Environment, environments, survey

ENV = "from alembic import context\n"
SCRIPT = 'revision = "a1"\ndown_revision = None\n'
INI = "[alembic]\nscript_location = {}\n"


def places(found: tuple[Environment, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.name, item.script_location, item.version_locations) for item in found]


def scripts(*folders: str) -> dict[str, str]:
    files = {f"{folder}/env.py": ENV for folder in folders}
    return files | {f"{folder}/versions/a1.py": SCRIPT for folder in folders}


@pytest.mark.parametrize(
    ("location", "folder"),
    [
        ("migrations", "migrations"),
        ("./migrations/", "migrations"),
        ("%(here)s/db/migrations", "db/migrations"),
        ("db\\migrations", "db/migrations"),
        ("app:db/migrations", "app/db/migrations"),
        ("app.db:migrations", "app/db/migrations"),
        ("lib:migrations", "src/lib/migrations"),
    ],
)
def test_script_location_in_every_form(tree, location, folder):
    found = environments(tree({"alembic.ini": INI.format(location), **scripts(folder)}), "")
    assert places(found) == [("alembic.ini", folder, (f"{folder}/versions",))]


def test_relative_location_is_beside_its_own_configuration_before_the_project(tree):
    files = {"api/alembic.ini": INI.format("migrations"), **scripts("migrations", "api/migrations")}
    assert places(environments(tree(files), "")) == [
        ("api/alembic.ini", "api/migrations", ("api/migrations/versions",)),
        ("migrations", "migrations", ("migrations/versions",)),
    ]


def test_relative_location_counts_from_a_folder_above(tree):
    files = {"config/alembic.ini": INI.format("app/migrations"), **scripts("app/migrations")}
    assert places(environments(tree(files), "")) == [
        ("config/alembic.ini", "app/migrations", ("app/migrations/versions",))
    ]


def test_only_below_the_project(tree):
    files = {
        "api/alembic.ini": INI.format("../shared/migrations"),
        "worker/alembic.ini": INI.format("migrations"),
        **scripts("shared/migrations", "worker/migrations"),
    }
    assert places(environments(tree(files), "api")) == [
        ("api/alembic.ini", "shared/migrations", ("shared/migrations/versions",))
    ]


@pytest.mark.parametrize(
    "settings",
    [
        "version_locations = %(here)s/a %(here)s/b",
        "version_locations = %(here)s/a, %(here)s/b",
        "version_locations = a b",
        "version_locations = a:b\nversion_path_separator = os",
        "version_locations = a;b\nversion_path_separator = ;",
        "version_locations = %(here)s/a:%(here)s/b\npath_separator = :",
        "version_locations = a b\npath_separator = space\nversion_path_separator = os",
        "version_locations =\n    a\n    b\npath_separator = newline",
        "where = %(here)s\nversion_locations = %(where)s/a %(where)s/b",
    ],
)
def test_version_locations_in_every_form(tree, settings):
    ini = INI.format("m") + settings + "\nrecursive_version_locations = true\n"
    files = {"alembic.ini": ini, "m/env.py": ENV, "a/a1.py": SCRIPT, "b/b1.py": SCRIPT}
    (found,) = environments(tree(files), "")
    assert (found.version_locations, found.recursive) == (("a", "b"), True)


def test_pyproject(tree):
    toml = """
[tool.alembic]
script_location = "%(here)s/m"
version_locations = ["%(here)s/a%%b", "c"]
prepend_sys_path = ["."]
recursive_version_locations = true
"""
    files = {"x/pyproject.toml": toml, "x/m/env.py": ENV, "x/a%b/a1.py": SCRIPT, "x/c/b1.py": SCRIPT}
    (found,) = environments(tree(files), "")
    assert found == Environment(
        name="x/pyproject.toml",
        config_path="x/pyproject.toml",
        script_location="x/m",
        version_locations=("x/a%b", "x/c"),
        recursive=True,
        stated=True,
        import_roots=("x", ""),
        prepended=("x",),
        database="x",
    )


def test_ini_beside_pyproject_goes_before_it_key_by_key(tree):
    files = {
        "alembic.ini": "[alembic]\nrecursive_version_locations = true\n",
        "pyproject.toml": '[tool.alembic]\nscript_location = "m"\nversion_locations = ["a"]\n',
        "m/env.py": ENV,
        "a/a1.py": SCRIPT,
    }
    (found,) = environments(tree(files), "")
    assert (found.script_location, found.version_locations, found.recursive) == ("m", ("a",), True)


def test_ini_with_logging_only_leaves_it_to_pyproject(tree):
    files = {
        "alembic.ini": "[loggers]\nkeys = root\n",
        "pyproject.toml": 'tool.alembic.script_location = "m"\n',
        **scripts("m"),
    }
    assert places(environments(tree(files), "")) == [("pyproject.toml", "m", ("m/versions",))]


def test_pyproject_of_something_else_is_not_parsed(tree):
    broken = "[project]\ndependencies = ['alembic'\n"
    assert places(environments(tree({"pyproject.toml": broken, **scripts("m")}), "")) == [
        ("m", "m", ("m/versions",))
    ]


def test_named_sections(tree):
    ini = """
[DEFAULT]
sqlalchemy.url = postgresql://u:p%%40ss@localhost/x
[one]
script_location = db/one
[two]
script_location = db/two
[loggers]
keys = root
"""
    files = {"alembic.ini": ini, **scripts("db/one", "db/two")}
    assert places(environments(tree(files), "")) == [
        ("alembic.ini [one]", "db/one", ("db/one/versions",)),
        ("alembic.ini [two]", "db/two", ("db/two/versions",)),
    ]
    assert places(environments(tree({}), "", "alembic.ini:two")) == [
        ("alembic.ini [two]", "db/two", ("db/two/versions",))
    ]


def test_flask_migrate_keeps_the_ini_in_the_folder_of_scripts(tree):
    files = {"migrations/alembic.ini": "[alembic]\n[loggers]\n", **scripts("migrations")}
    assert places(environments(tree(files), "")) == [
        ("migrations/alembic.ini", "migrations", ("migrations/versions",))
    ]


def test_folder_of_scripts_without_a_configuration(tree):
    files = {**scripts("pkg/store/migrations"), "web/env.py": "DEBUG = 1", "web/versions/x.py": ""}
    assert places(environments(tree(files), "")) == [
        ("pkg/store/migrations", "pkg/store/migrations", ("pkg/store/migrations/versions",))
    ]


def test_two_configurations_of_one_folder_are_one_environment(tree):
    files = {
        "alembic.ini": INI.format("db/m"),
        "db/alembic.ini": INI.format("m"),
        "db/pyproject.toml": '[tool.alembic]\nscript_location = "m"\n',
        **scripts("db/m"),
    }
    assert places(environments(tree(files), "")) == [("alembic.ini", "db/m", ("db/m/versions",))]


def test_the_configuration_that_covers_more_stands_for_both(tree):
    files = {
        "alembic.ini": INI.format("db/m"),
        "db/alembic.ini": INI.format("m") + "version_locations = m/versions extra\n",
        "db/extra/e1.py": SCRIPT,
        **scripts("db/m"),
    }
    assert places(environments(tree(files), "")) == [
        ("db/alembic.ini", "db/m", ("db/m/versions", "db/extra"))
    ]


def test_import_roots(tree):
    ini = INI.format("db/m") + "prepend_sys_path = . lib\npath_separator = space\n"
    files = {"alembic.ini": ini, "lib/x.py": "", "src/y.py": "", **scripts("db/m")}
    (found,) = environments(tree(files), "")
    assert found.import_roots == ("", "lib", "src")


def test_vendored_folders_are_passed_over_unless_the_project_lies_in_one(tree):
    files = scripts("__pypackages__/mlflow/m", "node_modules/x/m")
    assert environments(tree(files), "") == ()
    assert places(environments(tree({}), "__pypackages__/mlflow")) == [
        (
            "__pypackages__/mlflow/m",
            "__pypackages__/mlflow/m",
            ("__pypackages__/mlflow/m/versions",),
        )
    ]


def test_a_fresh_environment_has_no_versions_yet(tree):
    (found,) = environments(tree({"alembic.ini": INI.format("m"), "m/env.py": ENV}), "")
    assert found.version_locations == ("m/versions",)


def test_a_folder_of_versions_that_is_not_there_is_empty(tree):
    ini = INI.format("m") + "version_locations = a new/b\npath_separator = space\n"
    (found,) = environments(tree({"x/alembic.ini": ini, "x/m/env.py": ENV, "x/a/a1.py": SCRIPT}), "")
    assert found.version_locations == ("x/a", "x/new/b")


def test_nothing_found(tree):
    assert environments(tree({"README": ""}), "") == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("/app/elsewhere", "`script_location` is '/app/elsewhere', which is no folder in"),
        ("%(here)s/nowhere", "`script_location` is '%(here)s/nowhere', which is no folder in"),
        ("%(DB_DIR)s/m", "`script_location` refers to `%(DB_DIR)s`, which the file does not define"),
        ("50%/m", "`script_location` cannot be worked out: a `%` that is no `%(name)s` must be written `%%`"),
        ("other_package:m", "`script_location` is 'other_package:m', which is no folder in"),
        ("../../../etc", "`script_location` is '../../../etc', which is no folder in"),
    ],
)
def test_a_location_that_is_not_in_the_tree(tree, value, message):
    files = {"api/alembic.ini": "[alembic]\n# where\n" + f"script_location = {value}\n", **scripts("web/m2")}
    with pytest.raises(CannotJudge) as caught:
        environments(tree(files), "")
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert (problem.path, problem.line) == ("api/alembic.ini", 3)
    assert "set `alembic` in migration-lint's configuration" in problem.fix


def test_version_locations_that_lie_outside(tree):
    ini = INI.format("m") + "version_locations = %(here)s/a /srv/more\n"
    with pytest.raises(CannotJudge, match="`version_locations` names '/srv/more', which is no folder"):
        environments(tree({"alembic.ini": ini, "m/env.py": ENV, "a/a1.py": SCRIPT}), "")


def test_a_broken_configuration_among_tests_stops_nothing(tree):
    files = {
        "alembic.ini": INI.format("m"),
        "tests/testdata/alembic.ini": INI.format("/nowhere"),
        "templates/{{name}}/alembic.ini": "[alembic\n",
        **scripts("m"),
    }
    found = survey(tree(files), "")
    assert [item.name for item in found.environments] == ["alembic.ini"]
    assert [item.path for item in found.skipped] == [
        "templates/{{name}}/alembic.ini",
        "tests/testdata/alembic.ini",
    ]


def test_a_broken_configuration_among_tests_is_a_problem_if_it_is_all_there_is(tree):
    with pytest.raises(CannotJudge, match="which is no folder"):
        environments(tree({"tests/alembic.ini": INI.format("/nowhere")}), "")


def test_a_location_inside_an_image_whose_folder_is_found_anyway(tree):
    found = survey(tree({"alembic.ini": INI.format("/app/migrations"), **scripts("svc/migrations")}), "")
    assert places(found.environments) == [("svc/migrations", "svc/migrations", ("svc/migrations/versions",))]
    assert [item.path for item in found.skipped] == ["alembic.ini"]


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("conf/dev.ini", "conf/dev.ini"),
        ("./conf/dev.ini", "conf/dev.ini"),
        ("m", "m"),
        ("m/versions", "m/versions"),
        ("api/db", "api/alembic.ini"),
        ("pyproject.toml", "pyproject.toml"),
    ],
)
def test_named_in_the_settings(tree, named, name):
    files = {
        "conf/dev.ini": INI.format("m"),
        "pyproject.toml": '[tool.alembic]\nscript_location = "m"\n',
        "api/alembic.ini": INI.format("db"),
        **scripts("api/db", "m"),
    }
    if named == "m":
        del files["pyproject.toml"]
    (found,) = environments(tree(files), "", named)
    assert found.name == name


def test_several_named(tree):
    found = environments(tree(scripts("a", "b", "c")), "", ["a", "c"])
    assert [item.name for item in found] == ["a", "c"]


@pytest.mark.parametrize("named", ["nowhere.ini", "nowhere", "../outside", "docs", "alembic.ini:three"])
def test_named_but_not_there(tree, named):
    files = {"docs/x.md": "", "alembic.ini": INI.format("m"), **scripts("m")}
    with pytest.raises(CannotJudge) as caught:
        environments(tree(files), "", named)
    assert "correct `alembic` in the configuration" in caught.value.problems[0].fix


def test_base_need_not_have_what_is_named(tree):
    assert environments(tree(scripts("m")), "", ["m", "later/alembic.ini"], required=False) == (
        environments(tree({}), "", "m")
    )


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("alembic.ini", "script_location = m\n", 1),
        ("alembic.ini", "[alembic]\nscript_location = m\nscript_location = n\n", 3),
        ("alembic.ini", "[alembic]\n= m\n", 2),
        ("pyproject.toml", "[tool.alembic]\nscript_location = m\n", 2),
    ],
)
def test_a_configuration_that_cannot_be_parsed(tree, name, text, line):
    with pytest.raises(CannotJudge) as caught:
        environments(tree({name: text}), "")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == (name, line)


def test_a_value_that_cannot_be_worked_out_is_told_with_the_line_of_its_own_section(tree):
    toml = '[tool.other]\nscript_location = "x"\n\n[tool.alembic]\nscript_location = "%(there)s/m"\n'
    with pytest.raises(CannotJudge) as caught:
        environments(tree({"pyproject.toml": toml}), "")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("pyproject.toml", 5)


NESTED = "".join(f"a{n} = {f'%(a{n - 1})s' * 9}\n" for n in range(2, 10))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"a1 = {'x' * 100}\n{NESTED}script_location = %(a9)s\n",
            "`script_location` stands for too much: with",
        ),
        (f"a1 =\n{NESTED}script_location = %(a8)s\n", "`script_location` stands for too much: with"),
        (
            f"a1 = {'x' * 99}\n{NESTED}script_location = m\nversion_locations = %(a8)s\n",
            "`version_locations` stands for too much: with",
        ),
        (
            f"a = {'x' * 9_999}\nscript_location = {'%(a)s' * 9_999}\n",
            "`script_location` stands for too much",
        ),
        (
            "a0 = m\n" + "".join(f"a{n + 1} = %(a{n})s\n" for n in range(20)) + "script_location = %(a20)s\n",
            "`script_location` refers to what refers to something else, more than 10 times over",
        ),
        (
            "script_location = %(script_location)s\n",
            "`script_location` refers to what refers to something else",
        ),
        (
            "script_location = m%\n",
            "`script_location` cannot be worked out: a `%` that is no `%(name)s` must",
        ),
        (
            "script_location = %(Nothing)s\n",
            "`script_location` refers to `%(Nothing)s`, which the file does not",
        ),
        (
            f"script_location = m\nx = {'x' * 1_000_000}\n",
            "the file has 1,000,035 bytes; an ini file has at most",
        ),
        (
            "script_location = m\n" + "".join(f"[s{n}]\nscript_location = m\n" for n in range(20_000)),
            "the file speaks of 20,001 environments; at most 200 are read",
        ),
    ],
)
def test_an_ini_file_that_unfolds_into_too_much_is_refused_at_once(tree, text, message):
    start = time.process_time()
    with pytest.raises(CannotJudge) as caught:
        environments(tree({"alembic.ini": f"[alembic]\n{text}", **scripts("m")}), "")
    (problem,) = caught.value.problems
    assert problem.path == "alembic.ini"
    assert problem.message.startswith(message)
    assert time.process_time() - start < 8


def test_a_toml_value_has_no_width(tree):
    toml = '[tool.alembic]\nscript_location = "%(here)999999999s/m"\n'
    with pytest.raises(CannotJudge, match="only `%\\(here\\)s` may stand in it"):
        environments(tree({"pyproject.toml": toml}), "")


def test_names_in_other_names_and_percent_signs_are_put_in(tree):
    text = "a = %(b)s/two\nB = %(here)s/50%%\nscript_location = %(A)s\n"
    found = environments(tree({"alembic.ini": f"[alembic]\n{text}", **scripts("50%/two")}), "")
    assert places(found) == [("alembic.ini", "50%/two", ("50%/two/versions",))]


def test_bytes_that_are_not_utf8_in_a_comment(tree):
    ini = "[alembic]\n# Größe\nscript_location = m\n".encode("latin-1")
    assert places(environments(tree({"alembic.ini": ini, **scripts("m")}), "")) == [
        ("alembic.ini", "m", ("m/versions",))
    ]


def test_an_ini_under_another_name_that_names_more_versions(tree):
    more = INI.format("m") + "version_locations = m/more\n"
    files = {
        "alembic.ini": INI.format("m"),
        "alembic_more.ini": more,
        "m/more/b1.py": SCRIPT,
        **scripts("m"),
    }
    assert places(environments(tree(files), "")) == [
        ("alembic.ini", "m", ("m/versions",)),
        ("alembic_more.ini", "m", ("m/more",)),
    ]


@pytest.mark.parametrize(
    "said",
    [
        INI.format("m"),
        "[app]\nscript_location = m\n",
        "[alembic\nscript_location = m\n",
        INI.format("/app/m"),
        "[pytest]\naddopts = -q\n",
    ],
)
def test_an_ini_under_another_name_that_adds_nothing(tree, said):
    files = {"alembic.ini": INI.format("m"), "production.ini": said, "tests/x.ini": INI.format("m2")}
    found = survey(tree(files | scripts("m") | {"tests/m2/x.py": SCRIPT}), "")
    assert places(found.environments) == [("alembic.ini", "m", ("m/versions",))]
    assert found.skipped == ()


def test_an_ini_under_another_name_that_is_more_than_is_read_stops_the_run(tree):
    long = f"[alembic]\na1 =\n{NESTED}script_location = m\nversion_locations = %(a9)s m2\n"
    files = {"alembic.ini": INI.format("m"), "other.ini": long, **scripts("m"), **scripts("m2")}
    with pytest.raises(CannotJudge, match="`version_locations` stands for too much"):
        survey(tree(files), "")


def test_an_ini_under_another_name_whose_folders_are_elsewhere_is_said(tree):
    files = {"alembic.ini": INI.format("m"), "other.ini": INI.format("/app/elsewhere"), **scripts("m")}
    found = survey(tree(files), "")
    assert [item.path for item in found.skipped] == ["other.ini"]


def test_a_folder_that_is_named_is_of_every_configuration_that_speaks_of_it(tree):
    files = {
        "alembic.ini": INI.format("m"),
        "logs.ini": INI.format("m") + "version_locations = logs\n",
        "logs/l1.py": SCRIPT,
        **scripts("m"),
    }
    assert places(environments(tree(files), "", "m")) == [
        ("alembic.ini", "m", ("m/versions",)),
        ("logs.ini", "m", ("logs",)),
    ]


def test_what_databases_are_called(tree):
    one = "[alembic]\nscript_location = db/one\n[two]\nscript_location = db/two\n"
    files = {
        "alembic.ini": one,
        "logs.ini": INI.format("db/logs"),
        "accounts/alembic.ini": INI.format("migrations"),
        "a/shared/alembic.ini": INI.format("migrations"),
        "b/shared/alembic.ini": INI.format("migrations"),
        **scripts("db/one", "db/two", "db/logs", "accounts/migrations", "plain/migrations"),
        **scripts("a/shared/migrations", "b/shared/migrations"),
    }
    assert {each.name: each.database for each in environments(tree(files), "")} == {
        "a/shared/alembic.ini": "a/shared/alembic.ini",
        "accounts/alembic.ini": "accounts",
        "alembic.ini": "one",
        "alembic.ini [two]": "two",
        "b/shared/alembic.ini": "b/shared/alembic.ini",
        "logs.ini": "logs",
        "plain/migrations": "plain",
    }


def test_databases_that_the_configuration_names(tree):
    files = {"alembic.ini": INI.format("one"), "odd/x.py": SCRIPT, **scripts("one", "two")}
    found = survey(tree(files), "", databases={"billing": "two", "odd": "odd", "first": "alembic.ini"})
    assert [(each.database, each.version_locations) for each in found.environments] == [
        ("first", ("one/versions",)),
        ("odd", ("odd",)),
        ("billing", ("two/versions",)),
    ]


def test_a_database_of_the_configuration_is_one(tree):
    ini = "[one]\nscript_location = one\n[two]\nscript_location = two\n"
    with pytest.raises(CannotJudge) as caught:
        survey(tree({"alembic.ini": ini, **scripts("one", "two")}), "", databases={"x": "alembic.ini"})
    (problem,) = caught.value.problems
    assert problem.fix == "name one of them: alembic.ini:one, alembic.ini:two"


@pytest.mark.parametrize("location", ["/opt/release/migrations", "release/migrations"])
def test_a_section_of_another_place_does_not_block_the_others(tree, location):
    ini = INI.format("m") + f"[prod]\nscript_location = {location}\n"
    found = survey(tree({"alembic.ini": ini, **scripts("m")}), "")
    assert [each.name for each in found.environments] == ["alembic.ini"]
    assert [each.message for each in found.skipped] == [
        f"`script_location` is {location!r}, which is no folder in {tree({}).name}"
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"alembic.ini": INI.format("{{ cookiecutter.name }}/migrations")},
        {"alembic.ini": INI.format("{alembic_dir}")},
        {"{{cookiecutter.name}}/alembic.ini": INI.format("migrations")},
        {"{{name}}/alembic.ini": INI.format("m"), **scripts("{{name}}/m")},
        scripts("{{cookiecutter.name}}/migrations"),
    ],
)
def test_what_a_template_is_to_make_is_no_environment(tree, files):
    assert survey(tree(files), "") == ((), ())
    assert [each.name for each in environments(tree({**files, **scripts("real")}), "")] == ["real"]
