"""What rules say of MariaDB and of SQLite: their examples do there what is said, and their fixes run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.rulebook.example import expand
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import Example, ExampleState

from .alembic_run import claims, run
from .mariadb import MariaDB, cheapest, emptied, rendered
from .test_fixes import code_of


class Said(NamedTuple):
    """A rule's example on one of these servers."""

    name: str
    rule: str
    example: Example


def said(*rules: str) -> list[Said]:
    return [
        Said(f"{rule.name}: {example.name}", rule.name, example)
        for rule in load(builtin_files())
        if rule.name in rules
        for example in rule.examples
        if "migration-lint.toml" in example.before.files
    ]


COPIED = [each for each in said("lock-table-copied", "lock-table-rebuilt") if each.example.before.upgrade]
REFUSED = said("validation-key-in-the-way")
LOST = said("data-definition-lost")
SQLITE = said("compat-alter-refused")


def found(folder: Path, of: Said, example: Example | None = None) -> list[Finding]:
    """What the rule finds in its example, or in another change that starts from the same place."""
    trees = expand(example or of.example)
    for name, files in (("before", trees.before), ("after", trees.after)):
        for path, text in files.items():
            file = folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    after = folder / "after"
    checked = run_check(after, base=f"{folder / 'before'}/", head=f"{after}/", environ={}, use_cache=False)
    return [each for each in checked.findings if each.rule == of.rule]


def fixed(folder: Path, of: Said) -> str:
    """The code of the fix, in which the rule finds nothing; "" if the fix has none."""
    code = code_of(found(folder / "unsafe", of)[0].fix)
    if code and of.rule == "validation-key-in-the-way":
        code += "\n" + of.example.change.upgrade.partition("\nop.drop_constraint")[0]
    safe = of.example._replace(change=ExampleState(code, {}, {}))
    assert not code or found(folder / "safe", of, safe) == []
    return code


@pytest.fixture
def sqlite() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("of", COPIED, ids=lambda of: str(of.name))
def test_a_statement_keeps_writes_waiting(of: Said, mariadb: MariaDB, tmp_path: Path) -> None:
    newer = "11.4" in of.example.before.files["migration-lint.toml"]
    if newer and mariadb.version < (11, 2):
        pytest.skip("what MariaDB does since 11.2 is its manual's word: this one is older")
    with mariadb.engine.connect() as connection:
        emptied(connection)
        run(connection, of.example.before.upgrade)
        locks = []
        for statement in rendered(of.example.change.upgrade):
            if statement.startswith("SET"):
                connection.exec_driver_sql(statement)
                continue
            taken = cheapest(connection, statement)
            assert taken is not None
            locks.append(taken.lock)
        assert bool({"SHARED", "EXCLUSIVE"} & set(locks)) == bool(of.example.finds)
        if not of.example.finds or not (code := fixed(tmp_path, of)):
            return
        emptied(connection)
        run(connection, of.example.before.upgrade)
        for statement in rendered(code):
            if statement.startswith("SET"):
                connection.exec_driver_sql(statement)
            else:
                assert cheapest(connection, statement) is not None


@pytest.mark.parametrize("of", REFUSED, ids=lambda of: str(of.name))
def test_a_statement_is_refused(of: Said, mariadb: MariaDB, tmp_path: Path) -> None:
    with mariadb.engine.connect() as connection:
        emptied(connection)
        run(connection, of.example.before.upgrade)
        if not of.example.finds:
            run(connection, of.example.change.upgrade)
            return
        with pytest.raises(sa.exc.DBAPIError):
            run(connection, of.example.change.upgrade)
        if code := fixed(tmp_path, of):
            run(connection, code)


@pytest.mark.parametrize("of", LOST, ids=lambda of: str(of.name))
def test_a_fix_passes_what_is_lost(of: Said, mariadb: MariaDB, tmp_path: Path) -> None:
    """The column has all of it afterwards, and has not where the change is run as it was."""
    with mariadb.engine.connect() as connection:
        shown = []
        for code in [of.example.change.upgrade, *([fixed(tmp_path, of)] if of.example.finds else [])]:
            emptied(connection)
            run(connection, of.example.before.upgrade)
            before = _definitions(connection)
            run(connection, code)
            shown.append((before, _definitions(connection)))
    parts = ("NOT NULL", "DEFAULT '", "AUTO_INCREMENT", "COMMENT '", "utf8mb4_bin")
    for number, (before, after) in enumerate(shown):
        kept = all(before.count(part) == after.count(part) for part in parts)
        assert kept == (number == len(shown) - 1), (before, after)


def _definitions(connection: sa.Connection) -> str:
    return str(connection.exec_driver_sql("SHOW CREATE TABLE audit").one()[1]).partition(") ENGINE")[0]


@pytest.mark.parametrize("of", SQLITE, ids=lambda of: str(of.name))
def test_sqlite_refuses_it(of: Said, sqlite: sa.Engine, tmp_path: Path) -> None:
    with sqlite.connect() as connection:
        run(connection, of.example.before.upgrade)
        connection.exec_driver_sql("INSERT INTO audit (id) VALUES (1)")
        if of.example.finds:
            with pytest.raises((sa.exc.DBAPIError, NotImplementedError)):
                run(connection, of.example.change.upgrade)
            if code := fixed(tmp_path, of):
                connection.exec_driver_sql("DELETE FROM audit")
                run(connection, code)
        else:
            connection.exec_driver_sql("DELETE FROM audit")
            run(connection, of.example.change.upgrade)


#: What SQLite's ALTER TABLE does and does not, as far as the product speaks of it.
STATEMENTS = {
    "ALTER TABLE t ADD COLUMN a INT DEFAULT (1)": True,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT 'x'": True,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT TRUE": True,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT -1.5": True,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT (1 + 1)": False,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT CURRENT_TIMESTAMP": False,
    "ALTER TABLE t ADD COLUMN a INT DEFAULT (datetime('now'))": False,
    "ALTER TABLE t ADD COLUMN a INT UNIQUE": False,
    "ALTER TABLE t ADD COLUMN a INT PRIMARY KEY": False,
    "ALTER TABLE t ADD COLUMN a INT REFERENCES p (id)": True,
    "ALTER TABLE t ADD COLUMN a INT CHECK (a > 0)": True,
    "ALTER TABLE t ADD COLUMN a INT AS (n + 1) STORED": False,
    "ALTER TABLE t ADD COLUMN a INT AS (n + 1)": True,
    "ALTER TABLE t DROP COLUMN id": False,
    "ALTER TABLE t DROP COLUMN u": False,
    "ALTER TABLE t DROP COLUMN i": False,
    "ALTER TABLE t DROP COLUMN n": True,
    "ALTER TABLE t RENAME COLUMN n TO m": True,
    "ALTER TABLE t ADD CONSTRAINT q UNIQUE (n)": False,
    "ALTER TABLE t ALTER COLUMN n TYPE TEXT": False,
}
BEFORE = """\
op.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, u INT UNIQUE, i INT, n INT)")
op.execute("CREATE INDEX t_i ON t (i)")
op.execute("INSERT INTO t (id) VALUES (1)")
"""


@pytest.mark.parametrize("statement", STATEMENTS)
def test_sqlite_statements(statement: str, sqlite: sa.Engine) -> None:
    code = f"op.execute({statement!r})"
    refused = any(effect.fails for claim in claims(BEFORE, code, "sqlite") for effect in claim.effects)
    assert refused != STATEMENTS[statement]
    with sqlite.connect() as connection:
        run(connection, BEFORE)
        if refused:
            with pytest.raises(sa.exc.DBAPIError):
                run(connection, code)
        else:
            run(connection, code)


def test_most_rules_give_code(tmp_path: Path) -> None:
    """So that the tests above test something."""
    with_code = {
        of.rule
        for number, of in enumerate([*COPIED, *REFUSED, *LOST, *SQLITE])
        if of.example.finds and code_of(found(tmp_path / str(number), of)[0].fix)
    }
    assert with_code == {
        "lock-table-copied",
        "validation-key-in-the-way",
        "data-definition-lost",
        "compat-alter-refused",
    }
