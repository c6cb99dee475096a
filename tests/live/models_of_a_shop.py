"""Models that `test_models.py` holds against migrations."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Kind(enum.Enum):
    a = "A"
    b = "B"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s", "ix": "ix_%(column_0_label)s"}
    )


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    email: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[Kind]
    data: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    price: Mapped[float | None] = mapped_column(Numeric(10, 2))
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    items: Mapped[list[Item]] = relationship()
    __table_args__ = (Index("account_price", "price", postgresql_where=text("price > 0")),)


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    sku: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("account_id", "sku", name="item_sku"),)
