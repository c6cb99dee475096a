"""Small source files of every language, and what they hold, as the files beside them say.

`<language>/<name>.expected` is what `<language>/<name>.<ending>` holds, compared whole. UPDATE_EXPECTED=1
writes them anew. A line without indent is a statement:

    Store.Get 41-41 (selectEvent): SELECT id …        symbol, lines, the constant it uses
      ? the table name is built at run time: …        why something of it is not known
      select events: id, kind                         what it does to which table, its columns
        where: kind                                   further columns that it names
        id <- &e.ID: int64                            what is bound: type, = constant, [encoding of type],
                                                        in all the values that it can have, ? why unknown
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration_lint.change import FolderTree
from migration_lint.sources import Bound, Source, Statement, TableUse, language_of, read_source, scan

HERE = Path(__file__).parent
TREE = FolderTree(HERE)
FILES = sorted(
    path.relative_to(HERE).as_posix()
    for path in HERE.glob("*/**/*")
    if path.is_file() and language_of(path.name) and path.with_suffix(".expected").exists()
)


@pytest.mark.parametrize("path", FILES)
def test_a_source_file_holds_what_stands_beside_it(path: str) -> None:
    expected = (HERE / path).with_suffix(".expected")
    found = "\n".join(lines(read_source(path, TREE, "postgresql"))) + "\n"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_language_is_read() -> None:
    languages = {language_of(path) for path in FILES}
    everything = "Go Python TypeScript JavaScript Java Kotlin Ruby Rust C# PHP SQL"
    assert languages == set(everything.split())


@pytest.mark.parametrize("folder", ["vendor", "target", ".eggs", "lib/dist-packages", "node_modules/x"])
def test_what_comes_from_elsewhere_is_no_code_of_the_service(folder: str, tmp_path: Path) -> None:
    for place in (folder, "own"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "read.py").write_text('SQL = "SELECT hint FROM events"\n')
    assert [source.path for source in scan(FolderTree(tmp_path))] == ["own/read.py"]


def lines(source: Source) -> Iterator[str]:
    yield f"# {source.language}: {', '.join(symbol.name for symbol in source.symbols)}"
    if source.problem:
        yield f"! {source.problem}"
    for statement in source.statements:
        yield from _statement(statement)


def _statement(statement: Statement) -> Iterator[str]:
    constant = f" ({statement.constant})" if statement.constant else ""
    sql = " ".join(statement.sql.split())
    yield f"{statement.symbol or '-'} {statement.line}-{statement.end_line}{constant}: {sql}"
    if statement.unresolved:
        yield f"  ? {statement.unresolved}"
    for use in statement.uses:
        yield from _use(use)


def _use(use: TableUse) -> Iterator[str]:
    star = ["*"] if use.star else []
    yield f"  {use.kind} {use.table}: {', '.join([*star, *use.columns])}".rstrip(": ")
    if use.unresolved:
        yield f"    ? {use.unresolved}"
    if use.conflict is not None:
        where = f" where {use.conflict_where}" if use.conflict_where else ""
        yield f"    conflict: ({', '.join(use.conflict)}){where} update {', '.join(use.updated) or 'nothing'}"
    if use.returning:
        yield f"    returning: {', '.join(use.returning)}"
    if use.named:
        yield f"    where: {', '.join(use.named)}"
    for bound in use.bound:
        yield f"    {_bound(bound)}"


def _bound(bound: Bound) -> str:
    kind = f": {bound.type}" if bound.type else ""
    literal = f" = {bound.literal}" if bound.literal is not None else ""
    encoding = f" [{bound.encoding}{' of ' + bound.of if bound.of else ''}]" if bound.encoding else ""
    unknown = f" ? {bound.unknown}" if bound.unknown else ""
    values = f" in {', '.join(bound.values)}" if bound.values else ""
    return f"{bound.column} <- {bound.text}{kind}{literal}{values}{encoding}{unknown} @{bound.line}"
