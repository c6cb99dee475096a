"""What is wrong with a command line, said as everything else is: what was written, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from migration_lint.errors import CannotJudge, Problem
from migration_lint.wording import did_you_mean, listed, near, nearest


def wrong_usage(message: str, fix: str) -> CannotJudge:
    """What to raise where options do not go together."""
    return CannotJudge(Problem(message, fix=fix))


def asks_for_help(error: click.ClickException) -> bool:
    """Whether nothing was written at all, where help is what click shows."""
    return type(error).__name__ == "NoArgsIsHelpError"  # click has it from 8.2 on


def problem_of(error: click.ClickException) -> Problem:
    """What click finds wrong, in our words."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "migration-lint"
    help_says = f"see `{command} --help`"
    if isinstance(error, click.NoSuchOption):
        options = _options(context)
        fix = did_you_mean(nearest(error.option_name, options), f"`{command} --help` lists the options")
        return Problem(f"{command} has no option {error.option_name}", fix=fix)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Problem(f"{command} needs {_called(error.param)}", fix=help_says)
    said = error.message.rstrip(".")
    said = said[:1].lower() + said[1:]
    if isinstance(error, click.BadParameter) and error.param is not None:
        said = f"{_called(error.param)}: {said}"
    return Problem(said, fix=help_says)


def _options(context: click.Context | None) -> list[str]:
    parameters = context.command.get_params(context) if context is not None else []
    return [name for each in parameters if isinstance(each, click.Option) for name in each.opts]


def _called(parameter: click.Parameter) -> str:
    """`--report`, or the word for an argument."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.metavar or parameter.human_readable_name.upper()


class CommandGroup(click.Group):
    """Commands by name; a name that is near another is asked about."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first of some arguments names. Raises CannotJudge where there is none."""
        name = args[0]
        known = self.list_commands(ctx)
        if self.get_command(ctx, name) is not None or ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)
        fix = did_you_mean(nearest(name, known), f"the commands are {listed(known, 'and')}")
        raise CannotJudge(Problem(f"{ctx.command_path} has no command {name}", fix=fix))


class OneOf(click.Choice):  # type: ignore[type-arg]  # not generic in every release
    """One of some words; one that is near another is asked about."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word. Raises CannotJudge where it is none of them."""
        if value in self.choices:
            return value
        option = _called(param) if param is not None else "this"
        raise CannotJudge(Problem(f"{option} cannot be {value}", fix=one_of(str(value), self.choices)))


def one_of(value: str, choices: Iterable[str]) -> str:
    """What to write in place of a word that is none of some."""
    choices = tuple(choices)
    return did_you_mean(nearest(value, choices), f"write {listed(choices, 'or')}")


class FolderPath(click.Path):
    """A folder that is there."""

    name = "folder"

    def __init__(self) -> None:
        super().__init__(file_okay=False)  # for what completes it

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Its path. Raises CannotJudge, with what lies beside it under a near name, where it is not there."""
        path = Path(value)
        if path.is_dir():
            return path
        if path.exists():
            raise wrong_usage(f"{value} is a file, not a folder", "name the folder of the project")
        raise not_there(path, "folder")


class ExistingPath(click.Path):
    """A file or folder that is there."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Its path. Raises CannotJudge, with what lies beside it under a near name, where it is not there."""
        path = Path(value)
        if not path.exists():
            raise not_there(path, "file or folder")
        return path


#: In place of what the folder of the project says.
CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE",
    help="Read the configuration from this file of the repository.  [default: the project's own]",
)  # fmt: skip


def from_project(config: Path | None, project: Path) -> str | None:
    """The path of `--config` from the folder of the project on, as the stages take it."""
    if config is None:
        return None
    try:
        return Path(os.path.relpath(config, project)).as_posix()
    except ValueError:  # on another drive
        return config.as_posix()


def not_there(path: Path, what: str) -> CannotJudge:
    """What to raise where a person named a path at which nothing is."""
    try:
        beside = sorted(each for each in os.listdir(path.parent) if not each.startswith("."))
    except OSError:
        beside = []
    meant = near(path.name, beside)
    fix = did_you_mean([(path.parent / meant).as_posix()] if meant else [], "correct the path")
    return CannotJudge(Problem(f"there is no {what} {path}", fix=fix))
