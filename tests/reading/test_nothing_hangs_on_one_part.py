"""With any one part of the reader taken away, what a script does is still said: named, or as opaque."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration_lint.reading import read_paths
from migration_lint.reading.models import libraries, table
from migration_lint.reading.python import interpreter

HEAD = 'import functools, itertools, operator\nfrom alembic import op\nrevision = "1"\ndown_revision = None\n'

#: Ways to a directive, each through something that a part of the reader knows.
WAYS = (
    'list(map(lambda c: op.drop_column("t", c), ["c"]))',
    'functools.partial(op.drop_column, "t")("c")',
    'functools.reduce(lambda a, c: op.drop_column("t", c), ["c"], None)',
    'getattr(op, "drop_column")("t", "c")',
    '[op.drop_column("t", c) for c in sorted({"c"})]',
    '[{"f": op.drop_column}][0]["f"]("t", "c")',
    'for f in itertools.chain([op.drop_column], ()):\n    f("t", "c")',
    'list(itertools.starmap(op.drop_column, [("t", "c")]))',
    'operator.methodcaller("drop_column", "t", "c")(op)',
    'operator.itemgetter(0)([op.drop_column])("t", "c")',
    'operator.attrgetter("drop_column")(op)("t", "c")',
    'next(iter([op.drop_column]))("t", "c")',
    'dict(f=op.drop_column)["f"]("t", "c")',
    'vars(op)["drop_column"]("t", "c")',
    'f = (lambda: op.drop_column) if op else None\nf()("t", "c")',
    'if (f := op.drop_column) is not None:\n    f(*["t"], **{"column_name": "c"})',
    'with op.batch_alter_table("t") as b:\n    b.drop_column("c")',
    'try:\n    pass\nfinally:\n    op.drop_column("t", "c")',
    'def go(f=op.drop_column):\n    yield f("t", "c")\nlist(go())',
    'class X:\n    f = staticmethod(op.drop_column)\nX.f("t", "c")',
    'op.execute("ALTER TABLE {} DROP COLUMN {}".format("t", "c"))',
    'op.execute(f"ALTER TABLE t DROP COLUMN {chr(99)}")',
)


def _taken_away(way: str) -> Iterator[tuple[dict[object, object], object]]:
    """The tables of the reader with the entries of each that matter to some code."""
    nodes = {type(node) for node in ast.walk(ast.parse(way))}
    for rows in (interpreter._EVALUATE, interpreter._RUN):
        for kind in nodes & rows.keys():
            yield rows, kind  # type: ignore[misc]
    assert libraries.MODELS  # each has filled the table when it was imported
    for name in table.NAMES:
        if name.rpartition(".")[2] in way:
            yield table.NAMES, name  # type: ignore[misc]


@pytest.mark.parametrize("way", WAYS)
def test_a_part_less_never_means_silence(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f"    {line}\n" for line in way.split("\n"))
    script = tmp_path / "a.py"
    script.write_text(f"{HEAD}def upgrade():\n{body}")
    silent = []
    for rows, entry in list(_taken_away(way)):
        with monkeypatch.context() as patched:
            patched.delitem(rows, entry)
            (reading,) = read_paths([script])
        if not any(each.kind in ("drop_column", "opaque") for each in reading.upgrade):
            silent.append(entry)
    assert not silent
