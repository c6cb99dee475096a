"""Statements that are made through models, against what SQLAlchemy itself makes of them.

Each function of `sqlalchemy/shop.py` is called: what it returns is compiled, what it sends is listened to,
and the SQL is read as any SQL is. What was read of the function's source has to say the same.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from migration_lint.change import FolderTree
from migration_lint.sources import Source, TableUse, read_source
from migration_lint.sources.sql import read

HERE = Path(__file__).parent / "sqlalchemy"


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"models_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where annotations are looked up
    spec.loader.exec_module(module)
    return module


SHOP = imported(HERE / "shop.py")
SOURCE = read_source("shop.py", FolderTree(HERE), "sqlite")
FUNCTIONS = [
    (name, function) for name, function in vars(SHOP).items()
    if inspect.isfunction(function) and function.__module__ == SHOP.__name__ and not name.startswith("_")
]  # fmt: skip
BUILT = [name for name, function in FUNCTIONS if "session" not in inspect.signature(function).parameters]
SENT = [name for name, function in FUNCTIONS if "session" in inspect.signature(function).parameters]

#: What a statement inside another one gives is, in SQL, no result; a function may run either.
NESTED = ("a_subquery", "a_cte")

Said = dict[tuple[str, str], tuple[set[str], set[str]]]


@pytest.mark.parametrize("name", BUILT)
def test_a_statement_is_what_it_compiles_to(name: str) -> None:
    compiled = getattr(SHOP, name)().compile(
        dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}
    )
    found, wanted = of_source(name), of_sql([str(compiled)])
    assert apart(found) == apart(wanted) if name in NESTED else found == wanted


@pytest.mark.parametrize("name", SENT)
def test_a_function_sends_what_was_read_of_it(name: str) -> None:
    assert of_source(name) == of_sql(sent(getattr(SHOP, name)))


def test_a_class_for_others_to_inherit_from_says_of_what_they_are() -> None:
    found = {each.symbol: each.uses for each in SOURCE.statements if "." in each.symbol}
    assert [(use.table, use.columns) for use in found["Repository.one"]] == [("tag", ("id", "name"))]
    assert [(use.table, use.columns) for use in found["Repository.all"]] == [("tag", ("id", "name"))]
    assert [(use.columns, use.named) for use in found["Tags.named"]] == [(("id",), ("name",))]


def sent(function: object) -> list[str]:
    """What a function sends to a database that has one row of each kind."""
    engine = sqlalchemy.create_engine("sqlite://")
    SHOP.Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(SHOP.Account(id=1, name="a", items=[SHOP.Item(id=1, sku="s")]))
        session.add_all([SHOP.Tag(id=1, name="a"), SHOP.Tag(id=2, name="b"), SHOP.Dog(breed="d")])
        shelf = SHOP.Shelf(id=1, label="s")
        box = SHOP.Box(id=1, size=1, shelf=shelf, inside=SHOP.Box(id=2, size=2))
        session.add(SHOP.Seal(id=1, wax="blue", box=box, shelf_id=1))
        session.commit()
        heard: list[str] = []
        sqlalchemy.event.listen(
            engine, "before_cursor_execute", lambda c, cursor, statement, *rest: heard.append(statement)
        )
        function(session)  # type: ignore[operator]
    return heard


def of_sql(statements: list[str]) -> Said:
    known = {
        name: [column.name for column in table.columns] for name, table in SHOP.Base.metadata.tables.items()
    }
    uses: list[TableUse] = []
    for sql in statements:
        reading = read((sql,), "sqlite", known)
        assert not reading.unresolved
        uses += [parsed.use for one in reading.statements for parsed in one.uses]
    return merged(iter(uses))


def of_source(name: str) -> Said:
    statements = [each for each in SOURCE.statements if each.symbol == name]
    assert statements
    assert not [each.unresolved for each in statements if each.unresolved]
    uses = [use for each in statements for use in each.uses]
    assert not [use.unresolved for use in uses if use.unresolved]
    return merged(iter(uses))


def merged(uses: Iterator[TableUse]) -> Said:
    """The columns that are written or read, and those that are named besides, by table and kind."""
    found: Said = {}
    for use in uses:
        columns, named = found.setdefault((use.table.strip('"'), use.kind), (set(), set()))
        columns |= {*use.columns, *use.updated}
        named |= {*use.named, *use.returning, *(use.conflict or ())} - {"*"}
    # an INSERT gives back the key that the server made, by RETURNING or by a way of the driver's own
    own_keys = {(table, "insert"): {"id"} for table in ("account", "item", "tag", "animal", "box", "seal")}
    return {
        key: (columns, named - columns - own_keys.get(key, set())) for key, (columns, named) in found.items()
    }


def apart(said: Said) -> dict[tuple[str, str], set[str]]:
    return {key: columns | named for key, (columns, named) in said.items()}


def test_the_source_is_read_whole() -> None:
    assert isinstance(SOURCE, Source)
    assert SOURCE.problem == ""


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def f(session, model):\n    return select(model)", "what it selects is not known: model"),
        ("def f(session, model):\n    return session.query(model)", "what it selects is not known: model"),
        ("def f(request, it):\n    return request.db.query(it.Log).all()", "is not known: it.Log"),
        ("def f(session, model):\n    return insert(model).values(a=1)", "its table is not known: model"),
        ("def f(session, **more):\n    return insert(log).values(**more)", "what **more holds is not known"),
        (
            "def f(row: Log, name: str):\n    setattr(row, name, 1)",
            "attributes are set by names that are worked out",
        ),
        ("def f(session):\n    return select(seen)", "its columns are taken from the database when it runs"),
    ],
)
def test_what_is_worked_out_when_it_runs_is_said(code: str, why: str, tmp_path: Path) -> None:
    models = (
        "from sqlalchemy import Column, Integer, MetaData, Table, insert, select\n"
        "from sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n"
        'log = Table("log", MetaData(), Column("id", Integer, primary_key=True))\n'
        'seen = Table("seen", MetaData(), autoload_with=engine)\n\n\n'
        'class Log(Base):\n    __tablename__ = "logs"\n    id = Column(Integer, primary_key=True)\n\n\n'
    )
    (tmp_path / "app.py").write_text(models + code + "\n")
    (statement,) = read_source("app.py", FolderTree(tmp_path), "postgresql").statements
    assert why in "; ".join((statement.unresolved, *(use.unresolved for use in statement.uses)))


def test_code_for_a_newer_python_is_read_by_any(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from sqlalchemy import Select, select\n"
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n\n"
        'class Log(Base):\n    __tablename__ = "logs"\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n\n\n"
        "type Mine[M] = Select[tuple[M]]\n\n\n"
        "class Repository[M: Base]:\n    model: type[M]\n\n"
        "    def base(self) -> Mine[M]:\n        return select(self.model)\n\n\n"
        "class Logs(Repository[Log]):\n"
        "    def one(self, key):\n"
        "        try:\n            return self.base().where(Log.id == int(f'{key['id']}'))\n"
        "        except KeyError, ValueError:\n            return None\n"
    )
    source = read_source("app.py", FolderTree(tmp_path), "postgresql")
    assert not source.problem
    (statement,) = [each for each in source.statements if each.symbol == "Logs.one"]
    assert [(use.table, use.kind, use.columns) for use in statement.uses] == [("logs", "select", ("id",))]
    assert not statement.unresolved
