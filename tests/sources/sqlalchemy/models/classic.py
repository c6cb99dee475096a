"""Older forms: declarative_base(), Column without annotations, Core tables, imperative mapping, decorators."""

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import backref, registry, relationship

metadata = sa.MetaData(schema="shop")
Base = declarative_base(metadata=metadata)
mapper_registry = registry(metadata=metadata)

NAME_LENGTH = 50


class Customer(Base):
    __tablename__ = "customers"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(NAME_LENGTH), nullable=False, unique=True)
    _secret = sa.Column("secret", sa.LargeBinary)
    kind = sa.Column(sa.Enum("a", "b", name="customer_kind"), nullable=False, server_default="a")
    tags = sa.Column(pg.ARRAY(sa.String), server_default="{}")
    info = sa.Column(pg.JSONB(astext_type=sa.Text()), default=dict)
    total = sa.Column(sa.Numeric(12, 4), sa.CheckConstraint("total >= 0"))
    full = sa.Column(sa.String, sa.Computed("name || 'x'", persisted=True))
    search = sa.Column(pg.TSVECTOR)
    orders = relationship("Order", backref=backref("customer"))

    __table_args__ = {"schema": "sales"}

    @hybrid_property
    def secret(self):
        return self._secret


class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True)
    customer_id = sa.Column(sa.ForeignKey("sales.customers.id", ondelete="SET NULL"), index=True)
    placed = sa.Column(sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    amount = orm.deferred(sa.Column(sa.Float(53)))


order_tag = sa.Table(
    "order_tag",
    metadata,
    sa.Column("order_id", sa.ForeignKey("shop.orders.id"), primary_key=True),
    sa.Column("tag", sa.String(20), primary_key=True),
    sa.Column("weight", sa.SmallInteger, nullable=False, server_default="1"),
    sa.UniqueConstraint("tag", "weight", name="tag_weight"),
    sa.Index("by_weight", "weight"),
    schema="other",
)

plain = sa.Table("plain", metadata, *[sa.Column("a", sa.Integer), sa.Column("b", sa.Text)])


class Plain:
    pass


mapper_registry.map_imperatively(Plain, sa.Table("plainer", metadata, sa.Column("id", sa.Integer, primary_key=True)))


@mapper_registry.mapped
class Decorated:
    __tablename__ = "decorated"
    id = sa.Column(sa.Integer, primary_key=True)
    note: str = sa.Column(sa.Text)


@mapper_registry.mapped
class Given:
    __table__ = sa.Table(
        "given", mapper_registry.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Date)
    )


def Wide(*args, **more):
    more["mysql_charset"] = "utf8mb4"
    return sa.Table(*args, **more)


class Held:
    first = Wide("held_first", metadata, sa.Column("id", sa.Integer, primary_key=True))
    second = Wide(
        "held_second", metadata, sa.Column("first", sa.ForeignKey("shop.held_first.id")), sa.Column("n", sa.Text)
    )
