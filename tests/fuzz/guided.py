"""Runs guided by coverage: atheris keeps what reaches new code, and changes that further."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import FunctionType

from migration_lint import reading
from tests.fuzz import corpus, mutation
from tests.fuzz.__main__ import failure, report, way_of
from tests.fuzz.targets import Target

#: So many texts are made by chance to begin with.
_FIRST = 300


def run(target: Target, seconds: float, seed: int, keep: Path | None) -> int:
    """Fuzzes until the time is over and ends the process, as atheris does; prints and keeps what fails."""
    import atheris

    for function in _functions():
        atheris.instrument_func(function)
    seen: set[str] = set()
    done = 0

    def one(data: bytes) -> None:
        nonlocal done
        done += 1
        text = data.decode("utf-8", "replace")
        problem = failure(target.check, text)
        if problem is not None and way_of(problem) + str(problem)[:40] not in seen:
            seen.add(way_of(problem) + str(problem)[:40])
            report(target, done, text, keep)

    def change(data: bytes, longest: int, number: int) -> bytes:
        return _changed(target, data.decode("utf-8", "replace"), Random(number)).encode("utf-8", "replace")[
            :longest
        ]

    with TemporaryDirectory() as folder:
        for number in range(_FIRST):
            text = target.make(Random(seed * 1_000_000 + number))
            (Path(folder) / str(number)).write_bytes(text.encode("utf-8", "replace"))
        options = [f"-max_total_time={int(seconds)}", f"-seed={seed}", "-max_len=8000", "-timeout=0"]
        atheris.Setup([sys.argv[0], *options, folder], one, custom_mutator=change)
        atheris.Fuzz()
    return len(seen)


def _functions() -> Iterator[FunctionType]:
    """The functions and methods of the reader."""
    for found in pkgutil.walk_packages(reading.__path__, "migration_lint.reading."):
        for value in list(vars(importlib.import_module(found.name)).values()):
            for each in vars(value).values() if isinstance(value, type) else (value,):
                if isinstance(each, FunctionType) and each.__module__ == found.name:
                    yield each


def _changed(target: Target, text: str, random: Random) -> str:
    if target.suffix == ".sql":
        first, _, rest = text.partition("\n")
        return f"{first}\n{mutation.sql(rest, [each for _, each in corpus.statements()], random)}"
    if target.suffix == ".py":
        return mutation.script(text, corpus.scripts(), random)
    return target.make(random)
