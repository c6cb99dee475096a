"""Whether it pays to share out the reading of a history between processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from migration_lint.reading.reader import Read
from tests.benchmarks.pace import Project

JOBS = 2


def shared_out(folder: Path, scripts: Sequence[Path]) -> str:
    """How long one process reads all scripts, and how long two do that start for it and hand back what they
    read, as one line. A check does more than read: what is gained is less of the whole of it."""
    one = _alone(folder, scripts)
    lines = []
    for method in ("fork", "spawn"):
        if method in multiprocessing.get_all_start_methods():
            two = _together(folder, scripts, method)
            lines.append(f"{JOBS} processes by {method} {two * 1000:.0f} ms ({one / two:.2f} × as fast)")
    return f"reading all of it: one process {one * 1000:.0f} ms; {'; '.join(lines)}"


def _alone(folder: Path, scripts: Sequence[Path]) -> float:
    begun = time.perf_counter()
    _read(folder, scripts)
    return time.perf_counter() - begun


def _together(folder: Path, scripts: Sequence[Path], method: str) -> float:
    begun = time.perf_counter()
    with ProcessPoolExecutor(JOBS, mp_context=multiprocessing.get_context(method)) as pool:
        parts = [scripts[number::JOBS] for number in range(JOBS)]
        for _ in pool.map(_read, [folder] * JOBS, parts):
            pass
    return time.perf_counter() - begun


def _read(folder: Path, scripts: Sequence[Path]) -> list[Read | None]:
    project = Project(folder, scripts)
    return [project.read(path) for path in project.paths]
