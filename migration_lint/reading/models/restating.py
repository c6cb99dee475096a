"""MySQL and MariaDB: the whole column, as Alembic's `alter_column` states it anew.

These servers have no statement that changes a column's type, or its NULL, by itself. Alembic writes MODIFY or
CHANGE, which state the whole column: what the call passes neither as new nor as `existing_…` is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.operations import Column
from migration_lint.reading.models.column_types import sql_type
from migration_lint.reading.models.expressions import default_text
from migration_lint.reading.python.values import ServerDefault, Value

if TYPE_CHECKING:
    from migration_lint.reading.models.directive_call import DirectiveCall

#: The parameters that say something of the column; a second one counts where its first is not given.
PARAMETERS = (
    ("type_", "existing_type"),
    ("nullable", "existing_nullable"),
    ("server_default", "existing_server_default"),
    ("comment", "existing_comment"),
    ("autoincrement", "existing_autoincrement"),
)
#: Those that are not given as None, but as False, where nothing is said.
_FALSE = frozenset(("server_default", "comment"))
_TIMES = ("DATETIME", "TIMESTAMP")


def restated(
    call: DirectiveCall, column: str, existing_type: str | None
) -> tuple[Column | None, tuple[str, ...]]:
    """The column as the statement has it, and the parameters that are given; None: no such statement."""
    if call.dialect not in ("mysql", "mariadb"):
        return None, ()
    given = {**call.extra, **call.args}
    new_name = call.name("new_column_name")
    said = tuple(name for pair in PARAMETERS for name in pair if _is_said(name, given))
    new_type = given.get("type_")
    type = existing_type if new_type is None else sql_type(call.run, call.dialect, new_type).text
    if new_name is None and not {"type_", "nullable", "comment", "autoincrement"} & set(said):
        # A default alone is set by ALTER COLUMN, but for times: these may have one that only CHANGE can set.
        is_time = type is not None and type.upper().startswith(_TIMES)
        if given.get("server_default", False) is None or not is_time or "server_default" not in said:
            return None, ()
    value = {kind[0]: _first(kind, said, given) for kind in PARAMETERS}
    known = type is not None
    nullable, auto, comment = value["nullable"], value["autoincrement"], value["comment"]
    if nullable is not None and not isinstance(nullable, bool):
        nullable, known = True, False
    if auto is not None and not isinstance(auto, bool):
        auto, known = True, False
    if comment is not None and not isinstance(comment, str):
        comment, known = None, False
    default = _default(call, value["server_default"])
    return (
        Column(
            new_name or column,
            type if known else None,
            nullable is not False,
            default,
            "identity" if auto else None,
            comment,
        ),
        said,
    )


def _is_said(name: str, given: dict[str, Value]) -> bool:
    nothing = False if name in _FALSE else None
    value = given.get(name, nothing)
    if name in ("existing_server_default", "existing_comment"):
        return value is not None and value is not False
    return value is not nothing


def _first(pair: tuple[str, str], said: tuple[str, ...], given: dict[str, Value]) -> Value:
    return next((given.get(name) for name in pair if name in said), None)


def _default(call: DirectiveCall, value: Value) -> str | None:
    if value is None or value is False:
        return None
    if isinstance(value, ServerDefault):
        return value.text or "?"
    return default_text(call.run, call.dialect, value)
