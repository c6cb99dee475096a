"""A mixin of SQLAlchemy-Utils."""

from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base
from sqlalchemy_utils import Timestamp

Base = declarative_base()


class Letter(Base, Timestamp):
    __tablename__ = "letter"
    id = Column(Integer, primary_key=True)
