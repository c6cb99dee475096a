"""`check`: judge a change."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.output import FINDINGS, as_bytes
from migration_lint.cli.reports import ReportOptions, WantedReport, asked_for, deliver, report_options
from migration_lint.cli.usage import CONFIG, ExistingPath, OneOf, from_project, wrong_usage
from migration_lint.data_class import replace
from migration_lint.severity import SEVERITIES, Severity
from migration_lint.wording import listed

if TYPE_CHECKING:
    from migration_lint.check.finding import Report
    from migration_lint.check.input import Input

ELSEWHERE = "name another file with --write-baseline"


@click.command()
@click.argument("paths", nargs=-1, type=ExistingPath(), metavar="[PROJECT | SCRIPT...]")
@click.option("--base", metavar="REF|DIR", help="What to compare with; found by default.")
@click.option("--head", metavar="REF|DIR|index|worktree", help="What to judge; found by default.")
@click.option("--fetch", is_flag=True, help="Get from origin what a shallow clone lacks for that.")
@click.option("--all", "all_revisions", is_flag=True, help="Judge every revision as if it were new.")
@CONFIG
@report_options
@click.option("--fail-on", type=OneOf(SEVERITIES), help="The least severity that fails.")
@click.option(
    "--write-baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --all: list what is found in FILE, to report only what is new from now on.",
)
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing.")
def check(
    paths: tuple[Path, ...],
    base: str | None,
    head: str | None,
    fetch: bool,
    all_revisions: bool,
    config: Path | None,
    asked: ReportOptions,
    fail_on: Severity | None,
    write_baseline: Path | None,
    no_cache: bool,
) -> int:
    """Judge a change: every contract has to follow what its migrations do.

    PROJECT is the folder with the configuration; its tree is the git repository around it. Where migration
    SCRIPTs are named, they alone are judged, each as if it were new.
    """
    project, scripts = place_of(paths)
    stated = from_project(config, project)
    compared = base is not None or head is not None
    _check_asked(bool(scripts), compared, all_revisions, base is not None, write_baseline is not None)
    reports = asked_for(asked)
    if write_baseline is not None:
        _check_baseline(write_baseline, reports)

    from migration_lint.check.input import read_input
    from migration_lint.check.pipeline import judge_input
    from migration_lint.report.progress import Progress
    from migration_lint.store import Store, open_store

    every = all_revisions or bool(scripts)
    store = Store(None) if no_cache else open_store(os.environ)
    with Progress(sys.stderr, os.environ, quiet=asked.quiet) as progress:
        given = read_input(
            project,
            base,
            "worktree" if scripts else head,
            every,
            os.environ,
            store,
            progress,
            config=stated,
            may_fetch=fetch,
        )
        report = judge_input(
            given,
            all_revisions=every,
            scripts=scripts,
            fail_on=fail_on,
            with_baseline=write_baseline is None,
            progress=progress,
        )
    if write_baseline is not None:
        report = write_listed(report, write_baseline)
    if not every:
        report = _with_patches(report, reports, given)
    deliver(report, reports, asked)
    return FINDINGS if report.failed else 0


def _check_asked(scripts: bool, compared: bool, every: bool, based: bool, baseline: bool) -> None:
    """Raises CannotJudge where what is asked for does not go together."""
    if scripts and (compared or every or baseline):
        message = "scripts that are named are judged as if they were new, as they are in the work tree"
        raise wrong_usage(message, "leave out --base, --head, --all and --write-baseline, or the scripts")
    if every and based:
        raise wrong_usage("--all judges every revision, and compares with no --base", "leave one of them out")
    if baseline and not every:
        raise wrong_usage("--write-baseline lists what is found in every revision", "add --all")


def _check_baseline(place: Path, reports: Sequence[WantedReport]) -> None:
    """Raises CannotJudge where a baseline cannot be written."""
    from migration_lint.disk import check_place

    check_place(place, ELSEWHERE)
    if os.path.realpath(place) in [os.path.realpath(each.file) for each in reports if each.file]:
        raise wrong_usage("a report and the baseline cannot go to one file", ELSEWHERE)


def _with_patches(report: Report, reports: Sequence[WantedReport], given: Input) -> Report:
    """With what mends the contracts, where a format shows it and something has to be mended."""
    from migration_lint.report import WITH_PATCHES

    shown = any(each.form in WITH_PATCHES for each in reports)
    if not shown or not any(finding.contracts for finding in report.findings):
        return report
    from migration_lint.writing.sync import mending

    made = mending(given)
    return replace(report, patches=made.patches, acknowledging=made.acknowledging)


def place_of(paths: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """What to judge: the folder of a project, and the scripts in it that are named, by their paths below it.

    Raises CannotJudge where these are several projects.
    """
    files = [path for path in paths if not path.is_dir()]
    if not files:
        if len(paths) > 1:
            raise wrong_usage(f"{len(paths)} folders are named, and a run judges one", "run it for each")
        folder = (paths or (Path(),))[0]
        if _holds_scripts(folder):
            fix = f"name the folder of the project, or scripts: migration-lint check {folder.as_posix()}/*.py"
            raise wrong_usage(f"{folder} is a folder of migration scripts, and no project", fix)
        return folder, ()
    if len(files) < len(paths):
        raise wrong_usage("folders and scripts are named", "name one folder, or scripts alone")
    from migration_lint.change.discovery import project_of

    real = [Path(os.path.realpath(path)) for path in files]
    here = Path(os.path.realpath(os.curdir))
    around = {project_of(path) or (here if here in path.parents else path.parent) for path in real}
    if len(around) > 1:
        told = listed((project.as_posix() for project in sorted(around)), "and")
        raise wrong_usage(f"the scripts are of several projects, {told}", "run it for each")
    (project,) = around
    scripts = tuple(path.relative_to(project).as_posix() for path in real)
    return (Path() if project == here else project), scripts


def _holds_scripts(folder: Path) -> bool:
    """Whether a folder is one of scripts inside a project, which has its configuration elsewhere."""
    from migration_lint.change.discovery import MARKS, project_of

    here = Path(os.path.realpath(folder))
    project = project_of(here / "env.py")
    if project in (None, here) or any((here / mark).exists() for mark in (*MARKS, "env.py")):
        return False
    scripts = (each for each in here.glob("*.py") if each.is_file())
    return any(re.search(rb"^(?:down_)?revision\b", each.read_bytes(), re.MULTILINE) for each in scripts)


def write_listed(report: Report, path: Path) -> Report:
    """Write the baseline; gives what is left of the report: what no baseline may list."""
    from migration_lint import disk
    from migration_lint.check.baseline import can_be_listed, parse, write

    before = path.read_bytes() if path.is_file() else None
    earlier = () if before is None else parse(path.as_posix(), before)
    data = disk.with_line_ends_of(before, as_bytes(write(report.findings, earlier)))
    disk.save([disk.named(path, data)], fix=ELSEWHERE)
    left = tuple(finding for finding in report.findings if not can_be_listed(finding.rule))
    count = len(report.findings) - len(left)
    note = f'{path.as_posix()} lists {count} findings; name it in the configuration: baseline = "…"'
    return replace(report, findings=left, baselined=count, notes=(*report.notes, note))
