"""Logical replication: which tables are published, and by what the rows of a table are told apart."""

from __future__ import annotations

from migration_lint.catalog.model import AMBIENT, Catalog, Hook, Key
from migration_lint.catalog.publications import IDENTITY, PUBLISHED, is_refused
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation

REPLICATION = frozenset(
    {"alter table replica identity", "create publication", "alter publication", "drop publication"}
)


def change_replication(run: Run, operation: Operation) -> None:
    """Remember what a statement says of it, and note the tables whose UPDATE is refused from now on."""
    catalog = run.catalog
    if operation.action == "alter table replica identity":
        for written in operation.tables[:1]:
            key = catalog.key_of(written)
            kept = _without(catalog, key, IDENTITY)
            words = (operation.sql or "").rstrip("; \n").lower().split()
            said = next((each for each in ("nothing", "full", "index") if each in words[-3:]), "default")
            if said != "default":
                kept = (*kept, Hook(IDENTITY, said, ()))
            _set(catalog, key, kept)
            _note(run, operation, key)
        return
    name, said = operation.name or "", operation.sql or ""
    before = [each for each in catalog.hooks.get(AMBIENT, ()) if (each.kind, each.name) == (PUBLISHED, name)]
    kept = _without(catalog, AMBIENT, PUBLISHED, name)
    words = said.lower().split()
    if operation.action == "alter publication":
        # Of one that drops a table or is set to others, nobody says what is left.
        said = f"{before[-1].made};\n{said}" if before and "add" in words else ""
    elif operation.action == "drop publication":
        said = ""
    _set(catalog, AMBIENT, (*kept, Hook(PUBLISHED, name, (), made=said)) if said else kept)
    for key in [*catalog.rows] if said else ():
        _note(run, operation, key)


def _note(run: Run, operation: Operation, key: Key) -> None:
    table = run.catalog.get(key)
    if table is not None and is_refused(run.catalog, key):
        run.note(operation, "access_changed", table)


def _without(catalog: Catalog, key: Key, kind: str, name: str | None = None) -> tuple[Hook, ...]:
    return tuple(
        each
        for each in catalog.hooks.get(key, ())
        if each.kind != kind or (name is not None and each.name != name)
    )


def _set(catalog: Catalog, key: Key, hooks: tuple[Hook, ...]) -> None:
    if hooks:
        catalog.hooks[key] = hooks
    elif key in catalog.hooks:
        del catalog.hooks[key]
