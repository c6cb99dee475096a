"""The configuration that a change is judged with: a change must not loosen its own gate.

What base and head say is put together key by key, and the stricter holds until the change is merged:

    contracts, protected      what either names: to drop a pattern does not drop its protection
    alembic                   what either names, as long as head still has it
    dialect, default-schema   as base says, or its files do: under another dialect other types are "the same"
    require                   agrees before changed before touched
    accept-earlier-consent    only if both say so
    directions                what either names
    databases                 what either names: none gets out of sight by losing its name
    environment               as base says: what comes from outside names tables
    helpers                   as base says: what they do is read from there
    fail-on                   the threshold that fails more
    severity                  of the contract rules the graver, of all others as head says

`server-version`, `rules`, `per-path`, `start-after`, `depends-on`, `small-tables`, `sizes`, `durations` and
`baseline` are as head says: none of them concerns a contract rule, but for `depends-on`, which says what no
script does. A base that has neither a configuration nor a contract holds nothing yet: there head's
configuration counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from migration_lint.change.tree import Tree
from migration_lint.data_class import replace
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings.contract_files import contract_files
from migration_lint.settings.files import OWN_FILE, PYPROJECT, Files, inside, named_inside
from migration_lint.settings.load import settings_in
from migration_lint.settings.misnamed import refuse_misnamed
from migration_lint.settings.model import LEVELS, REQUIREMENTS, DatabaseSettings, Settings, is_gate_rule
from migration_lint.severity import SEVERITIES

T = TypeVar("T")


class Judging(NamedTuple):
    """The configuration for the two trees of a change."""

    base: Settings
    head: Settings  # made as strict as base's
    own: Settings  # head's, as it says
    notes: tuple[str, ...]  # what head would loosen, a sentence each

    @property
    def held(self) -> bool:
        """Whether head is held to what base says."""
        return self.head is not self.own or self.base is self.head


def judging_settings(base: Tree, head: Tree, project: str, config: str | None = None) -> Judging:
    """The configuration for judging the change from `base` to `head`.

    `project` is the POSIX prefix of the judged folder in both trees, "" for the root; `config` a file, named
    from there on, that stands in for the configuration of the project. Where base has no such file yet, what
    its project says holds.
    Raises CannotJudge with every problem of both configurations.
    """
    # Of head alone: a change may be the one that mends the name.
    files = Files.of(head)
    earlier = Files.of(base)
    head_files = head.files()
    refuse_misnamed(head_files, files, project, config)
    places = [inside(project, PYPROJECT), inside(project, OWN_FILE)]
    before = config
    if config is not None:
        places = [named_inside(project, config)]
        before = config if earlier.read(places[0]) is not None else None
    if before == config and all(earlier.content_id(path) == files.content_id(path) for path in places):
        settings = settings_in(files, project, config)
        return Judging(settings, settings, settings, ())

    loaded: list[Settings] = []
    problems: list[Problem] = []
    for read, named, suffix in ((earlier, before, f" (in base: {base.name})"), (files, config, "")):
        try:
            loaded.append(settings_in(read, project, named))
        except CannotJudge as error:
            problems += [problem._replace(message=problem.message + suffix) for problem in error.problems]
    if problems:
        raise CannotJudge.of(problems)

    theirs, ours = loaded
    if not theirs.path and not contract_files(base, theirs.contracts, project).files:
        return Judging(theirs, ours, ours, ())
    asked = theirs
    if theirs.alembic:
        there = tuple(name for name in theirs.alembic if _holds(head_files, inside(project, name)))
        asked = replace(theirs, alembic=there or ours.alembic)
    still = {
        name: each
        for name, each in theirs.databases.items()
        if _holds(head_files, inside(project, each.alembic))
    }
    asked = replace(asked, databases=still)
    judged, notes = stricter(asked, ours)
    return Judging(theirs, judged, ours, notes)


def stricter(base: Settings, head: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Head's settings made as strict as base's, and a note on each key that head would loosen."""
    notes: list[str] = []

    def note(what: str, holds: str) -> None:
        where = head.path or base.path
        notes.append(f"{where}: {what} takes effect once it is merged; this change is judged with {holds}")

    def hold(key: str, says: T, holds: T) -> T:
        if says != holds:
            note(f"{key} = {_toml(says)}", _toml(holds))
        return holds

    alembic = _joined(head.alembic, base.alembic) if head.alembic and base.alembic else ()
    if alembic != head.alembic:
        note(
            f"alembic = {_toml(head.alembic)}",
            _toml(alembic) if alembic else "every environment that is found",
        )
    # The default schema follows the dialect, on which there is a note already.
    if head.dialect == base.dialect:
        hold("default-schema", head.default_schema, base.default_schema)
    judged = replace(
        head,
        contracts=hold("contracts", head.contracts, _joined(head.contracts, base.contracts)),
        protected=hold("protected", head.protected, _joined(head.protected, base.protected)),
        alembic=alembic,
        dialect=hold("dialect", head.dialect, base.dialect),
        default_schema=base.default_schema,
        lower_case_table_names=hold(
            "lower-case-table-names", head.lower_case_table_names, base.lower_case_table_names
        ),
        require=hold("require", head.require, min(head.require, base.require, key=REQUIREMENTS.index)),
        accept_earlier_consent=hold(
            "accept-earlier-consent",
            head.accept_earlier_consent,
            head.accept_earlier_consent and base.accept_earlier_consent,
        ),
        directions=hold("directions", head.directions, _joined(head.directions, base.directions)),
        environment=hold("environment", head.environment, base.environment),
        helpers=hold("helpers", head.helpers, base.helpers),
        databases=_databases(base.databases, head.databases),
        fail_on=hold("fail-on", head.fail_on, max(head.fail_on, base.fail_on, key=SEVERITIES.index)),
        floor=base.severity,
    )
    own = "the rule's own severity"
    for rule in dict.fromkeys((*base.severity, *head.severity)):
        says, holds = head.severity.get(rule), base.severity.get(rule)
        # What a rule's own severity is stands in its file: "error" alone is surely not looser.
        looser = (
            says != "error" if holds is None else says is None or LEVELS.index(says) > LEVELS.index(holds)
        )
        if is_gate_rule(rule) and looser and not (says is None and holds != "error"):
            note(
                f"severity.{rule} = {_toml(says)}" if says else f"{own} of {rule}",
                _toml(holds) if holds else f"nothing looser than {own}",
            )
    return judged, tuple(notes)


def _databases(
    base: Mapping[str, DatabaseSettings], head: Mapping[str, DatabaseSettings]
) -> Mapping[str, DatabaseSettings]:
    """Head's databases, and those of base that only the configuration shows and head no longer names."""
    places = {each.alembic for each in head.values()}
    gone = {
        name: each
        for name, each in base.items()
        if each.alembic and name not in head and each.alembic not in places
    }
    return {**head, **gone}


def _joined(ours: tuple[T, ...], theirs: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _holds(files: Mapping[str, str], path: str) -> bool:
    """Whether a tree has this file, this `file:section`, or files in this folder."""
    folder = path.rstrip("/") + "/"
    return path in files or path.rpartition(":")[0] in files or any(name.startswith(folder) for name in files)


def _toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
