"""Where models and the schema of migrations differ, and what autogenerate would write for it."""

from __future__ import annotations

from typing import Literal

from migration_lint.named_tuple import NamedTuple

#: What is not the same; where Alembic has an operation for it, that operation's name.
DifferenceKind = Literal[
    "add_table",
    "remove_table",
    "add_column",
    "remove_column",
    "modify_type",
    "modify_nullable",
    "modify_default",
    "add_index",
    "remove_index",
    "add_constraint",
    "remove_constraint",
    "enum_values",
    "not_read",
]


class ModelPlace(NamedTuple):
    """A line of a file; line 0: there is none."""

    path: str
    line: int


class ModelDifference(NamedTuple):
    """One thing that a model has otherwise than the schema."""

    kind: DifferenceKind
    table: str  # `account`, `sales.account`
    element: str  # a column, an index, a constraint; "": the table
    model: str  # what the model says; "": nothing
    schema: str  # what the migrations make; "": nothing
    writes: str  # what autogenerate would write; "": nothing
    place: ModelPlace  # of the model; of the schema where there is no model
    other: ModelPlace | None = None  # of the migration, where it is known

    @property
    def key(self) -> tuple[str, ...]:
        """What is the same for one difference, wherever it is seen."""
        return self.kind, self.table, self.element, self.model, self.schema

    @property
    def is_needed(self) -> bool:
        """Whether the model needs what is not there: not what it has no use for.

        A default of the server's alone serves the rows that were there when the column came.
        """
        return not self.kind.startswith("remove_") and (self.kind, self.model) != ("modify_default", "none")

    @property
    def sentence(self) -> str:
        """What is different, in words."""
        name = f"{self.table}.{self.element}" if self.element else self.table
        said = _SENTENCES[self.kind]
        return said.format(name=name, model=self.model, schema=self.schema)


_SENTENCES: dict[DifferenceKind, str] = {
    "add_table": "{name} has a model, and no migration makes it",
    "remove_table": "{name} is made by the migrations, and has no model",
    "add_column": "the model has {name} ({model}), and no migration adds it",
    "remove_column": "the migrations make {name} ({schema}), and the model does not have it",
    "modify_type": "the model has {name} as {model}, and the migrations make it {schema}",
    "modify_nullable": "the model has {name} {model}, and the migrations make it {schema}",
    "modify_default": "the model gives {name} the default {model}, and the migrations {schema}",
    "add_index": "the model has the index {name} {model}, and no migration makes it",
    "remove_index": "the migrations make the index {name} {schema}, and the model does not have it",
    "add_constraint": "the model has {model} on {name}, and no migration makes it",
    "remove_constraint": "the migrations make {schema} on {name}, and the model does not have it",
    "enum_values": "the model lists {model} for {name}, and the migrations {schema}",
    "not_read": "what {name} is could not be told: {model}",
}
