"""A file of Tcl as SQLite's suite has them → the SQL of `execsql` and the like, in braces.

What Tcl makes of pieces is not there. A file makes its database anew now and then: its sections.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from tests.benchmarks.catalog_suite.languages import Statement

_ANEW = r"reset_db|(?:forcedelete|file\s+delete(?:\s+-force)?)\s+test\.db\b"
_NAME = r"(?:\[[^\]\n]*\]|\S+)"
_HELD = re.compile(
    rf"(?P<anew>^\s*(?:{_ANEW}))"
    rf"|\b(?:(?:execsql|catchsql)2?|db\s+eval|do_(?:execsql|catchsql|eqp)_test(?:\s+-db\s+\w+)?\s+{_NAME})\s*\{{",
    re.M,
)


def sections(text: str) -> Iterator[list[Statement]]:
    """The statements of a file, for each database that it makes."""
    found: list[Statement] = []
    at = 0
    while (held := _HELD.search(text, at)) is not None:
        at = held.end()
        if held["anew"] is not None:
            if found:
                yield found
            found = []
            continue
        end = _closed(text, at)
        found += _statements(text[at:end], text.count("\n", 0, at) + 1)
        at = end
    if found:
        yield found


def _closed(text: str, at: int) -> int:
    """Where the brace is that closes the one before `at`: Tcl counts them, whatever they stand in."""
    depth = 1
    while at < len(text):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            break
        at += 1 + (text[at] == "\\")
    return at


def _statements(sql: str, line: int) -> Iterator[Statement]:
    start = 0
    for found in re.finditer(";|\\Z", sql):
        piece = sql[start : found.end()]
        if found[0] and not sqlite3.complete_statement(piece):
            continue
        bare = re.sub(r"\A(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|;)*", "", piece, flags=re.S)
        if bare:
            yield Statement(bare.rstrip("; \n"), line + sql.count("\n", 0, found.end() - len(bare)))
        start = found.end()
