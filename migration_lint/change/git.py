"""Running git: the one place that starts it, so that no hook, clone or configuration can bend it.

git is told the git directory and the work tree in every call, and the directory is one that we made: see
`git_directory`. It runs no program but itself, opens no connection, and takes no lock. The one exception is
a fetch that a person asked for, which goes through `Git.connecting`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migration_lint.errors import CannotJudge, Problem

if TYPE_CHECKING:
    from subprocess import CompletedProcess, Popen

#: Of the variables that steer git, those that say where it is and which configuration is the user's own.
_USERS = ("GIT_CONFIG_", "GIT_EXEC_PATH")
#: Those that say how to reach a server.
_REACH = (
    *("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ASKPASS"),
    *("GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL"),
)

_OPTIONS = ("--no-pager", "--no-replace-objects", "--literal-pathspecs")

#: The user's own configuration is read for which files are ignored. Nothing else of it may matter: it can
#: name programs, and it can have git believe that a file is unchanged whose time or size says otherwise.
_OF_USERS = (
    *("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"),
    *("-c", "core.trustctime=true", "-c", "core.checkStat=default", "-c", "core.fileMode=false"),
)

#: Whatever the configuration says, no missing object is fetched: by git before 2.45, for want of a protocol.
_APART = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
_NO_SETTINGS = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1"}
_PROTOCOLS = "file:git:http:https:ssh"  # none that is a program of somebody else's


class Git:
    """git on one repository, with the variables and options that it is started with."""

    __slots__ = ("_command", "_environ", "_folder", "_given", "_home", "_places")

    def __init__(
        self,
        environ: Mapping[str, str],
        folder: Path,
        git_dir: Path,
        top: Path | None,
        places: Mapping[str, str],
    ) -> None:
        """`folder` stands for the user's home; `places` are variables that name files of git's.

        Raises CannotJudge if there is no git.
        """
        environ = dict(environ) | {"PATH": os.pathsep.join(_outside(environ, top))}
        work_tree = () if top is None else (f"--work-tree={top}",)
        self._command = (_program(environ), f"--git-dir={git_dir}", *work_tree, *_OPTIONS)
        self._given = environ
        # Anywhere in the work tree, git would speak of what is below there alone.
        self._folder = Path(os.sep)
        self._home = top or git_dir
        self._places = places
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}  # git before 2.32 looks there
        self._environ = _without_git(environ) | dict(places) | _APART | _NO_SETTINGS | home

    def as_user(self) -> Git:
        """The same with the user's own configuration, which says what is ignored and how lines end."""
        return self._with(_OF_USERS, _without_git(self._given, _USERS) | dict(self._places) | _APART)

    def connecting(self) -> Git:
        """The same with all that the user's configuration says of remotes, and leave to connect to one."""
        environ = _without_git(self._given, (*_USERS, *_REACH)) | dict(self._places)
        environ.setdefault("GIT_ALLOW_PROTOCOL", _PROTOCOLS)
        # An address may be a path, which counts from the top.
        return self._with(("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor="), environ, self._home)

    def _with(self, options: Sequence[str], environ: dict[str, str], folder: Path | None = None) -> Git:
        other = object.__new__(Git)
        other._command = (*self._command, *options)
        other._given, other._places, other._home = self._given, self._places, self._home
        other._folder = folder or self._folder
        other._environ = environ
        return other

    def run(self, purpose: str, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints. Raises CannotJudge: `git cannot <purpose>: …`."""
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            reason = last_word(done.stderr) or f"git {arguments[0]} failed with {done.returncode}"
            raise CannotJudge(Problem(f"git cannot {purpose}: {reason}"))
        return done.stdout

    def attempt(self, *arguments: str, stdin: bytes = b"") -> CompletedProcess[bytes]:
        """The same, where a failure is an answer. Raises CannotJudge only if git cannot be started."""
        import subprocess

        try:
            return subprocess.run(
                (*self._command, *arguments),
                cwd=self._folder,
                env=self._environ,
                input=stdin,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise _not_started(error) from None

    def start(self, *arguments: str) -> Popen[bytes]:
        """git, running, with pipes to talk to it. Raises CannotJudge only if it cannot be started."""
        import subprocess

        try:
            return subprocess.Popen(
                (*self._command, *arguments),
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise _not_started(error) from None


def user_settings(
    environ: Mapping[str, str], name: str, top: Path | None, *, is_path: bool = False
) -> list[str]:
    """Every value that the user's, the system's and the environment's configuration give to a name."""
    import subprocess

    environ = dict(environ) | {"PATH": os.pathsep.join(_outside(environ, top))}
    how = ["--path"] if is_path else []
    try:
        done = subprocess.run(
            (_program(environ), f"--git-dir={os.devnull}", "config", "-z", *how, "--get-all", name),
            cwd=os.sep,
            env=_without_git(environ, _USERS),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise _not_started(error) from None
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def last_word(stderr: bytes) -> str:
    """The line of a complaint that says what is wrong, without git's own `fatal:`."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    start = next((at for at, line in enumerate(lines) if line.startswith(("fatal:", "error:"))), 0)
    words = lines[start : start + 1]
    if words and words[0].endswith(":"):  # what it complains of stands below, a line each
        words = lines[start : start + 2]
    return re.sub(r"^(fatal|error): ", "", " ".join(words))


def _without_git(environ: Mapping[str, str], kept: tuple[str, ...] = ("GIT_EXEC_PATH",)) -> dict[str, str]:
    """The environment without git's variables but `kept`.

    The others (GIT_DIR, GIT_WORK_TREE, GIT_TRACE, …) are what a hook's git left behind: they would send us to
    the repository of that hook, whatever folder is being judged.
    """
    clean = {
        name: value for name, value in environ.items() if not name.startswith("GIT_") or name.startswith(kept)
    }
    clean.pop("LANGUAGE", None)
    return clean | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _outside(environ: Mapping[str, str], top: Path | None) -> list[str]:
    """The folders of PATH but those in the tree that is judged, or in whatever folder we are in."""
    found = [each for each in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(each)]
    if top is None:
        return found
    below = os.path.join(top, "")
    return [each for each in found if not os.path.join(os.path.realpath(each), "").startswith(below)]


def _program(environ: Mapping[str, str]) -> str:
    names = ("git.exe", "git.cmd") if os.name == "nt" else ("git",)
    for folder in environ["PATH"].split(os.pathsep):
        for name in names:
            program = os.path.join(folder, name)
            if folder and os.path.isfile(program) and os.access(program, os.X_OK):
                return program
    raise CannotJudge(
        Problem(
            "git is not installed, or not on PATH",
            fix="install git, or compare two plain folders: --base DIR --head DIR",
        )
    )


def _not_started(error: OSError) -> CannotJudge:
    return CannotJudge(Problem(f"git cannot be started: {error.strerror or error}"))
