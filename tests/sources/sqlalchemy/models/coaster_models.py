"""Models with the mixins of Coaster, by keys of either kind."""

from uuid import UUID

import sqlalchemy as sa
from coaster.sqlalchemy import (
    BaseMixin,
    BaseNameMixin,
    BaseScopedIdNameMixin,
    BaseScopedNameMixin,
    CoordinatesMixin,
    DeclarativeBase,
    ModelBase,
    UuidMixin,
    immutable,
    relationship,
    with_roles,
)
from sqlalchemy.orm import Mapped, mapped_column


class Model(ModelBase, DeclarativeBase):
    pass


metadata = Model.metadata


class Account(UuidMixin, BaseMixin[int, "Account"], Model):
    __tablename__ = "account"
    nick: Mapped[str] = with_roles(mapped_column(sa.Unicode(20), unique=True), read={"all"})
    joined: Mapped[str | None] = immutable(mapped_column(sa.Unicode))


class OldAccount(UuidMixin, BaseMixin[UUID, Account], Model):
    __tablename__ = "old_account"


class Place(CoordinatesMixin, BaseNameMixin[int, Account], Model):
    __tablename__ = "place"


class Room(BaseScopedNameMixin[int, Account], Model):
    __tablename__ = "room"
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    place: Mapped[Place] = relationship()
    parent: Mapped[Place] = sa.orm.synonym("place")


class Update(UuidMixin, BaseScopedIdNameMixin[int, Account], Model):
    __tablename__ = "update"
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    place: Mapped[Place] = relationship()
    parent: Mapped[Place] = sa.orm.synonym("place")
