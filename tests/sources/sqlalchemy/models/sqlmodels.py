"""SQLModel: fields with and without `Field`, optional ones, enums, lists, links, mixins, private names."""

import datetime
import decimal
import enum
import uuid
from typing import ClassVar, List, Optional

from pydantic import PrivateAttr
from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Index, String, UniqueConstraint, func, text
from sqlmodel import Field, Relationship, SQLModel


class Kind(str, enum.Enum):
    one = "1"
    two = "2"


class Stamped(SQLModel):
    """A mixin: what it has, each table that inherits from it has of its own."""

    created: datetime.datetime = Field(default_factory=datetime.datetime.now, nullable=False)
    changed: Optional[datetime.datetime] = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": text("now()")}
    )


class TeamLink(SQLModel, table=True):
    hero_id: Optional[int] = Field(default=None, foreign_key="hero.id", primary_key=True)
    team_id: Optional[int] = Field(default=None, foreign_key="team.id", primary_key=True, ondelete="CASCADE")


class TeamBase(SQLModel):
    name: str = Field(index=True)
    motto: Optional[str] = None


class Team(TeamBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    heroes: List["Hero"] = Relationship(back_populates="teams", link_model=TeamLink)


class Hero(Stamped, table=True):
    __table_args__ = (UniqueConstraint("name", "kind"), CheckConstraint("age > 0"), Index("hero_age", "age"))

    limit: ClassVar[int] = 3
    _cached: Optional[str] = PrivateAttr(default=None)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    name: str = Field(max_length=50, unique=True)
    age: Optional[int] = Field(default=None, index=True)
    kind: Kind = Kind.one
    price: decimal.Decimal = Field(default=0, max_digits=10, decimal_places=2)
    alive: bool = True
    tags: List[str] = Field(sa_column=Column(JSON, nullable=False))
    secret: str = Field(sa_column=Column("hidden", String(80), server_default="x"))
    counted: int = Field(sa_column_kwargs={"server_default": func.now(), "onupdate": 3})
    other: str | None = Field(nullable=False)
    teams: List[Team] = Relationship(back_populates="heroes", link_model=TeamLink)


class Renamed(TeamBase, table=True):
    __tablename__ = "other_teams"

    code: str = Field(primary_key=True)
    boss: uuid.UUID | None = Field(default=None, foreign_key="hero.id", ondelete="SET NULL")
