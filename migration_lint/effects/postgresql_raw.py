"""What PostgreSQL's statements do that Alembic has no operation for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from migration_lint.catalog.attached import default_partition, partition_key
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.model import Key
from migration_lint.effects.model import Effect, Lock
from migration_lint.effects.setting import Setting
from migration_lint.effects.words import MODES, LockMode
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation


class Raw(NamedTuple):
    """What a statement does to the tables that it names."""

    words: str  # how the statement, or the action of ALTER TABLE, begins
    mode: LockMode = "ACCESS EXCLUSIVE"
    rewrites: bool = False
    scans: bool = False


#: The first that fits counts.
RAW: tuple[Raw, ...] = (
    Raw("cluster", rewrites=True),
    Raw("alter table set unlogged", rewrites=True),
    Raw("alter table set logged", rewrites=True),
    Raw("alter table set access method", rewrites=True),
    Raw("alter table set tablespace", rewrites=True),
    Raw("alter table disable trigger", "SHARE ROW EXCLUSIVE"),
    Raw("alter table enable trigger", "SHARE ROW EXCLUSIVE"),
    Raw("alter table validate", "SHARE UPDATE EXCLUSIVE", scans=True),
    Raw("alter table set statistics", "SHARE UPDATE EXCLUSIVE"),
    Raw("alter table cluster on", "SHARE UPDATE EXCLUSIVE"),
    Raw("alter table set without cluster", "SHARE UPDATE EXCLUSIVE"),
    Raw("alter table alter constraint"),
    Raw("alter table enable row level security"),
    Raw("alter table disable row level security"),
    Raw("alter table force row level security"),
    Raw("alter table no force row level security"),
    Raw("alter table owner to"),
    Raw("alter table replica identity"),
    Raw("alter table inherit"),
    Raw("alter table no inherit"),
    Raw("create trigger", "SHARE ROW EXCLUSIVE"),
    Raw("drop trigger"),
    Raw("create policy"),
    Raw("alter policy"),
    Raw("drop policy"),
    Raw("create rule"),
    Raw("drop rule"),
    Raw("truncate"),
)
_LOCK_MODE = r"(?i)\bin\s+([a-z\s]+?)\s+mode\b"
_REINDEX = (
    r"(?i)reindex\s*(\([^)]*\))?\s*(index|table|schema|database|system)\s+(concurrently\s+)?"
    r"(?:[\w\"]+\.)?\"?([\w$]*)"
)


def raw_effects(operation: Operation, setting: Setting) -> Iterator[Effect]:
    """What a statement of kind other_ddl or dml does; nothing where it is not known, or only locks rows."""
    action, sql = operation.action or "", operation.sql or ""
    tables = [setting.catalog.key_of(name) for name in operation.tables]
    words = " ".join(sql.split()).lower()
    if action == "lock table" or words.startswith("lock "):
        found = re.search(_LOCK_MODE, sql)
        said = " ".join(found[1].upper().split()) if found else "ACCESS EXCLUSIVE"
        mode: LockMode = next((each for each in MODES if each == said), "ACCESS EXCLUSIVE")
        yield Effect("LOCK TABLE", tuple(Lock(table, mode) for table in tables))
        return
    special = _SPECIAL.get(action.split(" ")[0]) or _SPECIAL.get(action)
    if special is not None:
        yield from special(operation, setting, words, tables)
        return
    raw = next((each for each in RAW if action.startswith(each.words)), None)
    if raw is None:
        return
    yield Effect(
        raw.words.upper().replace("ALTER TABLE ", "ALTER TABLE … "),
        tuple(Lock(table, raw.mode) for table in tables),
        rewrites=raw.rewrites,
        scans=raw.scans,
    )


def _vacuum(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    options = re.match(r"vacuum\s*\(([^)]*)\)", words)
    full = re.search(r"\bfull\b(?!\s*(?:false|off|0))", options[1] if options else words[:40])
    if full is None:
        yield Effect("VACUUM", alone=True)
        return
    made = Effect(
        "VACUUM FULL", tuple(Lock(each, "ACCESS EXCLUSIVE") for each in tables), rewrites=True, alone=True
    )
    yield made if tables else made._replace(elsewhere="every table")


def _reindex(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    found = re.match(_REINDEX, (operation.sql or "").strip())
    if found is None:
        return
    options, what, name = (found[1] or "").lower(), found[2].lower(), found[4]
    concurrently = bool(found[3]) or re.search(r"\bconcurrently\b(?!\s*(?:false|off|0))", options) is not None
    statement = f"REINDEX {what.upper()}" + (" CONCURRENTLY" if concurrently else "")
    if concurrently:
        yield Effect(statement, alone=True)
        return
    if what in ("schema", "database", "system"):
        where = f"every table of {name}" if what == "schema" else "every table"
        yield Effect(statement, builds=True, alone=True, elsewhere=where, elsewhere_mode="SHARE")
        return
    known = setting.table_of_index(name) if what == "index" else None
    if what == "index" and known is None:
        yield Effect(statement, builds=True, elsewhere=f"the table of {name}", elsewhere_mode="SHARE")
        return
    keys = tables if known is None else (known,)
    locks = tuple(Lock(each, "SHARE") for each in keys)
    yield Effect(statement, locks, builds=True, builds_all=what == "table")


def _refresh(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    concurrently = " concurrently " in words
    if words.endswith("with no data") or words.endswith("with no data;"):
        yield Effect("REFRESH MATERIALIZED VIEW", tuple(Lock(each, "ACCESS EXCLUSIVE") for each in tables))
        return
    mode: LockMode = "EXCLUSIVE" if concurrently else "ACCESS EXCLUSIVE"
    statement = "REFRESH MATERIALIZED VIEW" + (" CONCURRENTLY" if concurrently else "")
    yield Effect(statement, tuple(Lock(each, mode) for each in tables), rewrites=not concurrently)


def _attach(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    statement = "ALTER TABLE … ATTACH PARTITION"
    if len(tables) < 2:
        return
    parent, child = tables[:2]
    default = default_partition(setting.catalog, parent)
    locks = [Lock(parent, "SHARE UPDATE EXCLUSIVE"), Lock(child, "ACCESS EXCLUSIVE")]
    locks += [] if default is None else [Lock(default, "ACCESS EXCLUSIVE")]
    key = partition_key(setting.catalog, parent)
    read = tuple(
        each for each in (child, default) if each is not None and not _is_checked(each, key, setting)
    )
    if not read:
        yield Effect(statement, tuple(locks))
        return
    why = "every row of the default partition is read" if default is not None else "every row of it is read"
    # Without a default partition nobody but the users of the new partition waits.
    yield Effect(statement, tuple(locks), scans=True, through=read, why=why, certain=default is not None)


def _detach(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    default = default_partition(setting.catalog, tables[0]) if tables else None
    kept = (
        ""
        if default is None
        else f"PostgreSQL detaches nothing CONCURRENTLY while there is {default[1]}, the default partition"
    )
    if " concurrently" in words:
        yield Effect("DETACH PARTITION CONCURRENTLY", alone=True, refused=kept)
        return
    locks = [*tables, *([] if default is None else [default])]
    yield Effect(
        "ALTER TABLE … DETACH PARTITION", tuple(Lock(each, "ACCESS EXCLUSIVE") for each in locks), why=kept
    )


def _is_checked(table: Key, key: str, setting: Setting) -> bool:
    """Whether a valid CHECK of a table is about the partition key, so that its rows need not be read."""
    found = setting.catalog.get(table)
    inside = re.search(r"\((.*)\)", key)
    columns = [each.strip(' "') for each in inside[1].split(",")] if inside else []
    return found is not None and any(
        each.kind == "check"
        and not each.not_valid
        and any(mentions(each.expression, name) for name in columns)
        for each in found.constraints
    )


def _domain(operation: Operation, setting: Setting, words: str, tables: Sequence[Key]) -> Iterator[Effect]:
    checks = re.search(r"\b(add|validate)\b|\bset not null\b", words)
    if checks is None or words.rstrip("; ").endswith("not valid"):
        return
    catalog, name = setting.catalog, operation.name or ""
    using = [
        catalog.key(table.schema, table.name)
        for table in catalog.tables()
        if any(
            (catalog.canonical(each.type) or "").replace('"', "").rpartition(".")[2] == name
            for each in table.columns.values()
        )
    ]
    why = f"every value of {name} is checked"
    yield Effect("ALTER DOMAIN", tuple(Lock(each, "SHARE") for each in using), scans=True, why=why)


_Statement = Callable[[Operation, Setting, str, Sequence[Key]], Iterator[Effect]]
#: By the first word, or the whole action, of a statement that is more than a row of RAW.
_SPECIAL: dict[str, _Statement] = {
    "vacuum": _vacuum,
    "reindex": _reindex,
    "refresh": _refresh,
    "alter table attach partition": _attach,
    "alter table detach partition": _detach,
    "alter domain": _domain,
}
