"""Reads a tree's configuration, strictly and with every problem at once."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from migration_lint.change.tree import Tree
from migration_lint.data_class import fields_of
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import DIALECTS
from migration_lint.settings import values
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

T = TypeVar("T")


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


class _Section:
    """The table of a configuration file that is ours, and what is wrong in it so far."""

    def __init__(self, document: TomlDocument, section: str, table: dict[str, object]) -> None:
        self.path = document.path
        self.lines = document.lines(section)
        self.table = table
        self.problems: list[Problem] = []
        self._known: list[str] = []

    def wrong(self, message: str, *places: str, fix: str) -> None:
        """Notes a problem at the first of some keys that has a line."""
        line = next((self.lines[place] for place in places if place in self.lines), 0)
        self.problems.append(Problem(message, self.path, line, fix=fix))

    def take(self, key: str, read: Callable[[object], T], otherwise: T) -> T:
        """What a key says; `otherwise` where it is not there, or says what it cannot."""
        self._known.append(key)
        if key not in self.table:
            return otherwise
        try:
            return read(self.table[key])
        except values.Wrong as wrong:
            self.wrong(f"{key} cannot be {values.shown(self.table[key])}", key, fix=str(wrong))
            return otherwise

    def end(self) -> None:
        """Raises CannotJudge with all that was wrong, and with each key that nobody took."""
        for key in self.table:
            if key not in self._known:
                fix = values.nearest_of(key, self._known)
                self.wrong(f"unknown key {values.shown(key)}", key, fix=fix)
        if self.problems:
            raise CannotJudge.of(sorted(self.problems, key=lambda problem: problem.line))

    def severities(self, given: object, key: str = "severity") -> Mapping[str, Level]:
        """The level of each rule that a table names."""
        levels: dict[str, Level] = {}
        for rule, level in values.table(given).items():
            try:
                levels[rule] = values.one_of(LEVELS)(level)
            except values.Wrong as wrong:
                message = f"{key}.{rule} cannot be {values.shown(level)}"
                self.wrong(message, f"{key}.{rule}", key, fix=str(wrong))
        return levels

    def by_path(self, given: object) -> Mapping[str, Mapping[str, Level]]:
        """The same for each pattern of paths; a gate has no exception of this kind."""
        levels: dict[str, Mapping[str, Level]] = {}
        wanted = 'make a table for each: [per-path."migrations/legacy/**"]'
        for pattern, said in values.table(given, wanted).items():
            levels[values.paths([pattern])[0]] = found = self.severities(said, f"per-path.{pattern}")
            for rule in filter(is_gate_rule, found):
                fix = "take it out; a contract that has nothing to change acknowledges the revision"
                self.wrong(f"{rule} holds for every path", f"per-path.{pattern}.{rule}", "per-path", fix=fix)
        return levels

    def durations(self, given: object) -> Durations:
        """How long things take on the project's server."""
        said: dict[str, float] = {}
        names = list(fields_of(Durations))
        wanted = "make it a table: one line read = 250 for each number"
        for name, value in values.table(given, wanted).items():
            places = (f"durations.{name}", "durations")
            if name not in names:
                message = f"unknown key {values.shown(name)} in durations"
                self.wrong(message, *places, fix=values.nearest_of(name, names))
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
                message = f"durations.{name} cannot be {values.shown(value)}"
                self.wrong(message, *places, fix="write a number above 0")
            else:
                said[name] = float(value)
        return Durations(**said)

    def databases(self, given: object) -> Mapping[str, DatabaseSettings]:
        """What is said of each database."""
        found: dict[str, DatabaseSettings] = {}
        wanted = "make a table for each: [databases.billing]"
        for name, said in values.table(given, wanted).items():
            taken: dict[str, object] = {}
            for key, value in values.table(said, wanted).items():
                places = (f"databases.{name}.{key}", "databases")
                if key not in _OF_A_DATABASE:
                    message = f"unknown key {values.shown(key)} in databases.{name}"
                    self.wrong(message, *places, fix=values.nearest_of(key, _OF_A_DATABASE))
                    continue
                try:
                    taken[key.replace("-", "_")] = _OF_A_DATABASE[key](value)
                except values.Wrong as wrong:
                    message = f"databases.{name}.{key} cannot be {values.shown(value)}"
                    self.wrong(message, *places, fix=str(wrong))
            found[name] = DatabaseSettings(**taken)  # type: ignore[arg-type]
        return found


#: What each key of a database takes.
_OF_A_DATABASE: Mapping[str, Callable[[object], object]] = {
    "alembic": values.path,
    "dialect": values.one_of(DIALECTS),
    "default-schema": values.text,
    "server-version": values.version,
    "elsewhere": values.texts,
    "sizes": values.path,
}


def _read(document: TomlDocument, section: str) -> Settings:
    table = document.under(section)
    if not isinstance(table, dict):
        fix = f"begin it with [{section}]"
        raise CannotJudge(Problem(f"{section} is not a table", document.path, fix=fix))
    at = _Section(document, section, table)
    take, default = at.take, Settings()
    dialect = take("dialect", values.one_of(DIALECTS), default.dialect)
    settings = Settings(
        contracts=take("contracts", values.paths, default.contracts),
        protected=take("protected", values.texts, default.protected),
        alembic=take("alembic", values.one_or_more_paths, ()),
        dialect=dialect,
        server_version=take("server-version", values.version, ()),
        default_schema=take("default-schema", values.text, DEFAULT_SCHEMAS.get(dialect, "")),
        lower_case_table_names=take("lower-case-table-names", values.lower_case, None),
        require=take("require", values.one_of(REQUIREMENTS), default.require),
        accept_earlier_consent=take("accept-earlier-consent", values.flag, default.accept_earlier_consent),
        directions=take("directions", values.some_of(DIRECTIONS), default.directions),
        fail_on=take("fail-on", values.one_of(SEVERITIES), default.fail_on),
        rules=take("rules", values.paths, ()),
        severity=take("severity", at.severities, {}),
        per_path=take("per-path", at.by_path, {}),
        start_after=take("start-after", values.one_or_more, ()),
        depends_on=take("depends-on", values.depends_on, {}),
        environment=take("environment", values.variables, {}),
        helpers=take("helpers", values.texts, ()),
        small_tables=take("small-tables", values.texts, ()),
        sizes=take("sizes", values.path, default.sizes),
        durations=take("durations", at.durations, default.durations),
        baseline=take("baseline", values.path, ""),
        databases=take("databases", at.databases, {}),
        path=at.path,
        lines=at.lines,
    )
    at.end()
    return settings
