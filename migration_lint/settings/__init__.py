"""A project's configuration: `[tool.migration-lint]` in pyproject.toml, or migration-lint.toml."""

from __future__ import annotations

from migration_lint.settings.globs import names_table
from migration_lint.settings.judging import Judging, judging_settings, stricter
from migration_lint.settings.load import load_folder, load_settings
from migration_lint.settings.model import (
    DIRECTIONS,
    LEVELS,
    REQUIREMENTS,
    DatabaseSettings,
    Direction,
    Durations,
    Level,
    Require,
    Settings,
    is_gate_rule,
)

__all__ = [
    "DIRECTIONS",
    "LEVELS",
    "REQUIREMENTS",
    "DatabaseSettings",
    "Direction",
    "Durations",
    "Judging",
    "Level",
    "Require",
    "Settings",
    "is_gate_rule",
    "judging_settings",
    "load_folder",
    "load_settings",
    "names_table",
    "stricter",
]
