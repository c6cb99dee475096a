"""Coaster 0.8: `coaster.sqlalchemy`. A model says by a type argument whether its key is an int or a UUID."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import TIMESTAMP, CheckConstraint, Integer, Numeric, Unicode, Uuid, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (  # noqa: F401 - Coaster hands them on
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    backref,
    declared_attr,
    mapped_column,
    relationship,
    synonym,
)

PkeyType = TypeVar("PkeyType", int, UUID)
ActorType = TypeVar("ActorType")


def with_roles(obj, rw=None, call=None, read=None, write=None, grants=None, grants_via=None, datasets=None):
    return obj


def immutable(target):
    return target


def cached(target):
    return target


class ModelBase:
    pass


class IdMixin(Generic[PkeyType]):
    @declared_attr
    def id(cls) -> Mapped[PkeyType]:
        return (
            mapped_column(Integer, primary_key=True, nullable=False)
            if PkeyType is not UUID
            else mapped_column(Uuid, primary_key=True, nullable=False, insert_default=uuid4)
        )

    id_ = synonym("id")

    @hybrid_property
    def url_id(self):
        return self.id


class UuidMixin:
    @declared_attr
    def uuid(cls) -> Mapped[UUID]:
        return (
            mapped_column(Uuid, unique=True, nullable=False, insert_default=uuid4)
            if PkeyType is not UUID
            else synonym("id")
        )

    @hybrid_property
    def uuid_hex(self):
        return self.uuid

    @hybrid_property
    def uuid_b64(self):
        return self.uuid

    @hybrid_property
    def buid(self):
        return self.uuid

    @hybrid_property
    def uuid_b58(self):
        return self.uuid


class TimestampMixin:
    @declared_attr
    def created_at(cls) -> Mapped[datetime]:
        return mapped_column(TIMESTAMP(timezone=True), insert_default=func.utcnow(), nullable=False)

    @declared_attr
    def updated_at(cls) -> Mapped[datetime]:
        return mapped_column(
            TIMESTAMP(timezone=True), insert_default=func.utcnow(), onupdate=func.utcnow(), nullable=False
        )


class PermissionMixin:
    pass


class RoleMixin(Generic[ActorType]):
    pass


class RegistryMixin:
    pass


class UrlForMixin:
    pass


class NoIdMixin(TimestampMixin, PermissionMixin, RoleMixin[ActorType], RegistryMixin, UrlForMixin):
    pass


class BaseMixin(IdMixin[PkeyType], NoIdMixin[ActorType]):
    pass


class BaseNameMixin(BaseMixin[PkeyType, ActorType]):
    @declared_attr
    def name(cls) -> Mapped[str]:
        return mapped_column(Unicode, CheckConstraint("name <> ''"), nullable=False, unique=True)

    @declared_attr
    def title(cls) -> Mapped[str]:
        return mapped_column(Unicode, nullable=False)


class BaseScopedNameMixin(BaseMixin[PkeyType, ActorType]):
    parent: Any

    @declared_attr
    def name(cls) -> Mapped[str]:
        return mapped_column(Unicode, CheckConstraint("name <> ''"), nullable=False)

    @declared_attr
    def title(cls) -> Mapped[str]:
        return mapped_column(Unicode, nullable=False)


class BaseIdNameMixin(BaseMixin[PkeyType, ActorType]):
    @declared_attr
    def name(cls) -> Mapped[str]:
        return mapped_column(Unicode, CheckConstraint("name <> ''"), nullable=False)

    @declared_attr
    def title(cls) -> Mapped[str]:
        return mapped_column(Unicode, nullable=False)

    @hybrid_property
    def url_id_name(self):
        return self.id

    @hybrid_property
    def url_name_uuid_b58(self):
        return self.uuid


class BaseScopedIdMixin(BaseMixin[PkeyType, ActorType]):
    parent: Any

    @declared_attr
    def url_id(cls) -> Mapped[int]:
        return mapped_column(Integer, nullable=False)


class BaseScopedIdNameMixin(BaseScopedIdMixin[PkeyType, ActorType]):
    @declared_attr
    def name(cls) -> Mapped[str]:
        return mapped_column(Unicode, CheckConstraint("name <> ''"), nullable=False)

    @declared_attr
    def title(cls) -> Mapped[str]:
        return mapped_column(Unicode, nullable=False)

    @hybrid_property
    def url_id_name(self):
        return self.url_id

    @hybrid_property
    def url_name_uuid_b58(self):
        return self.uuid


class CoordinatesMixin:
    latitude: Mapped[Decimal | None] = mapped_column(Numeric, nullable=True)
    longitude: Mapped[Decimal | None] = mapped_column(Numeric, nullable=True)
