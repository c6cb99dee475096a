"""However a statement is spelled, it is read the same; whatever the text, reading it does not fail."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from migration_lint.operations import DIALECTS, HOLE, Dialect, Operation, from_json, to_json
from migration_lint.reading.sql import read_sql

_GAPS = st.lists(
    st.sampled_from([" ", "\n", "\t", "\r\n", "/* DROP TABLE x; */", "-- ; ' \" $$\n", "/**/"]),
    min_size=1,
    max_size=3,
).map(lambda parts: " " + "".join(parts))
#: Words in capitals may be spelled in any case; the rest stays.
_STATEMENTS: dict[str, dict[str, Any]] = {
    "ALTER TABLE t DROP COLUMN a": {"kind": "drop_column", "table": "t", "column": "a"},
    "ALTER TABLE s . t DROP a": {"kind": "drop_column", "table": "t", "schema": "s", "column": "a"},
    'ALTER TABLE "t" RENAME COLUMN "a" TO "b c"': {
        "kind": "rename_column",
        "table": "t",
        "column": "a",
        "new_name": "b c",
    },
    "ALTER TABLE IF EXISTS ONLY t RENAME TO u": {
        "kind": "rename_table",
        "table": "t",
        "new_name": "u",
        "only": True,
        "if_exists": True,
    },
    "ALTER TABLE t ALTER a SET DATA TYPE bigint": {
        "kind": "alter_type",
        "table": "t",
        "column": "a",
        "type": "bigint",
    },
    "DROP TABLE IF EXISTS t CASCADE": {
        "kind": "drop_table",
        "table": "t",
        "if_exists": True,
        "cascade": True,
    },
    "ALTER TABLE t SET SCHEMA s": {"kind": "move_table", "table": "t", "new_schema": "s"},
    "DROP TYPE k CASCADE": {"kind": "drop_enum", "name": "k", "cascade": True},
}


@given(st.data(), st.sampled_from(list(_STATEMENTS)))
@settings(max_examples=200, deadline=None)
def test_case_white_space_and_comments_change_nothing(data: st.DataObject, statement: str) -> None:
    words = [
        word if word != word.upper() else data.draw(st.sampled_from([word, word.lower(), word.title()]))
        for word in statement.replace('"b c"', '"b\0c"').split(" ")
    ]
    text = "".join(word + data.draw(_GAPS) for word in words).replace("\0", " ")
    wrapped = data.draw(st.sampled_from(["{}", ";;{};", "SELECT 1;{}", "DO $q$ BEGIN {}; END $q$"]))
    operations = [
        operation
        for operation in read_sql(wrapped.format(text), "postgresql").operations
        if operation.kind != "dml"
    ]
    assert [{**to_json(operation), "sql": None} for operation in operations] == [
        {**_STATEMENTS[statement], "sql": None}
    ]


_PIECES = (
    r"""
    ALTER TABLE ADD DROP COLUMN RENAME TO CREATE INDEX ON UNIQUE VIEW AS SELECT FROM WITH INTO DO BEGIN END
    IF THEN ELSE ELSIF LOOP FOR IN EXECUTE IMMEDIATE format NOT NULL DEFAULT PRIMARY KEY REFERENCES CASCADE
    ONLY CASE WHEN EXCEPTION ARRAY FOREACH DECLARE SET EXEC sp_rename PREPARE TYPE ENUM VALUE USING MODIFY
    CHANGE COMMENT IS GO DELIMITER COPY stdin search_path SCHEMA CONSTRAINT CHECK FOREIGN EXCLUDE PARTITION
    OF LIKE set_config AddGeometryColumn CALL WHILE REPEAT UNTIL UNNEST FUNCTION PROCEDURE LANGUAGE plpgsql
    ( ) , ; . [ ] || + := = :: * < > / \ // $$ $x$ 'a' 'b "c" `d` [e] " ' ` /* */ -- # /*! @x :p %s ? 1 .5
    a b t x.y text varchar(5) int[] E'\'' N'x' q'[ U&"\0061" U&'\+zz'
    """.split()
    + ["\n", HOLE, f"{HOLE}_x", f'"{HOLE}"']
)


@given(
    st.lists(st.sampled_from(_PIECES), max_size=40),
    st.sampled_from([" ", ""]),
    st.sampled_from(DIALECTS),
    st.sampled_from(
        ["{}", "DO $$ BEGIN {} END $$", "ALTER TABLE t {}", "CREATE TABLE t ({})", "BEGIN {} END;"]
    ),
)
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(pieces: list[str], between: str, dialect: Dialect, around: str) -> None:
    for operation in read_sql(around.replace("{}", between.join(pieces)), dialect).operations:
        check(operation)


@given(st.text(max_size=60), st.sampled_from(DIALECTS))
@settings(max_examples=200, deadline=None)
def test_any_characters_are_read(text: str, dialect: Dialect) -> None:
    for operation in read_sql(text, dialect).operations:
        check(operation)


def check(operation: Operation) -> None:
    """What holds of every operation, whatever the text."""
    assert operation.sql is not None
    assert from_json(to_json(operation)) == operation
    if operation.kind == "opaque":
        assert operation.reason
        assert operation.tables
        return
    names = [operation.table, operation.schema, operation.column, operation.name, operation.new_name]
    names += [operation.new_schema, operation.type, *operation.tables, *operation.like, *operation.values]
    names += [column.name for column in operation.columns]
    names += [column.type for column in operation.columns]
    assert not any(name is not None and HOLE in name for name in names)
