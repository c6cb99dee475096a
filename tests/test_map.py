"""The map of the package, `migration_lint/README.md`: what it names is there, and every stage is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import migration_lint

PACKAGE = Path(migration_lint.__file__).parent
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:\.\./)?[\w./-]+(?:/|\.(?:py|tsv|txt|toml)))`", MAP)))


@pytest.mark.parametrize("path", [path for path in PATHS if not path.endswith(".toml")])
def test_what_the_map_names_is_there(path: str) -> None:
    place = PACKAGE.parent / path if path.startswith("tests/") else PACKAGE / path
    assert place.is_dir() if path.endswith("/") else place.is_file()


def test_every_part_of_the_package_is_on_the_map() -> None:
    parts = {
        f"{each.name}/" if each.is_dir() else each.name
        for each in PACKAGE.iterdir()
        if (each.is_dir() and each.name != "__pycache__") or each.suffix == ".py"
    }
    assert parts - set(PATHS) <= {"__init__.py", "__main__.py"}


def test_every_part_of_the_reader_is_on_the_map() -> None:
    parts = {f"reading/{each.name}/" for each in (PACKAGE / "reading").iterdir() if each.is_dir()}
    assert parts - set(PATHS) <= {"reading/__pycache__/"}
