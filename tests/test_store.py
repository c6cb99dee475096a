"""What is kept between runs: found again, shared without harm, and never more than a cache."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migration_lint import __version__
from migration_lint.store import MOST_BYTES, MOST_ENTRIES, Store, checksum_of

from .documented import ROOT
from .projects import PROJECT, Repository, revision

NAME = "readings"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_value_is_found_again(tmp_path: Path) -> None:
    Store(tmp_path).put(NAME, "key", {"a": ["ä", None, 1]})
    assert Store(tmp_path).get(NAME, "key") == {"a": ["ä", None, 1]}
    assert Store(tmp_path).get(NAME, "other") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"1", b"2"),
        lambda data: b"\x80\x04\x95" + data,  # what a pickle begins with
        lambda data: data + b" ",
        lambda data: data.partition(b"\n")[2],
    ],
    ids=["empty", "cut", "changed", "pickle", "longer", "no checksum"],
)
def test_a_damaged_entry_is_a_miss(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    Store(tmp_path).put(NAME, "key", {"a": 1})
    (entry,) = files(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert Store(tmp_path).get(NAME, "key") is None


def test_a_part_that_moved_is_a_miss(tmp_path: Path) -> None:
    store = Store(tmp_path)
    start = store.put_parts(NAME, "key", [b"first", b"second"])
    assert store.get_part(NAME, "key", start + 5, 6, checksum_of(b"second")) == b"second"
    assert store.get_part(NAME, "key", start, 6, checksum_of(b"second")) is None
    assert store.get_part(NAME, "key", 10_000, 6, checksum_of(b"second")) is None


def test_what_another_python_or_version_wrote_is_not_looked_at(tmp_path: Path) -> None:
    Store(tmp_path).put(NAME, "key", 1)
    (generation,) = tmp_path.iterdir()
    major, minor = sys.version_info[:2]
    assert generation.name.startswith(f"{__version__}-{major}.{minor}-")
    generation.rename(tmp_path / generation.name.replace(f"-{major}.{minor}-", "-2.7-"))
    assert Store(tmp_path).get(NAME, "key") is None


def test_the_same_wheel_finds_it_wherever_and_whenever_it_was_installed(tmp_path: Path) -> None:
    def installed(place: Path, hashed: str) -> str:
        shutil.copytree(ROOT / "migration_lint", place / "migration_lint")
        (place / "rules").mkdir()
        about = place / f"migration_contract_lint-{__version__}.dist-info"
        about.mkdir()
        (about / "RECORD").write_text(
            f"../../bin/migration-lint,sha256={place.name},1\nmigration_lint/store.py,sha256={hashed},1\n"
            f"migration_lint/__pycache__/store.cpython-{sys.version_info[1]}.pyc,,\n"
        )
        code = (
            "from pathlib import Path; from migration_lint.store import Store; "
            "Store(Path('x')).put('k', 'k', 1)"
        )
        subprocess.run([sys.executable, "-c", code], cwd=place, env={"PYTHONPATH": str(place)}, check=True)
        (generation,) = (place / "x").iterdir()
        return generation.name

    one = installed(tmp_path / "one", "abc")
    for path in files(tmp_path / "one" / "migration_lint"):
        os.utime(path, (0, 0))
    assert installed(tmp_path / "two", "abc") == one
    assert installed(tmp_path / "three", "def") != one


def _write(folder: Path, number: int) -> None:
    store = Store(folder)
    for turn in range(60):
        store.put(NAME, "key", [number] * 5_000)
        store.put_parts("parts", "key", [bytes([number]) * 3_000], behind=turn > 0)


def test_runs_that_write_at_the_same_time_leave_a_whole_entry(tmp_path: Path) -> None:
    runs = [
        multiprocessing.get_context("spawn").Process(target=_write, args=(tmp_path, n)) for n in (1, 2, 3)
    ]
    for run in runs:
        run.start()
    seen = 0
    while any(run.is_alive() for run in runs):
        found = Store(tmp_path).get(NAME, "key")
        if found is not None:
            seen += 1
            assert found == [found[0]] * 5_000
    for run in runs:
        run.join()
        assert run.exitcode == 0
    assert seen
    assert not [path for path in files(tmp_path) if path.name.startswith(".")]


@pytest.mark.parametrize("size", [1, 4_000_000], ids=["many", "large"])
def test_there_is_a_bound_to_what_is_kept(size: int, tmp_path: Path) -> None:
    Store(tmp_path).put(NAME, "old", 0)
    (first,) = files(tmp_path)
    for number in range(MOST_ENTRIES + 5 if size == 1 else MOST_BYTES // size + 1):
        entry = first.parent / f"key{number}"
        entry.write_bytes(b"x" * size)
        os.utime(entry, (number, number))
    Store(tmp_path).put(NAME, "new", 1)
    left = files(tmp_path)
    assert len(left) <= MOST_ENTRIES // 2
    assert sum(path.stat().st_size for path in left) <= MOST_BYTES // 2
    assert Store(tmp_path).get(NAME, "new") == 1
    assert not (first.parent / "key0").exists()


def test_generations_that_nobody_runs_any_more_go(tmp_path: Path) -> None:
    old, young, other = (
        tmp_path / name for name in ("0.0.1-3.11-0123456789ab", "0.0.2-3.11-0123456789ab", "mine")
    )
    for folder, days in ((old, 60), (young, 5), (other, 60)):
        (folder / "asked").mkdir(parents=True)
        for path in (folder / "asked", folder):
            os.utime(path, (time.time() - days * 86_400,) * 2)
    Store(tmp_path).put(NAME, "key", 1)
    assert not old.exists()
    assert young.exists()
    assert other.exists()


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file")
    store.put(NAME, "key", 1)
    assert store.get(NAME, "key") is None
    assert store.put_parts(NAME, "key", [b"a"]) == 0


LISTED = {
    **revision(
        "import pathlib\n\n"
        "for path in sorted(pathlib.Path('migrations/sql').iterdir()):\n    op.execute(path.read_text())"
    ),
    "migrations/sql/a.sql": "ALTER TABLE other ADD COLUMN a int",
}


def test_a_file_that_appears_in_a_folder_that_a_script_lists_is_seen(tmp_path: Path) -> None:
    """What is kept of a script holds as long as the folder that it lists holds the same names."""
    repository = Repository.new(tmp_path / "repository", PROJECT)
    base = repository.git("rev-parse", "HEAD")
    repository.commit(LISTED)
    cache = tmp_path / "cache"
    assert shown(repository, base, cache) == []
    repository.commit({"migrations/sql/b.sql": "ALTER TABLE deployment_events DROP COLUMN hint"})
    assert shown(repository, base, cache) == ["contract-column-dropped"]


CUSTOM = "from alembic.operations import Operations, MigrateOperation\n\n"


def test_a_module_that_registers_an_operation_later_is_seen(tmp_path: Path) -> None:
    """What is kept of a script holds as long as the same modules may register operations."""
    repository = Repository.new(tmp_path / "repository", PROJECT)
    base = repository.git("rev-parse", "HEAD")
    repository.commit(revision('op.tidy_up("deployment_events")'))
    cache = tmp_path / "cache"
    assert shown(repository, base, cache) == ["contract-opaque-operation"]
    repository.commit(
        {
            "tidying.py": CUSTOM + "@Operations.register_operation('tidy_up')\n"
            "class TidyUp(MigrateOperation):\n"
            "    @classmethod\n"
            "    def tidy_up(cls, operations, table):\n"
            "        operations.drop_column(table, 'hint')\n"
        }
    )
    assert shown(repository, base, cache) == ["contract-column-dropped"]


def shown(repository: Repository, base: str, cache: Path) -> list[str]:
    """The contract rules that a check reports, each once."""
    ran = subprocess.run(
        [sys.executable, "-m", "migration_lint", "check", str(repository.path), "--base", base]
        + ["--head", "HEAD", "--format", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIGRATION_LINT_CACHE": str(cache)},
        capture_output=True,
        text=True,
    )
    found = json.loads(ran.stdout)["findings"]
    return sorted({each["rule"] for each in found if each["rule"].startswith("contract-")})


def test_what_was_made_of_an_entry_is_given_again_until_it_is_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made: list[object] = []

    def shape(held: object) -> list[object]:
        made.append(held)
        return [held]

    assert store.get_shaped("kind", "key", shape) == [None]
    store.put("kind", "key", {"a": 1})
    first = store.get_shaped("kind", "key", shape)
    assert store.get_shaped("kind", "key", shape) is first
    Store(tmp_path).put("kind", "key", {"a": 22})  # another run
    assert store.get_shaped("kind", "key", shape) == [{"a": 22}]
    assert made == [None, {"a": 1}, {"a": 22}]
    for number in range(200):
        store.put("kind", str(number), number)
        assert store.get_shaped("kind", str(number), shape) == [number]
    assert store.get_shaped("kind", "key", shape) == [{"a": 22}]
    assert Store(None).get_shaped("kind", "key", shape) == [None]
