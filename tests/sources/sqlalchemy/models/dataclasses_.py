"""Mapped dataclasses, and a registry with a map of types of its own."""

from datetime import datetime
from typing import Optional

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, registry, relationship

reg = registry(type_annotation_map={str: String(200)})


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    registry = reg


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str]
    bio: Mapped[Optional[str]] = mapped_column(default=None)
    created: Mapped[datetime] = mapped_column(insert_default=func.now(), init=False)
    books: Mapped[list["Book"]] = relationship(default_factory=list, back_populates="author")


@reg.mapped_as_dataclass
class Book:
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), init=False)
    title: Mapped[str]
    author: Mapped[Author] = relationship(back_populates="books", default=None)
