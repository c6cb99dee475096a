"""What reaches the database is not lost on its way through a library, an exception or a class."""

from __future__ import annotations

import pytest

from migration_lint.reading import read_script_text

HEAD = (
    "import enum, operator, dataclasses, inspect, random\nimport sqlalchemy as sa\nfrom alembic import op\n\n"
)

CARRIED = {
    "an exception of the project": """
class Stop(Exception):
    def __init__(self, what):
        self.what = what
def upgrade():
    try:
        raise Stop(op.drop_table)
    except Stop as stop:
        stop.what("t")
""",
    "a call that is raised by a condition": """
def upgrade():
    if sa.inspect(op.get_bind()).has_table("t"):
        raise op.drop_table("t")
""",
    "what a generator returns, by two": """
def inner():
    yield 1
    return op.drop_table
def outer():
    return (yield from inner())
def upgrade():
    def run():
        (yield from outer())("t")
    for each in run():
        pass
""",
    "the operator of the other side": """
class Pipe:
    def __rrshift__(self, other):
        other("t")
def upgrade():
    op.drop_table >> Pipe()
""",
    "an operator in place": """
class Steps:
    def __iadd__(self, step):
        step("t")
        return self
def upgrade():
    steps = Steps()
    steps += op.drop_table
""",
    "a comparison": """
class Steps:
    def __lt__(self, step):
        step("t")
        return True
def upgrade():
    return Steps() < op.drop_table
""",
    "what is in it": """
class Steps:
    def __contains__(self, step):
        return step("t")
def upgrade():
    return op.drop_table in Steps()
""",
    "the least of nothing": 'def upgrade():\n    min((), default=op.drop_table)("t")\n',
    "a list that is made longer": """
def upgrade():
    steps = [print]
    operator.iconcat(steps, [op.drop_table])
    steps[-1]("t")
""",
    "an enumeration that makes its members": """
class Kind(enum.Enum):
    def __init__(self, table):
        op.drop_table(table)
    A = "t"
def upgrade():
    pass
""",
    "what a metaclass gives": """
class Meta(type):
    def __getattr__(cls, name):
        return {"drop": op.drop_table}[name]
class Table(metaclass=Meta):
    pass
def upgrade():
    Table.drop("t")
""",
    "what derives from a class": """
class Step:
    pass
class Drop(Step):
    def __call__(self):
        op.drop_table("t")
def upgrade():
    [each()() for each in Step.__subclasses__()]
""",
    "info of a table": """
def upgrade():
    kept = sa.Table("x", sa.MetaData(), info={"step": op.drop_table})
    kept.info["step"]("t")
""",
    "a driver's connection": """
def upgrade():
    import psycopg2
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute("/* all of it */ DROP TABLE t")
""",
    "letters by their numbers": """
def upgrade():
    op.execute("\\\\x44ROP TABLE t".encode().decode("unicode-escape"))
""",
}

SILENT = {
    "an exception that says something": """
def upgrade():
    try:
        raise ValueError("no")
    except ValueError as error:
        print(error.args[0].upper())
""",
    "operators of the project": """
class Number:
    def __init__(self, n):
        self.n = n
    def __add__(self, other):
        return Number(self.n + other)
def upgrade():
    print((Number(1) + 2).n)
""",
    "the greatest number": "def upgrade():\n    print(max([], default=0), max(len(x) for x in ['a']))\n",
    "members of an enumeration": """
class Kind(enum.Enum):
    A = (1, "a")
    def __init__(self, number, text):
        self.text = text
def upgrade():
    print(Kind.A.text.upper())
""",
    "plain encodings": """
def upgrade():
    op.execute("COMMENT ON TABLE t IS 'x'".encode("utf-8").decode("ascii"))
""",
    "a class of a trusted library": """
import typing
class Row(typing.NamedTuple):
    x: int
def upgrade():
    print(Row(1).x)
""",
}


@pytest.mark.parametrize("body", CARRIED.values(), ids=CARRIED)
def test_what_is_carried_is_seen(body: str) -> None:
    found = read_script_text(HEAD + body).upgrade

    assert {each.kind for each in found} & {"drop_table", "opaque"}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_what_carries_nothing_is_silent(body: str) -> None:
    found = read_script_text(HEAD + body).upgrade

    assert not {each.kind for each in found} & {"drop_table", "opaque"}
