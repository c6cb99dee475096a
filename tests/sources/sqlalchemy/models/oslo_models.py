"""Mixins of oslo.db, by either kind of import."""

from oslo_db.sqlalchemy import models
from oslo_db.sqlalchemy.models import TimestampMixin
from sqlalchemy import Column, String
from sqlalchemy.orm import declarative_base


class OwnBase(models.ModelBase):
    pass


Base = declarative_base(cls=OwnBase)


class Pool(Base, models.TimestampMixin, models.SoftDeleteMixin):
    __tablename__ = "pool"
    id = Column(String(36), primary_key=True)


class Member(TimestampMixin, Base):
    __tablename__ = "member"
    id = Column(String(36), primary_key=True)
