"""What SQLAlchemy's keyword arguments say of an index or a constraint and no field of the operation holds.

A fix has to say it again: an operator class, `initially`, `postgresql_include`.
"""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.operations import HOLE
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import Dict, List, Value, whole
from migration_lint.wording import python_text

#: What a field of `Index` or `Constraint` holds, or what concerns neither.
_HELD = frozenset(
    """
    name unique quote info table schema comment ondelete onupdate deferrable use_alter link_to_name
    _column_flag _table index_name table_name if_not_exists
    postgresql_where postgresql_using postgresql_concurrently postgresql_not_valid batch_op
    """.split()
)


def kept(
    run: Interpreter, keywords: Mapping[str, Value], held: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The keyword arguments that are left as code, `name=HOLE` where it is not known; `held`: more fields."""
    found: list[str] = []
    for name, value in keywords.items():
        if name in _HELD or name in held or value is None or value is False:
            continue
        written = _code(run, value)
        found.append(f"{name}={HOLE if written is None else written}")
    return tuple(dict.fromkeys(found))


def _code(run: Interpreter, value: Value) -> str | None:
    """A value as a Python literal; None where it is none, or not known."""
    if isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return python_text(value) if whole(value) else None
    if isinstance(value, Dict):
        pairs = [(_code(run, key), _code(run, each)) for key, each in value.items()]
        known = value.exact and all(key and each for key, each in pairs)
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}" if known else None
    if isinstance(value, List | tuple):
        items = run.items(value)
        entries = [_code(run, each) for each in items.every()] if items.exact else [None]
        return None if None in entries else f"[{', '.join(each for each in entries if each)}]"
    return None
