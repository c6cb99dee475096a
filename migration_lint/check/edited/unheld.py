"""What code says that no operation holds: options of a table, how an identity counts, calls that do more.

Which arguments operations hold is listed; what is not on the list counts as said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migration_lint.check.edited.telling import bound_names, last_name, names_from, root_name

#: Directives and constructs whose arguments, if `_ARGUMENTS` has them, are in the operations that they make.
_CALLS = frozenset(
    """
    add_column alter_column batch_alter_table create_check_constraint create_exclude_constraint
    create_foreign_key create_index create_primary_key create_table create_unique_constraint drop_column
    drop_constraint drop_index drop_table execute rename_table get_bind get_context autocommit_block f
    Column ForeignKey ForeignKeyConstraint UniqueConstraint PrimaryKeyConstraint CheckConstraint text
    """.split()
)

#: What works out values, which are in the operations.
_VALUES = frozenset(
    """
    len str repr int float bool sorted reversed range zip enumerate list tuple dict set frozenset format join
    strip lstrip rstrip lower upper title split splitlines replace dedent items keys values startswith
    endswith
    """.split()
)

_ARGUMENTS = frozenset(
    """
    table_name column column_name name new_column_name type_ existing_type nullable existing_nullable
    server_default existing_server_default primary_key unique index index_name columns constraint_name
    source_table referent_table local_cols remote_cols source_schema referent_schema ondelete onupdate
    deferrable condition schema old_table_name new_table_name if_exists if_not_exists sqltext refcolumns
    postgresql_using postgresql_where postgresql_concurrently postgresql_not_valid
    length precision scale asdecimal timezone collation as_uuid astext_type native_enum dimensions item_type
    """.split()
)

#: Where SQLAlchemy's types are.
_MODULES = (
    "sqlalchemy",
    *(f"sqlalchemy.dialects.{name}" for name in "postgresql mysql mssql oracle sqlite".split()),
)

#: What only Python knows of a column.
_OF_PYTHON = frozenset("default insert_default onupdate info doc".split())

#: The arguments that name what a call is about.
_NAMING = ("table_name", "index_name", "constraint_name", "name")

Said = tuple[tuple[str, ...], str]


def unheld(code: Iterable[ast.stmt]) -> list[Said] | None:
    """What statements say beside their operations, in order, each within the calls in which it stands.

    None where some of it is not known without running it.
    """
    walk = _Walk(ast.Module([*code], []))
    return walk.found if walk.known else None


class _Walk:
    def __init__(self, module: ast.Module) -> None:
        bound = list(bound_names(module))
        imports = (ast.Import, ast.ImportFrom)
        functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        others = {name for name, node in bound if not isinstance(node, imports)}
        self._own = {name for name, node in bound if isinstance(node, functions)}
        self._sqlalchemy = names_from(module, "sqlalchemy")
        self._imported = {name for name, node in bound if isinstance(node, imports)} - others
        self.found: list[Said] = []
        self.known = True
        self._visit(module, ())

    def _visit(self, node: ast.AST, inside: tuple[str, ...]) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_text(node):
            return
        if isinstance(node, ast.Call):
            self._call(node, inside)
        elif isinstance(node, (ast.Raise, ast.Assert, ast.Delete, ast.Try, ast.While)):
            self._say(inside, "", node)
        else:
            for each in _parts(node):
                self._visit(each, inside)

    def _call(self, node: ast.Call, inside: tuple[str, ...]) -> None:
        name = last_name(node.func)
        if not self._is_held(node, name):
            self._say(inside, "", node)
            return
        if isinstance(node.func, ast.Attribute):
            self._visit(node.func.value, inside)
        about = (*inside, f"{name} {_about(node)}")
        for each in node.args:
            self._visit(each, about)
        for keyword in node.keywords:
            if name == "Column" and keyword.arg in _OF_PYTHON:
                continue
            if keyword.arg in _ARGUMENTS or (keyword.arg == "comment" and name == "Column"):
                self._visit(keyword.value, about)
            else:
                self._say(about, keyword.arg or "**", keyword.value)

    def _is_held(self, node: ast.Call, name: str) -> bool:
        if isinstance(node.func, ast.Name) and name in self._own:
            return True  # it is looked at where it is defined
        if name in _VALUES or name in _CALLS:
            return True
        return root_name(node.func) in self._sqlalchemy - self._own and (
            _is_type(name) or _is_function(node.func)
        )

    def _say(self, inside: tuple[str, ...], name: str, node: ast.AST) -> None:
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        self.known = self.known and names <= self._imported
        self.found.append((inside, f"{name}={ast.dump(node)}"))


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that are run."""
    silent = ("annotation", "returns", "type_params")
    for name, value in ast.iter_fields(node):
        if name not in silent:
            yield from (
                each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST)
            )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _about(node: ast.Call) -> str:
    """What a call is about, by its first argument or the one that names it."""
    named = {each.arg: each.value for each in node.keywords}
    first = node.args[0] if node.args else next((named[each] for each in _NAMING if each in named), None)
    return "" if first is None else ast.dump(first)


def _is_type(name: str) -> bool:
    from migration_lint.reading.models.sqlalchemy_types import is_type

    return any(is_type(f"{module}.{name}") for module in _MODULES)


def _is_function(node: ast.expr) -> bool:
    """Whether a call is one of SQL's functions, `func.now()`, whose text is that of a default."""
    return isinstance(node, ast.Attribute) and last_name(node.value) == "func"
