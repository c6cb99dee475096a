"""A column's definition: its type's text, and everything that may stand behind it."""

from __future__ import annotations

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, NUMBERED, Column, Constraint, Generated
from migration_lint.reading.sql.constraints import references
from migration_lint.reading.sql.cursor import Cursor
from migration_lint.reading.sql.keywords import words
from migration_lint.wording import python_text

#: Words that end a type, and an expression in a column's definition.
STOPS = words(
    """
    AFTER AS AUTOINCREMENT AUTO_INCREMENT CHARSET CHECK COLLATE COLUMN_FORMAT COMMENT COMPRESSED COMPRESSION
    CONSTRAINT DEFAULT DEFERRABLE DISABLE ENABLE ENFORCED FIRST GENERATED IDENTITY INITIALLY INVISIBLE
    KEY NOT NULL ON PERSISTED PRIMARY REFERENCES ROWGUIDCOL SPARSE SRID STORAGE STORED UNIQUE USING
    VIRTUAL VISIBLE
    """
)
_MYSQL = ("mysql", "mariadb")
_SERIALS = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})


def read_type(at: Cursor) -> str | None:
    """The text of a type, without COLLATE and constraints; None: there is none (SQLite)."""
    start = at.index
    parts: list[str] = []
    before = -1
    while not at.done:
        token = at.token
        word = token.word
        if word in STOPS and parts:
            break
        if word in STOPS and not (at.dialect == "postgresql" and word in ("KEY", "COMMENT")):
            break
        if word in (",", ")", ";", "="):
            break
        if word == "CHARACTER" and at.ahead(1).word == "SET":
            break
        if word == "ALWAYS" and at.dialect == "sqlite" and at.ahead(1).word == "AS":  # without GENERATED
            break
        if word in ("WITH", "WITHOUT") and at.ahead(1).word not in ("TIME", "LOCAL"):
            break  # of MariaDB: … SYSTEM VERSIONING
        if word == "OPTIONS" and parts and at.ahead(1).word == "(":  # of a foreign table's column
            break
        if word == "(" or word == "[":
            # no space before an argument list, whatever was written
            end = at.after_group(at.index)
            parts.append(_arguments(at, at.index, end))
            at.index = end
            before = at.tokens[end - 1].end
            continue
        if parts and token.start > before and word != "." and parts[-1] != ".":
            parts.append(" ")
        quoted = at.dialect == "sqlite" and token.kind == "name"
        parts.append(token.value if quoted else at.text[token.start : token.end])
        before = token.end
        at.skip()
    return "".join(parts) if at.index > start else None


def _arguments(at: Cursor, start: int, end: int) -> str:
    return at.text_of(start, end).replace("( ", "(").replace(" )", ")")


def read_column(at: Cursor) -> tuple[Column, tuple[Constraint, ...]]:
    """`name type …` up to the comma or parenthesis behind it. Raises Unreadable."""
    name = at.identifier()
    while at.dialect in _MYSQL and at.take("."):  # with its table, as in a query
        name = at.identifier()
    return read_definition(at, name)


def read_definition(at: Cursor, name: str, *, typed: bool = True) -> tuple[Column, tuple[Constraint, ...]]:
    """What stands behind a column's name; `typed`: from its type on. Raises Unreadable."""
    column = Column(name, read_type(at) if typed else None)
    constraints: list[Constraint] = []
    if column.type is not None and column.type.lower() in _SERIALS:
        if at.dialect in _MYSQL:  # BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
            column = replace(column, type="bigint unsigned", generated="identity", nullable=False)
            constraints.append(Constraint("unique", None, (name,)))
        else:
            column = replace(column, generated="serial", nullable=False)
    label: str | None = None
    while not at.done and at.word not in (",", ")"):
        if at.take("CONSTRAINT"):
            label = at.identifier()
            continue
        constraint = _inline(at, name, label)
        if constraint is not None:
            constraints.append(constraint)
            if constraint.kind == "primary_key" and at.dialect != "sqlite":  # there it takes NULL
                column = replace(column, nullable=False)
        elif at.dialect == "oracle" and at.word in ("ADD", "DROP", "MODIFY") and at.index:
            break
        else:
            column = _attribute(at, column)
        label = None
    return column, tuple(constraints)


def _inline(at: Cursor, name: str, label: str | None) -> Constraint | None:
    """A constraint in a column's definition; None where none stands there. Raises Unreadable."""
    if at.take("PRIMARY", "KEY") or (at.word == "KEY" and at.take("KEY")):
        at.take_any(("ASC", "DESC"))
        return _attributes(at, Constraint("primary_key", label, (name,)))
    if at.take("UNIQUE"):
        at.take("KEY")
        kept: tuple[str, ...] = ()
        if at.take("NULLS"):
            kept = ("postgresql_nulls_not_distinct=True",) if at.take("NOT") else ()
            at.take("DISTINCT")
        return _attributes(at, Constraint("unique", label, (name,), kept=kept))
    if at.word == "REFERENCES":
        return _attributes(at, replace(references(at), name=label, columns=(name,)))
    if at.take("CHECK"):
        at.take("NOT", "FOR", "REPLICATION")
        return _attributes(at, Constraint("check", label, (name,), expression=at.group_text()))
    return None


def _attribute(at: Cursor, column: Column) -> Column:
    """The column with what the next words say of it. Raises Unreadable."""
    if at.take("NOT", "NULL"):
        return replace(column, nullable=False)
    if at.take("NULL"):
        return replace(column, nullable=True)
    if at.take("DEFAULT"):
        at.take("ON", "NULL")
        return replace(column, default=at.expression(STOPS))
    if at.take("GENERATED"):
        generated, expression = _generated(at)
        # An identity implies NOT NULL.
        nullable = column.nullable and generated not in NUMBERED
        return replace(column, generated=generated, expression=expression, nullable=nullable)
    if at.word == "AS" and at.ahead(1).word == "(":
        generated, expression = _computed(at)
        return replace(column, generated=generated, expression=expression)
    if at.take_any(("AUTO_INCREMENT", "AUTOINCREMENT")):
        numbered = at.dialect in (*_MYSQL, "sqlite")  # there it implies NOT NULL
        return replace(column, generated="identity", nullable=column.nullable and not numbered)
    if at.take("IDENTITY"):
        at.skip_group()
        return replace(column, generated="identity", nullable=False)
    if at.take("COMMENT"):
        return replace(column, comment=at.string() if at.token.kind in ("string", "word") else None)
    if at.take("ON", "UPDATE"):
        at.skip()
        at.skip_group()
    elif at.take("COLLATE"):
        at.parts()
    elif at.take("CHARACTER", "SET") or at.take("CHARSET") or at.take("AFTER"):
        at.skip()
    elif at.word == "(":
        at.skip_group()
    else:
        at.skip()
    return column


def _attributes(at: Cursor, constraint: Constraint) -> Constraint:
    """DEFERRABLE and NOT VALID behind an inline constraint; it stops where the column's own words go on."""
    while True:
        if at.take("NO", "INHERIT"):
            constraint = keeping(replace(constraint, no_inherit=True), HOLE)
        elif at.word in ("DEFERRABLE", "INITIALLY", "USING", "WITH", "NOT", "CLUSTERED", "NONCLUSTERED"):
            if at.at("NOT", "NULL"):
                return constraint
            before = at.index
            if at.take_any(("CLUSTERED", "NONCLUSTERED", "WITH")):
                constraint = keeping(constraint, HOLE)
                at.skip_group()
            elif at.take("INITIALLY"):
                when = at.take_any(("DEFERRED", "IMMEDIATE"))
                constraint = keeping(constraint, f"initially={python_text(when)}")
            elif at.take("USING", "INDEX", "TABLESPACE"):
                constraint = keeping(constraint, HOLE)
                at.skip()
            elif at.take("DEFERRABLE"):
                constraint = replace(constraint, deferrable=True)
            elif at.take("NOT", "VALID"):
                constraint = replace(constraint, not_valid=True)
            elif at.take("NOT", "ENFORCED"):
                constraint = keeping(replace(constraint, not_valid=True, unenforced=True), HOLE)
            elif at.take("NOT"):
                at.skip()
            if at.index == before:
                return constraint
        else:
            return constraint


def keeping(constraint: Constraint, said: str) -> Constraint:
    """The constraint with one more thing that is said of it."""
    return replace(constraint, kept=(*constraint.kept, said))


def identity_kind(at: Cursor) -> Generated:
    """ALWAYS or BY DEFAULT, where the one or the other stands."""
    if at.take("ALWAYS"):
        return "identity_always"
    if at.take("BY", "DEFAULT"):
        at.take("ON", "NULL")
    return "identity"


def _generated(at: Cursor) -> tuple[Generated | None, str | None]:
    """Behind GENERATED."""
    kind = identity_kind(at)
    if at.take("AS", "IDENTITY"):
        at.skip_group()
        return kind, None
    return _computed(at)


def _computed(at: Cursor) -> tuple[Generated | None, str | None]:
    """AS ( expression ), and how it is kept."""
    if not at.take("AS"):
        return None, None
    expression = at.group_text() if at.word == "(" else None
    if at.take_any(("STORED", "PERSISTED", "PERSISTENT")):
        return "stored", expression
    at.take("VIRTUAL")
    return "virtual", expression
