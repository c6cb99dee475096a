"""What a wheel holds besides the files: its rules, read and checked, so that no run has to do it again."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledRules(BuildHookInterface):
    """Puts `migration_lint/rules/compiled.json` into a wheel; an editable install reads the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from migration_lint.rulebook.shipped import compiled
        finally:
            sys.path.remove(self.root)
        self._folder = tempfile.TemporaryDirectory(prefix="migration-lint-rules-")
        made = Path(self._folder.name, "compiled.json")
        made.write_text(compiled(), encoding="utf-8")
        build_data["force_include"][str(made)] = "migration_lint/rules/compiled.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
