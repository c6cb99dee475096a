"""Which rules of ours are about what squawk's are about, and why the two disagree where they do.

A line here is a verdict on a kind of disagreement. Of the kinds that are about harm each revision was read,
of those about timeouts and taste samples.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

#: What a person makes of a report that only one side makes: it tells of harm; of none; of a matter of taste;
#: the other side says it in another place or under other circumstances; it comes of the way it was rendered.
Verdict = Literal["right", "false alarm", "taste", "said otherwise", "cannot tell"]


class Why(NamedTuple):
    """A verdict on what one side alone reports."""

    verdict: Verdict
    why: str


#: squawk's rule → ours that are about the same.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "ban-drop-column": (
        "contract-column-dropped",
        "contract-column-recreated",
        "data-column-dropped",
        "data-column-recreated",
        "data-column-swapped",
    ),
    "ban-drop-table": (
        "contract-table-dropped",
        "contract-table-recreated",
        "data-table-dropped",
        "data-table-recreated",
    ),
    "ban-drop-database": ("data-schema-dropped",),
    "drop-schema": ("data-schema-dropped",),
    "renaming-column": ("contract-column-renamed", "compat-column-renamed"),
    "renaming-table": ("contract-table-renamed", "compat-table-renamed"),
    "changing-column-type": ("contract-column-type-changed", "lock-type-changed"),
    "adding-field-with-default": ("lock-column-filled",),
    "adding-foreign-key-constraint": ("validation-foreign-key",),
    "adding-not-nullable-field": ("validation-not-null",),
    "adding-serial-primary-key-field": ("lock-key-built", "lock-column-filled"),
    "ban-concurrent-index-creation-in-transaction": ("transaction-concurrently",),
    "constraint-missing-not-valid": ("validation-check", "validation-foreign-key", "lock-key-built"),
    "disallowed-unique-constraint": ("lock-key-built",),
    "require-concurrent-index-creation": ("lock-index-created",),
    "require-concurrent-index-deletion": ("lock-index-dropped",),
    "require-lock-timeout": ("transaction-lock-timeout",),
    "adding-required-field": ("contract-insert-refused", "compat-required-column-added"),
    "identifier-too-long": ("design-identifier-too-long",),
    "prefer-bigint-over-int": ("design-primary-key-small",),
    "prefer-bigint-over-smallint": ("design-primary-key-small",),
    "prefer-identity": ("design-serial",),
    "prefer-text-field": ("design-text-limited",),
    "prefer-timestamptz": ("design-timestamp-without-zone",),
    "ban-char-field": ("design-char-padded",),
}

#: What squawk alone reports.
THEIRS: dict[str, Why] = {
    "adding-foreign-key-constraint": Why(
        "right", "A foreign key on a table that is there is checked under a lock of both tables."
    ),
    "adding-not-nullable-field": Why(
        "false alarm",
        "The column is NOT NULL already: by an earlier revision, or as part of the primary key.",
    ),
    "adding-required-field": Why(
        "false alarm", "The column is numbered by the server or its table is made by the same change."
    ),
    "adding-serial-primary-key-field": Why(
        "right", "A primary key that is added builds its index under a lock that keeps readers out."
    ),
    "ban-drop-column": Why(
        "false alarm", "The table or the column is made by the same change, or is a copy that a batch drops."
    ),
    "ban-drop-constraint": Why("taste", "A constraint is dropped, mostly to be made anew a line below."),
    "ban-drop-default": Why("taste", "A default is dropped from a column that the code fills."),
    "ban-drop-not-null": Why(
        "taste", "A column begins to allow NULL; only where a contract says otherwise does it break a reader."
    ),
    "ban-drop-table": Why("false alarm", "The table is made by the same change."),
    "changing-column-type": Why(
        "false alarm", "The type is the same, or is stored the same way: varchar to text costs nothing."
    ),
    "constraint-missing-not-valid": Why(
        "right", "A constraint on a table that is there is checked against each row under a lock."
    ),
    "disallowed-unique-constraint": Why(
        "right", "A unique constraint builds its index under a lock that keeps readers out."
    ),
    "identifier-too-long": Why("said otherwise", "SQLAlchemy shortens the name by itself, with a hash."),
    "prefer-bigint-over-int": Why("taste", "Every int column is reported; design rules are off by default."),
    "prefer-bigint-over-smallint": Why("taste", "Every smallint column; design rules are off by default."),
    "prefer-identity": Why("taste", "Serial works as ever; design rules are off by default."),
    "prefer-robust-stmts": Why(
        "false alarm",
        "IF NOT EXISTS would take an invalid index for the index; we say to split the revision.",
    ),
    "prefer-text-field": Why("taste", "Every varchar(n) column; design rules are off by default."),
    "prefer-timestamptz": Why("taste", "Every timestamp without a zone; design rules are off by default."),
    "ban-char-field": Why("taste", "Every char(n) column; design rules are off by default."),
    "renaming-column": Why("false alarm", "The column, or its table, is made by the same change."),
    "renaming-object": Why("taste", "An index or a constraint gets another name, which no code uses."),
    "renaming-table": Why("false alarm", "The table is made by the same change."),
    "require-concurrent-index-creation": Why(
        "right", "An index is built on a table that is there, and nobody can write meanwhile."
    ),
    "require-concurrent-index-deletion": Why(
        "right", "DROP INDEX waits for every reader, and everybody waits behind it."
    ),
    "require-enum-value-ordering": Why("taste", "A value is added at the end, where it was meant to be."),
    "require-lock-timeout": Why(
        "false alarm",
        "Nobody waits for a new table, for CONCURRENTLY or for ADD VALUE; or env.py sets a limit.",
    ),
    "require-statement-timeout": Why("taste", "A limit for the whole statement is up to the environment."),
    "syntax-error": Why(
        "cannot tell",
        "The SQL holds a parameter, or a type of the package's own that is not there to render.",
    ),
}

#: What migration-lint alone reports.
OURS: dict[str, Why] = {
    "adding-not-nullable-field": Why("right", "squawk cannot read the revision, or the statement."),
    "constraint-missing-not-valid": Why("right", "squawk cannot read the revision, or the statement."),
    "disallowed-unique-constraint": Why("right", "A primary key builds an index under the same lock."),
    "require-concurrent-index-creation": Why("right", "squawk cannot read the revision."),
    "require-concurrent-index-deletion": Why("right", "squawk cannot read the revision."),
    "require-lock-timeout": Why("right", "squawk cannot read the revision."),
    "transaction-committed-early": Why(
        "right", "What came before a failed CONCURRENTLY stays; squawk is silent."
    ),
    "transaction-lock-held": Why(
        "right", "Rows are changed while a lock is held; squawk looks at each statement."
    ),
    "data-type-narrowed": Why("right", "A value may not fit the new type; squawk does not compare types."),
    "contract-column-dropped": Why("right", "A contract does not follow, and squawk reads no contracts."),
    "contract-column-renamed": Why("right", "A contract does not follow, and squawk reads no contracts."),
    "contract-column-type-changed": Why("right", "A contract does not follow; squawk reads none."),
    "changing-column-type": Why("right", "squawk cannot read the revision, or a contract does not follow."),
    "ban-drop-column": Why("right", "A column is dropped by a statement that squawk does not read."),
    "ban-drop-table": Why("right", "A table is dropped by a statement that squawk does not read."),
    "renaming-column": Why("right", "A column is renamed by a statement that squawk does not read."),
    "renaming-table": Why("right", "A table is renamed by a statement that squawk does not read."),
    "adding-required-field": Why("right", "squawk takes the table for new, or does not read the statement."),
    "identifier-too-long": Why("right", "PostgreSQL cuts the name off."),
    "data-dropped-with-cascade": Why("right", "CASCADE drops what no script lists."),
    "data-rows-deleted": Why("right", "Every row is deleted; squawk looks at TRUNCATE with CASCADE only."),
    "data-view-in-the-way": Why("right", "PostgreSQL stops the migration; squawk knows no views."),
    "data-key-dropped-along": Why("right", "A key over other columns goes along; squawk has no catalog."),
    "design-index-duplicate": Why(
        "right", "Another index of the table does the same; squawk has no catalog."
    ),
    "design-primary-key-missing": Why("taste", "A table without a key; at the least severity."),
    "history-application-imported": Why("right", "squawk reads no scripts; at the least severity."),
    "history-downgrade-incomplete": Why("right", "squawk reads no downgrade()."),
}
