"""Alembic's `op` and `batch_op` as data: which arguments every directive takes, so that a call can be bound.

The signatures are those of alembic 1.20.1 (`alembic/operations/base.py` and `ops.py`);
`tests/reading/test_alembic_api.py` compares them with the alembic that is installed, so a release that
adds a directive or a parameter fails there. Alembic itself is never imported here.

Scripts live longer than the alembic they were written for, so the spellings of earlier releases bind
too: keywords that were renamed (`_with_legacy_names` in alembic 0.6 to 1.5) and arguments that could
be given by position before alembic 1.11 made them keyword-only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Generic, TypeVar

from migration_lint.data_class import dataclass, replace
from migration_lint.named_tuple import NamedTuple

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BoundArguments(Generic[T]):
    """A call's arguments under their parameters' names, as alembic now spells them.

    `rest` holds what `*columns`, `*elements` or `*args` took, `extra` what `**kw` took. Arguments that the
    call left out are absent, not filled in. `problem` says why the call could not run as it stands (it
    would raise TypeError); whatever could be bound is there all the same.
    """

    arguments: dict[str, T]
    rest: tuple[T, ...]
    extra: dict[str, T]
    problem: str | None


class DirectiveParameter(NamedTuple):
    """One parameter; `default` is Python source text, None where the argument is required."""

    name: str
    kind: str  # "plain", "keyword" (only by name), "rest" (*args) or "extra" (**kw)
    default: str | None


#: `alembic.op` / `Operations`: the parameters after `self`, in Python's own notation.
OPERATIONS: Mapping[str, str] = {
    "add_column": "table_name, column, *, schema=None, if_not_exists=None, inline_references=None, "
    "inline_primary_key=None",
    "alter_column": "table_name, column_name, *, nullable=None, comment=False, server_default=False, "
    "new_column_name=None, type_=None, existing_type=None, existing_server_default=False, "
    "existing_nullable=None, existing_comment=None, schema=None, **kw",
    "batch_alter_table": "table_name, schema=None, recreate='auto', partial_reordering=None, copy_from=None, "
    "table_args=(), table_kwargs={}, reflect_args=(), reflect_kwargs={}, naming_convention=None",
    "bulk_insert": "table, rows, *, multiinsert=True",
    "context": "migration_context",
    "create_check_constraint": "constraint_name, table_name, condition, *, schema=None, **kw",
    "create_exclude_constraint": "constraint_name, table_name, *elements, **kw",
    "create_foreign_key": "constraint_name, source_table, referent_table, local_cols, remote_cols, *, "
    "onupdate=None, ondelete=None, deferrable=None, initially=None, match=None, source_schema=None, "
    "referent_schema=None, **dialect_kw",
    "create_index": "index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, **kw",
    "create_module_class_proxy": "globals_, locals_",
    "create_primary_key": "constraint_name, table_name, columns, *, schema=None",
    "create_table": "table_name, *columns, if_not_exists=None, **kw",
    "create_table_comment": "table_name, comment, *, existing_comment=None, schema=None",
    "create_unique_constraint": "constraint_name, table_name, columns, *, schema=None, **kw",
    "drop_column": "table_name, column_name, *, schema=None, **kw",
    "drop_constraint": "constraint_name, table_name, type_=None, *, schema=None, if_exists=None",
    "drop_index": "index_name, table_name=None, *, schema=None, if_exists=None, **kw",
    "drop_table": "table_name, *, schema=None, if_exists=None, **kw",
    "drop_table_comment": "table_name, *, existing_comment=None, schema=None",
    "execute": "sqltext, *, execution_options=None",
    "f": "name",
    "get_bind": "",
    "get_context": "",
    "implementation_for": "op_cls, replace=False",
    "inline_literal": "value, type_=None",
    "invoke": "operation",
    "register_operation": "name, sourcename=None",
    "rename_table": "old_table_name, new_table_name, *, schema=None",
    "run_async": "async_function, *args, **kw_args",
}

#: What `with op.batch_alter_table(…) as batch_op` binds: `BatchOperations`.
BATCH_OPERATIONS: Mapping[str, str] = {
    "add_column": "column, *, insert_before=None, insert_after=None, if_not_exists=None, "
    "inline_references=None, inline_primary_key=None",
    "alter_column": "column_name, *, nullable=None, comment=False, server_default=False, "
    "new_column_name=None, type_=None, existing_type=None, existing_server_default=False, "
    "existing_nullable=None, existing_comment=None, insert_before=None, insert_after=None, **kw",
    "create_check_constraint": "constraint_name, condition, **kw",
    "create_exclude_constraint": "constraint_name, *elements, **kw",
    "create_foreign_key": "constraint_name, referent_table, local_cols, remote_cols, *, "
    "referent_schema=None, onupdate=None, ondelete=None, deferrable=None, initially=None, match=None, "
    "**dialect_kw",
    "create_index": "index_name, columns, **kw",
    "create_primary_key": "constraint_name, columns",
    "create_table_comment": "comment, *, existing_comment=None",
    "create_unique_constraint": "constraint_name, columns, **kw",
    "drop_column": "column_name, **kw",
    "drop_constraint": "constraint_name, type_=None",
    "drop_index": "index_name, **kw",
    "drop_table_comment": "*, existing_comment=None",
    **{
        name: OPERATIONS[name]
        for name in (
            "batch_alter_table",
            "context",
            "create_module_class_proxy",
            "execute",
            "f",
            "get_bind",
            "get_context",
            "implementation_for",
            "inline_literal",
            "invoke",
            "register_operation",
            "run_async",
        )
    },
}

#: What the constructor of each operation class takes. Names that begin with an underscore are
#: alembic's own (`_reverse`) and never say what the operation does.
OP_SIGNATURES: Mapping[str, str] = {
    "AddColumnOp": "table_name, column, *, schema=None, if_not_exists=None, inline_references=None, "
    "inline_primary_key=None, **kw",
    "AlterColumnOp": "table_name, column_name, *, schema=None, existing_type=None, "
    "existing_server_default=False, existing_nullable=None, existing_comment=None, modify_nullable=None, "
    "modify_comment=False, modify_server_default=False, modify_name=None, modify_type=None, **kw",
    "AlterTableOp": "table_name, *, schema=None",
    "BulkInsertOp": "table, rows, *, multiinsert=True",
    "CreateCheckConstraintOp": "constraint_name, table_name, condition, *, schema=None, **kw",
    "CreateExcludeConstraintOp": "constraint_name, table_name, elements, where=None, schema=None, "
    "_orig_constraint=None, **kw",
    "CreateForeignKeyOp": "constraint_name, source_table, referent_table, local_cols, remote_cols, **kw",
    "CreateIndexOp": "index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, "
    "**kw",
    "CreatePrimaryKeyOp": "constraint_name, table_name, columns, *, schema=None, **kw",
    "CreateTableCommentOp": "table_name, comment, *, schema=None, existing_comment=None",
    "CreateTableOp": "table_name, columns, *, schema=None, if_not_exists=None, _namespace_metadata=None, "
    "_constraints_included=False, **kw",
    "CreateUniqueConstraintOp": "constraint_name, table_name, columns, *, schema=None, **kw",
    "DowngradeOps": "ops=(), downgrade_token='downgrades'",
    "DropColumnOp": "table_name, column_name, *, schema=None, if_exists=None, _reverse=None, **kw",
    "DropConstraintOp": "constraint_name, table_name, type_=None, *, schema=None, if_exists=None, "
    "_reverse=None",
    "DropIndexOp": "index_name, table_name=None, *, schema=None, if_exists=None, _reverse=None, **kw",
    "DropTableCommentOp": "table_name, *, schema=None, existing_comment=None",
    "DropTableOp": "table_name, *, schema=None, if_exists=None, table_kw=None, _reverse=None",
    "ExecuteSQLOp": "sqltext, *, execution_options=None",
    "MigrationScript": "rev_id, upgrade_ops, downgrade_ops, *, message=None, imports=set(), head=None, "
    "splice=None, branch_label=None, version_path=None, depends_on=None",
    "ModifyTableOps": "table_name, ops, *, schema=None",
    "OpContainer": "ops=()",
    "RenameTableOp": "old_table_name, new_table_name, *, schema=None",
    "UpgradeOps": "ops=(), upgrade_token='upgrades'",
}

#: `op.invoke(ops.DropColumnOp(…))` is `op.drop_column(…)`: the class's name → the directive's. Containers
#: (`UpgradeOps`, `ModifyTableOps`), which hold operations under `ops`, map to "".
#: `CreateExcludeConstraintOp` lies in `alembic.ddl.postgresql`, the others in `alembic.operations.ops`.
OP_CLASSES: Mapping[str, str] = {
    "AddColumnOp": "add_column",
    "AlterColumnOp": "alter_column",
    "BulkInsertOp": "bulk_insert",
    "CreateCheckConstraintOp": "create_check_constraint",
    "CreateExcludeConstraintOp": "create_exclude_constraint",
    "CreateForeignKeyOp": "create_foreign_key",
    "CreateIndexOp": "create_index",
    "CreatePrimaryKeyOp": "create_primary_key",
    "CreateTableCommentOp": "create_table_comment",
    "CreateTableOp": "create_table",
    "CreateUniqueConstraintOp": "create_unique_constraint",
    "DropColumnOp": "drop_column",
    "DropConstraintOp": "drop_constraint",
    "DropIndexOp": "drop_index",
    "DropTableCommentOp": "drop_table_comment",
    "DropTableOp": "drop_table",
    "ExecuteSQLOp": "execute",
    "RenameTableOp": "rename_table",
    "OpContainer": "",
    "ModifyTableOps": "",
    "UpgradeOps": "",
    "DowngradeOps": "",
}

#: Where a class calls a parameter otherwise than its directive does.
_CLASS_NAMES: Mapping[str, Mapping[str, str]] = {
    "AlterColumnOp": {
        "modify_nullable": "nullable",
        "modify_comment": "comment",
        "modify_server_default": "server_default",
        "modify_name": "new_column_name",
        "modify_type": "type_",
    },
}

#: Keywords as earlier releases called them → as they are called now. From `_with_legacy_names` and the
#: parameters' names in alembic 0.6.7, 0.7.7, 0.8.10 and 1.0.11; `tablename` also from 0.4 and 0.5.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "alter_column": {"name": "new_column_name", "tablename": "table_name"},
    "create_check_constraint": {"name": "constraint_name", "source": "table_name"},
    "create_exclude_constraint": {"name": "constraint_name"},
    "create_foreign_key": {
        "name": "constraint_name",
        "source": "source_table",
        "referent": "referent_table",
    },
    "create_index": {"name": "index_name", "tablename": "table_name"},
    "create_primary_key": {"name": "constraint_name", "cols": "columns"},
    "create_table": {"name": "table_name"},
    "create_unique_constraint": {
        "name": "constraint_name",
        "source": "table_name",
        "local_cols": "columns",
    },
    "drop_constraint": {"name": "constraint_name", "tablename": "table_name", "type": "type_"},
    "drop_index": {"name": "index_name", "tablename": "table_name"},
    "drop_table": {"name": "table_name"},
    "execute": {"sql": "sqltext"},
}

#: What could follow by position before alembic 1.11 (`inspect.signature` of 1.7.7). Of `alter_column` only
#: the first: 1.0.6 put `comment` before `server_default`, so a second one has two meanings.
_FORMERLY_POSITIONAL: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("add_column", False): ("schema",),
    ("add_column", True): ("insert_before", "insert_after"),
    ("alter_column", False): ("nullable",),
    ("alter_column", True): ("nullable",),
    ("bulk_insert", False): ("multiinsert",),
    ("create_check_constraint", False): ("schema",),
    ("create_foreign_key", False): (
        "onupdate",
        "ondelete",
        "deferrable",
        "initially",
        "match",
        "source_schema",
        "referent_schema",
    ),
    ("create_foreign_key", True): (
        "referent_schema",
        "onupdate",
        "ondelete",
        "deferrable",
        "initially",
        "match",
    ),
    ("create_index", False): ("schema", "unique"),
    ("create_primary_key", False): ("schema",),
    ("create_table_comment", False): ("existing_comment", "schema"),
    ("create_table_comment", True): ("existing_comment",),
    ("create_unique_constraint", False): ("schema",),
    ("drop_column", False): ("schema",),
    ("drop_constraint", False): ("schema",),
    ("drop_index", False): ("schema",),
    ("drop_table", False): ("schema",),
    ("drop_table_comment", False): ("existing_comment", "schema"),
    ("drop_table_comment", True): ("existing_comment",),
    ("execute", False): ("execution_options",),
    ("execute", True): ("execution_options",),
    ("rename_table", False): ("schema",),
}


def is_directive(name: str, batch: bool) -> bool:
    """Whether `op.<name>` (`batch_op.<name>` if `batch`) is part of alembic's API."""
    return name in (BATCH_OPERATIONS if batch else OPERATIONS)


def parameters(directive: str, batch: bool) -> tuple[DirectiveParameter, ...]:
    """The parameters of a directive in order, without `self`. Raises KeyError for an unknown one."""
    return _parsed((BATCH_OPERATIONS if batch else OPERATIONS)[directive])


def bind(directive: str, args: Sequence[T], kwargs: Mapping[str, T], batch: bool) -> BoundArguments[T]:
    """The arguments of `op.<directive>(*args, **kwargs)` by name. Raises KeyError for an unknown one.

    The renamed keywords and the formerly positional arguments of earlier alembic releases are bound to
    what they are called today.
    """
    return _bind(directive, _form(directive, batch), _RENAMED.get(directive, {}), args, kwargs)


def bind_class(name: str, args: Sequence[T], kwargs: Mapping[str, T]) -> BoundArguments[T]:
    """The arguments of `ops.<name>(*args, **kwargs)` under the names that its directive uses.

    `create_table`'s `columns` and `create_exclude_constraint`'s `elements` come as that one argument, a
    sequence, not in `rest`. Raises KeyError for a class that `OP_CLASSES` does not have.
    """
    directive = OP_CLASSES[name]
    former = _FORMERLY_POSITIONAL.get((directive, False), ()) if directive != "alter_column" else ()
    bound = _bind(name, _form_of(_parsed(OP_SIGNATURES[name]), former), {}, args, kwargs)
    renames = _CLASS_NAMES.get(name, {})
    arguments = {
        renames.get(key, key): value for key, value in bound.arguments.items() if not key.startswith("_")
    }
    return replace(bound, arguments=arguments)


class _Form(NamedTuple):
    """What a call is bound by: the names of parameters."""

    known: frozenset[str]
    positions: tuple[str, ...]
    required: tuple[str, ...]
    takes_rest: bool
    takes_extra: bool


@cache
def _form(directive: str, batch: bool) -> _Form:
    return _form_of(parameters(directive, batch), _FORMERLY_POSITIONAL.get((directive, batch), ()))


def _form_of(declared: tuple[DirectiveParameter, ...], formerly_positional: tuple[str, ...]) -> _Form:
    named = [item for item in declared if item.kind in ("plain", "keyword")]
    known = frozenset(item.name for item in named)
    positions = [item.name for item in declared if item.kind == "plain"]
    takes_rest = any(item.kind == "rest" for item in declared)
    if not takes_rest:
        positions += [name for name in formerly_positional if name in known | {"schema"}]
    return _Form(
        known,
        tuple(positions),
        tuple(item.name for item in named if item.default is None),
        takes_rest,
        any(item.kind == "extra" for item in declared),
    )


def _bind(
    called: str, form: _Form, renamed: Mapping[str, str], args: Sequence[T], kwargs: Mapping[str, T]
) -> BoundArguments[T]:
    problem: str | None = None
    extra: dict[str, T] = {}
    rest: tuple[T, ...] = ()
    known, positions, required, takes_rest, takes_extra = form
    arguments: dict[str, T] = dict(zip(positions, args, strict=False))
    if len(args) > len(positions):
        if takes_rest:
            rest = tuple(args[len(positions) :])
        else:
            problem = f"{called} takes {len(positions)} positional arguments, {len(args)} are given"
    for name, value in kwargs.items():
        target = name if name in known else renamed.get(name, name)
        if target in arguments:
            problem = f"{called} is given {target} twice"
        elif target in known:
            arguments[target] = value
        elif takes_extra:
            extra[name] = value
        else:
            problem = f"{called} takes no argument {name}"
            extra[name] = value
    missing = [name for name in required if name not in arguments]
    if missing and problem is None:
        problem = f"{called} is called without {', '.join(missing)}"
    return BoundArguments(arguments, rest, extra, problem)


@cache
def _parsed(signature: str) -> tuple[DirectiveParameter, ...]:
    result: list[DirectiveParameter] = []
    kind = "plain"
    for item in signature.split(", "):
        if item == "*":
            kind = "keyword"
        elif item.startswith("**"):
            result.append(DirectiveParameter(item[2:], "extra", None))
        elif item.startswith("*"):
            result.append(DirectiveParameter(item[1:], "rest", None))
            kind = "keyword"
        elif item:
            name, equals, default = item.partition("=")
            result.append(DirectiveParameter(name, kind, default if equals else None))
    return tuple(result)
