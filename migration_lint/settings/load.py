"""Reads a tree's configuration, strictly and with every problem at once."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from migration_lint.change.tree import Tree
from migration_lint.data_class import fields_of
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import DIALECTS
from migration_lint.settings.files import OWN_FILE, PYPROJECT, SECTION, Files, inside, named_inside
from migration_lint.settings.model import (
    DEFAULT_SCHEMAS,
    DIRECTIONS,
    LEVELS,
    REQUIREMENTS,
    DatabaseSettings,
    Durations,
    Level,
    Settings,
    is_gate_rule,
)
from migration_lint.severity import SEVERITIES
from migration_lint.toml_document import TomlDocument
from migration_lint.wording import did_you_mean, nearest

T = TypeVar("T")
Choice = TypeVar("Choice", bound=str)


def load_settings(tree: Tree, project: str, config: str | None = None) -> Settings:
    """The configuration of one tree; all defaults where it has none.

    `project` is the POSIX prefix of the judged folder in the tree, "" for the root. Only that folder's
    own files count, not those of the folders above it; or the file `config`, named from that folder on.
    Raises CannotJudge with every problem: TOML that cannot be read, unknown keys, wrong values.
    """
    return settings_in(Files.of(tree), project, config)


def load_folder(folder: Path, config: str | None = None) -> Settings:
    """The same of a folder on disk, for what has no tree. Raises CannotJudge as `load_settings` does."""

    def read(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.is_file() else None

    return settings_in(Files(read), "", config)


def settings_in(files: Files, project: str, config: str | None = None) -> Settings:
    """As `load_settings`, of files some of which were read already."""
    if config is not None:
        return _named(files, named_inside(project, config))
    found: list[tuple[TomlDocument, str]] = []  # and the name of the table in it
    for name, section in ((PYPROJECT, SECTION), (OWN_FILE, "")):
        path = inside(project, name)
        data = files.read(path)
        # Most pyproject.toml say nothing about us, and to parse one costs more than to look.
        if data is None or (section and b"migration-lint" not in data):
            continue
        document = files.document(path)
        if document.under(section) is not None:
            found.append((document, section))
    if not found:
        return Settings()
    if len(found) > 1:
        first, second = (document.path for document, _ in found)
        raise CannotJudge(
            Problem(
                f"{first} and {second} both configure migration-lint",
                fix=f"keep one: move what {second} says into [{SECTION}] of {first}, or the other way round",
            )
        )
    return _read(*found[0])


def _named(files: Files, path: str) -> Settings:
    """What a file says that stands in for those of the project."""
    if files.read(path) is None:
        raise CannotJudge(
            Problem("--config: there is no such file in what is judged", path, fix="correct the path")
        )
    section = SECTION if posixpath.basename(path) == PYPROJECT else ""
    document = files.document(path)
    if document.under(section) is None:
        raise CannotJudge(
            Problem(f"--config: there is no [{SECTION}] in it", path, fix=f"begin it with [{SECTION}]")
        )
    return _read(document, section)


def _databases(
    given: object, lines: Mapping[str, int], path: str, problems: list[Problem]
) -> Mapping[str, DatabaseSettings]:
    """What is said of each database; what is wrong with it is added to `problems`."""
    found: dict[str, DatabaseSettings] = {}
    readers: Mapping[str, Callable[[object], object]] = {
        "alembic": lambda value: _paths([_text(value)])[0],
        "dialect": _one_of(DIALECTS),
        "default-schema": _text,
        "server-version": _version,
        "elsewhere": _texts,
        "sizes": lambda value: _paths([_text(value)])[0],
    }
    wanted = "make a table for each: [databases.billing]"
    for name, said in _table(given, wanted).items():
        values: dict[str, object] = {}
        for key, value in _table(said, wanted).items():
            line = lines.get(f"databases.{name}.{key}", lines.get("databases", 0))
            if key not in readers:
                message = f"unknown key {_shown(key)} in databases.{name}"
                problems.append(Problem(message, path, line, fix=_nearest(key, readers)))
                continue
            try:
                values[key.replace("-", "_")] = readers[key](value)
            except _Wrong as wrong:
                message = f"databases.{name}.{key} cannot be {_shown(value)}"
                problems.append(Problem(message, path, line, fix=str(wrong)))
        found[name] = DatabaseSettings(**values)  # type: ignore[arg-type]
    return found


class _Wrong(Exception):
    """A value is not what its key takes; the message says what it takes, as an imperative."""


def _read(document: TomlDocument, section: str) -> Settings:
    path, value = document.path, document.under(section)
    if not isinstance(value, dict):
        raise CannotJudge(Problem(f"{section} is not a table", path, fix=f"begin it with [{section}]"))
    table: dict[str, object] = value
    lines = document.lines(section)
    problems: list[Problem] = []
    known: list[str] = []
    default = Settings()

    def take(key: str, read: Callable[[object], T], otherwise: T) -> T:
        known.append(key)
        if key not in table:
            return otherwise
        try:
            return read(table[key])
        except _Wrong as wrong:
            message = f"{key} cannot be {_shown(table[key])}"
            problems.append(Problem(message, path, lines.get(key, 0), fix=str(wrong)))
            return otherwise

    def severities(given: object, key: str = "severity") -> Mapping[str, Level]:
        levels: dict[str, Level] = {}
        for rule, level in _table(given).items():
            try:
                levels[rule] = _one_of(LEVELS)(level)
            except _Wrong as wrong:
                message = f"{key}.{rule} cannot be {_shown(level)}"
                line = lines.get(f"{key}.{rule}", lines.get(key, 0))
                problems.append(Problem(message, path, line, fix=str(wrong)))
        return levels

    def by_path(given: object) -> Mapping[str, Mapping[str, Level]]:
        levels: dict[str, Mapping[str, Level]] = {}
        for pattern, said in _table(
            given, 'make a table for each: [per-path."migrations/legacy/**"]'
        ).items():
            levels[_paths([pattern])[0]] = found = severities(said, f"per-path.{pattern}")
            for rule in filter(is_gate_rule, found):
                line = lines.get(f"per-path.{pattern}.{rule}", lines.get("per-path", 0))
                fix = "take it out; a contract that has nothing to change acknowledges the revision"
                problems.append(Problem(f"{rule} holds for every path", path, line, fix=fix))
        return levels

    def durations(given: object) -> Durations:
        said: dict[str, float] = {}
        names = list(fields_of(Durations))
        for name, value in _table(given, "make it a table: one line read = 250 for each number").items():
            line = lines.get(f"durations.{name}", lines.get("durations", 0))
            if name not in names:
                fix = _nearest(name, names)
                problems.append(Problem(f"unknown key {_shown(name)} in durations", path, line, fix=fix))
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
                message = f"durations.{name} cannot be {_shown(value)}"
                problems.append(Problem(message, path, line, fix="write a number above 0"))
            else:
                said[name] = float(value)
        return Durations(**said)

    dialect = take("dialect", _one_of(DIALECTS), default.dialect)
    settings = Settings(
        contracts=take("contracts", _paths, default.contracts),
        protected=take("protected", _texts, default.protected),
        alembic=take("alembic", lambda given: _paths([given] if isinstance(given, str) else given), ()),
        dialect=dialect,
        server_version=take("server-version", _version, ()),
        default_schema=take("default-schema", _text, DEFAULT_SCHEMAS.get(dialect, "")),
        lower_case_table_names=take("lower-case-table-names", _lower_case, None),
        require=take("require", _one_of(REQUIREMENTS), default.require),
        accept_earlier_consent=take("accept-earlier-consent", _flag, default.accept_earlier_consent),
        directions=take("directions", _some_of(DIRECTIONS), default.directions),
        fail_on=take("fail-on", _one_of(SEVERITIES), default.fail_on),
        rules=take("rules", _paths, ()),
        severity=take("severity", severities, {}),
        per_path=take("per-path", by_path, {}),
        start_after=take(
            "start-after", lambda given: _texts([given] if isinstance(given, str) else given), ()
        ),
        depends_on=take("depends-on", _depends_on, {}),
        environment=take("environment", _variables, {}),
        helpers=take("helpers", _texts, ()),
        small_tables=take("small-tables", _texts, ()),
        sizes=take("sizes", lambda given: _paths([_text(given)])[0], default.sizes),
        durations=take("durations", durations, default.durations),
        baseline=take("baseline", lambda given: _paths([_text(given)])[0], ""),
        databases=take("databases", lambda given: _databases(given, lines, path, problems), {}),
        path=path,
        lines=lines,
    )
    problems += [
        Problem(f"unknown key {_shown(key)}", path, lines.get(key, 0), fix=_nearest(key, known))
        for key in table
        if key not in known
    ]
    if problems:
        raise CannotJudge.of(sorted(problems, key=lambda problem: problem.line))
    return settings


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise _Wrong("give it one text in quotes")
    return given


def _texts(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(item, str) and item for item in given):
        raise _Wrong('give it a list of texts: ["…", "…"]')
    return tuple(given)


def _paths(given: object) -> tuple[str, ...]:
    paths = _texts(given)
    for path in paths:
        if path.startswith(("/", "~")) or "\\" in path or path[1:2] == ":" or ".." in path.split("/"):
            raise _Wrong(
                f"name it from this folder downwards, with / between the parts: {_shown(path)} leads out"
            )
    return tuple(path.removeprefix("./") for path in paths)


def _table(
    given: object, wanted: str = 'make it a table: one line "rule-name" = "error" for each rule'
) -> dict[str, object]:
    if not isinstance(given, dict):
        raise _Wrong(wanted)
    return given


def _variables(given: object) -> Mapping[str, str]:
    table = _table(given, 'make it a table: one line NAME = "text" for each variable')
    if not all(isinstance(text, str) for text in table.values()):
        raise _Wrong("give each variable one text in quotes")
    return {name: str(text) for name, text in table.items()}


def _depends_on(given: object) -> Mapping[str, tuple[str, ...]]:
    table = _table(given, 'make it a table: one line "revision" = ["…"] for each revision that computes it')
    return {revision: _texts(names) for revision, names in table.items()}


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise _Wrong("write true or false, without quotes")
    return given


def _version(given: object) -> tuple[int, ...]:
    if isinstance(given, int) and not isinstance(given, bool) and given > 0:
        return (given,)
    # 10.10 is the number 10.1 in TOML, so that a version with a dot has to be a text.
    if not isinstance(given, str) or not re.fullmatch(r"\d+(\.\d+)*", given, re.ASCII):
        raise _Wrong('write the version in quotes: "16", "10.11"')
    return tuple(map(int, given.split(".")))


def _one_of(choices: tuple[Choice, ...]) -> Callable[[object], Choice]:
    def read(given: object) -> Choice:
        for choice in choices:
            if given == choice:
                return choice
        raise _Wrong(_nearest(given if isinstance(given, str) else "", choices))

    return read


def _lower_case(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 2:
        return given
    raise _Wrong("write 0, 1 or 2, as SHOW VARIABLES LIKE 'lower_case_table_names' says")


def _some_of(choices: tuple[Choice, ...]) -> Callable[[object], tuple[Choice, ...]]:
    def read(given: object) -> tuple[Choice, ...]:
        if not isinstance(given, list) or not given or not all(item in choices for item in given):
            raise _Wrong(f"give it a list of some of: {', '.join(choices)}")
        return tuple(choice for choice in choices if choice in given)

    return read


def _nearest(given: str, known: Iterable[str]) -> str:
    choices = tuple(known)
    return did_you_mean(nearest(given, choices), f"use one of: {', '.join(choices)}")


def _shown(value: object) -> str:
    """A value the way TOML writes it, cut short."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"
