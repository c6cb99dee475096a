"""What PostgreSQL's statements do that Alembic has no operation for."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    builds: bool = False
    parent: LockMode | None = None  # on the first table, where it differs from that on the second


#: The first that fits counts.
RAW: tuple[Raw, ...] = (
    Raw("cluster", rewrites=True),
    Raw("reindex table", "SHARE", builds=True),
    Raw("reindex index", "SHARE", builds=True),
    Raw("alter table set unlogged", rewrites=True),
    Raw("alter table set logged", rewrites=True),
    Raw("alter table set access method", rewrites=True),
    Raw("alter table set tablespace", rewrites=True),
    Raw("alter table attach partition", scans=True, parent="SHARE UPDATE EXCLUSIVE"),
    Raw("alter table detach partition"),
    Raw("alter table disable trigger", "SHARE ROW EXCLUSIVE"),
    Raw("alter table enable trigger", "SHARE ROW EXCLUSIVE"),
    Raw("alter table validate", "SHARE UPDATE EXCLUSIVE", scans=True),
    Raw("alter table set statistics", "SHARE UPDATE EXCLUSIVE"),
    Raw("alter table enable row level security"),
    Raw("alter table disable row level security"),
    Raw("alter table force row level security"),
    Raw("create trigger", "SHARE ROW EXCLUSIVE"),
    Raw("truncate"),
)
_REINDEXED = r"(?i)\bindex\s+(?:[\w\"]+\.)?\"?([\w$]+)\"?\s*;?\s*$"
_LOCK_MODE = r"(?i)\bin\s+([a-z\s]+?)\s+mode\b"


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
    if action == "vacuum":
        if re.match(r"vacuum\s*(\([^)]*\bfull\b|full\b)", words):
            locks = tuple(Lock(table, "ACCESS EXCLUSIVE") for table in tables)
            yield Effect("VACUUM FULL", locks, rewrites=True, alone=True)
        else:
            yield Effect("VACUUM", alone=True)
        return
    if " concurrently " in words and action.startswith(("reindex", "alter table detach")):
        yield Effect(f"{action.upper().replace('ALTER TABLE ', '')} CONCURRENTLY", alone=True)
        return
    if action == "reindex index" and (named := re.search(_REINDEXED, sql)) is not None:
        found_on = setting.table_of_index(named[1])
        tables = [] if found_on is None else [found_on]
    raw = next((each for each in RAW if action.startswith(each.words)), None)
    if raw is None:
        return
    modes: list[LockMode] = [
        raw.parent if raw.parent is not None and at == 0 else raw.mode for at, _ in enumerate(tables)
    ]
    yield Effect(
        raw.words.upper().replace("ALTER TABLE ", "ALTER TABLE … "),
        tuple(Lock(table, mode) for table, mode in zip(tables, modes, strict=True)),
        rewrites=raw.rewrites,
        scans=raw.scans,
        builds=raw.builds,
    )
