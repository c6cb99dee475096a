"""Every test runs as on a machine that is no CI's, without a cache, without anybody's git settings."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["pytester"]

#: What CI systems, pre-commit and terminals set, and the program obeys.
_SPEAKING = ("CI_", "GITHUB_", "GITLAB_", "PRE_COMMIT", "GIT_")
_WORDS = ("CI", "FORCE_COLOR", "CLICOLOR_FORCE", "MIGRATION_LINT_DEBUG", "PYTHONDONTWRITEBYTECODE")


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _WORDS or name.startswith(_SPEAKING):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MIGRATION_LINT_CACHE", "off")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
