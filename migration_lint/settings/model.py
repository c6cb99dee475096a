"""What can be configured, and what holds where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from migration_lint.operations import Dialect
from migration_lint.severity import Severity

Require = Literal["agrees", "changed", "touched"]
REQUIREMENTS: tuple[Require, ...] = get_args(Require)  # the strictest first

Direction = Literal["upgrade", "downgrade"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

Level = Literal["error", "warning", "info", "off"]
LEVELS: tuple[Level, ...] = get_args(Level)  # the gravest first

#: What an unqualified table name means where the project does not say; other dialects have no such schema.
DEFAULT_SCHEMAS: Mapping[Dialect, str] = {"postgresql": "public", "sqlite": "main", "mssql": "dbo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One tree's configuration; each field is the key of the same name, with `_` for `-`."""

    contracts: tuple[str, ...] = ("contracts/**/*.yaml", "contracts/**/*.yml")
    protected: tuple[str, ...] = ()
    alembic: tuple[str, ...] = ()  # empty: every environment that is found
    dialect: Dialect = "postgresql"
    server_version: tuple[int, ...] = ()  # (15,), (10, 11); empty: not said
    default_schema: str = "public"  # "": there is none
    require: Require = "agrees"
    accept_earlier_consent: bool = False
    directions: tuple[Direction, ...] = ("upgrade",)
    fail_on: Severity = "error"
    rules: tuple[str, ...] = ()  # folders of own rules
    severity: Mapping[str, Level] = field(default_factory=dict)
    floor: Mapping[str, Level] | None = None  # base's `severity`, to which the contract rules are held
    path: str = ""  # the file that says it; "": nothing is said, all is default
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)  # "severity.some-rule" → line

    def level(self, rule: str, default: Severity) -> Level:
        """How severe the findings of `rule` are, where its own file says `default`."""
        level = self.severity.get(rule, default)
        if self.floor is not None and is_gate_rule(rule):
            level = min(level, self.floor.get(rule, default), key=LEVELS.index)
        return level


def is_gate_rule(rule: str) -> bool:
    """Whether a rule belongs to the gate, so that the change it judges cannot turn it down."""
    return rule.startswith("contract-")
