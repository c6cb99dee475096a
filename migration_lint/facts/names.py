"""Names that a database does not take as they are: too long, reserved, or folded unless quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migration_lint.operations import Dialect, Operation, kinds_of

#: What gives a name to a table or a view.
_NAMING = kinds_of("table", "view", to=("made",)) | kinds_of("table", to=("renamed",))

#: The longest name, and what is counted: PostgreSQL (NAMEDATALEN, docs 4.1.1) and Oracle 12.2 bytes, MySQL,
#: MariaDB and SQL Server characters. SQLite has no limit.
LONGEST: dict[Dialect, int] = {"postgresql": 63, "mysql": 64, "mariadb": 64, "mssql": 128, "oracle": 128}

_SHORTEST = 63  # no statement of fewer characters holds a name that is too long

#: Of each the reserved words that no table or column can be called without quotes: PostgreSQL 17, appendix C
#: ("reserved"); MySQL 8.4, 11.3 and SQLite, keywords, as far as somebody is likely to choose them.
RESERVED: dict[Dialect, frozenset[str]] = {
    "postgresql": frozenset(
        """
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
        create current_catalog current_date current_role current_time current_timestamp current_user
        default deferrable desc distinct do else end except false fetch for foreign from grant group having
        in initially intersect into lateral leading limit localtime localtimestamp not null offset on only
        or order placing primary references returning select session_user some symmetric system_user table
        then to trailing true union unique user using variadic when where window with
        """.split()
    ),
    "mysql": frozenset(
        """
        add all alter analyze and as asc before between both by call cascade case change check column
        condition constraint continue convert create cross cube current_user cursor database databases
        default delayed delete desc describe deterministic distinct div double drop dual each else empty
        except exists exit explain false fetch float for force foreign from fulltext function generated get
        grant group grouping groups having if ignore in index inner inout insert int integer intersect
        interval into is iterate join key keys kill lag lead leading leave left like limit lines load lock
        loop match maxvalue mod natural not null of on optimize option or order out outer over partition
        precision primary procedure purge range rank read reads real recursive references release rename
        repeat replace require restrict return revoke right rlike row rows schema select sensitive
        separator set show signal smallint spatial specific sql ssl starting stored system table terminated
        then to trailing trigger true undo union unique unlock unsigned update usage use using values
        varchar varying virtual when where while window with write xor zerofill
        """.split()
    ),
    "sqlite": frozenset(
        """
        add all alter and as autoincrement between case check collate commit constraint create default
        deferrable delete distinct drop else escape except exists foreign from group having if in index
        insert intersect into is isnull join limit not nothing notnull null on or order primary references
        returning select set table then to transaction union unique update using values when where
        """.split()
    ),
}


def given_names(operation: Operation, dialect: Dialect) -> Iterator[str]:
    """The names that an operation gives to what it makes, as they are written."""
    if operation.sql is not None:
        # The operation has them as the database keeps them: cut off.
        from migration_lint.reading.sql.tokens import tokenize

        for token in tokenize(operation.sql, dialect) if len(operation.sql) > _SHORTEST else ():
            if token.kind in ("word", "name"):
                yield token.value
        return
    match operation.kind:
        case "create_table" | "create_view":
            yield operation.table or ""
            yield from (column.name for column in operation.columns)
            yield from (constraint.name or "" for constraint in operation.constraints)
        case "add_column":
            yield from (column.name for column in operation.columns)
            yield from (constraint.name or "" for constraint in operation.constraints)
        case "create_index" if operation.index is not None:
            yield operation.index.name or ""
        case "add_constraint":
            yield from (constraint.name or "" for constraint in operation.constraints)
        case "create_enum":
            yield operation.name or ""
        case "rename_table" | "rename_column" | "rename_index" | "rename_constraint":
            yield operation.new_name or ""


def too_long(names: Iterable[str], dialect: Dialect) -> tuple[str, ...]:
    """Those of the names that are longer than the dialect allows."""
    longest = LONGEST.get(dialect)
    if longest is None:
        return ()
    in_bytes = dialect in ("postgresql", "oracle")
    return tuple(dict.fromkeys(name for name in names if _length(name, in_bytes) > longest))


def _length(name: str, in_bytes: bool) -> int:
    return len(name.encode("utf-8", "surrogatepass")) if in_bytes else len(name)


def reserved(operation: Operation, dialect: Dialect) -> tuple[str, ...]:
    """The names of tables and columns that have to be quoted wherever they are used."""
    words = RESERVED.get("mysql" if dialect == "mariadb" else dialect, frozenset())
    if operation.kind in _NAMING:
        names = [operation.new_name or operation.table or ""]
    elif operation.kind == "rename_column":
        names = [operation.new_name or ""]
    else:
        names = []
    names += [column.name for column in operation.columns]
    return tuple(dict.fromkeys(name for name in names if name and _quoted(name, dialect, words)))


def _quoted(name: str, dialect: Dialect, words: frozenset[str]) -> bool:
    if name.lower() in words:
        return True
    # PostgreSQL folds what is not quoted to lower case, so that `userId` is never found without quotes.
    plain = name.replace("_", "a").replace("$", "a")
    return dialect == "postgresql" and (name != name.lower() or not plain.isalnum() or name[0].isdigit())
