"""Running git: the one place that starts it, so that no hook, clone or configuration can bend it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from migration_lint.errors import CannotJudge, Problem

if TYPE_CHECKING:
    from subprocess import CompletedProcess, Popen

#: Of the variables that steer git, those that say how to reach git, its configuration and a server.
#: All others (GIT_DIR, GIT_WORK_TREE, GIT_TRACE, …) are what a hook's git left behind: they would
#: send us to the repository of that hook, whatever folder is being judged.
_KEPT = (
    *("GIT_CONFIG", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
    *("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ASKPASS", "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL"),
)

#: Replacement objects would make one id mean two contents; a file monitor is a program that the
#: repository's own configuration names.
_OPTIONS = ("git", "--no-pager", "--no-replace-objects", "--literal-pathspecs", "-c", "core.fsmonitor=")


class Git:
    """git in one folder, in a clean environment."""

    __slots__ = ("folder", "environ")

    def __init__(self, folder: str, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = environ

    @classmethod
    def at(cls, folder: str, environ: Mapping[str, str], **extra: str) -> Git:
        """`extra` are variables of git's own to set; everything else of git's in `environ` is dropped."""
        clean = {
            name: value
            for name, value in environ.items()
            if not name.startswith("GIT_") or name.startswith(_KEPT)
        }
        clean.pop("LANGUAGE", None)
        clean |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", **extra}
        return cls(folder, clean)

    def run(self, purpose: str, *arguments: str) -> bytes:
        """What git prints. Raises CannotJudge: `git cannot <purpose>: …`."""
        done = self.attempt(*arguments)
        if done.returncode:
            reason = last_word(done.stderr) or f"git {arguments[0]} failed with {done.returncode}"
            raise CannotJudge(Problem(f"git cannot {purpose}: {reason}"))
        return done.stdout

    def attempt(self, *arguments: str) -> CompletedProcess[bytes]:
        """The same, where a failure is an answer. Raises CannotJudge only if there is no git."""
        import subprocess

        try:
            return subprocess.run(
                (*_OPTIONS, *arguments),
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise _not_started(error, self.folder) from None

    def start(self, *arguments: str) -> Popen[bytes]:
        import subprocess

        try:
            return subprocess.Popen(
                (*_OPTIONS, *arguments),
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise _not_started(error, self.folder) from None


def last_word(stderr: bytes) -> str:
    """The line of a complaint that says what is wrong, without git's own `fatal:`."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return re.sub(r"^(fatal|error): ", "", (fatal or lines or [""])[0])


def _not_started(error: OSError, folder: str) -> CannotJudge:
    if not os.path.isdir(folder):
        return CannotJudge(Problem(f"{folder} is not a folder"))
    if isinstance(error, FileNotFoundError):
        return CannotJudge(
            Problem(
                "git is not installed, or not on PATH",
                fix="install git, or compare two plain folders: --base DIR --head DIR",
            )
        )
    return CannotJudge(Problem(f"git cannot be started: {error.strerror or error}"))
