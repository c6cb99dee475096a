"""pre-commit and prek run the hooks: each case is a history, and the commit that it ends in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ..documented import ROOT
from ..projects import CONSUMER, FIRST, PRODUCER, PROJECT, VERSIONS, Files, Repository, revision, write
from .tools import need

pytestmark = pytest.mark.one_in(2)

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HINT = "      hint: {type: text, nullable: false}\n"
DROP = revision('op.drop_column("deployment_events", "hint")')
FOLLOWING = {path: PROJECT[path].replace(HINT, "") for path in (PRODUCER, CONSUMER)}
#: Keys that only a hook of another repository may have.
_OF_A_REMOTE = ("additional_dependencies", "minimum_pre_commit_version")
BEHIND = "deployment_events.hint is dropped, but api.consumer and worker.producer did not change with it"


def config(*hooks: str, **more: object) -> str:
    """A configuration with hooks of the manifest, run by what is installed here."""
    listed = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    local = [
        {
            **{key: value for key, value in hook.items() if key not in _OF_A_REMOTE},
            "language": "system",
            **more,
        }
        for hook in listed
        if hook["id"] in hooks
    ]
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}, sort_keys=False)


class Hooked(Repository):
    """A repository whose commits, merges and pushes run the hook."""

    def __init__(self, path: Path, tool: str, environ: dict[str, str]) -> None:
        super().__init__(path)
        self.tool = tool
        self.environ = environ

    def stage(self, files: Files) -> None:
        write(self.path, files)
        self.git("add", "--all")

    def run(self, *command: str) -> tuple[int, str]:
        """The exit status, and all that is printed."""
        ran = subprocess.run(
            command,
            cwd=self.path,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout

    def hooked(self, *arguments: str) -> str:
        """What a git command prints that the hook let through."""
        status, said = self.run("git", *arguments)
        assert status == 0, said
        return said

    def refused(self, *arguments: str) -> str:
        """What a git command prints that the hook kept from happening."""
        before = self.git("rev-parse", "--verify", "--quiet", "HEAD") if self.has_commits() else ""
        status, said = self.run("git", *arguments)
        assert status != 0, said
        assert before == (self.git("rev-parse", "HEAD") if self.has_commits() else "")
        return said

    def has_commits(self) -> bool:
        return self.run("git", "rev-parse", "--verify", "--quiet", "HEAD")[0] == 0

    def judged(self, *arguments: str) -> tuple[int, str]:
        """`pre-commit run …`, by hand."""
        return self.run(self.tool, "run", *arguments)


@pytest.fixture(params=["pre-commit", "prek"])
def tool(request: pytest.FixtureRequest, environ: dict[str, str]) -> str:
    need(request.param, environ)
    return str(request.param)


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        **environ,
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "PREK_HOME": str(tmp_path / "home"),
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "A",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "a@example.org",
    }


@pytest.fixture(scope="session")
def hooks() -> dict[str, Path]:
    """For each tool that was asked for, what it installs as git's hooks; filled by `empty`."""
    return {}


@pytest.fixture
def empty(
    tool: str,
    environ: dict[str, str],
    hooks: dict[str, Path],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Hooked:
    """A repository without a commit, with the hook in place."""
    path = tmp_path / "repository"
    path.mkdir()
    made = Hooked(path, tool, environ)
    made.git("init", "--quiet", "--initial-branch=main")
    write(path, {".pre-commit-config.yaml": config("migration-lint")})
    if tool not in hooks:
        kinds = [f"--hook-type={kind}" for kind in ("pre-commit", "pre-merge-commit", "pre-push")]
        status, said = made.run(tool, "install", *kinds)
        assert status == 0, said
        hooks[tool] = tmp_path_factory.mktemp(tool) / "hooks"
        shutil.copytree(path / ".git/hooks", hooks[tool])
    shutil.copytree(hooks[tool], path / ".git/hooks", dirs_exist_ok=True)
    return made


@pytest.fixture
def repository(empty: Hooked) -> Hooked:
    """The project on main, and a branch `feature` checked out."""
    empty.stage(PROJECT)
    empty.git("commit", "--quiet", "--no-verify", "--message", "the project")
    empty.git("checkout", "--quiet", "-b", "feature")
    return empty


def committed(repository: Hooked, files: Files) -> None:
    """A commit that no hook sees."""
    repository.stage(files)
    repository.git("commit", "--quiet", "--no-verify", "--message", "earlier")


def test_a_migration_alone_is_refused(repository: Hooked) -> None:
    repository.stage(DROP)
    assert BEHIND in repository.refused("commit", "--message", "drop hint")


def test_a_migration_that_both_contracts_follow_passes(repository: Hooked) -> None:
    repository.stage({**DROP, **FOLLOWING})
    assert "Passed" in repository.hooked("commit", "--message", "drop hint")


def test_contracts_that_followed_in_an_earlier_commit_of_the_branch_count(repository: Hooked) -> None:
    committed(repository, FOLLOWING)
    repository.stage(DROP)
    repository.hooked("commit", "--message", "drop hint")


def test_what_does_not_matter_passes(repository: Hooked) -> None:
    repository.stage({"README.md": "a sentence\n"})
    repository.hooked("commit", "--message", "prose")


# -- a part is staged: pre-commit takes the rest out of the way, and puts it back


def test_the_contracts_are_staged_and_the_migration_is_not(repository: Hooked) -> None:
    repository.stage(FOLLOWING)
    write(repository.path, DROP)
    repository.hooked("commit", "--message", "the contracts first")
    assert repository.git("status", "--short") == f"?? {VERSIONS}/b2.py"


def test_the_contracts_are_staged_and_an_edit_of_a_migration_is_not(repository: Hooked) -> None:
    first = next(path for path in PROJECT if path.startswith(VERSIONS))
    repository.stage({PRODUCER: PROJECT[PRODUCER] + "# a word\n"})
    edit = PROJECT[first].replace('sa.Column("hint"', 'sa.Column("hint_text"')
    write(repository.path, {first: edit})
    repository.hooked("commit", "--message", "the contract alone")
    assert (repository.path / first).read_text() == edit


def test_the_migration_is_staged_and_the_contracts_are_not(repository: Hooked) -> None:
    repository.stage(DROP)
    write(repository.path, FOLLOWING)
    assert BEHIND in repository.refused("commit", "--message", "drop hint")
    assert (repository.path / CONSUMER).read_text() == FOLLOWING[CONSUMER]
    repository.hooked("commit", "--all", "--message", "drop hint, and all that is not staged")


def test_of_what_is_staged_only_named_paths_are_committed(repository: Hooked) -> None:
    repository.stage({**DROP, **FOLLOWING})
    said = repository.refused("commit", "--message", "drop hint", "--", f"{VERSIONS}/b2.py")
    assert BEHIND in said


def test_one_contract_is_staged(repository: Hooked) -> None:
    write(repository.path, {**DROP, **FOLLOWING})
    repository.git("add", VERSIONS, PRODUCER)
    said = repository.refused("commit", "--message", "drop hint")
    assert "deployment_events.hint is dropped, but api.consumer did not change with it" in said


# -- no file of the commit is one that pre-commit would pass to a hook


def test_a_contract_is_deleted_and_nothing_else(repository: Hooked) -> None:
    repository.git("rm", "--quiet", CONSUMER)
    said = repository.refused("commit", "--message", "no contract, no trouble")
    assert "error[contract-removed]: " in said


def test_a_contract_is_edited_and_nothing_else(repository: Hooked) -> None:
    repository.stage({CONSUMER: PROJECT[CONSUMER].replace("role: consumer", "role: consumers")})
    assert "consumers" in repository.refused("commit", "--message", "a typing error")


# -- where and when


def test_the_first_commit_of_a_repository(empty: Hooked) -> None:
    empty.stage(PROJECT)
    empty.hooked("commit", "--message", "all at once")


def test_the_first_commit_of_a_repository_whose_contracts_do_not_agree(empty: Hooked) -> None:
    empty.stage({**PROJECT, CONSUMER: PROJECT[CONSUMER].replace("hint:", "hint_text:")})
    assert "hint_text" in empty.refused("commit", "--message", "all at once")


def test_a_linked_worktree(repository: Hooked, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"), "main")
    linked = Hooked(tmp_path / "linked", repository.tool, repository.environ)
    repository.stage(
        {**DROP, **FOLLOWING}
    )  # in the main work tree, which is none of the linked one's business
    linked.stage(DROP)
    assert BEHIND in linked.refused("commit", "--message", "drop hint")
    linked.stage(FOLLOWING)
    linked.hooked("commit", "--message", "drop hint")


def test_an_amended_commit(repository: Hooked) -> None:
    committed(repository, {**DROP, **FOLLOWING})
    repository.stage({CONSUMER: PROJECT[CONSUMER]})
    said = repository.refused("commit", "--amend", "--no-edit")
    assert "hint is dropped, but api.consumer did not change with it" in said


def test_from_a_folder_below(repository: Hooked) -> None:
    repository.stage(DROP)
    below = Hooked(repository.path / VERSIONS, repository.tool, repository.environ)
    assert BEHIND in below.refused("commit", "--message", "drop hint")


def test_a_project_in_a_folder_below(repository: Hooked) -> None:
    moved = {f"services/events/{path}": text for path, text in PROJECT.items()}
    committed(repository, {**dict.fromkeys(PROJECT), **moved})
    repository.git("branch", "--force", "main")
    repository.stage({".pre-commit-config.yaml": config("migration-lint", args=["services/events"])})
    repository.hooked("commit", "--message", "the hook's arguments")
    repository.stage({f"services/events/{path}": text for path, text in DROP.items()})
    assert BEHIND in repository.refused("commit", "--message", "drop hint")


# -- merges


@pytest.fixture
def parted(repository: Hooked) -> Hooked:
    """`feature` drops the column and says so; `main` has moved on, and both have written to one file."""
    committed(repository, {**DROP, **FOLLOWING, "notes.md": "of feature\n"})
    repository.git("checkout", "--quiet", "main")
    committed(repository, {"notes.md": "of main\n"})
    repository.git("checkout", "--quiet", "feature")
    return repository


def test_a_merge_of_the_target_branch(repository: Hooked) -> None:
    committed(repository, {**DROP, **FOLLOWING})
    repository.git("checkout", "--quiet", "main")
    committed(repository, {"README.md": "main moves on\n"})
    repository.git("checkout", "--quiet", "feature")
    assert "Passed" in repository.hooked("merge", "--no-ff", "--no-edit", "main")


def test_a_merge_that_brings_contracts_but_no_migration_excuses_nobody(repository: Hooked) -> None:
    committed(repository, DROP)
    repository.git("checkout", "--quiet", "main")
    committed(repository, FOLLOWING)
    repository.git("checkout", "--quiet", "feature")
    status, said = repository.run("git", "merge", "--no-ff", "--no-edit", "main")
    assert (status != 0, BEHIND in said) == (True, True), said


def test_a_merge_with_a_conflict(parted: Hooked) -> None:
    assert parted.run("git", "merge", "--no-edit", "main")[0] != 0
    parted.stage({"notes.md": "of both\n", CONSUMER: PROJECT[CONSUMER]})
    said = parted.refused("commit", "--no-edit")
    assert "hint is dropped, but api.consumer did not change with it" in said
    parted.stage({CONSUMER: FOLLOWING[CONSUMER]})
    parted.hooked("commit", "--no-edit")


# -- by hand, and in CI


@pytest.mark.parametrize("how", [("--from-ref", "main", "--to-ref", "HEAD"), ("--all-files",)])
def test_commits_that_are_made(repository: Hooked, how: tuple[str, ...]) -> None:
    committed(repository, DROP)
    status, said = repository.judged(*how)
    assert (status, BEHIND in said) == (1, True), said
    committed(repository, FOLLOWING)
    status, said = repository.judged(*how)
    assert (status, "Passed" in said) == (0, True), said


def test_only_the_commits_between_two_refs_count(repository: Hooked) -> None:
    committed(repository, DROP)
    repository.git("tag", "dropped")
    committed(repository, {"README.md": "more\n"})
    assert repository.judged("--from-ref", "dropped", "--to-ref", "HEAD")[0] == 0
    assert repository.judged("--from-ref", "dropped~1", "--to-ref", "dropped")[0] == 1


def test_a_push(repository: Hooked, tmp_path: Path) -> None:
    repository.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    repository.git("remote", "add", "origin", (tmp_path / "server").as_uri())
    repository.git("push", "--quiet", "--no-verify", "origin", "main")
    committed(repository, DROP)
    assert BEHIND in repository.refused("push", "origin", "feature")
    committed(repository, FOLLOWING)
    repository.hooked("push", "origin", "feature")


def test_a_name_of_a_branch_is_never_a_command(repository: Hooked) -> None:
    hostile = "$(touch${IFS}owned);`touch${IFS}owned`"
    repository.git("checkout", "--quiet", "-b", hostile)
    repository.stage({f"{VERSIONS}/$(touch owned) b2.py": DROP[f"{VERSIONS}/b2.py"]})
    assert f"--> {VERSIONS}/$(touch owned) b2.py" in repository.refused(
        "commit", "-m", "::error::`touch owned`"
    )
    repository.git("commit", "--quiet", "--no-verify", "--message", "::error::`touch owned`")
    assert BEHIND in repository.judged("--from-ref", "main", "--to-ref", hostile)[1]
    assert not list(repository.path.glob("**/owned"))


# -- as it is adopted


def test_installed_from_its_repository(repository: Hooked, environ: dict[str, str], tmp_path: Path) -> None:
    """The manifest as it stands, by a clone: nothing of this Python, nor of this checkout, is used."""
    published = Repository.new(tmp_path / "published", {})
    published.git("fetch", "--quiet", str(ROOT), "HEAD")
    published.git("checkout", "--quiet", "FETCH_HEAD")
    write(published.path, {".pre-commit-hooks.yaml": MANIFEST.read_text(encoding="utf-8")})
    commit = published.commit({})
    repository.stage(DROP)
    outside = {**environ, "PATH": os.environ["PATH"]}
    del outside["PYTHONPATH"]
    ran = Hooked(repository.path, repository.tool, outside).run(
        *([str(Path(environ["PATH"].split(os.pathsep)[0]) / repository.tool), "try-repo"]),
        *(f"--ref={commit}", str(published.path), "migration-lint"),
    )
    assert (ran[0], BEHIND in ran[1]) == (1, True), ran[1]


def test_the_hook_for_parity(repository: Hooked) -> None:
    # The database makes the ids, which the producer does not write.
    table = PROJECT[FIRST].replace("primary_key=True", 'primary_key=True, server_default="x"')
    committed(repository, {".pre-commit-config.yaml": config("migration-lint-parity"), FIRST: table})
    assert repository.judged("--all-files")[0] == 0
    repository.stage(
        {CONSUMER: PROJECT[CONSUMER].replace("exit_code: {type: int4", "exit_code: {type: text")}
    )
    status, said = repository.judged()
    assert (status, "exit_code" in said) == (1, True), said
