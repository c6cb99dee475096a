"""What statements do, whatever the server: what the live tests cannot say of each kind of operation."""

from __future__ import annotations

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.effects.statements import Setting, effects
from migration_lint.operations import DIALECTS, KINDS, Dialect, Kind, Operation

#: Kinds of which a server that locks tables says something, whatever the operation is about.
_ALTERS = ("create_table", "drop_table", "rename_table", "add_column", "drop_column", "alter_type")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_operation_has_been_decided(kind: Kind, dialect: Dialect) -> None:
    found = effects(Operation(kind=kind, table="t", column="c"), Setting(Catalog(dialect), dialect, ()))
    if kind in _ALTERS and dialect in ("postgresql", "mysql", "mariadb"):
        assert found
    if kind == "opaque":
        assert found == ()
