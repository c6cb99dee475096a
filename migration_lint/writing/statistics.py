"""What a server has run, by whom and how often: dumps of pg_stat_statements, and logs of queries.

CSV with a header or JSON (a list, or an object a line): `query`, and where they are there `application_name`,
a role (`rolname`, `usename`, `user`, `role`) and `calls`. Logs of PostgreSQL: csvlog, jsonlog, and lines
whose prefix says `user=…` or `app=…`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

_QUERY = ("query", "statement", "sql")
_APPLICATION = ("application_name", "application", "app")
_ROLE = ("rolname", "usename", "user_name", "username", "user", "role")
_CALLS = ("calls", "count", "exec_count")
#: The columns of PostgreSQL's csvlog that are needed (docs 19.8.4).
_CSVLOG_USER, _CSVLOG_MESSAGE, _CSVLOG_APPLICATION, _CSVLOG_WIDTH = 1, 13, 22, 23
_RUN = re.compile(r"^(?:duration: [\d.]+ ms\s+)?(?:statement|execute [^:]+|parse [^:]+): (.*)", re.DOTALL)
_LOGGED = re.compile(r"^(?P<prefix>.*?)\bLOG:\s+(?P<message>.*)$")
_IN_PREFIX = {
    "application": re.compile(r"\b(?:app|application|application_name)=([^\s,\]]+)"),
    "role": re.compile(r"\b(?:user|role)=([^\s,\]@]+)|(?:^|\s)(\w[\w-]*)@\w+"),
}
_LARGEST = 200_000_000


class Executed(NamedTuple):
    """A statement, and who ran it; "" where the file does not say."""

    sql: str
    application: str = ""
    role: str = ""
    calls: int = 1

    @property
    def who(self) -> str:
        """The application, else the role."""
        return self.application or self.role


def read_statistics(path: Path) -> list[Executed]:
    """The statements of a file, of one text and one application once. Raises CannotJudge."""
    try:
        if path.stat().st_size > _LARGEST:
            raise CannotJudge(Problem("it is too large to be read", str(path), fix="dump less of it"))
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CannotJudge(Problem(f"it cannot be read: {error.strerror}", str(path))) from None
    found: dict[tuple[str, str, str], int] = {}
    for each in _executed(text):
        sql = each.sql.strip()
        if sql:
            key = (sql, each.application, each.role)
            found[key] = found.get(key, 0) + each.calls
    if not found:
        fix = (
            "give a CSV or JSON dump with a column `query`, or a log of PostgreSQL with log_statement = 'all'"
        )
        raise CannotJudge(Problem("no statement is in it", str(path), fix=fix))
    return [Executed(*key, calls) for key, calls in found.items()]


def _executed(text: str) -> Iterator[Executed]:
    start = text.lstrip()[:1]
    if start in ("{", "["):
        yield from _of_json(text)
        return
    rows = iter(csv.reader(io.StringIO(text)))
    first = next(rows, [])
    names = [name.strip().lower() for name in first]
    if any(name in _QUERY for name in names):
        yield from (one for row in rows for one in _of_record(dict(zip(names, row, strict=False))))
    elif len(first) >= _CSVLOG_WIDTH:
        for row in (first, *rows):
            if len(row) >= _CSVLOG_WIDTH:
                application, role = row[_CSVLOG_APPLICATION], row[_CSVLOG_USER]
                yield from _of_message(row[_CSVLOG_MESSAGE], application, role)
    else:
        yield from _of_lines(text.splitlines())


def _of_json(text: str) -> Iterator[Executed]:
    try:
        found = json.loads(text)
        records = found if isinstance(found, list) else [found]
        if isinstance(found, dict) and isinstance(found.get("rows"), list):
            records = found["rows"]
    except ValueError:
        records = [each for line in text.splitlines() if (each := _object(line)) is not None]
    for record in records:
        if isinstance(record, dict):
            yield from _of_record({str(key).lower(): value for key, value in record.items()})


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _of_record(record: Mapping[str, object]) -> Iterator[Executed]:
    application, role = _first(record, _APPLICATION), _first(record, _ROLE)
    sql = _first(record, _QUERY)
    if sql:
        calls = _first(record, _CALLS)
        yield Executed(sql, application, role, int(calls) if calls.isdigit() else 1)
    elif isinstance(record.get("message"), str):
        yield from _of_message(str(record["message"]), application, role)


def _first(record: Mapping[str, object], names: Iterable[str]) -> str:
    return next((str(record[name]).strip() for name in names if record.get(name) not in (None, "")), "")


def _of_message(message: str, application: str, role: str) -> Iterator[Executed]:
    found = _RUN.match(message)
    if found is not None:
        yield Executed(found[1], application, role)


def _of_lines(lines: Iterable[str]) -> Iterator[Executed]:
    """A log for people: what a statement goes on with in the next line is indented by a tab."""
    prefix, message = "", ""
    for line in (*lines, "LOG: "):
        logged = _LOGGED.match(line)
        if logged is None:
            message += "\n" + line if line.startswith("\t") else ""
            continue
        yield from _of_message(message, _said(prefix, "application"), _said(prefix, "role"))
        prefix, message = logged["prefix"], logged["message"]


def _said(prefix: str, what: str) -> str:
    found = _IN_PREFIX[what].search(prefix)
    return "" if found is None else next(each for each in found.groups() if each)
