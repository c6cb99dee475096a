"""CHECKs that Core writes: PostgreSQL runs the revision, and refuses the row of the INSERT or takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.check.pipeline import run_check

from ..projects import FIRST, PROJECT, VERSIONS, script, write

MADE = 'op.execute("CREATE TABLE events (kind text NOT NULL, size int NOT NULL, note text)")'
PRODUCER = """\
contract: migration-lint/v1
id: worker.producer
service: worker
role: producer
tables:
  events:
    columns:
      kind: {type: text, nullable: false, values: [failure]}
      size: {type: int4, nullable: false, values: [3]}
    consumers: none
"""
INSERT = "INSERT INTO events (kind, size) VALUES ('failure', 3)"

#: Whether the row of the INSERT is refused, by the condition.
CONDITIONS = {
    "kind.in_(['other', 'failure'])": False,
    "kind.in_(['other'])": True,
    "kind.notin_(['failure'])": True,
    "kind != 'failure'": True,
    "kind == sa.literal('failure')": False,
    "size > 3": True,
    "size >= 3": False,
    "size % 2 == 1": False,
    "size % 2 == 0": True,
    "size + 1 > 3": False,
    "-size > 0": True,
    "size.between(1, 3)": False,
    "size.between(4, 9)": True,
    "sa.between(size, 4, 9)": True,
    "sa.and_(size > 1, size < 9)": False,
    "sa.and_(size > 1, size < 3)": True,
    "(size == 1) | (kind == 'failure')": False,
    "(size == 1) | (kind == 'other')": True,
    "~(size == 3)": True,
    "sa.not_(size == 4)": False,
    "note.is_(None)": False,
    "note.is_not(None)": True,
    "sa.func.length(kind) > 7": True,
    "sa.func.length(kind) > 6": False,
    "sa.func.coalesce(note, kind) == 'other'": True,
    "kind.startswith('fail')": False,
    "kind.startswith('other')": True,
    "kind.contains('lur')": False,
    "kind.endswith('er')": True,
    "kind.regexp_match('^f')": False,
    "kind.regexp_match('^o')": True,
    "sa.literal_column('size') > 3": True,
    "sa.literal_column('kind').in_(['failure'])": False,
    "sa.text('size > 3')": True,
    "kind.op('~')('^f')": False,
    "kind.op('~')('^o')": True,
    "size.op('%')(2) == 0": True,
    "sa.func.lower(kind).op('!~')('^o')": False,
    "sa.literal_column('kind').bool_op('~')('^o')": True,
    "sa.case((kind == 'failure', size > 3), else_=size > 1)": True,
    "sa.case((kind == 'other', size > 3), else_=size > 1)": False,
    "sa.case((kind == 'other', 1), (size == 3, 2)) == 2": False,
    "sa.case({'failure': 1, 'other': 2}, value=kind, else_=3) > 1": True,
}
WAYS = {
    "a directive": "op.create_check_constraint('known', 'events', {})",
    "a batch": "with op.batch_alter_table('events') as of:\n    of.create_check_constraint('known', {})",
}


def told(folder: Path, body: str) -> list[str]:
    base = {
        "alembic.ini": PROJECT["alembic.ini"],
        FIRST: script(MADE, "a1", None),
        "contracts/w.yaml": PRODUCER,
    }
    write(folder / "base", base)
    write(folder / "head", {**base, f"{VERSIONS}/b2.py": script(body)})
    report = run_check(
        folder / "head", base=str(folder / "base"), head=str(folder / "head"), environ={}, use_cache=False
    )
    return [each.message for each in report.findings if each.rule.startswith("contract")]


#: Whether a second row that is like the first is refused, by the exclusion.
EXCLUSIONS = {
    "('kind', '=')": True,
    "(sa.column('size'), '='), ('kind', '=')": True,
    "(sa.literal_column('lower(kind)'), '=')": True,
    "(sa.func.lower(sa.column('kind')), '=')": True,
    "('kind', '='), ('note', '=')": False,
    "('kind', '='), where=sa.text('size > 3')": False,
}


@pytest.mark.sampled
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_as_the_server_has_it(engine: sa.Engine, tmp_path: Path, condition: str, way: str) -> None:
    columns = "kind, size, note = map(sa.column, ('kind', 'size', 'note'))\n"
    body = columns + WAYS[way].format(condition)
    refused = is_refused(engine, body, 1)
    assert refused == CONDITIONS[condition]
    messages = told(tmp_path, body)
    assert len(messages) == refused
    assert not any(" may refuse " in each for each in messages)


@pytest.mark.sampled
@pytest.mark.parametrize("exclusion", EXCLUSIONS)
def test_exclusions_as_the_server_has_them(engine: sa.Engine, tmp_path: Path, exclusion: str) -> None:
    body = f"op.create_exclude_constraint('one', 'events', {exclusion}, using='btree')"
    refused = is_refused(engine, body, 2)
    assert refused == EXCLUSIONS[exclusion]
    messages = told(tmp_path, body)
    assert len(messages) == refused
    assert not any(" may refuse " in each for each in messages)


def is_refused(engine: sa.Engine, body: str, rows: int) -> bool:
    """Whether the server refuses one of the rows, behind the revision."""
    with engine.connect() as connection, connection.begin() as transaction:
        with Operations.context(MigrationContext.configure(connection)):
            for each in (script(MADE, "a1", None), script(body)):
                names: dict[str, object] = {}
                exec(each, names)
                upgrade = names["upgrade"]
                assert callable(upgrade)
                upgrade()
        try:
            for _ in range(rows):
                connection.exec_driver_sql(INSERT)
            refused = False
        except sa.exc.IntegrityError:
            refused = True
        transaction.rollback()
    return refused
