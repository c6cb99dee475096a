"""What can be configured, and what holds where nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from migration_lint.data_class import dataclass, field, replace
from migration_lint.identifiers import Identifiers
from migration_lint.operations import Dialect
from migration_lint.settings.globs import matching
from migration_lint.severity import Severity

Require = Literal["agrees", "changed", "touched"]
REQUIREMENTS: tuple[Require, ...] = get_args(Require)  # the strictest first

Direction = Literal["upgrade", "downgrade"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

Level = Literal["error", "warning", "info", "off"]
LEVELS: tuple[Level, ...] = get_args(Level)  # the gravest first

#: What an unqualified table name means where the project does not say; other dialects have no such schema.
DEFAULT_SCHEMAS: Mapping[Dialect, str] = {"postgresql": "public", "sqlite": "main", "mssql": "dbo"}


#: Where the sizes of tables are looked for.
SIZES_FILE = "migration-lint.sizes.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How fast tables are gone through, in megabytes a second, and from when on that is long, in seconds."""

    read: float | None = None  # None: the dialect's
    write: float | None = None
    build: float | None = None  # of each index
    short: float = 1  # nothing that takes no longer is told
    long: float = 60  # what takes longer is an error


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """What is said of one database; each field is the key of the same name, with `_` for `-`."""

    alembic: str = ""  # an ini file or a folder of scripts; "": the database that is found under the name
    dialect: Dialect | None = None
    default_schema: str | None = None
    server_version: tuple[int, ...] = ()
    elsewhere: tuple[str, ...] = ()  # revisions that other packages bring, on which those here stand
    sizes: str = ""  # "": as the whole configuration says


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One tree's configuration; each field is the key of the same name, with `_` for `-`."""

    contracts: tuple[str, ...] = ("contracts/**/*.yaml", "contracts/**/*.yml", "contracts/**/*.json")
    protected: tuple[str, ...] = ()
    alembic: tuple[str, ...] = ()  # empty: every environment that is found
    dialect: Dialect = "postgresql"
    server_version: tuple[int, ...] = ()  # (15,), (10, 11); empty: not said
    default_schema: str = "public"  # "": there is none
    lower_case_table_names: int | None = None  # MySQL's and MariaDB's variable; None: not said
    require: Require = "agrees"
    accept_earlier_consent: bool = False
    directions: tuple[Direction, ...] = ("upgrade",)
    fail_on: Severity = "error"
    rules: tuple[str, ...] = ()  # folders of own rules
    severity: Mapping[str, Level] = field(default_factory=dict)  # by rule or by group
    per_path: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)  # by pattern, then as severity
    start_after: tuple[str, ...] = ()  # revisions: they and what they stand on are not judged
    depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of revisions that compute it
    environment: Mapping[str, str] = field(default_factory=dict)  # variables that migrations read → text
    helpers: tuple[str, ...] = ()  # folders and wheels with packages that migrations call into
    small_tables: tuple[str, ...] = ()  # patterns
    sizes: str = SIZES_FILE
    durations: Durations = Durations()
    baseline: str = ""  # a file; "": none
    databases: Mapping[str, DatabaseSettings] = field(default_factory=dict)  # by name
    floor: Mapping[str, Level] | None = None  # base's `severity`, to which the contract rules are held
    path: str = ""  # the file that says it; "": nothing is said, all is default
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)  # "severity.some-rule" → line

    @property
    def identifiers(self) -> Identifiers:
        """Which names mean the same in this project's database."""
        return Identifiers(self.dialect, self.lower_case_table_names == 0)

    def of(self, *database: str, spoken: Dialect | None = None) -> Settings:
        """The same for one database, which has these names: what is said of it goes before the rest.

        `spoken` is the dialect that the database's own files say: what is stated goes before it.
        """
        said = next((self.databases[name] for name in database if name in self.databases), DatabaseSettings())
        dialect = said.dialect or spoken or self.dialect
        # What is stated beside no dialect is about the one that is found.
        same = dialect == self.dialect or (said.dialect is None and "dialect" not in self.lines)
        keeps = dialect == self.dialect or (same and "default-schema" in self.lines)
        schema = self.default_schema if keeps else DEFAULT_SCHEMAS.get(dialect, "")
        schema = schema if said.default_schema is None else said.default_schema
        version = said.server_version or (self.server_version if same else ())
        sizes = said.sizes or self.sizes
        same = (dialect, schema, version) == (self.dialect, self.default_schema, self.server_version)
        if same and sizes == self.sizes:
            return self
        return replace(self, dialect=dialect, default_schema=schema, server_version=version, sizes=sizes)

    def level(self, rule: str, default: Level, group: str = "", path: str = "") -> Level:
        """How severe the findings of `rule` in the file `path` are, where its own file says `default`.

        A rule's name counts before its group's, a path before all paths, and of several patterns that
        match a path the last.
        """
        if is_gate_rule(rule):
            level = _said(self.severity, rule, group) or default
            if self.floor is not None:
                level = min(level, _said(self.floor, rule, group) or default, key=LEVELS.index)
            return level
        for pattern in reversed(tuple(self.per_path) if path else ()):
            said = _said(self.per_path[pattern], rule, group)
            if said is not None and self._covers(pattern, path):
                return said
        return _said(self.severity, rule, group) or default

    def _covers(self, pattern: str, path: str) -> bool:
        folder = self.path.rpartition("/")[0]
        return next(matching((path,), (pattern,), folder), None) is not None

    def can_find(self, rule: str, group: str, own: Iterable[str]) -> bool:
        """Whether `rule`, whose own file knows the severities `own`, can be anything but off."""
        if is_gate_rule(rule) or any(_said(said, rule, group) for said in self.per_path.values()):
            return True
        said = _said(self.severity, rule, group)
        return said != "off" if said is not None else any(level != "off" for level in own)


def _said(levels: Mapping[str, Level], rule: str, group: str) -> Level | None:
    return levels.get(rule) or levels.get(group)


def is_gate_rule(rule: str) -> bool:
    """Whether a rule, or a group, belongs to the gate: the change that it judges cannot turn it down."""
    return rule == "contract" or rule.startswith("contract-")
