"""`constraints.txt`, with which the tests are installed: for each Python that is allowed, on any machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from migration_lint.toml_document import read_toml

from .documented import ROOT

LINES = (ROOT / "tests/constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line and not line.lstrip().startswith("#")]
PROJECT: Any = read_toml("pyproject.toml", (ROOT / "pyproject.toml").read_bytes()).under("project")


def wanted(environment: dict[str, str]) -> Iterator[Requirement]:
    """What the product and all its extras ask for in an environment."""
    for text in (*PROJECT["dependencies"], *sum(PROJECT["optional-dependencies"].values(), [])):
        asked = Requirement(text)
        if asked.name != PROJECT["name"] and (asked.marker is None or asked.marker.evaluate(environment)):
            yield asked


@pytest.mark.parametrize("minor", range(10, 15))
def test_each_requirement_has_one_version_that_it_allows(minor: int) -> None:
    environment = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0", "extra": ""}
    held: dict[str, list[str]] = {}
    for pin in PINS:
        if pin.marker is None or pin.marker.evaluate(environment):
            (one,) = pin.specifier
            assert one.operator == "=="
            held.setdefault(canonicalize_name(pin.name), []).append(one.version)
    for asked in wanted(environment):
        (version,) = held[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version), f"{asked}, but {version} is held: bash .ci/constrain"


def test_a_project_keeps_its_own_libraries() -> None:
    """Installed beside what it judges, the product brings no release of what migrations are written with."""
    assert {Requirement(each).name for each in PROJECT["dependencies"]} == {"click", "PyYAML", "tomli"}


def test_the_head_names_the_command_that_writes_it() -> None:
    (command,) = re.findall(r"^# .*via the following command:\n# +(.+)$", "\n".join(LINES), re.MULTILINE)
    script = ROOT / command.removeprefix("bash ")
    assert "--output-file tests/constraints.txt" in script.read_text(encoding="utf-8")


def test_nothing_is_said_of_a_machine() -> None:
    assert not [pin for pin in PINS if pin.url or pin.extras]
    assert not [
        line for line in LINES if line.startswith("-") or "://" in line or re.search(r"[\s=]/\w", line)
    ]
