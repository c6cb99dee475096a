"""Actions of ALTER TABLE that change no name, column or type: storage, partitions, triggers, options."""

from __future__ import annotations

from migration_lint.operations import Operation, altered
from migration_lint.reading.sql.altered import AlteredTable, other
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import phrases, words
from migration_lint.reading.sql.tables import take_charset

_ACTIONS = phrases(
    """
    OWNER TO | ENABLE | DISABLE | FORCE | NO FORCE | NOFORCE | REPLICA IDENTITY | CLUSTER ON | SET
    WITHOUT CLUSTER | SET WITHOUT OIDS | SET WITH OIDS | SET ( | SET LOGGED | SET UNLOGGED | SET
    TABLESPACE | SET ACCESS METHOD | RESET | INHERIT | NO INHERIT | OF | NOT OF | ATTACH PARTITION |
    DETACH PARTITION | OPTIONS | SET PUBLICATION | CONVERT TO | DEFAULT CHARACTER | DEFAULT CHARSET
    | DEFAULT COLLATE | CHARACTER SET | CHARSET | COLLATE | ENGINE | ALGORITHM | LOCK | ORDER BY |
    IMPORT | AUTO_INCREMENT | COMMENT | ROW_FORMAT | KEY_BLOCK_SIZE | MAX_ROWS | MIN_ROWS
    | AVG_ROW_LENGTH | CHECKSUM | DELAY_KEY_WRITE | PACK_KEYS | STATS_PERSISTENT | STATS_AUTO_RECALC
    | STATS_SAMPLE_PAGES | TABLESPACE | COMPRESSION | ENCRYPTION | INSERT_METHOD | UNION | WITHOUT |
    WITH VALIDATION | PARTITION BY | PARTITIONS | REMOVE PARTITIONING |
    REORGANIZE PARTITION | COALESCE PARTITION | ANALYZE PARTITION | CHECK PARTITION | OPTIMIZE
    PARTITION | REBUILD | REPAIR PARTITION | ADD PARTITION |
    CHECK CONSTRAINT | NOCHECK CONSTRAINT | WITH CHECK CHECK | WITH NOCHECK CHECK | WITH NOCHECK
    NOCHECK | WITH CHECK NOCHECK | SWITCH | MOVE | SHRINK | LOGGING | NOLOGGING | CACHE | NOCACHE |
    PARALLEL | NOPARALLEL | READ ONLY | READ WRITE | PCTFREE | PCTUSED | INITRANS | STORAGE |
    PAGE_COMPRESSED | PAGE_COMPRESSION_LEVEL | SECONDARY_LOAD | SECONDARY_UNLOAD | SECONDARY_ENGINE
    | WAIT | NOWAIT | SPLIT PARTITION | SPLIT RANGE | MERGE RANGE | MERGE PARTITIONS | SPLIT
    SUBPARTITION | MERGE SUBPARTITIONS | RENAME PARTITION | RENAME SUBPARTITION | MODIFY PARTITION |
    MODIFY SUBPARTITION | MOVE
    PARTITION | CONVERT PARTITION | CONVERT TABLE | ANNOTATIONS | ROW STORE | ROW ARCHIVAL | COLUMN
    STORE | COMPRESS | NOCOMPRESS | INMEMORY | NO INMEMORY | RESULT_CACHE | FLASHBACK | NO FLASHBACK
    | ALLOCATE | DEALLOCATE | UPGRADE | RECORDS_PER_BLOCK | MINIMIZE | MAPPING | ADD SUPPLEMENTAL
    LOG | DROP SUPPLEMENTAL LOG | ADD OVERFLOW | ADD SYSTEM VERSIONING | DROP SYSTEM VERSIONING |
    ADD PERIOD FOR | ADD PERIOD IF | DROP PERIOD FOR | DROP PERIOD IF | CONNECTION | TRANSACTIONAL |
    SEQUENCE | START TRANSACTION | AUTOEXTEND_SIZE | ENGINE_ATTRIBUTE | SECONDARY_ENGINE_ATTRIBUTE |
    DATA DIRECTORY | INDEX DIRECTORY | PASSWORD | SET INTERVAL | SET PARTITIONING | SET SUBPARTITION
    | INTERVAL | DROP PARTITION | TRUNCATE PARTITION | EXCHANGE PARTITION | DROP SUBPARTITION |
    TRUNCATE SUBPARTITION | EXCHANGE SUBPARTITION | DISCARD
    """
)
#: Behind these, a dialect that knows no such action means a column of that name.
_COLUMN_VERBS = frozenset({"ADD", "DROP", "RENAME", "MODIFY"})
_COLUMN_VERB_DIALECTS = frozenset({"mysql", "mariadb", "oracle"})
#: Engines of MySQL and MariaDB that keep what a table holds. FEDERATED, MERGE and their like hold other rows.
_KEEPING = frozenset(
    """
    innodb myisam aria memory heap archive csv ndb ndbcluster rocksdb tokudb columnstore s3 xtradb tianmu
    """.split()
)
#: Actions with a list of names behind them, in which a comma starts no new action.
_LISTS = words("PARTITION PARTITIONS SUBPARTITION SUBPARTITIONS BY TRIGGER CONSTRAINT CHECK NOCHECK")
_ANOTHER_TABLE = frozenset({"EXCHANGE", "SWITCH", "ATTACH", "DETACH", "INHERIT", "CONVERT", "OF"})


def read_other(at: Cursor, table: AlteredTable) -> list[Operation] | None:
    """The action that comes next, if it is one of these; else None and nothing is taken."""
    found = next((phrase for phrase in _ACTIONS.get(at.word, ()) if at.at(*phrase)), None)
    if found is None:
        return None
    if found[0] in _COLUMN_VERBS and at.dialect not in _COLUMN_VERB_DIALECTS:
        return None  # `partition` is a column
    if found == ("SEQUENCE",) and at.dialect == "mariadb":
        value = next((each for each in at.tokens[at.index + 1 :] if each.word != "="), None)
        if value is None or value.value != "0":
            raise Unreadable("the table becomes a sequence, with the columns of one")
    action = _named(at, found)
    start = at.index
    if found == ("ENGINE",):
        action += _engine(at)
    at.skip_item()
    if found[-1] in _LISTS or at.tokens[start + 1 : start + 2] and at.tokens[start + 1].word in _LISTS:
        while at.word == "," and at.ahead(1).kind in ("word", "name", "string") and not _at_action(at):
            at.skip()
            at.skip_item()
    made = other(table, action)
    if found == ("CONVERT", "TO"):
        said = Cursor(at.text, at.tokens, at.dialect, None, start + 2)
        return [altered(made, {"charset": take_charset(said)})]
    if found == ("CONVERT", "TABLE"):  # MariaDB: the other table becomes a partition of this one
        gone = Cursor(at.text, at.tokens, at.dialect, at.schema, start + 2).table_name()
        return [Operation(kind="drop_table", table=gone.name, schema=gone.schema), made]
    if found[0] not in _ANOTHER_TABLE and found != ("NO", "INHERIT"):
        return [made]
    return [_naming(made, _another(at, start, found))]


def _engine(at: Cursor) -> str:
    """What becomes of a table's rows with an engine: " blackhole" where it takes all. Raises Unreadable."""
    engine = at.ahead(2 if at.ahead(1).word == "=" else 1).value.lower()
    if engine == "blackhole":
        return " blackhole"
    if engine not in _KEEPING:
        raise Unreadable(f"whether the engine {engine} keeps the rows is not known")
    return ""


def _at_action(at: Cursor) -> bool:
    """Whether an action stands behind the comma, not one more name of a list."""
    following = at.ahead(1).word
    return following in ("ADD", "ALTER", "CHANGE", "DROP", "MODIFY", "RENAME", "SET") or (
        following in _ACTIONS and (at.ahead(2).kind in ("word", "name", "string") or at.ahead(2).word == "=")
    )


def _named(at: Cursor, phrase: tuple[str, ...]) -> str:
    """The action's words, with those that follow where they say what is switched on."""
    end = at.index
    while end < at.length and end < at.index + 4 and at.tokens[end].kind == "word":
        end += 1
    if phrase[0] in ("ENABLE", "DISABLE", "FORCE", "NO") and at.tokens[end - 1].word == "SECURITY":
        phrase = tuple(token.word for token in at.tokens[at.index : end])
    elif phrase[0] in ("ENABLE", "DISABLE") and len(phrase) == 1:
        phrase = tuple(token.word for token in at.tokens[at.index : min(end, at.index + 2)])
    return " ".join(word for word in phrase if word != "(").lower()


def _another(at: Cursor, start: int, phrase: tuple[str, ...]) -> str | None:
    """The other table of EXCHANGE … WITH TABLE, SWITCH … TO, ATTACH PARTITION, INHERIT, or the type of OF."""
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema, start + len(phrase))
    looking.length = at.index
    if phrase[0] in ("EXCHANGE", "SWITCH"):
        before = "TABLE" if phrase[0] == "EXCHANGE" else "TO"
        while not looking.done and not looking.take(before):
            looking.skip()
    elif phrase == ("CONVERT", "TO") or at.dialect in ("mysql", "mariadb") and phrase[-1] == "PARTITION":
        return None
    if looking.token.kind not in ("word", "name"):
        return None
    try:
        return looking.table_name().dotted
    except Unreadable:
        return None


def _naming(operation: Operation, table: str | None) -> Operation:
    return operation if table is None else altered(operation, {"tables": (*operation.tables, table)})
