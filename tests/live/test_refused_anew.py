"""A trigger's function that is written anew: a real PostgreSQL says which rows each of two versions refuses.

`contract-insert-refused` is found once where the new one refuses a row that the old one took, and not at all
where every row that it refuses was refused before, in whatever order or words.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migration_lint.check.pipeline import run_check

from ..projects import script, write

TABLE = "CREATE TABLE t (a int, c text)"
FUNCTION = "CREATE OR REPLACE FUNCTION guards() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {} END$$"
TRIGGER = "CREATE TRIGGER guarded BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION guards()"
#: Every row that the conditions tell apart.
ROWS = [*product((None, 1, 3, 4, 7), (None, "a", "b", "c"))]

BODIES = {
    "two after each other": "IF NEW.a > 3 THEN RAISE 'a'; END IF; IF NEW.c = 'b' THEN RAISE 'c'; END IF; "
    "RETURN NEW;",
    "the other first": "IF NEW.c IN ('b') THEN RAISE 'c'; END IF; IF NOT NEW.a <= 3 THEN RAISE 'a'; END IF; "
    "RETURN NEW;",
    "branches": "IF NEW.c = 'b' THEN RAISE 'c'; ELSIF NEW.a > 3 THEN RAISE 'a'; END IF; RETURN NEW;",
    "returning early": "IF NEW.a = 7 THEN RETURN NEW; END IF; IF NEW.a > 3 THEN RAISE 'a'; "
    "ELSIF NEW.c = 'b' THEN RAISE 'c'; END IF; RETURN NEW;",
    "less": "IF NEW.a > 4 AND NEW.c = 'b' THEN RAISE 'a'; END IF; RETURN NEW;",
    "three": "CASE WHEN NEW.a > 3 THEN RAISE 'a'; WHEN NEW.c = 'b' THEN RAISE 'b'; "
    "WHEN NEW.c = 'c' THEN RAISE 'c'; ELSE RETURN NEW; END CASE; RETURN NEW;",
    "NULL": "IF NEW.a IS NULL THEN RAISE 'a'; END IF; RETURN NEW;",
    "none": "RETURN NEW;",
}

CONTRACT = """\
contract: migration-lint/v1
id: worker.producer
service: worker
role: producer
tables:
  t: {consumers: none, columns: {a: {type: int4, nullable: true}, c: {type: text, nullable: true}}}
"""


def refused(connection: Any, body: str) -> Iterator[tuple[object, ...]]:
    """The rows that the trigger refuses, by the server."""
    connection.execute(FUNCTION.format(body))
    for row in ROWS:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("INSERT INTO t VALUES (%s, %s)", row)
        except psycopg.errors.RaiseException:
            yield row


def found(folder: Path, before: str, after: str) -> list[str]:
    files = {
        "migration-lint.toml": 'dialect = "postgresql"\n',
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "contracts/worker.producer.yaml": CONTRACT,
        "migrations/versions/a1.py": running("a1", None, TABLE, FUNCTION.format(before), TRIGGER),
    }
    base = write(folder / "before", files)
    new = {"migrations/versions/b2.py": running("b2", "a1", FUNCTION.format(after))}
    head = write(folder / "after", {**files, **new})
    report = run_check(folder, base=f"{base}/", head=f"{head}/", environ={}, use_cache=False)
    return [each.message for each in report.findings if each.rule == "contract-insert-refused"]


def running(revision: str, down: str | None, *statements: str) -> str:
    return script("\n".join(f"op.execute({each!r})" for each in statements), revision, down)


def test_only_what_refuses_more_is_found_and_once(connection: Any, tmp_path: Path) -> None:
    connection.execute(TABLE)
    connection.execute(FUNCTION.format("RETURN NEW;"))
    connection.execute(TRIGGER)
    by_server = {name: {*refused(connection, text)} for name, text in BODIES.items()}
    assert len({frozenset(each) for each in by_server.values()}) > 4
    told = {
        (one, other): len(found(tmp_path / str(number), BODIES[one], BODIES[other]))
        for number, (one, other) in enumerate(permutations(BODIES, 2))
    }
    assert told == {
        (one, other): int(not by_server[other] <= by_server[one]) for one, other in permutations(BODIES, 2)
    }


@pytest.mark.parametrize("after", [True, False])
def test_what_a_variable_holds_is_not_believed(after: bool, tmp_path: Path) -> None:
    """Two bodies may fill one in two ways, and `n > 3` say another thing."""
    one = "IF n > 3 THEN RAISE 'a'; END IF; RETURN NEW;"
    other = "IF n > 3 AND NEW.a > 1 THEN RAISE 'a'; END IF; RETURN NEW;"
    assert len(found(tmp_path, *((one, other) if after else (other, one)))) == 1
