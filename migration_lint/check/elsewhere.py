"""Revisions that another package brings, and on which those of the tree stand.

Alembic finds them where that package is installed; here they are a beginning that is not known. Whether a
name means one of them, or is a slip, nothing shows: what base has already is taken for one and noted; what is
new in the change has to be stated, and so has a name that is nearly one of the tree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import History, Missing
from migration_lint.settings import Settings
from migration_lint.settings.files import PYPROJECT, SECTION
from migration_lint.wording import listed

#: As many names as a note lists.
_FEW = 3


def beginnings(
    histories: Sequence[History], settings: Settings, before: Iterable[History] | None
) -> list[str]:
    """A note on each database that stands on what is not known.

    `before` are base's histories, None where head is judged as it is. Raises CannotJudge with every name that
    is new and not stated, and with those that nearly are revisions of the tree.
    """
    here: dict[str, set[str]] = {}  # environment → its revisions
    for history in histories:
        here.setdefault(history.environment.name, set()).update(each.revision for each in history.scripts)
    known = None
    if before is not None:
        known = {(each.revision, each.name) for history in before for each in history.missing}
    notes: list[str] = []
    problems: list[Problem] = []
    elsewhere: dict[str, set[str]] = {}  # databases of one environment have the same revisions
    for history in histories:
        environment = history.environment
        for each in (environment.database, environment.name):
            stated = settings.databases.get(each)
            elsewhere.setdefault(environment.name, set()).update(stated.elsewhere if stated else ())
    for history in {history.environment.name: history for history in histories}.values():
        name = history.environment.database
        left = _unstated(history.missing, set().union(*here.values()), elsewhere[history.environment.name])
        notes += _lent(history, here)
        wrong = [
            each
            for each in left
            if each.near or (known is not None and (each.revision, each.name) not in known)
        ]
        problems += [_stateable(each.problem, each.name, name, settings) for each in wrong]
        if left and not wrong:
            names = sorted({each.name for each in left})
            shown = names if len(names) <= _FEW else [*names[:_FEW], f"{len(names) - _FEW} more"]
            notes.append(
                f"{history.environment.name}: revisions stand on {listed(shown, 'and')}, "
                "not in this tree: what those make is not known. "
                f"Where other packages bring them, say so: {_statement(name, names, settings)}"
            )
    if problems:
        raise CannotJudge.of(problems)
    return notes


def _lent(history: History, here: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A note on each environment whose revisions another one stands on: both may be run as one."""
    own = history.environment.name
    names = {each.name for each in history.missing}.difference(here[own])
    for other, revisions in here.items():
        if there := sorted(names.intersection(revisions)):
            yield (
                f"{own}: revisions stand on {listed(there, 'and')} of {other}, "
                "which is judged as a database of its own"
            )


def _unstated(missing: Iterable[Missing], here: Collection[str], elsewhere: Collection[str]) -> list[Missing]:
    return [each for each in missing if each.name not in elsewhere and each.name not in here]


def _stateable(problem: Problem, revision: str, database: str, settings: Settings) -> Problem:
    way = f"where another package brings it, state {_statement(database, [revision], settings)}"
    return problem._replace(fix=f"{problem.fix}; {way}")


def _statement(database: str, names: Sequence[str], settings: Settings) -> str:
    import json

    plain = database.replace("-", "").replace("_", "").isalnum()
    table = f"databases.{database}" if plain else f'databases."{database}"'
    table = f"{SECTION}.{table}" if settings.path.endswith(PYPROJECT) or not settings.path else table
    return f"elsewhere = {json.dumps(list(names), ensure_ascii=False)} in [{table}]"
