"""What the commands print, and how they say what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from migration_lint.errors import Problem

FINDINGS = 1  # an exit status


def as_json(value: object) -> str:
    """A value as JSON for people and programs."""
    import json

    return json.dumps(value, indent=2) + "\n"


def print_text(text: str) -> bool:
    """Write to standard output; False if its reader has gone, which is no error of this run."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit: let it, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def as_bytes(text: str) -> bytes:
    """A text as it is written to a file; what UTF-8 has no form for is spelt out."""
    return text.encode("utf-8", "backslashreplace")


def complain(problems: Sequence[Problem]) -> None:
    """Say on standard error what keeps the run from judging."""
    from migration_lint.report.screen import visible, wants_colour

    label = "\x1b[1;31merror\x1b[0m" if wants_colour(sys.stderr, os.environ) else "error"
    for problem in dict.fromkeys(problems):
        # What stands below the first line is indented: no name in a message can pass for one of ours.
        said, *below = problem.message.splitlines() or [""]
        below = [line if line.startswith("  ") else f"  {line}" for line in below]
        first, *more = str(problem._replace(message="\n".join([said, *below]))).splitlines()
        print(f"{label}: {visible(first)}", *(visible(line) for line in more), sep="\n", file=sys.stderr)


def confess(error: Exception) -> None:
    """Say on standard error that the program has a defect."""
    if os.environ.get("MIGRATION_LINT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    from migration_lint.report.screen import visible

    print(
        f"internal error: {visible(f'{type(error).__name__}: {error}')}\n"
        "  fix: please report it, with the migration that brings it about; "
        "MIGRATION_LINT_DEBUG=1 in the environment shows where it happens",
        file=sys.stderr,
    )
