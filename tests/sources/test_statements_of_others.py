"""What a function does to a table in the name of others: through a base, to a query that is handed to it."""

from __future__ import annotations

from pathlib import Path

from migration_lint.change import FolderTree
from migration_lint.sources import TableUse, read_source

from ..projects import write

MODELS = """\
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Listed:
    @classmethod
    def latest(cls, session):
        return session.query(cls).order_by(cls.id.desc()).first()


class Base(DeclarativeBase):
    pass


class Team(Listed, Base):
    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    friends = relationship("Hero", secondary="friend")


class Hero(Listed, Base):
    __tablename__ = "hero"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))


friend = Table(
    "friend",
    Base.metadata,
    Column("of_team", ForeignKey("team.id")),
    Column("hero_id", ForeignKey("hero.id")),
)
"""


def uses(tmp_path: Path, code: str) -> dict[str, list[TableUse]]:
    write(tmp_path, {"models.py": MODELS, "code.py": f"from models import Hero, Team\n\n\n{code}"})
    found: dict[str, list[TableUse]] = {}
    for path in ("models.py", "code.py"):
        for each in read_source(path, FolderTree(tmp_path), "postgresql").statements:
            found.setdefault(each.symbol, []).extend(each.uses)
    return found


def test_a_class_method_of_a_base_is_one_of_each_model(tmp_path: Path) -> None:
    found = uses(tmp_path, "def newest(session):\n    return Team.latest(session)\n")["Listed.latest"]
    assert {each.table for each in found} == {"team", "hero"}


def test_a_query_that_is_handed_in_is_narrowed(tmp_path: Path) -> None:
    code = "def named(query, name):\n    return query.join(Hero).filter(Team.name == name)\n"
    found = uses(tmp_path, code)["named"]
    assert {(each.table, each.kind, each.named) for each in found} == {
        ("team", "select", ("name",)),
        ("hero", "select", ()),
    }


def test_what_another_statement_gave_is_a_value(tmp_path: Path) -> None:
    code = (
        "def of_team(session, name):\n"
        "    team = session.query(Team).filter(Team.name == name).one()\n"
        "    return session.query(Hero).filter(Hero.team_id == team.id).all()\n"
    )
    first, second = uses(tmp_path, code)["of_team"]
    assert (first.table, second.table) == ("team", "hero")


def test_an_attribute_that_no_model_has_is_said_as_it_is_written(tmp_path: Path) -> None:
    found = uses(tmp_path, "def titles(session):\n    return session.query(Team.title).all()\n")["titles"]
    assert [(each.table, each.columns) for each in found] == [("team", ("title",))]


def test_a_package_that_loads_by_its_stub(tmp_path: Path) -> None:
    lazy = "import lazy_loader\n\n__getattr__, *_ = lazy_loader.attach_stub(__name__, __file__)\n"
    write(tmp_path, {"lazy/__init__.py": lazy, "lazy/__init__.pyi": "from models import Team\n"})
    code = "from lazy import Team as Found\n\n\ndef names(session):\n    return session.query(Found.name)\n"
    (found,) = uses(tmp_path, code)["names"]
    assert (found.table, found.columns) == ("team", ("name",))


def test_a_join_through_a_table_that_is_named_by_text(tmp_path: Path) -> None:
    code = "def befriended(session):\n    return session.query(Team.id).join(Team.friends).all()\n"
    found = {each.table: each.named for each in uses(tmp_path, code)["befriended"]}
    assert found["friend"] == ("of_team", "hero_id")


def test_what_is_selected_in_the_place_of_something_else(tmp_path: Path) -> None:
    code = (
        "def ids(session):\n    return session.query(Team).with_entities(Team.id).all()\n\n\n"
        "def both(session):\n    teams = session.query(Team)\n"
        "    return list(teams), teams.with_entities(Team.id).all()\n"
    )
    found = uses(tmp_path, code)
    assert [each.columns for each in found["ids"]] == [("id",)]
    assert [each.columns for each in found["both"]] == [("id", "name")]


def test_a_list_of_models_is_no_column_whoever_makes_the_relationship(tmp_path: Path) -> None:
    code = (
        "from elsewhere import related\nfrom models import Base\n"
        "from sqlalchemy.orm import Mapped, mapped_column\n\n\n"
        "class City(Base):\n"
        "    __tablename__ = 'city'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    home: Mapped[Team] = related()\n"
        "    heroes: Mapped[list[Hero]] = related()\n\n\n"
        "def cities(session):\n    return session.query(City).all()\n"
    )
    (found,) = uses(tmp_path, code)["cities"]
    assert found.columns == ("id",)
