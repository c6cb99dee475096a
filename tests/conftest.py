"""Every test runs as on a machine that is no CI's, without a cache, without anybody's git settings."""

from __future__ import annotations

import os
import zlib

import pytest

pytest_plugins = ["pytester"]

#: What CI systems, pre-commit and terminals set, and the program obeys.
_SPEAKING = ("CI_", "GITHUB_", "GITLAB_", "PRE_COMMIT", "GIT_")
_WORDS = ("CI", "FORCE_COLOR", "CLICOLOR_FORCE", "MIGRATION_LINT_DEBUG", "PYTHONDONTWRITEBYTECODE")


#: Where it is set, no case is left out.
EVERY = "MIGRATION_LINT_EVERY_TEST"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what `long` says, and of each test that `one_in` marks all cases but one in so many.

    They are always the same ones, and one at least.
    """
    if os.environ.get(EVERY):
        return
    cases: dict[str, list[pytest.Item]] = {}
    left_out = {item for item in items if item.get_closest_marker("long")}
    for item in items:
        if item.get_closest_marker("one_in"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for each in cases.values():
        drawn = [item for item in each if _is_drawn(item)] or each[:1]
        left_out.update(set(each).difference(drawn))
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_drawn(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("one_in")
    return marker is None or zlib.crc32(item.nodeid.encode()) % int(marker.args[0]) == 0


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _WORDS or name.startswith(_SPEAKING):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MIGRATION_LINT_CACHE", "off")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
