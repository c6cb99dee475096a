"""Real migrations mean the same whatever order sets have; `python -m tests.benchmarks.seeds` reads all."""

from __future__ import annotations

from pathlib import Path

import pytest

from .benchmarks.packages import PACKAGES, Unavailable, fetched, unpacked
from .benchmarks.seeds import differences, said
from .projects import PROJECT, write

SEEDS = range(3)
MOST_SCRIPTS = 12  # of one package, from its first to its last


@pytest.mark.parametrize("name", ["optuna", pytest.param("zenml", marks=pytest.mark.long)])
def test_a_package_is_read_the_same_under_every_seed(name: str, tmp_path: Path) -> None:
    package = PACKAGES[name]
    try:
        repository = unpacked(package, fetched(package), tmp_path)
    except Unavailable as missing:
        pytest.skip(str(missing))
    settings, _, _ = package.files()["migration-lint.toml"].partition("[severity]")
    repository.commit({"migration-lint.toml": settings})
    found = sorted((repository.path / package.alembic / "versions").glob("*.py"))
    scripts = found[:: 1 + len(found) // MOST_SCRIPTS]
    command = ("show", "--format", "json", *(str(each.relative_to(repository.path)) for each in scripts))
    texts = [said(repository.path, seed, *command) for seed in SEEDS]
    assert "exit status 2" not in texts[0], texts[0][-500:]
    assert not list(differences(texts))


def test_what_is_wrong_with_pins_is_said_in_the_order_in_which_it_stands(tmp_path: Path) -> None:
    names = ["one", "two", "three", "four", "five"]
    said_of = "".join(f"{name}: 1\n" for name in names)
    write(tmp_path, {**PROJECT, "contracts.lock": f"lock: migration-lint/v1\nfiles: {{}}\n{said_of}"})
    texts = [said(tmp_path, seed, "check", "--base", ".", "--head", ".") for seed in SEEDS]
    assert not list(differences(texts))
    assert [line for name in names for line in texts[0].splitlines() if f'unknown key "{name}"' in line] == [
        line for line in texts[0].splitlines() if "unknown key" in line
    ]
    assert 'unknown key "one"' in texts[0]
