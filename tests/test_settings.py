from __future__ import annotations

import pytest

from migration_lint.change.links import NO_LINKS, Links
from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge
from migration_lint.settings import (
    DatabaseSettings,
    Durations,
    Settings,
    judging_settings,
    load_settings,
    stricter,
)


class Files:
    """A tree whose files are given as text."""

    def __init__(self, name: str = "head", **files: str | bytes) -> None:
        self.name = name
        self._files = {
            path.replace("__", "/"): text.encode() if isinstance(text, str) else text
            for path, text in files.items()
        }

    def files(self) -> dict[str, str]:
        return {path: data.hex() for path, data in self._files.items()}

    def links(self) -> Links:
        return NO_LINKS

    def read(self, path: str) -> bytes:
        return self._files[path]


def tree(files: dict[str, str | bytes], name: str = "head") -> Tree:
    return Files(name, **files)


def own(text: str, **more: str) -> Tree:
    return tree({"migration-lint.toml": text, **more})


def problems_of(files: dict[str, str | bytes], project: str = "") -> list[str]:
    with pytest.raises(CannotJudge) as caught:
        load_settings(tree(files), project)
    return [str(problem) for problem in caught.value.problems]


def test_without_a_file_all_is_default() -> None:
    settings = load_settings(tree({}), "")
    assert settings == Settings()
    assert settings.contracts == ("contracts/**/*.yaml", "contracts/**/*.yml", "contracts/**/*.json")
    assert settings.require == "agrees"
    assert settings.path == ""


def test_every_key() -> None:
    text = """
contracts = ["./agreements/*.yaml"]
protected = ["billing.*"]
alembic = "db/alembic.ini"
dialect = "mysql"
server-version = "8.0.36"
default-schema = "shop"
lower-case-table-names = 0
require = "changed"
accept-earlier-consent = true
directions = ["downgrade", "upgrade"]
fail-on = "warning"
rules = ["lint/rules"]
start-after = "4f1c2a9d7b31"
helpers = ["../acme-migrations"]
small-tables = ["settings"]
baseline = "./lint/baseline.yaml"
sizes = "./ops/sizes.yaml"

[durations]
read = 125
long = 30.5

[severity]
contract-side-missing = "off"
design = "warning"

[per-path."./migrations/legacy/**"]
design = "off"

[environment]
SCHEMA = "shop"

[databases.logs]
alembic = "./logs/alembic.ini"
elsewhere = ["f00d"]
sizes = "logs/sizes.yaml"
"""
    assert load_settings(own(text), "") == Settings(
        contracts=("agreements/*.yaml",),
        protected=("billing.*",),
        alembic=("db/alembic.ini",),
        dialect="mysql",
        server_version=(8, 0, 36),
        default_schema="shop",
        lower_case_table_names=0,
        require="changed",
        accept_earlier_consent=True,
        directions=("upgrade", "downgrade"),
        fail_on="warning",
        rules=("lint/rules",),
        severity={"contract-side-missing": "off", "design": "warning"},
        per_path={"migrations/legacy/**": {"design": "off"}},
        start_after=("4f1c2a9d7b31",),
        environment={"SCHEMA": "shop"},
        helpers=("../acme-migrations",),
        small_tables=("settings",),
        baseline="lint/baseline.yaml",
        sizes="ops/sizes.yaml",
        durations=Durations(read=125, long=30.5),
        databases={
            "logs": DatabaseSettings(alembic="logs/alembic.ini", elsewhere=("f00d",), sizes="logs/sizes.yaml")
        },
        path="migration-lint.toml",
    )


@pytest.mark.parametrize(
    ("dialect", "schema"), [("postgresql", "public"), ("sqlite", "main"), ("mssql", "dbo"), ("mysql", "")]
)
def test_the_default_schema_is_the_dialects(dialect: str, schema: str) -> None:
    assert load_settings(own(f'dialect = "{dialect}"'), "").default_schema == schema


@pytest.mark.parametrize(
    "text",
    [
        '[tool.migration-lint]\nrequire = "touched"\n',
        '[tool]\nmigration-lint.require = "touched"\n',
        'tool = {migration-lint = {require = "touched"}}\n',
    ],
)
def test_pyproject_in_each_spelling_of_toml(text: str) -> None:
    settings = load_settings(tree({"pyproject.toml": text}), "")
    assert settings.require == "touched"
    assert settings.path == "pyproject.toml"


def test_only_the_judged_folder_is_configured() -> None:
    files: dict[str, str | bytes] = {
        "migration-lint.toml": 'require = "touched"',
        "services/shop/migration-lint.toml": 'require = "changed"',
    }
    assert load_settings(tree(files), "services/shop").require == "changed"
    assert load_settings(tree(files), "services/mail").require == "agrees"


def test_a_pyproject_that_says_nothing_about_us_is_not_even_parsed() -> None:
    assert load_settings(tree({"pyproject.toml": "this is = = not toml"}), "") == Settings()


def test_two_files_are_one_too_many() -> None:
    both: dict[str, str | bytes] = {"pyproject.toml": "[tool.migration-lint]\n", "migration-lint.toml": ""}
    assert problems_of(both) == [
        "pyproject.toml and migration-lint.toml both configure migration-lint\n"
        "  fix: keep one: move what migration-lint.toml says into [tool.migration-lint] of pyproject.toml,"
        " or the other way round"
    ]


def test_a_pyproject_without_our_table_does_not_count_as_a_second_file() -> None:
    files: dict[str, str | bytes] = {
        "pyproject.toml": '[project]\ndependencies = ["migration-lint"]\n',
        "migration-lint.toml": 'require = "changed"',
    }
    assert load_settings(tree(files), "").require == "changed"


def test_every_problem_is_told_at_once_with_its_line_and_the_nearest_word() -> None:
    text = """\
[project]
require = "not ours"

[tool.migration-lint]
contract = ["a.yaml"]
require = "agree"
accept_earlier_consent = "yes"
dialect = "postgres"
server-version = 10.11
rules = ["../shared/rules"]

[tool.migration-lint.severity]
"contract-column-dropped" = "fatal"

[tool.migration-lint.durations]
reed = 3
read = 0
long = true
"""
    assert problems_of({"pyproject.toml": text}) == [
        'pyproject.toml:5: unknown key "contract"\n  fix: did you mean contracts?',
        'pyproject.toml:6: require cannot be "agree"\n  fix: did you mean agrees?',
        'pyproject.toml:7: unknown key "accept_earlier_consent"\n  fix: did you mean accept-earlier-consent?',
        'pyproject.toml:8: dialect cannot be "postgres"\n  fix: did you mean postgresql?',
        'pyproject.toml:9: server-version cannot be 10.11\n  fix: write the version in quotes: "16", "10.11"',
        'pyproject.toml:10: rules cannot be ["../shared/rules"]\n'
        '  fix: name it from this folder downwards, with / between the parts: "../shared/rules" leads out',
        'pyproject.toml:13: severity.contract-column-dropped cannot be "fatal"\n'
        "  fix: use one of: error, warning, info, off",
        'pyproject.toml:16: unknown key "reed" in durations\n  fix: did you mean read?',
        "pyproject.toml:17: durations.read cannot be 0\n  fix: write a number above 0",
        "pyproject.toml:18: durations.long cannot be true\n  fix: write a number above 0",
    ]


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("contracts = 'a.yaml'", 'give it a list of texts: ["…", "…"]'),
        ("protected = [1]", 'give it a list of texts: ["…", "…"]'),
        ("directions = []", "give it a list of some of: upgrade, downgrade"),
        ("accept-earlier-consent = 1", "write true or false, without quotes"),
        ("default-schema = true", "give it one text in quotes"),
        ("severity = 'error'", 'make it a table: one line "rule-name" = "error" for each rule'),
        ("fail-on = 3", "use one of: error, warning, info"),
        ("frobnicate = 3", None),
    ],
)
def test_a_wrong_value_is_answered_with_what_the_key_takes(line: str, fix: str | None) -> None:
    (problem,) = problems_of({"migration-lint.toml": "# first\n" + line})
    assert problem.startswith("migration-lint.toml:2: ")
    assert problem.partition("  fix: ")[2] == fix if fix else "use one of: dialect, contracts" in problem


def test_broken_toml_is_told_with_line_and_column() -> None:
    assert problems_of({"sub/migration-lint.toml": 'require = "agrees"\ncontracts = [,]\n'}, "sub") == [
        "sub/migration-lint.toml:2:14: this is not TOML: invalid value\n  fix: mend the line"
    ]


def test_toml_that_stops_short_names_its_last_line() -> None:
    (problem,) = problems_of({"migration-lint.toml": 'require = "agrees"\ncontracts = ["a"\n'})
    assert problem.startswith("migration-lint.toml:2: this is not TOML: ")


def test_a_file_that_is_not_utf8() -> None:
    assert problems_of({"migration-lint.toml": b'require = "agrees"\n# caf\xe9\n'}) == [
        "migration-lint.toml:2: this is not UTF-8\n  fix: save it as UTF-8"
    ]


GUARDED = Settings(
    protected=("billing.*",), severity={"contract-column-dropped": "error"}, path="migration-lint.toml"
)


@pytest.mark.parametrize(
    ("base", "head", "judged", "note"),
    [
        ('require = "agrees"', 'require = "touched"', {"require": "agrees"}, 'require = "touched"'),
        ('require = "touched"', 'require = "agrees"', {"require": "agrees"}, None),
        ('require = "touched"', 'require = "changed"', {"require": "changed"}, None),
        (
            "",
            "accept-earlier-consent = true",
            {"accept_earlier_consent": False},
            "accept-earlier-consent = true",
        ),
        ("accept-earlier-consent = true", "", {"accept_earlier_consent": False}, None),
        (
            'protected = ["a", "b"]',
            'protected = ["b", "c"]',
            {"protected": ("b", "c", "a")},
            'protected = ["b", "c"]',
        ),
        ('protected = ["a"]', 'protected = ["b", "a"]', {"protected": ("b", "a")}, None),
        (
            'contracts = ["a/*.yaml"]',
            'contracts = ["b/*.yaml"]',
            {"contracts": ("b/*.yaml", "a/*.yaml")},
            "contracts",
        ),
        ('directions = ["upgrade", "downgrade"]', "", {"directions": ("upgrade", "downgrade")}, "directions"),
        ('fail-on = "warning"', 'fail-on = "error"', {"fail_on": "warning"}, 'fail-on = "error"'),
        ('fail-on = "warning"', 'fail-on = "info"', {"fail_on": "info"}, None),
        (
            "",
            'dialect = "sqlite"',
            {"dialect": "postgresql", "default_schema": "public"},
            'dialect = "sqlite"',
        ),
        ("", 'default-schema = "x"', {"default_schema": "public"}, 'default-schema = "x"'),
        ("", 'server-version = "9.6"', {"server_version": (9, 6)}, None),
        ("", 'rules = ["r"]', {"rules": ("r",)}, None),
        ('alembic = "a.ini"', 'alembic = "b.ini"', {"alembic": ("b.ini", "a.ini")}, 'alembic = ["b.ini"]'),
        ("", 'alembic = "a.ini"', {"alembic": ()}, "every environment that is found"),
        ('alembic = "a.ini"', "", {"alembic": ()}, None),
        ('alembic = "gone.ini"', 'alembic = "b.ini"', {"alembic": ("b.ini",)}, None),
    ],
)
def test_a_change_does_not_loosen_its_own_gate(
    base: str, head: str, judged: dict[str, object], note: str | None
) -> None:
    there = {"a.ini": "", "b.ini": ""}
    before = own("# guarded\n" + base, **there)
    after = own(head, **there)
    result = judging_settings(before, after, "")
    assert {key: getattr(result.head, key) for key in judged} == judged
    assert result.base == load_settings(before, "")
    if note is None:
        assert result.notes == ()
    else:
        (said,) = result.notes
        assert said.startswith("migration-lint.toml: ")
        assert note in said
        assert "takes effect once it is merged; this change is judged with " in said


@pytest.mark.parametrize(
    ("base", "head", "level", "noted"),
    [
        (None, "off", "error", True),
        (None, "error", "error", False),
        ("warning", "off", "warning", True),
        ("off", "warning", "warning", False),
        ("error", None, "error", True),
        ("warning", None, "error", False),
    ],
)
def test_the_severity_of_a_contract_rule_is_the_graver(
    base: str | None, head: str | None, level: str, noted: bool
) -> None:
    def said(value: str | None) -> str:
        return f'severity.contract-column-dropped = "{value}"' if value else ""

    result = judging_settings(own("# guarded\n" + said(base)), own(said(head)), "")
    assert result.head.level("contract-column-dropped", "error") == level
    assert bool(result.notes) == noted


def test_other_rules_are_as_severe_as_head_says() -> None:
    result = judging_settings(own("# guarded"), own('severity.design-naming = "off"'), "")
    assert result.head.level("design-naming", "warning") == "off"
    assert result.notes == ()


def test_a_rule_counts_before_its_group_and_a_path_before_all_paths() -> None:
    settings = Settings(
        severity={"design": "warning", "design-serial": "error"},
        per_path={"old/**": {"design": "off"}, "old/kept/**": {"design-serial": "info"}},
        path="shop/migration-lint.toml",
    )
    assert settings.level("design-money", "off", "design", "shop/new/a.py") == "warning"
    assert settings.level("design-serial", "off", "design", "shop/new/a.py") == "error"
    assert settings.level("design-serial", "off", "design", "shop/old/a.py") == "off"
    assert settings.level("design-serial", "off", "design", "shop/old/kept/a.py") == "info"
    assert settings.level("data-table-dropped", "warning", "data-loss", "shop/old/a.py") == "warning"


def test_a_group_of_gate_rules_is_not_loosened_by_the_change_itself() -> None:
    result = judging_settings(own("# guarded"), own('severity.contract = "off"'), "")
    assert result.head.level("contract-column-dropped", "error", "contract") == "error"
    assert "severity.contract" in result.notes[0]


def test_the_rules_own_severity_holds_where_nothing_is_said() -> None:
    assert Settings().level("contract-column-dropped", "warning") == "warning"


def test_the_first_configuration_of_a_project_counts_at_once() -> None:
    result = judging_settings(tree({"README.md": ""}), own('dialect = "mysql"\nrequire = "touched"'), "")
    assert result.head.dialect == "mysql"
    assert result.head.require == "touched"
    assert result.notes == ()


def test_contracts_that_are_there_without_a_configuration_are_guarded_by_its_defaults() -> None:
    base = tree({"contracts/team/api.consumer.yaml": ""})
    result = judging_settings(base, own('require = "touched"'), "")
    assert result.head.require == "agrees"
    assert len(result.notes) == 1


def test_deleting_the_configuration_does_not_loosen_the_gate() -> None:
    result = judging_settings(own('protected = ["a"]'), tree({}), "")
    assert result.head.protected == ("a",)
    (note,) = result.notes
    assert note.startswith("migration-lint.toml: protected = [] takes effect once it is merged")


def test_problems_of_both_trees_are_told_and_bases_say_whose_they_are() -> None:
    base = tree({"migration-lint.toml": "requires = 1"}, name="main (3f2a91c)")
    with pytest.raises(CannotJudge) as caught:
        judging_settings(base, own("contract = 2"), "")
    assert [problem.message for problem in caught.value.problems] == [
        'unknown key "requires" (in base: main (3f2a91c))',
        'unknown key "contract"',
    ]


def test_stricter_keeps_all_that_base_holds() -> None:
    judged, notes = stricter(GUARDED, Settings())
    assert judged.protected == GUARDED.protected
    assert judged.level("contract-column-dropped", "info") == "error"
    assert len(notes) == 2
