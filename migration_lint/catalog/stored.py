"""A catalog to and from plain lists, as the store keeps it."""

from __future__ import annotations

from typing import Any, TypeVar

from migration_lint.catalog.model import (
    CONSTRAINT_FIELDS,
    Catalog,
    Composite,
    Domain,
    Enum,
    Hook,
    Routine,
    Sequence,
    Table,
    View,
    ViewColumn,
    fields_from,
    plain,
    row_of,
)
from migration_lint.catalog.parts import KeySet, Mapped
from migration_lint.data_class import fields_of
from migration_lint.operations import Body, Constraint, Trigger, from_json, frozen, to_json

#: Of what `catalog_to_json` writes. Goes up whenever that changes.
FORMAT = 16


def catalog_to_json(catalog: Catalog) -> tuple[dict[str, Any], list[str]]:
    """All of a catalog as plain lists, for `catalog_from_json` of the same version of this program.

    Of each table most is a text of its own, without a line end: nobody has to go through these.
    """
    tables = [[*key, *(row_of(row) if isinstance(row, Table) else row)] for key, row in catalog.rows.items()]
    texts = [table.pop() for table in tables]
    return _rest(catalog, tables), texts


def _rest(catalog: Catalog, tables: list[list[str]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dialect": catalog.dialect,
        "default_schema": catalog.default_schema,
        "tables_by_case": catalog.identifiers.tables_by_case,
        "tables": tables,
        "views": [[*key, *view] for key, view in catalog.views.items()],
        "enums": [[*key, *enum[:2], list(enum.values)] for key, enum in catalog.enums.items()],
        "domains": [
            [*key, *domain[:5], [plain(each, CONSTRAINT_FIELDS) for each in domain.constraints]]
            for key, domain in catalog.domains.items()
        ],
        "composites": [
            [*key, *each[:2], [*map(list, each.attributes)], list(each.unheard)]
            for key, each in catalog.composites.items()
        ],
        "sequences": [[*key, *each] for key, each in catalog.sequences.items()],
        "routines": [
            [name, *[[*each[:2], [*map(to_json, each.does)], *map(_told, each[3:])] for each in found]]
            for name, found in catalog.routines.items()
        ],
        "hooks": [
            [
                *key,
                *[
                    [
                        *hook[:2],
                        [*map(to_json, hook.does)],
                        *map(_told, hook[3:5]),
                        hook.enabled,
                        hook.made,
                    ]
                    for hook in found
                ],
            ]
            for key, found in catalog.hooks.items()
        ],
        "parents": [[*key, *map(list, parents)] for key, parents in catalog.parents.items()],
        "partitions": sorted(catalog.partitions),
        "schemas": sorted(catalog.schemas),
        "gone": sorted(catalog.gone),
    }


def catalog_from_json(data: dict[str, Any], texts: list[str]) -> Catalog:
    """What `catalog_to_json` wrote; tables are built when they are first asked for.

    Raises ValueError for another format, KeyError or TypeError for what `catalog_to_json` cannot write.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"a catalog of format {data['format']}, not {FORMAT}")
    made = Catalog(data["dialect"], data["default_schema"], tables_by_case=data["tables_by_case"])
    made.rows = Mapped(
        {
            (schema, name): [*table, text]
            for (schema, name, *table), text in zip(data["tables"], texts, strict=True)
        }
    )
    made.views = Mapped({(schema, name): _view(*rest) for schema, name, *rest in data["views"]})
    made.enums = Mapped(
        {
            (schema, name): Enum(enum_schema, enum_name, tuple(values))
            for schema, name, enum_schema, enum_name, values in data["enums"]
        }
    )
    made.domains = Mapped({(schema, name): _domain(*rest) for schema, name, *rest in data["domains"]})
    made.composites = Mapped(
        {(schema, name): _composite(*rest) for schema, name, *rest in data["composites"]}
    )
    made.sequences = Mapped({(schema, name): Sequence(*rest) for schema, name, *rest in data["sequences"]})
    made.routines = Mapped(
        {name: tuple(_routine(*each) for each in found) for name, *found in data["routines"]}
    )
    made.hooks = Mapped(
        {(schema, name): tuple(_hook(*each) for each in found) for schema, name, *found in data["hooks"]}
    )
    made.parents = Mapped(
        {
            (schema, name): tuple((parent[0], parent[1]) for parent in parents)
            for schema, name, *parents in data["parents"]
        }
    )
    made.partitions = KeySet({(schema, name) for schema, name in data["partitions"]})
    made.schemas = KeySet(data["schemas"])
    made.gone = KeySet({(schema, name) for schema, name in data["gone"]})
    return made


def _view(
    schema: str, name: str, reads: list[str], columns: list[Any], outputs: list[Any] | None, maker: Any
) -> View:
    seen = None if outputs is None else tuple(ViewColumn(*each) for each in outputs)
    return View(schema, name, tuple(reads), tuple(columns), seen, maker)


def _domain(
    schema: str, name: str, type: str, default: str | None, nullable: bool, constraints: list[list[Any]]
) -> Domain:
    made = tuple(Constraint(**fields_from(each, CONSTRAINT_FIELDS)) for each in constraints)
    return Domain(schema, name, type, default, nullable, made)


def _composite(schema: str, name: str, parts: list[list[str]], unheard: list[str]) -> Composite:
    return Composite(schema, name, tuple((each, of) for each, of in parts), tuple(unheard))


def _routine(schema: str | None, signature: str, does: list[Any], trigger: Any, body: Any) -> Routine:
    run = tuple(map(from_json, does))
    return Routine(schema, signature, run, _told_of(Trigger, trigger), _told_of(Body, body))


def _hook(kind: str, name: str, does: list[Any], trigger: Any, body: Any, enabled: bool, made: str) -> Hook:
    run = tuple(map(from_json, does))
    return Hook(kind, name, run, _told_of(Trigger, trigger), _told_of(Body, body), enabled, made)


_Told = TypeVar("_Told", Trigger, Body)


def _told(told: Trigger | Body | None) -> list[Any] | None:
    return None if told is None else [getattr(told, name) for name in fields_of(type(told))]


def _told_of(made_of: type[_Told], told: list[Any] | None) -> _Told | None:
    if told is None:
        return None
    values = map(frozen, told)
    return made_of(*values)
