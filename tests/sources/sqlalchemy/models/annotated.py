"""Declarative with annotations: type_annotation_map, Annotated, Optional, Literal, enums, naming conventions."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, List, Literal, Optional, Union

from sqlalchemy import (
    BigInteger, CheckConstraint, DateTime, Enum, ForeignKey, ForeignKeyConstraint, Identity, Index, Integer, MetaData, Numeric,
    PrimaryKeyConstraint, String, Text, UniqueConstraint, Uuid, func, text, true,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry, relationship

intpk = Annotated[int, mapped_column(primary_key=True)]
stamp = Annotated[datetime.datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
code = Annotated[str, 12]
account_fk = Annotated[int, mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)]


class Color(enum.Enum):
    red = "r"
    blue = "b"


class Size(str, enum.Enum):
    small = "s"
    large = "l"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        code: String(12),
        dict[str, Any]: JSONB,
        int: BigInteger,
        list[str]: ARRAY(Text),
    }


class Account(Base):
    __tablename__ = "account"

    id: Mapped[intpk]
    created: Mapped[stamp]
    short: Mapped[code]
    nick: Mapped[Optional[str]] = mapped_column(String(30))
    other: Mapped[str | None]
    third: Mapped[Union[str, None]]
    numbers: Mapped[list[str]]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    color: Mapped[Color]
    size: Mapped[Optional[Size]]
    state: Mapped[Literal["on", "off"]]
    price: Mapped[decimal.Decimal] = mapped_column(Numeric(10, 2))
    share: Mapped[float]
    active: Mapped[bool] = mapped_column(server_default=true())
    raw: Mapped[bytes]
    born: Mapped[datetime.date]
    at: Mapped[datetime.time]
    lasted: Mapped[datetime.timedelta]
    token: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    address: Mapped[Any] = mapped_column(INET, nullable=False)
    renamed: Mapped[str] = mapped_column("other_name", index=True)
    forced: Mapped[Optional[str]] = mapped_column(nullable=False)
    loose: Mapped[str] = mapped_column(nullable=True)
    items: Mapped[List["Item"]] = relationship(back_populates="account", cascade="all, delete-orphan")

    __table_args__ = (
        UniqueConstraint("short", "nick"),
        UniqueConstraint("share", name="uq_own_name"),
        CheckConstraint("price > 0", name="positive"),
        Index("ix_active", "active", postgresql_where=text("active")),
        Index(None, "born", "at"),
        Index("ix_plain", "share", unique=True),
        {"comment": "who pays"},
    )


class Item(Base):
    __tablename__ = "item"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[account_fk]
    kind: Mapped[Color] = mapped_column(Enum(Color, name="item_kind", values_callable=lambda e: [x.value for x in e]))
    account: Mapped["Account"] = relationship(back_populates="items")


class Part(Base):
    __tablename__ = "part"
    __table_args__ = (
        PrimaryKeyConstraint("item_id", "position"),
        ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_part_item", onupdate="CASCADE"),
    )
    item_id: Mapped[int]
    position: Mapped[int]
    note: Mapped[str] = mapped_column(Text, server_default="")
