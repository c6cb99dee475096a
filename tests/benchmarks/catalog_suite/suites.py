"""Each database with its suite: which files, in which language, and how a database is had for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.catalog_suite.judge import Judge, Result
from tests.benchmarks.catalog_suite.languages import Statement, mysqltest, psql, tcl
from tests.benchmarks.catalog_suite.servers import Lost, Opener, mariadb, postgresql, sqlite


class Suite(NamedTuple):
    """Of one database."""

    ending: str  # of the names of its files
    sections: Callable[[str], Iterable[Iterable[Statement]]]  # a fresh database for each
    opened: Callable[[], AbstractContextManager[Opener]]  # raises NoServer


SUITES = {
    "postgresql": Suite(".sql", lambda text: [psql.statements(text)], postgresql.opened),
    "mariadb": Suite(".test", lambda text: [mysqltest.statements(text)], mariadb.opened),
    "sqlite": Suite(".test", tcl.sections, sqlite.opened),
}


def judged(suite: Suite, fresh: Opener, files: Iterable[Path]) -> Iterator[tuple[Path, Result]]:
    """Each file, with what was found in fresh databases for it."""
    for file in files:
        result = Result()
        for section in suite.sections(file.read_text(errors="surrogateescape")):
            try:
                with fresh(file) as server:
                    result.add(Judge(server, str(file)).run(section))
            except Lost as lost:
                result.lost.append(f"{file}: {lost}")
        yield file, result
