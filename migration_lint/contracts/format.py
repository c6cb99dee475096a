"""The keys of a contract file: the one place that names them.

`parse` reads a file by this table and `schema` prints it as a JSON Schema, so the two cannot drift. To
add a key, add a `Key` here and a field of the same name to the class in `model` that its record makes.
"""

from __future__ import annotations

from typing import Any

from migration_lint.contracts.model import (
    Acknowledgement,
    CodeBinding,
    ColumnDeclaration,
    Contract,
    Need,
    NeedKind,
    Retired,
    TableDeclaration,
)
from migration_lint.shapes.model import (
    Either,
    Flag,
    JsonSchema,
    Key,
    ListShape,
    MarkerWord,
    Named,
    RecordShape,
    TextShape,
    Variants,
    WordChoice,
)

#: What the `contract` key of this format says; another value there may become another format.
VERSION = "migration-lint/v1"


TEXT = TextShape()
WORD = TextShape(r"^\S+$", "a word without spaces")
NAME = TextShape(r"\S", "a name", null=True)
TABLE_NAME = TextShape(r"^[^()]*[^()\s][^()]*$", "a table, `table` or `schema.table`", null=True)
NAMES = ListShape(NAME, least=1, distinct=True)

ENCODING = Either(
    WORD,
    RecordShape(
        "encoding",
        (Key("json", JsonSchema(), "The JSON Schema of the value that the text decodes to.", required=True),),
        lambda json: {"json": json},
        place=False,
    ),
)

COLUMN = RecordShape(
    "column",
    (
        Key("type", TEXT, "The SQL type, in any spelling that the database takes.", required=True),
        Key("nullable", Flag(), "Whether this side writes NULL, or must expect to read it."),
        Key(
            "from",
            MarkerWord("database"),
            "The database fills it in: no producer writes it.",
            field="from_database",
        ),
        Key("values", ListShape(TEXT, least=1), "The only values that this side writes or knows."),
        Key("encoding", ENCODING, "How it is encoded: a plain name, such as base64, or a JSON Schema."),
        Key("examples", ListShape(TEXT, least=1), "Values as they are stored, for tests of both sides."),
        Key("description", TEXT, "For people."),
    ),
    ColumnDeclaration,
)

#: Signs that are part of no word: spaces, digits, punctuation, in a form that every editor knows.
_NO_WORD = r"\s\d!-/:-@\[-`{-~\u2000-\u206f\u3000-\u303f"
#: A word of three letters, or of two signs that are words by themselves, in a text that is no placeholder.
REASON = TextShape(
    rf"^\s*(?!<)[\s\S]*([^{_NO_WORD}]{{3}}|[\u3040-\u9fff\uac00-\ud7af]{{2}})",
    "the reason why it is safe, in words",
)

WHERE = Key("where", TEXT, "The predicate of a partial index, as SQL.")


def _need(kind: NeedKind, columns: str, *more: Key) -> RecordShape:
    """A need whose first key, which is its kind, lists columns."""
    first = Key(kind, NAMES, columns, required=True, field="columns")
    return RecordShape(f"need of kind {kind}", (first, *more), lambda **said: Need(kind=kind, **said))


NEED = Variants(
    (
        _need("unique", "Columns that a unique index or constraint covers.", WHERE),
        _need("index", "Columns that an index covers, in its order.", WHERE),
        _need(
            "foreign_key",
            "Columns that refer to another table.",
            Key(
                "references",
                TABLE_NAME,
                "The table that they refer to: table or schema.table.",
                required=True,
            ),
            Key("referenced_columns", NAMES, "The columns there. Without them: its primary key."),
            Key(
                "on_delete",
                WordChoice(("cascade", "set null", "set default", "restrict", "no action")),
                "What the database does when the row referred to goes.",
            ),
        ),
    )
)

CODE = RecordShape(
    "code binding",
    (
        Key("path", TEXT, "The source file, relative to the project.", required=True),
        Key("symbol", TEXT, "The function, method or constant that holds the statement."),
        Key(
            "statement",
            WordChoice(("insert", "select", "update", "delete")),
            "What the statement does.",
            required=True,
        ),
        Key("order", WordChoice(("exact", "any")), "Whether its columns stand in the contract's order."),
    ),
    CodeBinding,
)

TABLE = RecordShape(
    "table",
    (
        Key(
            "columns",
            Named(NAME, COLUMN, ColumnDeclaration),
            "The columns that this side writes or reads, by their names in the database.",
        ),
        Key("needs", ListShape(NEED), "Indexes and keys that this side's statements cannot do without."),
        Key("code", ListShape(CODE), "The statements that this side really runs."),
        Key(
            "retired",
            Named(NAME, TEXT, Retired, value_field="since"),
            "Column names that must not come back, and since when.",
        ),
        Key(
            "acknowledges",
            Named(
                TextShape(r"^\S+$", "a revision id", null=True),
                REASON,
                Acknowledgement,
                name_field="revision",
                value_field="reason",
            ),
            "Consent that no declaration can express: revision id → the reason why it is safe.",
        ),
        Key(
            "producers", WordChoice(("none",)), "none: no service writes this table. Only a consumer says it."
        ),
        Key(
            "consumers", WordChoice(("none",)), "none: no service reads this table. Only a producer says it."
        ),
        Key("database", TEXT, "Which database's table it is, where more than one has a table of this name."),
        Key("description", TEXT, "For people."),
    ),
    TableDeclaration,
)


def _contract(_format: str, **said: Any) -> Contract:
    """A contract; whoever reads it says in which file it stands."""
    return Contract(path="", **said)


CONTRACT = RecordShape(
    "contract",
    (
        Key("contract", WordChoice((VERSION,)), "The format of this file.", required=True, field="_format"),
        Key("id", WORD, "The contract's identity, whatever the path of its file.", required=True),
        Key("service", TEXT, "The service that makes this statement.", required=True),
        Key(
            "role",
            WordChoice(("producer", "consumer")),
            "Whether it writes the tables or reads them.",
            required=True,
        ),
        Key("owner", TEXT, "Whom to ask."),
        Key(
            "database",
            TEXT,
            "Whose tables these are, where more than one database has tables of these names.",
        ),
        Key("description", TEXT, "For people."),
        Key(
            "tables",
            Named(
                TextShape(r"^[^.]+(\.[^.]+)?$", "table or schema.table", null=True), TABLE, TableDeclaration
            ),
            "What it relies on, table by table: table or schema.table.",
            required=True,
        ),
    ),
    _contract,
    at="id",
)

#: What a role cannot say of a table: that its own side is empty.
OWN_SIDE = {"producer": "producers", "consumer": "consumers"}
