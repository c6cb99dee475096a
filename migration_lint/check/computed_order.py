"""Revisions that compute what they depend on: the order that is taken, and which have to state it.

`depends_on` may be put together by asking the application which of its parts are installed. A script of base
is taken to depend on all that it may depend on: that order is right for whatever it does depend on. Where it
takes names from elsewhere, nothing shows which. Of one that the change adds or edits it has to be stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import History
from migration_lint.history.graph import Taken
from migration_lint.settings import Settings
from migration_lint.settings.files import PYPROJECT, SECTION
from migration_lint.wording import OF_MANY, did_you_mean, listed, near

KEY = "depends-on"


def taken_orders(histories: Sequence[History], changed: Collection[str], settings: Settings) -> list[str]:
    """A note on each revision that computes what it depends on, and that no setting speaks of.

    `changed` are the paths that the change adds or edits. Raises CannotJudge with those among them, and with
    what `depends-on` says of revisions that are not there or compute nothing.
    """
    computed = {each.script.path: each for history in histories for each in history.taken}.values()
    unstated = [each for each in computed if each.script.revision not in settings.depends_on]
    problems = [_to_state(each, settings) for each in unstated if each.script.path in changed]
    problems += _idle(histories, {each.script.revision for each in computed}, settings)
    if problems:
        raise CannotJudge.of(problems)
    return [_note(each, settings) for each in unstated]


def _note(each: Taken, settings: Settings) -> str:
    script = each.script
    place = f"{script.path}:{script.depends_line}"
    after = (
        f"after {listed(each.after, 'and')}, all that stand there" if each.after else "after none for that"
    )
    return (
        f"{place}: `depends_on` is computed: {script.revision} is taken to run {after}. "
        f"To have it otherwise: {_statement(each, settings)}"
    )


def _to_state(each: Taken, settings: Settings) -> Problem:
    message = "`depends_on` is computed in a way that cannot be worked out without running the script"
    fix = f"write `depends_on` out as a constant, or state what to take: {_statement(each, settings)}"
    return Problem(message, each.script.path, each.script.depends_line, fix=fix)


def _idle(histories: Iterable[History], computed: Collection[str], settings: Settings) -> Iterator[Problem]:
    revisions = {revision for history in histories for revision in history.parents}
    for name in settings.depends_on:
        line = settings.lines.get(f"{KEY}.{name}", settings.lines.get(KEY, 0))
        if name not in revisions:
            message = f"{KEY} names {name}, which is no revision"
            fix = did_you_mean(near(name, sorted(revisions), OF_MANY), "take it out")
            yield Problem(message, settings.path, line, fix=fix)
        elif name not in computed:
            message = f"{KEY} names {name}, which says itself what it depends on"
            yield Problem(message, settings.path, line, fix="take it out")


def _statement(each: Taken, settings: Settings) -> str:
    import json

    table = f"{SECTION}.{KEY}" if settings.path.endswith(PYPROJECT) or not settings.path else KEY
    if each.after:
        return f'"{each.script.revision}" = {json.dumps(list(each.after), ensure_ascii=False)} in [{table}]'
    # Nothing that stands there shows what it depends on: it may be anything.
    first = "<the revision that runs first>"
    return f'"{each.script.revision}" = ["{first}"] in [{table}], or [] if there is none'
