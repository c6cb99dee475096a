"""What stops a run, as opposed to what a run finds.

    MigrationLintError
    └── CannotJudge         exit status 2: one or more Problems, all that were found, not the first
        └── MissingExtra    an optional package is needed and is not installed

A *finding* is never an exception: it is what a rule reports about input that could be read.
"""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.named_tuple import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong with the input, said so that its author can mend it.

    `message` is a sentence without a final full stop that names the thing as the author wrote it.
    `fix` says what to do next, as an imperative; it is empty where the message already does.
    `line` and `column` count from 1; 0 means the whole file.
    """

    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    fix: str = ""

    def __str__(self) -> str:
        where = self.path
        if where and self.line:
            where += f":{self.line}" + (f":{self.column}" if self.column else "")
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}\n  fix: {self.fix}" if self.fix else text


def merge_conflict(path: str, text: str) -> Problem | None:
    """The markers of a merge that nobody has resolved, in a text that cannot be read; None: it has none."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("<<<<<<< "):
            message = f"a merge was not resolved here: `{line[:60].rstrip()}`"
            fix = "keep what is right of both sides, and take out the lines of <<<<<<<, ======= and >>>>>>>"
            return Problem(message, path, number, fix=fix)
    return None


class MigrationLintError(Exception):
    """The root of every error that this package raises on purpose."""


class CannotJudge(MigrationLintError):
    """The input cannot be judged; the command line prints the problems and exits with 2."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: tuple[Problem, ...] = problems

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> CannotJudge:
        return cls(*problems)


class MissingExtra(CannotJudge):
    """What a run was asked for needs packages that come with an extra, and they are not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            Problem(
                f"{purpose} needs packages that are not installed",
                fix=f"pip install 'migration-contract-lint[{extra}]'",
            )
        )
        self.extra = extra
        self.purpose = purpose
