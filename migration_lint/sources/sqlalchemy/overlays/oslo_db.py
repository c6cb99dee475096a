"""oslo.db 18.1: `oslo_db.sqlalchemy.models`."""

from __future__ import annotations

from oslo_utils import timeutils
from sqlalchemy import Column, DateTime, Integer, TypeDecorator


class ModelBase:
    pass


class ModelIterator:
    pass


class SoftDeleteInteger(TypeDecorator):
    impl = Integer


class TimestampMixin:
    created_at = Column(DateTime, default=lambda: timeutils.utcnow())
    updated_at = Column(DateTime, onupdate=lambda: timeutils.utcnow())


class SoftDeleteMixin:
    deleted_at = Column(DateTime)
    deleted = Column(SoftDeleteInteger, default=0)
