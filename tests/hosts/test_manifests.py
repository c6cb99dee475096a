"""What hosts read, held against their own schemas and against the linters that people run on them."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ..documented import ROOT

ACTION = ROOT / "action.yml"
EXAMPLES = sorted((ROOT / "examples/ci/github").glob("*.yml"))
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), *EXAMPLES]
GITLAB = sorted((ROOT / "examples/ci/gitlab").glob("*.yml"))

_HAS_ACTIONLINT = (platform.system(), platform.machine()) == ("Linux", "x86_64")


def complaints(environ: dict[str, str], *command: str | Path, cwd: Path = ROOT) -> str:
    """What a linter prints; "" where it has nothing to say."""
    if command[0] == "actionlint" and not _HAS_ACTIONLINT:
        pytest.skip("the registry has actionlint with its binary for Linux on x86-64 only")
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
    assert not complaints(environ, "actionlint", *WORKFLOWS)
    assert shutil.which("shellcheck", path=environ["PATH"])  # or else it would not look at the scripts


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
    """The file that the README shows under a name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```yaml\n# {re.escape(name)}\n(.+?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def test_what_the_readme_shows_is_what_the_hosts_take(environ: dict[str, str], tmp_path: Path) -> None:
    workflow, gitlab, hooks = tmp_path / "w.yml", tmp_path / "g.yml", tmp_path / "p.yaml"
    workflow.write_text(shown(".github/workflows/migration-lint.yml"))
    gitlab.write_text(shown(".gitlab-ci.yml"))
    hooks.write_text(shown(".pre-commit-config.yaml"))
    assert not complaints(environ, "actionlint", workflow)
    assert not complaints(environ, "zizmor", "--offline", "--quiet", workflow)
    assert not complaints(environ, "check-jsonschema", "--builtin-schema=vendor.gitlab-ci", gitlab)
    assert not complaints(environ, "pre-commit", "validate-config", hooks)
    (repository,) = yaml.safe_load(hooks.read_text())["repos"]
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in manifest]
    (included,) = yaml.safe_load(gitlab.read_text())["include"]
    assert (ROOT / included["file"]).is_file()


def test_pre_commit_takes_the_hooks(environ: dict[str, str]) -> None:
    assert not complaints(environ, "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
