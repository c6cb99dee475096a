"""What a person wrote and nothing bears: a slip in a name switches no part of the gate off in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import (
    CONSUMER,
    PRODUCER,
    PROJECT,
    VERSIONS,
    Files,
    Runner,
    acknowledging,
    report,
    revision,
    write,
)

HINT = "      hint: {type: text, nullable: false}\n"
P, C = PROJECT[PRODUCER], PROJECT[CONSUMER]
DROP = revision('op.drop_column("deployment_events", "hint")')
FOLLOWING: Files = {**DROP, PRODUCER: P.replace(HINT, ""), CONSUMER: C.replace(HINT, "")}
OWN, PYPROJECT = "migration-lint.toml", "pyproject.toml"


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def told(
    runner: Runner, capsys: pytest.CaptureFixture[str], after: Files, before: Files | None = None
) -> str:
    """What a check of a change prints whole."""
    base = write(runner.folder / "before", {**PROJECT, **(before or {})})
    head = write(runner.folder / "after", {**PROJECT, **(before or {}), **after})
    return report(capsys, "check", head, "--base", base, "--head", head)


# -- the configuration's own name


@pytest.mark.parametrize(
    "name",
    [
        "migration_lint.toml",
        ".migration-lint.toml",
        "migrationlint.toml",
        "Migration-Lint.toml",
        "migrations-lint.toml",
        "migratoin-lint.toml",
        "migration-linter.toml",
        ".migration_lint.toml",
        "mgration-lint.toml",
        "igration-lint.toml",
        "imgration-lint.toml",
        "migraton_lint.toml",
        "migration-litn.toml",
        "migratn-lint.toml",
        "migration-contract-lint.toml",
    ],
)
def test_a_file_that_is_nearly_the_configuration(
    runner: Runner, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert told(runner, capsys, {**FOLLOWING, name: 'protected = ["deployments"]\n'}) == (
        "exit status 2\n\n"
        f"error: {name}: this looks like a configuration of migration-lint, and is not read under this name\n"
        "  fix: name it migration-lint.toml\n"
    )


def test_a_configuration_in_another_format(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(runner, capsys, {"migration-lint.yml": "protected: [deployments]\n"})
    assert "fix: write what it says into migration-lint.toml, as TOML" in found
    assert found.startswith("exit status 2")


@pytest.mark.parametrize(
    ("path", "header", "fix"),
    [
        (PYPROJECT, "tool.migration_lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.migraton-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.mirgation-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.igration-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.migration-litn", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.migration-contract-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.migration.lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tol.migration-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tools.migration-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "migration-lint", "write [tool.migration-lint]"),
        (PYPROJECT, "tool.migrations-lint", "write [tool.migration-lint]"),
        ("setup.cfg", "tool:migration-lint", "write [tool.migration-lint] into pyproject.toml"),
        ("tox.ini", "migration-lint", "write [tool.migration-lint] into pyproject.toml"),
    ],
)
def test_a_table_that_is_nearly_the_configuration(
    runner: Runner, capsys: pytest.CaptureFixture[str], path: str, header: str, fix: str
) -> None:
    value = '"agrees"' if path == PYPROJECT else "agrees"
    found = told(runner, capsys, {**FOLLOWING, path: f"\n[{header}]\nrequire = {value}\n"})
    assert found == (
        "exit status 2\n\n"
        f"error: {path}:2: [{header}] looks like a configuration of migration-lint, and is not read "
        "under this name\n"
        f"  fix: {fix}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[tool.migraton-lint.severity]\ndesign = 'warning'\n",
        "[tool]\nmigraton-lint = {require = 'agrees'}\n",
        "[tool]\nmigraton-lint.require = 'agrees'\n",
        "tool.migraton-lint.require = 'agrees'\n",
        "tool = {migraton-lint = {require = 'agrees'}}\n",
        "[tool.'migraton-lint']\n",
        "[ tool . migraton-lint ] # ours\n",
    ],
)
def test_a_table_however_toml_writes_it(runner: Runner, text: str) -> None:
    judged = runner.change({**FOLLOWING, PYPROJECT: text})
    assert judged.status == 2
    assert "[tool.migraton-lint] looks like a configuration of migration-lint" in judged.error


def test_a_file_without_an_ending(runner: Runner) -> None:
    judged = runner.change({**FOLLOWING, ".migration-lintrc": "protected: [deployments]\n"})
    assert (judged.status, ".migration-lintrc: this looks like" in judged.error) == (2, True)


def test_a_change_mends_the_name(runner: Runner) -> None:
    wrong: Files = {"migration_lint.toml": "", PYPROJECT: "[tool.migration_lint]\n"}
    mended: Files = {"migration_lint.toml": None, PYPROJECT: "[tool.migration-lint]\nprotected = []\n"}
    (runner.folder / "after").mkdir()
    for path in wrong:
        write(runner.folder / "after", {path: ""})
    assert runner.change({**FOLLOWING, **mended}, wrong).status == 0


def test_names_of_other_things_are_left_alone(runner: Runner) -> None:
    others: Files = {
        "migration-list.json": "{}",
        "migrations.toml": "",
        "pg-migration-lint.toml": "",
        "lint.toml": "",
        "migration-lib.toml": "",
        "migration-kit.toml": "",
        "migrate-lint.toml": "",
        "migration-lint.json": '{"findings": [], "summary": {}}',
        "migration-lint.yml": "migration-lint:\n  rules: []\n  environment: test\n",
        "migration-lint.baseline.yaml": "",
        "migration_lint.py": "",
        "docs/migration_lint.toml": "",
        "setup.cfg": "[django_migration_linter]\n[mypy]\n",
        "tox.ini": "[testenv:migration-lint]\n",
        PYPROJECT: """\
[project]
name = "migration-lint-demo"
description = '''
[tool.migration_lint]
is not what it is called
'''
dependencies = ["migration-contract-lint", "migration_lint"]
[tool.migrate]
[tool.django_migration_linter]
[tool.pg-migration-lint]
[tool.migration-list]
[tool.migration-hint]
[tool.migration-int]
[tool.migration.list]
[tool.migration-lint]
[tool.migration-lint.severity]
[tool.alembic]
[tool.ruff.lint]
[tool.poetry.group.migration-lint.dependencies]
[tool.hatch.envs.migration_lint]
""",
    }
    assert runner.change({**FOLLOWING, **others}) == (0, (), "")


# -- patterns


def test_a_protected_table_that_is_misspelt(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(runner, capsys, {**FOLLOWING, OWN: 'protected = ["deployment_event"]\n'})
    assert found.startswith("exit status 2\n")
    assert (
        "migration-lint.toml:1: protected names deployment_event, and no migration speaks of such a table"
        in found
    )
    assert "fix: did you mean deployment_events?" in found


@pytest.mark.parametrize("pattern", ["billing.*", "unheard_of", "public.deployment_evnts"])
def test_a_protected_pattern_that_matches_nothing(runner: Runner, pattern: str) -> None:
    found = runner.change({**FOLLOWING, OWN: f'protected = ["{pattern}"]\n'})
    assert found.status == 2
    assert f"protected names {pattern}" in found.error


@pytest.mark.parametrize("pattern", ["deployment_events", "public.*", "deploy*", "*"])
def test_a_protected_pattern_that_matches(runner: Runner, pattern: str) -> None:
    assert runner.change({**FOLLOWING, OWN: f'protected = ["{pattern}"]\n'}).status == 0


def test_a_protected_table_that_is_gone_has_been_there(runner: Runner) -> None:
    before = {
        **revision('op.create_table("drafts", sa.Column("id", sa.Integer(), primary_key=True))'),
        **revision('op.drop_table("drafts")', "c3", "b2"),
        OWN: 'protected = ["drafts"]\n',
    }
    assert runner.change(revision("pass", "d4", "c3"), before).status == 0


def test_a_change_mends_a_pattern(runner: Runner) -> None:
    after = {**FOLLOWING, OWN: 'protected = ["deployment_events"]\n'}
    assert runner.change(after, {OWN: 'protected = ["deployment_event"]\n'}).status == 0


def test_a_protected_table_that_a_revision_may_make_which_nobody_can_read(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would protect nothing: such a table is known by its contracts, which it is there to demand."""
    before = {**revision("import os\nop.execute(os.environ['DDL'])"), OWN: 'protected = ["unheard_of"]\n'}
    found = told(runner, capsys, revision("pass", "c3", "b2"), before)
    assert found == (
        "exit status 2\n\n"
        "error: migration-lint.toml:1: protected names unheard_of, and no migration speaks of such a table\n"
        "  fix: correct it, or take it out; where b2, which cannot be read, makes it, write its contracts: "
        "they make it known\n"
    )
    known = {
        path: text.replace("deployment_events", "unheard_of") for path, text in ((PRODUCER, P), (CONSUMER, C))
    }
    assert runner.change({**revision("pass", "c3", "b2"), **known}, before).status != 2


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            'small-tables = ["deployment_event"]\n',
            "1: small-tables names deployment_event, which matches nothing; did you mean deployment_events?",
        ),
        (
            '[per-path."migration/**"]\ndata-column-dropped = "off"\n',
            "1: per-path names migration/**, which matches nothing; did you mean migrations/**?",
        ),
        (
            '[per-path."migration/versions/*"]\nsome-rule = "off"\n'.replace(
                "some-rule", "data-column-dropped"
            ),
            "1: per-path names migration/versions/*, which matches nothing; "
            "did you mean migrations/versions/*?",
        ),
        (
            'contracts = ["contracts/*.yaml", "agreements/*.yaml"]\n',
            "1: contracts names agreements/*.yaml, which matches nothing",
        ),
    ],
)
def test_a_pattern_that_matches_nothing_is_said(
    runner: Runner, capsys: pytest.CaptureFixture[str], text: str, note: str
) -> None:
    found = told(runner, capsys, {**FOLLOWING, OWN: text})
    assert found.startswith("exit status 0\n")
    assert f"note: migration-lint.toml:{note}\n" in found


def test_a_pattern_that_matches_is_not_spoken_of(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        'small-tables = ["deployment_*"]\ncontracts = ["contracts/**/*.yaml", "contracts/**/*.yml"]\n'
        '[per-path."migrations/**"]\ndata-column-dropped = "off"\n'
    )
    assert "matches nothing" not in told(runner, capsys, {**FOLLOWING, OWN: text})


def test_a_start_that_is_no_revision(runner: Runner) -> None:
    found = runner.change({**FOLLOWING, OWN: 'start-after = "a2"\n'})
    assert found.status == 2
    assert "start-after names a2, which is no revision" in found.error


# -- acknowledgements


def test_an_acknowledgement_of_a_revision_that_is_not_there(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    drop = revision('op.drop_column("deployment_events", "hint")', "4f1c2a9d7b31")
    worker = acknowledging(P, "4f1c2a9d7b3l")
    assert told(runner, capsys, {**drop, PRODUCER: worker, CONSUMER: C.replace(HINT, "")}) == (
        "exit status 2\n\n"
        "error: contracts/worker.producer.yaml:12: worker.producer acknowledges 4f1c2a9d7b3l, "
        "which is no revision here\n  fix: did you mean 4f1c2a9d7b31?\n"
    )


def test_acknowledgements_of_removed_revisions_and_of_other_tables_may_stay(runner: Runner) -> None:
    stays = acknowledging(P, "squashed") + "  elsewhere:\n    acknowledges: {5e1f: nobody reads it there}\n"
    assert (
        runner.change(
            {**DROP, CONSUMER: C.replace(HINT, ""), PRODUCER: stays.replace(HINT, "")}, {PRODUCER: stays}
        ).status
        == 0
    )


def test_acknowledgements_of_long_ago_are_said_of_the_whole(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write(runner.folder / "whole", {**PROJECT, PRODUCER: acknowledging(P, "b2")})
    found = report(capsys, "check", project, "--all")
    assert "worker.producer.yaml:12: worker.producer acknowledges b2, which is no revision here\n" in found


# -- what Alembic runs


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("upgarde", "rename `upgarde` to `upgrade`"),
        ("upgrades", "rename `upgrades` to `upgrade`"),
        ("Upgrade", "rename `Upgrade` to `upgrade`"),
        ("up_grade", "rename `up_grade` to `upgrade`"),
        ("forwards", "add `def upgrade():` with what the revision does"),
    ],
)
def test_a_script_without_upgrade(
    runner: Runner, capsys: pytest.CaptureFixture[str], name: str, fix: str
) -> None:
    path = f"{VERSIONS}/b2.py"
    text = str(DROP[path]).replace("def upgrade", f"def {name}")
    line = text[: text.index(f"def {name}")].count("\n") + 1 if "rename" in fix else 4
    assert told(runner, capsys, {path: text}) == (
        "exit status 2\n\n"
        f"error: {path}:{line}: revision 'b2' has no `upgrade`: Alembic fails when it comes to run it\n"
        f"  fix: {fix}\n"
    )


@pytest.mark.parametrize(
    "instead",
    [
        "from shop.moves import upgrade",
        "from shop.moves import *",
        "def up():\n    pass\n\n\nupgrade = up",
        "if True:\n    def upgrade():\n        pass",
        "async def upgrade():\n    pass",
        "globals()['up' + 'grade'] = print",
        "class upgrade:\n    def __init__(self):\n        pass",
    ],
)
def test_upgrade_may_come_from_elsewhere(runner: Runner, instead: str) -> None:
    text = f'{instead}\n\n\nrevision = "b2"\ndown_revision = "a1"\n'
    moves = {"shop/__init__.py": "", "shop/moves.py": "def upgrade():\n    pass\n"}
    assert runner.change({f"{VERSIONS}/b2.py": text, **moves}).status == 0


def test_an_old_script_is_not_judged_anew(runner: Runner) -> None:
    before = {f"{VERSIONS}/b2.py": 'revision = "b2"\ndown_revision = "a1"\n'}
    assert runner.change(revision("pass", "c3", "b2"), before).status == 0
