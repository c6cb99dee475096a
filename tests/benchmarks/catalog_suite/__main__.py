"""The command; `python -m tests.benchmarks.catalog_suite --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.catalog_suite.facts import KINDS
from tests.benchmarks.catalog_suite.judge import CHANGING, IDLE, Difference, Result, Verdict
from tests.benchmarks.catalog_suite.suites import SUITES, judged
from tests.database.servers import NoServer

_VERDICTS: tuple[Verdict, ...] = ("agrees", "unknown", "wrong")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge every file.

    Gives 1 where something is wrong, 2 where there is no file or no server.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog_suite", description=__doc__)
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="FOLDER", help="folders of the suite, or files"
    )
    parser.add_argument("--dialect", choices=SUITES, default="postgresql", help="whose suite it is")
    parser.add_argument("--list", action="append", choices=_VERDICTS[1:], default=[], help="show these")
    parser.add_argument("--fact", action="append", choices=KINDS, help="list only these")
    parser.add_argument("--files", action="store_true", help="say of each file what is wrong and unknown")
    options = parser.parse_args(arguments)
    suite = SUITES[options.dialect]
    files = [*_files(options.paths, suite.ending)]
    if not files:
        print(f"no {suite.ending} below {', '.join(map(str, options.paths))}", file=sys.stderr)
        return 2
    try:
        with suite.opened() as fresh:
            total = Result()
            for file, result in judged(suite, fresh, files):
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


def _files(paths: Iterable[Path], ending: str) -> Iterable[Path]:
    for path in paths:
        yield from sorted(path.rglob(f"*{ending}")) if path.is_dir() else [path]


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
