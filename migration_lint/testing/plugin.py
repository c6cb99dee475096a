"""The pytest plugin: a fixture, and nothing that costs time until it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from migration_lint.testing.table import TableContract


@pytest.fixture(scope="session")
def contract_table(pytestconfig: pytest.Config) -> Callable[..., TableContract]:
    """`migration_lint.testing.contract_table`, with paths that count from pytest's root folder."""
    from migration_lint.testing.table import contract_table as read

    def contract_table(path: str, table: str | None = None, dialect: str | None = None) -> TableContract:
        return read(pytestconfig.rootpath / path, table, dialect)

    return contract_table
