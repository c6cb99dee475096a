"""`show`: what the reader sees."""

from __future__ import annotations

from pathlib import Path

import click

from migration_lint.cli.output import print_text
from migration_lint.cli.usage import CONFIG, ExistingPath, OneOf, from_project
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import DIALECTS, Dialect


@click.command()
@click.argument("paths", nargs=-1, type=ExistingPath(), metavar="[PATH]...")
@click.option("--format", "form", type=OneOf(["text", "json"]), default="text", show_default=True)
@click.option("--dialect", type=OneOf(DIALECTS), help="Default: the configuration's, or postgresql.")
@CONFIG
def show(paths: tuple[Path, ...], form: str, dialect: Dialect | None, config: Path | None) -> int:
    """Show what migration scripts do, revision by revision, as this program reads them.

    PATH is a script or a folder of scripts; without one it is the current folder.
    """
    from migration_lint.reading import read_paths
    from migration_lint.report import readings
    from migration_lint.settings import load_folder

    wrong = [path for path in paths if path.suffix not in (".py", "") and not path.is_dir()]
    if wrong:
        fix = "name a script that ends in .py, or a folder of them; SQL is read where a script executes it"
        raise CannotJudge.of(Problem("this is no Python script", path.as_posix(), fix=fix) for path in wrong)
    settings = load_folder(Path(), from_project(config, Path()))
    dialect = dialect or settings.dialect
    render = readings.render_json if form == "json" else readings.render_text
    given = paths or (Path(),)
    for reading in read_paths(given, dialect, settings.environment, settings.helpers):
        if not print_text(render(reading)):
            break
    return 0
