"""Prints the table, and what is wrong with it: `python -m tests.benchmarks.ten_tools [--write]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .judging import TOOLS, Check, checks, found

STORED = Path(__file__).parent.parent / "expected/ten_tools.md"


def wrong(check: Check, folder: Path) -> str:
    """What the table claims of a check and its example does not show; "" if all holds."""
    if check.because:
        return ""
    as_it_comes = found(check, folder / "default")
    if check.off:
        loud = set(check.off) & as_it_comes
        silent = set(check.off) - found(check, folder / "on", on=check.off)
        told = f"{', '.join(loud)} is on" if loud else ""
        return told or (f"{', '.join(silent)} does not tell of it" if silent else "")
    missing = set(check.here) - as_it_comes
    if not missing:
        return ""
    return f"{', '.join(sorted(missing))} does not tell of it, but {', '.join(sorted(as_it_comes))}"


def rendered() -> str:
    """The table as Markdown, with counts."""
    rows = checks()
    here, off = sum(bool(each.here) for each in rows), sum(bool(each.off) for each in rows)
    lines = [
        "# What ten tools check",
        "",
        f"{len(rows)} checks: {here} here, {off} here and off by default, {len(rows) - here - off} not here.",
        "",
        "| tool | checks | of these here |",
        "|---|---|---|",
    ]
    for tool in TOOLS.values():
        theirs = [each for each in rows if tool in each.by]
        lines.append(f"| {tool} | {len(theirs)} | {sum(not each.because for each in theirs)} |")
    lines += ["", "| check | checked by | |", "|---|---|---|"]
    lines += [f"| {each.check} | {', '.join(each.by) or 'none'} | {each.where} |" for each in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit status 1 where an example does not show what is claimed of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the table")
    asked = parser.parse_args()
    text = rendered()
    if asked.write:
        STORED.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    failed = 0
    for number, check in enumerate(checks()):
        with tempfile.TemporaryDirectory() as folder:
            said = wrong(check, Path(folder) / str(number))
        if said:
            failed = 1
            print(f"{check.check}: {said}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
