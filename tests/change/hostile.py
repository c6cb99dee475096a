"""Repositories that want something run, opened or overlooked: each drops a column that is under contract.

A kind lays its trap in a repository whose branch `feature` is checked out and drops the column, with no
contract that follows. Whatever it says, the column is dropped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..projects import CONSUMER, PROJECT, Repository, revision, write

DROP = revision('op.drop_column("deployment_events", "hint")')
INSIDE = "services/events"  # where the project lies


class Host(NamedTuple):
    """A repository, and a program that leaves a mark when it is run."""

    repository: Repository
    trap: Path
    outside: Path  # a folder beside the repository

    @property
    def path(self) -> Path:
        return self.repository.path

    @property
    def project(self) -> Path:
        return self.path / INSIDE

    def git(self, *arguments: str) -> str:
        return self.repository.git(*arguments)

    def config(self, *pairs: tuple[str, str]) -> None:
        for name, value in pairs:
            self.git("config", "--add", name, value)

    def commit(self, files: dict[str, str] | None = None) -> str:
        return self.repository.commit({f"{INSIDE}/{path}": text for path, text in (files or {}).items()})


Told = dict[str, str]  # more variables of the environment
Kind = Callable[[Host], Told | None]

#: Every kind, by name; the verdict is that the column is dropped.
KINDS: dict[str, Kind] = {}
#: Those where objects are missing that some remote promises: the verdict is exit status 2, and why.
PARTIAL: dict[str, Kind] = {}


def _kind(kind: Kind) -> Kind:
    KINDS[kind.__name__.strip("_")] = kind
    return kind


def _partial(kind: Kind) -> Kind:
    def made(host: Host) -> Told | None:
        host.config(("remote.origin.promisor", "true"), ("remote.origin.partialclonefilter", "blob:none"))
        host.config(("extensions.partialClone", "origin"), ("core.repositoryFormatVersion", "1"))
        blob = host.git("rev-parse", f"main:{INSIDE}/{CONSUMER}")
        (host.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        return kind(host)

    PARTIAL[kind.__name__.strip("_")] = made
    return kind


def host(folder: Path) -> Host:
    """The repository, before anything hostile is in it."""
    trap = folder / "trap"
    folder.mkdir(parents=True, exist_ok=True)
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> "{folder / "sprung"}"\ncat\n')
    trap.chmod(0o755)
    outside = folder / "outside"
    outside.mkdir()
    made = Host(
        Repository.new(folder / "repository", {f"{INSIDE}/{path}": text for path, text in PROJECT.items()}),
        trap,
        outside,
    )
    made.git("checkout", "--quiet", "-b", "feature")
    made.commit({**DROP, CONSUMER: f"{PROJECT[CONSUMER]}# seen\n"})
    return made


def _touched(at: Host) -> None:
    """Files that git has to look into, before it can say that they are as they were."""
    for path in at.project.rglob("*.*"):
        os.utime(path, (1, 1))


def _bare(at: Host, *, index: bool, config: str = "") -> None:
    """`HEAD`, `config`, `objects`, `refs` and `index` as ordinary files of the project."""
    store = at.outside / "store"
    made = Repository.new(store, {**PROJECT, **DROP})
    made.git("branch", "feature")
    for name in ("objects", "refs"):
        shutil.copytree(store / ".git" / name, at.project / name, dirs_exist_ok=True)
    shutil.copyfile(store / ".git/HEAD", at.project / "HEAD")
    if index:
        shutil.copyfile(store / ".git/index", at.project / "index")
    write(at.project, {"config": f"[core]\n\trepositoryformatversion = 0\n\tworktree = .\n{config}"})
    write(at.project, {"refs/.keep": "", "objects/.keep": ""})
    at.commit({".gitattributes": "* filter=x diff=x\n"})


@_kind
def a_folder_with_the_files_of_a_repository(at: Host) -> None:
    _bare(at, index=True, config=f'[filter "x"]\n\tclean = {at.trap}\n\trequired = true\n')
    _touched(at)


@_kind
def a_folder_with_the_files_of_a_repository_but_no_index(at: Host) -> None:
    _bare(at, index=False, config=f'[filter "x"]\n\tclean = {at.trap}\n')


@_kind
def a_folder_with_the_files_of_a_repository_and_a_file_monitor(at: Host) -> None:
    _bare(at, index=True, config=f"\tfsmonitor = {at.trap}\n\thooksPath = .\n\tpager = {at.trap}\n")


@_kind
def a_folder_with_the_files_of_a_repository_below_the_project(at: Host) -> None:
    _bare(at, index=True, config=f"\tfsmonitor = {at.trap}\n")
    for name in ("HEAD", "config", "index", "objects", "refs"):
        (at.project / "src").mkdir(exist_ok=True)
        (at.project / name).rename(at.project / "src" / name)
    at.commit()


@_kind
def a_clean_filter(at: Host) -> None:
    at.commit({".gitattributes": "* filter=x\n"})
    at.config(
        ("filter.x.clean", str(at.trap)), ("filter.x.smudge", str(at.trap)), ("filter.x.required", "true")
    )
    _touched(at)


@_kind
def a_filter_process(at: Host) -> None:
    at.commit({".gitattributes": "*.py filter=x\n*.yaml filter=x\n"})
    at.config(("filter.x.process", str(at.trap)))
    _touched(at)


@_kind
def a_filter_that_only_the_clone_s_own_attributes_name(at: Host) -> None:
    write(at.path, {".git/info/attributes": "* filter=x ident text=auto\n"})
    at.config(("filter.x.clean", str(at.trap)))
    _touched(at)


@_kind
def a_filter_in_the_user_s_configuration(at: Host) -> Told:
    at.commit({".gitattributes": "* filter=lfs diff=lfs merge=lfs -text\n"})
    _touched(at)
    settings = at.outside / "gitconfig"
    settings.write_text(
        f'[filter "lfs"]\n\tclean = {at.trap}\n\tprocess = {at.trap}\n[core]\n\tfsmonitor = {at.trap}\n'
        f"\thooksPath = {at.trap.parent}\n\tpager = {at.trap}\n"
    )
    return {"GIT_CONFIG_GLOBAL": str(settings)}


@_kind
def an_external_diff_and_a_textconv(at: Host) -> None:
    at.commit({".gitattributes": "* diff=x merge=x\n", "empty.py": ""})
    trap = str(at.trap)
    at.config(("diff.external", trap), ("diff.x.textconv", trap), ("diff.x.command", trap))
    at.config(("merge.x.driver", trap), ("merge.default", "x"), ("diff.x.cachetextconv", "true"))
    _touched(at)


@_kind
def a_file_monitor(at: Host) -> None:
    at.config(("core.fsmonitor", str(at.trap)), ("core.fsmonitorHookVersion", "1"))


@_kind
def the_file_monitor_that_git_has_itself(at: Host) -> None:
    at.config(("core.fsmonitor", "true"), ("core.useBuiltinFSMonitor", "true"))


@_kind
def hooks(at: Host) -> None:
    for name in (
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "post-checkout",
        "fsmonitor-watchman",
    ):
        shutil.copy(at.trap, at.path / ".git/hooks" / name)
    _touched(at)


@_kind
def hooks_in_a_folder_of_the_tree(at: Host) -> None:
    at.commit({"hooks/post-index-change": at.trap.read_text()})
    (at.project / "hooks/post-index-change").chmod(0o755)
    at.config(("core.hooksPath", f"{INSIDE}/hooks"))
    _touched(at)


@_kind
def a_pager_and_an_editor(at: Host) -> Told:
    trap = str(at.trap)
    at.config(("core.pager", trap), ("core.editor", trap), ("sequence.editor", trap), ("color.ui", "always"))
    at.config(
        *((f"pager.{name}", trap) for name in ("ls-files", "cat-file", "for-each-ref", "config", "rev-list"))
    )
    return {"GIT_PAGER": trap, "PAGER": trap, "GIT_PAGER_IN_USE": "1", "GIT_EDITOR": trap}


@_kind
def aliases_of_the_commands_that_are_used(at: Host) -> None:
    names = (
        "ls-files",
        "cat-file",
        "for-each-ref",
        "merge-base",
        "rev-list",
        "rev-parse",
        "config",
        "check-attr",
    )
    at.config(*((f"alias.{name}", f"!{at.trap}") for name in names))


@_kind
def signatures(at: Host) -> None:
    trap = str(at.trap)
    at.config(("gpg.program", trap), ("gpg.ssh.program", trap), ("log.showSignature", "true"))
    at.config(("gpg.ssh.defaultKeyCommand", trap), ("commit.gpgSign", "true"))


@_kind
def a_work_tree_elsewhere(at: Host) -> None:
    write(at.outside, {f"{INSIDE}/{path}": text for path, text in PROJECT.items()})
    at.config(("core.worktree", str(at.outside)))


@_kind
def a_configuration_that_a_file_of_the_tree_is_included_in(at: Host) -> None:
    at.commit(
        {
            ".gitattributes": "* filter=x\n",
            "gitconfig": f'[filter "x"]\n\tclean = {at.trap}\n[core]\n\tfsmonitor = {at.trap}\n',
        }
    )
    at.config(("include.path", f"../{INSIDE}/gitconfig"))
    at.config((f"includeIf.gitdir:{at.path}/.path", f"../{INSIDE}/gitconfig"))
    _touched(at)


@_kind
def a_configuration_that_is_a_link_into_the_tree(at: Host) -> None:
    settings = (at.path / ".git/config").read_text() + f"[core]\n\tfsmonitor = {at.trap}\n"
    at.commit({"gitconfig": settings})
    (at.path / ".git/config").unlink()
    (at.path / ".git/config").symlink_to(at.project / "gitconfig")


@_kind
def an_include_of_a_pipe(at: Host) -> None:
    os.mkfifo(at.path / ".git/pipe")
    at.config(("include.path", "pipe"))


@_kind
def a_configuration_of_the_worktree(at: Host) -> None:
    at.config(("extensions.worktreeConfig", "true"), ("core.repositoryFormatVersion", "1"))
    at.git("config", "--worktree", "core.fsmonitor", str(at.trap))
    at.git("config", "--worktree", "core.hooksPath", str(at.trap.parent))


@_kind
def a_linked_worktree(at: Host) -> None:
    at.config(("core.fsmonitor", str(at.trap)), ("filter.x.clean", str(at.trap)))
    write(at.path, {".git/info/attributes": "* filter=x\n"})
    at.git("checkout", "--quiet", "main")
    at.git("worktree", "add", "--quiet", "--no-checkout", str(at.outside / "linked"), "feature")
    moved = Repository(at.outside / "linked")
    moved.git("-c", "core.fsmonitor=", "-c", "filter.x.clean=", "reset", "--quiet", "--hard")
    at.path.rename(at.outside / "main")
    moved.path.rename(at.path)
    gitfile = f"gitdir: {at.outside / 'main' / '.git/worktrees/linked'}\n"
    (at.path / ".git").write_text(gitfile)


@_kind
def a_submodule_with_a_file_monitor(at: Host) -> None:
    library = Repository.new(at.outside / "library", {"a.py": ""})
    at.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.path.as_uri(), "library"
    )
    at.commit({"empty.py": ""})
    (inner,) = (at.path / ".git/modules").iterdir()
    with (inner / "config").open("a") as file:
        file.write(f'[core]\n\tfsmonitor = {at.trap}\n[filter "x"]\n\tclean = {at.trap}\n')
    write(inner, {"info/attributes": "* filter=x\n"})
    write(at.path, {"library/a.py": "edited\n"})


@_kind
def traces(at: Host) -> Told:
    socket = at.outside / "socket"
    at.config(("trace2.eventTarget", f"af_unix:{socket}"), ("trace2.normalTarget", str(at.outside / "trace")))
    return {"GIT_TRACE2_EVENT": f"af_unix:{socket}", "GIT_TRACE": str(at.outside / "trace")}


@_kind
def a_replaced_commit(at: Host) -> None:
    at.git("replace", at.git("rev-parse", "main"), at.git("rev-parse", "feature"))


@_kind
def a_replaced_blob(at: Host) -> None:
    (path,) = DROP
    empty = at.git("hash-object", "-w", os.devnull)
    at.git("replace", at.git("rev-parse", f"feature:{INSIDE}/{path}"), empty)


@_kind
def grafts(at: Host) -> None:
    head = at.commit({"more.py": ""})
    # As git would have it, main has the branch's commit as its parent, and is where the branch left it.
    write(at.path, {".git/info/grafts": f"{at.git('rev-parse', 'main')} {head}\n{head}\n"})


@_kind
def alternates_with_a_command(at: Host) -> None:
    other = Repository.new(at.outside / "other", {"a": ""})
    write(at.path, {".git/objects/info/alternates": f"{other.path}/.git/objects\n"})
    at.config(("core.alternateRefsCommand", str(at.trap)), ("uploadpack.packObjectsHook", str(at.trap)))


@_kind
def a_git_in_the_tree_and_in_the_path(at: Host) -> Told:
    at.commit({"bin/git": at.trap.read_text(), "git": at.trap.read_text()})
    for path in ("bin/git", "git"):
        (at.project / path).chmod(0o755)
    return {"PATH": f".:{at.project}/bin::{os.environ['PATH']}"}


@_kind
def variables_of_another_repository(at: Host) -> Told:
    other = Repository.new(at.outside / "other", PROJECT)
    other.git("config", "core.fsmonitor", str(at.trap))
    return {
        "GIT_DIR": f"{other.path}/.git",
        "GIT_WORK_TREE": str(other.path),
        "GIT_INDEX_FILE": f"{other.path}/.git/index",
        "GIT_OBJECT_DIRECTORY": f"{other.path}/.git/objects",
        "GIT_COMMON_DIR": f"{other.path}/.git",
        "GIT_NAMESPACE": "other",
        "GIT_REPLACE_REF_BASE": "refs/heads/",
        "GIT_EXTERNAL_DIFF": str(at.trap),
        "GIT_ATTR_SOURCE": "HEAD",
        "GIT_SHALLOW_FILE": os.devnull,
    }


@_kind
def files_that_git_is_told_not_to_look_at(at: Host) -> None:
    """The column is dropped in the work tree alone."""
    (path,) = DROP
    at.commit({path: PROJECT.get(path, revision("pass")[path])})
    at.git("update-index", "--assume-unchanged", f"{INSIDE}/{path}")
    write(at.project, DROP)


@_kind
def files_that_git_is_told_to_skip(at: Host) -> None:
    (path,) = DROP
    at.commit(revision("pass"))
    at.git("update-index", "--skip-worktree", f"{INSIDE}/{path}")
    write(at.project, DROP)


@_kind
def a_file_of_the_same_size_and_time(at: Host) -> None:
    (path,) = DROP
    at.config(("core.trustctime", "false"), ("core.checkStat", "minimal"))
    at.commit({path: DROP[path].replace("drop_column(", "# rop_column(")})
    place = at.project / path
    os.utime(place, (1, 1))
    at.git("update-index", "--refresh")
    write(at.project, DROP)
    os.utime(place, (1, 1))


@_kind
def attributes_that_would_make_an_edit_vanish(at: Host) -> None:
    """As a filter cleans it, the file is what it was."""
    (path,) = DROP
    at.commit({**revision("pass"), ".gitattributes": "*.py filter=x\n"})
    blob = at.git("rev-parse", f"HEAD:{INSIDE}/{path}")
    at.config(("filter.x.clean", f"git cat-file blob {blob}"))
    write(at.project, DROP)


@_kind
def an_encoding_that_would_make_an_edit_vanish(at: Host) -> None:
    """An encoding that Python has and git has not: read by it, the file is what it was."""
    (path,) = DROP
    quote = "\\u0022"
    drop = f'x = "{quote}{quote}"; op.drop_column("deployment_events", "hint")  # {quote}{quote}{quote}'
    at.commit(revision(drop.replace(quote, '"')))
    write(at.project, {".gitattributes": f"{path} working-tree-encoding=raw-unicode-escape\n"})
    at.git("add", f"{INSIDE}/.gitattributes")
    write(at.project, revision(drop))


@_kind
def a_repository_under_another_case(at: Host) -> None:
    store = Repository.new(at.outside / "store", PROJECT)
    store.git("config", "core.fsmonitor", str(at.trap))
    shutil.copytree(store.path / ".git", at.project / ".GIT")


@_kind
def a_git_file_below_the_project(at: Host) -> None:
    """Not in a commit, but left by a build: it leads to files of the tree."""
    _bare(at, index=True, config=f"\tfsmonitor = {at.trap}\n")
    write(at.project, {"src/.git": "gitdir: ..\n", "src/x.py": "x = 1\n"})


_HTTP = ("remote.origin.url", "http://127.0.0.1:9/none.git")


@_partial
def a_promise_over_http(at: Host) -> None:
    at.config(_HTTP)


@_partial
def a_promise_over_ssh(at: Host) -> None:
    at.config(("remote.origin.url", "ssh://nobody@localhost/none.git"), ("core.sshCommand", str(at.trap)))


@_partial
def a_promise_by_a_program(at: Host) -> Told:
    at.config(("remote.origin.url", f"ext::{at.trap} x"), ("protocol.ext.allow", "always"))
    return {"GIT_ALLOW_PROTOCOL": "ext:file:http:ssh"}


@_partial
def a_promise_by_a_remote_helper(at: Host) -> Told:
    shutil.copy(at.trap, at.outside / "git-remote-hostile")
    at.config(("remote.origin.url", "hostile://x"), ("remote.origin.vcs", "hostile"))
    return {"PATH": f"{at.outside}:{os.environ['PATH']}"}


@_partial
def a_promise_of_a_folder_with_a_command_to_upload(at: Host) -> None:
    Repository.new(at.outside / "promised", PROJECT)
    at.config(("remote.origin.url", str(at.outside / "promised")), ("remote.origin.uploadpack", str(at.trap)))


@_partial
def a_promise_that_asks_for_credentials(at: Host) -> Told:
    at.config(_HTTP, ("credential.helper", f"!{at.trap}"), ("core.askPass", str(at.trap)))
    return {"GIT_ASKPASS": str(at.trap), "SSH_ASKPASS": str(at.trap)}


@_partial
def a_promise_over_a_proxy(at: Host) -> None:
    at.config(("remote.origin.url", "git://localhost/none.git"), ("core.gitProxy", str(at.trap)))


@_partial
def a_promise_in_the_user_s_configuration(at: Host) -> Told:
    settings = at.outside / "gitconfig"
    settings.write_text(
        f'[remote "origin"]\n\tpromisor = true\n\turl = ext::{at.trap} x\n[protocol]\n\tallow = always\n'
    )
    return {"GIT_CONFIG_GLOBAL": str(settings)}


@_partial
def a_promise_that_is_rewritten(at: Host) -> None:
    at.config(("remote.origin.url", "https://example.org/x.git"))
    at.config((f"url.ext::{at.trap} .insteadOf", "https://example.org/"), ("protocol.allow", "always"))
