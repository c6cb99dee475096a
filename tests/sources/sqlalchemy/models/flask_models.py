"""Flask-SQLAlchemy: tables named by their classes, `db.Table`, abstract ones, inheritance, annotations."""

import functools
from datetime import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData()
    __abstract__ = True

    changed: Mapped[datetime | None] = mapped_column(sort_order=9)


class Extension(SQLAlchemy):
    Model: type[Base]  # for type checkers: what it is, the library sets


db = Extension(model_class=Base)
metadata = Base.metadata
Required = functools.partial(db.Column, nullable=False)

article_tag = db.Table(
    "article_tag",
    db.Column("article_id", db.Integer, db.ForeignKey("blog_article.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
)


class Stamped:
    created = db.Column(db.DateTime, server_default=db.func.now(), nullable=False)

    @declared_attr
    def author_id(cls):
        return db.Column(db.ForeignKey("http_user.id"), index=True)


class Model(db.Model):
    __abstract__ = True

    id = db.Column(db.Integer, primary_key=True)


class HTTPUser(Model):
    name = db.Column(db.String(80), unique=True, nullable=False)
    active = db.Column(db.Boolean, default=True)


class BlogArticle(Stamped, Model):
    title: Mapped[str]
    text: Mapped[str | None] = mapped_column(db.Text)
    kind = db.Column("type", db.String(10), default="post", onupdate="post")
    tags = db.relationship("Tag", secondary=article_tag, backref="articles")

    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "post"}


class LongArticle(BlogArticle):
    """It shares the table of its parent."""

    pages = db.Column(db.Integer)

    __mapper_args__ = {"polymorphic_identity": "long"}


class SignedArticle(BlogArticle):
    """It has a table of its own, joined to its parent's."""

    id = db.Column(db.ForeignKey("blog_article.id"), primary_key=True)
    signature = db.Column(db.LargeBinary)

    __mapper_args__ = {"polymorphic_identity": "signed"}


class Tag(db.Model):
    __table_args__ = (db.UniqueConstraint("word", "language"), db.Index("tag_word", "word"))

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(db.String(30))
    language: Mapped[str] = mapped_column(db.String(2), server_default="en")


class Explicit(db.Model):
    __tablename__ = "named_otherwise"

    key = db.Column(db.String, primary_key=True)
    needed = Required(db.Integer, index=True)
    other = Required(db.Integer, nullable=True)
