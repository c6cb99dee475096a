"""The command line: arguments in, exit status out.

    0   nothing at or above the failing severity
    1   findings
    2   could not be judged: wrong usage, input that cannot be read, or a defect of ours

Only click is imported here. What a command needs is imported by that command.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint import __version__
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import DIALECTS, Dialect
from migration_lint.severity import SEVERITIES, Severity

if TYPE_CHECKING:
    from migration_lint.report import Format
    from migration_lint.rulebook.rule import Rule
    from migration_lint.settings import Settings

FINDINGS = 1
CANNOT_JUDGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments`, by default the process's own; the exit status comes back."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal's encoding lacks
    if arguments is None:
        # The process is ours, and what it makes stays until its end, syntax trees above all: to go through
        # it for garbage every few hundred objects is a fifth of a long run.
        gc.set_threshold(200_000, 50, 1_000)
    try:
        status = command.main(
            args=None if arguments is None else list(arguments),
            prog_name="migration-lint",
            standalone_mode=False,
        )
    except CannotJudge as error:
        _complain(error.problems)
        return CANNOT_JUDGE
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return CANNOT_JUDGE
    except Exception as error:
        _confess(error)
        return CANNOT_JUDGE
    return status if isinstance(status, int) else 0


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 nothing found, 1 findings, 2 could not be judged.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def command() -> None:
    """Holds Alembic migrations and the contracts of the services around them together."""


@command.command()
@click.argument(
    "project", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), required=False
)
@click.option("--base", metavar="REF|DIR", help="What to compare with; found by default.")
@click.option("--head", metavar="REF|DIR|index|worktree", help="What to judge; found by default.")
@click.option("--all", "all_revisions", is_flag=True, help="Judge every revision as if it were new.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report to FILE.",
)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="The least severity that fails.")
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing.")
def check(
    project: Path,
    base: str | None,
    head: str | None,
    all_revisions: bool,
    form: Format,
    output: Path | None,
    fail_on: Severity | None,
    no_cache: bool,
) -> int:
    """Judge a change: every contract has to follow what its migrations do.

    PROJECT is the folder with the configuration; its tree is the git repository around it.
    """
    if all_revisions and base is not None:
        raise click.UsageError("--all judges every revision, so that there is no --base to compare with.")

    from migration_lint.check.pipeline import run_check
    from migration_lint.report import render
    from migration_lint.report.progress import Progress
    from migration_lint.report.screen import wants_colour

    with Progress(sys.stderr, os.environ) as progress:
        report = run_check(
            project,
            base=base,
            head=head,
            all_revisions=all_revisions,
            environ=os.environ,
            fail_on=fail_on,
            use_cache=not no_cache,
            progress=progress,
        )
    if output is None:
        _print(render(report, form, wants_colour(sys.stdout, os.environ)))
    else:
        _save(output, render(report, form))
    return FINDINGS if report.failed else 0


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--dialect", type=click.Choice(DIALECTS), help="Default: the configuration's, or postgresql.")
def show(paths: tuple[Path, ...], form: str, dialect: Dialect | None) -> int:
    """Show what migration scripts do, revision by revision, as this program reads them.

    PATH is a script or a folder of scripts; without one it is the current folder.
    """
    from migration_lint.reading import read_paths
    from migration_lint.report import readings

    dialect = dialect or _settings().dialect
    render = readings.render_json if form == "json" else readings.render_text
    for reading in read_paths(paths or (Path(),), dialect):
        if not _print(render(reading)):
            break
    return 0


@command.command()
@click.argument("rule")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(rule: str, form: str) -> int:
    """Say what a rule finds, why, and what to do about it."""
    from migration_lint.rulebook.explain import explain as in_text
    from migration_lint.rulebook.explain import explain_json, find

    found = find(rule, {each.name: each for each in _rules(_settings())})
    _print(_as_json(explain_json(found)) if form == "json" else in_text(found))
    return 0


@command.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--facts", is_flag=True, help="Show what a rule's condition may ask, for writing rules.")
def rules(form: str, facts: bool) -> int:
    """List the rules, each with its severity and what it finds."""
    from migration_lint.rulebook.explain import facts_text, rules_json, rules_text

    if facts:
        _print(facts_text())
        return 0
    settings = _settings()
    known = _rules(settings)
    levels = settings.severity
    _print(_as_json(rules_json(known, levels)) if form == "json" else rules_text(known, levels))
    return 0


@command.group()
def contract() -> None:
    """Write and check contract files."""


@contract.command()
def schema() -> int:
    """Print the JSON Schema of contract files, for editors."""
    from migration_lint.contracts.schema import json_schema

    _print(_as_json(json_schema()))
    return 0


def _settings() -> Settings:
    """The configuration of the folder that the command is run in."""
    from migration_lint.settings import load_folder

    return load_folder(Path())


def _rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that come with the package, and the project's own."""
    from migration_lint.rulebook.files import builtin_files, project_files
    from migration_lint.rulebook.load import load

    files = builtin_files()
    if settings.rules:
        from migration_lint.change import resolve_tree

        tree, project = resolve_tree(Path(), None)
        files += project_files(tree, project, settings.rules)
    return load(files)


def _as_json(value: object) -> str:
    import json

    return json.dumps(value, indent=2) + "\n"


def _print(text: str) -> bool:
    """Write to standard output; False if its reader has gone, which is no error of this run."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit: let it, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _save(path: Path, text: str) -> None:
    """Write a file as a whole or not at all. Raises CannotJudge if that is not possible."""
    import tempfile

    data = text.encode("utf-8", "backslashreplace")
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():  # a pipe, /dev/stdout: nothing to put in its place
            target.write_bytes(data)
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with open(handle, "wb") as file:
                file.write(data)
            os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        problem = Problem(f"the report cannot be written: {error.strerror}", str(path))
        raise CannotJudge(problem._replace(fix="name another file with --output")) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _complain(problems: Sequence[Problem]) -> None:
    from migration_lint.report.screen import visible, wants_colour

    label = "\x1b[1;31merror\x1b[0m" if wants_colour(sys.stderr, os.environ) else "error"
    for problem in dict.fromkeys(problems):
        # What stands below the first line is indented: no name in a message can pass for one of ours.
        said, *below = problem.message.splitlines() or [""]
        below = [line if line.startswith("  ") else f"  {line}" for line in below]
        first, *more = str(problem._replace(message="\n".join([said, *below]))).splitlines()
        print(f"{label}: {visible(first)}", *(visible(line) for line in more), sep="\n", file=sys.stderr)


def _confess(error: Exception) -> None:
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
