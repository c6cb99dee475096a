"""The command line: arguments in, exit status out.

    0   nothing at or above the failing severity
    1   findings
    2   could not be judged: wrong usage, input that cannot be read, or a defect of ours

One command a module. Only click is imported for all of them: what a command
needs is imported when it runs.
"""

from __future__ import annotations

import gc
import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import PurePath

import click

from migration_lint import __version__
from migration_lint.cli.output import complain, confess
from migration_lint.cli.usage import CommandGroup, asks_for_help, problem_of
from migration_lint.errors import CannotJudge

#: Where each command stands.
COMMANDS = {
    "check": "check",
    "contract": "contract",
    "explain": "rules",
    "models": "models",
    "parity": "parity",
    "report-schema": "report_schema",
    "review": "review",
    "rules": "rules",
    "server": "server",
    "show": "show",
    "sizes": "sizes",
}

#: The package index has another tool of the first name. Where both are installed, the second is ours alone.
NAMES = ("migration-lint", "migration-contract-lint")

CANNOT_JUDGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it


def collect_rarely() -> None:
    """Make garbage collection rare: most of what a run allocates lives until its end.

    What it makes stays until its end, syntax trees above all: to go through it every few hundred objects is
    a fifth of a long run.
    """
    gc.set_threshold(1_000_000, 10, 1_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments`, by default the process's own; the exit status comes back."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal's encoding lacks
    if arguments is None:
        collect_rarely()
    try:
        return _run(arguments)
    finally:
        if arguments is None:
            gc.freeze()  # Python looks through all of it twice before it ends, for nothing


def _run(arguments: Sequence[str] | None) -> int:
    try:
        status = command.main(
            args=None if arguments is None else list(arguments),
            prog_name=_called() if arguments is None else NAMES[0],
            standalone_mode=False,
        )
    except CannotJudge as error:
        complain(error.problems)
        return CANNOT_JUDGE
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        if asks_for_help(error):
            error.show()  # a group without a command: its help
        else:
            complain([problem_of(error)])
        return CANNOT_JUDGE
    except Exception as error:
        confess(error)
        return CANNOT_JUDGE
    return status if isinstance(status, int) else 0


def _called() -> str:
    """The name that the command was started under."""
    name = PurePath(sys.argv[0]).stem
    return name if name in NAMES else NAMES[0]


class Commands(CommandGroup):
    """The commands, each imported when it is asked for: most runs ask for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, as the help lists them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; None where there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"migration_lint.cli.{COMMANDS[cmd_name]}")
        found = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(found, click.Command)
        return found


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 nothing found, 1 findings, 2 could not be judged.",
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def command() -> None:
    """Holds Alembic migrations and the contracts of the services around them together."""
