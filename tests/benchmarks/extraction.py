"""How much of the SQL in real projects is understood: statements, tables, columns, and how fast.

    python tests/benchmarks/extraction.py FOLDER… [--sample FILE] [--size 100] [--language Go]

Each folder is a checkout of a project. Prints, for each, the share of statements of which every table and
column is known, why the others are not, and statements a second. `--sample` writes statements drawn at
random, always the same for the same trees, with what was found of them, to be read beside the source.

`expected/extraction.md` is the last run and its sample, read by hand.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from pathlib import Path

from migration_lint.change import FolderTree
from migration_lint.sources import Statement, language_of, scan

SEED = 20260302


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--language")
    options = parser.parse_args()
    everything: list[tuple[str, Statement]] = []
    print(
        "| project | statements | resolved | part of it unresolved | a condition only | statements a second |"
    )
    print("|---|---|---|---|---|---|")
    reasons: Counter[str] = Counter()
    for folder in options.folders:
        started = time.perf_counter()
        statements = [
            statement
            for source in scan(FolderTree(folder))
            for statement in source.statements
            if options.language in (None, language_of(statement.path))
        ]
        seconds = time.perf_counter() - started
        unresolved = [statement for statement in statements if why(statement)]
        conditions = [s for s in statements if not why(s) and s.unresolved]
        reasons.update(kind(why(statement)) for statement in unresolved)
        count = len(statements)
        share = f"{(count - len(unresolved)) / count:.1%}" if count else "-"
        row = [folder.name, count, share, len(unresolved), len(conditions), round(count / seconds)]
        print(f"| {' | '.join(str(cell) for cell in row)} |")
        everything += [(folder.name, statement) for statement in statements]
    print("\nWhy:\n")
    for reason, number in reasons.most_common():
        print(f"- {number} × {reason}")
    if options.sample:
        drawn = random.Random(SEED).sample(everything, min(options.size, len(everything)))
        options.sample.write_text("\n".join(shown(*one) for one in drawn), encoding="utf-8")


def why(statement: Statement) -> str:
    """Why its tables and columns are not all known; "" where they are."""
    if not statement.uses:
        return statement.unresolved or "it names no table"
    if "table name is built" in statement.unresolved:
        return statement.unresolved
    return next((use.unresolved for use in statement.uses if use.unresolved), "")


def kind(reason: str) -> str:
    """A reason without the names in it."""
    reason = reason.split(":")[0].split(" near ")[0]
    return re.sub(r"whose column \S+ is", "whose column it is", reason)


def shown(project: str, statement: Statement) -> str:
    lines = [f"{project} {statement.path}:{statement.line} {statement.symbol} {statement.constant}"]
    lines.append("  " + " ".join(statement.sql.split()))
    if statement.unresolved:
        lines.append(f"  ? {statement.unresolved}")
    for use in statement.uses:
        said = {name: value for name, value in use._asdict().items() if value not in ((), "", False, None)}
        bound = said.pop("bound", ())
        lines.append(f"    {said}")
        lines += [
            f"      {b.column} <- {b.text} {b.type} {b.literal or ''} {b.encoding} {b.of}".rstrip()
            for b in bound
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
