"""What hosts read, held against their own schemas and against the linters that people run on them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ..documented import PAGES, ROOT
from .tools import need

ACTION = ROOT / "action.yml"
EXAMPLES = sorted((ROOT / "examples/ci/github").glob("*.yml"))
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), *EXAMPLES]
GITLAB = sorted((ROOT / "examples/ci/gitlab").glob("*.yml"))


def complaints(environ: dict[str, str], *command: str | Path, cwd: Path = ROOT) -> str:
    """What a linter prints; "" where it has nothing to say. Skips the test where it is not installed."""
    need(str(command[0]), environ)
    ran = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "" if ran.returncode == 0 else ran.stdout or f"exit status {ran.returncode}"


def test_actionlint_passes_the_workflows_and_their_scripts(environ: dict[str, str]) -> None:
    need("shellcheck", environ)  # or else it would not look at the scripts
    assert not complaints(environ, "actionlint", *WORKFLOWS)


def test_actionlint_passes_the_action(environ: dict[str, str], tmp_path: Path) -> None:
    """It reads an action where a workflow beside it uses it, and scripts only in workflows."""
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    (tmp_path / ".git").mkdir()
    place = tmp_path / ".github/workflows/try.yml"
    place.parent.mkdir(parents=True)
    shutil.copy(ACTION, tmp_path / "action.yml")
    steps = [{"uses": "./", "with": dict.fromkeys(action["inputs"], "x")}]
    steps += [{"run": step["run"], "shell": step["shell"]} for step in action["runs"]["steps"]]
    jobs = {"try": {"runs-on": "ubuntu-latest", "steps": steps}}
    place.write_text(yaml.safe_dump({"on": "push", "jobs": jobs}))
    assert not complaints(environ, "actionlint", cwd=tmp_path)
    steps[0]["with"] = {"no-such-input": "x"}
    place.write_text(yaml.safe_dump({"on": "push", "jobs": jobs}))
    assert "no-such-input" in complaints(environ, "actionlint", cwd=tmp_path)


def test_zizmor_passes_them_all(environ: dict[str, str]) -> None:
    assert not complaints(environ, "zizmor", "--offline", "--persona=pedantic", "--quiet", ACTION, *WORKFLOWS)


@pytest.mark.parametrize(
    ("schema", "paths"),
    [("github-actions", [ACTION]), ("github-workflows", WORKFLOWS), ("gitlab-ci", GITLAB)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_host_s_own_schema_holds(environ: dict[str, str], schema: str, paths: list[Path]) -> None:
    assert paths
    assert not complaints(environ, "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *paths)


def test_every_action_is_pinned_by_a_whole_commit() -> None:
    for path in WORKFLOWS:
        used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # .+", each) for each in used), path


def test_no_script_holds_an_expression() -> None:
    for path in (ACTION, *WORKFLOWS):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        steps = [
            step
            for part in (document.get("runs"), *document.get("jobs", {}).values())
            if part
            for step in part["steps"]
        ]
        assert steps
        assert not [step["run"] for step in steps if "${{" in step.get("run", "")], path


def shown(name: str) -> str:
    """The file that a page shows under a name."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.values())
    (found,) = re.findall(rf"^```yaml\n# {re.escape(name)}\n(.+?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (".github/workflows/migration-lint.yml", ("actionlint",)),
        (".github/workflows/migration-lint.yml", ("zizmor", "--offline", "--quiet")),
        (".gitlab-ci.yml", ("check-jsonschema", "--builtin-schema=vendor.gitlab-ci")),
        (".pre-commit-config.yaml", ("pre-commit", "validate-config")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_a_page_shows_is_what_the_hosts_take(
    environ: dict[str, str], tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    (tmp_path / "shown.yml").write_text(shown(name))
    assert not complaints(environ, *command, tmp_path / "shown.yml")


def test_what_a_page_shows_names_what_is_here() -> None:
    (repository,) = yaml.safe_load(shown(".pre-commit-config.yaml"))["repos"]
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in manifest]
    (included,) = yaml.safe_load(shown(".gitlab-ci.yml"))["include"]
    assert (ROOT / included["file"]).is_file()


def test_pre_commit_takes_the_hooks(environ: dict[str, str]) -> None:
    assert not complaints(environ, "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
