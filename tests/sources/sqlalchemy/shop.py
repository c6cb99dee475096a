"""Functions that write and read through models; each is run for real, and what it sends is compared."""

import enum
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Generic, Optional, TypeVar

from sqlalchemy import (
    JSON, Column, Computed, ForeignKey, Index, Integer, MetaData, String, Table, and_, bindparam, case, delete, exists,
    func, insert, literal, or_, select, text, union_all, update,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase, Mapped, Session, aliased, column_property, contains_eager, declared_attr, defer, deferred,
    joinedload, load_only, mapped_column, relationship, selectinload, synonym, undefer,
    WriteOnlyMapped, backref,
)


class Base(DeclarativeBase):
    pass


class Kind(enum.Enum):
    new = "N"
    old = "O"


class Stamped:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=10)
    updated_at: Mapped[Optional[datetime]] = mapped_column(onupdate=func.now(), sort_order=11)


tags = Table(
    "item_tag", Base.metadata,
    Column("item_id", ForeignKey("item.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Account(Stamped, Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column("full_name", String(80))
    email: Mapped[Optional[str]]
    kind: Mapped[Kind] = mapped_column(default=Kind.new)
    settings: Mapped[dict] = mapped_column(JSON, default=dict)
    notes: Mapped[Optional[str]] = deferred(mapped_column(String))
    items: Mapped[list["Item"]] = relationship(back_populates="account")
    title = synonym("name")

    @hybrid_property
    def label(self):
        return self.name + self.email

    @label.expression
    def label(cls):
        return cls.name + cls.email


class Item(Base):
    __tablename__ = "item"
    __table_args__ = (Index("item_sku", "sku", unique=True), {"comment": "what is sold"})
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sku: Mapped[str]
    price: Mapped[int] = mapped_column(server_default=text("0"))
    doubled: Mapped[int] = mapped_column(Computed("price * 2"))
    account: Mapped[Account] = relationship(back_populates="items")
    tags: Mapped[list["Tag"]] = relationship(secondary=tags)
    tag_names = association_proxy("tags", "name")


class Letter(Base):
    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reader_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sender: Mapped[Account] = relationship(foreign_keys=[sender_id], lazy="joined")
    reader: Mapped[Account] = relationship(foreign_keys="Letter.reader_id")
    answer: Mapped[Account] = relationship(primaryjoin="Account.id == Letter.reader_id", viewonly=True)


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    upper = column_property(func.upper(name))


class Animal(Base):
    __tablename__ = "animal"
    id: Mapped[int] = mapped_column(primary_key=True)
    species: Mapped[str]
    weight: Mapped[Optional[int]]
    __mapper_args__ = {"polymorphic_on": "species", "polymorphic_identity": "animal"}


class Dog(Animal):
    __tablename__ = "dog"
    id: Mapped[int] = mapped_column(ForeignKey("animal.id"), primary_key=True)
    breed: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "dog"}


class Cat(Animal):
    lives: Mapped[Optional[int]]
    __mapper_args__ = {"polymorphic_identity": "cat"}


class Shelf(Base):
    __tablename__ = "shelf"
    id = Column(Integer, primary_key=True)
    label = Column(String)
    seals: WriteOnlyMapped["Seal"] = relationship()


class Box(Base):
    __tablename__ = "box"
    id = Column(Integer, primary_key=True)
    size = Column(Integer)
    shelf_id = Column(ForeignKey("shelf.id"))
    inside_id = Column(ForeignKey("box.id"))
    shelf = relationship(Shelf, backref=backref("boxes", lazy="dynamic"))
    inside = relationship("Box", remote_side=[id], backref="holds")


class Seal(Base):
    __tablename__ = "seal"
    id = Column(Integer, primary_key=True)
    wax = Column(String)
    shelf_id = Column(ForeignKey("shelf.id"))
    box_id = Column(ForeignKey("box.id"))
    box = relationship(Box, backref="seals")


log = Table(
    "log", Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("message", String, key="msg"),
    Column("level", Integer, default=3),
    Column("hint", String, server_default=""),
)


@dataclass
class NewTag:
    name: str


# -- statements that are only built: compiled, and compared


def column_of_a_class():
    return select(Account.name).where(Account.id == 3)


def whole_class():
    return select(Account)


def class_and_column():
    return select(Account, Item.sku).join(Account.items).where(Item.price > 3)


def joined_by_foreign_key():
    return select(Item.sku).join(Account).where(Account.email.is_(None))


def joined_by_condition():
    return select(Item.sku, Account.email).join(Account, Account.id == Item.account_id).order_by(Account.name.desc())


def joined_by_one_of_two_keys():
    return select(Letter.id).join(Letter.sender)


def joined_by_a_key_as_text():
    return select(Letter.id).join(Letter.reader)


def joined_by_a_condition_as_text():
    return select(Letter.id).join(Letter.answer)


def outer_join_of_tables():
    return select(log.c.msg, Account.email).select_from(log.outerjoin(Account, Account.id == log.c.level))


def grouped():
    return (
        select(Item.account_id, func.count(Item.id).label("number"), func.sum(Item.price))
        .group_by(Item.account_id)
        .having(func.count(Item.id) > 2)
    )


def by_name():
    return select(Account.email, Account.name).order_by("email").filter_by(kind=Kind.new)


def a_hybrid():
    return select(Account.id).where(Account.label == "x").order_by(Account.title)


def conditions():
    return select(Tag.id).where(or_(and_(Tag.name == "a", Tag.id > 3), Tag.name.in_(["b", "c"])))


def a_case():
    return select(case((Item.price > 3, Item.sku), else_=literal("cheap")))


def an_alias():
    other = aliased(Item)
    return select(Item.id, other.sku).where(Item.account_id == other.account_id)


def a_subquery():
    inside = select(Item.account_id, func.max(Item.price).label("most")).group_by(Item.account_id).subquery()
    return select(Account.email, inside.c.most).join(inside, inside.c.account_id == Account.id)


def a_cte():
    rich = select(Item.account_id).where(Item.price > 9).cte("rich")
    return select(Account.name).where(Account.id.in_(select(rich.c.account_id)))


def an_exists():
    return select(Account.id).where(exists().where(Item.account_id == Account.id))


def any_of_them():
    return select(Account.id).where(Account.items.any(Item.price > 3))


def a_union():
    return union_all(select(Account.name), select(Tag.name))


def core_select():
    return select(log.c.id, log.c["msg"]).where(log.c.level >= 3)


def of_a_table():
    return log.select().where(log.c.hint == "")


def only_some():
    return select(Account).options(load_only(Account.email))


def without_one():
    return select(Account).options(defer(Account.email), undefer(Account.notes))


def joined_load():
    return select(Item).options(joinedload(Item.account))


def contains():
    return select(Item).join(Item.account).options(contains_eager(Item.account)).where(Account.email == "x")


def a_subclass():
    return select(Dog).where(Dog.breed == "x", Dog.weight > 3)


def a_subclass_in_the_same_table():
    return select(Cat.lives)


def text_in_a_condition():
    return select(Tag.id).where(text("tag.name = 'x'"))


def insert_values():
    return insert(Account).values(name="x", email=None)


def insert_of_a_dictionary():
    values = {"msg": "x"}
    values["hint"] = "y"
    return insert(log).values(values)


def insert_in_a_call():
    return log.insert().values(msg="x", level=1)


def insert_from_a_select():
    return insert(Tag).from_select(["name"], select(Account.email).where(Account.id == 3))


def insert_returning():
    return insert(Tag).values(name="x").returning(Tag.id, Tag.name)


def upsert():
    statement = sqlite_insert(Item).values(sku="x", account_id=1)
    return statement.on_conflict_do_update(
        index_elements=[Item.sku], set_={"price": statement.excluded.price, "account_id": 3}
    )


def insert_or_nothing():
    return sqlite_insert(Tag).values(name="x").on_conflict_do_nothing(index_elements=["name"])


def update_values():
    return update(Account).where(Account.email == "x").values(name="y")


def update_of_a_dictionary():
    return update(Account).values({Account.email: "x", "kind": Kind.old}).where(Account.id.in_([1, 2]))


def update_by_columns():
    return update(Item).values(price=Item.price + 1).where(Item.sku == "x").returning(Item.id)


def update_of_a_table():
    return log.update().where(log.c.id == 3).values(hint="x")


def update_from_another():
    return update(Item).values(sku=Account.email).where(Item.account_id == Account.id)


def delete_rows():
    return delete(Account).where(Account.name == "x")


def delete_of_a_table():
    return log.delete().where(log.c.level < 3)


def branches(name: str = "x", newest: bool = True):
    statement = select(Account.id)
    if name:
        statement = statement.where(Account.name == name)
    if newest:
        statement = statement.order_by(Account.created_at)
    for each in ("a", "b"):
        statement = statement.where(Account.email != each)
    return statement


def _all_items():
    return select(Item.id, Item.sku)


def by_a_helper():
    return _all_items().where(Item.price > 3)


# -- what a session sends


def added(session: Session):
    account = Account(name="x", email="y")
    session.add(account)
    session.flush()


def added_with_everything(session: Session):
    account = Account(name="x", kind=Kind.old, settings={"a": 1}, notes="n", id=7, created_at=datetime(2020, 1, 1))
    account.email = "late"
    session.add_all([account])
    session.flush()


def added_by_a_relationship(session: Session):
    account = session.get(Account, 1)
    session.add(Item(sku="rel", account=account))
    session.flush()


def added_from_a_dataclass(session: Session):
    new = NewTag("x")
    session.add(Tag(**asdict(new)))
    session.flush()


def added_subclasses(session: Session):
    session.add(Dog(breed="x", weight=3))
    session.add(Cat(lives=9))
    session.flush()


def changed(session: Session):
    account = session.execute(select(Account).where(Account.id == 1)).scalar_one()
    account.email = "new"
    session.flush()


def changed_by_loop(session: Session):
    for item in session.scalars(select(Item).filter_by(account_id=1)):
        item.price = 9
    session.flush()


def changed_by_name(session: Session):
    tag = session.query(Tag).filter(Tag.id == 1).one()
    setattr(tag, "name", "z")
    session.flush()


def changed_dog(session: Session):
    dog = session.scalars(select(Dog)).first()
    dog.breed = "y"
    dog.weight = 4
    session.flush()


def deleted(session: Session):
    tag = session.get(Tag, 2)
    session.delete(tag)
    session.flush()


def loaded_late(session: Session):
    item = session.get(Item, 1)
    return item.account.email


def loaded_beside(session: Session):
    return session.scalars(select(Account).options(selectinload(Account.items))).all()


def legacy(session: Session):
    return session.query(Account.email, Item.sku).join(Item, Item.account_id == Account.id).filter(Item.price > 0).all()


def legacy_count(session: Session):
    return session.query(func.count(Item.id)).filter_by(sku="x").scalar()


def legacy_update(session: Session):
    session.query(Item).filter(Item.sku == "nothing").update({"price": 3}, synchronize_session=False)


def legacy_delete(session: Session):
    session.query(Item).filter(Item.sku == "nothing").delete(synchronize_session=False)


def counted(session: Session):
    session.query(Letter).filter(Letter.reader_id == 3).count()


def bulk_inserted(session: Session):
    session.bulk_insert_mappings(Tag, [{"name": "a"}, {"name": "b"}])


def executed_with_rows(session: Session):
    session.execute(insert(Tag), [{"name": "c"}, {"name": "d"}])


def merged(session: Session):
    session.merge(Tag(id=1, name="merged"))
    session.merge(Tag(id=9, name="not there yet"))
    session.flush()


def refreshed(session: Session):
    tag = session.get(Tag, 1)
    session.refresh(tag)


def loaded_by_a_backref(session: Session):
    box = session.query(Box).filter_by(id=1).one()
    for seal in box.seals:
        seal.wax = "red"
    session.flush()


def written_by_a_backref(session: Session):
    shelf = session.get(Shelf, 1)
    session.add(Box(size=1, shelf=shelf, seals=[Seal(wax="green")]))
    session.flush()


def led_to_one(session: Session):
    seal = session.get(Seal, 1)
    seal.box.size = 8
    session.flush()


def led_around(session: Session):
    box = session.get(Box, 1)
    for each in box.inside.holds:
        each.size = 9
    session.flush()


def without_any():
    return select(Box.size).filter_by(seals=None)


def joined_in_order():
    return select(Shelf.label).join(Seal).join(Box, Seal.box).where(Box.size > 3)


def joined_before_it_is_selected():
    shelves = Shelf.__table__
    joined = shelves.join(Box.__table__, Box.shelf_id == shelves.c.id)
    return select(Seal).select_from(joined.join(Seal.__table__, Seal.box_id == Box.id)).where(Box.size > 3)


def joined_before_by_keys():
    items, tagged = Item.__table__, tags
    return select(Tag.id).select_from(items.join(tagged).join(Tag.__table__)).where(items.c.sku == "x")


def joined_to_the_nearest():
    shelves, boxes, seals = Shelf.__table__, Box.__table__, Seal.__table__
    return select(seals.c.wax).select_from(shelves.join(boxes).join(seals))


def asked_dynamically(session: Session):
    shelf = session.get(Shelf, 1)
    return shelf.boxes.join(Seal, Seal.box_id == Box.id).filter(Seal.wax == "red").order_by(Box.size).all()


def all_dynamically(session: Session):
    shelf = session.get(Shelf, 1)
    return [box.size for box in shelf.boxes]


def put_dynamically(session: Session):
    shelf = session.get(Shelf, 1)
    shelf.boxes.append(Box(size=2))
    session.flush()


def asked_of_what_is_only_written(session: Session):
    shelf = session.get(Shelf, 1)
    return session.scalars(shelf.seals.select().where(Seal.wax == "red")).all()


T = TypeVar("T", bound=Base)


class Repository(Generic[T]):
    model: type[T]

    def __init__(self, session: Session) -> None:
        self.session = session

    def one(self, key: int) -> Optional[T]:
        return self.session.get(self.model, key)

    def all(self):
        return self.session.scalars(select(self.model)).all()


class Tags(Repository[Tag]):
    model = Tag

    def named(self, name: str):
        return self.session.scalars(select(self.model.id).where(self.model.name == name)).all()


def _unused():
    return declared_attr, bindparam, MetaData
