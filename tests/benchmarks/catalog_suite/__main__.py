"""The command; `python -m tests.benchmarks.catalog_suite --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.catalog_suite import psql
from tests.benchmarks.catalog_suite.facts import KINDS
from tests.benchmarks.catalog_suite.judge import CHANGING, IDLE, Difference, Judge, Result, Verdict
from tests.benchmarks.catalog_suite.server import Lost, Server
from tests.database.servers import NoServer, postgresql

#: Runs before each file, where a folder has it: the suite's own tables.
SETUP = "test_setup.sql"
_VERDICTS: tuple[Verdict, ...] = ("agrees", "unknown", "wrong")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge every file.

    Gives 1 where something is wrong, 2 where there is no SQL or no server.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog_suite", description=__doc__)
    parser.add_argument("paths", type=Path, nargs="+", metavar="FOLDER", help="folders of SQL, or files")
    parser.add_argument("--list", action="append", choices=_VERDICTS[1:], default=[], help="show these")
    parser.add_argument("--fact", action="append", choices=KINDS, help="list only these")
    parser.add_argument("--files", action="store_true", help="say of each file what is wrong and unknown")
    options = parser.parse_args(arguments)
    files = [*_files(options.paths)]
    if not files:
        print(f"no .sql below {', '.join(map(str, options.paths))}", file=sys.stderr)
        return 2
    try:
        with postgresql() as url:
            total = Result()
            for file, result in judged(url.replace("postgresql+psycopg://", "postgresql://"), files):
                total.add(result)
                for each in result.differences:
                    if each.verdict in options.list and (not options.fact or each.fact.kind in options.fact):
                        print(told(each), flush=True)
                if "unknown" in options.list and not options.fact:
                    for path, line, sql, why in result.idle:
                        print(f"{path}:{line}: changes nothing ({why})\n    {_short(sql)}", flush=True)
                if options.files:
                    wrong, unknown = (_statements(result, each) for each in ("wrong", "unknown"))
                    print(f"{file}: {result.ran} run, {wrong} wrong, {unknown} unknown", file=sys.stderr)
    except NoServer as missing:
        print(missing, file=sys.stderr)
        return 2
    for lost in total.lost:
        print(f"not judged to its end: {lost}", file=sys.stderr)
    print(table(total))
    return int(any(verdict == "wrong" for _, verdict in total.counts))


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.sql")) if path.is_dir() else [path]


def judged(url: str, files: Iterable[Path]) -> Iterable[tuple[Path, Result]]:
    """Each file, with what was found in a fresh database for it of the server at `url`."""
    admin = Server(url)
    for number, file in enumerate(files):
        name, setup = f"suite{number}", file.with_name(SETUP)
        admin.run(f'CREATE DATABASE {name} TEMPLATE template0 ENCODING "UTF8" LC_COLLATE "C" LC_CTYPE "C"')
        server = Server(url.replace("/postgres?", f"/{name}?"))
        try:
            if setup.is_file() and setup != file:
                for statement in psql.statements(setup.read_text(errors="surrogateescape")):
                    server.run(statement.text)
                server.run("RESET ALL")
            yield file, Judge(server, str(file)).run(file.read_text(errors="surrogateescape"))
        except Lost as lost:
            yield file, Result(lost=[f"{file}: {lost}"])
        finally:
            server.close()
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def _statements(result: Result, verdict: Verdict) -> int:
    return sum(result.counts[row, verdict] for row in (CHANGING, IDLE))


def table(result: Result) -> str:
    """What agrees, is unknown and is wrong, by fact."""
    lines = [f"{'':34}" + "".join(f"{each:>9}" for each in _VERDICTS)]
    for row in (*KINDS, CHANGING, IDLE):
        counts = [result.counts[row, verdict] for verdict in _VERDICTS]
        if any(counts):
            lines.append(f"{row:34}" + "".join(f"{each:>9,}" for each in counts))
    lines.append(f"{result.ran:,} statements run, {result.refused:,} refused")
    return "\n".join(lines)


def told(difference: Difference) -> str:
    """A difference, at its place."""
    fact = difference.fact
    what = "" if fact.what is None else f" {fact.what}"
    why = f" ({difference.why})" if difference.why else ""
    return (
        f"{difference.path}:{difference.line}: {fact.kind} of {'.'.join(fact.of)}{what}:"
        f" the server {difference.server!r}, ours {difference.ours!r}{why}\n    {_short(difference.sql)}"
    )


def _short(sql: str) -> str:
    return " ".join(sql.split())[:160]


if __name__ == "__main__":
    sys.exit(main())
