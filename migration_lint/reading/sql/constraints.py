"""Constraints of tables and columns, as CREATE TABLE and ALTER TABLE write them."""

from __future__ import annotations

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Constraint, ConstraintKind, Index
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.wording import python_text

_MYSQL_INDEX = frozenset({"INDEX", "KEY", "FULLTEXT", "SPATIAL"})
_ATTRIBUTES_END = frozenset({"CHECK", "CONSTRAINT", "DEFAULT", "FOREIGN", "PRIMARY", "REFERENCES", "UNIQUE"})
#: What may follow a column in an index of SQLite; elsewhere expressions stand in parentheses.
_ORDERED = frozenset({"ASC", "COLLATE", "DESC", "NULLS"})
_ACTIONS = {"CASCADE": "CASCADE", "RESTRICT": "RESTRICT"}


def at_table_constraint(at: Cursor) -> bool:
    """Whether the next item of a table's definition is a constraint or index, not a column."""
    word, following = at.word, at.ahead(1).word
    if word in ("CONSTRAINT", "FOREIGN", "CHECK"):
        return True
    if word == "PRIMARY":
        return following == "KEY"
    if word == "UNIQUE":
        return True
    if word == "EXCLUDE":
        return following in ("USING", "(")
    if word == "NOT":
        return following == "NULL"
    if at.dialect in ("mysql", "mariadb"):
        return word in _MYSQL_INDEX
    return word == "INDEX" and at.dialect == "mssql"


def read_table_constraint(at: Cursor) -> Constraint | Index | None:
    """One table constraint, or the index that MySQL and SQL Server declare beside constraints.

    None: a constraint that does not matter to anybody here (a default's name, a period). Raises
    Unreadable.
    """
    name: str | None = None
    if at.take("CONSTRAINT") and not _at_kind(at):
        at.if_not_exists()
        name = at.identifier()
    if at.take("PRIMARY", "KEY"):
        found = _keyed(at, "primary_key", name)
    elif at.take("UNIQUE"):
        found = _keyed(at, "unique", name)
    elif at.take("FOREIGN", "KEY"):
        at.if_not_exists()
        if at.word != "(":
            given = at.identifier()
            name = name or given
        columns = tuple(at.names())
        found = replace(references(at), name=name, columns=columns)
    elif at.take("CHECK"):
        at.take("NOT", "FOR", "REPLICATION")
        found = Constraint("check", name, expression=at.group_text())
    elif at.word == "EXCLUDE":
        at.skip()
        if at.take("USING"):
            at.skip()
        items = at.group_text() if at.word == "(" else None
        stored = at.index
        if at.take("INCLUDE"):
            at.skip_group()
        if at.take("WITH"):
            at.skip_group()
        if at.take("USING", "INDEX", "TABLESPACE"):
            at.skip()
        kept = (HOLE,) if at.index > stored else ()
        if items is not None and at.take("WHERE"):
            items += f" WHERE {at.group_text()}"
        found = Constraint("exclude", name, expression=items, kept=kept)
    elif at.take("NOT", "NULL"):
        found = Constraint("not_null", name, (at.identifier(),))
    elif at.word in _MYSQL_INDEX:
        return _inline_index(at)
    else:
        at.skip_item()
        return Constraint("unknown", name)
    return _attributes(at, found)


def _at_kind(at: Cursor) -> bool:
    following = at.ahead(1).word
    return (
        (at.word in ("PRIMARY", "FOREIGN") and following == "KEY")
        or (at.word == "CHECK" and following == "(")
        or (at.word == "UNIQUE" and at.dialect in ("mysql", "mariadb"))
    )


def _attributes(at: Cursor, constraint: Constraint) -> Constraint:
    """The constraint with DEFERRABLE, NOT VALID, USING INDEX and the like behind it taken in."""
    not_valid = constraint.not_valid
    deferrable = constraint.deferrable
    using_index = constraint.using_index
    kept = list(constraint.kept)
    unenforced, no_inherit = constraint.unenforced, constraint.no_inherit
    while not at.done and at.word not in (",", ")") and at.word not in _ATTRIBUTES_END:
        if at.take("NOT", "VALID") or at.take("NOVALIDATE"):
            not_valid = True
        elif at.take("NOT", "DEFERRABLE"):
            deferrable = False
        elif at.take("NOT", "ENFORCED"):
            not_valid = unenforced = True
            kept.append(HOLE)
        elif at.take("NO", "INHERIT"):
            no_inherit = True
            kept.append(HOLE)
        elif at.take("NOT", "FOR", "REPLICATION") or at.take("ENFORCED"):
            pass
        elif at.take("INITIALLY"):
            kept.append(f"initially={python_text(at.take_any(('DEFERRED', 'IMMEDIATE')))}")
        elif at.word == "INCLUDE" and at.ahead(1).word == "(":
            at.skip()
            kept.append(f"postgresql_include=[{', '.join(map(python_text, at.names()))}]")
        elif at.at("NOT", "NULL") or at.word == "NULL":
            break
        elif at.take("DEFERRABLE"):
            deferrable = True
        elif at.take("USING", "INDEX"):
            if at.take("TABLESPACE"):
                kept.append(HOLE)
                at.skip()
            elif at.at_name():
                using_index = at.name().name
        elif at.word == "(":
            kept.append(HOLE)
            at.skip_group()
        elif at.dialect == "oracle" and at.word in ("ADD", "DROP", "MODIFY"):
            break
        else:
            kept.append(HOLE)
            at.skip()
    kept_once = tuple(dict.fromkeys(kept))
    unchanged = (constraint.not_valid, constraint.deferrable, constraint.using_index, constraint.kept)
    if unchanged == (not_valid, deferrable, using_index, kept_once):
        return constraint
    return replace(
        constraint,
        not_valid=not_valid,
        deferrable=deferrable,
        using_index=using_index,
        kept=kept_once,
        unenforced=unenforced,
        no_inherit=no_inherit,
    )


def _keyed(at: Cursor, kind: ConstraintKind, name: str | None) -> Constraint:
    """PRIMARY KEY and UNIQUE, behind these words."""
    kept: tuple[str, ...] = ()
    if at.take("NULLS"):
        kept = ("postgresql_nulls_not_distinct=True",) if at.take("NOT") else ()
        at.take("DISTINCT")
    at.take_any(("CLUSTERED", "NONCLUSTERED"))
    at.take("HASH")
    if at.dialect in ("mysql", "mariadb"):
        at.take_any(("INDEX", "KEY"))
        at.if_not_exists()
        if at.at_name() and at.word not in ("USING", "TYPE"):
            given = at.identifier()
            name = name or given
        if at.take_any(("USING", "TYPE")):
            at.skip()
    if at.at("USING", "INDEX"):
        return Constraint(kind, name, kept=kept)
    if at.word != "(":
        raise Unreadable(f"the columns of a key expected, not {at.here()}")
    columns = at.names()
    if kind == "primary_key":  # SQLite takes one twice
        columns = list(dict.fromkeys(columns))
    return Constraint(kind, name, tuple(columns), kept=kept)


def references(at: Cursor) -> Constraint:
    """REFERENCES and its target, from that word on. Raises Unreadable."""
    at.expect("REFERENCES")
    target = at.name(default=at.schema)
    columns: tuple[str, ...] = tuple(at.names()) if at.word == "(" else ()
    on_delete = on_update = None
    kept: tuple[str, ...] = ()
    while True:
        if at.take("MATCH"):
            kept = (f"match={python_text(at.word)}",) if at.word != "SIMPLE" else ()
            at.skip()
        elif at.take("ON", "DELETE"):
            on_delete = _action(at)
        elif at.take("ON", "UPDATE"):
            on_update = _action(at)
        else:
            break
    return Constraint(
        "foreign_key",
        referred_table=target.name,
        referred_schema=target.schema,
        referred_columns=columns,
        on_delete=on_delete,
        on_update=on_update,
        kept=kept,
    )


def _action(at: Cursor) -> str:
    if at.take("SET", "NULL"):
        action = "SET NULL"
    elif at.take("SET", "DEFAULT"):
        action = "SET DEFAULT"
    elif at.take("NO", "ACTION"):
        return "NO ACTION"
    else:
        return _ACTIONS.get(at.take_any(_ACTIONS), "NO ACTION")
    if at.word == "(":  # SET NULL (a, b)
        at.skip_group()
    return action


def _inline_index(at: Cursor) -> Index:
    """MySQL's INDEX / KEY and SQL Server's INDEX inside a table's definition."""
    using = at.take_any(("FULLTEXT", "SPATIAL")).lower() or None
    at.take_any(("INDEX", "KEY"))
    at.if_not_exists()
    name = at.identifier() if at.word != "(" and at.word not in ("USING", "TYPE") and at.at_name() else None
    unique = at.take("UNIQUE")
    at.take_any(("CLUSTERED", "NONCLUSTERED"))
    at.take_any(("HASH", "COLUMNSTORE"))
    if at.take_any(("USING", "TYPE")):
        using = at.identifier().lower()
    columns, expressions = index_columns(at) if at.word == "(" or at.dialect != "mssql" else ((), False)
    at.skip_item()
    return Index(name, columns, expressions, unique=unique, using=using)


def index_columns(at: Cursor) -> tuple[tuple[str, ...], bool]:
    """`(a, lower(b) DESC)` → the plain names and the texts of expressions; whether there are expressions."""
    at.expect("(")
    found: list[str] = []
    expressions = False
    while not at.done and at.word != ")":
        start = at.index
        token = at.token
        following = at.ahead(1)
        length = following.word == "(" and at.ahead(2).kind == "number" and at.ahead(3).word == ")"
        if token.kind == "string":
            plain = at.at_name()
        else:
            plain = token.kind in ("word", "name") and (
                following.word in (",", ")")
                or (
                    following.word in _ORDERED
                    if at.dialect == "sqlite"
                    else following.kind in ("word", "name")
                )
                or (length and at.dialect in ("mysql", "mariadb"))
            )
        if plain and token.word != "CASE":
            found.append(at.identifier())
            at.skip_item()
        else:
            expressions = True
            at.skip_until(("ASC", "DESC", "NULLS"))
            if at.index == start:
                at.skip()
            found.append(at.text_of(start, at.index))
            at.skip_item()
        at.take(",")
    at.expect(")")
    return tuple(found), expressions
