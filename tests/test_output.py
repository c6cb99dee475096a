"""What is written, and where to: nothing by a relative path through a link that the change has put there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration_lint import disk

from .projects import CONSUMER, PRODUCER, PROJECT, Repository, report, revision, write

KEPT = "what was there before\n"
CLOSED = "and a link in the tree may lead anywhere"
INIT = ("contract", "init", "attempts")

ENCODED = PROJECT[PRODUCER].replace(
    "hint: {type: text, nullable: false}", "hint: {type: text, nullable: false, encoding: hex}"
)
FILES = {
    **PROJECT,
    **revision('op.create_table("attempts", sa.Column("id", sa.Uuid(), primary_key=True))'),
    PRODUCER: ENCODED,
    "pyproject.toml": "",
}

ONE_SIDE = ("contract", "init", "attempts", "--consumer", "web", "--directory", "out")
VECTORS = ("contract", "export", "worker.producer", "--vectors")
SYNC = ("contract", "sync", "--from", "../other", "--repository", "https://example.com/other")

#: Every command that writes a file: its arguments, and the file that it writes.
WRITERS = {
    "check, --output": (("check", "--all", "--output", "out/made"), "out/made"),
    "check, --format": (("check", "--all", "--format", "sarif=out/made", "--format", "text"), "out/made"),
    "check, --write-baseline": (("check", "--all", "--write-baseline", "out/made"), "out/made"),
    "parity, --output": (("parity", "--output", "out/made"), "out/made"),
    "parity, --format": (("parity", "--format", "text", "--format", "json=out/made"), "out/made"),
    "vectors": ((*VECTORS, "out"), "out/deployment_events.hint.json"),
    "init": (ONE_SIDE, "out/web.consumer.yaml"),
    "init, in an absolute project": ((*ONE_SIDE, "--project", "{project}"), "out/web.consumer.yaml"),
    "sync --from": ((*SYNC, "--add", "x.yaml=out/x.yaml", "--write"), "out/x.yaml"),
}


@pytest.fixture(params=["folders held open", "folders by path"])
def project(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A project with a clone beside it, and a file outside; on both kinds of systems."""
    if request.param == "folders by path":
        monkeypatch.setattr(disk, "HOLDS_FOLDERS", False)
    Repository.new(tmp_path / "other", {"x.yaml": "x: 1\n"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/victim").write_text(KEPT)
    made = write(tmp_path / "project", FILES)
    monkeypatch.chdir(made)
    yield made
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".migration-lint")]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(capsys: pytest.CaptureFixture[str], project: Path, arguments: tuple[str, ...]) -> str:
    return report(capsys, *(argument.format(project=project) for argument in arguments))


@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_that_is_a_link_is_not_written(
    writer: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, file = WRITERS[writer]
    (project / file).parent.mkdir()
    (project / file).symlink_to("../../outside/victim")
    before = everything(project.parent)
    said = run(capsys, project, arguments)
    assert said.startswith("exit status 2\n\nerror: ")
    assert f"{file}: the file is a link, {CLOSED}\n" in said
    assert said.count("error:") == 1
    assert everything(project.parent) == before
    assert (project / file).is_symlink()


@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_that_is_a_link_is_not_written_to(
    writer: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, file = WRITERS[writer]
    (project / file).parent.symlink_to("../outside", target_is_directory=True)
    before = everything(project.parent)
    said = run(capsys, project, arguments)
    assert said.startswith("exit status 2\n\nerror: ")
    assert said.count("error:") == 1
    assert CLOSED in said
    assert everything(project.parent) == before


@pytest.mark.parametrize("writer", WRITERS)
def test_without_a_link_it_is_written(writer: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, file = WRITERS[writer]
    (project / file).parent.mkdir()
    assert "error:" not in run(capsys, project, arguments)
    assert (project / file).read_text()


@pytest.mark.parametrize("path", ["a/b/link/made", "a/../link/made", "../project/link/made", "link/../made"])
def test_a_link_anywhere_in_a_relative_path(
    path: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a/b").mkdir(parents=True)
    for folder in (project, project / "a/b"):
        (folder / "link").symlink_to(project.parent / "outside", target_is_directory=True)
    before = everything(project.parent)
    said = report(capsys, "check", "--all", "--output", path)
    assert said.startswith("exit status 2")
    assert CLOSED in said
    assert everything(project.parent) == before


def test_a_link_inside_the_tree_that_leads_inside_the_tree(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "lint.json").symlink_to("pyproject.toml")
    assert CLOSED in report(capsys, "check", "--all", "--format", "json=lint.json", "--format", "text")
    assert (project / "pyproject.toml").read_text() == ""


def test_an_absolute_path_may_lead_anywhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = project.parent / "link"
    link.symlink_to("outside/victim")
    assert report(capsys, "check", "--all", "--output", link).startswith("exit status 0")
    assert link.is_symlink()
    assert (project.parent / "outside/victim").read_text() == "no findings in 2 revisions\n"


def test_what_is_below_an_absolute_folder_is_no_link(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = project / "vectors/deployment_events.hint.json"
    write(project, {"vectors/other.json": ""})
    made.symlink_to("../../outside/victim")
    said = report(capsys, *VECTORS, project / "vectors")
    assert said.startswith("exit status 2")
    assert f"{made}: the file is a link, {CLOSED}" in said
    assert (project.parent / "outside/victim").read_text() == KEPT


def test_a_report_that_may_not_be_written_keeps_the_others_from_being_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "b.json").symlink_to("../outside/victim")
    wanted = ("--format", "sarif=a.sarif", "--format", "json=b.json", "--format", "text")
    said = report(capsys, "check", "--all", *wanted)
    assert said.startswith("exit status 2\n\nerror: b.json: the file is a link")
    assert "no findings" not in said
    assert not (project / "a.sarif").exists()


def test_one_contract_that_may_not_be_written_keeps_the_other_from_being_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "new").mkdir()
    (project / "new/web.consumer.yaml").symlink_to("../../outside/not-there")
    said = report(
        capsys, *INIT, "--producer", "mail", "--consumer", "web", "--directory", "new"
    )  # fmt: skip
    assert said.startswith("exit status 2")
    assert [path.name for path in (project / "new").iterdir()] == ["web.consumer.yaml"]
    assert not (project.parent / "outside/not-there").exists()


def test_contracts_that_lie_behind_a_link_are_not_mended_through_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project.parent / "base", FILES)
    write(project, revision('op.drop_column("deployment_events", "hint")', "c3", "b2"))
    contracts = project.parent / "outside/contracts"
    # As somebody else's tree may look between the reading and the writing of a file.
    held = disk.held

    def swapped(folder: Path, name: str) -> bytes | None:
        if not contracts.exists():
            (project / "contracts").rename(contracts)
            (project / "contracts").symlink_to(contracts, target_is_directory=True)
        return held(folder, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "held", swapped)
        said = report(capsys, "contract", "sync", "--base", "../base", "--write")
    assert said.startswith("exit status 2")
    assert f"contracts/api.consumer.yaml: the file is behind a link, contracts, {CLOSED}" in said
    assert (contracts / "api.consumer.yaml").read_text() == PROJECT[CONSUMER]


def test_the_mode_of_a_file_is_kept_and_a_new_one_is_made_as_others_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = os.umask(0o027)
    try:
        (project / "old.json").write_text(KEPT)
        (project / "old.json").chmod(0o664)
        report(capsys, "check", "--all", "--format", "json=old.json", "--format", "json=new.json")
    finally:
        os.umask(mask)
    if disk.HOLDS_FOLDERS:
        assert stat.S_IMODE((project / "old.json").stat().st_mode) == 0o664
    assert stat.S_IMODE((project / "new.json").stat().st_mode) == 0o640


def test_what_cannot_be_written_whole_is_not_written(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "lint.json").write_text(KEPT)

    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    said = report(capsys, "check", "--all", "--output", "lint.json")
    assert said == (
        "exit status 2\n\nerror: lint.json: the file cannot be written: No space left on device\n"
        "  fix: name another file with --output\n"
    )
    assert (project / "lint.json").read_text() == KEPT


def test_a_cache_that_a_link_leads_to(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".cache").symlink_to("../outside", target_is_directory=True)
    monkeypatch.setenv("MIGRATION_LINT_CACHE", ".cache/lint")
    before = everything(project.parent)
    for command in (("check", "--all"), ("parity",)):
        said = report(capsys, *command)
        assert said.startswith("exit status 2")
        assert f".cache/lint: the file is behind a link, .cache, {CLOSED}" in said
    assert everything(project.parent) == before


def test_a_cache_in_which_a_link_was_put(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATION_LINT_CACHE", str(project / "cache"))
    report(capsys, "check", "--all")
    entries = [path for path in (project / "cache").rglob("*") if path.is_file()]
    assert entries
    for entry in entries:
        entry.unlink()
        entry.symlink_to(project.parent / "outside/victim")
    assert report(capsys, "check", "--all").startswith("exit status 0")
    assert (project.parent / "outside/victim").read_text() == KEPT


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("contract", "sync", "--base", "../base", "--write"), CONSUMER),
        (("check", "--all", "--write-baseline", "old.yaml"), "old.yaml"),
    ],
)
def test_line_ends_are_kept(
    arguments: tuple[str, ...], file: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dos = {**FILES, **{name: FILES[name].replace("\n", "\r\n") for name in (CONSUMER, PRODUCER)}}
    baseline = "- {finding: abc, rule: data-column-dropped, path: x.py, reason: long ago}\r\n"
    write(project.parent / "base", dos)
    drop = revision('op.alter_column("deployment_events", "hint", new_column_name="advice")', "c3", "b2")
    write(project, {**dos, **drop, "old.yaml": baseline})
    report(capsys, *arguments)
    found = (project / file).read_bytes()
    assert found.count(b"\n") == found.count(b"\r\n") > 1
    assert b"advice" in found or file != CONSUMER


def test_line_ends_of_a_checkout_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repository.new(
        tmp_path / "repository", {**FILES, ".gitattributes": "*.yaml text eol=crlf\n"}
    )
    for name in (CONSUMER, PRODUCER):
        (repository.path / name).unlink()
        repository.git("checkout", "--", name)
    assert b"\r\n" in (repository.path / CONSUMER).read_bytes()
    write(repository.path, revision('op.drop_column("deployment_events", "hint")', "c3", "b2"))
    monkeypatch.chdir(repository.path)
    patch = report(capsys, "contract", "sync", "--base", "HEAD", "--write")
    assert "updated contracts/api.consumer.yaml" in patch
    found = (repository.path / CONSUMER).read_bytes()
    assert (
        found
        == PROJECT[CONSUMER]
        .replace("      hint: {type: text, nullable: false}\n", "")
        .replace("\n", "\r\n")
        .encode()
    )


def test_a_file_that_git_ignores_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repository.new(tmp_path / "repository", {**FILES, ".gitignore": "web.*\n"})
    monkeypatch.chdir(repository.path)
    write(repository.path, {"contracts/web.consumer.yaml": KEPT})
    said = report(capsys, *INIT, "--producer", "none", "--consumer", "web")
    assert said.startswith("exit status 2")
    assert "there is such a file already, which git ignores" in said
    assert (repository.path / "contracts/web.consumer.yaml").read_text() == KEPT


# names that come from a contract

NAMES = [
    *("../x", "a/b", "a\\b", "..", "\0", "CON", "nul.txt", "x" * 300, "c:d", "\u202ex", "two\nlines"),
    *("Hint", "hint", "\ufb01", "fi"),
]


def test_a_column_never_becomes_a_path(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declared = "".join(f"      {json.dumps(name)}: {{type: text, encoding: hex}}\n" for name in NAMES)
    head = PROJECT[PRODUCER].partition("  deployment_events:")[0]
    write(project, {PRODUCER: f"{head}  deployment_events:\n    columns:\n{declared}"})
    before = everything(project.parent)
    said = report(capsys, "contract", "export", "worker.producer", "--vectors", "out/vectors")
    assert said.startswith("exit status 0")
    after = everything(project.parent)
    new = [Path(path) for path in after.keys() - before.keys()]
    assert {path.parent for path in new} == {project / "out/vectors"}
    assert len({path.name.lower() for path in new}) == len(NAMES)
    assert all(path.name.isascii() and len(path.name) < 100 for path in new)
    assert {json.loads(path.read_text())["column"] for path in new} == set(NAMES)


def test_two_tables_that_would_share_a_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = PROJECT[PRODUCER].partition("  deployment_events:")[0]
    entry = "  {}:\n    columns:\n      {}: {{type: text, encoding: hex}}\n"
    text = head + entry.format("a.b", "c") + entry.format("a", "b.c") + entry.format("t", "c")
    write(project, {PRODUCER: text})
    report(capsys, "contract", "export", "worker.producer", "--vectors", "out")
    assert len(list((project / "out").iterdir())) == 3
    assert (project / "out/t.c.json").exists()


@pytest.mark.parametrize("service", ["../../x", "a/b", "a\\b", "CON", "..", "x" * 300, "a:b", ".git"])
def test_a_service_never_becomes_a_path(
    service: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(project.parent)
    said = report(capsys, *INIT, "--producer", service, "--consumer", "web")
    assert said.startswith("exit status 2")
    assert "cannot be the name of a file" in said
    assert everything(project.parent) == before


@pytest.mark.parametrize("directory", ["..", "../other", "a/../../other", ".git/hooks", "/tmp"])
def test_contracts_are_written_inside_the_project(
    directory: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(project.parent)
    said = report(
        capsys, *INIT, "--producer", "mail", "--consumer", "web", "--directory", directory
    )  # fmt: skip
    assert said.startswith("exit status 2")
    assert f"--directory: {directory} is no folder of the project" in said
    assert everything(project.parent) == before


@pytest.mark.parametrize(
    "here",
    ["../x.yaml", ".git/hooks/post-checkout", "a/.GIT/x", "/tmp/x.yaml", "CON", "a:b", "contracts.lock"],
)
def test_a_vendored_file_is_put_inside_the_project(
    here: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(project.parent)
    said = report(capsys, *SYNC, "--add", f"x.yaml={here}", "--write")
    assert said.startswith("exit status 2")
    assert f"{here} is no place for a vendored file" in said
    assert everything(project.parent) == before
