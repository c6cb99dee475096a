"""Mixins, declared_attr, abstract bases, inheritance of all three kinds, names that are worked out."""

import re
from typing import TYPE_CHECKING, Optional

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_mixin, declared_attr, mapped_column, relationship


def uuid_column(**kwargs):
    return mapped_column(String(36), **kwargs)


class Base(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Identified:
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


@declarative_mixin
class Stamped:
    created_at = Column(DateTime, nullable=False, server_default=func.now())
    updated_at = Column(DateTime, onupdate=func.now())


class Rated:
    @declared_attr
    @classmethod
    def rating(cls) -> Mapped[Optional[int]]:
        return mapped_column(Integer, index=True)


class StrictlyRated(Rated):
    if TYPE_CHECKING:
        rating: declared_attr[int]
        ratio: Mapped[float]
    else:
        weight: Mapped[int] = mapped_column(default=1)


class Owned:
    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("person.id"))

    @declared_attr
    def owner(cls) -> Mapped["Person"]:
        return relationship("Person", foreign_keys=[cls.owner_id])


class Model(Identified, Base):
    __abstract__ = True
    external = uuid_column(unique=True)


class Person(Stamped, Model):
    name: Mapped[str]
    email: Mapped[Optional[str]] = mapped_column(index=True)


class UserAccount(Owned, Model):
    name: Mapped[str] = mapped_column(String(10))
    type: Mapped[str] = mapped_column(String(20))
    __mapper_args__ = {"polymorphic_on": "type", "polymorphic_identity": "user"}


class AdminAccount(UserAccount):
    __tablename__ = "admin_account"
    id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    level: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "admin"}


class GuestAccount(UserAccount):
    __tablename__ = None
    until: Mapped[Optional[str]]
    __mapper_args__ = {"polymorphic_identity": "guest"}


class Vehicle(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    wheels: Mapped[int]


class Truck(Vehicle):
    __tablename__ = "truck"
    __mapper_args__ = {"concrete": True}
    id: Mapped[int] = mapped_column(primary_key=True)
    load: Mapped[Optional[int]]


class Flagged:
    @declared_attr.directive
    def __table_args__(cls):
        return (UniqueConstraint("lbl", name=f"uq_{cls.__tablename__}"),)

    flag = Column("is_flagged", Boolean, default=False)


class Thing(Flagged, Base):
    __tablename__ = "things"
    key = Column(Integer, primary_key=True, autoincrement=False)
    label = Column(String(5), key="lbl")


class Film(StrictlyRated, Model):
    name: Mapped[str]
