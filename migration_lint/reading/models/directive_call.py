"""One call of a directive of Alembic, with its arguments by name."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation
from migration_lint.reading.models.expressions import name_of
from migration_lint.reading.models.kept import kept
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import Unknown, Value


class DirectiveCall:
    """One call of a directive with its arguments by name."""

    __slots__ = ("args", "batch", "dialect", "emit", "extra", "rest", "run")

    def __init__(
        self,
        run: Interpreter,
        dialect: Dialect,
        args: dict[str, Value],
        rest: tuple[Value, ...],
        extra: dict[str, Value],
        batch: bool,
        emit: Callable[[Operation], None],
    ) -> None:
        self.run = run
        self.dialect: Dialect = dialect
        self.args = args
        self.rest = rest
        self.extra = extra
        self.batch = batch
        self.emit = emit

    def name(self, parameter: str) -> str | None:
        """A name that may hold holes; None where it is absent."""
        return name_of(self.args.get(parameter, self.extra.get(parameter)))

    def flag(self, parameter: str) -> bool:
        """Whether a boolean argument is true, or may be."""
        value = self.args.get(parameter, self.extra.get(parameter, False))
        return value is not None and self.run.truth(value) is not False

    def sure(self, parameter: str) -> bool:
        """Whether a boolean argument is certainly true."""
        return self.run.truth(self.extra.get(parameter, False)) is True

    def kept(self) -> tuple[str, ...]:
        """What the call says of a constraint besides what an operation has fields for."""
        named: dict[str, Value] = {
            name: self.args[name] for name in ("initially", "match") if name in self.args
        }
        return kept(self.run, {**named, **self.extra})

    def reason(self, parameter: str) -> str:
        """Why a name is not known."""
        value = self.args.get(parameter, self.extra.get(parameter))
        why = value.reason if isinstance(value, Unknown) else self.run.hole_reason
        return f"`{parameter}`: {why}"

    def target(self, table: str = "table_name", schema: str = "schema") -> tuple[str, str | None, bool]:
        """The table, its schema, and whether both are known."""
        name, where = self.name(table), self.name(schema)
        if where is None:
            where = self.run.sql_session.schema  # what raw SQL set counts for the names of directives too
        return name or HOLE, where, bool(name) and HOLE not in (name or HOLE) and HOLE not in (where or "")

    def touched(self, table: str, schema: str | None) -> tuple[str, ...]:
        """What an opaque operation lists for a table."""
        return (ANY_TABLE,) if not table.strip(HOLE) else (f"{schema}.{table}" if schema else table,)

    def opaque(self, reason: str, tables: tuple[str, ...]) -> None:
        """Say that what the call does could not be worked out."""
        self.emit(Operation(kind="opaque", reason=reason, tables=tables))

    def harmless(self, action: str, reason: str, tables: tuple[str, ...]) -> None:
        """Emit an addition to a table, or under a name, that could not be worked out."""
        self.emit(Operation(kind="other_ddl", action=action, reason=reason, tables=tables))
