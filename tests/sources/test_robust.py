"""Source that is broken, huge, deep or hostile is read as far as it can be, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.change import FolderTree
from migration_lint.errors import CannotJudge
from migration_lint.sources import Source, is_test, language_of, read_source, scan


def read(folder: Path, name: str, text: str) -> Source:
    (folder / name).write_text(text, encoding="utf-8")
    return read_source(name, FolderTree(folder), "postgresql")


def test_a_file_that_is_too_large_says_so(tmp_path: Path) -> None:
    source = read(tmp_path, "big.py", "x = 1\n" * 400_000)
    assert "2,000,000" in source.problem
    assert source.statements == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.py", "x = " + "(" * 5000 + "1" + ")" * 5000),
        ("deep.go", "package a\nvar x = " + "(" * 5000 + "1" + ")" * 5000),
        ("deep.ts", "const x = " + "[" * 5000 + "]" * 5000),
    ],
)
def test_code_that_is_too_deep_says_so(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, name, text).problem


def test_a_long_concatenation_is_read(tmp_path: Path) -> None:
    columns = " + ".join(f'"c{number}, "' for number in range(3000))
    text = f'def f(db):\n    db.execute("SELECT " + {columns} + "last FROM t")\n'
    (statement,) = read(tmp_path, "long.py", text).statements
    assert statement.uses[0].table == "t"
    assert statement.uses[0].unresolved or len(statement.uses[0].columns) == 3001


def test_many_conditions_do_not_multiply(tmp_path: Path) -> None:
    conditions = "".join(f"    if a{n}:\n        sql += ' AND a{n} = 1'\n" for n in range(40))
    text = f"def f(db):\n    sql = 'SELECT id FROM t WHERE true'\n{conditions}    db.execute(sql)\n"
    statements = read(tmp_path, "many.py", text).statements
    assert statements
    assert all(use.columns == ("id",) for statement in statements for use in statement.uses)
    assert any(statement.unresolved for statement in statements)


def test_nested_sql_is_bounded(tmp_path: Path) -> None:
    sql = "SELECT a FROM t WHERE a IN (" * 300 + "1" + ")" * 300
    (statement,) = read(tmp_path, "nested.py", f'def f(db):\n    db.execute("{sql}")\n').statements
    assert statement.unresolved


def test_bytes_that_are_no_text_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_bytes(b"x = '\xff\xfe'\ndb.execute('DELETE FROM t')\n\x00")
    source = read_source("odd.py", FolderTree(tmp_path), "postgresql")
    assert [use.table for statement in source.statements for use in statement.uses] == ["t"]


def test_an_embedded_file_outside_the_tree_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.sql").write_text("SELECT a FROM secret", encoding="utf-8")
    inner = tmp_path / "project"
    inner.mkdir()
    source = read(inner, "a.py", "def f(db):\n    db.execute(Path('../secret.sql').read_text())\n")
    assert source.statements == ()


def test_a_file_that_is_not_there_and_one_that_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("SELECT a FROM t", encoding="utf-8")
    for path in ("missing.go", "notes.txt"):
        with pytest.raises(CannotJudge, match=path):
            read_source(path, FolderTree(tmp_path), "postgresql")


def test_a_scan_leaves_out_tests_and_vendored_files(tmp_path: Path) -> None:
    for path in ("app/a.py", "app/test_a.py", "vendor/b.go", "web/node_modules/x/c.js", "web/d.spec.ts"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("db.execute('DELETE FROM t')", encoding="utf-8")
    assert [source.path for source in scan(FolderTree(tmp_path))] == ["app/a.py"]


def test_a_scan_for_a_table_keeps_what_may_touch_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "def f(db, table):\n"
        "    db.execute('DELETE FROM wanted')\n"
        "    db.execute('DELETE FROM other')\n"
        "    db.execute('DELETE FROM ' + table)\n",
        encoding="utf-8",
    )
    (source,) = scan(FolderTree(tmp_path), tables={"wanted"})
    assert [statement.line for statement in source.statements] == [2, 4]


def test_known_columns_tell_whose_an_unqualified_one_is(tmp_path: Path) -> None:
    text = "def f(db):\n    db.execute('SELECT kind, name FROM events JOIN jobs ON jobs.id = job_id')\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    known = {"events": ["kind", "job_id"], "jobs": ["id", "name"]}
    source = read_source("a.py", FolderTree(tmp_path), "postgresql", known)
    events, jobs = source.statements[0].uses
    assert (events.columns, events.named, jobs.columns) == (("kind",), ("job_id",), ("name",))
    assert not source.statements[0].unresolved


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("store/store_test.go", True),
        ("store/testdata/a.go", True),
        ("app/conftest.py", True),
        ("tests/a.py", True),
        ("src/a.spec.ts", True),
        ("src/__tests__/a.ts", True),
        ("src/test/java/A.java", True),
        ("a/StoreTest.kt", True),
        ("spec/a_spec.rb", True),
        ("Store.Tests/A.cs", True),
        ("store/store.go", False),
        ("app/contest.py", False),
        ("src/latest.ts", False),
        ("src/main/java/Attestation.java", False),
    ],
)
def test_what_is_a_test(path: str, expected: bool) -> None:
    assert is_test(path) is expected


def test_languages() -> None:
    assert [language_of(path) for path in ("a.go", "b.tsx", "c.cs", "d.txt", "go")] == [
        "Go",
        "TypeScript",
        "C#",
        None,
        None,
    ]
