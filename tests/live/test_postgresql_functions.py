"""The list of PostgreSQL's functions, held against each PostgreSQL that is here."""

from __future__ import annotations

from typing import Any

from migration_lint.reading.sql.shipped import is_harmless, is_keyword, is_operator

from ..benchmarks.functions import FILE, render, shipped


def test_everything_volatile_has_been_decided(connection: Any) -> None:
    assert shipped(connection).undecided == ()


def test_no_version_ships_as_harmless_what_the_list_does_not_know(connection: Any) -> None:
    found = shipped(connection)
    listed = FILE.read_text(encoding="utf-8").split()
    assert not [name for name in found.harmless if not is_harmless(name, "postgresql") and name in listed]
    assert not [
        mark for mark in found.operators if not is_operator(mark) and connection.info.server_version >= 180000
    ]
    if connection.info.server_version >= 180000:
        assert render(found) == FILE.read_text(encoding="utf-8")
        assert all(is_keyword(each, "postgresql") for each in found.keywords)
