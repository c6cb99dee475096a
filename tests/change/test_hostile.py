"""The whole command line on hostile repositories: git is run and nothing else, and nobody is called."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from .hostile import CONSUMER, INSIDE, KINDS, PARTIAL, Host, Told, host

_STRACE = shutil.which("strace")
#: Whether strace works here; and whether it can leave alone the calls that it is not asked for.
_TRIED, _QUICK = (
    _STRACE and subprocess.run([_STRACE, *more, "-o", os.devnull, "true"], capture_output=True, check=False)
    for more in ((), ("-f", "--seccomp-bpf", "-e", "trace=execve"))
)
pytestmark = [
    pytest.mark.one_in(2),
    pytest.mark.skipif(
        not _TRIED or _TRIED.returncode != 0,
        reason="strace is not here, or may not trace: what is run is not seen",
    ),
]


class Said(NamedTuple):
    """What one command said."""

    status: int
    out: str
    err: str

    @property
    def rules(self) -> set[str]:
        return {each["rule"] for each in json.loads(self.out)["findings"]}


class Ran(NamedTuple):
    """What a process said to each command, and what it and its children ran and called."""

    said: list[Said]
    programs: list[str]
    connections: list[str]


class Command(NamedTuple):
    folder: Path
    arguments: tuple[str, ...]


#: The whole command line, several times in one process: to start it under strace is what takes time.
_DRIVER = """
import contextlib, io, json, os, sys
from migration_lint.cli import main
said = []
for folder, arguments in json.loads(sys.argv[1]):
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        status = main(arguments)
    said.append((status, out.getvalue(), err.getvalue()))
json.dump(said, sys.stdout)
"""


def traced(at: Host, *commands: Command, environ: Told | None = None) -> Ran:
    log = at.outside.parent / "log"
    (at.outside.parent / "sprung").unlink(missing_ok=True)  # by the git that laid the trap
    quick = ("--seccomp-bpf",) if _QUICK and not _QUICK.returncode and not _QUICK.stderr else ()
    trace = (*quick, "-f", "-qq", "-s", "4096", "-e", "trace=execve,execveat,connect", "-o", str(log))
    asked = json.dumps([(str(folder), arguments) for folder, arguments in commands])
    done = subprocess.run(
        [_STRACE or "", *trace, sys.executable, "-P", "-c", _DRIVER, asked],
        cwd=at.project,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | (environ or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = log.read_text(errors="replace").splitlines()
    programs = [found[1] for line in lines if (found := re.search(r'execve\("([^"]*)".* = 0$', line))]
    calls = [line for line in lines if " connect(" in line]
    return Ran([Said(*each) for each in json.loads(done.stdout)], programs[1:], calls)


def assert_only_git(at: Host, ran: Ran) -> None:
    assert not (at.outside.parent / "sprung").exists(), (at.outside.parent / "sprung").read_text()
    assert [path for path in ran.programs if os.path.realpath(path) not in _GITS] == []
    assert ran.connections == []


_GITS = {
    os.path.realpath(path)
    for path in (shutil.which("git") or "", f"{subprocess.getoutput('git --exec-path')}/git")
}


@pytest.fixture
def at(tmp_path: Path) -> Host:
    return host(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_the_dropped_column_is_found(at: Host, kind: str) -> None:
    environ = KINDS[kind](at)
    commands = [
        Command(at.project, ("check", ".", "--format", "json")),
        Command(at.path, ("check", INSIDE, "--format", "json")),
    ]
    if kind not in _WORK_TREE_ONLY:
        commands.append(Command(at.path, ("check", INSIDE, "--format", "json", "--head", "index")))
    ran = traced(at, *commands, environ=environ)
    assert_only_git(at, ran)
    for said in ran.said:
        assert (said.status, said.err) == (1, "")
        assert said.rules >= {"contract-column-dropped"}


_WORK_TREE_ONLY = (
    "files_that_git_is_told_not_to_look_at",
    "files_that_git_is_told_to_skip",
    "a_file_of_the_same_size_and_time",
    "attributes_that_would_make_an_edit_vanish",
    "an_encoding_that_would_make_an_edit_vanish",
)


@pytest.mark.parametrize("kind", PARTIAL)
def test_what_a_remote_promises_is_not_fetched(at: Host, kind: str) -> None:
    environ = PARTIAL[kind](at)
    ran = traced(at, Command(at.project, ("check", ".")), environ=environ)
    assert_only_git(at, ran)
    (told,) = ran.said
    assert (told.status, told.out) == (2, "")
    blob = at.git("ls-tree", "main", f"{INSIDE}/{CONSUMER}").split()[2]
    said, fix = told.err.splitlines()
    assert said.startswith(f"error: {INSIDE}/{CONSUMER}: the clone lacks its contents (blob {blob[:7]})")
    assert fix.startswith(
        "  fix: this is a partial clone: run `git fetch --refetch --no-filter origin`, "
        "or let `check --fetch` get what it needs"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "a_folder_with_the_files_of_a_repository",
        "a_clean_filter",
        "a_file_monitor",
        "aliases_of_the_commands_that_are_used",
    ],
)
def test_every_command_is_as_careful(at: Host, kind: str) -> None:
    environ = KINDS[kind](at)
    commands = (("show",), ("parity",), ("contract", "sync"), ("check", "--all"), ("models",), ("map",))
    ran = traced(at, *(Command(at.project, each) for each in commands), environ=environ)
    assert_only_git(at, ran)
    assert all("Traceback" not in said.err and "internal" not in said.err for said in ran.said)


@pytest.mark.parametrize(
    "kind",
    [
        "a_promise_over_ssh",
        "a_promise_by_a_program",
        "a_promise_by_a_remote_helper",
        "a_promise_of_a_folder_with_a_command_to_upload",
        "a_promise_over_a_proxy",
        "a_promise_that_is_rewritten",
    ],
)
def test_a_fetch_that_is_asked_for_runs_no_command_of_the_repository(at: Host, kind: str) -> None:
    told = PARTIAL[kind](at) or {}
    told.pop("GIT_ALLOW_PROTOCOL", None)
    ssh = at.outside / "ssh"
    ssh.write_text("#!/bin/sh\nexit 1\n")
    ssh.chmod(0o755)
    path = {"PATH": f"{at.outside}:{os.environ['PATH']}"}
    ran = traced(at, Command(at.project, ("check", ".", "--fetch")), environ=path | told)
    assert not (at.outside.parent / "sprung").exists()
    assert ran.said[0].status in (1, 2)


def test_a_fetch_follows_what_a_file_of_the_tree_says_of_nothing(at: Host) -> None:
    """`include.path = ../gitconfig` is a way to share settings; a change then writes them."""
    at.commit(
        {"gitconfig": f'[core]\n\tsshCommand = {at.trap}\n[remote "origin"]\n\turl = ext::{at.trap} x\n'}
    )
    at.config(("include.path", f"../{INSIDE}/gitconfig"), ("protocol.ext.allow", "always"))
    ran = traced(at, Command(at.project, ("check", ".", "--fetch", "--base", "elsewhere")))
    assert_only_git(at, ran)
    assert ran.said[0].status == 2
