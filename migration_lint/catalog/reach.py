"""What an operation that nobody can read may touch."""

from __future__ import annotations

import re
from collections.abc import Callable

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import TableName
from migration_lint.operations import ANY_TABLE, HOLE, Operation


def may_touch(operation: Operation, catalog: Catalog) -> Callable[[TableName], bool]:
    """Whether an opaque operation may touch the table of a name."""
    patterns = operation.tables
    if not patterns and operation.table is not None:
        patterns = (f"{operation.schema}.{operation.table}" if operation.schema else operation.table,)
    if not patterns or ANY_TABLE in patterns:
        return lambda name: True
    exact = {catalog.key_of(pattern) for pattern in patterns if HOLE not in pattern}
    vague = [
        re.compile(".*".join(map(re.escape, catalog.fold_written(pattern).split(HOLE))), re.DOTALL)
        for pattern in patterns
        if HOLE in pattern
    ]

    def matches(name: TableName) -> bool:
        key = catalog.key(*name)
        if key in exact:
            return True
        spellings = [f"{key[0]}.{key[1]}"]
        if key[0] == catalog.key(None, "")[0]:
            spellings.append(key[1])
        return any(pattern.fullmatch(spelling) for pattern in vague for spelling in spellings)

    return matches
