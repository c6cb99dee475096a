"""What an operation does to a MySQL or a MariaDB, statement by statement as Alembic renders it.

Of each statement: the cheapest way in which InnoDB can do it (ALGORITHM), and whether writes wait (LOCK).
Reads never do, but for the moment in which any change of a table begins and ends. From
https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html and
https://mariadb.com/kb/en/innodb-online-ddl-overview/; `tests/live` asks a real MariaDB.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migration_lint.catalog.model import CatalogColumn, Table
from migration_lint.effects.in_the_way import in_the_way
from migration_lint.effects.lost import lost
from migration_lint.effects.model import NOTHING, Effect, Lock
from migration_lint.effects.setting import Setting
from migration_lint.effects.types import Around, judge
from migration_lint.effects.words import Algorithm
from migration_lint.operations import NUMBERED, Column, Constraint, Kind, Operation

#: Instant since: adding a column at the end; at any place; dropping one. (MySQL, MariaDB)
ADDED_SINCE = {"mysql": (8, 0, 12), "mariadb": (10, 3, 2)}
DROPPED_SINCE = {"mysql": (8, 0, 29), "mariadb": (10, 4)}
#: MariaDB: "ALGORITHM=COPY … LOCK=NONE": a copy lets writes through.
ONLINE_COPY_SINCE = (11, 2)
#: MySQL: a CHECK was read and forgotten before.
CHECKED_SINCE = (8, 0, 16)

#: Functions that MariaDB works out anew for each row when a column with them is added.
EACH_ROW = frozenset(("uuid", "sys_guid", "uuid_short", "sysdate", "utc_timestamp", "random_bytes"))
_CONSTANT = r"""(?ix)
    \(*\s* (?: [-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)? | [bxn]?'(?:[^']|'')*' | "(?:[^"]|"")*" | 0x[0-9a-f]+
    | null | true | false
    | (?:current_timestamp|now|localtimestamp|localtime)(?:\s*\(\s*\d*\s*\))?(?:\s+on\s+update\s+.*)? ) \s*\)*
"""


def effects(operation: Operation, setting: Setting) -> tuple[Effect, ...]:
    """What each statement of the operation does; empty where nothing is known of it."""
    found = tuple(_KINDS[operation.kind](operation, setting))
    if found:
        work = found[0].judgement.work if found[0].judgement is not None else "same"
        changed = work != "same" if setting.dialect == "mariadb" else work == "rewrite" and found[0].certain
        why = in_the_way(operation, setting, changed)
        if why.why and not found[0].fails:
            found = (found[0]._replace(fails=why.why, obstacle=(why.name, why.table)), *found[1:])
    asked = _asked(operation, setting)
    found = tuple(asked(each) for each in found) if asked is not None else found
    if operation.stated is not None and found:
        missing = lost(operation, _column(operation, setting), setting.table(operation), setting.catalog.fold)
        found = (found[0]._replace(lost=tuple(each.sql for each in missing)), *found[1:])
    return found


def constraint_effect(operation: Operation, setting: Setting, made_by: Operation) -> Effect:
    """What making the one constraint of `operation` does where `made_by` makes it: with a table, a column."""
    constraint = operation.constraints[0]
    if made_by.kind == "create_table" or made_by.sql is not None:
        return NOTHING
    if constraint.kind in ("check", "primary_key") or (constraint.kind == "foreign_key" and made_by.inline):
        return NOTHING  # it is part of ADD COLUMN, or not made at all
    return _constraint(operation, constraint, setting)


def _made(operation: Operation, statement: str, algorithm: Algorithm = "instant", why: str = "") -> Effect:
    return Effect(statement, algorithm=algorithm, rewrites=algorithm == "copy", why=why)


def _copied(operation: Operation, setting: Setting, statement: str, why: str) -> Effect:
    """The table is copied. Writes wait, but on a MariaDB that is new enough."""
    made = _made(operation, statement, "copy", why)
    if setting.dialect == "mariadb":
        if setting.version >= ONLINE_COPY_SINCE:
            return made
        made = made._replace(certain=bool(setting.version))
    return _shared(made, operation, setting)


def _shared(made: Effect, operation: Operation, setting: Setting) -> Effect:
    """The same with LOCK=SHARED: writes wait."""
    return made._replace(locks=(Lock(setting.key(operation), "SHARE"),))


def _instant(statement: str) -> Callable[[Operation, Setting], Iterator[Effect]]:
    def make(operation: Operation, setting: Setting) -> Iterator[Effect]:
        yield _made(operation, statement)

    return make


# Columns


def _add_column(operation: Operation, setting: Setting) -> Iterator[Effect]:
    column = operation.columns[0] if operation.columns else Column(operation.column or "")
    yield _adding(operation, column, setting)
    for constraint in operation.constraints:
        found = constraint_effect(
            Operation(
                kind="add_constraint",
                table=operation.table,
                schema=operation.schema,
                constraints=(constraint,),
            ),
            setting,
            operation,
        )
        if found is not NOTHING:
            yield found


def _adding(operation: Operation, column: Column, setting: Setting) -> Effect:
    statement = "ALTER TABLE … ADD COLUMN"
    keys = {each.kind for each in operation.constraints}
    if column.generated == "stored":
        return _copied(operation, setting, statement, "it is worked out and stored for every row")
    if column.generated in NUMBERED:
        made = _made(operation, statement, "inplace", "every row gets a number")
        return _shared(made._replace(rewrites=True), operation, setting)
    if "foreign_key" in keys and setting.dialect == "mariadb" and (operation.inline or operation.sql):
        return _copied(operation, setting, statement, "for every row the other one is looked up")
    if column.generated is None and column.default is not None:
        called = {name.lower() for name in re.findall(r"([A-Za-z_]\w*)\s*\(", column.default)}
        if called & EACH_ROW:
            why = f"{column.default} has another value for each row"
            return _copied(operation, setting, statement, why)
        if setting.dialect == "mysql" and not re.fullmatch(_CONSTANT, column.default.strip()):
            made = _copied(operation, setting, statement, f"{column.default} is worked out for every row")
            return made._replace(certain=False)
    if setting.before(ADDED_SINCE[setting.dialect]):
        why = "every row gets the column"
        return _made(operation, statement, "inplace", why)._replace(rewrites=True)
    return _made(operation, statement)


def _drop_column(operation: Operation, setting: Setting) -> Iterator[Effect]:
    made = _made(operation, "ALTER TABLE … DROP COLUMN")
    if setting.before(DROPPED_SINCE[setting.dialect]):
        made = made._replace(algorithm="inplace", rewrites=True, why="every row loses the column")
    elif _is_indexed(operation, setting):
        made = made._replace(algorithm="nocopy")
    yield made


def _alter_type(operation: Operation, setting: Setting) -> Iterator[Effect]:
    column = _column(operation, setting)
    old = operation.existing_type if column is None or column.type is None else column.type
    table = setting.table(operation)
    charset = table.charset if table is not None else None
    around = Around(operation.column or "", indexed=_is_indexed(operation, setting), charset=charset)
    judged = judge(old, operation.type, setting.dialect, setting.version, around)
    statement = "ALTER TABLE … MODIFY"
    if judged.work != "rewrite":
        algorithm: Algorithm = "nocopy" if judged.work == "index_rebuild" else "instant"
        yield _made(operation, statement, algorithm, judged.why)._replace(judgement=judged)
        return
    made = _copied(operation, setting, statement, judged.why)
    certain = judged.certain and made.certain
    usual = judged.usual and made.certain
    yield made._replace(judgement=judged._replace(certain=certain, usual=usual), certain=certain)


def _set_nullable(operation: Operation, setting: Setting) -> Iterator[Effect]:
    column = _column(operation, setting)
    made = _made(operation, "ALTER TABLE … MODIFY")
    table = setting.table(operation)
    stored = table is not None and any(each.generated == "stored" for each in table.columns.values())
    tightened = operation.nullable is False and (column is None or column.nullable is not False)
    if tightened and stored and setting.dialect == "mariadb":
        yield _copied(
            operation, setting, made.statement, "the table has a column that is worked out and stored"
        )
        return
    if column is None or column.nullable is not operation.nullable:
        made = made._replace(algorithm="inplace", rewrites=True, why="every row is written anew")
    yield made


def _column(operation: Operation, setting: Setting) -> CatalogColumn | None:
    table = setting.table(operation)
    if table is None or operation.column is None:
        return None
    return table.columns.get(setting.catalog.fold(operation.column))


def _is_indexed(operation: Operation, setting: Setting) -> bool:
    table, fold = setting.table(operation), setting.catalog.fold
    if table is None or operation.column is None:
        return False
    found = [each.columns for each in table.indexes]
    found += [each.columns for each in table.constraints if each.kind != "check"]
    return any(fold(operation.column) in map(fold, columns) for columns in found)


# Indexes and constraints


def _create_index(operation: Operation, setting: Setting) -> Iterator[Effect]:
    using = (operation.index.using if operation.index is not None else None) or ""
    if using not in ("fulltext", "spatial"):
        yield _made(operation, "CREATE INDEX", "nocopy")._replace(scans=True, builds=True)
        return
    algorithm: Algorithm = "inplace" if using == "fulltext" else "nocopy"
    made = _made(operation, f"CREATE {using.upper()} INDEX", algorithm)
    yield _shared(made._replace(scans=True, builds=True), operation, setting)


def _drop_index(operation: Operation, setting: Setting) -> Iterator[Effect]:
    yield _made(operation, "DROP INDEX", "nocopy")


def _add_constraint(operation: Operation, setting: Setting) -> Iterator[Effect]:
    for constraint in operation.constraints:
        yield _constraint(operation, constraint, setting)


def _constraint(operation: Operation, constraint: Constraint, setting: Setting) -> Effect:
    match constraint.kind:
        case "foreign_key":
            statement = "ALTER TABLE … ADD FOREIGN KEY"
            if setting.unchecked:
                return _made(operation, statement, "nocopy")
            made = _copied(operation, setting, statement, "for every row the other one is looked up")
            return made._replace(scans=True)
        case "unique":
            made = _made(operation, "ALTER TABLE … ADD UNIQUE", "nocopy", "its index is built")
            if _holds_text(operation, constraint, setting):
                return _copied(operation, setting, made.statement, "a text without a limit is hashed for it")
            return made._replace(scans=True, builds=True)
        case "primary_key":
            made = _made(
                operation, "ALTER TABLE … ADD PRIMARY KEY", "inplace", "the rows are put in its order"
            )
            return made._replace(rewrites=True)
        case "check":
            statement = "ALTER TABLE … ADD CHECK"
            if setting.dialect == "mysql" and setting.before(CHECKED_SINCE):
                return _made(operation, statement)
            return _copied(operation, setting, statement, "every row is checked")._replace(scans=True)
    return NOTHING


def _holds_text(operation: Operation, constraint: Constraint, setting: Setting) -> bool:
    """MariaDB: whether a unique key is one over a text without a limit."""
    table = setting.table(operation)
    found = [table.columns.get(setting.catalog.fold(each)) for each in constraint.columns] if table else []
    return setting.dialect == "mariadb" and any(
        each is not None and re.match(r"(?i)\w*(text|blob)\b", each.type or "") for each in found
    )


def _drop_constraint(operation: Operation, setting: Setting) -> Iterator[Effect]:
    constraint = operation.constraints[0] if operation.constraints else None
    table = setting.table(operation)
    if constraint is None or constraint.kind != "primary_key":
        yield _made(operation, "ALTER TABLE … DROP CONSTRAINT", "nocopy")
    elif re.search(r"(?i)\badd\s+(constraint\s+\S+\s+)?primary\s+key\b", operation.sql or ""):
        made = _made(operation, "ALTER TABLE … DROP PRIMARY KEY, ADD PRIMARY KEY", "inplace")
        yield made._replace(rewrites=True)
    else:
        made = _copied(operation, setting, "ALTER TABLE … DROP PRIMARY KEY", "the rows are in its order")
        if numbered := _numbered(table, setting):
            made = made._replace(fails=f"{numbered} has AUTO_INCREMENT, and must be a key")
        yield made


def _numbered(table: Table | None, setting: Setting) -> str:
    """The column of the primary key that the server numbers, unless another key begins with it."""
    if table is None:
        return ""
    fold = setting.catalog.fold
    for column in table.columns.values():
        if column.generated in NUMBERED and not column.uncertain:
            begins = [each.columns[:1] for each in table.indexes]
            begins += [
                each.columns[:1] for each in table.constraints if each.kind in ("unique", "foreign_key")
            ]
            if not any(fold(first) == fold(column.name) for (first,) in (b for b in begins if b)):
                return column.name
    return ""


# Other statements


#: What is always done by a copy, and why.
_COPYING = {
    "alter table partition by": "every row is put into its partition",
    "alter table remove partitioning": "every row is taken out of its partition",
    "alter table reorganize partition": "the rows of the partitions are put into others",
    "alter table coalesce partition": "the rows of some partitions are put into others",
    "alter table order by": "the rows are put into another order",
    "alter table add system versioning": "every row gets the times from and to which it holds",
    "alter table drop system versioning": "every row loses the times from and to which it holds",
}


def _raw(operation: Operation, setting: Setting) -> Iterator[Effect]:
    action = operation.action or ""
    sql = " ".join((operation.sql or "").split()).lower()
    if action == "alter table convert to":
        charset = re.search(r"(?:character set|charset)\s+(\w+)", sql)
        why = f"every text is written in {charset[1]}" if charset else "every text is written anew"
        made = _copied(operation, setting, "ALTER TABLE … CONVERT TO CHARACTER SET", why)
        yield made._replace(certain=False)  # where all of it is in that character set, nothing is done
    elif action.startswith("alter table engine") and (engine := re.search(r"\bengine\s*=?\s*(\w+)", sql)):
        if engine[1] != "innodb":
            yield _copied(operation, setting, "ALTER TABLE … ENGINE", f"it is stored by {engine[1]}")
        else:
            yield _made(operation, "ALTER TABLE … ENGINE", "inplace")._replace(rewrites=True)
    elif action in _COPYING:
        yield _copied(operation, setting, f"ALTER TABLE … {action[12:].upper()}", _COPYING[action])
    elif action == "alter table exchange partition" and "without validation" not in sql:
        made = _made(
            operation, "ALTER TABLE … EXCHANGE PARTITION", why="every row of the other table is read"
        )
        locks = tuple(Lock(setting.catalog.key_of(each), "ACCESS EXCLUSIVE") for each in operation.tables)
        yield made._replace(locks=locks, scans=True)
    elif action in ("alter table lock", "alter table algorithm"):  # the statement's other parts take them up
        return


def _exclusive(made: Effect, operation: Operation, setting: Setting) -> Effect:
    """The same with LOCK=EXCLUSIVE: reads wait, too."""
    return made._replace(locks=(Lock(setting.key(operation), "ACCESS EXCLUSIVE"),))


def _asked(operation: Operation, setting: Setting) -> Callable[[Effect], Effect] | None:
    """What ALGORITHM= and LOCK= of a statement in SQL make of its effect."""
    sql = (operation.sql or "").lower()
    words = dict(re.findall(r"\b(algorithm|lock)\s*=\s*(\w+)", sql))
    if not words:
        return None

    def change(effect: Effect) -> Effect:
        if effect.algorithm is None:
            return effect
        if words.get("algorithm") == "copy" and effect.algorithm != "copy":
            made = _copied(operation, setting, effect.statement, "the statement asks for a copy")
            return made if words.get("lock") != "exclusive" else _exclusive(made, operation, setting)
        lock = words.get("lock", "")
        if lock in ("shared", "exclusive") and effect.statement:
            made = (_shared if lock == "shared" else _exclusive)(effect, operation, setting)
            if made.locks != effect.locks:
                made = made._replace(why=f"the statement asks for LOCK={lock.upper()}")
            return made
        cheap = words.get("algorithm") in ("instant", "nocopy", "inplace") and effect.algorithm == "copy"
        if effect.locks and (cheap or words.get("lock") == "none"):
            # It is refused where it would keep writes waiting, which is what it is said for.
            return effect._replace(locks=(), rewrites=False, scans=False, builds=False, judgement=None)
        return effect

    return change


def _unknown(operation: Operation, setting: Setting) -> Iterator[Effect]:
    yield from ()


#: Every kind of operation.
_KINDS: dict[Kind, Callable[[Operation, Setting], Iterator[Effect]]] = {
    "create_table": _instant("CREATE TABLE"),
    "drop_table": _instant("DROP TABLE"),
    "rename_table": _instant("ALTER TABLE … RENAME"),
    "move_table": _instant("ALTER TABLE … RENAME"),
    "recreate_table": _instant("DROP TABLE"),
    "add_column": _add_column,
    "drop_column": _drop_column,
    "rename_column": _instant("ALTER TABLE … CHANGE"),
    "set_default": _instant("ALTER TABLE … ALTER COLUMN"),
    "set_generated": _instant("ALTER TABLE … ALTER COLUMN"),
    "set_comment": _instant("ALTER TABLE … MODIFY"),
    "alter_type": _alter_type,
    "set_nullable": _set_nullable,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "rename_index": _instant("ALTER TABLE … RENAME INDEX"),
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
    "other_ddl": _raw,
    "rename_constraint": _unknown,
    "validate_constraint": _unknown,
    "create_enum": _unknown,
    "alter_enum": _unknown,
    "drop_enum": _unknown,
    "create_view": _unknown,
    "drop_view": _unknown,
    "rename_schema": _unknown,
    "drop_schema": _unknown,
    "dml": _unknown,
    "opaque": _unknown,
}
