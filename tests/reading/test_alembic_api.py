"""`reading.alembic_api` against the alembic that is installed: every directive, every parameter."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import pytest
from alembic.ddl import postgresql as alembic_postgresql
from alembic.operations import BatchOperations, Operations, ops

from migration_lint.reading.models.alembic_api import (
    BATCH_OPERATIONS,
    OP_CLASSES,
    OP_SIGNATURES,
    OPERATIONS,
    bind,
    bind_class,
    is_directive,
    parameters,
)


def signature(function: Callable[..., object]) -> str:
    """As the tables spell it: names and defaults, without `self` and without annotations."""
    found = inspect.signature(function)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for name, parameter in found.parameters.items()
        if name != "self"
    ]
    text = str(found.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return text[1:-1].replace("immutabledict({})", "{}")


def directives(api: type) -> dict[str, str]:
    return {name: signature(getattr(api, name)) for name in dir(api) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("api", "table"), [(Operations, OPERATIONS), (BatchOperations, BATCH_OPERATIONS)], ids=["op", "batch_op"]
)
def test_every_directive_of_the_installed_alembic(api: type, table: Mapping[str, str]) -> None:
    # Instance attributes (`impl`, `migration_context`, `schema_obj`) are no directives and not on the class.
    assert directives(api) == dict(table)


def test_every_operation_class_of_the_installed_alembic() -> None:
    abstract = {"MigrateOperation", "AddConstraintOp"}
    found = {
        name: signature(member.__init__)
        for module in (ops, alembic_postgresql)
        for name, member in vars(module).items()
        if isinstance(member, type)
        if issubclass(member, ops.MigrateOperation) and name not in abstract
    }
    assert found == dict(OP_SIGNATURES)


def test_every_operation_class_has_its_directive() -> None:
    """The class that alembic itself makes for a directive is the one the table gives for it."""
    found = {}
    for name, member in {**vars(ops), **vars(alembic_postgresql)}.items():
        if isinstance(member, type) and issubclass(member, ops.MigrateOperation):
            proxied = {key for key in vars(member) if key in OPERATIONS}
            if proxied:
                found[name] = proxied
    assert {name: {directive} for name, directive in OP_CLASSES.items() if directive} == found


def test_class_parameters_go_by_the_directive_s_names() -> None:
    for name, directive in OP_CLASSES.items():
        if directive:
            arguments = {key: object() for key in _named(OP_SIGNATURES[name])}
            bound = bind_class(name, (), arguments)
            known = {parameter.name for parameter in parameters(directive, False)}
            strangers = (
                set(bound.arguments) - known - {"schema", "if_exists", "elements", "where", "table_kw"}
            )
            assert (bound.problem, strangers) == (None, set())


def _named(table_entry: str) -> list[str]:
    return [item.partition("=")[0] for item in table_entry.split(", ") if not item.startswith("*")]


@pytest.mark.parametrize(
    ("directive", "args", "kwargs", "batch", "arguments"),
    [
        ("drop_column", ("t", "c"), {}, False, {"table_name": "t", "column_name": "c"}),
        (
            "drop_column",
            (),
            {"column_name": "c", "table_name": "t", "schema": "s"},
            False,
            {"table_name": "t", "column_name": "c", "schema": "s"},
        ),
        ("drop_column", ("c",), {}, True, {"column_name": "c"}),
        (
            "alter_column",
            ("t", "c"),
            {"new_column_name": "d"},
            False,
            {"table_name": "t", "column_name": "c", "new_column_name": "d"},
        ),
        ("execute", ("SELECT 1",), {}, True, {"sqltext": "SELECT 1"}),
        ("get_bind", (), {}, False, {}),
    ],
)
def test_bind(
    directive: str, args: tuple[str, ...], kwargs: dict[str, str], batch: bool, arguments: dict[str, str]
) -> None:
    bound = bind(directive, args, kwargs, batch)
    assert (bound.arguments, bound.rest, bound.extra, bound.problem) == (arguments, (), {}, None)


def test_bind_gathers_columns_and_extra_keywords() -> None:
    bound = bind("create_table", ("t", "column 1", "column 2"), {"schema": "s", "if_not_exists": True}, False)
    assert bound.arguments == {"table_name": "t", "if_not_exists": True}
    assert bound.rest == ("column 1", "column 2")
    assert bound.extra == {"schema": "s"}
    assert bound.problem is None


@pytest.mark.parametrize(
    ("directive", "args", "kwargs", "batch", "arguments"),
    [
        # Keywords that alembic renamed in 0.6.4 to 0.8.
        ("drop_index", (), {"name": "i", "tablename": "t"}, False, {"index_name": "i", "table_name": "t"}),
        (
            "create_foreign_key",
            (),
            {"name": "fk", "source": "a", "referent": "b", "local_cols": ["x"], "remote_cols": ["y"]},
            False,
            {
                "constraint_name": "fk",
                "source_table": "a",
                "referent_table": "b",
                "local_cols": ["x"],
                "remote_cols": ["y"],
            },
        ),
        (
            "create_unique_constraint",
            ("uq",),
            {"source": "t", "local_cols": ["a"]},
            False,
            {"constraint_name": "uq", "table_name": "t", "columns": ["a"]},
        ),
        (
            "create_primary_key",
            (),
            {"name": "pk", "cols": ["a"]},
            True,
            {"constraint_name": "pk", "columns": ["a"]},
        ),
        (
            "drop_constraint",
            (),
            {"name": "ck", "table_name": "t", "type": "check"},
            False,
            {"constraint_name": "ck", "table_name": "t", "type_": "check"},
        ),
        (
            "alter_column",
            ("t", "old"),
            {"name": "new"},
            False,
            {"table_name": "t", "column_name": "old", "new_column_name": "new"},
        ),
        ("drop_table", (), {"name": "t"}, False, {"table_name": "t"}),
        # Keyword-only since alembic 1.11, by position before.
        (
            "rename_table",
            ("a", "b", "s"),
            {},
            False,
            {"old_table_name": "a", "new_table_name": "b", "schema": "s"},
        ),
        (
            "create_index",
            ("i", "t", ["a"], "s", True),
            {},
            False,
            {"index_name": "i", "table_name": "t", "columns": ["a"], "schema": "s", "unique": True},
        ),
        (
            "alter_column",
            ("t", "c", True),
            {},
            False,
            {"table_name": "t", "column_name": "c", "nullable": True},
        ),
    ],
)
def test_scripts_for_earlier_releases_bind_too(
    directive: str,
    args: tuple[object, ...],
    kwargs: dict[str, object],
    batch: bool,
    arguments: dict[str, object],
) -> None:
    bound = bind(directive, args, kwargs, batch)
    assert (bound.arguments, bound.problem) == (arguments, None)


@pytest.mark.parametrize(
    ("directive", "args", "kwargs", "problem"),
    [
        ("drop_column", ("t",), {}, "drop_column is called without column_name"),
        ("drop_column", ("t", "c"), {"table_name": "u"}, "drop_column is given table_name twice"),
        ("rename_table", ("a", "b"), {"cascade": True}, "rename_table takes no argument cascade"),
        ("drop_table", ("a", "b", "c"), {}, "drop_table takes 2 positional arguments, 3 are given"),
        ("alter_column", ("t", "c", True, "x"), {}, "alter_column takes 3 positional arguments, 4 are given"),
    ],
)
def test_a_call_that_cannot_run_says_why(
    directive: str, args: tuple[object, ...], kwargs: dict[str, object], problem: str
) -> None:
    assert bind(directive, args, kwargs, False).problem == problem


def test_bind_class() -> None:
    bound = bind_class(
        "AlterColumnOp", ("t", "c"), {"modify_name": "d", "modify_type": "int", "_reverse": None}
    )
    assert bound.arguments == {"table_name": "t", "column_name": "c", "new_column_name": "d", "type_": "int"}
    bound = bind_class("CreateTableOp", ("t", ["column"]), {"schema": "s"})
    assert bound.arguments == {"table_name": "t", "columns": ["column"], "schema": "s"}


def test_is_directive() -> None:
    assert is_directive("create_table", batch=False)
    assert not is_directive("create_table", batch=True)
    assert not is_directive("impl", batch=False)
