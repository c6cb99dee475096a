"""Mapped classes: what Declarative, SQLModel and Flask-SQLAlchemy make of a class's body and its bases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from migration_lint.sources.sqlalchemy.annotations import Annotation, element_of, read_annotation, shown
from migration_lint.sources.sqlalchemy.columns import COLUMN_CALLS, core_column, field_column, mapped_column
from migration_lint.sources.sqlalchemy.companions import is_overlay
from migration_lint.sources.sqlalchemy.frames import CLASS_LEVEL, Frame, mark
from migration_lint.sources.sqlalchemy.machine import class_frame
from migration_lint.sources.sqlalchemy.mapping import (
    Attribute,
    ColumnAttribute,
    ExpressionAttribute,
    Mapped,
    ModelColumn,
    ModelTable,
    RelationAttribute,
)
from migration_lint.sources.sqlalchemy.naming import library_name, made_name, method_name
from migration_lint.sources.sqlalchemy.tables import add_argument, finish, metadata_schema
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Function,
    Item,
    Known,
    Listed,
    Made,
    Pairs,
    Part,
    Place,
    Term,
    options,
    text_of,
)

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.models import Models

Flavour = Literal["declarative", "sqlmodel", "flask", "automap", "foreign", ""]

_BASES = {
    "DeclarativeBase": "declarative", "DeclarativeBaseNoMeta": "declarative", "SQLModel": "sqlmodel",
    "Model": "flask", "AsyncAttrs": "", "MappedAsDataclass": "",
}  # fmt: skip
#: Libraries of which every base is known: what one maps is in its model, or there is nothing.
_KNOWN_LIBRARIES = frozenset("sqlalchemy sqlmodel flask_sqlalchemy flask_sqlalchemy_lite".split())
#: Libraries whose classes map nothing.
PLAIN_LIBRARIES = frozenset(
    "builtins typing typing_extensions abc enum pydantic dataclasses collections flask_login authlib".split()
)
_RELATIONS = frozenset("relationship relation dynamic_loader Relationship backref".split())
#: How what an annotation, or a call, brings is loaded.
_LAZY = {"DynamicMapped": "dynamic", "WriteOnlyMapped": "write_only", "dynamic_loader": "dynamic"}
_PROPERTIES = {
    "column_property": "column_property", "synonym": "synonym", "composite": "composite",
    "association_proxy": "proxy", "query_expression": "column_property", "deferred": "column_property",
    "hybrid_property": "hybrid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a class's body, or of a mixin's, evaluated for a mapped class."""

    name: str
    owner: Class
    statement: ast.stmt
    value: Term | None
    annotation: Term | None
    of: Class  # what maps it
    kind: Literal["value", "declared", "hybrid", "other"] = "value"

    @property
    def place(self) -> Place:
        """Where a person finds it: what a library's mixin brings stands where the mixin is named."""
        if is_overlay(self.owner.path):
            return Place(self.of.path, self.of.node)
        return Place(self.owner.path, self.statement)


def flavour(models: Models, of: Class) -> Flavour:
    """What maps a class that has a table; "" where nothing does."""
    decorated = any(_maps(models, each, of) for each in of.node.decorator_list)
    found: Flavour = "declarative" if decorated else ""
    for each in models.machine.classes.ancestors(of):
        one = _base_flavour(models, each)
        if one == "foreign":
            found = found or one
        elif one:
            return one
        elif isinstance(each, Class) and _has_metaclass(each):
            return "declarative"
    return found


def _has_metaclass(of: Class) -> bool:
    return any(
        each.arg == "metaclass" and ast.unparse(each.value).endswith("DeclarativeMeta")
        for each in of.node.keywords
    )


def _maps(models: Models, decorator: ast.expr, of: Class) -> bool:
    term = models.machine.evaluate(decorator, models.machine.module_frame(of.path))
    call = term.callee if isinstance(term, Made) else term
    name = library_name(call) or (call.name if isinstance(call, Part) else "")
    return name in ("mapped", "mapped_as_dataclass", "as_declarative", "as_declarative_base")


def _base_flavour(models: Models, term: Term) -> Flavour:
    for each in options(term):
        if isinstance(each, External):
            name = library_name(each)
            if name in _BASES:
                return _BASES[name]  # type: ignore[return-value]
            root = each.name.partition(".")[0]
            if root not in PLAIN_LIBRARIES:
                return "foreign"
        if made_name(each) == "declarative_base":
            return "declarative"
        if made_name(each) == "automap_base":
            return "automap"
        if method_name(each) in ("generate_base", "generate_mapped_base"):
            return "declarative"
        if isinstance(each, Part) and each.name == "Model" and models.is_flask(each.of):
            return "flask"
    return ""


class Reader:
    """Reads one mapped class."""

    def __init__(self, models: Models, of: Class, kind: Flavour) -> None:
        self._models = models
        self._machine = models.machine
        self._of = of
        self._kind = kind
        types = self._machine.classes.type_variables(of)
        self._types = types
        self._registry_types: dict[str, Term] = models.registry_types(of)

    # -- what a class has

    def members(self) -> Iterator[Member]:
        """The members that a class maps, its own first, then those of mixins; none of a mapped ancestor."""
        seen: set[str] = set()
        for owner in self._machine.classes.project_ancestors(self._of):
            if owner is not self._of and self._models.mapped(owner) is not None:
                # what it inherits from there is mapped there
                seen |= set(self._machine.classes.members(owner))
                continue
            if owner is not self._of and self._inherited_through_mapped(owner):
                continue
            typed = self._machine.classes.typed(owner)
            for name, statement in self._machine.classes.members(owner).items():
                if name not in seen and statement not in typed:
                    seen.add(name)
                    found = self.member(owner, name, statement)
                    if found is not None:
                        yield found

    def _inherited_through_mapped(self, owner: Class) -> bool:
        """Whether a mixin is one of a mapped ancestor, whose table has its columns already."""
        return any(
            owner is other
            for base in self._machine.classes.bases(self._of)
            if isinstance(base, Class) and self._models.mapped(base) is not None
            for other in self._machine.classes.project_ancestors(base)
        )

    def member(self, owner: Class, name: str, statement: ast.stmt) -> Member | None:
        frame = class_frame(self._machine, owner, self._types)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._function(owner, name, statement, frame)
        if isinstance(statement, ast.AnnAssign):
            annotation = self._machine.annotation(statement.annotation, frame)
            value = self._machine.evaluate(statement.value, frame) if statement.value is not None else None
            return Member(name, owner, statement, value, annotation, self._of)
        if isinstance(statement, ast.Assign):
            return Member(name, owner, statement, self._machine.bound(statement, name, frame), None, self._of)
        return None

    def _function(
        self, owner: Class, name: str, statement: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame
    ) -> Member | None:
        marks = {mark(each) for each in statement.decorator_list}
        function = Function(owner.path, f"{owner.name}.{name}", statement, owner, self._of)
        if marks & {"declared_attr", "cascading", "directive"}:
            value = self._machine.returned(function)
            stated = self._machine.annotation(statement.returns, frame)
            return Member(name, owner, statement, value, stated, self._of, "declared")
        if marks & CLASS_LEVEL:
            every = [
                Function(owner.path, function.name, each, owner, self._of)
                for each in owner.node.body
                if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == name
            ]
            return Member(name, owner, statement, Listed("each", tuple(every)), None, self._of, "hybrid")
        return Member(name, owner, statement, function, None, self._of, "other")

    def dunder(self, name: str, own: bool = False) -> Term | None:
        """`__tablename__` and its like: of the class, or inherited, too."""
        for owner in self._machine.classes.project_ancestors(self._of):
            if own and owner is not self._of:
                return None
            statement = self._machine.classes.members(owner).get(name)
            if statement is None:
                continue
            declared = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
            if owner is not self._of and self._models.mapped(owner) is not None and not declared:
                return None  # a mapped class keeps its table for itself
            found = self.member(owner, name, statement)
            return found.value if found is not None else None
        return None

    # -- the class as a whole

    def read(self, parent: Mapped | None) -> Mapped | None:
        """The class as it is mapped; None where it has no table of its own, nor one of its parent's."""
        concrete = _is_true(_entry(self.dunder("__mapper_args__", own=True), "concrete"))
        members = [each for each in self.members() if not each.name.startswith("__")]
        table = self._own_table(parent, members)
        if table is None and parent is None:
            return None
        inherited = None if concrete else parent
        if table is None:
            assert parent is not None
            found = Mapped(self._of, parent.tables, {}, parent, parent.discriminator, list(parent.unresolved))
            target = parent.table
        else:
            found = Mapped(self._of, (table, *(inherited.tables if inherited else ())), {}, inherited)
            target = table
        if inherited is not None:
            found.attributes |= inherited.attributes
        self._fill(found, target, members, given=bool(target.columns))
        found.discriminator = _discriminator(self.dunder("__mapper_args__")) or found.discriminator
        for name in self._unread_bases():
            found.unresolved.append(f"its base {name} is not read: it may map further columns")
        if table is not None:
            self._arguments(table)
            finish(table)
        elif parent is not None:
            _finish_added(target)
        return found

    def _own_table(self, parent: Mapped | None, members: list[Member]) -> ModelTable | None:
        given = self.dunder("__table__", own=parent is not None)
        if given is not None and not (isinstance(given, Known) and given.value is None):
            for each in options(given):
                found = self._models.table(each)
                if found is not None:
                    return found
            return None
        stated = self.dunder("__tablename__")
        name = (
            self._name(stated, members) if stated is not None or self._kind in ("sqlmodel", "flask") else None
        )
        if stated is not None and isinstance(stated, Known) and stated.value is None:
            return None
        if name is None:
            if stated is not None:
                self._models.unnamed.append((self._of, "its __tablename__ is worked out when it runs"))
            return None
        place = Place(self._of.path, self._of.node)
        metadata = self._models.metadata_of(self._of)
        return ModelTable(name, metadata_schema(metadata), place, metadata=metadata)

    def _name(self, stated: Term | None, members: list[Member]) -> str | None:
        if stated is not None:
            return text_of(stated)
        if self._kind == "sqlmodel":
            makes = any(
                each.arg == "table" and isinstance(each.value, ast.Constant) and each.value.value is True
                for each in self._of.node.keywords
            )
            return self._of.node.name.lower() if makes else None
        if self._models.own_mapped_parent(self._of) and not any(_is_key(each) for each in members):
            return None
        return snake_case(self._of.node.name) if any(_is_key(each) for each in members) else None

    def _arguments(self, table: ModelTable) -> None:
        """`__table_args__`"""
        given = self.dunder("__table_args__")
        if given is None:
            return
        for each in options(given)[:1]:
            items = each.items if isinstance(each, Listed) else (each,)
            for item in items:
                if isinstance(item, Pairs):
                    schema = _entry(item, "schema")
                    table.schema = text_of(schema) if schema is not None else table.schema
                    comment = _entry(item, "comment")
                    table.comment = text_of(comment) if comment is not None else table.comment
                else:
                    add_argument(table, item)

    # -- attributes

    def _unread_bases(self) -> Iterator[str]:
        """The bases that are of no library that is known, and of no file that could be read."""
        for each in self._machine.classes.ancestors(self._of):
            root = each.name.partition(".")[0] if isinstance(each, External) else ""
            if isinstance(each, External) and root not in _KNOWN_LIBRARIES | PLAIN_LIBRARIES:
                yield each.name.rpartition(".")[2]

    def _fill(self, found: Mapped, target: ModelTable, members: list[Member], given: bool) -> None:
        """`given`: the table has columns already, of its own call or of the class's parent, which stay."""
        if given and found.parent is None:
            for column in target.columns.values():
                found.attributes[column.key] = ColumnAttribute(((target, column),))
        columns: list[tuple[str, ModelColumn]] = []
        for each in members:
            attribute = self._attribute(each)
            if isinstance(attribute, ModelColumn):
                columns.append((each.name, attribute))
            elif attribute is not None:
                found.attributes[each.name] = attribute
        if self._kind == "sqlmodel":
            columns.sort(key=lambda pair: self._position(pair[0]))
        columns.sort(key=lambda pair: pair[1].sort_order)
        for name, column in columns:
            existing = target.columns.get(column.name)
            if not given or existing is None:
                target.columns[column.name] = column
            else:
                column = existing
            above = found.attributes.get(name) if found.parent is not None else None
            others = above.columns if isinstance(above, ColumnAttribute) else ()
            found.attributes[name] = ColumnAttribute(((target, column), *others), column.deferred)

    def _position(self, name: str) -> int:
        """Where pydantic has a field: what a class inherits comes first, also where it says it anew."""
        owners = reversed(list(self._machine.classes.project_ancestors(self._of)))
        names = dict.fromkeys(each for owner in owners for each in self._machine.classes.members(owner))
        return list(names).index(name)

    def _attribute(self, member: Member) -> ModelColumn | Attribute | None:
        """What one member stands for."""
        annotation = read_annotation(member.annotation) if member.annotation is not None else None
        value = next(iter(options(member.value)), None) if member.value is not None else None
        if member.kind == "hybrid" and value is not None:
            return ExpressionAttribute("hybrid", value)
        if member.kind == "other":
            return None
        name = made_name(value)
        if name in COLUMN_CALLS and isinstance(value, Made):
            return self._column(member, value, annotation)
        if name in _RELATIONS and isinstance(value, Made):
            return self._relation(value, annotation)
        if name in ("column_property", "deferred") and isinstance(value, Made) and value.args:
            inside = value.args[0]
            if isinstance(inside, Made) and made_name(inside) in COLUMN_CALLS:
                column = self._column(member, inside, annotation)
                return replace(column, deferred=name == "deferred") if column is not None else None
        if name in _PROPERTIES and isinstance(value, Made):
            return ExpressionAttribute(_PROPERTIES[name], value)  # type: ignore[arg-type]
        if self._kind == "sqlmodel":
            return self._field(member, value, annotation)
        if annotation is not None and annotation.mapped == "Mapped" and member.kind != "declared":
            return self._annotated(member, value, annotation)
        return None

    def _column(self, member: Member, made: Made, annotation: Annotation | None) -> ModelColumn | None:
        if annotation is None or not annotation.mapped:
            column = core_column(made, member.name)
            return None if column is None else replace(column, place=member.place)
        return mapped_column(
            made, member.name, annotation, shown(annotation), self._registry_types,
            self._machine.classes, member.place,
        )  # fmt: skip

    def _annotated(
        self, member: Member, value: Term | None, annotation: Annotation
    ) -> ModelColumn | Attribute | None:
        of = annotation.core.key if isinstance(annotation.core, Item) else annotation.core
        if isinstance(of, Class) and flavour(self._models, of):
            # another model, whatever function of the project's own makes the relationship
            return self._relation(value, annotation) if isinstance(value, Made) else None
        return mapped_column(
            None, member.name, annotation, shown(annotation), self._registry_types,
            self._machine.classes, member.place,
        )  # fmt: skip

    def _field(self, member: Member, value: Term | None, annotation: Annotation | None) -> ModelColumn | None:
        if annotation is None or annotation.mapped == "ClassVar" or member.name.startswith("_"):
            return None  # what begins with an underscore is private to pydantic
        made = value if isinstance(value, Made) and made_name(value) == "Field" else None
        column = field_column(
            made, member.name, annotation, shown(annotation), self._machine.classes, member.place
        )
        if column is not None and made is None and value is not None and not isinstance(value, Made):
            column = replace(
                column, default=None if isinstance(value, Known) and value.value is None else value
            )
        return column

    def _relation(self, made: Made, annotation: Annotation | None) -> RelationAttribute:
        target: Term | None = made.argument(0, "argument")
        many: bool | None = None
        usual = _LAZY.get(made_name(made), "select")
        if annotation is not None and annotation.mapped:
            stated, many = element_of(annotation.core)
            usual = _LAZY.get(annotation.mapped, usual)
            many = many or annotation.mapped in _LAZY
            target = target or stated
        elif annotation is not None:
            stated, many = element_of(annotation.core)
            target = target or stated
        uselist = made.keyword("uselist")
        if isinstance(uselist, Known):
            many = uselist.value is not False
        return RelationAttribute(target, many, loaded(made, usual), made)


def loaded(made: Made, usual: str = "select") -> str:
    """How a relationship says that it is loaded; `usual`: what it means where it says nothing."""
    lazy = made.keyword("lazy")
    said = lazy.value if isinstance(lazy, Known) else usual
    return "joined" if said is False else "select" if said is True else str(said)


def _finish_added(table: ModelTable) -> None:
    """A subclass in its parent's table may have brought keys and indexes along."""
    known = {each.columns for each in table.constraints if each.kind in ("foreign_key", "unique")}
    indexed = {each.columns for each in table.indexes}
    added = ModelTable(table.name, table.schema, table.place, dict(table.columns))
    finish(added)
    table.constraints += [
        each
        for each in added.constraints
        if each.kind in ("foreign_key", "unique") and each.columns not in known
    ]
    table.indexes += [each for each in added.indexes if each.columns not in indexed]


def _entry(pairs: Term | None, name: str) -> Term | None:
    for each in options(pairs) if pairs is not None else ():
        if isinstance(each, Pairs):
            return next(
                (value for key, value in each.pairs if key is not None and text_of(key) == name), None
            )
    return None


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Known) and term.value is True


def _discriminator(arguments: Term | None) -> str:
    stated = _entry(arguments, "polymorphic_on")
    if stated is None:
        return ""
    if isinstance(stated, Made) and made_name(stated) in COLUMN_CALLS:
        return text_of(stated.args[0]) or "" if stated.args else ""
    return text_of(stated) or (stated.name if isinstance(stated, Part) else "")


def _is_key(member: Member) -> bool:
    for each in options(member.value) if member.value is not None else ():
        if (
            isinstance(each, Made)
            and made_name(each) in COLUMN_CALLS
            and _is_true(each.keyword("primary_key"))
        ):
            return True
    return False


def snake_case(name: str) -> str:
    """The name that Flask-SQLAlchemy gives a class's table (its `model.camel_to_snake_case`)."""
    name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return name.lower().lstrip("_")
